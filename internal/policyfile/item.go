package policyfile

import (
	"cmp"
	"context"
	"embed"
	"time"

	"gatehouse/internal/wording"
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

// files are the words of that item: what is the matter and what to do next, and why a file is not taken up, by the reason's name.
//
//go:embed words/*.tmpl
var files embed.FS

var (
	words   = wording.Must(files, "words", wording.Marked, view{})
	reasons = words.Table("why", view{})
)

// view is what the words may say.
type view struct{ Why, Hash string }

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
	text, next, err := words.Pair("refused", view{Why: cmp.Or(reasons[s.Refused], reasons[policies.PolicyInvalid]), Hash: s.Hash})
	if err != nil {
		return err
	}
	return l.Worklist().RaiseItem(ctx, worklist.Item{
		System: itemSystem, Class: itemClass, Object: itemObject, Severity: worklist.SeverityWarning, Owner: "it", Text: text, Next: next,
		Evidence: s.Refused + "/" + s.RefusedHash,
	})
}
