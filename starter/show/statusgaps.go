package show

import (
	"fmt"

	"gatehouse/activities/api"
	"gatehouse/internal/cli"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/cmdline"
)

// gapWords say what a kind of gap is, and what to do about one that stays.
var gapWords = map[string][2]string{
	api.GapLeft:           {"left, and not known to be out", "starter list --attention; starter holds"},
	api.GapLeftBefore:     {"left before the first reading, and may sign in", "starter holds"},
	api.GapOrdered:        {"with an order that is not carried out", "starter list --attention"},
	api.GapDue:            {"due now or within the hour", "starter list --attention"},
	api.GapDelete:         {"who left long ago, with accounts to be deleted", "starter list --attention; starter attention list; starter holds"},
	api.GapJoin:           {"who began, without an account", "starter list --attention"},
	api.GapChange:         {"changed by HR and not carried out", "starter list --attention"},
	api.GapMissing:        {"without access that Gatehouse gave", "starter list --attention"},
	api.GapAsked:          {"waiting for a decision", "starter list --attention"},
	api.GapPolicy:         {"to be changed because a policy or a mode was", "starter holds"},
	api.GapPlanned:        {"planned, and only observed", ""},
	api.GapAdded:          {"holding roles that no rule gives", ""},
	api.GapDiffers:        {"differing from the policy since before, or by hand", ""},
	api.GapSystemsLeft:    {"left, and not out of a system beside OneLogin", "starter systems; starter list --attention"},
	api.GapSystems:        {"of whom something is due in a system beside OneLogin", "starter systems; starter list --attention"},
	api.GapSystemsPlanned: {"of whom something would be done in a system that is only observed", ""},
	api.GapNoAccount:      {"without an account since before the first reading", ""},
}

// readGaps says what is between where people should be and where they are, by kind and with its age, and when that was
// last compared.
func (s *survey) readGaps() {
	const name = "people and accounts"
	last, found, err := s.app.Ledger.Worklist().LastReconcile(s.cmd.Context(), false)
	whole, everybody, wholeErr := s.app.Ledger.Worklist().LastReconcile(s.cmd.Context(), true)
	counts, countErr := s.app.Ledger.Worklist().GapCounts(s.cmd.Context())
	for _, err := range []error{err, wholeErr, countErr} {
		if err != nil {
			s.add(unknown(name, err))
			return
		}
	}
	s.add(s.compared(name, last, found, whole, everybody))
	for _, c := range counts {
		words := gapWords[c.Kind]
		one := part{
			name:  "gap: " + c.Kind,
			state: fmt.Sprintf("%s %s, oldest found %s", cmdline.CountPeople(c.People), words[0], cli.Ago(c.Since)),
		}
		if c.State != worklist.GapFound {
			one.standing, one.todo = s.lasting(c), words[1]
		}
		if c.State == worklist.GapHeld {
			one.state += ", held until somebody decides"
		}
		if one.standing == inStep {
			one.todo = ""
		}
		s.add(one)
	}
}

// lasting is whether a gap has been there for longer than two comparisons: one that was just found is being closed.
func (s *survey) lasting(c worklist.GapCount) standing {
	if s.now.Sub(c.Since) > 2*s.app.Config.Schedules.Reconcile {
		return wrong
	}
	return inStep
}

// compared says when people were compared with their accounts last.
func (s *survey) compared(name string, last worklist.Reconcile, found bool, whole worklist.Reconcile, everybody bool) part {
	schedules := s.app.Config.Schedules
	start := "temporal schedule trigger --schedule-id " + api.ReconcileID
	switch {
	case !found:
		return part{name: name, state: "NEVER COMPARED: the first time is within " + cli.Span(schedules.Reconcile), standing: wrong, todo: start}
	case s.now.Sub(last.FinishedAt) > 2*schedules.Reconcile:
		return part{
			name: name, state: "LATE: compared " + cli.Ago(last.FinishedAt) + ", due every " + cli.Span(schedules.Reconcile), standing: wrong,
			todo: "look at schedule " + api.ReconcileID + " and at starter list --attention",
		}
	case !everybody:
		return part{name: name, state: "EVERYBODY NEVER COMPARED: an HR source was quarantined", standing: wrong, todo: start}
	case s.now.Sub(whole.FinishedAt) > 2*schedules.Everybody:
		return part{name: name, state: "LATE: everybody compared " + cli.Ago(whole.FinishedAt), standing: wrong, todo: start}
	}
	return part{name: name, state: fmt.Sprintf("compared %s, everybody %s", cli.Ago(last.FinishedAt), cli.Ago(whole.FinishedAt))}
}
