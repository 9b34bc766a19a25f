package agents

import (
	"context"
	"encoding/json"

	"gatehouse/activities/api"
	"gatehouse/internal/killswitch"
	"gatehouse/ledger"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/policy/agent"
)

// deniedCanary refuses a call about what nobody has a reason to ask about, deniedProtected a change of an account that is protected.
const (
	deniedCanary    = "canary"
	deniedProtected = "protected"
)

// met notes that a query has led to a canary.
func (a *asked) met(k known) {
	texts := []string{k.Key}
	for _, account := range k.Accounts {
		texts = append(texts, account.Document.Email, account.Document.Username)
	}
	if a.policy.Canaries().Named(texts...) {
		a.mark = ledgeragents.MarkCanary
	}
}

// guarded notes that a target which a rule keeps from the agent is a protected or privileged one.
func (a *asked) guarded(t agent.Target) {
	if (t.Protected || t.Privileged) && a.mark == "" {
		a.mark = ledgeragents.MarkProtected
	}
}

// watch looks for canaries in what was asked, whichever tool it was and whatever became of it, and refuses the call for one.
func (a *asked) watch(arguments json.RawMessage, denied *refused) {
	if a.policy.Canaries().Named(append(textsOf(arguments), a.call.Role)...) {
		a.mark = ledgeragents.MarkCanary
	}
	if denied.By == deniedProtected && a.mark == "" {
		a.mark = ledgeragents.MarkProtected
	}
	if a.mark == ledgeragents.MarkCanary && denied.By == "" {
		denied.By = deniedCanary
	}
}

// textsOf are the texts in the arguments of a call, however deep. What is no JSON has none.
func textsOf(arguments json.RawMessage) []string {
	var value any
	if json.Unmarshal(arguments, &value) != nil {
		return nil
	}
	var texts []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			texts = append(texts, v)
		case []any:
			for _, each := range v {
				walk(each)
			}
		case map[string]any:
			for _, each := range v {
				walk(each)
			}
		}
	}
	walk(value)
	return texts
}

func boundsOf(l agent.Limits) ledgeragents.Bounds {
	return ledgeragents.Bounds{CallsPerMinute: l.CallsPerMinute, WritesPerDay: l.WritesPerDay, PeoplePerDay: l.PeoplePerDay}
}

// put writes a call down and, where it is one too many, switches the agent off with the same write. By is what refuses the call.
func (s *server) put(ctx context.Context, a *asked, row ledgeragents.Call) (by string, err error) {
	limits := a.agent.Limits
	err = s.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		by, err = l.Agents().Record(ctx, row, boundsOf(limits))
		if err != nil || by == "" {
			return err
		}
		cause, err := l.Agents().Suspicious(ctx, row, limits.RefusalsPerHour)
		if err != nil || cause == "" {
			return err
		}
		scope := ledgeragents.OfAgent(row.Agent)
		fresh, err := killswitch.Off(ctx, l, ledgeragents.Switch{Scope: scope, By: api.ByGatehouse, Cause: cause, Reason: "call " + row.ID})
		if fresh {
			s.Log.Warn("an agent is quarantined", "agent", row.Agent, "cause", cause, "call", row.ID)
		}
		if cause == ledgeragents.MarkCanary {
			by = scope // Whoever asked about a canary is not told that it is one.
		}
		return err
	})
	return by, err
}
