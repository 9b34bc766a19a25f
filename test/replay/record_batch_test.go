package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/test/kit"
)

// recordBatch has people join beyond the budget, each by a hint of their own, until a person lets them through.
func recordBatch(t *testing.T) {
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "join: {count: 400, percent: 0}", "join: {count: 1}")
	}})
	s.Baseline()
	var keys []string
	for _, first := range []string{"Ada", "Grace", "Hedy", "Radia"} {
		key := s.Hire("workday", engineer(first, "Byron", "today"))
		s.Hint(key, "webhook")
		keys = append(keys, key)
	}
	hold := api.HoldID(api.HoldRef{Source: "workday", Kind: api.HoldJoin})
	s.Until("they are asked about", func() bool {
		value, err := s.Temporal.QueryWorkflow(t.Context(), hold, "", api.QueryState)
		var state api.State
		return err == nil && value.Get(&state) == nil && len(state.Attention) == 1
	})
	require.NoError(t, s.Decide(hold, api.VerbAllow))
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), hold, "").Get(t.Context(), nil))
	write(s, batchGrown, hold)
	for _, key := range keys {
		require.Equal(t, "can sign in", s.Outcome(key).Result)
	}
	write(s, batchGrown, api.PersonID(keys[3]))
}

// recordAuthorised has two people approve a list before its moment.
func recordAuthorised(t *testing.T) {
	s := kit.New(t, kit.Options{})
	s.Baseline()
	people, due := []string{"workday-21005", "workday-21006"}, time.Now().Add(15*time.Second).Truncate(time.Second)
	require.NoError(t, s.App.Ledger.Budgets().FileList(t.Context(), budgets.Authorised{
		ID: "berlin", Source: "workday", Kind: api.AuthoriseContain, DueAt: due, Reason: "test", FiledBy: "tester",
	}, people))
	for _, by := range []string{"ann@acme.example", "bob@acme.example"} {
		_, current, err := s.App.Ledger.Budgets().ApproveSignedList(t.Context(), "berlin", budgets.HashList("workday", api.AuthoriseContain, due, people), by, nil, identity.SameDecider)
		require.NoError(t, err)
		require.True(t, current)
		require.NoError(t, s.App.Launch.Authorised(t.Context(), api.AuthorisedInput{ID: "berlin", At: due}))
	}
	require.NoError(t, s.Temporal.GetWorkflow(t.Context(), api.AuthorisedID("berlin"), "").Get(t.Context(), nil))
	for _, key := range people {
		s.AwaitShut(s.Account(key).ID)
	}
	write(s, listAuthorised, api.AuthorisedID("berlin"))
}
