package activities_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/ledger/budgets"
	"gatehouse/sandbox/control"
)

// holder is a rig whose Temporal takes what is said about holds.
func holder(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 3}"}})
	tellsOfHolds(r.temporal)
	r.collect("workday", "1")
	r.settle("workday", "1", "")
	return r
}

// tellsOfHolds has a client take what is said about holds.
func tellsOfHolds(c *mocks.Client) {
	c.On("SignalWithStartWorkflow", mock.Anything, mock.MatchedBy(func(id string) bool { return strings.HasPrefix(id, "hold/workday/") }), api.SignalHold, mock.Anything, mock.Anything,
		mock.Anything, mock.Anything).Return(startedRun{}, nil)
	c.On("SignalWorkflow", mock.Anything, "hold/workday/leaver", "", api.SignalHold, "").Return(nil)
}

// poll reads a source, admits its leavers and hints the rest.
func (r *rig) poll(batch string) api.BatchAdmitted {
	r.t.Helper()
	r.clock.Advance(time.Hour)
	report := r.collect("workday", batch)
	in := api.BatchInput{Source: "workday", Batch: batch}
	var admitted, again api.BatchAdmitted
	require.NoError(r.t, r.must(api.SyncAdmit, in).Get(&admitted))
	require.NoError(r.t, r.must(api.SyncAdmit, in).Get(&again))
	require.Equal(r.t, admitted, again, "a repeated attempt admits the same people")
	r.settle("workday", batch, report.Cursor)
	return admitted
}

func (r *rig) leave(ids ...int) {
	r.t.Helper()
	for _, id := range ids {
		r.hr("workday", "terminate", fmt.Sprint(id), control.Fields{"last_day": "today", "location": "Berlin"})
	}
}

func (r *rig) held() api.HoldShown {
	r.t.Helper()
	var shown api.HoldShown
	require.NoError(r.t, r.must(api.HoldsShow, workdayLeavers).Get(&shown))
	return shown
}

var workdayLeavers = api.HoldRef{Source: "workday", Kind: "leaver"}

func (r *rig) decide(verb, hash string) api.HoldDecided {
	r.t.Helper()
	var out api.HoldDecided
	require.NoError(r.t, r.must(api.HoldsDecide, api.HoldDecision{
		Source: "workday", Kind: "leaver", Hash: hash, Verb: verb, By: "j.doe", Reason: "contracts ended", At: r.clock.Now(),
	}).Get(&out))
	return out
}

// TestLeaversBeyondTheBudgetAreKept: nobody of them is hinted, everybody else is, and each reading raises them anew.
func TestLeaversBeyondTheBudgetAreKept(t *testing.T) {
	t.Parallel()
	r := holder(t)
	r.leave(21010, 21011, 21012, 21013)
	r.hr("workday", "change", "21005", control.Fields{"title": "Chief Tester"})
	require.Equal(t, api.BatchAdmitted{Held: 4}, r.poll("2"))
	require.Equal(t, []string{"person/workday-21005"}, r.hints())
	first := r.held()
	require.Equal(t, 4, first.People)
	require.Equal(t, 3, first.Allowed, "one in twenty of 43 are two, but a share is five at least, and the count is three")

	require.Equal(t, "attention", string(r.assess("workday-21010").Plan.Verdict), "a webhook about one of them finds them held")
	r.clock.Advance(9 * 24 * time.Hour)
	require.Equal(t, "attention", string(r.assess("workday-21010").Plan.Verdict), "and time lets nobody through")

	require.Equal(t, api.BatchAdmitted{Held: 4}, r.poll("3"))
	require.Equal(t, first.Hash, r.held().Hash, "the same people are the same question")

	r.leave(21003)
	require.Equal(t, api.BatchAdmitted{Admitted: 1, Held: 4}, r.poll("4"), "somebody who fits does not wait for those who do not")
	require.Contains(t, r.hints(), "person/workday-21003")
}

// TestRejectedLeaversAreRaisedAgain: HR repairs one of the records, and the others are still held.
func TestRejectedLeaversAreRaisedAgain(t *testing.T) {
	t.Parallel()
	r := holder(t)
	r.leave(21010, 21011, 21012, 21013)
	r.poll("2")
	first := r.held()
	for range 2 {
		require.Equal(t, api.HoldDecided{Current: true, People: 4}, r.decide(api.VerbReject, first.Hash))
	}
	require.True(t, r.held().Rejected)
	require.Equal(t, "j.doe", r.held().RejectedBy)
	require.Equal(t, api.BatchAdmitted{Held: 4}, r.poll("3"))
	require.True(t, r.held().Rejected, "the list that was rejected")

	r.hr("workday", "change", "21013", control.Fields{"status": "Active", "last_day": "", "termination_date": ""})
	require.Equal(t, api.BatchAdmitted{Held: 3}, r.poll("4"))
	second := r.held()
	require.False(t, second.Rejected, "another list is another question")
	require.Contains(t, r.hints(), "person/workday-21013")
	require.Equal(t, api.HoldDecided{}, r.decide(api.VerbAllow, first.Hash), "a word about a list that is gone does nothing")
	require.NotContains(t, r.hints(), "person/workday-21010")

	require.Equal(t, api.HoldDecided{Current: true, People: 3}, r.decide(api.VerbAllow, second.Hash))
	for _, id := range []int{21010, 21011, 21012} {
		require.Contains(t, r.hints(), fmt.Sprintf("person/workday-%d", id))
		require.Equal(t, "leave", string(r.assess(fmt.Sprintf("workday-%d", id)).Plan.Verdict))
	}
	require.False(t, r.held().Found)
	require.Equal(t, api.BatchAdmitted{Admitted: 3}, r.poll("5"), "what was let through stays so")
	rows, err := r.app.Ledger.Journal().EvidenceOf(t.Context(), "workday-21010")
	require.NoError(t, err)
	var steps []string
	for _, row := range rows {
		steps = append(steps, row.Step+" by "+row.Actor)
	}
	require.Equal(t, []string{"hold.reject by j.doe", "hold.allow by j.doe"}, steps)
}

// TestHeldRecordThatCannotBeReadStaysHeld: a record that a reading leaves out says nothing about whether they are back.
func TestHeldRecordThatCannotBeReadStaysHeld(t *testing.T) {
	t.Parallel()
	r := holder(t)
	r.leave(21010, 21011, 21012, 21013)
	r.poll("2")
	first := r.held()
	r.clock.Advance(time.Hour)
	// A batch that has staged nobody: none of them was read.
	var admitted api.BatchAdmitted
	require.NoError(t, r.must(api.SyncAdmit, api.BatchInput{Source: "workday", Batch: "3"}).Get(&admitted))
	require.Equal(t, api.BatchAdmitted{Held: 4}, admitted)
	require.Equal(t, first, r.held())
}

// TestOneHintThatFailsStopsNobodyElse: the others of the list are hinted, and the attempt is repeated for the one.
func TestOneHintThatFailsStopsNobodyElse(t *testing.T) {
	t.Parallel()
	r := holder(t)
	r.leave(21010, 21011, 21012, 21013)
	r.poll("2")
	working := r.temporal
	r.temporal = &mocks.Client{}
	tellsOfHolds(r.temporal)
	var tried []string
	r.temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Run(func(args mock.Arguments) {
			r.mu.Lock()
			defer r.mu.Unlock()
			tried = append(tried, args.Get(3).(api.ChainInput).Key)
		}).Return(nil, errors.New("no Temporal"))
	r.restart()
	hash := r.held().Hash
	in := api.HoldDecision{Source: "workday", Kind: "leaver", Hash: hash, Verb: api.VerbAllow, By: "j.doe", At: r.clock.Now()}
	_, err := r.run(api.HoldsDecide, in)
	require.ErrorContains(t, err, "no Temporal")
	require.Len(t, tried, 4)
	require.True(t, r.held().Found, "it is not over before everybody was hinted")

	r.temporal = working
	r.restart()
	require.Equal(t, api.HoldDecided{Current: true, People: 4}, r.decide(api.VerbAllow, hash))
	require.Len(t, r.hints(), 4)
	require.False(t, r.held().Found)
	require.Equal(t, api.HoldDecided{Current: true}, r.decide(api.VerbAllow, hash), "the answer of the attempt before was lost")
}

// TestSomebodyAllowedAloneIsNoLongerHeld: a person's word about one of the list takes them out of it.
func TestSomebodyAllowedAloneIsNoLongerHeld(t *testing.T) {
	t.Parallel()
	r := holder(t)
	r.leave(21010, 21011, 21012, 21013)
	r.poll("2")
	a := r.assess("workday-21010")
	r.must(api.PersonDecide, api.DecideInput{
		Key: "workday-21010", Episode: a.Episode, Code: api.NoticeBudgetContain, Source: "workday", Decision: api.Decision{Verb: api.VerbAllow, By: "j.doe"},
	})
	require.Equal(t, "leave", string(r.assess("workday-21010").Plan.Verdict))
	require.Equal(t, api.BatchAdmitted{Admitted: 1, Held: 3}, r.poll("3"))
	keys, err := r.app.Ledger.Budgets().HeldKeys(t.Context(), "workday", "leaver")
	require.NoError(t, err)
	require.Len(t, keys, 3)
	var h budgets.Hold
	h, _, err = r.app.Ledger.Budgets().HoldOf(t.Context(), "workday", "leaver")
	require.NoError(t, err)
	require.Equal(t, 3, h.People)
}

// TestHeldLeaversHaveADeadline: that of the first of them, by the ledger.
func TestHeldLeaversHaveADeadline(t *testing.T) {
	t.Parallel()
	r := holder(t)
	require.Zero(t, r.held().OverdueAt, "nobody is held")
	r.leave(21003, 21005, 21006, 21007, 21008)
	require.Equal(t, 5, r.poll("2").Held)
	first := r.clock.Now().Add(15 * time.Minute)
	require.Equal(t, first, r.held().OverdueAt)
	r.clock.Advance(time.Hour)
	require.Equal(t, first, r.held().OverdueAt, "it does not move")
	require.NoError(t, os.WriteFile(r.config.Policy, []byte(strings.Replace(r.policyText(), "offboarding: enforce", "offboarding: observe", 1)), 0o600))
	require.NoError(t, r.vendors.Policy.Reload(t.Context()))
	require.Zero(t, r.held().OverdueAt, "where it only observes, nobody is alarmed")
}

func (r *rig) policyText() string {
	r.t.Helper()
	text, err := os.ReadFile(r.config.Policy)
	require.NoError(r.t, err)
	return string(text)
}
