package soak

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
)

// question is an item that somebody will decide about, or nobody.
type question struct {
	run  string
	item api.Attention
	// due is when somebody gets to it, zero if nobody ever does.
	due time.Time
}

// patience draws when a question is decided: one in five never, the others within three days. It is the seed's and the
// question's, so that when it was seen changes no other draw.
func (s *soak) patience(what string, now time.Time) time.Time {
	h := fnv.New64a()
	_, _ = h.Write([]byte(what)) // a hash takes every byte
	rng := rand.New(rand.NewPCG(s.seed, h.Sum64()))
	if rng.IntN(5) == 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(rng.Int64N(int64(72 * time.Hour))))
}

// decide has people decide what they have got to, by the truth.
func (s *soak) decide(ctx context.Context, open openItems) {
	now := s.clock.Now()
	for run, items := range open.runs {
		for _, item := range items {
			what := run + "/" + item.Step + "/" + item.Code
			q, seen := s.questions[what]
			if !seen {
				q = question{run: run, item: item, due: s.patience(what, now)}
				s.questions[what] = q
			}
			if q.due.IsZero() || q.due.After(now) {
				continue
			}
			// Nobody's day waits for an answer.
			go s.answer(ctx, run, item)
		}
	}
}

// answered is how long somebody waits to see that their answer was taken.
const answered = 5 * time.Second

// answer gives one answer. A run that has moved on since refuses it, which is right.
func (s *soak) answer(ctx context.Context, run string, item api.Attention) {
	verb := s.verb(run, item)
	if verb == "" || !slices.Contains(item.Options, verb) {
		return
	}
	var held []string
	if strings.HasPrefix(run, "hold/") {
		parts := strings.Split(run, "/")
		held, _ = s.ledger.Budgets().HeldKeys(ctx, parts[1], parts[2]) // nobody is released where it cannot be read
	}
	deciders := []string{"ann@acme.example"}
	if item.Code == api.NoticeProtectedLeaver {
		deciders = append(deciders, "bob@acme.example")
	}
	ctx, cancel := context.WithTimeout(ctx, answered)
	defer cancel()
	began := s.clock.Now()
	s.noteAnswer(run)
	for _, by := range deciders {
		err := s.launch.Decide(ctx, run, api.Decision{Verb: verb, By: by, Reason: "soak", Step: item.Step, Item: item.Item})
		s.mu.Lock()
		s.decided[fmt.Sprintf("%s %s: %s", item.Code, verb, outcome(err))]++
		s.mu.Unlock()
		if err != nil {
			s.t.Logf("%s %s %s %s: %v", began.Format("2006-01-02 15:04"), verb, run, item.Step, err)
			return
		}
	}
	s.noteAnswer(run)
	s.released(run, item, held)
}

// noteAnswer notes that an answer about somebody is given: until it is carried out nothing is asked, and the account is not shut.
func (s *soak) noteAnswer(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.byKey[strings.TrimPrefix(run, api.PersonID(""))]; p != nil {
		p.answered = s.clock.Now()
	}
}

// beingAnswered reports that an answer about somebody was given so lately that it is still being carried out.
func (s *soak) beingAnswered(p *human, at time.Time) bool {
	s.mu.Lock()
	answered := p.answered
	s.mu.Unlock()
	return !answered.IsZero() && answered.Add(within+s.control.lag(answered, at)).After(at)
}

func outcome(err error) string {
	if err != nil {
		return "refused"
	}
	return "taken"
}

// released notes who is let go by an answer.
func (s *soak) released(run string, item api.Attention, held []string) {
	if item.Code != api.NoticeBudgetContain {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range append(held, strings.TrimPrefix(run, api.PersonID(""))) {
		if p := s.byKey[heldPerson(key)]; p != nil {
			p.released = s.clock.Now()
			p.note(p.released, "let go by a decision about %s", run)
		}
	}
}

// verb is the right answer, empty where this is for nobody to decide.
func (s *soak) verb(run string, item api.Attention) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.byKey[strings.TrimPrefix(run, api.PersonID(""))]
	switch item.Code {
	case api.NoticeBudgetContain, api.NoticeBudgetReactivate, api.NoticeBudgetRemove, api.NoticeBudgetPrivileged, api.NoticeProtectedLeaver:
		return api.VerbAllow
	case api.NoticeNewOwner:
		return api.VerbSkip
	case api.NoticePossibleDuplicate:
		if p != nil && len(p.records) > 1 {
			return api.VerbLink
		}
		return api.VerbSeparate
	case api.NoticeLeaverDoubt, api.NoticeLeaverNamesake, api.NoticeAccountDoubt:
		id, err := strconv.ParseInt(item.Step[strings.LastIndex(item.Step, "/")+1:], 10, 64)
		a, known := s.accounts[id]
		switch {
		case err != nil || !known || p == nil:
			return ""
		case a.Owner == p.id && a.Kind == "person":
			return api.VerbLink
		}
		return api.VerbSeparate
	}
	return ""
}
