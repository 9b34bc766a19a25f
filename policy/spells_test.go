package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// TestEndsThatContradictTheStatus: an end that belongs to an employment before does not count, and one that may belong
// to this one and has long passed is asked about. Neither ends anybody's sign-in by itself.
func TestEndsThatContradictTheStatus(t *testing.T) {
	t.Parallel()
	const now = "2026-03-02T09:00:00Z"
	tests := map[string]struct {
		change  func(*identity.Engagement)
		want    identity.Standing
		notices []string
		leave   string
	}{
		"back, with the end before the new first day": {
			change: func(e *identity.Engagement) { e.HireDate, e.LastDay, e.Departed = "2026-02-16", "2026-01-30", true },
			want:   identity.StandingActive, notices: []string{"dates_disagree"},
		},
		"back, and the first day is the old one": {
			change: func(e *identity.Engagement) {
				e.LastDay, e.LeaverFirstSeen, e.Departed = "2026-01-30", e.FirstSeen, true
			},
			want: identity.StandingUnknown, notices: []string{"status_contradicts_end"}, leave: "2026-01-30T17:00:00Z",
		},
		"first seen like that": {
			change: func(e *identity.Engagement) { e.LastDay = "2026-01-30" },
			want:   identity.StandingUnknown, notices: []string{"status_contradicts_end"}, leave: now,
		},
		"on leave, and gone for weeks": {
			change: func(e *identity.Engagement) { e.Status, e.LastDay = identity.StatusOnLeave, "2026-01-30" },
			want:   identity.StandingUnknown, notices: []string{"status_contradicts_end"}, leave: now,
		},
		"the end was seen coming and nothing was done yet": {
			change: func(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2026-02-20", e.FirstSeen },
			want:   identity.StandingLeft, leave: "2026-02-20T17:00:00Z",
		},
		"carried out last evening, and the status is behind": {
			change: func(e *identity.Engagement) {
				e.LastDay, e.LeaverFirstSeen, e.Departed = "2026-03-01", e.FirstSeen, true
			},
			want: identity.StandingLeft, leave: "2026-03-01T17:00:00Z",
		},
		"released from work until the formal end": {
			change: func(e *identity.Engagement) {
				e.LastDay, e.TerminationDate, e.LeaverFirstSeen, e.Departed = "2026-02-13", "2026-03-31", e.FirstSeen, true
			},
			want: identity.StandingLeft, leave: "2026-02-13T17:00:00Z",
		},
		"inactive, with an end": {
			change: func(e *identity.Engagement) {
				e.Status, e.LastDay, e.Departed = identity.StatusInactive, "2026-01-30", true
			},
			want: identity.StandingLeft, leave: now,
		},
		"never to end": {
			change: func(e *identity.Engagement) { e.LastDay, e.TerminationDate = "9999-12-31", "2999-12-31" },
			want:   identity.StandingActive,
		},
		"an end before any first day": {
			change: func(e *identity.Engagement) { e.TerminationDate = "1900-01-01" },
			want:   identity.StandingActive, notices: []string{"dates_disagree"},
		},
		"coming back, out since the end before": {
			change: func(e *identity.Engagement) {
				e.HireDate, e.LastDay, e.LeaverFirstSeen = "2026-04-01", "2026-01-30", e.FirstSeen
			},
			want: identity.StandingUpcoming, notices: []string{"dates_disagree"}, leave: "2026-01-30T17:00:00Z",
		},
		"here until tomorrow, and back next month": {
			change: func(e *identity.Engagement) {
				e.HireDate, e.LastDay, e.LeaverFirstSeen = "2026-04-01", "2026-03-03", e.FirstSeen
			},
			want: identity.StandingLeaving, notices: []string{"dates_disagree"}, leave: "2026-03-03T17:00:00Z",
		},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.Person("workday-21001", []identity.Engagement{engineer(tt.change)}, instant(t, now))
			require.Equal(t, tt.want, got.Standing)
			require.Equal(t, tt.notices, codes(got.Notices))
			require.Equal(t, tt.want == identity.StandingUnknown, blocking(got.Notices))
			require.Equal(t, instant(t, tt.leave), got.LeaveAt)
		})
	}
}

// TestRowsThatDisagree: of two rows about one employment one ends. Once it has, somebody is asked; another profile under the same id is
// another employment, and goes on.
func TestRowsThatDisagree(t *testing.T) {
	t.Parallel()
	const now = "2026-03-02T09:00:00Z"
	tests := map[string]struct {
		change func(other *identity.Record)
		want   identity.Standing
	}{
		"terminated":               {func(o *identity.Record) { o.Status, o.LastDay = identity.StatusTerminated, "2026-02-27" }, identity.StandingUnknown},
		"terminated without a day": {func(o *identity.Record) { o.Status = identity.StatusTerminated }, identity.StandingUnknown},
		"leaves in a month":        {func(o *identity.Record) { o.LastDay = "2026-04-02" }, identity.StandingLeaving},
		"in another position": {func(o *identity.Record) {
			o.Status, o.LastDay, o.Title = identity.StatusTerminated, "2026-02-27", "Clerk"
		}, identity.StandingUnknown},
		"goes on as well": {func(o *identity.Record) { o.Title = "Clerk" }, identity.StandingActive},
		"an employment before": {func(o *identity.Record) {
			o.Status, o.HireDate, o.LastDay = identity.StatusTerminated, "2019-01-07", "2020-02-28"
		}, identity.StandingActive},
		"the contract before": {func(o *identity.Record) {
			o.Status, o.EmploymentType, o.LastDay = identity.StatusTerminated, "Contractor", "2026-02-27"
		}, identity.StandingActive},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first := engineer(func(*identity.Engagement) {}).Record
			second := first
			tt.change(&second)
			for _, rows := range [][]identity.Record{{first, second}, {second, first}} {
				got := p.Person("workday-21001", []identity.Engagement{engineer(func(e *identity.Engagement) {
					e.Record = rows[0]
					e.Others = rows[1:]
				})}, instant(t, now))
				require.Equal(t, tt.want, got.Standing)
				require.Equal(t, tt.want == identity.StandingUnknown, blocking(got.Notices))
			}
		})
	}
}

// succession is a contractor until a day, and an employee from another.
func succession(last, hire identity.Date, change ...func(contractor, employee *identity.Engagement)) (identity.Engagement, identity.Engagement) {
	contractor := engineer(func(e *identity.Engagement) {
		e.Source, e.EmployeeID, e.EmploymentType = identity.SourceBambooHR, "101", "Contractor"
		e.LastDay, e.LeaverFirstSeen = last, e.FirstSeen
	})
	employee := engineer(func(e *identity.Engagement) { e.HireDate, e.Title = hire, "Senior Engineer" })
	for _, c := range change {
		c(&contractor, &employee)
	}
	return contractor, employee
}

// TestOneEngagementFollowsAnother: without a gap nothing ends and the position changes once; with one, access ends in
// between. It does not matter whether the two are records of their own or profiles under one id.
func TestOneEngagementFollowsAnother(t *testing.T) {
	t.Parallel()
	type want struct {
		at       string
		standing identity.Standing
		kind     string
		leave    string
		due      string
	}
	const active, upcoming, leaving = identity.StandingActive, identity.StandingUpcoming, identity.StandingLeaving
	tests := map[string]struct {
		last, hire identity.Date
		change     func(contractor, employee *identity.Engagement)
		want       []want
	}{
		"the day after": {
			last: "2026-03-02", hire: "2026-03-03",
			want: []want{
				{"2026-03-01T09:00:00Z", active, "Contractor", "", "2026-03-03T07:00:00Z"},
				{"2026-03-02T20:00:00Z", active, "Contractor", "", "2026-03-03T07:00:00Z"},
				{"2026-03-03T06:59:00Z", active, "Contractor", "", "2026-03-03T07:00:00Z"},
				{"2026-03-03T07:00:00Z", active, "employee", "", ""},
			},
		},
		"the same day": {
			last: "2026-03-03", hire: "2026-03-03",
			want: []want{
				{"2026-03-02T20:00:00Z", active, "Contractor", "", "2026-03-03T07:00:00Z"},
				{"2026-03-03T07:00:00Z", active, "employee", "", ""},
			},
		},
		"the first one is marked terminated over night": {
			last: "2026-03-02", hire: "2026-03-03",
			change: func(contractor, _ *identity.Engagement) { contractor.Status = identity.StatusTerminated },
			want: []want{
				{"2026-03-02T23:30:00Z", active, "Contractor", "", "2026-03-03T07:00:00Z"},
				{"2026-03-03T07:00:00Z", active, "employee", "", ""},
			},
		},
		"the next one is inactive until it begins": {
			last: "2026-03-02", hire: "2026-03-03",
			change: func(_, employee *identity.Engagement) { employee.Status = identity.StatusInactive },
			want:   []want{{"2026-03-02T20:00:00Z", active, "Contractor", "", "2026-03-03T07:00:00Z"}},
		},
		"a week later": {
			last: "2026-03-02", hire: "2026-03-10",
			want: []want{
				{"2026-03-02T09:00:00Z", leaving, "Contractor", "2026-03-02T17:00:00Z", "2026-03-02T17:00:00Z"},
				{"2026-03-02T17:00:00Z", upcoming, "employee", "2026-03-02T17:00:00Z", "2026-03-03T07:00:00Z"},
				{"2026-03-09T17:00:00Z", upcoming, "employee", "", "2026-03-10T07:00:00Z"},
				{"2026-03-10T07:00:00Z", active, "employee", "", ""},
			},
		},
		"involuntary": {
			last: "2026-03-02", hire: "2026-03-03",
			change: func(contractor, _ *identity.Engagement) { contractor.Involuntary = true },
			want:   []want{{"2026-03-01T09:00:00Z", upcoming, "employee", "2026-03-01T09:00:00Z", "2026-03-03T07:00:00Z"}},
		},
		"the hire is rescinded": {
			last: "2026-03-02", hire: "2026-03-03",
			change: func(_, employee *identity.Engagement) { employee.Status = identity.StatusRescinded },
			want:   []want{{"2026-03-02T17:00:00Z", identity.StandingLeft, "Contractor", "2026-03-02T17:00:00Z", ""}},
		},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.change == nil {
				tt.change = func(_, _ *identity.Engagement) {}
			}
			contractor, employee := succession(tt.last, tt.hire, tt.change)
			merged := contractor
			merged.Others = []identity.Record{employee.Record}
			for how, all := range map[string][]identity.Engagement{
				"records": {contractor, employee}, "the other way round": {employee, contractor}, "profiles": {merged},
			} {
				for _, w := range tt.want {
					got := p.Person("workday-21001", all, instant(t, w.at))
					require.Equal(t, w.standing, got.Standing, "%s at %s", how, w.at)
					require.Equal(t, w.kind, got.Record.EmploymentType, "%s at %s", how, w.at)
					require.Equal(t, instant(t, w.leave), got.LeaveAt, "%s at %s", how, w.at)
					require.Empty(t, got.Record.Others)
					plan := p.Plan(got, engineerAccount(), nil)
					require.Equal(t, !got.LeaveAt.IsZero() && !got.LeaveAt.After(got.AsOf), plan.Verdict == identity.VerdictLeave, "%s at %s", how, w.at)
					require.Equal(t, instant(t, w.due), plan.Due, "%s at %s", how, w.at)
				}
			}
		})
	}
}

// TestAccountIsClosedBetweenTwoEngagements: an account that is open is closed until the first day. Somebody who was out
// before the next engagement is to be prepared is prepared for like anybody.
func TestAccountIsClosedBetweenTwoEngagements(t *testing.T) {
	t.Parallel()
	p := example(t)
	contractor, employee := succession("2026-03-02", "2026-03-06")
	person := p.Person("workday-21001", []identity.Engagement{contractor, employee}, instant(t, "2026-03-03T09:00:00Z"))
	first := instant(t, "2026-03-06T07:00:00Z")

	open := p.Plan(person, engineerAccount(), nil)
	require.Equal(t, identity.VerdictLeave, open.Verdict)
	require.Equal(t, first, open.Due, "and is brought back")
	closed := p.Plan(person, engineerAccount(func(a *identity.Account) {
		a.Status, a.SuspendedByUs, a.Roles = identity.AccountSuspended, true, nil
	}), nil)
	require.Equal(t, identity.VerdictWait, closed.Verdict)
	require.Equal(t, first, closed.Due)
	require.False(t, person.Belongs())
	require.Equal(t, identity.VerdictWait, p.Plan(person, nil, nil).Verdict)

	contractor, employee = succession("2026-03-02", "2026-04-01")
	person = p.Person("workday-21001", []identity.Engagement{contractor, employee}, instant(t, "2026-03-26T09:00:00Z"))
	require.True(t, person.Belongs())
	require.Equal(t, []identity.StepKind{create}, kinds(p.Plan(person, nil, nil)))
}

// TestRestOfALeaversAccessCanWait: sign-in ends at the moment, whatever the policy says about the rest.
func TestRestOfALeaversAccessCanWait(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone+"# strip\n")
	require.Zero(t, p.Leaver().StripAfter)
	p, err := policy.Parse("policy.yaml", []byte(policytest.Whole(replace(t, policytest.Smallest, "leaver: {", "leaver: {strip_after: 3d, ")+policytest.Everyone)))
	require.NoError(t, err)
	require.Equal(t, 72*time.Hour, p.Leaver().StripAfter)
	leaver := engineer(func(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2026-03-02", e.FirstSeen })
	strip := instant(t, "2026-03-05T17:00:00Z")
	plan := func(at string, account *identity.Account, orders ...identity.Order) identity.Plan {
		return p.Plan(p.Person("workday-21001", []identity.Engagement{leaver}, instant(t, at)), account, orders)
	}
	suspended := engineerAccount(func(a *identity.Account) { a.Status, a.SuspendedByUs = identity.AccountSuspended, true })

	now := plan("2026-03-02T17:00:00Z", engineerAccount())
	require.Equal(t, []identity.StepKind{suspend, logOut, remove, scramble, factors}, kinds(now))
	for i, s := range now.Steps {
		require.Equal(t, i >= 2, s.Until.Equal(strip), "%s", s.Kind)
	}
	require.Equal(t, strip, now.Due)
	waits := plan("2026-03-03T09:00:00Z", suspended)
	require.Equal(t, identity.VerdictWait, waits.Verdict)
	require.Equal(t, strip, waits.Due)
	rest := plan("2026-03-05T17:00:00Z", suspended)
	require.Equal(t, []identity.StepKind{logOut, remove, scramble, factors}, kinds(rest))
	require.Zero(t, rest.Due)

	for name, atOnce := range map[string]identity.Plan{
		"an order": plan("2026-03-02T17:00:00Z", engineerAccount(), identity.Order{ID: "o", Kind: identity.OrderContain}),
		"an involuntary end": func() identity.Plan {
			leaver.Involuntary = true
			return plan("2026-03-02T17:00:00Z", engineerAccount())
		}(),
	} {
		for _, s := range atOnce.Steps {
			require.Zero(t, s.Until, "%s: %s", name, s.Kind)
		}
		require.Len(t, atOnce.Steps, 5, name)
	}
}

// TestContractThatEndsIsWarnedOf: an extension that comes late costs somebody their access. Nobody is warned of anybody
// else's end.
func TestContractThatEndsIsWarnedOf(t *testing.T) {
	t.Parallel()
	p := example(t)
	tests := map[string]struct {
		kind, at, warnAt string
		text             string
	}{
		"long before":       {kind: "Contractor", at: "2026-03-01T09:00:00Z", warnAt: "2026-03-17T16:00:00Z"},
		"two weeks":         {kind: "Contingent Worker", at: "2026-03-17T17:00:00Z", warnAt: "2026-03-24T16:00:00Z", text: "within 14 days"},
		"one week":          {kind: "Contractor", at: "2026-03-25T09:00:00Z", warnAt: "2026-03-30T16:00:00Z", text: "within 7 days"},
		"the last day":      {kind: "Contractor", at: "2026-03-31T09:00:00Z", text: "within a day"},
		"somebody resigned": {kind: "Employee", at: "2026-03-25T09:00:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engineer(func(e *identity.Engagement) {
				e.EmploymentType, e.LastDay, e.LeaverFirstSeen = tt.kind, "2026-03-31", e.FirstSeen
			})
			person := p.Person("workday-21001", []identity.Engagement{e}, instant(t, tt.at))
			require.Equal(t, instant(t, tt.warnAt), person.WarnAt)
			if tt.warnAt != "" {
				require.Equal(t, person.WarnAt, p.Plan(person, engineerAccount(), nil).Due)
			}
			if tt.text == "" {
				require.Empty(t, codes(person.Notices))
				return
			}
			require.Equal(t, []string{policy.NoticeContractEnds}, codes(person.Notices))
			require.Contains(t, person.Notices[0].Text, tt.text)
			require.False(t, blocking(person.Notices))
		})
	}
	own, err := policy.Parse("policy.yaml", []byte(policytest.Whole(replace(t, policytest.Smallest, "leaver: {", `leaver: {warn_before: [30d], contracts: person.company == "Agency", `)+policytest.Everyone+"modes: {offboarding: approve}\n")))
	require.NoError(t, err)
	e := engineer(func(e *identity.Engagement) {
		e.Company, e.LastDay, e.LeaverFirstSeen = "Agency", "2026-03-31", e.FirstSeen
	})
	require.Contains(t, codes(own.Person("k", []identity.Engagement{e}, instant(t, "2026-03-05T09:00:00Z")).Notices), policy.NoticeContractEnds)
	e.Company, e.EmploymentType = "Acme", "Contractor"
	require.NotContains(t, codes(own.Person("k", []identity.Engagement{e}, instant(t, "2026-03-05T09:00:00Z")).Notices), policy.NoticeContractEnds)
}

// TestEndsIsAboutTheEmploymentOfNow: the first sight of an end is remembered while it counts.
func TestEndsIsAboutTheEmploymentOfNow(t *testing.T) {
	t.Parallel()
	p := example(t)
	now := instant(t, "2026-03-02T09:00:00Z")
	contractor, employee := succession("2026-03-02", "2026-03-03")
	merged := contractor
	merged.Others = []identity.Record{employee.Record}
	stale := engineer(func(e *identity.Engagement) { e.LastDay = "2023-01-31" })
	never := engineer(func(e *identity.Engagement) { e.LastDay = "9999-12-31" })
	between := engineer(func(e *identity.Engagement) { e.HireDate, e.LastDay = "2026-04-01", "2026-01-30" })
	undated := engineer(func(e *identity.Engagement) { e.Status = identity.StatusTerminated })
	for name, tt := range map[string]struct {
		e    identity.Engagement
		now  time.Time
		want bool
	}{
		"no end":                          {engineer(), now, false},
		"an end":                          {contractor, now, true},
		"an end that another one follows": {merged, now, true},
		"once the other one has begun":    {merged, now.AddDate(0, 0, 2), false},
		"an end before the first day":     {stale, now, false},
		"between two employments":         {between, now, true},
		"a date that nobody will live to": {never, now, false},
		"terminated without saying when":  {undated, now, true},
	} {
		_, ends := p.Ends(tt.e, tt.now)
		require.Equal(t, tt.want, ends, name)
	}
}
