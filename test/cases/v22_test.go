package cases

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// habitsInBerlin compare sign-ins with habits, after as short a time as rules can learn.
const habitsInBerlin = `
events:
  overlap: 10s
  reread: 10s
  update_every: 1s
  habits: {locations: [Berlin], learn: 20s}
  networks: [{cidr: 203.0.113.0/24, country: DE}, {cidr: 198.51.100.0/24, country: US}]
  rules:
    - {name: unusual-country, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {}}
    - {name: failed, types: [USER_FAILED_ONELOGIN_LOGIN]}
`

// TestCase_V22_SignInFromAnUnusualCountry: two people have signed in from one country only, and then do from another. One of them works
// where habits may be kept. Security is woken about that one, and not again once somebody has said that it is nothing.
func TestCase_V22_SignInFromAnUnusualCountry(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string { return roomy(t)(policy) + habitsInBerlin }})
	s.PagerHook()
	for id, location := range map[string]string{"21002": "Berlin", "21003": "London"} {
		_, err := s.Sandbox.HR(t.Context(), "workday", "change", id, control.Fields{"location": location}, true)
		require.NoError(t, err)
	}
	s.Baseline()
	readAccounts(s, true)
	berlin, london := s.Account("workday-21002"), s.Account("workday-21003")
	// signIn has both sign in, and somebody fail to after them, and waits until that was read.
	failures := 0
	signIn := func(at time.Time, ip string) {
		t.Helper()
		_, _, err := s.Sandbox.Events(t.Context(),
			control.Event{Type: 5, Usernames: []string{berlin.Username, london.Username}, Times: 2, IP: ip, CreatedAt: at, Quiet: true},
			control.Event{Type: 6, UserID: int64(900_000 + failures), IP: ip, Quiet: true})
		require.NoError(t, err)
		failures++
		s.Until("the events are read", func() bool {
			require.Equal(t, 202, s.OneLoginWebhook())
			return strings.Count(strings.Join(rulesPaged(s), " "), "failed:") == failures
		})
	}
	paged := func() (about []control.Incident) {
		for _, i := range mustIncidents(s) {
			if strings.HasPrefix(i.Summary, "unusual-country:") {
				about = append(about, i)
			}
		}
		return about
	}
	first := time.Now()
	signIn(first, "203.0.113.9")
	require.Empty(t, paged(), "nobody knows them yet")
	s.Until("they are known", func() bool { return time.Since(first) > 20*time.Second })
	signIn(time.Now(), "203.0.113.77")
	require.Empty(t, paged())
	signIn(time.Now(), "198.51.100.7")
	s.Until("somebody is woken, and there is a ticket", func() bool { return len(paged()) == 1 && len(s.Tickets()) == failures+1 })
	incident := paged()[0]
	require.Contains(t, incident.Summary, "workday-21002")
	require.Equal(t, "country not seen for this account in 90 days", incident.Details["reason"])
	tickets, err := s.Sandbox.Tickets(t.Context())
	require.NoError(t, err)
	var said string
	for _, ticket := range tickets {
		said += ticket.Description
	}
	require.Equal(t, 1, strings.Count(said, "country not seen for this account in 90 days"))
	require.Contains(t, s.Messages("C0SECURITY"), "country not seen for this account in 90 days")
	require.NoError(t, s.Sandbox.PagerAct(t.Context(), incident.DedupKey, "resolved"))
	c := s.Case("unusual-country")
	require.Equal(t, "resolved", incidentEnds(s, c).Result)
	signIn(time.Now(), "198.51.100.8")
	require.Len(t, paged(), 1, "it is usual from then on")
	require.Equal(t, "resolved", paged()[0].Status)

	// Nothing says any more where addresses are.
	s.WritePolicy(func(policy string) string {
		return roomy(t)(policy) + kit.Replace(t, habitsInBerlin, ", country: DE", "", ", country: US", "")
	})
	d := s.Desk(nil)
	s.Until("the rule is an item", func() bool {
		require.Equal(t, 202, s.OneLoginWebhook())
		return strings.Contains(d.MustRun("attention", "list"), "unusual-country")
	})
	_, found := examine(t, d)
	require.Contains(t, worst(found["GH-D17"]).Found, "rule unusual-country of the policy can never find anything")
}

// rulesPaged are the summaries of all pages.
func rulesPaged(s *kit.Stack) (summaries []string) {
	s.T.Helper()
	for _, i := range mustIncidents(s) {
		summaries = append(summaries, i.Summary)
	}
	return summaries
}
