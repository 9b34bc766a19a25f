package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestAccountThatIsAllowedAndFound: somebody allows an account that was held at a moment at which a search finds it theirs. It is
// one account of the run and is read back once at a time.
func TestAccountThatIsAllowedAndFound(t *testing.T) {
	t.Parallel()
	w, p, a := allowedAndFound(t)
	e := p.template(api.TypeOffboarding, a)
	require.NoError(t, e.err)
	require.Len(t, e.input.Others, 1)
	require.Equal(t, 1, w.tried("onelogin.read-back:2@onelogin/502"))
	require.Equal(t, 1, w.tried("person.settle@onelogin/502"))
	require.Empty(t, e.input.Doubts)
}

func allowedAndFound(t *testing.T) (w *world, p *play, a api.Assessment) {
	t.Helper()
	w = contained(t)
	w.account.Factors = 0
	w.atOnce.logOut, w.atOnce.access = true, api.AccessEnded{Roles: true, Password: true, Factors: true}
	a = leaver()
	a.Reach, a.VerifyAfter = 3, []time.Duration{time.Minute, 30 * time.Minute, 24 * time.Hour}
	doubt := api.Doubt{Account: identity.Account{ID: 502}, Code: api.NoticeBudgetContain, Evidence: "e1"}
	searches := 0
	p = w.open(start)
	p.reachedBy(func() api.Found {
		if searches++; searches == 1 {
			return api.Found{Doubts: []api.Doubt{doubt}}
		}
		return api.Found{Theirs: []identity.Account{doubt.Account}}
	}, new([]api.PagerEvent))
	p.after(10*time.Minute, func() {
		p.decide(api.VerbAllow, api.Decision{By: "ann", Step: "account@onelogin/502"})
	})
	return w, p, a
}
