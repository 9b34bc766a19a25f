package activities_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
	"gatehouse/sandbox/control"
)

// uncovered takes a person's factors away and has a scan find out.
func uncovered(r *rig, key string) api.MFACheckInput {
	r.t.Helper()
	in := known(r, key)
	r.must(api.OneLoginNoFactors, in)
	r.must(api.MFAScan, api.MFAScanInput{Scan: "first"})
	return api.MFACheckInput{Key: key, AccountID: in.AccountID}
}

func (r *rig) scan(id string) api.MFAScanned {
	r.t.Helper()
	var out api.MFAScanned
	require.NoError(r.t, r.must(api.MFAScan, api.MFAScanInput{Scan: id}).Get(&out))
	return out
}

func (r *rig) check(in api.MFACheckInput) api.MFALook {
	r.t.Helper()
	var out api.MFALook
	require.NoError(r.t, r.must(api.MFACheck, in).Get(&out))
	return out
}

// TestScanReadsEverybodyOnceAndThenWhoChanged counts the calls of the scans that follow one another.
func TestScanReadsEverybodyOnceAndThenWhoChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	const perUser = "onelogin.list_otp_devices"
	r.clock.Advance(2 * time.Hour) // or everybody would be new to the second scan, which looks back a little
	mark := r.mark()
	first := r.scan("s1")
	require.Equal(t, first.Active, first.Checked)
	require.Equal(t, first.Active, r.calls(mark, perUser), "one call for each account that can sign in")
	require.Zero(t, r.calls(mark, "onelogin.list_devices"), "the newer list proves nothing that the older one does not")
	require.Equal(t, first.Active, first.Some+first.None)
	require.Zero(t, first.Unknown)
	require.Positive(t, first.None)

	again := r.scan("s1")
	require.Equal(t, first.Checked, again.Checked, "a scan that is over reads nobody again")

	r.clock.Advance(7 * day)
	people := r.people()
	covered := people[slices.IndexFunc(people, func(p control.Person) bool { return p.Status == 1 && inUse(p) })]
	require.NoError(t, r.sandbox.Enrol(t.Context(), covered.Username, "OneLogin SMS"))
	mark = r.mark()
	second := r.scan("s2")
	require.Equal(t, first.None+1, second.Checked, "those without a factor, and the one whom an event names")
	require.Equal(t, 1, second.Events)
	require.Equal(t, second.Checked, r.calls(mark, perUser))
	require.Equal(t, 1, r.calls(mark, "onelogin.list_users"))
}

// TestScanGoesOnWhereItStopped has the quota end in the middle of the first scan.
func TestScanGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	require.NoError(t, r.sandbox.Quota(t.Context(), 100, 60))
	mark := r.mark()
	_, err := r.run(api.MFAScan, api.MFAScanInput{Scan: "s1"})
	refused := application(t, err)
	require.Equal(t, api.ErrRateLimited, refused.Type())
	require.Positive(t, refused.NextRetryDelay(), "the next attempt waits for the quota")
	before := r.calls(mark, "onelogin.list_otp_devices")
	require.Positive(t, before)
	require.Less(t, before, 40, "the rest of the quota is kept for what is more urgent")

	r.clock.Advance(time.Hour)
	require.NoError(t, r.sandbox.Quota(t.Context(), 100_000, 100_000))
	done := r.scan("s1")
	require.Equal(t, done.Active, done.Checked)
	require.Equal(t, done.Active, r.calls(mark, "onelogin.list_otp_devices"), "nobody was read twice")
}

// TestScanWithAWrongEventNameReadsEverybody: events cannot be trusted to name all whose factors have changed.
func TestScanWithAWrongEventNameReadsEverybody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"  grace: 14d", "  grace: 14d\n  enrolment_events: [USER_REGISTERED_FACTOR, USER_ADDED_OTP_DEVICE]"}})
	first := r.scan("s1")
	require.Equal(t, []string{"USER_REGISTERED_FACTOR"}, first.Misnamed)
	r.clock.Advance(time.Hour)
	again := r.scan("s2")
	require.Equal(t, again.Active, again.Checked)
}

// TestScanSetsAsideWhoCannotBeRead: one account that OneLogin does not answer for holds up nobody else.
func TestScanSetsAsideWhoCannotBeRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.fault(control.Fault{Op: "onelogin.list_otp_devices", Path: fmt.Sprintf("/api/1/users/%d/**", r.account("workday-21010").ID), When: "before", Style: "status", Status: 500, Times: 99})
	_, err := r.run(api.MFAScan, api.MFAScanInput{Scan: "s1"})
	require.Error(t, err, "the next attempt tries once more")
	state, found, err := r.app.Ledger.MFA().State(t.Context(), r.account("workday-21011").ID)
	require.NoError(t, err)
	require.True(t, found)
	require.False(t, state.CheckedAt.IsZero(), "everybody else was read")
}

func TestStartGracesStartsOneCourseEach(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	var started api.MFAStarted
	require.NoError(t, r.must(api.MFAStartGraces, nil).Get(&started))
	open, err := r.app.Ledger.MFA().Open(t.Context(), 0, 1000)
	require.NoError(t, err)
	require.Equal(t, len(open), started.Courses)
	require.Contains(t, r.hints(), "mfa-grace/workday-21010")
	require.Len(t, r.hints(), len(open))

	// Who has enrolled meanwhile is told: the grace period looks at once, and lifts what was restricted.
	require.NoError(t, r.sandbox.Enrol(t.Context(), r.account(in.Key).Username, "OneLogin SMS"))
	r.clock.Advance(day)
	r.scan("s2")
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, "mfa-grace/workday-21010", api.SignalEnrolled, mock.Anything,
		mock.Anything, api.TypeMFAGrace, mock.Anything).Return(startedRun{}, nil).Once()
	require.NoError(t, r.must(api.MFAStartGraces, nil).Get(&started))
	require.Equal(t, 1, started.Enrolled)
	r.temporal.AssertNumberOfCalls(t, "SignalWithStartWorkflow", 1)
}

// TestEventsWakeAGracePeriodUntilItHasLooked reads the same events again and again, as every reading does for a while.
func TestEventsWakeAGracePeriodUntilItHasLooked(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	username := r.account(in.Key).Username
	covered := r.people()[slices.IndexFunc(r.people(), func(p control.Person) bool { return p.Status == 1 && inUse(p) })]
	var woken []string
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, "mfa-grace/workday-21010", mock.Anything, mock.Anything,
		mock.Anything, api.TypeMFAGrace, mock.Anything).
		Run(func(args mock.Arguments) { woken = append(woken, args.String(2)) }).Return(startedRun{}, nil)
	reads := func(want ...string) {
		t.Helper()
		woken = nil
		r.must(api.EventsCollect, api.Nothing{})
		require.Equal(t, want, woken)
	}
	r.clock.Advance(time.Hour)
	reads()
	require.NoError(t, r.sandbox.RiskySignIn(t.Context(), username, 85))
	require.NoError(t, r.sandbox.RiskySignIn(t.Context(), covered.Username, 99))
	r.clock.Advance(time.Minute)
	reads(api.SignalPoke)
	reads()
	r.clock.Advance(10 * time.Second)
	reads(api.SignalPoke)
	look := r.check(in)
	require.Equal(t, monday.Add(2*day), look.EscalateAt)
	require.True(t, look.Redated)
	r.must(api.MFAMove, api.MFAMoveInput{AccountID: in.AccountID, Clock: look.Clock, Stage: mfa.StageGrace, Reminders: 1, Deadline: look.EscalateAt})
	require.False(t, r.check(in).Redated)
	require.NoError(t, r.sandbox.RiskySignIn(t.Context(), username, 40))
	r.clock.Advance(10 * time.Second)
	reads()

	require.NoError(t, r.sandbox.EnrolUnused(t.Context(), username, "OneLogin SMS"))
	reads(api.SignalEnrolled)
	r.clock.Advance(time.Minute)
	require.Equal(t, api.MFACourse, r.check(in).Verdict)
	reads()
	require.NoError(t, r.sandbox.Enrol(t.Context(), username, "OneLogin Protect"))
	reads(api.SignalEnrolled)
	r.clock.Advance(time.Minute)
	require.Equal(t, api.MFAEnrolled, r.check(in).Verdict)
	reads()
}

// TestCheckReadsBothLists holds that nobody is asked for a factor who has one that only the newer list shows.
func TestCheckReadsBothLists(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	mark := r.mark()
	look := r.check(in)
	require.Equal(t, api.MFACourse, look.Verdict)
	require.Equal(t, 1, r.calls(mark, "onelogin.list_otp_devices"))
	require.Equal(t, 1, r.calls(mark, "onelogin.list_devices"))
	require.Equal(t, monday.Add(14*day), look.EscalateAt)
	require.Equal(t, monday.Add(21*day), look.RestrictAt)
	require.Equal(t, monday.Add(3*day), look.Due)
	require.Equal(t, 1, look.Reminder)
	require.Nil(t, look.Order)
}

// TestCheckOfAnAccountThatNobodyScanned is what an exemption before the first scan comes to.
func TestCheckOfAnAccountThatNobodyScanned(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	account := known(r, "workday-21010")
	r.must(api.OneLoginNoFactors, account)
	look := r.check(api.MFACheckInput{Key: "workday-21010"})
	require.Equal(t, account.AccountID, look.AccountID)
	require.Equal(t, api.MFACourse, look.Verdict)
	require.Equal(t, 1, look.Clock)
}

func TestHighRiskHasLessTime(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	require.NoError(t, r.sandbox.RiskySignIn(t.Context(), r.account(in.Key).Username, 91))
	look := r.check(in)
	require.Equal(t, "high risk", look.Rule)
	require.Equal(t, monday.Add(2*day), look.EscalateAt)
	state, _, err := r.app.Ledger.MFA().State(t.Context(), in.AccountID)
	require.NoError(t, err)
	require.Equal(t, 91, state.Risk)
	r.clock.Advance(8 * day)
	require.Equal(t, "high risk", r.check(in).Rule, "a grace period that was shortened does not grow again when the score is old")

	require.NoError(t, r.sandbox.Enrol(t.Context(), r.account(in.Key).Username, "OneLogin Protect"))
	require.Equal(t, api.MFAEnrolled, r.check(in).Verdict)
	r.must(api.OneLoginNoFactors, known(r, in.Key))
	look = r.check(in)
	require.Equal(t, api.MFACourse, look.Verdict)
	require.Equal(t, 2, look.Clock)
	require.Empty(t, r.check(in).Rule, "a fresh clock begins without the score of the one before")
}

// TestRiskIsThatOfTheLatestEvents: who signs in to many apps a day has more events than are looked at.
func TestRiskIsThatOfTheLatestEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	_, _, err := r.sandbox.Events(t.Context(), control.Event{Type: 8, UserID: in.AccountID, Times: 600, Quiet: true})
	require.NoError(t, err)
	require.NoError(t, r.sandbox.RiskySignIn(t.Context(), r.account(in.Key).Username, 91))
	require.Equal(t, "high risk", r.check(in).Rule)
}

// TestAnExemptionCanBeEndedEarly releases the order behind it.
func TestAnExemptionCanBeEndedEarly(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	r.must(api.MFADecide, api.MFADecision{
		Key: in.Key, AccountID: in.AccountID, Verb: "exempt", By: "tester", Reason: "test", Until: monday.Add(30 * day),
	})
	require.Equal(t, api.MFAExempt, r.check(in).Verdict)
	orders, err := r.app.Ledger.OrdersInForce(t.Context(), in.Key)
	require.NoError(t, err)
	require.Equal(t, identity.OrderExempt, orders[0].Kind)
	r.clock.Advance(day)
	_, err = r.app.Ledger.Orders().Release(t.Context(), orders[0].ID, "tester", "back from sea")
	require.NoError(t, err)
	look := r.check(in)
	require.Equal(t, api.MFACourse, look.Verdict)
	require.Equal(t, monday.Add(day), look.Since, "a fresh clock")
	require.Equal(t, 2, look.Clock)
}

func TestDecideRefusesBadInput(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := uncovered(r, "workday-21010")
	good := api.MFADecision{Key: in.Key, AccountID: in.AccountID, Verb: "extend", By: "tester", Reason: "test", Until: monday.Add(day)}
	for name, c := range map[string]struct {
		change func(*api.MFADecision)
		want   string
	}{
		"nobody decides":     {func(d *api.MFADecision) { d.By = " " }, `needs "by"`},
		"no reason":          {func(d *api.MFADecision) { d.Reason = "" }, `"reason"`},
		"no end":             {func(d *api.MFADecision) { d.Until = time.Time{} }, `needs "until"`},
		"an end in the past": {func(d *api.MFADecision) { d.Until = monday }, "still to come"},
		"for good":           {func(d *api.MFADecision) { d.Until = monday.Add(400 * day) }, "more than a year"},
		"no account":         {func(d *api.MFADecision) { d.AccountID = 0 }, "no OneLogin account"},
		"another verb":       {func(d *api.MFADecision) { d.Verb = "forgive" }, "is no exception"},
		"no clock runs":      {func(d *api.MFADecision) { d.AccountID = known(r, "workday-21002").AccountID }, "no grace period runs"},
	} {
		d := good
		c.change(&d)
		_, err := r.run(api.MFADecide, d)
		require.ErrorContains(t, err, c.want, name)
		require.True(t, application(t, err).NonRetryable(), name)
	}
	r.must(api.MFADecide, good)
}

// TestScanKnowsWhoAnAccountBelongsTo covers accounts on record, accounts known by their external id, and nobody's.
func TestScanKnowsWhoAnAccountBelongsTo(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	linked := known(r, "workday-21010")
	r.scan("s1")
	strangers := 0
	for _, p := range r.people() {
		s, found, err := r.app.Ledger.MFA().State(t.Context(), p.ID)
		require.NoError(t, err)
		require.True(t, found)
		switch {
		case p.ID == linked.AccountID:
			require.Equal(t, "workday-21010", s.Key)
		case p.ExternalID != "":
			require.Equal(t, p.ExternalID, s.Key)
		default:
			strangers++
			require.Equal(t, fmt.Sprintf("onelogin-%d", p.ID), s.Key)
		}
		require.Equal(t, p.Status == 1, s.Active)
		if s.Active {
			require.Equal(t, inUse(p), s.Factor == mfa.FactorSome, "%d", p.ID)
		}
	}
	require.Positive(t, strangers)
}

func inUse(p control.Person) bool {
	for _, f := range p.Factors {
		if f.Active {
			return true
		}
	}
	return false
}

// people lists the accounts of the tenant.
func (r *rig) people() []control.Person {
	r.t.Helper()
	var state struct {
		OneLogin struct {
			Users []control.Person `json:"users"`
		} `json:"onelogin"`
	}
	require.NoError(r.t, r.sandbox.State(r.t.Context(), &state))
	require.NotEmpty(r.t, state.OneLogin.Users)
	return state.OneLogin.Users
}
