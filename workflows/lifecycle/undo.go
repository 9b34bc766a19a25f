package lifecycle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// stepUndo is the question about the roles that a withdrawn departure took, and giving them back.
const stepUndo = "onelogin.give-back"

// undoing is how a run stands with a departure that HR has withdrawn.
type undoing struct {
	// wanted is what the last assessment wants undone, by its hash, open what is being seen to, and settled what was.
	wanted, open, settled string
	scope                 workflow.Context
	stop                  workflow.CancelFunc
}

// undo is a withdrawn departure in the employment that goes on.
type undo struct {
	api.Undo
	episode int
	account api.AccountInput
}

// attendUndo sees to what is left to undo of a departure that HR has withdrawn, beside the run's work: its tickets hear of it, and one
// question is asked about the roles that no rule gives. It waits for nobody.
func (r *run) attendUndo(a api.Assessment) {
	r.undoing.wanted = ""
	if a.Undo == nil || a.Undo.Hash == r.undoing.settled {
		return
	}
	u := undo{Undo: *a.Undo, episode: a.Episode, account: r.accountInput()}
	if r.undoing.wanted = u.Hash; r.undoing.open == u.Hash {
		return
	}
	if r.undoing.scope == nil {
		r.undoing.scope, r.undoing.stop = workflow.WithCancel(r.root)
	}
	workflow.GoNamed(r.undoing.scope, "undo a withdrawn departure", func(ctx workflow.Context) {
		// One that asks about other roles leaves first.
		err := workflow.Await(ctx, func() bool { return r.undoing.open == "" })
		if err != nil || ctx.Err() != nil || r.undoing.wanted != u.Hash {
			return
		}
		r.undoing.open = u.Hash
		defer func() { r.undoing.open = "" }()
		if err := r.undoDeparture(ctx, u); err != nil && ctx.Err() == nil {
			workflow.GetLogger(ctx).Info("a withdrawn departure is not undone", "outcome", err)
			r.hints.unanswered = true // Another assessment says what is left.
		}
	})
}

// hushUndo stops what goes on about a withdrawn departure and waits for a step that is under way: the next run goes on with it.
func (r *run) hushUndo(ctx workflow.Context) error {
	if r.undoing.stop == nil {
		return nil
	}
	r.undoing.stop()
	return workflow.Await(ctx, func() bool { return r.undoing.open == "" })
}

// undoDeparture tells the tickets, asks about the roles and carries the answer out.
func (r *run) undoDeparture(ctx workflow.Context, u undo) error {
	if len(u.Roles) == 0 {
		lines := withdrawnLines(u)
		if !u.Unknown {
			lines = append(lines, "Every role that the departure took comes by rules, or is held by now.")
		}
		return r.undone(ctx, u, "nothing to give back", lines)
	}
	if err := r.tellTickets(ctx, u, "withdrawn", false, withdrawnLines(u)); err != nil {
		return err
	}
	d, decided, err := r.askAboutRoles(ctx, u)
	if err != nil || !decided {
		return err
	}
	return r.answered(ctx, u, d)
}

// askAboutRoles asks until somebody has decided, or until there is something else to decide.
func (r *run) askAboutRoles(ctx workflow.Context, u undo) (d api.Decision, decided bool, err error) {
	item := api.Attention{
		Step: stepUndo, Code: api.NoticeRolesBack, PlanHash: u.Hash,
		Text: fmt.Sprintf("HR has withdrawn a termination that was carried out on %s. The departure took %d roles that no rule gives. "+
			"Allow gives back all of them that may still be held, reject none.", u.At.UTC().Format(time.DateOnly), len(u.Roles)),
		Plan:    identity.Words([]identity.Step{{Kind: identity.StepAddRoles, Names: u.Roles}}),
		Options: []string{api.VerbAllow, api.VerbReject},
		Two:     u.Privileged && slices.Contains(r.assessment.Two, "grant_privileged"),
	}
	for !decided && r.undoing.wanted == u.Hash {
		d, decided, err = r.parkUntil(ctx, item, step.ReassessAfter, func() bool { return r.undoing.wanted != u.Hash })
		if err != nil {
			return d, false, err
		}
	}
	return d, decided, nil
}

// answered carries out what was decided about the roles.
func (r *run) answered(ctx workflow.Context, u undo, d api.Decision) error {
	if d.Verb != api.VerbAllow {
		r.recordFact(ctx, api.Fact{
			Step: stepUndo, Template: r.State.Template, Episode: u.episode, Outcome: "refused", Actor: d.By, Cause: d.Reason, After: u.Undo,
			Finished: workflow.Now(ctx),
		}, "roles of a withdrawn departure: refused by "+step.Named(d))
		return r.undone(ctx, u, "refused", []string{step.Named(d) + " refused that these roles come back: " + strings.Join(u.Roles, ", ")})
	}
	var back api.GivenBack
	give := api.Call.OneLoginGiveBack(api.GiveBackInput{
		AccountInput: u.account, OnceKey: step.EffectKey(r.in.Key, u.episode, "give-back/"+u.Hash), Roles: u.Roles,
	}, &back)
	s := step.Step{ID: stepUndo, Activity: give, Summary: "give back the roles that a withdrawn departure took"}
	s = s.Noting(func(f *api.Fact) { f.Episode, f.Actor, f.Cause = u.episode, d.By, d.Reason })
	skipped, err := r.runStep(ctx, s)
	switch {
	case err != nil:
		return err
	case skipped:
		return r.undone(ctx, u, "skipped", []string{"These roles were not given back: " + strings.Join(u.Roles, ", ")})
	}
	return r.undone(ctx, u, "given back", givenLines(back, step.Named(d)))
}

// undone has the tickets say how it ended and closes them, and writes down that the departure is dealt with. Where the evidence does not
// say what was taken, the tickets stay open: a person has to compare.
func (r *run) undone(ctx workflow.Context, u undo, outcome string, lines []string) error {
	if err := r.tellTickets(ctx, u, "undone", !u.Unknown, lines); err != nil {
		return err
	}
	note := api.Call.PersonUndone(api.UndoneInput{Key: r.in.Key, Episode: u.episode, Outcome: outcome})
	if _, err := r.runStep(ctx, step.Step{ID: "person.undone", Activity: note, Summary: "the withdrawn departure is dealt with: " + outcome}); err != nil {
		return err
	}
	r.undoing.settled = u.Hash
	return nil
}

// tellTickets tells the tickets of the withdrawn departures something once, one that has yet to be opened among them, and with last
// has them closed.
func (r *run) tellTickets(ctx workflow.Context, u undo, what string, last bool, lines []string) error {
	said := "undo-" + what + "/" + strconv.Itoa(u.episode)
	if r.told.knows(said) {
		return nil
	}
	r.told.add(said)
	var words []api.Word
	tell := func(name string, in api.ConcludeInput) {
		in.OnceKey, in.Lines, in.Close = step.EffectKey(r.in.Key, u.episode, "undo-"+what+"/"+name), lines, last
		words = append(words, api.Word{
			Step: "jira." + what + "@" + name, Summary: "tell the ticket that the termination was withdrawn", Template: r.State.Template,
			Episode: u.episode, Conclude: &in,
		})
	}
	for _, ticket := range u.Tickets {
		tell(ticket, api.ConcludeInput{CommentInput: api.CommentInput{Ticket: ticket}})
	}
	for _, w := range r.words {
		if w.Ticket != nil && w.Ticket.Kind == api.TicketLeaver {
			tell("opening-"+strconv.Itoa(w.Episode), api.ConcludeInput{Of: w.Ticket.OnceKey})
		}
	}
	return r.deliver(ctx, words...)
}

// withdrawnLines say what a ticket's reader has to know as soon as somebody is back.
func withdrawnLines(u undo) []string {
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
	lines := []string{
		"HR has withdrawn this termination. Access ended at " + at(u.At) + " and is back since " + at(u.BackAt) + ".",
		"Do nothing more of this ticket by hand, and undo what was done: equipment, mailbox and files go back, and accounts that do not " +
			"sign in through OneLogin are opened again.",
		"The password was scrambled and second factors were removed: the person sets new ones.",
	}
	if len(u.Roles) > 0 {
		lines = append(lines, "Somebody is asked whether these roles come back, which no rule gives: "+strings.Join(u.Roles, ", "))
	}
	if len(u.Gone) > 0 {
		lines = append(lines, "Roles that OneLogin has no more: "+strings.Join(u.Gone, ", "))
	}
	for _, ref := range u.Further {
		lines = append(lines, "Account "+ref.String()+", a further one of theirs, stays closed with its roles taken: open it by hand if it is needed.")
	}
	if u.Unknown {
		lines = append(lines, "The evidence does not say which roles the departure took: compare with the roles held above, give back by hand what is "+
			"missing, and close this ticket.")
	}
	return lines
}

// givenLines say what came of each role.
func givenLines(back api.GivenBack, by string) []string {
	lines := []string{"Allowed by " + by + "."}
	for _, each := range []struct {
		says  string
		roles []string
	}{
		{"Roles given back: ", back.Given},
		{"Roles held already: ", back.Held},
		{"Roles that OneLogin has no more: ", back.Gone},
		{"Roles that rules decide about by now: ", back.Ruled},
		{"Roles that access.conflicts keeps apart from what is held: ", back.Apart},
		{"Roles that an order denies: ", back.Denied},
	} {
		if len(each.roles) > 0 {
			lines = append(lines, each.says+strings.Join(each.roles, ", "))
		}
	}
	return lines
}
