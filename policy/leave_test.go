package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy/policytest"
)

func TestLeaveMoment(t *testing.T) {
	t.Parallel()
	const planned = "2026-01-05T09:00:00Z"
	tests := map[string]struct {
		location    string
		last        identity.Date
		termination identity.Date
		involuntary bool
		status      identity.Status
		seen        string
		now         string
		leave       string
		left        bool
		zone        string
		guessed     bool
	}{
		"waits for disable_at in winter":         {location: "Berlin", last: "2026-02-27", seen: planned, now: "2026-02-27T16:59:59Z", leave: "2026-02-27T17:00:00Z"},
		"left at disable_at in winter":           {location: "Berlin", last: "2026-02-27", seen: planned, now: "2026-02-27T17:00:00Z", leave: "2026-02-27T17:00:00Z", left: true},
		"disable_at in summer":                   {location: "Berlin", last: "2026-07-31", seen: planned, now: "2026-07-31T15:00:00Z", leave: "2026-07-31T16:00:00Z"},
		"the day summer time starts":             {location: "Berlin", last: "2026-03-29", seen: planned, now: "2026-03-28T12:00:00Z", leave: "2026-03-29T16:00:00Z"},
		"the day before summer time starts":      {location: "Berlin", last: "2026-03-28", seen: planned, now: "2026-03-28T12:00:00Z", leave: "2026-03-28T17:00:00Z"},
		"the day summer time ends":               {location: "Berlin", last: "2026-10-25", seen: planned, now: "2026-10-24T12:00:00Z", leave: "2026-10-25T17:00:00Z"},
		"thirteen hours ahead":                   {location: "Auckland", last: "2026-02-27", seen: planned, now: "2026-02-27T04:59:59Z", leave: "2026-02-27T05:00:00Z"},
		"twelve hours ahead after daylight time": {location: "Auckland", last: "2026-06-30", seen: planned, now: "2026-06-30T05:00:00Z", leave: "2026-06-30T06:00:00Z"},
		"ten hours behind":                       {location: "Honolulu", last: "2026-02-27", seen: planned, now: "2026-02-28T03:59:59Z", leave: "2026-02-28T04:00:00Z"},
		"ten hours behind, left":                 {location: "Honolulu", last: "2026-02-27", seen: planned, now: "2026-02-28T04:00:00Z", leave: "2026-02-28T04:00:00Z", left: true},
		"involuntary is now":                     {location: "Berlin", last: "2026-02-27", involuntary: true, seen: planned, now: "2026-01-05T09:00:05Z", leave: "2026-01-05T09:00:05Z", left: true},
		"involuntary after the planned moment":   {location: "Berlin", last: "2026-02-27", involuntary: true, seen: planned, now: "2026-03-05T09:00:00Z", leave: "2026-02-27T17:00:00Z", left: true},
		"backdated":                              {location: "Berlin", last: "2025-12-31", status: identity.StatusTerminated, seen: planned, now: "2026-01-05T09:00:05Z", leave: planned, left: true},
		"backdated and not yet recorded":         {location: "Berlin", last: "2025-12-31", status: identity.StatusTerminated, now: "2026-01-05T09:00:05Z", leave: "2026-01-05T09:00:05Z", left: true},
		"entered on the last day":                {location: "Berlin", last: "2026-01-05", seen: planned, now: "2026-01-05T09:00:05Z", leave: planned, left: true},
		"entered the evening before":             {location: "Berlin", last: "2026-01-06", seen: "2026-01-05T22:59:00Z", now: "2026-01-05T23:30:00Z", leave: "2026-01-06T17:00:00Z"},
		"entered on the last day of the zone only": {
			location: "Auckland", last: "2026-01-06", seen: "2026-01-05T11:30:00Z", now: "2026-01-05T11:31:00Z", leave: "2026-01-05T11:30:00Z", left: true,
		},
		"not yet the last day of the zone": {
			location: "Honolulu", last: "2026-01-06", seen: "2026-01-06T05:00:00Z", now: "2026-01-06T05:01:00Z", leave: "2026-01-07T04:00:00Z",
		},
		"past and planned":             {location: "Berlin", last: "2026-02-27", seen: planned, now: "2026-03-03T09:00:00Z", leave: "2026-02-27T17:00:00Z", left: true},
		"termination date stands in":   {location: "Berlin", termination: "2026-02-27", seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-27T17:00:00Z"},
		"last day before termination":  {location: "Berlin", last: "2026-02-13", termination: "2026-02-27", seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-13T17:00:00Z", left: true},
		"entered the day after":        {location: "Berlin", last: "2026-01-05", now: "2026-01-06T09:00:05Z", leave: "2026-01-06T09:00:05Z", left: true},
		"terminated, and never to end": {location: "Berlin", last: "9999-12-31", status: identity.StatusTerminated, seen: planned, now: "2026-02-20T09:00:00Z", leave: planned, left: true},
		"never, and then a day":        {location: "Berlin", last: "9999-12-31", termination: "2026-02-27", seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-27T17:00:00Z"},
		"terminated without a date":    {location: "Berlin", status: identity.StatusTerminated, now: "2026-02-20T09:00:00Z", leave: "2026-02-20T09:00:00Z", left: true},
		"terminated with a future day": {location: "Berlin", last: "2026-02-27", status: identity.StatusTerminated, seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-27T17:00:00Z"},
		"active with a past day":       {location: "Berlin", last: "2026-02-13", status: identity.StatusActive, seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-13T17:00:00Z", left: true},
		"inactive with a past day":     {location: "Berlin", last: "2026-02-13", status: identity.StatusInactive, seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-13T17:00:00Z", left: true},
		"unknown zone":                 {location: "Atlantis", last: "2026-02-27", seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-27T17:00:00Z", guessed: true},
		"location in other case":       {location: " HONOLULU", last: "2026-02-27", seen: planned, now: "2026-02-20T09:00:00Z", leave: "2026-02-28T04:00:00Z"},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engineer(func(e *identity.Engagement) {
				e.Location, e.LastDay, e.TerminationDate, e.Involuntary = tt.location, tt.last, tt.termination, tt.involuntary
				e.LeaverFirstSeen = instant(t, tt.seen)
				if tt.status != "" {
					e.Status = tt.status
				}
			})
			got := p.Person("workday-21001", []identity.Engagement{e}, instant(t, tt.now))
			require.Equal(t, instant(t, tt.leave), got.LeaveAt)
			want := identity.StandingLeaving
			if tt.left {
				want = identity.StandingLeft
			}
			require.Equal(t, want, got.Standing)
			require.Equal(t, tt.guessed, got.ZoneGuessed)
			require.Equal(t, tt.guessed, len(codes(got.Notices)) > 0 && got.Notices[0].Code == "unknown_zone")
			if tt.guessed {
				require.Equal(t, "it@acme.example", got.Notices[0].Owner)
				require.Equal(t, "Europe/Berlin", got.Zone)
			}
		})
	}
}

// TestTheLeaveMomentStays: what was carried out counts from when it was, and an end that has moved into the past from when that was seen.
func TestTheLeaveMomentStays(t *testing.T) {
	t.Parallel()
	const now, announced, carried = "2026-03-10T09:00:00Z", "2026-01-05T09:00:00Z", "2026-02-27T17:00:00Z"
	row := func(e *identity.Engagement, last identity.Date) {
		before := e.Record
		before.HireDate, before.LastDay, before.Status = "2018-01-01", last, identity.StatusTerminated
		e.Others = []identity.Record{before}
	}
	tests := map[string]struct {
		change   func(*identity.Engagement)
		due      string
		departed bool
		want     identity.Standing
		leave    string
	}{
		"planned":                                   {func(e *identity.Engagement) { e.LastDay = "2026-02-27" }, carried, false, identity.StandingLeft, carried},
		"moved back after it was done":              {func(e *identity.Engagement) { e.LastDay, e.Status = "2026-01-02", identity.StatusTerminated }, carried, true, identity.StandingLeft, carried},
		"moved ahead after it was done":             {func(e *identity.Engagement) { e.LastDay = "2026-03-31" }, carried, true, identity.StandingLeaving, "2026-03-31T16:00:00Z"},
		"to come, and terminated weeks ago":         {func(e *identity.Engagement) { e.LastDay, e.Status = "2026-01-20", identity.StatusTerminated }, "2026-06-30T16:00:00Z", false, identity.StandingLeft, now},
		"to come, and active with an end weeks ago": {func(e *identity.Engagement) { e.LastDay = "2026-01-20" }, "2026-06-30T16:00:00Z", false, identity.StandingUnknown, now},
		"to come, and terminated without a day":     {func(e *identity.Engagement) { e.Status = identity.StatusTerminated }, "2026-06-30T16:00:00Z", false, identity.StandingLeft, now},
		"to come, and the first day hidden":         {func(e *identity.Engagement) { e.LastDay, e.HireDate = "2026-01-20", "" }, "2026-06-30T16:00:00Z", false, identity.StandingUnknown, ""},
		"to come, and today":                        {func(e *identity.Engagement) { e.LastDay = "2026-03-10" }, "2026-06-30T16:00:00Z", false, identity.StandingLeaving, "2026-03-10T17:00:00Z"},
		"involuntary":                               {func(e *identity.Engagement) { e.LastDay, e.Involuntary = "2026-06-30", true }, carried, true, identity.StandingLeft, carried},
		"involuntary from now on":                   {func(e *identity.Engagement) { e.LastDay, e.Involuntary = "2026-06-30", true }, "2026-06-30T16:00:00Z", false, identity.StandingLeft, now},
		"the next first day over it":                {func(e *identity.Engagement) { e.HireDate = "2026-06-01" }, carried, true, identity.StandingUpcoming, carried},
		"the next contract over it":                 {func(e *identity.Engagement) { e.HireDate, e.LastDay = "2026-06-01", "2026-12-31" }, carried, true, identity.StandingUpcoming, carried},
		"the next first day soon, out until then":   {func(e *identity.Engagement) { e.HireDate = "2026-03-12" }, "2026-03-09T17:00:00Z", true, identity.StandingUpcoming, "2026-03-09T17:00:00Z"},
		"to come, and a row that ended before":      {func(e *identity.Engagement) { e.LastDay = "2026-06-30"; row(e, "2026-01-20") }, "2026-06-30T16:00:00Z", false, identity.StandingLeaving, "2026-06-30T16:00:00Z"},
		"carried out, and a row that ended before it": {func(e *identity.Engagement) {
			e.LastDay = "2026-02-27"
			e.Status = identity.StatusTerminated
			row(e, "2026-01-20")
		}, carried, true, identity.StandingLeft, carried},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engineer(func(e *identity.Engagement) {
				e.Location, e.Begun, e.Departed = "Berlin", true, tt.departed
				e.LeaverFirstSeen, e.LeaverDue = instant(t, announced), instant(t, tt.due)
			}, tt.change)
			got := p.Person("workday-21001", []identity.Engagement{e}, instant(t, now))
			require.Equal(t, tt.want, got.Standing)
			require.Equal(t, instant(t, tt.leave), got.LeaveAt)
			due, ends := p.Ends(e, instant(t, now))
			require.Equal(t, tt.leave != "", ends)
			require.Equal(t, instant(t, tt.leave), due, "what is noted of it is the same")
		})
	}
}

// TestSkippedAndRepeatedTimes holds what happens to times of day that a change of the clocks skips or repeats.
func TestSkippedAndRepeatedTimes(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, policytest.Everyone+`joiner: {activate_at: "02:30", create_before: 7d}`)
	tests := map[string]struct {
		hire     identity.Date
		activate string
		create   string
	}{
		"skipped in spring":  {"2026-03-29", "2026-03-29T01:30:00Z", "2026-03-22T01:30:00Z"},
		"repeated in autumn": {"2026-10-25", "2026-10-25T00:30:00Z", "2026-10-18T00:30:00Z"},
		"ordinary":           {"2026-06-01", "2026-06-01T00:30:00Z", "2026-05-25T00:30:00Z"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engineer(func(e *identity.Engagement) { e.HireDate = tt.hire })
			got := p.Person("workday-21001", []identity.Engagement{e}, instant(t, "2026-01-01T00:00:00Z"))
			require.Equal(t, identity.StandingUpcoming, got.Standing)
			require.Equal(t, instant(t, tt.activate), got.ActivateAt)
			require.Equal(t, instant(t, tt.create), got.CreateAt)
		})
	}
}

// TestWhoHasLeftIsOutSinceTheLastEnd: the record that came first by source, first day or id decided since when somebody is out, and that
// may have ended months ago.
func TestWhoHasLeftIsOutSinceTheLastEnd(t *testing.T) {
	t.Parallel()
	const now, ended, last = "2026-12-01T20:00:00Z", "2026-06-01T16:00:00Z", "2026-12-01T17:00:00Z"
	spell := func(id string, end identity.Date, seen, due string, change ...func(*identity.Engagement)) identity.Engagement {
		return engineer(append([]func(*identity.Engagement){func(e *identity.Engagement) {
			e.EmployeeID, e.HireDate, e.Location, e.Status = id, "2025-01-01", "Berlin", identity.StatusTerminated
			e.LastDay, e.LeaverFirstSeen, e.LeaverDue = end, instant(t, seen), instant(t, due)
		}}, change...)...)
	}
	first := spell("100", "2026-06-01", "2026-05-01T09:00:00Z", ended)
	second := func(change ...func(*identity.Engagement)) identity.Engagement {
		return spell("200", "2026-12-01", "2026-11-01T09:00:00Z", last, change...)
	}
	person := func(change func(*identity.Engagement), all ...identity.Engagement) []identity.Engagement {
		for i := range all {
			change(&all[i])
		}
		return all
	}
	here := func(e *identity.Engagement) { e.HereAt = instant(t, "2026-11-30T20:00:00Z") }
	departed := func(e *identity.Engagement) { e.Departed = true }
	rows := second(departed)
	rows.Others, rows.Record = []identity.Record{rows.Record}, first.Record
	rows.EmployeeID = "200"
	gone := second(func(e *identity.Engagement) { e.Found = false })
	tests := map[string]struct {
		all  []identity.Engagement
		want string
	}{
		"another id": {person(departed, first, second()), last},
		"another source": {person(departed, first, second(func(e *identity.Engagement) {
			e.Source, e.HireDate = identity.SourceBambooHR, "2026-06-02"
		})), last},
		"two profiles under one id":         {[]identity.Engagement{rows}, last},
		"the last look was before the end":  {person(here, first, second()), last},
		"what they worked by is gone":       {person(here, first, gone), now},
		"out by a departure that lasts":     {person(func(e *identity.Engagement) { e.OutSince = instant(t, "2026-11-05T17:00:00Z") }, first, gone), "2026-11-05T17:00:00Z"},
		"nobody has looked since it is due": {[]identity.Engagement{first}, ended},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.Person("workday-200", tt.all, instant(t, now))
			require.Equal(t, identity.StandingLeft, got.Standing)
			require.Equal(t, instant(t, tt.want), got.LeaveAt)
		})
	}
}

// TestADepartureLastsUntilTheFirstDay whatever becomes of the records that told of it: they are gone, or say nothing of it any more.
func TestADepartureLastsUntilTheFirstDay(t *testing.T) {
	t.Parallel()
	const left = "2026-02-27T17:00:00Z"
	tests := map[string]struct {
		now, want string
		others    []identity.Engagement
	}{
		"months ahead":           {now: "2026-03-10T09:00:00Z", want: left},
		"once it is prepared":    {now: "2026-05-30T09:00:00Z"},
		"on the day":             {now: "2026-06-01T05:00:00Z"},
		"what they left is gone": {now: "2026-03-10T09:00:00Z", want: left, others: []identity.Engagement{engineer(func(e *identity.Engagement) { e.Found = false })}},
		"another record is in doubt": {now: "2026-03-10T09:00:00Z", others: []identity.Engagement{engineer(func(e *identity.Engagement) {
			e.EmployeeID, e.LastDay, e.Departed = "2", "2026-01-30", true
		})}},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := engineer(func(e *identity.Engagement) { e.EmployeeID, e.HireDate = "3", "2026-06-01" })
			all := append([]identity.Engagement{next}, tt.others...)
			for i := range all {
				all[i].OutSince = instant(t, left)
			}
			got := p.Person("workday-3", all, instant(t, tt.now))
			require.Equal(t, identity.StandingUpcoming, got.Standing)
			require.Equal(t, instant(t, tt.want), got.LeaveAt)
		})
	}
}
