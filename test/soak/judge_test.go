package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

const (
	// within is how soon somebody who must be out is.
	within = time.Hour
	// strippedWithin is how soon they have no role any more either.
	strippedWithin = 12 * time.Hour
)

// judge holds what it sees against the truth. It asks the vendors, and Gatehouse only for whom it names as doubtful.
type judge struct {
	s *soak
	// read is how far the journal was read, shut when Gatehouse last took an account's sign-in.
	read uint64
	shut map[int64]time.Time
	// latencies are from when somebody had to be out until they were.
	latencies []time.Duration
	// further are the same of the accounts of somebody beside their first.
	further []time.Duration
	timed   map[string]bool
	// invited counts invitations by account.
	invited map[int64]int
	// excused are those that took longer than an hour, and not by more than the control group did meanwhile.
	excused int
	failed  map[string]bool

	polls, sweeps, reconciles                        int
	certain, doubtful, held, checks, others, effects int
}

func newJudge(s *soak) judge {
	return judge{s: s, shut: map[int64]time.Time{}, invited: map[int64]int{}, timed: map[string]bool{}, failed: map[string]bool{}}
}

// tenant is what the vendors have.
type tenant struct {
	at       time.Time
	accounts []control.Person
	owned    map[string][]*control.Person
	messages []message
	tickets  []ticket
}

type message struct {
	Channel  string
	Text     string          `json:"text"`
	Blocks   json.RawMessage `json:"blocks"`
	Metadata json.RawMessage `json:"metadata"`
}

type ticket struct {
	Key    string   `json:"key"`
	Labels []string `json:"labels"`
}

// budgetHeld reports that security was told that the budget had no room for an account.
func (t *tenant) budgetHeld(account int64) bool {
	id := regexp.MustCompile(fmt.Sprintf(`\b%d\b`, account))
	return slices.ContainsFunc(t.messages, func(m message) bool {
		return strings.Contains(m.Text+string(m.Blocks), "safety budget for containments") && id.MatchString(m.Text+string(m.Blocks))
	})
}

// look reads the vendors.
func (j *judge) look() tenant {
	t := j.s.t
	t.Helper()
	var state struct {
		OneLogin struct {
			Users []control.Person `json:"users"`
		} `json:"onelogin"`
		Slack struct {
			Channels []struct {
				ID       string    `json:"id"`
				Messages []message `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
		Jira struct {
			Issues []ticket `json:"issues"`
		} `json:"jira"`
	}
	out := tenant{at: j.s.clock.Now(), owned: map[string][]*control.Person{}}
	require.NoError(t, j.s.sandbox.State(t.Context(), &state))
	out.accounts, out.tickets = state.OneLogin.Users, state.Jira.Issues
	for i := range out.accounts {
		a := &out.accounts[i]
		out.owned[a.Owner] = append(out.owned[a.Owner], a)
	}
	for _, c := range state.Slack.Channels {
		for _, m := range c.Messages {
			m.Channel = c.ID
			out.messages = append(out.messages, m)
		}
	}
	return out
}

// follow reads what Gatehouse did to accounts since it was last looked at.
func (j *judge) follow() []control.Entry {
	t := j.s.t
	t.Helper()
	entries, err := j.s.sandbox.Journal(t.Context(), j.read, true)
	require.NoError(t, err)
	for _, e := range entries {
		j.read = max(j.read, e.Seq)
		var id int64
		if _, err := fmt.Sscanf(e.Subject, "user:%d", &id); err != nil {
			continue
		}
		if strings.Contains(e.Effect, "-> 2") {
			j.shut[id] = e.At
		}
		if strings.Contains(e.Effect, "invitation") {
			j.invited[id]++
		}
	}
	j.effects += len(entries)
	return entries
}

// fail says what is wrong once, with all that is needed to play it again.
func (j *judge) fail(at time.Time, p *human, about, format string, args ...any) {
	if j.failed[about] {
		return
	}
	j.failed[about] = true
	story := ""
	if p != nil {
		story = "\n" + j.s.story(p) + "\n\t" + j.s.trace(j.s.t.Context(), p)
	}
	j.s.t.Errorf("seed %d, day %d: %s%s", j.s.seed, int(at.Sub(j.s.began)/(24*time.Hour)), fmt.Sprintf(format, args...), story)
}

// story is somebody's course, under the keys of their records.
func (s *soak) story(p *human) string {
	text := fmt.Sprintf("%s (%s), accounts were: %s\n", strings.Join(p.keys(), ", "), p.id, first(p.dirt, "as Gatehouse makes them"))
	return text + "\t" + strings.Join(p.course, "\n\t")
}

func first(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// all holds everything against the truth, at a point where nothing is being broken.
func (j *judge) all(ctx context.Context) {
	s := j.s
	journal := j.follow()
	now := j.look()
	open := j.attention(ctx)
	s.mu.Lock()
	people := slices.Clone(s.humans)
	s.mu.Unlock()
	j.checks++
	for _, p := range people {
		s.mu.Lock()
		since, out := p.out(now.at)
		s.mu.Unlock()
		if out {
			j.leaver(ctx, p, since, now, open)
		} else {
			j.stays(p, now)
			j.joiner(ctx, p, now, open)
		}
	}
	j.nobodyElse(journal, now)
	j.once(now)
	s.decide(ctx, open)
}

// leaver holds the accounts of somebody who must be out against what they may be.
func (j *judge) leaver(ctx context.Context, p *human, since time.Time, now tenant, open openItems) {
	s := j.s
	if since.IsZero() {
		return // The word is on its way, or they left before Gatehouse came.
	}
	due, unfinished := s.quietSince(since, within)
	if unfinished || due.Add(within+j.furtherLag(due, now.at)).After(now.at) {
		return
	}
	for _, a := range now.owned[p.id] {
		switch {
		case a.Kind != "person":
		case open.holds(p) && (a.CanSignIn || len(a.Roles)+len(a.Sessions) > 0):
			j.held++
		case !a.CanSignIn && now.budgetHeld(a.ID):
			j.held++ // It was let go since, by a decision or because there was room again.
		case s.certainly(p, a, now.at):
			j.certain++
			j.contained(p, a, due, now.at, a.ID != now.owned[p.id][0].ID)
		case a.CanSignIn || len(a.Sessions) > 0:
			j.doubtful++
			if s.beingAnswered(p, now.at) {
				continue
			}
			if !open.names(ctx, p, a) {
				j.fail(now.at, p, fmt.Sprint("doubt ", a.ID, since), "account %d of somebody who left at %s is open, and nothing that is open names it or them",
					a.ID, since.Format(time.DateTime))
			}
		}
	}
}

// furtherLag is the machine's own time for a further account, whose hour is the same: the first one is closed, then it is searched
// for, and then closed as well, each a way of a control group's.
func (j *judge) furtherLag(from, to time.Time) time.Duration {
	return 2*j.s.control.lag(from, to) + j.s.searching.lag(from, to)
}

// contained holds an account that is certainly theirs.
func (j *judge) contained(p *human, a *control.Person, due, at time.Time, further bool) {
	about := fmt.Sprint(a.ID, " ", due)
	if a.CanSignIn || len(a.Sessions) > 0 {
		j.fail(at, p, "open "+about, "account %d had to be out at %s, and at %s it can sign in: %t, with %d sessions", a.ID,
			due.Format(time.DateTime), at.Format(time.DateTime), a.CanSignIn, len(a.Sessions))
		return
	}
	if len(a.Roles) > 0 && due.Add(strippedWithin+j.s.control.lag(due, at)).Before(at) {
		j.fail(at, p, "roles "+about, "account %d had to be out at %s, and at %s it has roles %v", a.ID, due.Format(time.DateTime), at.Format(time.DateTime), a.Roles)
	}
	shut, known := j.shut[a.ID]
	if !known || j.timed[about] {
		return
	}
	j.timed[about] = true
	took := shut.Sub(due)
	if further {
		j.further = append(j.further, max(took, 0))
	} else {
		j.latencies = append(j.latencies, max(took, 0))
	}
	lag := j.s.control.lag(due, shut)
	if further {
		lag = j.furtherLag(due, shut)
	}
	switch {
	case took <= within:
	case took <= within+lag:
		j.excused++
	default:
		j.fail(at, p, "late "+about, "account %d had to be out at %s and was suspended at %s, %s later, and the machine explains %s",
			a.ID, due.Format(time.DateTime), shut.Format(time.DateTime), took.Round(time.Second), lag.Round(time.Second))
	}
}
