package soak

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// tell enters a word of HR's and delivers the webhook, or loses it. Amend changes the truth.
func (s *soak) tell(p *human, r *record, action string, f control.Fields, lost bool, amend func(now time.Time)) {
	s.t.Helper()
	s.mu.Lock()
	now := s.clock.Now()
	_, err := s.sandbox.HR(s.t.Context(), r.Source, action, r.EmployeeID, f, true)
	require.NoError(s.t, err, s.story(p))
	r.entered, r.known, r.unheard = now, time.Time{}, true
	amend(now)
	p.note(now, "%s %s %v, webhook lost: %t", action, r.key(), f, lost)
	s.mu.Unlock()
	s.deliver(r, lost)
}

// deliver has the HR system tell of a record.
func (s *soak) deliver(r *record, lost bool) {
	if lost {
		return
	}
	if !s.webhook(r.key()) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.byKey[r.key()].note(s.clock.Now(), "nobody took the webhook about %s", r.key())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.unheard = false
	if r.known.IsZero() {
		r.known = s.clock.Now()
	}
}

// lost decides whether a webhook is lost: one in eight.
func (s *soak) lost() bool { return s.rng.IntN(8) == 0 }

// ahead is a day so many days from now, where a record's days are counted.
func (s *soak) ahead(r *record, days int) string {
	return s.clock.Now().In(r.zone()).AddDate(0, 0, days).Format(time.DateOnly)
}

// terminate has somebody leave after so many days, which may be none or in the past.
func (s *soak) terminate(p *human, days int, involuntary bool) {
	if p == nil {
		return
	}
	r := p.records[len(p.records)-1]
	last := s.ahead(r, days)
	s.tell(p, r, "terminate", control.Fields{"last_day": last, "termination_date": last, "involuntary": involuntary}, s.lost(), func(now time.Time) {
		r.LastDay, r.Termination = last, last
		r.leave = r.leaveMoment(last, involuntary, now)
	})
}

// newcomer is somebody whom nobody knows.
func (s *soak) newcomer(source string) control.Fields {
	first := []string{"Ada", "Bram", "Cleo", "Dario", "Edda", "Finn", "Gita", "Henk", "Ivo", "Juno", "Kofi", "Lena", "Milo", "Nora", "Otis"}
	last := []string{"Byron", "Castro", "Dahl", "Eriksen", "Faber", "Grant", "Hale", "Iqbal", "Joshi", "Kent", "Lund", "Marsh", "Nolan", "Orr", "Pohl"}
	n := s.rng.IntN(1_000_000)
	f := control.Fields{
		"first_name": first[s.rng.IntN(len(first))], "last_name": fmt.Sprintf("%s-%s", last[s.rng.IntN(len(last))], letters(n)),
		"personal_email": fmt.Sprintf("new%d@home.example", n), "location": []string{"Berlin", "London", "Auckland", "Honolulu"}[s.rng.IntN(4)],
	}
	f["department"], f["title"] = "Support", "Support Engineer"
	if source == "workday" {
		maps.Copy(f, position(s.rng.IntN(5)))
	}
	return f
}

// letters writes a number in letters, for names.
func letters(n int) string {
	text := string(rune('A' + n%26))
	for n /= 26; n > 0; n /= 26 {
		text += string(rune('a' + n%26))
	}
	return text
}

// position is a department with a title of its own.
func position(i int) control.Fields {
	return []control.Fields{
		{"department": "Engineering", "title": "Software Engineer"},
		{"department": "Sales", "title": "Account Executive"},
		{"department": "Marketing", "title": "Content Strategist"},
		{"department": "Finance", "title": "Accountant"},
		{"department": "Support", "title": "Support Engineer"},
	}[i]
}

// hire enters somebody new, who begins after so many days.
func (s *soak) hire(source string, days int) *human {
	s.t.Helper()
	f := s.newcomer(source)
	r := &record{Source: source, Location: f["location"].(string)}
	r.HireDate = s.ahead(r, days)
	f["hire_date"] = r.HireDate
	return s.join(r, "", f)
}

// enterHire has HR enter a record, about a human or somebody new, and returns its id and whom it is about.
func (s *soak) enterHire(source, human string, f control.Fields) (id, who string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"source": source, "action": "hire", "human": human, "fields": f, "silent": true})
	require.NoError(s.t, err)
	resp, err := impatient.Post(s.sandbox.URL()+"/sandbox/hr", "application/json", bytes.NewReader(body))
	require.NoError(s.t, err)
	var out struct {
		Record record `json:"record"`
	}
	require.NoError(s.t, errors.Join(json.NewDecoder(resp.Body).Decode(&out), resp.Body.Close()))
	require.NotEmpty(s.t, out.Record.EmployeeID, "HR refuses to hire")
	return out.Record.EmployeeID, out.Record.Human
}

// join enters an employment, of somebody who is known already if a human is named.
func (s *soak) join(r *record, id string, f control.Fields) *human {
	s.t.Helper()
	s.mu.Lock()
	now := s.clock.Now()
	r.EmployeeID, r.Human = s.enterHire(r.Source, id, f)
	text := func(name string) string { v, _ := f[name].(string); return v }
	r.FirstName, r.LastName, r.WorkEmail, r.PersonalMail = text("first_name"), text("last_name"), text("work_email"), text("personal_email")
	r.Department, r.Title, r.entered = text("department"), text("title"), now
	p := s.enter(r)
	p.fresh = id == ""
	lost := s.lost()
	p.note(now, "hire %s from %s as %s, webhook lost: %t", r.key(), r.HireDate, r.Department, lost)
	s.mu.Unlock()
	s.deliver(r, lost)
	return p
}
