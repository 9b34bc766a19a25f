package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// Onboarding brings a joiner's account to what the plan says: made ahead of the first day, opened on it, brought back
// for a rehire, or removed again for a hire that was rescinded. It ends when the person can sign in.
func Onboarding(ctx workflow.Context, in api.ChainInput) (api.Outcome, error) {
	r, err := open(ctx, api.TypeOnboarding, in)
	if err != nil {
		return api.Outcome{}, err
	}
	if err := r.SetStage(ctx, api.StageWorking); err != nil {
		return api.Outcome{}, err
	}
	overtaken, err := r.runInterruptible(ctx, r.onboard)
	switch {
	case err != nil && step.IsSuperseded(err):
		return api.Outcome{}, r.reconsider(ctx)
	case err != nil:
		return r.end(ctx, err)
	case overtaken:
		return api.Outcome{}, r.continueInterrupted(ctx)
	case r.followsElsewhere():
		r.systems.result = r.onboarded()
		return api.Outcome{}, r.continueAsPerson(ctx)
	case r.lookAfter || !r.due(ctx).IsZero() || r.assessment.Person.Withdrawn:
		return api.Outcome{}, r.continueAsPerson(ctx)
	}
	return r.conclude(ctx, r.onboarded())
}

// onboarded is what an onboarding has come to.
func (r *run) onboarded() string {
	switch {
	case r.plan().Has(identity.StepDelete):
		return "hire undone"
	case r.plan().Desired.SignIn:
		return "can sign in"
	}
	return "account prepared"
}

// continueAsPerson records what was done and lets Person look afresh.
func (r *run) continueAsPerson(ctx workflow.Context) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	return r.continueAs(ctx, api.TypePerson)
}

// reconsider hands back after a step found its plan outdated right before it wrote. The second time in a row it waits a
// little first, because then HR and the plan do not agree about the same facts.
func (r *run) reconsider(ctx workflow.Context) error {
	r.in.Reconsidered++
	if n := r.in.Reconsidered; n > 1 {
		wait := min(time.Duration(n*n)*10*time.Second, step.LongWait)
		if _, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: wait, TimerOptions: workflow.TimerOptions{Summary: "look again"},
		}, r.hints.arrived); err != nil {
			return err
		}
	}
	return r.continueAsPerson(ctx)
}

// onboard is the runbook of a joiner.
func (r *run) onboard(ctx workflow.Context) error {
	plan := r.plan()
	if plan.Has(identity.StepDelete) {
		return r.undo(ctx)
	}
	if err := r.prepareAccount(ctx); err != nil {
		return err
	}
	r.beginSystems(ctx, r.assessment, r.assessment.Systems, false)
	r.holdInvitation(ctx)
	if err := r.giveRoles(ctx); err != nil {
		return err
	}
	if err := r.openAccount(ctx); err != nil {
		return err
	}
	if err := r.verifyJoiner(ctx); err != nil {
		return err
	}
	if err := r.tellAboutJoiner(ctx); err != nil {
		return err
	}
	return r.untilCarried(ctx)
}

// prepareAccount makes the account, or brings an existing one's profile and group up to date.
func (r *run) prepareAccount(ctx workflow.Context) error {
	plan := r.plan()
	var out api.AccountState
	switch {
	case plan.Has(identity.StepCreate):
		r.SetStatus(ctx, "Creating the account")
		create := api.Call.OneLoginEnsureAccount(api.EnsureAccountInput{
			Key: r.in.Key, Episode: r.assessment.Episode, Profile: plan.Desired.Profile,
			Group: plan.Desired.Group, ManagerKey: r.assessment.ManagerKey,
		}, &out)
		if _, err := r.runStep(ctx, step.Step{ID: "onelogin.create", Activity: create, Summary: "create the account"}); err != nil {
			return err
		}
		if out.AccountID == 0 {
			// Without an account nothing that follows can be done; the next look sees what a person arranged instead.
			return errSkippedAccount
		}
		r.assessment.Account = &identity.Account{
			ID: out.AccountID, Username: out.Username, Email: out.Email, CreatedByUs: true,
		}
	case plan.Has(identity.StepSetProfile) || plan.Has(identity.StepSetGroup):
		r.SetStatus(ctx, "Updating the account")
		update := api.Call.OneLoginEnsureProfile(api.EnsureProfileInput{
			AccountInput: r.accountInput(), Profile: plan.Desired.Profile, Group: plan.Desired.Group,
			Manager: r.assessment.Person.ManagerAccount,
		}, &out)
		s := step.Step{ID: "onelogin.update", Activity: update, Summary: "update profile and group"}
		if set, _ := plan.Step(identity.StepSetProfile); len(set.Orders) > 0 {
			s = s.Noting(func(f *api.Fact) { f.Cause = "order " + strings.Join(set.Orders, ", ") })
		}
		if _, err := r.runStep(ctx, s); err != nil {
			return err
		}
		r.takeAddress(out)
	}
	r.assessment.Plan.Notices = append(r.assessment.Plan.Notices, out.Notices...)
	return nil
}

var errSkippedAccount = errors.New("no account: its creation was skipped by an operator")

func (r *run) giveRoles(ctx workflow.Context) error {
	add, _ := r.plan().Step(identity.StepAddRoles)
	remove, _ := r.plan().Step(identity.StepRemoveRoles)
	if len(add.Names)+len(remove.Names) == 0 {
		return nil
	}
	r.SetStatus(ctx, "Giving access")
	in := removing(api.RolesInput{AccountInput: r.accountInput(), Add: add.Names, Grants: add.Orders}, r.assessment, remove)
	s := step.Step{ID: "onelogin.roles", Activity: api.Call.OneLoginEnsureRoles(in, &api.AccountState{}), Summary: "give the roles of the plan"}
	_, err := r.runStep(ctx, s.Noting(because(remove)))
	return err
}

// openAccount activates and invites. The activation reads HR and orders once more right before it writes, because the
// run may have waited for days since its plan was made.
func (r *run) openAccount(ctx workflow.Context) error {
	plan := r.plan()
	if plan.Has(identity.StepActivate) {
		r.SetStatus(ctx, "Opening the account")
		activate := api.Call.OneLoginEnsureActive(r.accountInput(), &api.AccountState{})
		if _, err := r.runStep(ctx, step.Step{ID: "onelogin.activate", Activity: activate, Summary: "activate the account"}); err != nil {
			return err
		}
	}
	if plan.Has(identity.StepInvite) {
		if err := r.untilReady(ctx); err != nil {
			return err
		}
		invite := api.Call.OneLoginInvite(api.InviteInput{
			AccountInput: r.accountInput(), OnceKey: r.effect("invite"), Email: r.assessment.Account.Email,
			PersonalEmail: plan.Desired.Profile.PersonalEmail,
		}, &api.AccountState{})
		if _, err := r.runStep(ctx, step.Step{ID: "onelogin.invite", Activity: invite, Summary: "send the invitation"}); err != nil {
			return err
		}
	}
	return nil
}

// verifyJoiner reads back what the steps should have left.
func (r *run) verifyJoiner(ctx workflow.Context) error {
	return r.verify(ctx, func(now api.AccountState) bool {
		closed := r.plan().Has(identity.StepActivate) && now.Status == identity.AccountUnactivated.String()
		return len(without(r.plan().Desired.Roles, now.Roles)) == 0 && !closed
	})
}

// verify reads the account back until it is as planned or a person lets it be.
func (r *run) verify(ctx workflow.Context, asPlanned func(api.AccountState) bool) error {
	var now api.AccountState
	for {
		read := api.Call.OneLoginReadBack(api.ReadBackInput{AccountInput: r.accountInput()}, &now)
		s := step.Step{ID: "onelogin.read-back", Activity: read, Summary: "read the account back"}
		skipped, err := r.runStep(ctx, s)
		if err != nil || skipped {
			return err
		}
		if asPlanned(now) && !now.Gone {
			if len(r.assessment.Held) == 0 {
				r.evidence.inStep = r.assessment.InStep
			}
			return nil
		}
		missing := without(r.plan().Desired.Roles, now.Roles)
		d, err := r.park(ctx, api.Attention{
			Step: s.ID, Code: "not_as_planned", Owner: r.assessment.FallbackOwner,
			Text: fmt.Sprintf("OneLogin shows the account as %q with %d roles missing, and not as planned. "+
				"Look for a mapping or a person who changed it.", now.Status, len(missing)),
			Options: []string{api.VerbRetry, api.VerbSkip, api.VerbAbort},
		})
		switch {
		case err != nil:
			return err
		case d.Verb == api.VerbSkip:
			return nil
		case d.Verb == api.VerbAbort:
			return step.ErrAborted
		}
	}
}

// without returns what of wanted is not in held.
func without(wanted, held []string) []string {
	var missing []string
	for _, w := range wanted {
		if !slices.Contains(held, w) {
			missing = append(missing, w)
		}
	}
	return missing
}

// tellAboutJoiner tells IT and the manager, each of whom may be unreachable without holding up the other.
func (r *run) tellAboutJoiner(ctx workflow.Context) error {
	phase := "prepared"
	if r.plan().Desired.SignIn {
		phase = "active"
	}
	r.SetStatus(ctx, "Telling IT and the manager")
	base := api.Message{
		Person: &r.assessment.Person, Account: r.assessment.Account, Notices: r.plan().Notices, Roles: r.plan().Desired.Roles, Text: phase,
	}
	it, manager := base, base
	it.NotReady = r.systems.notReady
	it.OnceKey, it.Kind, it.Audience = r.effect("slack-it-"+phase), api.MessageJoinerIT, api.AudienceIT
	manager.OnceKey, manager.Kind, manager.Audience = r.effect("slack-manager-"+phase), api.MessageJoinerManager, api.AudienceManager
	manager.ManagerKey, manager.Owner = r.assessment.ManagerKey, r.assessment.FallbackOwner
	return r.deliver(ctx, r.message("slack.it", "tell IT", it), r.message("slack.manager", "tell the manager", manager))
}

// undo removes what was prepared for a hire that will not start.
func (r *run) undo(ctx workflow.Context) error {
	r.SetStatus(ctx, "Undoing the hire")
	if err := r.respond(ctx, r.assessment); err != nil {
		return err
	}
	r.beginSystems(ctx, r.assessment, r.assessment.Systems, false)
	remove := api.Call.OneLoginEnsureDeleted(r.accountInput(), &api.AccountState{})
	if _, err := r.runStep(ctx, step.Step{ID: "onelogin.delete", Activity: remove, Summary: "delete the account that was never used"}); err != nil {
		return err
	}
	if err := r.deliver(ctx, r.message("slack.it", "tell IT that the hire is off", api.Message{
		OnceKey: r.effect("slack-it-undone"), Kind: api.MessageJoinerUndone, Audience: api.AudienceIT,
		Person: &r.assessment.Person, Account: r.assessment.Account,
	})); err != nil {
		return err
	}
	return r.untilCarried(ctx)
}

// sideBySide runs branches at the same time and waits for all of them, whatever becomes of each.
func (r *run) sideBySide(ctx workflow.Context, branches ...func(workflow.Context) error) error {
	errs := make([]error, len(branches))
	wg := workflow.NewWaitGroup(ctx)
	for i, branch := range branches {
		wg.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer wg.Done()
			errs[i] = branch(ctx)
		})
	}
	wg.Wait(ctx)
	return errors.Join(errs...)
}
