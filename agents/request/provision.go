package request

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"gatehouse/agents/subject"
	"gatehouse/identity"
	"gatehouse/policy/agent"
)

// hurry has somebody looked at now whom HR has: what HR and the rules say of them is done, and nothing else.
func (pl *planning) hurry() error {
	if len(pl.of.Dossier.Links) == 0 {
		return pl.deny(DeniedLeft, "HR has no record of this person: what is asked for needs a sponsor, with first_name, last_name, email, sponsor and until")
	}
	pl.plan.Provision = true
	pl.plan.Steps = []string{"look at " + pl.asked.Subject + " now, and do what HR and the rules say of them"}
	return nil
}

// sponsor has somebody whom HR does not have. Whoever answers for them is the one whom the policy judges, and decides about it as
// little as the owner of the agent: a person is asked whatever the rule says.
func (pl *planning) sponsor(ctx context.Context) error {
	p := pl.asked.Person
	of, found, err := subject.Read(ctx, pl.Ledger, p.Sponsor)
	if err != nil {
		return err
	}
	if !found {
		return pl.deny(DeniedUnknownSubject, "nobody is known by the key of the sponsor")
	}
	pl.of, pl.target = of, of.Target(pl.policy)
	answer, err := pl.agent.Judge(pl.Call(pl.asked), pl.target)
	if err != nil {
		return fmt.Errorf("judge request %s by the rule %q of agent %s: %w", pl.asked.ID, answer.Rule, pl.agent.Name, err)
	}
	pl.plan = Plan{Verdict: answer.Verdict, Rule: answer.Rule}
	if pl.plan.Barred, err = pl.barred(ctx); err != nil {
		return err
	}
	switch {
	case answer.Verdict == agent.Deny:
		return pl.deny(DeniedPolicy, "no rule of the policy allows it, or one denies it")
	case !of.Employed:
		return pl.deny(DeniedLeft, "HR does not have the sponsor as working here")
	case len(of.Accounts) == 0:
		return pl.deny(DeniedNoAccount, "the sponsor has no account")
	case !pl.policy.Sponsored().On:
		return pl.deny(DeniedArguments, "the policy has nobody sponsored (section sponsored)")
	case !named(p):
		return pl.deny(DeniedArguments, "somebody whom HR does not have needs first_name, last_name and email, as they are written")
	case pl.asked.Until.IsZero():
		return pl.deny(DeniedArguments, "somebody whom HR does not have needs until: the last day, 12 months away at most")
	}
	pl.plan.Verdict, pl.plan.Provision = agent.Ask, true
	roles := pl.wouldGet(p)
	pl.plan.Two = slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(pl.policy.PrivilegedRoles(), role) })
	// The names are in the message and in the ledger: steps stand in histories.
	pl.plan.Steps = []string{
		fmt.Sprintf("have somebody whom HR does not have, answered for by %s, up to and with %s", of.Key, lastDay(pl.asked.Until)),
		"what the rules give them: " + cmp.Or(strings.Join(roles, ", "), "nothing"),
	}
	return nil
}

// named reports that somebody has a name and an address that systems take.
func named(p *Person) bool {
	address, err := mail.ParseAddress(p.Email)
	whole := strings.TrimSpace(p.FirstName) != "" && strings.TrimSpace(p.LastName) != ""
	return whole && err == nil && address.Address == p.Email && !strings.ContainsAny(p.FirstName+p.LastName, "*<>@")
}

// lastDay is the day before an end.
func lastDay(until time.Time) string { return until.Add(-time.Nanosecond).UTC().Format(time.DateOnly) }

// wouldGet are the roles that the rules give somebody who is sponsored.
func (pl *planning) wouldGet(p *Person) []string {
	now := pl.Clock()
	rec := identity.Record{
		Source: identity.SourceSponsored, EmployeeID: "new", FirstName: p.FirstName, LastName: p.LastName, PersonalEmail: p.Email, Company: p.Company,
		Title: p.Title, Department: p.Department, Location: p.Location, ManagerID: p.Sponsor, Status: identity.StatusActive,
		HireDate: identity.Date(now.UTC().Format(time.DateOnly)), LastDay: identity.Date(lastDay(pl.asked.Until)),
	}
	e := identity.Engagement{Record: rec, FirstSeen: now, LeaverFirstSeen: now, Found: true}
	key := identity.SourceSponsored + "-new"
	return pl.policy.Plan(pl.policy.Person(key, []identity.Engagement{e}, now), nil, nil).Desired.Roles
}
