package crash

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/launch"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// heldBatch is three people who join where the budget has room for one: the others are held, and somebody lets them through.
var heldBatch = story{
	name: "batch that is held", result: "can sign in", every: 12,
	policy: func(policy string) string {
		return strings.Replace(policy, "join: {count: 400, percent: 0}", "join: {count: 1}", 1)
	},
	begin: func(t *testing.T, sandbox *control.Client) string {
		require.Contains(t, kit.Policy(t), "join: {count: 400, percent: 0}")
		var keys []string
		for i, first := range []string{"Ada", "Grace", "Hedy"} {
			id, err := sandbox.Hire(t.Context(), "workday", control.Fields{
				"first_name": first, "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
				"hire_date": "today", "manager_id": "21001", "personal_email": fmt.Sprintf("byron%d@home.example", i),
			})
			require.NoError(t, err)
			keys = append(keys, "workday-"+id)
		}
		return strings.Join(keys, " ")
	},
	play: func(h *house, keys []string) {
		hold := api.HoldID(api.HoldRef{Source: "workday", Kind: api.HoldJoin})
		require.Eventually(h.t, func() bool {
			h.allow(hold)
			for _, key := range keys {
				account, found, err := h.sandbox.ByExternalID(h.t.Context(), key)
				require.NoError(h.t, err)
				if !found || account.Status != 1 {
					return false
				}
			}
			return true
		}, 4*time.Minute, 200*time.Millisecond, "somebody who was let through has no account")
	},
	once: []string{"onelogin.create_user", "onelogin.send_invite_link"},
	check: func(t *testing.T, sandbox *control.Client) {
		accounts, err := sandbox.Accounts(t.Context())
		require.NoError(t, err)
		n := 0
		for i := range accounts {
			if accounts[i].LastName == "Byron" {
				n++
			}
		}
		require.Equal(t, 3, n, "each has one account")
	},
}

// allow answers the question of a hold, if it asks one. A worker that was just killed does not answer: then it is asked again.
func (h *house) allow(hold string) {
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	value, err := h.temporal.QueryWorkflow(ctx, hold, "", api.QueryState)
	var state api.State
	if err != nil || value.Get(&state) != nil || len(state.Attention) == 0 {
		return
	}
	err = launch.New(h.temporal, false).Decide(ctx, hold, api.Decision{Verb: api.VerbAllow, By: "tester", Reason: "test"})
	if err != nil {
		h.t.Logf("not heard yet: %v", err)
	}
}
