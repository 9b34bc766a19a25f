package detect_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
	"gatehouse/policy/detect"
	"gatehouse/policy/policytest"
)

const watch = policytest.Everyone + `
events:
  approvers: [ann@acme.example, bob@acme.example]
  exclude_clients: [terraform]
  networks:
    - {cidr: 198.51.100.0/24, country: DE, latitude: 52.5, longitude: 13.4}
    - {cidr: 198.51.100.128/25, country: US, latitude: 37.8, longitude: -122.4}
  rules:
    - name: failed-logins
      types: [USER_FAILED_ONELOGIN_LOGIN]
      count: 5
      within: 10m
      reopen_after: 1h
      respond: [{order: lock, approval: automatic, minutes: 30}, {order: reset_password}]
    - name: impossible-travel
      types: [USER_LOGGED_INTO_ONELOGIN]
      impossible_travel: {speed_kmh: 1000}
      severity: critical
    - name: risky
      types: [USER_LOGGED_INTO_ONELOGIN]
      when: event.risk_score >= 80 && event.country != "DE"
      subject: ip
      severity: low
    - name: assumed
      types: [USER_ASSUMED_USER]
      subject: actor
`

func rule(t *testing.T, name string) detect.Rule {
	t.Helper()
	r, found := policytest.Parse(t, watch).Detection().Rule(name)
	require.True(t, found)
	return r
}

var nine = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// hitsAt makes hits 1, 2, 3 ... at minutes after nine.
func hitsAt(minutes ...float64) []detect.Hit {
	var out []detect.Hit
	for i, m := range minutes {
		out = append(out, detect.Hit{Event: int64(i + 1), At: nine.Add(time.Duration(m * float64(time.Minute)))})
	}
	return out
}

func TestCasesOfACount(t *testing.T) {
	t.Parallel()
	r := rule(t, "failed-logins")
	for name, tc := range map[string]struct {
		hits []detect.Hit
		want []string
	}{
		"four are none":                      {hitsAt(0, 1, 2, 3), nil},
		"five across a bucket's edge":        {hitsAt(7, 8, 9, 11, 13), []string{"1-5 (5)"}},
		"the same, the first one last":       {hitsAt(13, 9, 11, 8, 7), []string{"5-1 (5)"}},
		"five in exactly ten minutes":        {hitsAt(0, 1, 2, 3, 10), []string{"1-5 (5)"}},
		"five in a little more":              {hitsAt(0, 1, 2, 3, 10.1), nil},
		"all in one second":                  {hitsAt(0, 0, 0, 0, 0, 0), []string{"1-6 (6)"}},
		"a straggler does not count":         {hitsAt(0, 1, 2, 3, 4, 30), []string{"1-5 (5)"}},
		"a second burst within the hour":     {hitsAt(0, 1, 2, 3, 4, 40, 41, 42, 43, 44), []string{"1-10 (10)"}},
		"a second burst later":               {hitsAt(0, 1, 2, 3, 4, 65, 66, 67, 68, 69), []string{"1-5 (5)", "6-10 (5)"}},
		"a burst that rolls on":              {hitsAt(0, 2, 4, 6, 8, 10, 12, 14), []string{"1-8 (8)"}},
		"order and repetition do not matter": {append(hitsAt(4, 3, 2, 1, 0), hitsAt(4, 3)...), []string{"5-1 (5)"}},
	} {
		var got []string
		for _, c := range r.Cases(tc.hits) {
			got = append(got, fmt.Sprintf("%d-%d (%d)", c.FirstEvent, c.LastEvent, c.Events))
		}
		require.Equal(t, tc.want, got, name)
	}
}

func TestCasesOfTravel(t *testing.T) {
	t.Parallel()
	r := rule(t, "impossible-travel")
	berlin, francisco := detect.Place{Latitude: 52.5, Longitude: 13.4}, detect.Place{Latitude: 37.8, Longitude: -122.4}
	potsdam := detect.Place{Latitude: 52.4, Longitude: 13.0}
	require.InDelta(t, 9100, berlin.DistanceKM(francisco), 50)
	at := func(event int64, hours float64, p detect.Place) detect.Hit {
		return detect.Hit{Event: event, At: nine.Add(time.Duration(hours * float64(time.Hour))), Place: p}
	}
	for name, tc := range map[string]struct {
		hits []detect.Hit
		want int
	}{
		"an hour":                      {[]detect.Hit{at(1, 0, berlin), at(2, 1, francisco)}, 1},
		"ten hours":                    {[]detect.Hit{at(1, 0, berlin), at(2, 10, francisco)}, 0},
		"next door at once":            {[]detect.Hit{at(1, 0, berlin), at(2, 0, potsdam)}, 0},
		"the same instant":             {[]detect.Hit{at(1, 0, berlin), at(2, 0, francisco)}, 1},
		"one in between hides nothing": {[]detect.Hit{at(1, 0, berlin), at(2, 0.5, potsdam), at(3, 1, francisco)}, 1},
		"not compared after a day":     {[]detect.Hit{at(1, 0, berlin), at(2, 25, francisco)}, 0},
	} {
		require.Len(t, r.Cases(tc.hits), tc.want, name)
	}
}

// TestCasesOnlyGrow holds what the identity of incidents rests on: whatever order events arrive in, a case that was
// found once is inside a case ever after.
func TestCasesOnlyGrow(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	places := []detect.Place{{Latitude: 52.5, Longitude: 13.4}, {Latitude: 52.4, Longitude: 13}, {Latitude: 48.1, Longitude: 11.6}, {Latitude: 37.8, Longitude: -122.4}}
	for _, name := range []string{"failed-logins", "impossible-travel", "assumed"} {
		r := rule(t, name)
		for range 60 {
			var hits []detect.Hit
			for i := range 40 {
				hits = append(hits, detect.Hit{
					Event: int64(i + 1), At: nine.Add(time.Duration(random.IntN(400)) * time.Minute), Place: places[random.IntN(len(places))],
				})
			}
			var before []detect.Case
			for n := range hits {
				after := r.Cases(hits[:n+1])
				for _, c := range before {
					inside := slices.ContainsFunc(after, func(a detect.Case) bool {
						return !a.FirstAt.After(c.FirstAt) && !a.LastAt.Before(c.LastAt) && a.Events >= c.Events
					})
					require.True(t, inside, "%s: case %+v is lost in %+v", name, c, after)
				}
				before = after
			}
			shuffled := slices.Clone(hits)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			require.Empty(t, cmp.Diff(r.Cases(hits), r.Cases(shuffled)))
		}
	}
}

func TestMatchEvent(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, watch)
	berlin := &detect.Place{Country: "DE", Located: true, Latitude: 52.5}
	for name, tc := range map[string]struct {
		event detect.Event
		want  []detect.Match
	}{
		"a user": {
			detect.Event{Type: "USER_FAILED_ONELOGIN_LOGIN", UserID: 42, UserName: "ada"},
			[]detect.Match{{Rule: "failed-logins", Kind: detect.SubjectUser, Account: 42}},
		},
		"a name that nobody has": {
			detect.Event{Type: "USER_FAILED_ONELOGIN_LOGIN", UserName: "root"},
			[]detect.Match{{Rule: "failed-logins", Kind: detect.SubjectUser, Text: "root"}},
		},
		"nobody": {detect.Event{Type: "USER_FAILED_ONELOGIN_LOGIN"}, nil},
		"excluded": {
			detect.Event{Type: "USER_FAILED_ONELOGIN_LOGIN", UserID: 42, ClientID: "terraform"}, nil,
		},
		"a place": {
			detect.Event{Type: "USER_LOGGED_INTO_ONELOGIN", UserID: 42, IP: "198.51.100.7", Place: berlin, RiskScore: 90},
			[]detect.Match{{Rule: "impossible-travel", Kind: detect.SubjectUser, Account: 42, Place: berlin}},
		},
		"a risk from nowhere": {
			detect.Event{Type: "USER_LOGGED_INTO_ONELOGIN", UserID: 42, IP: "203.0.113.9", RiskScore: 90},
			[]detect.Match{{Rule: "risky", Kind: detect.SubjectIP, Text: "203.0.113.9"}},
		},
		"an actor": {
			detect.Event{Type: "USER_ASSUMED_USER", UserID: 42, ActorID: 5},
			[]detect.Match{{Rule: "assumed", Kind: detect.SubjectActor, Account: 5}},
		},
		"another type": {detect.Event{Type: "CREATED_USER", UserID: 42}, nil},
	} {
		got, failed := p.Detection().Match(&tc.event)
		require.Empty(t, failed, name)
		require.Empty(t, cmp.Diff(tc.want, got), name)
	}
	broken := policytest.Parse(t, policytest.Everyone+`events: {rules: [{name: r, types: [X], when: 'event.notes == "" || int(event.notes) > 5'}]}`)
	got, failed := broken.Detection().Match(&detect.Event{Type: "X", UserID: 1, Notes: "many"})
	require.Empty(t, got)
	require.Equal(t, []string{"r"}, failed)
}

func TestEventRules(t *testing.T) {
	t.Parallel()
	failed := rule(t, "failed-logins")
	require.Equal(t, "error", failed.Pager)
	require.Equal(t, []detect.Response{
		{Order: identity.OrderLock, Approval: detect.ApprovalAutomatic, Minutes: 30},
		{Order: identity.OrderResetPassword, Approval: detect.ApprovalSecondPerson},
	}, failed.Respond)
	require.Equal(t, detect.PagerNone, rule(t, "risky").Pager)
	require.Equal(t, 24*time.Hour, rule(t, "impossible-travel").ReopenAfter)
	require.Equal(t, time.Hour, rule(t, "assumed").ReopenAfter)
	p := policytest.Parse(t, watch)
	require.Equal(t, 15*time.Minute, p.Detection().Settings().Overlap)
	place, found := p.Detection().Network(netip.MustParseAddr("::ffff:198.51.100.200"))
	require.True(t, found)
	require.Equal(t, "US", place.Country, "the most specific network counts")
	_, found = p.Detection().Network(netip.MustParseAddr("203.0.113.1"))
	require.False(t, found)
}

func TestEventNamesOfTheTenant(t *testing.T) {
	t.Parallel()
	p := policytest.Parse(t, watch)
	types := []string{"USER_FAILED_ONELOGIN_LOGIN", "USER_LOGGED_INTO_ONELOGIN", "USER_ASSUMED_USER"}
	require.ElementsMatch(t, types, p.Detection().Types())
	require.NoError(t, p.Detection().Check(types, false), "the policy lists networks")
	err := p.Detection().Check([]string{"USER_FAILED_ONELOGIN_LOGINS", "USER_LOGGED_INTO_ONELOGIN"}, false)
	var problems *yamlfile.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems.List, 2)
	require.Contains(t, problems.List[0].Text, `did you mean "USER_FAILED_ONELOGIN_LOGINS"?`)
	line := strings.Split(policytest.Smallest+watch, "\n")[problems.List[0].Line-1]
	require.Equal(t, "USER_FAILED_ONELOGIN_LOGIN]", line[problems.List[0].Col-1:])

	nowhere := policytest.Parse(t, policytest.Everyone+`
events:
  rules:
    - {name: travel, types: [A], impossible_travel: {}}
    - {name: abroad, types: [A], when: event.country != "DE"}
`)
	require.NoError(t, nowhere.Detection().Check([]string{"A"}, true))
	err = nowhere.Detection().Check([]string{"A"}, false)
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems.List, 2)
	require.Contains(t, err.Error(), "configure events.geoip")
	require.True(t, slices.IsSortedFunc(problems.List, func(a, b yamlfile.Problem) int { return a.Line - b.Line }))
}
