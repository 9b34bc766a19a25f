package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// TestWorkAddressFollows: only a change of HR's is followed, only as mover.rename says, and never into an address that is not theirs.
func TestWorkAddressFollows(t *testing.T) {
	t.Parallel()
	const own = "ada.byron@acme.example"
	for name, tt := range map[string]struct {
		mode, hr, private, was, holds string
		taken                         bool
		follows                       bool
		codes                         []string
		verdict                       identity.Verdict
	}{
		"changed":                {mode: "rename", hr: "new@acme.example", was: own, follows: true, verdict: identity.VerdictChange},
		"never known to agree":   {mode: "rename", hr: "new@acme.example", verdict: identity.VerdictNone},
		"in other capitals":      {mode: "rename", hr: "Ada.Byron@ACME.example ", was: "old@acme.example", verdict: identity.VerdictNone},
		"with a tag":             {mode: "rename", hr: "ada.byron+hr@acme.example", was: "old@acme.example", verdict: identity.VerdictNone},
		"gone from HR":           {mode: "rename", was: own, verdict: identity.VerdictNone},
		"as written last":        {mode: "rename", hr: "new@acme.example", was: "new@acme.example", verdict: identity.VerdictNone, codes: []string{policy.NoticeValueNotKept}},
		"taken":                  {mode: "rename", hr: "new@acme.example", was: own, taken: true, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressDoubtful}},
		"private":                {mode: "rename", hr: "new@acme.example", private: "New+x@acme.example", was: own, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressDoubtful}},
		"private, elsewhere":     {mode: "rename", hr: "ada@home.example", private: "ada@home.example", was: own, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressDoubtful}},
		"no address":             {mode: "rename", hr: "Ada <new@acme.example>", was: own, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressDoubtful}},
		"two addresses":          {mode: "rename", hr: "a@acme.example, b@acme.example", was: own, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressDoubtful}},
		"another script":         {mode: "rename", hr: "аda@acme.example", was: own, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressDoubtful}},
		"another domain":         {mode: "rename", hr: "ada@mail.example", was: own, verdict: identity.VerdictNone, codes: []string{policy.NoticeAddressDoubtful}},
		"display":                {mode: "display", hr: "new@acme.example", was: own, verdict: identity.VerdictNone},
		"attention":              {mode: "attention", hr: "new@acme.example", was: own, verdict: identity.VerdictAttention, codes: []string{policy.NoticeAddressChanged}},
		"attention, and seen to": {mode: "attention", hr: "new@acme.example", was: own, holds: "new@acme.example", verdict: identity.VerdictNone},
	} {
		p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(moverPolicy[:len(moverPolicy)-len("mover: {keep_old_access: 24h}\n")]+"mover: {rename: "+tt.mode+"}\n")))
		require.NoError(t, err)
		e := engineer(func(e *identity.Engagement) { e.WorkEmail, e.PersonalEmail = tt.hr, tt.private })
		a := engineerAccount(func(a *identity.Account) {
			a.Group, a.Roles = "Default", []string{"Engineering", "Everyone", "GitHub"}
			if tt.holds != "" {
				a.Email = tt.holds
			}
			if tt.was != "" {
				a.Kept = []identity.Kept{{Field: identity.FieldEmail, Wrote: tt.was, Holds: tt.was}}
			}
		})
		person := p.Person("workday-21001", []identity.Engagement{e}, monday)
		if tt.taken {
			person.TakenAddresses = []string{tt.hr}
		}
		plan := p.Plan(person, a, nil)
		require.Equal(t, tt.verdict, plan.Verdict, name)
		require.Equal(t, tt.follows, plan.Desired.Profile.Email != "", name)
		require.Equal(t, tt.follows, plan.Has(identity.StepSetProfile), name)
		require.Equal(t, tt.codes, codes(plan.Notices), name)
	}
}
