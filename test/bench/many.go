package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// manyRuns is how many leavers with three accounts are measured.
const manyRuns = 5

// manyFigures measures leavers who have two accounts besides the one on record: an administrator's, and another one.
func (s *stack) manyFigures(ctx context.Context, r *report) error {
	var first, last, complete durations
	var calls tally
	people, err := s.people.take(manyRuns, sourceBambooHR)
	if err != nil {
		return err
	}
	for _, e := range people {
		d, err := s.departWithThree(ctx, e)
		if err != nil {
			return fmt.Errorf("%s leaves with three accounts: %w", e.key(), err)
		}
		first, last, complete, calls = append(first, d.first), append(last, d.last), append(complete, d.complete), d.calls
	}
	r.add(figure{
		key: "three_accounts_last_suspended_p50_ms", what: "leaver with three accounts: webhook to the last suspended, p50", unit: "ms",
		is: milliseconds(last.percentile(50)), note: fmt.Sprintf("%d leavers; the first suspended after %s ms, all done and read back after %s ms",
			manyRuns, number(milliseconds(first.percentile(50))), number(milliseconds(complete.percentile(50)))),
	})
	r.add(figure{
		key: "three_accounts_onelogin_calls", what: "OneLogin calls of that, searches apart", unit: "calls",
		is: float64(calls.acting + calls.readBacks), note: fmt.Sprintf("and %d to search: %s", calls.searches, calls),
	})
	return nil
}

// three is what a leaver with three accounts took.
type three struct {
	first, last, complete time.Duration
	calls                 tally
}

func (s *stack) departWithThree(ctx context.Context, e employee) (d three, err error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	open := []string{e.subject()}
	for _, prefix := range []string{"adm-", "dev-"} {
		local, domain, _ := strings.Cut(e.account.Username, "@")
		p, err := s.sandbox.CopyAccount(ctx, e.account.ID, control.Fields{"username": prefix + local + "@" + domain})
		if err != nil {
			return d, err
		}
		open = append(open, employee{account: p}.subject())
	}
	j, sent, err := s.leaves(ctx, e)
	if err != nil {
		return d, err
	}
	var all []control.Entry
	err = poll(ctx, look, func() (bool, error) {
		entries, err := j.next(ctx)
		all = append(all, entries...)
		for _, entry := range entries {
			i := slices.Index(open, entry.Subject)
			if i < 0 || !suspends(entry) {
				continue
			}
			if open = slices.Delete(open, i, i+1); d.first == 0 {
				d.first = entry.At.Sub(sent)
			}
			d.last = entry.At.Sub(sent)
		}
		return len(open) == 0, err
	})
	if err != nil {
		return d, fmt.Errorf("wait for three suspensions, %d are missing: %w", len(open), err)
	}
	if err := s.awaitStage(ctx, e.key(), api.StageWatching); err != nil {
		return d, err
	}
	d.complete = time.Since(sent)
	rest, err := j.next(ctx)
	d.calls = count(append(all, rest...))
	return d, err
}
