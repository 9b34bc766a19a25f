package policyfile

import (
	"context"
	"time"

	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
)

// The fingerprint of the item that says that the policy file is not taken up: one for all processes.
const (
	itemSystem = "gatehouse"
	itemClass  = "policy_not_taken_up"
	itemObject = "policy.yaml"
)

// raise has the item about the policy file say what is: it is there as long as any process that works has refused
// the file that it sees.
func raise(ctx context.Context, l *ledger.Ledger, s policies.PolicyState, now time.Time) error {
	if s.Refused == "" {
		all, err := l.Policies().States(ctx, now.Add(-Heard))
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Refused != "" {
				return nil
			}
		}
		return l.Worklist().ClearItem(ctx, itemSystem, itemClass, itemObject)
	}
	return l.Worklist().RaiseItem(ctx, worklist.Item{
		System: itemSystem, Class: itemClass, Object: itemObject, Severity: worklist.SeverityWarning, Owner: "it",
		Text: "The policy file " + itemWords(s.Refused) + ". Policy " + s.Hash + " stays in force.", Next: "starter policy show",
		Evidence: s.Refused + "/" + s.RefusedHash,
	})
}

func itemWords(refused string) string {
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
