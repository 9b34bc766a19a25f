package lifecycle

import (
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// RoleChange brings an active account in line with the person's new position: what they may keep for a while is noted,
// profile and group follow, the managed roles that no longer apply go and the new ones come, and the person and their
// manager are told. The end of what is kept is one more role change, which Person waits for.
func RoleChange(ctx workflow.Context, in api.ChainInput) (api.Outcome, error) {
	r, err := open(ctx, api.TypeRoleChange, in)
	if err != nil {
		return api.Outcome{}, err
	}
	if err := r.SetStage(ctx, api.StageWorking); err != nil {
		return api.Outcome{}, err
	}
	overtaken, err := r.runInterruptible(ctx, r.move)
	switch {
	case err != nil && step.IsSuperseded(err):
		return api.Outcome{}, r.reconsider(ctx)
	case err != nil:
		return r.end(ctx, err)
	case overtaken:
		return api.Outcome{}, r.continueInterrupted(ctx)
	case r.followsElsewhere():
		r.systems.result = changed
		return api.Outcome{}, r.continueAsPerson(ctx)
	case r.lookAfter || !r.due(ctx).IsZero() || len(r.plan().Notices) > 0 || r.assessment.Person.Withdrawn:
		return api.Outcome{}, r.continueAsPerson(ctx)
	}
	return r.conclude(ctx, changed)
}

// changed is what a role change has come to.
const changed = "access follows the new position"

// move is the runbook of a mover.
func (r *run) move(ctx workflow.Context) error {
	for _, each := range []func(workflow.Context) error{
		r.keepOldAccess, r.rename, r.prepareAccount, r.giveRoles, r.moveElsewhere, r.verifyMover, r.untilCarried, r.tellAboutMove,
	} {
		if err := each(ctx); err != nil {
			return err
		}
	}
	return nil
}

// keepOldAccess notes how long roles that no longer apply stay. It comes first, so that their clock does not depend on
// how long the rest takes.
func (r *run) keepOldAccess(ctx workflow.Context) error {
	for _, keep := range r.plan().Steps {
		if keep.Kind != identity.StepKeepRoles {
			continue
		}
		until := strconv.FormatInt(keep.Until.Unix(), 10)
		note := api.Call.PersonKeep(api.KeepRolesInput{
			OrderID: "overlap/" + r.effect(until), Key: r.in.Key, Roles: keep.Names, At: r.assessment.Person.AsOf, Until: keep.Until,
		})
		s := step.Step{ID: "person.keep-roles:" + until, Activity: note, Summary: "keep old access until " + keep.Until.UTC().Format("2006-01-02 15:04 MST")}
		if _, err := r.runStep(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// rename gives the account its new username before the names change: what tells that it is due must not be gone before
// it is done.
func (r *run) rename(ctx workflow.Context) error {
	if !r.plan().Has(identity.StepRename) {
		return nil
	}
	r.SetStatus(ctx, "Renaming the account")
	var out api.AccountState
	rename := api.Call.OneLoginEnsureRenamed(api.RenameInput{AccountInput: r.accountInput(), Usernames: r.plan().Desired.Profile.Usernames}, &out)
	skipped, err := r.runStep(ctx, step.Step{ID: "onelogin.rename", Activity: rename, Summary: "give the account the new name"})
	if err == nil && !skipped {
		r.renamed = out.Username
	}
	return err
}

// verifyMover reads back what the steps should have left: the roles that were given, none that were taken, and the group.
func (r *run) verifyMover(ctx workflow.Context) error {
	removed, _ := r.plan().Step(identity.StepRemoveRoles)
	return r.verify(ctx, func(now api.AccountState) bool {
		return len(without(r.plan().Desired.Roles, now.Roles)) == 0 &&
			!slices.ContainsFunc(removed.Names, func(role string) bool { return slices.Contains(now.Roles, role) }) &&
			(!r.plan().Has(identity.StepSetGroup) || now.Group == "" || now.Group == r.plan().Desired.Group)
	})
}

// tellAboutMove tells the person and the new manager what has changed for them, and IT what a person should look at.
// Where only the profile changed there is nothing to tell.
func (r *run) tellAboutMove(ctx workflow.Context) error {
	plan := r.plan()
	var words []api.Word
	tell := func(id, summary string, in api.Message) {
		in.OnceKey = r.effect(id + "/" + r.assessment.Want + "/" + r.assessment.Person.AsOf.UTC().Format("2006-01-02"))
		if why := r.assessment.Because; why != nil {
			in.Cause = why.Cause
			in.OnceKey += "/" + string(why.Cause)
		}
		words = append(words, r.message("slack."+id, summary, in))
	}
	if lines := r.changes(); len(lines) > 0 {
		r.SetStatus(ctx, "Telling the person and the manager")
		tell("person", "tell the person", api.Message{
			Kind: api.MessageMoverPerson, Audience: api.AudiencePerson, Owner: r.assessment.FallbackOwner, Lines: lines, Former: r.former(),
		})
		name := strings.TrimSpace(plan.Desired.Profile.FirstName + " " + plan.Desired.Profile.LastName)
		tell("manager", "tell the manager", api.Message{
			Kind: api.MessageMoverManager, Audience: api.AudienceManager, ManagerKey: r.assessment.ManagerKey,
			Owner: r.assessment.FallbackOwner, Lines: append([]api.Line{{Label: "Name", Value: name}}, lines...),
		})
	}
	if r.readdressed[0] != "" || slices.ContainsFunc(plan.Notices, func(n identity.Notice) bool { return n.Code != noticeContractEnds }) {
		in := api.Message{Kind: api.MessageMoverIT, Audience: api.AudienceIT, Account: r.assessment.Account, Notices: plan.Notices}
		if r.readdressed[0] != "" {
			in.Lines = []api.Line{{Label: "E-mail address", Value: r.readdressed[1] + ", until now " + r.readdressed[0]}}
		}
		tell("it", "tell IT what to look at", in)
	}
	return r.deliver(ctx, words...)
}

// takeAddress takes over the address that an account has got: an invitation goes there from now on.
func (r *run) takeAddress(out api.AccountState) {
	was := r.assessment.Account
	if r.plan().Desired.Profile.Email == "" || out.Email == "" || was == nil || out.Email == was.Email {
		return
	}
	r.readdressed = [2]string{was.Email, out.Email}
	now := *was
	now.Email = out.Email
	r.assessment.Account = &now
}

// former is the address that a renamed account had before.
func (r *run) former() string {
	if r.readdressed[0] != "" {
		return r.readdressed[0]
	}
	if r.renamed == "" || r.assessment.Because == nil || r.assessment.Account == nil {
		return ""
	}
	return r.assessment.Account.Email
}

// changes are what has changed for a mover in plain words; empty if their access is what it was.
func (r *run) changes() []api.Line {
	plan := r.plan()
	add, _ := plan.Step(identity.StepAddRoles)
	remove, _ := plan.Step(identity.StepRemoveRoles)
	var lines []api.Line
	line := func(label, value string) {
		if value != "" {
			lines = append(lines, api.Line{Label: label, Value: value})
		}
	}
	line("New access", strings.Join(add.Names, ", "))
	line("Access that has ended", strings.Join(remove.Names, ", "))
	for _, keep := range plan.Steps {
		if keep.Kind == identity.StepKeepRoles {
			line("Kept until "+keep.Until.UTC().Format("2 January 2006, 15:04 MST"), strings.Join(keep.Names, ", "))
		}
	}
	lines = append(lines, r.systems.changes()...)
	line("New sign-in name", r.renamed)
	line("New e-mail address", r.readdressed[1])
	line("E-mail address until now", r.readdressed[0])
	if len(lines) == 0 && !plan.Has(identity.StepSetGroup) {
		return nil
	}
	var was identity.Account
	if r.assessment.Account != nil {
		was = *r.assessment.Account
	}
	now := plan.Desired.Profile
	if now.Title != was.Title {
		line("Title", now.Title)
	}
	if now.Department != was.Department {
		line("Department", now.Department)
	}
	if why := r.assessment.Because; why != nil {
		lines = append(lines, why.Lines...)
	}
	return lines
}

// template is the workflow type that carries a verdict out.
func template(v identity.Verdict) string {
	switch v {
	case identity.VerdictJoin, identity.VerdictUndo:
		return api.TypeOnboarding
	case identity.VerdictChange:
		return api.TypeRoleChange
	case identity.VerdictLeave:
		return api.TypeOffboarding
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention, identity.VerdictSuspend,
		identity.VerdictLift, identity.VerdictRespond, identity.VerdictDelete:
	}
	return api.TypePerson
}
