package request

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/agents/subject"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

// What refuses a request, besides the policy's rules.
const (
	DeniedPolicy         = "policy"
	DeniedUnknownAgent   = "unknown_agent"
	DeniedUnknownSubject = "unknown_subject"
	DeniedProtected      = "protected"
	DeniedNoPerson       = "not_a_person"
	DeniedLeft           = "not_employed"
	DeniedNoAccount      = "no_account"
	DeniedOrdered        = "ordered"
	DeniedPreserved      = "preserved"
	DeniedNotRequestable = "not_requestable"
	DeniedConflict       = "conflict"
	DeniedAddress        = "address"
	DeniedArguments      = "arguments"
	DeniedUnknownApp     = "unknown_app"
	DeniedCarriesMore    = "carries_more"
	DeniedNoRole         = "no_role"
	DeniedUnknownRole    = "unknown_role"
	DeniedElsewhere      = "further_account"
)

// Planner works out what requests come to.
type Planner struct {
	Ledger *ledger.Ledger
	Policy func() *policy.Policy
	Clock  func() time.Time
}

// planning is one request being planned.
type planning struct {
	*Planner
	asked  Asked
	policy *policy.Policy
	agent  agent.Agent
	of     subject.Subject
	target agent.Target
	plan   Plan
	// app is the one that is asked for, carrying the roles that carry it, also what the chosen one carries besides.
	app      string
	carrying []inventory.RoleWithApps
	also     []string
}

// Plan says what a request comes to now, by the policy in force and what the ledger knows. It writes nothing.
func (p *Planner) Plan(ctx context.Context, a Asked) (Plan, error) {
	pl := &planning{Planner: p, asked: a, policy: p.Policy()}
	known := false
	if pl.agent, known = pl.policy.Agent(a.Agent); !known {
		return pl.done(pl.deny(DeniedUnknownAgent, "the policy has no agent of this name"))
	}
	if a.Person != nil {
		return pl.done(pl.sponsor(ctx))
	}
	of, found, err := subject.Read(ctx, p.Ledger, a.Subject)
	if err != nil {
		return Plan{}, err
	}
	if !found {
		return pl.done(pl.deny(DeniedUnknownSubject, "nobody is known by "+a.Subject))
	}
	pl.of, pl.target = of, of.Target(pl.policy)
	pl.asked.Subject = of.Key
	if a.App != "" {
		if err := pl.findRole(ctx); err != nil {
			return Plan{}, err
		}
	}
	if err := pl.judge(ctx); err != nil {
		return Plan{}, err
	}
	if !pl.plan.Denied() {
		if err := pl.work(ctx); err != nil {
			return Plan{}, err
		}
	}
	return pl.done(nil)
}

// byPolicy starts the plan with what the policy answers, and with who may not decide.
func (pl *planning) byPolicy(ctx context.Context) error {
	answer, err := pl.agent.Judge(pl.Call(pl.asked), pl.target)
	if err != nil {
		return fmt.Errorf("judge request %s by the rule %q of agent %s: %w", pl.asked.ID, answer.Rule, pl.agent.Name, err)
	}
	pl.plan = Plan{Verdict: answer.Verdict, Rule: answer.Rule}
	pl.plan.Barred, err = pl.barred(ctx)
	return err
}

// judge asks the policy, and refuses whom an agent never touches.
func (pl *planning) judge(ctx context.Context) error {
	refused := pl.plan
	if err := pl.byPolicy(ctx); err != nil {
		return err
	}
	switch {
	case pl.plan.Verdict == agent.Deny && pl.plan.Rule == "":
		return pl.deny(DeniedPolicy, "no rule of the policy allows it")
	case pl.plan.Verdict == agent.Deny:
		return pl.deny(DeniedPolicy, fmt.Sprintf("the rule %q of the policy denies it", pl.plan.Rule))
	case pl.target.Protected:
		return pl.deny(DeniedProtected, "an account of this person is protected, and agents change nothing about those")
	case len(pl.of.Accounts) > 0 && pl.target.Kind != string(identity.KindPerson):
		return pl.deny(DeniedNoPerson, "the account is no person's: it has an owner who sees to it")
	case pl.of.Dossier.Person.Key == "":
		return pl.deny(DeniedNoPerson, "nobody is known to stand behind the account")
	}
	if refused.Denied() {
		return pl.deny(refused.DeniedBy, refused.Why)
	}
	// What a privileged person or role is about is never one rule's word alone.
	if pl.plan.Two = pl.Call(pl.asked).Privileged || pl.target.Privileged; pl.plan.Two {
		pl.plan.Verdict = agent.Ask
	}
	return nil
}

// Call is a request as conditions see it.
func (p *Planner) Call(a Asked) agent.Call {
	c := agent.Call{Tool: a.Tool, Role: a.Role, App: a.App, Ticket: a.Ticket != "", Privileged: slices.Contains(p.Policy().PrivilegedRoles(), a.Role)}
	c.Attributes = slices.Sorted(maps.Keys(a.Attributes))
	if !a.Until.IsZero() {
		const day = 24 * time.Hour
		c.Days = int64((a.Until.Sub(p.Clock()) + day - 1) / day)
	}
	return c
}

// barred are the addresses and names of those who may not decide: the owner of the agent, by whatever they are known, and whoever the
// request is about.
func (pl *planning) barred(ctx context.Context) ([]string, error) {
	barred := []string{pl.agent.Owner}
	owner, err := pl.Ledger.Owner(ctx, pl.agent.Owner)
	if err != nil {
		return nil, err
	}
	for _, key := range owner.Keys {
		s, _, err := subject.Read(ctx, pl.Ledger, key)
		if err != nil {
			return nil, err
		}
		barred = append(barred, namesOf(s)...)
	}
	return append(barred, namesOf(pl.of)...), nil
}

// namesOf are what whoever the request is about may decide under.
func namesOf(s subject.Subject) []string {
	names := []string{s.Key}
	names = append(names, s.Dossier.Forwarded...)
	for _, a := range s.Accounts {
		d := a.Document
		for _, name := range []string{d.Email, d.Username, strings.TrimSpace(d.FirstName + " " + d.LastName)} {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// refuse says what refuses the request, and why.
func (pl *planning) refuse(by, why string) {
	pl.plan.Verdict, pl.plan.DeniedBy, pl.plan.Why = agent.Deny, by, why
	pl.plan.Orders, pl.plan.Releases, pl.plan.Steps = nil, nil, nil
}

// deny is refuse for a check that ends with it: being refused is no error.
func (pl *planning) deny(by, why string) error {
	pl.refuse(by, why)
	return nil
}

func (pl *planning) done(err error) (Plan, error) {
	account := ""
	if len(pl.of.Accounts) > 0 {
		account = pl.of.Accounts[0].Ref.String()
	}
	pl.plan.Hash = pl.plan.hash(pl.asked, pl.of.Dossier.Person.Episode, account)
	return pl.plan, err
}
