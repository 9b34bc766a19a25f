package people

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/ledger/agents"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

// noteAgents finds the agents that belong to somebody who must be out, and that are not off yet. It looks at addresses that the
// assessment has anyway: the ledger is only asked if one of them is an owner's.
func (p *Person) noteAgents(ctx context.Context, pol *policy.Policy, a *api.Assessment) error {
	addresses := []string{a.Person.Record.WorkEmail}
	if a.Account != nil {
		addresses = append(addresses, a.Account.Email, a.Account.Username)
	}
	for _, other := range a.Others {
		addresses = append(addresses, other.Email, other.Username)
	}
	for _, each := range pol.Agents() {
		owns := slices.ContainsFunc(addresses, func(address string) bool { return strings.EqualFold(address, each.Owner) })
		if !owns || each.State == agent.StateRetired || !p.Clock().Before(each.Until) {
			continue
		}
		off, err := p.Ledger.Agents().IsOff(ctx, agents.OfAgent(each.Name))
		if err != nil {
			return err
		}
		if !off {
			a.Agents = append(a.Agents, each.Name)
		}
	}
	return nil
}
