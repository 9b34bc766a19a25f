package activities_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/inventory"
	"gatehouse/sandbox/control"
)

// habitRules compare sign-ins with habits, of people in Berlin and Honolulu.
const habitRules = `
events:
  habits: {locations: [BERLIN, Honolulu]}
  networks:
    - {cidr: 203.0.113.0/24, country: DE}
    - {cidr: 198.51.100.0/24, country: US}
    - {cidr: 192.0.2.0/28, country: DE}
  rules:
    - {name: abroad, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {}, respond: [{order: log_out, approval: automatic}]}
    - {name: elsewhere, types: [USER_LOGGED_INTO_ONELOGIN], unusual_location: {by: network}, severity: low}
`

const (
	office, abroad, vpn = "203.0.113.9", "198.51.100.7", "192.0.2.7"
	typeSignedIn        = 5
)

// habitRig has read HR and the accounts of a tenant, in which some people work in Berlin and everybody else in London.
type habitRig struct {
	*rig
	batch int
}

func newHabitRig(t *testing.T, inBerlin ...string) *habitRig {
	t.Helper()
	r := &habitRig{rig: newRig(t, rigOptions{policy: []string{"\nmodes:", habitRules + "\nmodes:"}})}
	r.temporal.On("SignalWithStartWorkflow", mock.Anything, mock.Anything, api.SignalCase, mock.Anything, mock.Anything, mock.Anything,
		mock.Anything).Return(startedRun{}, nil)
	for _, p := range r.people() {
		source, id, err := identity.SplitKey(p.ExternalID)
		if err != nil || source == identity.SourceAccount {
			continue
		}
		location := "London"
		if slices.Contains(inBerlin, p.ExternalID) {
			location = " Berlin"
		}
		r.hr(source, "change", id, control.Fields{"location": location})
	}
	r.read()
	return r
}

// read reads HR and the accounts.
func (r *habitRig) read() {
	r.t.Helper()
	r.batch++
	for _, source := range []string{"workday", "bamboohr"} {
		report := r.collect(source, strconv.Itoa(r.batch))
		r.settle(source, strconv.Itoa(r.batch), report.Cursor)
	}
	r.sweep(strconv.Itoa(r.batch))
	r.matchAll()
}

// happen has events happen and reads them. It returns the cases so far, as rule and subject.
func (r *habitRig) happen(events ...control.Event) []string {
	r.t.Helper()
	if len(events) > 0 {
		_, _, err := r.sandbox.Events(r.t.Context(), events...)
		require.NoError(r.t, err)
	}
	r.must(api.EventsCollect, api.Nothing{})
	r.must(api.EventsEvaluate, api.Nothing{})
	all, err := r.app.Ledger.Incidents().Cases(r.t.Context(), 0)
	require.NoError(r.t, err)
	var out []string
	for _, c := range all {
		out = append(out, c.Rule+"/"+c.Subject)
	}
	slices.Sort(out)
	return out
}

func from(ip string, usernames ...string) control.Event {
	return control.Event{Type: typeSignedIn, IP: ip, Usernames: usernames, Times: len(usernames)}
}

func (r *habitRig) days(n float64) {
	r.clock.Advance(time.Duration(n * 24 * float64(time.Hour)))
}

// kept is what the ledger keeps of habits, of whomever. A value that is not sealed has a byte before it that says so.
func (r *habitRig) kept() []string {
	r.t.Helper()
	db, err := sql.Open("sqlite", r.config.Ledger.URL.Reveal())
	require.NoError(r.t, err)
	defer func() { require.NoError(r.t, db.Close()) }()
	return r.column(db, "SELECT account_id||' '||CAST(SUBSTR(place, 2) AS TEXT) FROM habits ORDER BY account_id, kind, place")
}

// events counts the events that the ledger has.
func (r *habitRig) events() string {
	r.t.Helper()
	db, err := sql.Open("sqlite", r.config.Ledger.URL.Reveal())
	require.NoError(r.t, err)
	defer func() { require.NoError(r.t, db.Close()) }()
	return r.column(db, "SELECT CAST(COUNT(*) AS TEXT) FROM events")[0]
}

func subject(p control.Person) string { return "onelogin-" + strconv.FormatInt(p.ID, 10) }

// TestUnusualCountryOfWhom has everybody sign in at the office for some weeks, and then abroad.
func TestUnusualCountryOfWhom(t *testing.T) {
	t.Parallel()
	r := newHabitRig(t, "workday-21002", "workday-21003", "workday-21005")
	ada, mover, leaver, london := r.account("workday-21002"), r.account("workday-21003"), r.account("workday-21005"), r.account("workday-21006")
	second, err := r.sandbox.CopyAccount(t.Context(), ada.ID, control.Fields{})
	require.NoError(t, err)
	nobodys, err := r.sandbox.CreateAccount(t.Context(), control.Fields{"username": "scanner@acme.example", "email": "scanner@acme.example", "firstname": "Hall", "lastname": "Scanner"})
	require.NoError(t, err)
	r.read()
	require.NoError(t, r.app.Ledger.Inventory().LinkAccount(t.Context(), inventory.LinkAccount{
		Ref: identity.OneLoginRef(second.ID), Person: "workday-21002", Use: identity.UseAdmin, By: "test",
	}))
	everybody := []string{ada.Username, second.Username, mover.Username, leaver.Username, london.Username, nobodys.Username}
	r.happen()
	for range 3 {
		// The accounts are older than Gatehouse, which has seen none of their sign-ins.
		require.Empty(t, r.happen(from(office, everybody[0], everybody[2], everybody[3], everybody[4], everybody[5])))
		r.days(7)
	}
	var want []string
	for _, p := range []control.Person{ada, mover, leaver} {
		want = append(want, fmt.Sprint(p.ID, " DE"), fmt.Sprint(p.ID, " 203.0.113.0/24"))
	}
	require.ElementsMatch(t, want, r.kept(), "of nobody else, and no more than that")
	require.Equal(t, "0", r.events(), "what is usual leaves no event")

	// HR has moved somebody to where no habit may be kept, and somebody has left.
	r.hr("workday", "change", "21003", control.Fields{"location": "London"})
	r.hr("workday", "terminate", "21005", control.Fields{"last_day": "today-1"})
	r.read()
	risky := 3
	found := r.happen(
		control.Event{Type: 6, IP: abroad, Usernames: []string{ada.Username}},                                                          // a failed one
		control.Event{Type: typeSignedIn, IP: abroad, Usernames: []string{ada.Username}, Assuming: london.Username, RiskScore: &risky}, // an administrator as her
		control.Event{Type: typeSignedIn, IP: " ", Usernames: []string{ada.Username}},                                                  // without an address
		from("203.0.114.1", ada.Username), // in a country that nothing tells
		from(vpn, ada.Username),           // over the company's own network
		control.Event{Type: typeSignedIn, IP: abroad, Usernames: []string{ada.Username}, CreatedAt: r.clock.Now().Add(50 * time.Hour)}, // of a clock that is ahead
	)
	require.Equal(t, []string{"elsewhere/" + subject(ada)}, found, "two networks, and no country")
	for _, line := range r.kept() {
		require.NotContains(t, line, "US")
	}
	r.days(1)
	found = r.happen(from(abroad, everybody...))
	require.Equal(t, []string{"abroad/" + subject(ada), "elsewhere/" + subject(ada)}, slices.Compact(found),
		"neither of who has moved, nor of who has left, nor of an account that is just being learned")
	var places []string
	for _, line := range r.kept() {
		id, place, _ := strings.Cut(line, " ")
		require.Contains(t, []string{strconv.FormatInt(ada.ID, 10), strconv.FormatInt(second.ID, 10)}, id, "what was kept of the others is deleted")
		if id == strconv.FormatInt(ada.ID, 10) {
			places = append(places, place)
		}
	}
	require.ElementsMatch(t, []string{"DE", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "203.0.114.0/24"}, places,
		"the country that people have to speak about is not usual")

	// The location is switched off: everything of its people goes at the next reading.
	r.edit("locations: [BERLIN, Honolulu]", "locations: [Honolulu]")
	r.happen()
	require.Empty(t, r.kept())
	require.Len(t, r.happen(from("8.8.8.8", ada.Username)), len(found))
	require.Empty(t, r.kept())
}

// TestUnusualCountryIsUsualOnceClosed: after people have said that it is nothing, unless something was done about it.
func TestUnusualCountryIsUsualOnceClosed(t *testing.T) {
	t.Parallel()
	r := newHabitRig(t, "workday-21002", "workday-21003")
	travels, attacked := r.account("workday-21002"), r.account("workday-21003")
	r.happen(from(office, travels.Username, attacked.Username))
	r.days(20)
	found := r.happen(from(abroad, travels.Username, attacked.Username))
	require.Len(t, found, 4)
	ref := func(p control.Person) api.CaseRef {
		return api.CaseRef{Rule: "abroad", Subject: subject(p), Number: 1}
	}
	c, known, err := r.app.Ledger.Incidents().Case(t.Context(), "abroad", subject(attacked), 1)
	require.NoError(t, err)
	require.True(t, known)
	r.must(api.OrdersGive, api.GiveOrder{Order: identity.Order{
		ID: c.DedupKey + "-log_out", Key: "workday-21003", Kind: identity.OrderLogOut, By: "gatehouse", Reason: "test", At: r.clock.Now(),
	}, Hint: api.Hint{Source: "incident", Cause: "log_out"}})
	r.must(api.EventsNote, api.NoteCase{CaseRef: ref(attacked), Answered: "log_out"})

	r.days(0.1)
	closed := r.clock.Now()
	for range 2 { // a word that comes twice
		r.must(api.EventsNote, api.NoteCase{CaseRef: ref(travels), Status: incidents.CaseResolved, At: closed})
		r.must(api.EventsNote, api.NoteCase{CaseRef: ref(attacked), Status: incidents.CaseResolved, At: closed})
	}
	r.days(0.1)
	r.happen(from(abroad, travels.Username, attacked.Username))
	count := func(p control.Person) int {
		c, _, err := r.app.Ledger.Incidents().Case(t.Context(), "abroad", subject(p), 1)
		require.NoError(t, err)
		return c.Events
	}
	require.Equal(t, 1, count(travels), "it is usual from then on")
	require.Equal(t, 2, count(attacked), "it goes on")
	r.days(0.3) // until the wide reading
	late := from(abroad, travels.Username)
	late.CreatedAt = closed.Add(-time.Minute)
	r.happen(late)
	require.Equal(t, 2, count(travels), "what happened before it was closed belongs to the case, however late it is heard of")

	var state api.CaseState
	require.NoError(t, r.must(api.EventsCase, ref(travels)).Get(&state))
	reason := api.Line{Label: "Reason", Value: "country not seen for this account in 90 days"}
	require.Contains(t, state.Happened.Page, reason)
	require.Contains(t, state.Happened.Ticket, reason)
	require.Contains(t, state.Happened.Message, reason)
	r.edit("events:\n", "events:\n  show: {page: [application], message: [place]}\n")
	require.NoError(t, r.must(api.EventsCase, ref(travels)).Get(&state))
	require.NotContains(t, state.Happened.Page, reason)
	require.Contains(t, state.Happened.Ticket, reason)
	require.Contains(t, state.Happened.Message, reason)
	r.days(91)
	r.happen()
	require.Empty(t, r.kept(), "nothing is kept for longer")
}

// TestUnusualCountryOfWhichNobodyIsWoken: a rule that asks for a response and wakes nobody has its incident closed by the decision.
func TestUnusualCountryOfWhichNobodyIsWoken(t *testing.T) {
	t.Parallel()
	r := newHabitRig(t, "workday-21002")
	r.edit("unusual_location: {}, respond", "unusual_location: {}, severity: low, respond")
	ada := r.account("workday-21002")
	ref := api.CaseRef{Rule: "abroad", Subject: subject(ada), Number: 1}
	count := func() int {
		c, _, err := r.app.Ledger.Incidents().Case(t.Context(), ref.Rule, ref.Subject, ref.Number)
		require.NoError(t, err)
		return c.Events
	}
	r.happen(from(office, ada.Username))
	r.days(20)
	r.happen(from(abroad, ada.Username))
	r.days(0.9)
	r.happen(from(abroad, ada.Username))
	r.days(0.9)
	r.happen(from(abroad, ada.Username))
	require.Equal(t, 3, count(), "time alone makes it no usual place")
	r.must(api.EventsNote, api.NoteCase{CaseRef: ref, Answered: "log_out"}) // denied: there is no order
	r.days(0.1)
	r.happen(from(abroad, ada.Username))
	require.Equal(t, 3, count())
}
