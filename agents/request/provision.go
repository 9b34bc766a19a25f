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
	"gatehouse/ledger/sponsored"
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
	if err := pl.byPolicy(ctx); err != nil {
		return err
	}
	switch {
	case pl.plan.Verdict == agent.Deny:
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
	rec := pl.asked.Record(pl.policy.Domain())
	roles := pl.wouldGet(rec)
	pl.plan.Two = slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(pl.policy.PrivilegedRoles(), role) })
	// The names are in the message and in the ledger: steps stand in histories.
	pl.plan.Steps = []string{
		fmt.Sprintf("have somebody whom HR does not have, answered for by %s, up to and with %s", of.Key, rec.Ends),
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

// Record is what is kept of somebody whom HR does not have once they are sponsored. An address of the company's own domain, "" if the
// policy names none, is their work address.
func (a Asked) Record(domain string) sponsored.Record {
	p := *a.Person
	r := sponsored.Record{Ends: identity.Date(a.Until.Add(-time.Nanosecond).UTC().Format(time.DateOnly)), Sponsor: p.Sponsor}
	r.Detail = sponsored.Detail{
		FirstName: p.FirstName, LastName: p.LastName, PersonalEmail: p.Email, Company: p.Company, Title: p.Title, Department: p.Department,
		Location: p.Location, Reason: a.Reason,
	}
	if domain != "" && strings.HasSuffix(strings.ToLower(p.Email), "@"+domain) {
		r.WorkEmail, r.PersonalEmail = p.Email, ""
	}
	return r
}

// wouldGet are the roles that the rules give somebody who is sponsored.
func (pl *planning) wouldGet(r sponsored.Record) []string {
	now := pl.Clock()
	r.ID, r.Starts = "new", identity.Date(now.UTC().Format(time.DateOnly))
	e := identity.FirstSight(r.AsHR(now), now)
	return pl.policy.Plan(pl.policy.Person(r.Key(), []identity.Engagement{e}, now), nil, nil).Desired.Roles
}
