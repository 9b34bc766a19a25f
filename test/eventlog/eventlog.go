// Package eventlog is a tenant's log of events that tests read over HTTP, and the oracle that says what cases it holds.
//
// The log is as awkward as the real one: pages of 50, exclusive bounds, a cursor on the last page, events that become
// visible after others that happened later, entries that come twice, and several in the same instant.
package eventlog

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/ledger/incidents"
	"gatehouse/policy"
	"gatehouse/policy/detect"
)

// The event types of the log.
const (
	TypeLogin  = 5
	TypeFailed = 6
)

// Policy has rules of every sort over the log's events.
const Policy = `
company: {zone: Europe/Berlin, domain: acme.example}
leaver: {fallback_owner: it@acme.example}
access: {rules: [{name: everyone, when: "true", roles: [Everyone]}]}
safety: {protected: []}
modes: {}
events:
  networks:
    - {cidr: 203.0.113.0/24, country: DE, latitude: 52.5, longitude: 13.4}
    - {cidr: 198.51.100.0/24, country: US, latitude: 37.8, longitude: -122.4}
  rules:
    - {name: failed-logins, types: [USER_FAILED_ONELOGIN_LOGIN], count: 5, within: 10m, reopen_after: 20m}
    - {name: travel, types: [USER_LOGGED_INTO_ONELOGIN], impossible_travel: {}, within: 1h, reopen_after: 2h}
    - {name: abroad, types: [USER_LOGGED_INTO_ONELOGIN], when: event.country == "US", subject: ip, reopen_after: 5m}
end: policy
`

// HabitPolicy is Policy with rules that compare habits as well. No event of a random log is later than its reread.
var HabitPolicy = strings.Replace(Policy, "  rules:\n", `  reread: 15m
  habits: {locations: [Berlin], learn: 40m, keep: 80m}
  rules:
    - {name: unusual-country, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {}, reopen_after: 30m}
    - {name: unusual-network, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {by: network}, severity: low}
`, 1)

// Paging says whether the rules of the log wake somebody where they say so.
const Paging = true

// InBerlin reports that a user works where habits may be kept.
func InBerlin(user int64) bool { return user%3 != 0 }

// Event is an entry of the log.
type Event struct {
	ID   int64
	Type int
	User int64
	IP   string
	At   time.Time
	// Visible is the moment of the log from which it can be read.
	Visible int
}

// Log is an http.Handler that answers as OneLogin does.
type Log struct {
	mu     sync.Mutex
	all    []Event
	moment int
	calls  int
	fail   int
}

// Add appends an event. Ids have to ascend.
func (l *Log) Add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
}

// Show lets everything be seen that is visible at a moment.
func (l *Log) Show(moment int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moment = moment
}

// FailNext makes the n-th page from now on fail.
func (l *Log) FailNext(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fail = l.calls + n
}

// Calls counts the pages that were asked for.
func (l *Log) Calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls
}

// Random makes a log of n events over some minutes, each of which is a moment. A fifth of the events is late by up to 12
// minutes, every tenth happens in the very instant of the one before, and bursts of failures come upon a few users.
func Random(n, minutes int, from time.Time) *Log {
	l := &Log{}
	r := rand.New(rand.NewPCG(uint64(n), 7))
	at := from
	step := time.Duration(minutes) * time.Minute / time.Duration(n)
	attacked := int64(0)
	for i := range n {
		if r.IntN(10) != 0 {
			at = at.Add(time.Duration(r.Int64N(int64(2 * step))))
		}
		if r.IntN(40) == 0 {
			attacked = int64(r.IntN(max(20, n/50)))
		}
		e := Event{ID: int64(1000 + i), Type: TypeLogin, User: 1 + int64(r.IntN(max(20, n/20))), At: at.Truncate(time.Millisecond), IP: "203.0.113.9"}
		if r.IntN(3) == 0 {
			e.Type, e.User = TypeFailed, 1+attacked
		}
		if r.IntN(200) == 0 {
			e.IP = "198.51.100.7"
		}
		e.Visible = int(e.At.Sub(from)/time.Minute) + 1
		if r.IntN(5) == 0 {
			e.Visible += 1 + r.IntN(12)
		}
		l.all = append(l.all, e)
	}
	return l
}

// ServeHTTP implements http.Handler. /moment answers with the moment of the log, for a reader in another process. What it was not made for is an error that a reader cannot miss.
func (l *Log) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var reply any
	switch r.URL.Path {
	case "/auth/oauth2/v2/token":
		reply = map[string]any{"access_token": "t", "created_at": time.Now().UTC().Format(time.RFC3339), "expires_in": 36000}
	case "/api/1/events/types":
		reply = map[string]any{"status": map[string]any{"error": false}, "data": []any{
			map[string]any{"id": TypeLogin, "name": "USER_LOGGED_INTO_ONELOGIN"},
			map[string]any{"id": TypeFailed, "name": "USER_FAILED_ONELOGIN_LOGIN"},
			map[string]any{"id": 13, "name": "CREATED_USER"},
		}}
	case "/moment":
		l.mu.Lock()
		reply = l.moment
		l.mu.Unlock()
	case "/api/1/events":
		var err error
		if reply, err = l.page(r.URL.Query()); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	default:
		http.Error(w, "the log has no such path", http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(reply) // The reader may have been killed.
}

func (l *Log) page(q url.Values) (any, error) {
	since, err := time.Parse(time.RFC3339, q.Get("since"))
	if err != nil || q.Get("sort") != "+id" {
		return nil, fmt.Errorf("since %q or sort %q cannot be read", q.Get("since"), q.Get("sort"))
	}
	after, _ := strconv.ParseInt(q.Get("after_cursor"), 10, 64) // None on the first page.
	types := strings.Split(q.Get("event_type_id"), ",")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if l.calls == l.fail {
		return nil, fmt.Errorf("page %d fails as told", l.calls)
	}
	from, _ := slices.BinarySearchFunc(l.all, after+1, func(e Event, id int64) int { return cmp.Compare(e.ID, id) })
	var data []any
	var link any
	for _, e := range l.all[from:] {
		if e.Visible > l.moment || !e.At.After(since) || !slices.Contains(types, strconv.Itoa(e.Type)) {
			continue
		}
		if len(data) == 50 {
			link = "https://x"
			break
		}
		after = e.ID
		data = append(data, map[string]any{
			"id": e.ID, "event_type_id": e.Type, "created_at": e.At.UTC().Format("2006-01-02T15:04:05.000Z"), "user_id": e.User,
			"ipaddr": e.IP, "user_name": "somebody", "app-name": nil, "risk_score": nil,
		})
	}
	if l.calls%3 == 0 && len(data) > 0 {
		// As a reader sees it whose page moved under it.
		data = append(data, data[0])
	}
	return map[string]any{
		"status": map[string]any{"error": false}, "data": data,
		"pagination": map[string]any{"after_cursor": strconv.FormatInt(after, 10), "next_link": link},
	}, nil
}

// Line is a case without what depends on the order in which events arrived.
type Line struct {
	Rule, Subject string
	First, Last   int64
	Events        int
	From, To      int64
}

func sorted(lines []Line) []Line {
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.From, b.From), cmp.Compare(a.First, b.First))
	})
	return lines
}

// Found are the cases of a ledger.
func Found(cases []incidents.Case) []Line {
	var out []Line
	for _, c := range cases {
		if c.MergedInto == 0 {
			out = append(out, Line{c.Rule, c.Subject, c.FirstEvent, c.LastEvent, c.Events, c.FirstAt.UnixMilli(), c.LastAt.UnixMilli()})
		}
	}
	return sorted(out)
}

// Oracle works out the cases from all events at once: no ledger, no pages, no order of arrival. Digest is the one that
// stands for an address.
func (l *Log) Oracle(p *policy.Policy, digest func(string) string) []Line {
	hits := map[[2]string][]detect.Hit{}
	habits := map[int64]detect.Habit{}
	inOrder := slices.Clone(l.all)
	slices.SortStableFunc(inOrder, func(a, b Event) int { return a.At.Compare(b.At) })
	for _, e := range inOrder {
		event := detect.Event{ID: e.ID, At: e.At, UserID: e.User, IP: e.IP, Type: "USER_LOGGED_INTO_ONELOGIN"}
		if e.Type == TypeFailed {
			event.Type = "USER_FAILED_ONELOGIN_LOGIN"
		}
		if place, found := p.Detection().Network(netip.MustParseAddr(e.IP)); found {
			event.Place = &place
		}
		matches, _ := p.Detection().Match(&event)
		var unusual []detect.Spot
		if sighting, found := p.Detection().Sighting(&event); found && InBerlin(e.User) {
			if habits[e.User] == nil {
				habits[e.User] = detect.Habit{}
			}
			unusual = p.Detection().Weigh(habits[e.User], sighting, matches, Paging)
		}
		for _, m := range matches {
			if m.Spot != (detect.Spot{}) && !slices.Contains(unusual, m.Spot) {
				continue
			}
			subject := "onelogin-" + strconv.FormatInt(m.Account, 10)
			if m.Account == 0 {
				subject = "ip-" + digest("ip/" + m.Text)[:20]
			}
			h := detect.Hit{Event: e.ID, At: e.At}
			if m.Place != nil {
				h.Place = *m.Place
			}
			hits[[2]string{m.Rule, subject}] = append(hits[[2]string{m.Rule, subject}], h)
		}
	}
	var out []Line
	for of, list := range hits {
		rule, _ := p.Detection().Rule(of[0])
		for _, c := range rule.Cases(list) {
			out = append(out, Line{of[0], of[1], c.FirstEvent, c.LastEvent, c.Events, c.FirstAt.UnixMilli(), c.LastAt.UnixMilli()})
		}
	}
	return sorted(out)
}
