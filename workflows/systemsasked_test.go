package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// Where the template asks before it acts, what is due in other systems only waits for a word as well.
func TestOtherSystemsWaitForAWordWhereTheTemplateAsks(t *testing.T) {
	t.Parallel()
	for verb, did := range map[string][]string{api.VerbAllow: {"suspend@ldap/e1", "suspend@google/77"}, api.VerbReject: {"suspend@ldap/e1"}} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			w, b, _ := departing(t)
			asks := leaving("google", "77", identity.SystemSuspend)
			asks.Asks = true
			found := with(left(), asks, leaving("ldap", "e1", identity.SystemSuspend))
			found.PlanHash = "h1"
			w.finds(found)
			p := w.open(start).beyond(b)
			p.after(time.Hour, func() {
				require.Equal(t, []string{"suspend@ldap/e1"}, w.did("suspend@google/77", "suspend@ldap/e1"))
				require.Len(t, p.state().Attention, 1)
				require.Contains(t, p.state().Attention[0].Plan, "google account 77: suspend the account")
				p.by(verb)
			})
			e := p.person()
			require.NoError(t, e.err)
			require.Equal(t, "nothing to do", e.out.Result)
			require.Equal(t, did, w.did("suspend@ldap/e1", "suspend@google/77"))
		})
	}
}
