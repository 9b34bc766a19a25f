package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestBudget: one departure more than the budget allows waits for a person, and goes ahead on their word.
func TestBudget(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 1}"}})
	for _, id := range []string{"21003", "21005"} {
		r.hr("workday", "terminate", id, control.Fields{"last_day": "today"})
	}
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21003").Plan.Verdict)
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21003").Plan.Verdict, "looking twice draws once")

	held := r.assess("workday-21005")
	n := requireAttention(t, held, api.NoticeBudgetContain)
	require.Equal(t, `Held by the safety budget "contain": 1 of 1 used in 24h0m0s. Nothing was changed.`, n.Text)
	require.NotEmpty(t, held.Held, "what is held is shown")
	require.Empty(t, held.Plan.Steps, "and not carried out")
	leaving := held.Plan
	leaving.Verdict, leaving.Steps = identity.VerdictLeave, held.Held
	require.Equal(t, leaving.Hash(held.Episode, identity.OneLoginRef(held.Account.ID)), held.PlanHash, "the word is about what is held")
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21003").Plan.Verdict, "who was let through stays so")

	r.must(api.PersonDecide, api.DecideInput{
		Key: "workday-21005", Episode: held.Episode, Source: held.Source, Code: api.NoticeBudgetContain,
		Decision: api.Decision{Verb: "allow", By: "ops"},
	})
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21005").Plan.Verdict)

	// A named operator's order counts and is never held.
	require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "o1", Key: "workday-21006", Kind: identity.OrderContain, By: "ops"}))
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21006").Plan.Verdict)

	// Time frees the budget, and nobody whom it holds.
	r.hr("workday", "terminate", "21010", control.Fields{"last_day": "today", "location": "Berlin"})
	requireAttention(t, r.assess("workday-21010"), api.NoticeBudgetContain)
	r.clock.Advance(25 * time.Hour)
	requireAttention(t, r.assess("workday-21010"), api.NoticeBudgetContain)
	r.hr("workday", "terminate", "21011", control.Fields{"last_day": "today", "location": "Berlin"})
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21011").Plan.Verdict)
}

// TestBudgetOfReturns: accounts that come back are bounded as well.
func TestBudgetOfReturns(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"reactivate: {count: 20, percent: 5}", "reactivate: {count: 1}"}})
	tellsOfHolds(r.temporal)
	for _, key := range []string{"workday-21003", "workday-21005"} {
		r.must(api.OneLoginEnsureSuspended, known(r, key))
	}
	require.Equal(t, identity.VerdictJoin, r.assess("workday-21003").Plan.Verdict)
	held := r.assess("workday-21005")
	require.Equal(t, identity.VerdictWait, held.Plan.Verdict, "a batch is asked about by a run of its own, and not here")
	require.Empty(t, held.Plan.Steps)
	require.NotEmpty(t, held.Held)
	require.Contains(t, notice(t, held, api.NoticeBudgetReactivate).Text, "hold/workday/reactivate")
}
