package app

import (
	"context"
	"time"

	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
)

// The fingerprint of the item that says that the policy file is not taken up: one for all processes.
const (
	policyItemSystem = "gatehouse"
	policyItemClass  = "policy_not_taken_up"
	policyItemObject = "policy.yaml"
)

// attendPolicy has the item about the policy file say what is: it is there as long as any process that works has refused
// the file that it sees.
func attendPolicy(ctx context.Context, l *ledger.Ledger, s policies.PolicyState, now time.Time) error {
	if s.Refused == "" {
		all, err := l.Policies().States(ctx, now.Add(-PolicyHeard))
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Refused != "" {
				return nil
			}
		}
		return l.Worklist().ClearItem(ctx, policyItemSystem, policyItemClass, policyItemObject)
	}
	return l.Worklist().RaiseItem(ctx, worklist.Item{
		System: policyItemSystem, Class: policyItemClass, Object: policyItemObject, Severity: worklist.SeverityWarning, Owner: "it",
		Text: "The policy file " + policyItemWords(s.Refused) + ". Policy " + s.Hash + " stays in force.", Next: "starter policy show",
		Evidence: s.Refused + "/" + s.RefusedHash,
	})
}

func policyItemWords(refused string) string {
	switch refused {
	case policies.PolicyGone:
		return "is gone"
	case policies.PolicyUnreadable:
		return "cannot be read"
	case policies.PolicyUnsettled:
		return "goes on changing, so that it is not taken up"
	case policies.PolicyWeaker:
		return "protects less than the policies before it, and nobody has accepted that"
	}
	return "is invalid or cut off"
}
