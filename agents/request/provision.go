package request

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/agents/subject"
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
	case strings.TrimSpace(p.FirstName) == "" || strings.TrimSpace(p.LastName) == "" || !strings.Contains(p.Email, "@"):
		return pl.deny(DeniedArguments, "somebody whom HR does not have needs first_name, last_name and email")
	case pl.asked.Until.IsZero():
		return pl.deny(DeniedArguments, "somebody whom HR does not have needs until: the last day, 12 months away at most")
	}
	pl.plan.Verdict, pl.plan.Provision = agent.Ask, true
	// The names are in the message and in the ledger: steps stand in histories.
	pl.plan.Steps = []string{fmt.Sprintf("have somebody whom HR does not have, answered for by %s, until %s, with what the rules give", of.Key, pl.asked.Until.UTC().Format(time.DateOnly))}
	return nil
}
