package request

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/agents/subject"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

// settledFor is for how long HR must have had an address before a link that opens an account is sent there.
const settledFor = 7 * 24 * time.Hour

// work plans what the tool asks for.
func (pl *planning) work(ctx context.Context) error {
	if pl.asked.Tool == agent.ProvisionUser {
		return pl.hurry()
	}
	if !pl.asked.Until.IsZero() && !pl.asked.Until.After(pl.Clock()) {
		return pl.deny(DeniedArguments, "its end has passed")
	}
	if len(pl.of.Accounts) == 0 {
		return pl.deny(DeniedNoAccount, "this person has no account")
	}
	if pl.asked.Tool == agent.AssignRole || pl.asked.Tool == agent.RemoveRole {
		if err := pl.known(ctx); err != nil || pl.plan.Denied() {
			return err
		}
	}
	primary := pl.of.Accounts[0]
	switch pl.asked.Tool {
	case agent.AssignRole:
		return pl.assignRole(primary)
	case agent.AssignApp:
		return pl.assignApp(primary)
	case agent.UnassignApp:
		return pl.unassignApp()
	case agent.RemoveRole:
		return pl.removeRole(primary)
	case agent.UpdateProfile:
		return pl.updateProfile()
	case agent.EnableUser:
		return pl.enable(primary)
	case agent.DisableUser:
		return pl.disable(primary)
	case agent.RevokeSessions:
		return pl.onEach(identity.Order{Kind: identity.OrderLogOut}, "end the OneLogin sessions of %s")
	case agent.ResetPassword:
		return pl.resetPassword(ctx, primary)
	}
	return fmt.Errorf("request %s: nothing is planned for the tool %s", pl.asked.ID, pl.asked.Tool)
}

// order adds an order and what it says to whoever reads the plan.
func (pl *planning) order(o identity.Order, step string) error {
	a := pl.asked
	o.ID, o.Key = fmt.Sprintf("%s/%d", a.ID, len(pl.plan.Orders)+1), cmp.Or(o.Key, a.Subject)
	o.Agent, o.Tool, o.Request, o.Reason = a.Agent, a.Tool, a.ID, a.Reason
	if a.Ticket != "" {
		o.Reason += " (" + a.Ticket + ")"
	}
	if !o.Kind.Response() {
		o.Until = a.Until
	}
	if !o.Until.IsZero() {
		step += " until " + o.Until.UTC().Format("2006-01-02 15:04 MST")
	}
	pl.plan.Orders, pl.plan.Steps = append(pl.plan.Orders, o), append(pl.plan.Steps, step)
	return nil
}

// known refuses a role that OneLogin does not have, as far as that was read: an order for one would hold up everything else about the
// person.
func (pl *planning) known(ctx context.Context) error {
	readAt, err := pl.Ledger.Inventory().CatalogReadAt(ctx, identity.SystemOneLogin)
	if err != nil || readAt.IsZero() {
		return err
	}
	found, err := pl.Ledger.Inventory().Named(ctx, identity.SystemOneLogin, inventory.CatalogRole, pl.asked.Role)
	switch {
	case err != nil:
		return err
	case len(found) == 0 || found[0].Name != pl.asked.Role:
		return pl.deny(DeniedUnknownRole, "OneLogin has no role of exactly this name")
	case len(found) > 1:
		return pl.deny(DeniedUnknownRole, "several roles of OneLogin have this name")
	}
	return nil
}

// covered reports that a standing order of a kind asks for the same already, and for at least as long.
func (pl *planning) covered(kind identity.OrderKind, names ...string) bool {
	return slices.ContainsFunc(pl.of.Dossier.Orders, func(o identity.Order) bool {
		same := o.Kind == kind && o.InForce(pl.Clock()) && !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(o.Roles, n) })
		return same && (o.Until.IsZero() || !pl.asked.Until.IsZero() && !o.Until.Before(pl.asked.Until))
	})
}

// ends reports that a grant order gives a role for a while only, so that who has it now may not have it for long.
func (pl *planning) ends(role string) bool {
	return slices.ContainsFunc(pl.of.Dossier.Orders, func(o identity.Order) bool {
		return o.Kind == identity.OrderGrant && o.InForce(pl.Clock()) && !o.Until.IsZero() && slices.Contains(o.Roles, role)
	})
}

// onEach orders something about every account of the person, each named in its step: a second account is no way to stay.
func (pl *planning) onEach(o identity.Order, step string) error {
	for i, a := range pl.of.Accounts {
		one, whose := o, pl.asked.Subject
		if id, ok := a.Ref.OneLogin(); i > 0 && ok {
			one.Key, whose = identity.BareKey(id), fmt.Sprintf("the further account %s of %s", a.Ref.ID, pl.asked.Subject)
		}
		if i > 0 && (one.Key == "" || a.Kind != identity.KindPerson) {
			continue
		}
		if err := pl.order(one, fmt.Sprintf(step, whose)); err != nil {
			return err
		}
	}
	return nil
}

// elsewhere is a further account that holds a role: orders about roles act on the primary one alone.
func (pl *planning) elsewhere(role string) string {
	for _, a := range pl.of.Accounts[1:] {
		if slices.Contains(subject.RolesOf(a), role) {
			return a.Ref.ID
		}
	}
	return ""
}

func (pl *planning) already(what string) error {
	pl.plan.Already, pl.plan.Steps = true, []string{what}
	return nil
}

// standing returns an order of one of these kinds that is in force about the person.
func (pl *planning) standing(kinds ...identity.OrderKind) (identity.Order, bool) {
	at := slices.IndexFunc(pl.of.Dossier.Orders, func(o identity.Order) bool { return slices.Contains(kinds, o.Kind) && o.InForce(pl.Clock()) })
	if at < 0 {
		return identity.Order{}, false
	}
	return pl.of.Dossier.Orders[at], true
}

// mayOpen refuses what would give access to somebody who is to have none.
func (pl *planning) mayOpen() bool {
	o, ordered := pl.standing(identity.OrderContain, identity.OrderSuspend, identity.OrderFreeze)
	switch {
	case !pl.of.Employed:
		pl.refuse(DeniedLeft, "HR does not have this person as working here")
	case ordered:
		pl.refuse(DeniedOrdered, fmt.Sprintf("a %s order stands against it; whoever gave that can release it", o.Kind))
	}
	return !pl.plan.Denied()
}

func (pl *planning) assignRole(primary inventory.Account) error {
	role, held := pl.asked.Role, subject.RolesOf(primary)
	switch {
	case !pl.mayOpen():
		return nil
	case !pl.policy.Requestable(role):
		return pl.deny(DeniedNotRequestable, fmt.Sprintf("the policy has rules give the role %q, and nobody else", role))
	case slices.Contains(held, role) && (!pl.ends(role) || pl.covered(identity.OrderGrant, role)):
		return pl.already(fmt.Sprintf("%s has the role %q", pl.asked.Subject, role))
	}
	broken := pl.policy.ConflictsOf(append(slices.Clone(held), role))
	for _, c := range broken {
		if slices.Contains(c.Roles, role) {
			return pl.deny(DeniedConflict, fmt.Sprintf("%q is kept apart from a role that they have, by the conflict %q", role, c.Name))
		}
	}
	return pl.order(identity.Order{Kind: identity.OrderGrant, Roles: []string{role}}, fmt.Sprintf("give %s the role %q", pl.asked.Subject, role))
}

// removeRole denies a role, so that no rule and no mapping keeps it. A role that a grant order alone gives goes with that.
func (pl *planning) removeRole(primary inventory.Account) error {
	role := pl.asked.Role
	if _, preserved := pl.standing(identity.OrderHold); preserved {
		return pl.deny(DeniedPreserved, "what the account holds is preserved: roles stay")
	}
	if at := pl.elsewhere(role); at != "" {
		return pl.deny(DeniedElsewhere, fmt.Sprintf("the further account %s has the role %q, which a person takes there", at, role))
	}
	if pl.covered(identity.OrderDeny, role) && !slices.Contains(subject.RolesOf(primary), role) {
		return pl.already(fmt.Sprintf("%s does not have the role %q, and no rule gives it", pl.asked.Subject, role))
	}
	return pl.order(identity.Order{Kind: identity.OrderDeny, Roles: []string{role}},
		fmt.Sprintf("take the role %q from %s, and have no rule give it again", role, pl.asked.Subject))
}

// updateProfile sets attributes above HR, for a while.
func (pl *planning) updateProfile() error {
	if !pl.mayOpen() {
		return nil
	}
	var said []string
	for _, name := range slices.Sorted(maps.Keys(pl.asked.Attributes)) {
		said = append(said, fmt.Sprintf("%s to %q", name, pl.asked.Attributes[name]))
	}
	o := identity.Order{Kind: identity.OrderSet, Attributes: pl.asked.Attributes}
	if err := pl.order(o, "set for "+pl.asked.Subject+" "+strings.Join(said, ", ")); err != nil {
		return err
	}
	o = pl.plan.Orders[0]
	o.By, o.At = "agent", pl.Clock()
	if err := o.Validate(); err != nil {
		return pl.deny(DeniedArguments, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return nil
}

// enable opens an account: it takes back what agents had suspended, and has an account opened that the vendor or somebody by hand has
// locked or suspended. What a person, or a rule, has ordered stays.
func (pl *planning) enable(primary inventory.Account) error {
	for _, o := range pl.of.Dossier.Orders {
		if o.Kind == identity.OrderSuspend && o.InForce(pl.Clock()) && o.Agent != "" {
			pl.plan.Releases = append(pl.plan.Releases, o.ID)
			pl.plan.Steps = append(pl.plan.Steps, "end the suspension "+o.ID+", which an agent had asked for")
			if o.Rule == "" {
				pl.plan.Verdict = agent.Ask // A person had approved it.
			}
		}
	}
	others := slices.ContainsFunc(pl.of.Dossier.Orders, func(o identity.Order) bool {
		shuts := o.Kind == identity.OrderContain || o.Kind == identity.OrderSuspend || o.Kind == identity.OrderFreeze
		return shuts && o.InForce(pl.Clock()) && !slices.Contains(pl.plan.Releases, o.ID)
	})
	switch {
	case others || !pl.of.Employed:
		pl.mayOpen()
		return nil
	case len(pl.plan.Releases) > 0:
		return nil
	case primary.Status == identity.AccountActive:
		return pl.already("the account of " + pl.asked.Subject + " is open")
	}
	return pl.order(identity.Order{Kind: identity.OrderEnable}, "open the account of "+pl.asked.Subject+", which is "+primary.Status.String())
}

func (pl *planning) disable(primary inventory.Account) error {
	if primary.Status == identity.AccountSuspended && pl.covered(identity.OrderSuspend) {
		return pl.already("the account of " + pl.asked.Subject + " is suspended, for at least as long")
	}
	return pl.onEach(identity.Order{Kind: identity.OrderSuspend}, "suspend the account of %s and end its sessions")
}

// resetPassword mails a link to set a new one. It goes to an address that HR has, and has had for a while: whoever can write an
// address into the directory, or talk HR into another one, must not get an account by it.
func (pl *planning) resetPassword(ctx context.Context, primary inventory.Account) error {
	if !pl.mayOpen() {
		return nil
	}
	owned, err := pl.Ledger.People().OwnedAddresses(ctx, pl.of.Dossier.Person.Key)
	if err != nil {
		return err
	}
	digest := pl.Ledger.Digest(primary.Document.Email)
	for _, a := range owned {
		switch {
		case digest == "" || a.Digest != digest:
		case pl.Clock().Sub(a.Since) < settledFor:
			return pl.deny(DeniedAddress, "HR has had the address of the account for less than 7 days, and a link that opens it would go there")
		default:
			return pl.order(identity.Order{Kind: identity.OrderResetPassword},
				"make the password of "+pl.asked.Subject+" unknown, and mail a link to set a new one to the address that HR has")
		}
	}
	return pl.deny(DeniedAddress, "the address of the account is none that HR has, and a link that opens it would go there")
}
