package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestWhatWaitsForTheDigestIsToldOnce: security hears at once of each account that may be a leaver's. Each is asked about until somebody has answered.
func TestWhatWaitsForTheDigestIsToldOnce(t *testing.T) {
	t.Parallel()
	for name, doubt := range map[string]api.Doubt{
		"more than a name":     {Account: identity.Account{ID: 502}, Code: api.NoticeLeaverDoubt, Evidence: "e1"},
		"nothing but the name": {Account: identity.Account{ID: 502}, Code: api.NoticeLeaverNamesake, Evidence: "e1", Digest: true},
		"the only trace":       {Account: identity.Account{ID: 502}, Code: api.NoticeLeaverNamesake, Evidence: "e1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, pages := newWorld(t), []api.PagerEvent(nil)
			a := leaver()
			a.Reach, a.VerifyAfter, a.OverdueAt = 2, nil, start.Add(time.Minute)
			w.account.Status, w.account.Roles = "suspended", nil
			w.atOnce.access = api.AccessEnded{Roles: true, Password: true, Factors: true}
			p := w.open(start).reached(api.Found{Doubts: []api.Doubt{doubt}}, &pages)
			p.after(time.Hour, func() {
				require.Len(t, p.state().Attention, 1)
				p.decide(api.VerbSeparate, api.Decision{By: "ann", Step: "account@onelogin/502"})
			})
			e := p.template(api.TypeOffboarding, a)
			for n := 0; e.err == nil && e.next != "" && n < 3; n++ {
				p = w.open(e.at).reached(api.Found{}, &pages)
				w.finds(left())
				e = p.run(e.next, e.input)
			}
			require.NoError(t, e.err)
			require.Len(t, w.did("slack.doubt@onelogin/502"), 1)
			require.Len(t, w.did("person.settle@onelogin/502"), 1)
		})
	}
}
