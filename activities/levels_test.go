package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestWhatIsOpenAfterTheEndIsHintedOnce: the account of somebody whose departure is closed is opened by hand, and then a
// second one is made for them. Each change hints them once, and opens the departure again with a clock of its own.
func TestWhatIsOpenAfterTheEndIsHintedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const key = "workday-21003"
	r.assess(key)
	r.sweep("s0")
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today-1", "termination_date": "today-1"})
	a := r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Zero(t, a.Returned)
	id := a.Account.ID
	r.must(api.OneLoginEnsureSuspended, api.AccountInput{Key: key, AccountID: id})
	r.must(api.LedgerRecord, api.RecordInput{Key: key, Episode: a.Episode, RunID: "1", Contained: r.clock.Now()})
	require.Empty(t, r.due(r.clock.Now()))
	r.clock.Advance(time.Minute)
	r.sweep("s1")
	require.Empty(t, r.hints(), "who is shut is left alone")

	r.clock.Advance(time.Hour)
	r.setStatus(id, 1)
	r.sweep("s2")
	require.Equal(t, []string{"person/" + key}, r.hints())
	require.Len(t, r.due(r.clock.Now()), 1)
	for _, again := range []string{"s3", "s4"} {
		r.clock.Advance(time.Hour)
		r.sweep(again)
		r.matchAll()
	}
	require.Len(t, r.hints(), 1, "once for each change")
	a = r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, r.clock.Now().Add(-2*time.Hour), a.Returned.UTC())
	require.Equal(t, a.Returned.Add(15*time.Minute), a.OverdueAt, "the clock of what comes back begins anew")
	require.Equal(t, a.Returned, r.assess(key).Returned, "and an assessment that is repeated finds the same")

	r.must(api.OneLoginEnsureSuspended, api.AccountInput{Key: key, AccountID: id})
	r.must(api.LedgerRecord, api.RecordInput{Key: key, Episode: a.Episode, RunID: "2", Contained: r.clock.Now()})
	require.Empty(t, r.due(r.clock.Now()))
	r.clock.Advance(time.Hour)
	_, err := r.sandbox.CopyAccount(t.Context(), id, control.Fields{"status": 1})
	require.NoError(t, err)
	r.sweep("s5")
	r.matchAll()
	require.Len(t, r.hints(), 2, "by the comparison with everybody")
}

// TestWhoWorksHereIsNotHinted: whatever becomes of their account.
func TestWhoWorksHereIsNotHinted(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	for _, key := range []string{"workday-21002", "workday-21003"} {
		r.assess(key)
	}
	r.sweep("s1")
	r.matchAll()
	r.clock.Advance(time.Hour)
	r.setStatus(r.account("workday-21002").ID, 2)
	r.sweep("s2")
	r.clock.Advance(time.Hour)
	r.setStatus(r.account("workday-21002").ID, 1)
	r.sweep("s3")
	r.matchAll()
	require.Empty(t, r.hints())
}
