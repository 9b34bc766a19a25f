package detect_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/policy/detect"
	"gatehouse/policy/policytest"
)

const habits = policytest.Everyone + `
events:
  approvers: [ann@acme.example, bob@acme.example]
  exclude_clients: [terraform]
  habits: {locations: [Berlin]}
  networks:
    - {cidr: 198.51.100.0/25, country: DE}
    - {cidr: 192.0.2.7/32, country: DE}
    - {cidr: 10.0.0.0/8}
  rules:
    - {name: abroad, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {}}
    - {name: risky-abroad, types: [USER_LOGGED_INTO_ONELOGIN], when: event.risk_score >= 80, unusual_location: {by: country}, severity: critical}
    - {name: elsewhere, types: [USER_LOGGED_INTO_ONELOGIN, USER_LOGGED_INTO_APP], unusual_location: {by: network}, severity: low}
    - {name: failed, types: [USER_FAILED_ONELOGIN_LOGIN]}
`

// day is so many days after a Monday at nine.
func day(n float64) time.Time { return nine.Add(time.Duration(n * 24 * float64(time.Hour))) }

func at(country string) *detect.Place { return &detect.Place{Country: country} }

// signedIn is a sign-in of user 42 from somewhere.
func signedIn(id int64, n float64, country string) detect.Event {
	return detect.Event{ID: id, Type: "USER_LOGGED_INTO_ONELOGIN", UserID: 42, At: day(n), Place: at(country)}
}

// weighed teaches a habit one event and returns the rules that count it.
func weighed(d *detect.Rules, h detect.Habit, e detect.Event, paging bool) []string {
	s, found := d.Sighting(&e)
	matches, _ := d.Match(&e)
	if !found {
		return nil
	}
	unusual := d.Weigh(h, s, matches, paging)
	var rules []string
	for _, m := range matches {
		if slices.Contains(unusual, m.Spot) {
			rules = append(rules, m.Rule)
		}
	}
	return rules
}

func TestUnusualCountry(t *testing.T) {
	t.Parallel()
	d := policytest.Parse(t, habits).Detection()
	for name, tc := range map[string]struct {
		// visits are country and day.
		visits []string
		want   []int
	}{
		"an account older than Gatehouse learns first":   {[]string{"US 0", "FR 5", "ES 13"}, nil},
		"after that a new country is unusual":            {[]string{"DE 0", "DE 13", "ES 14"}, []int{2}},
		"and stays so until people have said otherwise":  {[]string{"DE 0", "DE 13", "ES 14", "ES 16", "ES 40"}, []int{2, 3, 4}},
		"what was learned is usual":                      {[]string{"DE 0", "FR 3", "FR 20", "DE 21"}, nil},
		"for 90 days":                                    {[]string{"FR 3", "DE 0", "DE 50", "DE 80", "FR 93", "FR 100"}, nil},
		"and no longer":                                  {[]string{"DE 0", "FR 3", "DE 50", "DE 80", "FR 94"}, []int{4}},
		"nobody seen for 90 days is known":               {[]string{"DE 0", "DE 20", "US 120", "FR 121"}, nil},
		"a country seen once, long after the first":      {[]string{"DE 0", "DE 60", "DE 120", "FR 121"}, []int{3}},
		"less than a day before the end of the learning": {[]string{"DE 0", "FR 13.5", "FR 14", "FR 15"}, []int{2}},
	} {
		h := detect.Habit{}
		var got []int
		for i, v := range tc.visits {
			var country string
			var n float64
			_, err := fmt.Sscan(v, &country, &n)
			require.NoError(t, err)
			if rules := weighed(d, h, signedIn(int64(i+1), n, country), true); len(rules) > 0 {
				require.Equal(t, []string{"abroad"}, rules, name)
				got = append(got, i)
			}
		}
		require.Equal(t, tc.want, got, name)
	}
}

// TestWhatNobodyWaitsFor: a place that nobody is woken about, and that no rule reports, is usual a day after it was first seen.
func TestWhatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	d := policytest.Parse(t, habits).Detection()
	from := func(n float64, country, ip string, risk int) detect.Event {
		e := signedIn(1, n, country)
		e.IP, e.RiskScore = ip, risk
		return e
	}
	h := detect.Habit{}
	require.Empty(t, weighed(d, h, from(0, "DE", "203.0.113.9", 0), true))
	require.Equal(t, []string{"elsewhere"}, weighed(d, h, from(20, "DE", "192.0.2.200", 0), true))
	require.Equal(t, []string{"elsewhere"}, weighed(d, h, from(20.9, "DE", "192.0.2.201", 0), true), "the first day is one case")
	require.Empty(t, weighed(d, h, from(21, "DE", "192.0.2.9", 0), true))

	require.Equal(t, []string{"abroad", "risky-abroad"}, weighed(d, h, from(22, "US", "192.0.2.9", 90), true))
	require.Equal(t, []string{"abroad"}, weighed(d, h, from(22, "FR", "192.0.2.9", 0), false))
	require.Empty(t, weighed(d, h, from(23, "FR", "192.0.2.9", 90), false), "without a pager nobody could close an incident")
	require.NotEmpty(t, weighed(d, h, from(24, "US", "192.0.2.9", 0), true))
}

// TestAcceptedPlace: after people have closed the incident, and not before that, however late it is heard of.
func TestAcceptedPlace(t *testing.T) {
	t.Parallel()
	d := policytest.Parse(t, habits).Detection()
	h := detect.Habit{}
	require.Empty(t, weighed(d, h, signedIn(1, 0, "DE"), true))
	require.NotEmpty(t, weighed(d, h, signedIn(2, 20, "ES"), true))
	h[detect.Spot{By: detect.ByCountry, Name: "ES"}] = d.Settings().Habits.Accepted(day(20.5))
	require.NotEmpty(t, weighed(d, h, signedIn(3, 20.4, "ES"), true), "it happened before")
	require.Empty(t, weighed(d, h, signedIn(4, 20.5, "ES"), true))
	require.Empty(t, weighed(d, h, signedIn(5, 21, "ES"), true))
	require.NotEmpty(t, weighed(d, h, signedIn(6, 21, "IT"), true), "no other place")
}

// TestWhatTeaches: who signed in, themselves, and from where.
func TestWhatTeaches(t *testing.T) {
	t.Parallel()
	d := policytest.Parse(t, habits).Detection()
	spots := func(change func(e *detect.Event)) []string {
		e := signedIn(1, 0, "DE")
		e.IP = "203.0.113.77"
		change(&e)
		s, found := d.Sighting(&e)
		matches, failed := d.Match(&e)
		require.Empty(t, failed)
		for _, m := range matches {
			require.True(t, m.Spot == (detect.Spot{}) || found && slices.Contains(s.Spots, m.Spot), "what counts can be compared: %+v", m)
		}
		var names []string
		for _, s := range s.Spots {
			names = append(names, s.Name)
		}
		return names
	}
	for name, tc := range map[string]struct {
		change func(e *detect.Event)
		want   []string
	}{
		"a sign-in":                        {func(*detect.Event) {}, []string{"DE", "203.0.113.0/24"}},
		"to an app, which one rule is for": {func(e *detect.Event) { e.Type = "USER_LOGGED_INTO_APP" }, []string{"203.0.113.0/24"}},
		"a failed one":                     {func(e *detect.Event) { e.Type = "USER_FAILED_ONELOGIN_LOGIN" }, nil},
		"an administrator as somebody":     {func(e *detect.Event) { e.AssumingID = 7 }, nil},
		"an excluded client":               {func(e *detect.Event) { e.ClientID = "terraform" }, nil},
		"a name without an account":        {func(e *detect.Event) { e.UserID, e.UserName = 0, "root" }, nil},
		"no address":                       {func(e *detect.Event) { e.IP, e.Place = "", nil }, nil},
		"what is no address":               {func(e *detect.Event) { e.IP, e.Place = "unknown", nil }, nil},
		"an address nobody knows":          {func(e *detect.Event) { e.Place = nil }, []string{"203.0.113.0/24"}},
		"a network of the policy":          {func(e *detect.Event) { e.IP = " 198.51.100.7" }, []string{"DE", "198.51.100.0/24"}},
		"never a whole address":            {func(e *detect.Event) { e.IP = "192.0.2.7" }, []string{"DE", "192.0.2.0/24"}},
		"a wide network of the policy":     {func(e *detect.Event) { e.IP, e.Place = "10.1.2.3", at("") }, []string{"10.0.0.0/8"}},
		"IPv6":                             {func(e *detect.Event) { e.IP = "2001:db8:aaaa:bbbb::1" }, []string{"DE", "2001:db8:aaaa::/48"}},
		"IPv6 with a zone":                 {func(e *detect.Event) { e.IP, e.Place = "fe80::1%eth0", nil }, []string{"fe80::/48"}},
		"IPv4 in IPv6":                     {func(e *detect.Event) { e.IP = "::ffff:203.0.113.5" }, []string{"DE", "203.0.113.0/24"}},
	} {
		require.Equal(t, tc.want, spots(tc.change), name)
	}
}

// TestHabitsAreOffWithoutLocations: nothing is compared, taught or asked for.
func TestHabitsAreOffWithoutLocations(t *testing.T) {
	t.Parallel()
	off := policytest.Parse(t, policytest.Everyone+`events: {rules: [{name: a, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {}}]}`).Detection()
	e := signedIn(1, 0, "DE")
	_, found := off.Sighting(&e)
	require.False(t, found)
	matches, _ := off.Match(&e)
	require.Empty(t, matches)
	require.False(t, off.CompareHabits())
	require.Empty(t, off.Types(), "its events are not read for it")
	require.Empty(t, off.Nowhere(false))
	_, known := off.Rule("a")
	require.True(t, known, "cases of before keep their severity")

	on := policytest.Parse(t, habits).Detection()
	require.True(t, on.CompareHabits())
	require.True(t, on.OnlyForHabits("USER_LOGGED_INTO_ONELOGIN"))
	require.False(t, on.OnlyForHabits("USER_FAILED_ONELOGIN_LOGIN"))
}

// TestRulesThatCanNeverFire: a country needs something that says it, a network does not.
func TestRulesThatCanNeverFire(t *testing.T) {
	t.Parallel()
	rules := func(networks string) *detect.Rules {
		return policytest.Parse(t, policytest.Everyone+`events:
  habits: {locations: [Berlin]}
  networks: [`+networks+`]
  rules:
    - {name: abroad, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {}}
    - {name: elsewhere, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {by: network}}
    - {name: travel, types: [USER_LOGGED_INTO_ONELOGIN], impossible_travel: {}}
`).Detection()
	}
	require.Equal(t, []string{"abroad", "travel"}, rules("").Nowhere(false))
	require.Empty(t, rules("").Nowhere(true))
	require.Equal(t, []string{"abroad"}, rules("{cidr: 10.0.0.0/8}").Nowhere(false), "a network without a country says nothing")
	require.Empty(t, rules("{cidr: 10.0.0.0/8, country: DE}").Nowhere(false))
	require.ErrorContains(t, rules("").Check([]string{"USER_LOGGED_INTO_ONELOGIN"}, false), `"abroad" asks where an address is`)
}

// TestHabitsInAnyOrder: events that become visible up to events.reread late, and those that are read twice, come to the same as all of
// them in their order. So does what is found of them.
func TestHabitsInAnyOrder(t *testing.T) {
	t.Parallel()
	d := policytest.Parse(t, habits).Detection()
	settings := d.Settings()
	type entry struct {
		detect.Event
		visible time.Time
	}
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 9))
		paging := seed%2 == 0
		var log []entry
		n := 0.0
		for id := range int64(250) {
			n += random.ExpFloat64() * 0.6
			country := "DE"
			if random.IntN(12) == 0 {
				country = []string{"FR", "US", "ES", "BR", "JP"}[random.IntN(5)]
			}
			e := signedIn(id+1, n, country)
			e.IP = fmt.Sprintf("203.0.%d.9", random.IntN(3+int(n/20)))
			log = append(log, entry{e, e.At.Add(time.Duration(random.Int64N(int64(settings.Reread))))})
		}
		want := map[int64][]string{}
		inOrder := detect.Habit{}
		for _, e := range log {
			if rules := weighed(d, inOrder, e.Event, paging); len(rules) > 0 {
				want[e.ID] = rules
			}
		}
		require.NotEmpty(t, want)
		slices.SortStableFunc(log, func(a, b entry) int { return a.visible.Compare(b.visible) })
		got, late := map[int64][]string{}, detect.Habit{}
		for from := 0; from < len(log); from += 7 {
			// A batch, with what was read before it, in the order in which they happened.
			batch := slices.Clone(log[max(0, from-10):min(len(log), from+7)])
			slices.SortStableFunc(batch, func(a, b entry) int { return a.At.Compare(b.At) })
			for _, e := range batch {
				if rules := weighed(d, late, e.Event, paging); len(rules) > 0 {
					got[e.ID] = rules
				} else {
					require.NotContains(t, got, e.ID, "what was found once stays")
				}
			}
		}
		require.Empty(t, cmp.Diff(want, got), "seed %d", seed)
		require.True(t, maps.Equal(inOrder, late), "seed %d", seed)
	}
}
