package soak

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "%s must be a number", name)
	return n
}

// mostItems is how many items a company may be shown, per 1,000 people and week.
const mostItems = 5

// fewItems is how many items are too few to judge a rate by.
const fewItems = 20

// TestSoak is six days of stress in a small company, in a minute; `make soak` is sixty days of a usual company of two thousand.
func TestSoak(t *testing.T) {
	seed := setting(t, "SEED", 1)
	s := newSoak(t, setting(t, "SOAK_PEOPLE", 300), setting(t, "DAYS", 6), uint64(seed))
	if os.Getenv("RATES") == "usual" {
		s.rates = usual
	}
	t.Logf("seed %d, %d people, %d days", s.seed, s.people, s.days)
	s.writePolicy(policyText(t))
	s.start()
	for _, source := range []string{"workday", "bamboohr"} {
		require.True(t, s.poll(t.Context(), source), "the first reading of %s", source)
	}
	s.sweep(t.Context())
	s.live()
	s.report()
}

// live lets the days pass.
func (s *soak) live() {
	ctx, cancel := context.WithCancel(s.t.Context())
	s.began = s.clock.Now().Truncate(24 * time.Hour).Add(24 * time.Hour)
	wait, counted := s.schedule(ctx), s.countItems(ctx)
	for d := range s.days {
		s.rng = s.stream(d, 0)
		for i, a := range s.plan(d) {
			s.until(a.at)
			s.rng = s.stream(d, i+1)
			a.do()
		}
		s.until(s.began.AddDate(0, 0, d).Add(quietFrom))
		s.judge.all(s.t.Context())
	}
	cancel()
	s.end()
	wait()
	counted()
}

// Of each day the first eighteen hours are for what happens. What was broken is whole then, and the rest is quiet.
const (
	busyUntil = 18 * time.Hour
	quietFrom = 23 * time.Hour
)

// action is something that happens.
type action struct {
	at time.Time
	do func()
}

// until waits for a moment of the company's.
func (s *soak) until(at time.Time) { pass(time.Until(s.clock.Real(at))) }

// plan makes what happens on a day, in its order: what HR does, and what breaks.
func (s *soak) plan(d int) []action {
	midnight := s.began.AddDate(0, 0, d)
	var all []action
	s.events(d, func(do func()) {
		all = append(all, action{midnight.Add(time.Duration(s.rng.Int64N(int64(busyUntil)))), do})
	})
	s.breaks(d, func(after time.Duration, do func()) { all = append(all, action{midnight.Add(after), do}) })
	slices.SortStableFunc(all, func(a, b action) int { return a.at.Compare(b.at) })
	return all
}

// report says what was seen.
func (s *soak) report() {
	j := &s.judge
	weeks := float64(s.days) / 7
	s.t.Logf("%d checks, %d effects, %d polls, %d sweeps, %d comparisons", j.checks, j.effects, j.polls, j.sweeps, j.reconciles)
	s.t.Logf("containments: %s; %d took more than an hour, and no longer than the machine did meanwhile", spread(j.latencies), j.excused)
	s.t.Logf("further accounts: %s", spread(j.further))
	s.t.Logf("control group: %s; with the requests of a search: %s", spread(s.control.all()), spread(s.searching.all()))
	s.t.Logf("looks at accounts: %d certain, %d doubtful, %d held, %d of people who stay", j.certain, j.doubtful, j.held, j.others)
	s.t.Logf("%d questions, answers %v; broken: %v", len(s.questions), s.decided, s.broken)
	raised, table := s.itemsRaised()
	allowed := mostItems * weeks * float64(s.people) / 1000
	s.t.Logf("%d items, %.1f per 1,000 people and week\n\t%s", raised, mostItems*float64(raised)/allowed, table)
	if s.rates.least == 0 && allowed >= fewItems && float64(raised) > allowed {
		s.t.Errorf("seed %d: %d items are more than %d per 1,000 people and week", s.seed, raised, mostItems)
	}
}

// spread describes times on the company's clock.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.SortFunc(all, cmp.Compare[time.Duration])
	at := func(share float64) time.Duration { return all[int(share*float64(len(all)-1))].Round(time.Second) }
	return fmt.Sprintf("%d, p50 %s, p99 %s, longest %s", len(all), at(0.5), at(0.99), at(1))
}
