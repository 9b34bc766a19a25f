package lifecycle

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/workflows/step"
)

// credentials are the accounts that own an API credential and whose human leaves: those that wait for another owner, and those
// of them that own none any more.
type credentials struct{ open, replaced []identity.Ref }

func (c *credentials) drop(ref identity.Ref) {
	this := func(other identity.Ref) bool { return other == ref }
	c.open, c.replaced = slices.DeleteFunc(c.open, this), slices.DeleteFunc(c.replaced, this)
}

// attendOwned makes an item of each account that owns an API credential and whose human leaves, tells security once, and
// closes the item when the account owns none any more. The words announce nobody's departure. Nothing that takes access
// away waits for it.
func (r *run) attendOwned(ctx workflow.Context, a api.Assessment) error {
	for _, ref := range r.credentials.open {
		if !slices.Contains(a.Owned, ref) {
			r.credentials.replaced = append(r.credentials.replaced, ref)
		}
	}
	for _, ref := range a.Owned {
		if slices.Contains(r.credentials.open, ref) || r.told.knows(ownedAnswered(ref)) {
			continue
		}
		r.credentials.open = append(r.credentials.open, ref)
		id, _ := ref.OneLogin()
		if err := r.deliver(ctx, r.message("slack.credential@"+ref.String(), "tell security of an API credential", api.Message{
			OnceKey: step.EffectKey(r.in.Key, a.OwnedIn, "credential-owner/"+ref.ID), Kind: api.MessageCredentialOwner, Audience: api.AudienceSecurity,
			Account: &identity.Account{ID: id}, Text: ownedText(ref),
		})); err != nil {
			return err
		}
		workflow.GoNamed(r.root, "credential "+ref.String(), func(ctx workflow.Context) { r.untilReplaced(ctx, ref) })
	}
	if len(r.credentials.replaced) == 0 {
		return nil
	}
	return workflow.Await(ctx, func() bool { return len(r.credentials.replaced) == 0 })
}

// ownedAnswered is what a chain remembers once somebody has said that a credential is replaced.
func ownedAnswered(ref identity.Ref) string { return "credential-replaced/" + ref.String() }

func ownedText(ref identity.Ref) string {
	return "OneLogin account " + ref.ID + " owns an API credential (onelogin.credential_owners), and has to own none. Have another administrator " +
		"make a new credential, put it where the old one is used, delete the old one in OneLogin, take the account off " +
		"onelogin.credential_owners and restart the workers. Then skip. The account is not deleted meanwhile."
}

// untilReplaced keeps the item open until somebody has answered, or the account is no owner any more.
func (r *run) untilReplaced(ctx workflow.Context, ref identity.Ref) {
	for {
		item := api.Attention{
			Step: "credential@" + ref.String(), Code: api.NoticeCredentialOwner, Text: ownedText(ref), Options: []string{api.VerbSkip},
		}
		d, decided, err := r.parkUntil(ctx, item, step.ReassessAfter, func() bool { return slices.Contains(r.credentials.replaced, ref) })
		if err != nil {
			return
		}
		fact := api.Fact{Step: item.Step, Template: r.State.Template, Outcome: "replaced", Finished: workflow.Now(ctx)}
		switch {
		case decided:
			fact.Actor, fact.Cause, fact.Outcome = d.By, d.Reason, "skipped"
			r.told.add(ownedAnswered(ref))
		case !slices.Contains(r.credentials.replaced, ref):
			continue
		}
		r.credentials.drop(ref)
		r.recordFact(ctx, fact, "API credential of "+ref.String()+": "+fact.Outcome)
		return
	}
}
