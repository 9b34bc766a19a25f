package show

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/decide"
)

// readAttention counts what needs a person, and names nobody.
func (s *survey) readAttention() {
	const name = "needs a person"
	counts, err := s.app.Ledger.Worklist().CountItems(s.cmd.Context(), worklist.ItemFilter{})
	if err != nil {
		s.add(unknown(name, err))
		return
	}
	var words []string
	for _, severity := range []worklist.Severity{worklist.SeverityCritical, worklist.SeverityWarning, worklist.SeverityInfo} {
		if n := counts[severity]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, severity))
		}
	}
	one := part{name: name, state: "nothing"}
	if len(words) > 0 {
		one = part{name: name, state: strings.ToUpper(strings.Join(words, ", ")), todo: "starter attention list"}
	}
	kept, err := decide.ListKept(s.cmd.Context(), s.app.Ledger)
	if err != nil {
		s.add(unknown(name, err))
		return
	}
	if !kept {
		one.state += "; nobody keeps the list"
		one.standing, one.todo = notKnown, "start worker, or starter serve --with-worker"
	}
	if counts[worklist.SeverityCritical]+counts[worklist.SeverityWarning] > 0 {
		one.standing = wrong
	}
	s.add(one)
}

// readPolicy says which policy is in force.
func (s *survey) readPolicy() {
	const name, todo = "policy in force", "starter policy show"
	all, err := decide.InForce(s.cmd.Context(), s.app)
	switch {
	case err != nil:
		s.add(unknown(name, err))
		return
	case len(all) == 0:
		s.add(unknown(name, errors.New("no process has said so in the last two minutes")))
		return
	}
	for _, one := range all {
		if one.Refused != "" {
			s.add(part{name: name, state: one.Hash + "; THE FILE IS NOT TAKEN UP: " + decide.RefusedWords(one), standing: wrong, todo: todo})
			return
		}
	}
	hashes := map[string]bool{}
	for _, one := range all {
		hashes[one.Hash] = true
	}
	if len(hashes) > 1 {
		s.add(part{name: name, state: fmt.Sprintf("%d DIFFERENT ONES", len(hashes)), standing: wrong, todo: todo})
		return
	}
	s.add(part{name: name, state: all[0].Hash + " since " + cli.Ago(all[0].TakenAt)})
}

// sourceState says in a few words how a source stands.
func sourceState(cmd *cobra.Command, a *app.App, s roster.SourceState, every time.Duration) (state string, how standing, err error) {
	state, how = "in step", wrong
	switch {
	case s.BaselinedAt.IsZero():
		state = "never read"
	case !s.QuarantinedAt.IsZero():
		state = "QUARANTINED since " + cli.Ago(s.QuarantinedAt) + ": " + s.QuarantineReason
	case s.Behind(time.Now(), every):
		state = fmt.Sprintf("BEHIND: not in step for two periods of %s", every)
	default:
		how = inStep
	}
	counts, err := a.Ledger.Roster().FindingCounts(cmd.Context(), s.Source)
	if err != nil {
		return "", how, err
	}
	var but []string
	for _, part := range []struct{ kind, text string }{
		{roster.FindingSetAside, "records set aside"},
		{roster.FindingOddDelivery, "kinds of odd deliveries"},
		{roster.FindingLeftBefore, "people who had left before the first reading, not looked at"},
	} {
		if n := counts[part.kind]; n > 0 {
			but = append(but, fmt.Sprintf("%d %s", n, part.text))
		}
	}
	if n := counts[roster.FindingBeyondPolicy]; n > 0 && how == inStep {
		state += fmt.Sprintf("; %d people hold access beyond the policy, which is left", n)
	}
	switch {
	case len(but) > 0 && how == inStep:
		return "in step but for " + strings.Join(but, "; "), wrong, nil
	case len(but) > 0:
		state += "; " + strings.Join(but, "; ")
	}
	return state, how, nil
}
