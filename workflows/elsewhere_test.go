package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestWordSaidElsewhereClosesTheItem: in an offboarding, the account is closed or left alone as somebody said; what was
// suspended for the doubt is opened again.
func TestWordSaidElsewhereClosesTheItem(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		verb    string
		suspend bool
		steps   []string
	}{
		"theirs":                        {api.VerbLink, false, []string{"onelogin.suspend@onelogin/502"}},
		"not theirs":                    {api.VerbSeparate, false, nil},
		"not theirs, and was suspended": {api.VerbSeparate, true, []string{"onelogin.suspend@onelogin/502", "person.settle@onelogin/502"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, pages := newWorld(t), []api.PagerEvent(nil)
			a := leaver()
			a.Reach, a.VerifyAfter = 2, []time.Duration{24 * time.Hour}
			w.account.Status, w.account.Roles = "suspended", nil
			w.atOnce.logOut, w.atOnce.access = true, api.AccessEnded{Roles: true, Password: true, Factors: true}
			doubt := api.Doubt{Account: identity.Account{ID: 502}, Code: api.NoticeLeaverDoubt, Evidence: "e1", Suspend: tt.suspend}
			p := w.open(start).reached(api.Found{}, &pages)
			p.after(time.Hour, func() {
				require.Len(t, p.state().Attention, 1)
				now := left()
				now.Reach, now.Settled = 2, []api.SettledDoubt{{Ref: doubt.Ref(), Verb: tt.verb}}
				w.finds(now)
				p.hint()
			})
			p.after(2*time.Hour, func() {
				require.Empty(t, p.state().Attention)
				w.finds(left())
			})
			a.Doubts = []api.Doubt{doubt}
			e := p.run(api.TypeOffboarding, api.ChainInput{Key: key, Hint: hint(), Assessment: &a, Watching: true, Doubts: a.Doubts})
			require.NoError(t, e.err)
			require.Equal(t, tt.steps, nilIfEmpty(w.did("onelogin.suspend@onelogin/502", "person.settle@onelogin/502")))
			require.Equal(t, tt.verb+": "+api.NoticeLeaverDoubt, w.fact("account@onelogin/502").Outcome)
		})
	}
}

func nilIfEmpty(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return s
}
