package policy_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/policy"
)

func TestStanding(t *testing.T) {
	t.Parallel()
	const now = "2026-03-02T09:00:00Z"
	type change = func(*identity.Engagement)
	tests := map[string]struct {
		change  change
		want    identity.Standing
		notices []string
		late    bool
	}{
		"active":   {change: func(*identity.Engagement) {}, want: identity.StandingActive},
		"on leave": {change: func(e *identity.Engagement) { e.Status = identity.StatusOnLeave }, want: identity.StandingOnLeave},
		"on leave and leaving later": {change: func(e *identity.Engagement) {
			e.Status, e.LastDay, e.LeaverFirstSeen = identity.StatusOnLeave, "2026-06-30", e.FirstSeen
		}, want: identity.StandingOnLeave},
		"rescinded":                {change: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusRescinded, "" }, want: identity.StandingRescinded},
		"hired in the future":      {change: func(e *identity.Engagement) { e.HireDate = "2026-04-01" }, want: identity.StandingUpcoming},
		"before the first morning": {change: func(e *identity.Engagement) { e.HireDate, e.Location = "2026-03-02", "Honolulu" }, want: identity.StandingUpcoming},
		"after the first morning":  {change: func(e *identity.Engagement) { e.HireDate = "2026-03-02" }, want: identity.StandingActive},
		"entered after the first day": {
			change: func(e *identity.Engagement) {
				e.HireDate, e.FirstSeen = "2026-02-27", instant(t, "2026-03-02T08:00:00Z")
			},
			want: identity.StandingActive, late: true,
		},
		"entered on the first day": {
			change: func(e *identity.Engagement) {
				e.HireDate, e.FirstSeen = "2026-03-02", instant(t, "2026-03-02T08:00:00Z")
			},
			want: identity.StandingActive,
		},
		"inactive and hired in the future": {change: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusInactive, "2026-04-01" }, want: identity.StandingUpcoming},
		"inactive alone":                   {change: func(e *identity.Engagement) { e.Status = identity.StatusInactive }, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"inactive on the first day":        {change: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusInactive, "2026-03-02" }, want: identity.StandingUpcoming},
		"inactive since the first day":     {change: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusInactive, "2026-03-01" }, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"inactive on a first day that is the last": {change: func(e *identity.Engagement) {
			e.Status, e.HireDate, e.LastDay, e.LeaverFirstSeen = identity.StatusInactive, "2026-03-02", "2026-03-02", instant(t, "2026-02-20T08:00:00Z")
		}, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"unknown on the first day":       {change: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusUnknown, "2026-03-02" }, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"status unknown":                 {change: func(e *identity.Engagement) { e.Status = identity.StatusUnknown }, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"status unknown before the hire": {change: func(e *identity.Engagement) { e.Status, e.HireDate = identity.StatusUnknown, "2026-04-01" }, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"no status":                      {change: func(e *identity.Engagement) { e.Status = "" }, want: identity.StandingUnknown, notices: []string{"status_unclear"}},
		"record gone":                    {change: func(e *identity.Engagement) { e.Found = false }, want: identity.StandingUnknown, notices: []string{"record_missing"}},
		"record gone and terminated":     {change: func(e *identity.Engagement) { e.Found, e.Status = false, identity.StatusTerminated }, want: identity.StandingUnknown, notices: []string{"record_missing"}},
		"hire date empty":                {change: func(e *identity.Engagement) { e.HireDate = "" }, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"hire date not sent":             {change: func(e *identity.Engagement) { e.HireDate, e.Missing = "", []string{"hire_date"} }, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"hire date empty when an end comes that was seen ahead": {change: func(e *identity.Engagement) {
			e.HireDate, e.LastDay, e.LeaverFirstSeen = "", "2026-02-27", instant(t, "2026-02-01T08:00:00Z")
		}, want: identity.StandingLeft},
		"hire date empty, and the end is to come": {change: func(e *identity.Engagement) {
			e.HireDate, e.LastDay, e.LeaverFirstSeen = "", "2026-06-30", instant(t, "2026-02-01T08:00:00Z")
		}, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"hire date empty, and the end was not seen ahead": {change: func(e *identity.Engagement) {
			e.HireDate, e.LastDay, e.LeaverFirstSeen = "", "2026-02-27", instant(t, "2026-03-01T08:00:00Z")
		}, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"hire date empty beside an old end of somebody who had left": {change: func(e *identity.Engagement) {
			e.HireDate, e.LastDay, e.LeaverFirstSeen, e.Departed = "", "2026-02-27", instant(t, "2026-02-01T08:00:00Z"), true
		}, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"status not sent":             {change: func(e *identity.Engagement) { e.Missing = []string{"status"} }, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"last day not sent":           {change: func(e *identity.Engagement) { e.Missing = []string{"last_day"} }, want: identity.StandingUnknown, notices: []string{"field_missing"}},
		"hire date unreadable":        {change: func(e *identity.Engagement) { e.HireDate = "01/02/2024" }, want: identity.StandingUnknown, notices: []string{"bad_date"}},
		"last day unreadable":         {change: func(e *identity.Engagement) { e.LastDay = "2026-02-30" }, want: identity.StandingUnknown, notices: []string{"bad_date"}},
		"an end before the first day": {change: func(e *identity.Engagement) { e.LastDay = "2023-01-31" }, want: identity.StandingActive, notices: []string{"dates_disagree"}},
		"terminated, and nothing else": {
			change: func(e *identity.Engagement) {
				e.Record = identity.Record{Source: e.Source, EmployeeID: e.EmployeeID, Status: identity.StatusTerminated, Location: "Berlin", Missing: []string{"hire_date", "last_day"}}
			},
			want: identity.StandingLeft,
		},
		"terminated with dates that cannot be read": {
			change: func(e *identity.Engagement) {
				e.HireDate, e.LastDay, e.Status = "01/02/2024", "2026-02-30", identity.StatusTerminated
			},
			want: identity.StandingLeft,
		},
		"terminated before the first day": {
			change: func(e *identity.Engagement) {
				e.HireDate, e.LastDay, e.Status = "2026-04-01", "2026-02-27", identity.StatusTerminated
			},
			want: identity.StandingLeft,
		},
		"department not sent": {change: func(e *identity.Engagement) { e.Department, e.Missing = "", []string{"department"} }, want: identity.StandingActive, notices: []string{"field_missing", "no_department"}},
		"no department":       {change: func(e *identity.Engagement) { e.Department = "" }, want: identity.StandingActive, notices: []string{"no_department"}},
		"no manager":          {change: func(e *identity.Engagement) { e.ManagerID = "" }, want: identity.StandingActive, notices: []string{"no_manager"}},
		"no location":         {change: func(e *identity.Engagement) { e.Location = "" }, want: identity.StandingActive, notices: []string{"unknown_zone"}},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := p.Person("workday-21001", []identity.Engagement{engineer(tt.change)}, instant(t, now))
			require.Equal(t, tt.want, got.Standing)
			require.Equal(t, tt.notices, codes(got.Notices))
			require.Equal(t, tt.late, got.Late)
			require.Equal(t, tt.want == identity.StandingUnknown, blocking(got.Notices))
			for _, n := range got.Notices {
				require.Equal(t, "it@acme.example", n.Owner)
			}
		})
	}
}

func TestPersonInstants(t *testing.T) {
	t.Parallel()
	e := engineer(func(e *identity.Engagement) { e.HireDate, e.Location = "2026-04-01", "Auckland" })
	got := example(t).Person("workday-21001", []identity.Engagement{e}, instant(t, "2026-03-02T10:00:00+01:00"))
	want := identity.Person{
		Key: "workday-21001", AsOf: instant(t, "2026-03-02T09:00:00Z"), Standing: identity.StandingUpcoming,
		Record: e.Record, Sources: 1, Zone: "Pacific/Auckland",
		CreateAt: instant(t, "2026-03-24T19:00:00Z"), ActivateAt: instant(t, "2026-03-31T19:00:00Z"),
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestNoEngagements(t *testing.T) {
	t.Parallel()
	got := example(t).Person("onelogin-7", nil, instant(t, "2026-03-02T09:00:00Z"))
	require.Equal(t, identity.StandingUnknown, got.Standing)
	require.Equal(t, []string{policy.NoticeNoRecord}, codes(got.Notices))
	require.True(t, blocking(got.Notices))
}

func TestSeveralEngagements(t *testing.T) {
	t.Parallel()
	hired := func(id, source string, change ...func(*identity.Engagement)) identity.Engagement {
		e := engineer(change...)
		e.EmployeeID, e.Source = id, source
		return e
	}
	const workday, bamboo = identity.SourceWorkday, identity.SourceBambooHR
	active := hired("active", bamboo)
	left := hired("left", workday, func(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2025-12-31", e.FirstSeen })
	leaving := hired("leaving", workday, func(e *identity.Engagement) { e.LastDay, e.LeaverFirstSeen = "2026-06-30", e.FirstSeen })
	onLeave := hired("on_leave", workday, func(e *identity.Engagement) { e.Status = identity.StatusOnLeave })
	upcoming := hired("upcoming", workday, func(e *identity.Engagement) { e.HireDate = "2026-05-01" })
	agreed := hired("agreed", bamboo, func(e *identity.Engagement) { e.HireDate, e.Status = "2026-05-01", identity.StatusInactive })
	gone := hired("gone", workday, func(e *identity.Engagement) { e.Found = false })
	unclear := hired("unclear", bamboo, func(e *identity.Engagement) { e.Status = identity.StatusInactive })
	rescinded := hired("rescinded", workday, func(e *identity.Engagement) { e.Status = identity.StatusRescinded })
	newer := hired("newer", bamboo, func(e *identity.Engagement) { e.HireDate = "2025-03-01" })
	workdayToo := hired("workday", workday, func(e *identity.Engagement) { e.HireDate = "2020-03-01" })

	tests := map[string]struct {
		all      []identity.Engagement
		want     identity.Standing
		decides  string
		blocking bool
	}{
		"active before left":                {[]identity.Engagement{left, active}, identity.StandingActive, "active", false},
		"active before leaving":             {[]identity.Engagement{leaving, active}, identity.StandingActive, "active", false},
		"leaving before on leave":           {[]identity.Engagement{onLeave, leaving}, identity.StandingLeaving, "leaving", false},
		"on leave before upcoming":          {[]identity.Engagement{upcoming, onLeave}, identity.StandingOnLeave, "on_leave", false},
		"upcoming before left":              {[]identity.Engagement{left, upcoming}, identity.StandingUpcoming, "upcoming", false},
		"agreed but inactive before left":   {[]identity.Engagement{left, agreed}, identity.StandingUpcoming, "agreed", false},
		"left before gone":                  {[]identity.Engagement{gone, left}, identity.StandingLeft, "left", false},
		"unclear before left":               {[]identity.Engagement{left, unclear}, identity.StandingUnknown, "unclear", true},
		"employed before unknown":           {[]identity.Engagement{gone, active}, identity.StandingActive, "active", false},
		"left before rescinded":             {[]identity.Engagement{rescinded, left}, identity.StandingLeft, "left", false},
		"unknown before rescinded":          {[]identity.Engagement{rescinded, gone}, identity.StandingUnknown, "gone", true},
		"all left":                          {[]identity.Engagement{left, left}, identity.StandingLeft, "left", false},
		"workday before bamboohr":           {[]identity.Engagement{newer, workdayToo}, identity.StandingActive, "workday", false},
		"the later hire of the same source": {[]identity.Engagement{active, newer}, identity.StandingActive, "newer", false},
	}
	p := example(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := instant(t, "2026-03-02T09:00:00Z")
			got := p.Person("workday-21001", tt.all, now)
			require.Equal(t, tt.want, got.Standing)
			require.Equal(t, tt.decides, got.Record.EmployeeID)
			require.Equal(t, len(tt.all), got.Sources)
			require.Equal(t, tt.blocking, blocking(got.Notices))
			turned := slices.Clone(tt.all)
			slices.Reverse(turned)
			require.Empty(t, cmp.Diff(got, p.Person("workday-21001", turned, now)), "the order of the engagements must not matter")
		})
	}
}
