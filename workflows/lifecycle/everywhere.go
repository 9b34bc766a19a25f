package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// reaches reports that this run ends the access of every account of a human. Runs whose assessment was made before that
// was so go on as they began.
func (r *run) reaches() bool { return r.assessment.Reach > 0 }

// settles reports that this run's assessments carry what somebody has said about its accounts otherwise, and that a run
// which owes somebody a word leaves that to the next. Runs of before do neither.
func (r *run) settles() bool { return r.assessment.Reach > 1 }

// persists reports that this run's assessments carry whose protection was lifted for good, and that access which keeps
// returning is taken away at once, each time. Runs of before do neither.
func (r *run) persists() bool { return r.assessment.Reach > 2 }

// offboardEverywhere ends every account of a leaver: the first, those on record, and those that a search finds. Tickets,
// messages and what has to be decided about an account go beside that, and hold up neither read-back nor watch.
func (r *run) offboardEverywhere(ctx workflow.Context) error {
	words := []api.Word{r.leaverTicket(), r.leaverMessage()}
	if r.in.Overdue {
		words = append(words, r.overdueWord())
		r.in.Overdue = false
	}
	if err := r.deliver(ctx, words...); err != nil {
		return err
	}
	r.raise(ctx, r.assessment.Doubts)
	if err := r.attendOwned(ctx, r.assessment); err != nil {
		return err
	}
	r.systems.after = true
	r.beginSystems(ctx, r.assessment, leavingOnly(r.assessment.Systems), false)
	first := r.primaryAccount()
	branches := []func(workflow.Context) error{
		func(ctx workflow.Context) error {
			if err := first.endAccess(ctx); err != nil {
				return err
			}
			return first.readBack(ctx, "")
		},
		func(ctx workflow.Context) error { return r.closeFurther(ctx, r.assessment.Others) },
		func(ctx workflow.Context) error { return r.searchAndClose(ctx, "") },
	}
	if len(r.assessment.Agents) > 0 {
		branches = append(branches, r.suspendAgents)
	}
	branches = append(branches, func(workflow.Context) error { r.systems.after = false; return nil })
	if err := r.sideBySide(ctx, branches...); err != nil {
		return err
	}
	if err := r.untilClosedAgain(ctx); err != nil {
		return err
	}
	r.departed(ctx)
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.watch(ctx)
}

// closeFurther ends further accounts side by side: what fails at one holds up no other.
func (r *run) closeFurther(ctx workflow.Context, accounts []identity.Account) error {
	var branches []func(workflow.Context) error
	for _, a := range accounts {
		if !r.dealsWith(a) {
			r.takeOn(a)
			branches = append(branches, func(ctx workflow.Context) error { return r.close(ctx, r.further(a)) })
		}
	}
	if len(branches) == 0 {
		return nil
	}
	return r.sideBySide(ctx, branches...)
}

// dealsWith reports that a further account is one of this run already.
func (r *run) dealsWith(a identity.Account) bool {
	return among(r.in.Others, a)
}

func among(accounts []identity.Account, a identity.Account) bool {
	return slices.ContainsFunc(accounts, func(known identity.Account) bool { return known.ID == a.ID })
}

// takeOn makes a further account one of this run. It is to be closed.
func (r *run) takeOn(a identity.Account) {
	r.in.Others = append(r.in.Others, a)
	r.unclosed[a.ID] = true
}

// closed are the further accounts that the next run of an offboarding has to do with. It finds those again that are not closed yet,
// and closes only what it finds.
func (r *run) closed() (others []identity.Account) {
	for _, a := range r.in.Others {
		if !r.unclosed[a.ID] {
			others = append(others, a)
		}
	}
	return others
}

// distinct is each of these accounts once. A run of before could hand over one of them twice.
func distinct(accounts []identity.Account) (once []identity.Account) {
	for _, a := range accounts {
		if !among(once, a) {
			once = append(once, a)
		}
	}
	return once
}

func (r *run) close(ctx workflow.Context, c closing) error {
	for _, each := range []func(workflow.Context) error{c.endSignIn, c.endAccess} {
		if err := each(ctx); err != nil {
			return err
		}
	}
	if err := c.readBack(ctx, ""); err != nil {
		return err
	}
	delete(r.unclosed, c.account.ID)
	return nil
}

// searchAndClose searches for every account of the human by everything known of them and ends those that are certainly
// theirs. What may be theirs is raised.
func (r *run) searchAndClose(ctx workflow.Context, round string) error {
	var found api.Found
	search := api.Call.PersonSearch(r.searchInput(), &found)
	s := step.Step{ID: "person.search" + round, Activity: search, Summary: "search for every account of theirs"}
	s = s.Noting(func(f *api.Fact) { f.Outcome = searched(found) })
	skipped, err := r.runStep(ctx, s)
	if step.IsSuperseded(err) {
		r.lookAfter = true
		return nil
	}
	if err != nil || skipped {
		return err
	}
	r.raise(ctx, found.Doubts)
	if len(found.Suspended) == 0 {
		return r.closeFurther(ctx, found.Theirs)
	}
	return r.sideBySide(ctx,
		func(ctx workflow.Context) error { return r.closeFurther(ctx, found.Theirs) },
		func(ctx workflow.Context) error { return r.logOutFurther(ctx, found.Suspended) },
	)
}

// searchInput asks for every account of the human that this run does not deal with yet.
func (r *run) searchInput() api.SearchInput {
	in := api.SearchInput{Key: r.in.Key, Episode: r.assessment.Episode, Except: r.refs()}
	if order := r.assessment.Order; order != nil {
		in.Order, in.Ruled = order.ID, order.Rule != ""
	}
	return in
}

// searched says what a search was by and what it came to.
func searched(f api.Found) string {
	return fmt.Sprintf("further accounts: %d, in doubt: %d; searched by ", len(f.Theirs), len(f.Doubts)) + strings.Join(f.By, ", ")
}

// closings are the accounts that this run deals with.
func (r *run) closings() (all []closing) {
	if r.assessment.Account != nil {
		all = append(all, r.primaryAccount())
	}
	for _, a := range r.in.Others {
		all = append(all, r.further(a))
	}
	return all
}

// refs name the accounts that this run deals with.
func (r *run) refs() (refs []identity.Ref) {
	for _, c := range r.closings() {
		refs = append(refs, c.ref())
	}
	return refs
}

// readBackAll reads every account of this run back, and searches again for others.
func (r *run) readBackAll(ctx workflow.Context, round string) error {
	if !r.reaches() {
		return r.primaryAccount().readBack(ctx, round)
	}
	r.readBacks.stillOpen = false
	r.readSystemsBack(round)
	branches := []func(workflow.Context) error{
		func(ctx workflow.Context) error { return r.primaryAccount().readBack(ctx, round) },
		func(ctx workflow.Context) error { return r.searchAndClose(ctx, round) },
	}
	for _, a := range r.in.Others {
		branches = append(branches, func(ctx workflow.Context) error { return r.further(a).readBack(ctx, round) })
	}
	if err := r.sideBySide(ctx, branches...); err != nil {
		return err
	}
	if err := r.untilClosedAgain(ctx); err != nil {
		return err
	}
	r.departed(ctx)
	return r.flush(ctx)
}

// departed notes that the last account of a leaver was contained, unless something has yet to be decided.
func (r *run) departed(ctx workflow.Context) {
	if len(r.in.Doubts) == 0 && !r.lookAfter && !r.readBacks.stillOpen {
		r.evidence.over = workflow.Now(ctx)
	}
}

// noteSearched keeps the proof of "nothing to do" about somebody whose access has to end: every account of theirs was
// searched for, and what was found gives no access.
func (r *run) noteSearched(ctx workflow.Context) {
	if !r.reaches() || len(r.assessment.Searched) == 0 {
		return
	}
	outcome := "no account was found"
	if r.assessment.Account != nil {
		outcome = "no account gives access"
	}
	r.recordFact(ctx, api.Fact{
		Step: "person.search", Template: r.State.Template, Outcome: outcome + "; searched by " + strings.Join(r.assessment.Searched, ", "),
		Before: r.assessment.Account, Cause: r.cause(), Finished: workflow.Now(ctx),
	}, outcome)
	r.evidence.over = workflow.Now(ctx)
}
