package doctor

import (
	"context"
	"strings"
	"time"

	"gatehouse/activities/agents"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

// unusedFor is for how long an agent has not used what it may lose.
const unusedFor = 30 * 24 * time.Hour

// agents looks at whose the agents of the policy are, when they end, and what they do not need.
func (d *Doctor) agents(ctx context.Context, r *report) {
	if d.ledgerMissing(r) {
		return
	}
	if d.policy == nil {
		r.unknown("see GH-D06", "the policy cannot be read")
		return
	}
	if len(d.policy.Agents()) == 0 {
		r.fine("none")
		return
	}
	if d.App.Ledger == nil {
		r.unknown("see GH-D02", "there is no ledger yet")
		return
	}
	usage, err := d.App.Ledger.Agents().Usage(ctx, "", d.Now().Add(-unusedFor))
	if err != nil {
		r.unknown("see GH-D02", "%v", err)
		return
	}
	for _, each := range d.policy.Agents() {
		if each.State == agent.StateRetired {
			continue
		}
		if err := d.agent(ctx, r, each, usage[each.Name]); err != nil {
			r.unknown("see GH-D02", "%v", err)
			return
		}
	}
	if len(r.all) == 0 {
		r.fine("%d, each with an owner who works here", len(d.policy.Agents()))
	}
}

func (d *Doctor) agent(ctx context.Context, r *report, each agent.Agent, u ledgeragents.Usage) error {
	owner, err := d.App.Ledger.Owner(ctx, each.Owner)
	if err != nil {
		return err
	}
	off, err := d.App.Ledger.Agents().Off(ctx, each.Name, agent.WhoAmI)
	if err != nil {
		return err
	}
	switch {
	case owner.Gone:
		r.failure("name another agents[].owner in policy.yaml, or retire it", "agent %s: its owner does not work here any more, and no call of it is answered", each.Name)
	case !owner.Employed:
		r.failure("correct agents[].owner in policy.yaml", "agent %s: nobody is known by the address of its owner, and no call of it is answered", each.Name)
	}
	if off != "" {
		r.warn("starter attention list says why; starter agents on", "agent %s: %s is switched off", each.Name, off)
	}
	switch left := each.Until.Sub(d.Now()); {
	case left <= 0:
		r.warn("set a later agents[].until in policy.yaml, or state: retired", "agent %s is over", each.Name)
	case left <= agents.EndsSoon:
		r.warn("set a later agents[].until in policy.yaml if it is still needed", "agent %s ends within two weeks", each.Name)
	}
	if rules, tools := each.Unused(u.Rules, u.Tools); len(rules)+len(tools) > 0 && each.State == agent.StateActive {
		r.warn("take from agents[].rules in policy.yaml what it does not need; starter agents report", "agent %s has not used for 30 days: %s",
			each.Name, strings.Join(append(rules, tools...), ", "))
	}
	return nil
}
