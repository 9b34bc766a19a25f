package activities_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestOwnerOfACredentialLeaves: it is seen with the departure, ahead or not, whether the owner is named by id or by
// username, and no sooner.
func TestOwnerOfACredentialLeaves(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{"stays": "", "ahead": "today+20", "today": "today-1"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			account := known(r, "workday-21002").AccountID
			p, found, err := r.sandbox.ByID(t.Context(), account)
			require.NoError(t, err)
			require.True(t, found)
			if last != "" {
				r.hr("workday", "terminate", "21002", control.Fields{"last_day": last})
			}
			for _, owner := range []string{p.Username, strconv.FormatInt(account, 10)} {
				r.config.OneLogin.CredentialOwners = []string{owner}
				r.restart()
				a := r.assess("workday-21002")
				if last == "" {
					require.Empty(t, a.Owned)
					continue
				}
				require.Equal(t, []identity.Ref{identity.OneLoginRef(account)}, a.Owned)
				require.Equal(t, 2, a.OwnedIn)
			}
			r.config.OneLogin.CredentialOwners = []string{}
			r.restart()
			require.Empty(t, r.assess("workday-21002").Owned, "who owns none any more")
		})
	}
}
