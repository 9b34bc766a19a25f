package request

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/agents/subject"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

// findRole finds the role by which an app is given or taken, so that the policy judges that. What refuses it is kept until the policy
// has answered: a rule that denies is told first.
func (pl *planning) findRole(ctx context.Context) error {
	app, roles, readAt, err := pl.Ledger.Inventory().RolesOfApp(ctx, identity.SystemOneLogin, pl.asked.App)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return pl.deny(DeniedUnknownApp, "OneLogin has no app of this name, as far as was read")
	case errors.Is(err, inventory.ErrAmbiguous):
		return pl.deny(DeniedUnknownApp, "several apps have this name: name one by its id")
	case err != nil:
		return err
	case readAt.IsZero():
		return pl.deny(DeniedUnknownApp, "which role carries which app was not read yet")
	}
	pl.app, pl.carrying = app.Name, roles
	if pl.asked.Tool == agent.UnassignApp {
		return pl.roleToTake()
	}
	return pl.roleToGive()
}

// roleToGive is the requestable role that carries the app and least besides.
func (pl *planning) roleToGive() error {
	var best *inventory.RoleWithApps
	for i, r := range pl.carrying {
		if pl.policy.Requestable(r.Name) && (best == nil || len(r.Apps) < len(best.Apps)) {
			best = &pl.carrying[i]
		}
	}
	if best == nil {
		return pl.deny(DeniedNoRole, "no role that may be asked for carries this app")
	}
	pl.asked.Role, pl.also = best.Name, others(*best, pl.app)
	return nil
}

// roleToTake is the one role of theirs that carries the app. It must carry nothing else.
func (pl *planning) roleToTake() error {
	if len(pl.of.Accounts) == 0 {
		return nil
	}
	held := subject.RolesOf(pl.of.Accounts[0])
	theirs := slices.DeleteFunc(slices.Clone(pl.carrying), func(r inventory.RoleWithApps) bool { return !slices.Contains(held, r.Name) })
	switch {
	case len(theirs) == 0:
		return pl.deny(DeniedNoRole, "no role of theirs carries this app")
	case len(theirs) > 1:
		return pl.deny(DeniedCarriesMore, fmt.Sprintf("%d roles of theirs carry this app: ask for the roles one by one", len(theirs)))
	case len(theirs[0].Apps) > 1:
		return pl.deny(DeniedCarriesMore, fmt.Sprintf("the role %q carries more than this app: %s", theirs[0].Name, strings.Join(others(theirs[0], pl.app), ", ")))
	}
	pl.asked.Role = theirs[0].Name
	return nil
}

// others are the apps that a role carries besides one.
func others(r inventory.RoleWithApps, app string) []string {
	var names []string
	for _, a := range r.Apps {
		if a.Name != app {
			names = append(names, fmt.Sprintf("%q", a.Name))
		}
	}
	return names
}

// assignApp gives the role that carries the app. A person is asked if it carries more.
func (pl *planning) assignApp(primary inventory.Account) error {
	held := subject.RolesOf(primary)
	if at := slices.IndexFunc(pl.carrying, func(r inventory.RoleWithApps) bool { return slices.Contains(held, r.Name) }); at >= 0 {
		return pl.already(fmt.Sprintf("%s has the app %q by the role %q", pl.asked.Subject, pl.app, pl.carrying[at].Name))
	}
	if err := pl.assignRole(primary); err != nil || pl.plan.Denied() || pl.plan.Already {
		return err
	}
	pl.plan.Steps[0] += fmt.Sprintf(", which carries the app %q", pl.app)
	if len(pl.also) > 0 {
		pl.plan.Steps[0] += " and also " + strings.Join(pl.also, ", ")
		pl.plan.Verdict = agent.Ask
	}
	return nil
}

// unassignApp denies the role that carries the app and nothing else.
func (pl *planning) unassignApp() error {
	if err := pl.removeRole(pl.of.Accounts[0]); err != nil || pl.plan.Denied() || pl.plan.Already {
		return err
	}
	pl.plan.Steps[0] += fmt.Sprintf(", which carries the app %q alone", pl.app)
	return nil
}
