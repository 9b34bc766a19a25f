package people

import (
	"context"
	"fmt"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
)

// Preview is Assess without a trace: it writes nothing, not even to the ledger. Dry runs show it to operators.
func (p *Person) Preview(ctx context.Context, key string) (api.Assessment, error) {
	look := *p
	look.dry = true
	a, err := look.assess(ctx, api.AssessInput{Key: key, Hint: api.Hint{Source: "operator", Cause: "plan"}})
	if err != nil || a.ForwardTo != "" || a.Account != nil || a.Person.Standing != identity.StandingUnknown {
		return a, err
	}
	_, missing := a.Plan.Notice(policy.NoticeRecordMissing)
	if _, none := a.Plan.Notice(policy.NoticeNoRecord); !missing && !none {
		return a, nil
	}
	if _, known, err := p.Ledger.Dossier(ctx, key); err != nil || known {
		return a, err
	}
	return api.Assessment{}, fmt.Errorf("nobody is %s: the ledger does not know the key, and neither HR nor OneLogin has what it names; check it", key)
}
