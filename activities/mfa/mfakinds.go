package mfa

import (
	"context"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// itemUnseenKinds is the class of the item that says of kinds in mfa.weak that nobody has a factor of them.
const itemUnseenKinds = "weak_factors_unseen"

// judgeKinds says whether a factor in use counts, by the kinds that do not. One that was registered and never used protects nothing.
func judgeKinds(r *mfa.Reading, factors []onelogin.Factor, weak []string) {
	r.Kinds, r.Some, r.Weak = nil, false, nil
	for _, f := range factors {
		if f.Active {
			r.Kinds = append(r.Kinds, f.Kinds)
		}
	}
	switch {
	case len(r.Kinds) == 0:
	case r.Kinds.Among(weak, policy.SameFactor):
		r.Weak = weak
	default:
		r.Some = true
	}
}

// countKinds judges the factors of an account in a scan. Whose they are is only read where that makes a difference.
func (m *MFA) countKinds(ctx context.Context, r *mfa.Reading, s mfa.State, factors []onelogin.Factor) error {
	pol := m.Policy()
	judgeKinds(r, factors, pol.MFAWeakForAll())
	if !r.Some || !r.Kinds.Among(pol.MFAWeakForSome(), policy.SameFactor) {
		return nil
	}
	who, err := m.Person.Preview(ctx, s.Key)
	if err != nil {
		return err
	}
	account := who.Account
	if account == nil || account.ID != s.AccountID {
		row, _, err := m.Ledger.Inventory().Account(ctx, identity.OneLoginRef(s.AccountID))
		if err != nil {
			return err
		}
		account = &row.Document
	}
	weak, err := pol.MFAWeak(&who.Person, account)
	if err != nil {
		return unusable(err)
	}
	judgeKinds(r, factors, weak)
	return nil
}

// unusable says of a condition that it fails for somebody.
func unusable(err error) error {
	return step.NonRetryable(api.ErrInvalid, "policy.yaml: "+err.Error()+": correct the condition, then retry")
}

// touchKinds has a scan read those again for whom the policy may count other kinds than when they were read.
func (m *MFA) touchKinds(ctx context.Context, scan string) error {
	listed := m.Policy().MFAWeakForSome()
	return m.Ledger.MFA().TouchKinds(ctx, scan, func(kinds mfa.Kinds) bool {
		// Whose kinds are not on record were read by a version that did not ask.
		return len(listed) > 0 && (len(kinds) == 0 || kinds.Among(listed, policy.SameFactor))
	})
}

// noteUnseenKinds says of kinds in mfa.weak that nobody has a factor of them: then the name is perhaps not OneLogin's.
func (m *MFA) noteUnseenKinds(ctx context.Context) error {
	seen, err := m.Ledger.MFA().KindsSeen(ctx)
	if err != nil {
		return err
	}
	unseen := slices.DeleteFunc(m.Policy().MFAWeakForSome(), func(kind string) bool {
		return slices.ContainsFunc(seen, func(name string) bool { return policy.SameFactor(name, kind) })
	})
	if len(unseen) == 0 {
		return m.Ledger.Worklist().ClearItem(ctx, identity.SystemOneLogin, itemUnseenKinds, identity.SystemOneLogin)
	}
	text, next, err := itemWords.Pair(itemUnseenKinds, itemView{
		Kinds: strings.Join(unseen, ", "), Seen: step.Listed(seen, ", ", maxKinds), None: len(seen) == 0,
	})
	if err != nil {
		return err
	}
	return m.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: identity.SystemOneLogin, Class: itemUnseenKinds, Object: identity.SystemOneLogin, Severity: worklist.SeverityWarning,
		Owner: "it", Text: text, Next: next, Evidence: strings.Join(unseen, "\n"),
	})
}

// maxKinds is how many characters of a list of kinds an item has.
const maxKinds = 500

// lacks says in a few words what somebody has not.
func (c *checked) lacks() string {
	if len(c.look.Weak) > 0 {
		return "no second factor that counts"
	}
	return "no second factor"
}
