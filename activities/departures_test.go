package activities_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// due lists who must be out at a moment and is not known to be: "workday-21003 since 09:00".
func (r *rig) due(at time.Time) []string {
	r.t.Helper()
	open, err := r.app.Ledger.People().OpenDepartures(r.t.Context(), at)
	require.NoError(r.t, err)
	var out []string
	for _, d := range open {
		line := d.Key + " since " + d.DueAt.UTC().Format("2 15:04")
		if d.Order != "" {
			line += " by " + d.Order
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// inAWeek is later than anything that these tests date ahead.
var inAWeek = monday.AddDate(0, 0, 7)

// TestPollNotesDepartures: the first reading keeps who will leave, the next ones who leaves and who will, before anything
// can hold the batch up.
func TestPollNotesDepartures(t *testing.T) {
	t.Parallel()
	for source, id := range map[string][]string{"workday": {"21003", "21004", "21005", "21006"}, "bamboohr": {"103", "104", "105", "106"}} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: []string{"offboarding: enforce", "offboarding: observe"}})
			at := control.Fields{"location": "Berlin"}
			with := func(day string) control.Fields { return control.Fields{"last_day": day, "location": at["location"]} }
			r.hr(source, "terminate", id[0], with("today+1"))
			r.hr(source, "terminate", id[1], with("today-40"))
			first := r.collect(source, "1")
			require.True(t, first.Baseline)
			require.Equal(t, []string{source + "-" + id[0] + " since 3 17:00"}, r.due(inAWeek), "who left long ago is taken as given")
			require.Empty(t, r.due(monday), "tomorrow has not come")
			r.settle(source, "1", first.Cursor)

			r.clock.Advance(time.Hour)
			r.hr(source, "terminate", id[2], with("today+2"))
			r.hr(source, "terminate", id[3], with("today"))
			for _, batch := range []string{"2", "2"} {
				r.collect(source, batch)
				require.Equal(t, []string{
					source + "-" + id[0] + " since 3 17:00", source + "-" + id[2] + " since 4 17:00", source + "-" + id[3] + " since 2 10:00",
				}, r.due(inAWeek), "a batch may be held, rejected or never hinted")
			}
			require.Equal(t, []string{source + "-" + id[3] + " since 2 10:00"}, r.due(r.clock.Now()))
		})
	}
}

// TestAssessmentKeepsDepartures: HR's moment is noted, moved and taken back, and closed when nothing is left to do.
func TestAssessmentKeepsDepartures(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	key := "workday-21003"
	r.assess(key)
	require.Empty(t, r.due(inAWeek))
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today+1", "location": "Berlin"})
	r.assess(key)
	require.Equal(t, []string{key + " since 3 17:00"}, r.due(inAWeek))
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today+2", "location": "Berlin"})
	r.assess(key)
	require.Equal(t, []string{key + " since 4 17:00"}, r.due(inAWeek))
	r.hr("workday", "change", "21003", control.Fields{"last_day": "", "termination_date": ""})
	require.Equal(t, identity.VerdictNone, r.assess(key).Plan.Verdict)
	require.Empty(t, r.due(inAWeek))

	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today+2", "location": "Berlin"})
	r.assess(key)
	r.clock.Advance(58 * time.Hour)
	a := r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, a.ContainBy, a.OverdueAt)
	require.Equal(t, a.Person.LeaveAt.Add(15*time.Minute), a.OverdueAt)
	require.Equal(t, []string{key + " since 4 17:00"}, r.due(r.clock.Now()))
	r.must(api.LedgerRecord, api.RecordInput{Key: key, Episode: a.Episode, RunID: "1"})
	require.Len(t, r.due(r.clock.Now()), 1, "evidence of steps is no confirmation")
	r.must(api.LedgerRecord, api.RecordInput{Key: key, Episode: a.Episode, RunID: "1", Contained: r.clock.Now()})
	require.Empty(t, r.due(inAWeek))
	r.assess(key)
	require.Len(t, r.due(inAWeek), 1, "access that is found after the end opens it again")
	require.Equal(t, a.Episode, r.assess(key).Episode, "in the same departure")
}

// TestDepartureIsClosedByWhatIsFound: somebody else may have ended the sign-in.
func TestDepartureIsClosedByWhatIsFound(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	key := "workday-21003"
	account := r.account(key)
	r.order(identity.Order{ID: "c1", Key: key, Kind: identity.OrderContain})
	r.order(identity.Order{ID: "s1", Key: "workday-21005", Kind: identity.OrderSuspend})
	require.Equal(t, []string{key + " since 2 09:00 by c1", "workday-21005 since 2 09:00 by s1"}, r.due(monday))

	r.clock.Advance(time.Minute)
	a := r.assess(key)
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, monday.Add(15*time.Minute), a.ContainBy, "the clock of an order starts when it is given")
	require.Equal(t, a.ContainBy, a.OverdueAt)
	in := api.AccountInput{Key: key, AccountID: account.ID}
	r.must(api.OneLoginEnsureSuspended, in)
	r.must(api.OneLoginEndAccess, api.RolesInput{AccountInput: in, Held: a.Account.Roles})
	a = r.assess(key)
	require.Equal(t, identity.VerdictNone, a.Plan.Verdict)
	require.Zero(t, a.OverdueAt)
	require.Equal(t, []string{"workday-21005 since 2 09:00 by s1"}, r.due(r.clock.Now()))

	a = r.assess("workday-21005")
	require.Equal(t, identity.VerdictSuspend, a.Plan.Verdict)
	require.Equal(t, monday.Add(15*time.Minute), a.OverdueAt)
	r.must(api.OneLoginEnsureSuspended, api.AccountInput{Key: a.Key, AccountID: a.Account.ID, Order: "s1"})
	r.assess("workday-21005")
	require.Empty(t, r.due(r.clock.Now()))
}

// TestDepartureOutlivesAFailedAssessment: HR or an order has said it, whether or not OneLogin answers.
func TestDepartureOutlivesAFailedAssessment(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.assess("workday-21003")
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today", "location": "Berlin"})
	r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today+1", "location": "Berlin"})
	r.fault(control.Fault{System: "onelogin", When: "before", Style: "status", Status: 503, Times: -1})
	for range 3 {
		for _, key := range []string{"workday-21003", "workday-21005", "workday-21006"} {
			_, err := r.vendors.Activities.Person.Assess(t.Context(), assessInput(key))
			require.Error(t, err)
		}
		r.clock.Advance(time.Minute)
	}
	want := []string{"workday-21003 since 2 09:00", "workday-21005 since 3 17:00"}
	require.Equal(t, want, r.due(inAWeek), "and the clock of the first does not start anew")
	d, _, err := r.app.Ledger.Dossier(t.Context(), "workday-21003")
	require.NoError(t, err)
	require.Equal(t, 1, d.Person.Episode, "nothing else of a failed look is kept")

	r.heal()
	a := r.assess("workday-21003")
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, monday.Add(15*time.Minute), a.ContainBy)
	require.Equal(t, want, r.due(inAWeek))
}

// TestOverdueWhereSomethingHoldsADepartureUp: whatever it waits for, its deadline stays.
func TestOverdueWhereSomethingHoldsADepartureUp(t *testing.T) {
	t.Parallel()
	leave := func(r *rig, key string) api.Assessment {
		r.hr("workday", "terminate", key[len("workday-"):], control.Fields{"last_day": "today", "location": "Berlin"})
		return r.assess(key)
	}
	t.Run("budget", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 1, percent: 0.1}"}})
		leave(r, "workday-21003")
		held := leave(r, "workday-21004")
		require.Equal(t, identity.VerdictAttention, held.Plan.Verdict)
		require.Equal(t, monday.Add(15*time.Minute), held.OverdueAt)
		require.Len(t, r.due(monday), 2)
	})
	t.Run("protected account", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{})
		_, err := r.sandbox.AgeAccount(t.Context(), r.account("workday-21003").ID, control.Fields{"roles": []string{"Super admin"}})
		require.NoError(t, err)
		a := leave(r, "workday-21003")
		require.Equal(t, identity.VerdictAttention, a.Plan.Verdict)
		require.Equal(t, monday.Add(15*time.Minute), a.OverdueAt)
		r.order(identity.Order{ID: "s1", Key: "workday-21003", Kind: identity.OrderSuspend})
		require.Equal(t, monday.Add(15*time.Minute), r.assess("workday-21003").OverdueAt)
	})
	t.Run("observe", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, rigOptions{policy: []string{"offboarding: enforce", "offboarding: observe"}})
		a := leave(r, "workday-21003")
		require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
		require.Zero(t, a.OverdueAt, "where it only observes, nobody is alarmed")
		require.Len(t, r.due(monday), 1, "and it is not forgotten either")
		r.order(identity.Order{ID: "c1", Key: "workday-21003", Kind: identity.OrderContain})
		require.NotZero(t, r.assess("workday-21003").OverdueAt)
	})
}

// TestLedgerAloneSaysByWhen: it is asked while OneLogin and HR do not answer.
func TestLedgerAloneSaysByWhen(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.assess("workday-21003")
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today+1", "location": "Berlin"})
	r.assess("workday-21003")
	r.fault(faultEverywhere(503))
	ask := func(key string) (out api.Departure) {
		t.Helper()
		require.NoError(t, r.must(api.PersonDeparture, api.DepartureInput{Key: key}).Get(&out))
		return out
	}
	for range 2 {
		require.Equal(t, api.Departure{Episode: 2, OverdueAt: time.Date(2026, 3, 3, 17, 15, 0, 0, time.UTC)}, ask("workday-21003"))
	}
	r.order(identity.Order{ID: "c1", Key: "workday-21003", Kind: identity.OrderContain})
	require.Equal(t, api.Departure{Episode: 2, OverdueAt: monday.Add(15 * time.Minute)}, ask("workday-21003"), "whichever comes first")
	r.release("c1")
	require.Equal(t, time.Date(2026, 3, 3, 17, 15, 0, 0, time.UTC), ask("workday-21003").OverdueAt, "an order that is over wants nobody out")
	require.Zero(t, ask("workday-21005"))
	require.Zero(t, ask("nobody"))
}
