package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestFloodBeforeAFurtherAccountIsClosed: the fresh run closes the account that the one before could not.
func TestFloodBeforeAFurtherAccountIsClosed(t *testing.T) {
	t.Parallel()
	other := identity.Account{ID: 502}
	for name, tt := range map[string]struct {
		others []identity.Account
		found  api.Found
	}{"on record": {others: []identity.Account{other}}, "found": {found: api.Found{Theirs: []identity.Account{other}}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := contained(t)
			w.account.Factors = 0
			w.atOnce.logOut, w.atOnce.access = true, api.AccessEnded{Roles: true, Password: true, Factors: true}
			a := leaver()
			a.Reach, a.VerifyAfter, a.Others = 3, []time.Duration{24 * time.Hour}, tt.others
			w.failing("onelogin.suspend@onelogin/502", 1000)
			p := w.open(start).reached(tt.found, new([]api.PagerEvent))
			p.after(time.Minute, func() { p.flood(flood) })
			e := p.template(api.TypeOffboarding, a)
			require.NoError(t, e.err)
			require.Equal(t, api.TypeOffboarding, e.next)
			require.False(t, e.input.Watching)
			w.before("onelogin.suspend@onelogin/502", nil)
			e = w.open(e.at).reached(tt.found, new([]api.PagerEvent)).run(e.next, e.input)
			require.NoError(t, e.err)
			require.True(t, e.input.Watching)
			require.NotEmpty(t, w.did("onelogin.suspend@onelogin/502"))
			require.Equal(t, []identity.Account{other}, e.input.Others)
		})
	}
}
