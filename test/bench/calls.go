package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// tally is how many OneLogin calls one person took.
type tally struct {
	// acting are the calls up to the last one that changed something, readBacks those after it, which only confirm.
	acting, readBacks int
	// before are those before the suspension, and searches those that look for further accounts after it.
	before, searches int
	// byOp breaks all of them down.
	byOp map[string]int
	// factors are those the person had.
	factors int
}

// String lists the calls by operation.
func (t tally) String() string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(t.byOp)) {
		parts = append(parts, fmt.Sprintf("%s %d", strings.TrimPrefix(op, "onelogin."), t.byOp[op]))
	}
	return strings.Join(parts, ", ")
}

// count tallies the OneLogin calls of a piece of the journal. The read-back is what comes after the last write.
func count(entries []control.Entry) tally {
	t := tally{byOp: map[string]int{}}
	suspended := false
	for _, e := range entries {
		if e.System != "onelogin" {
			continue
		}
		t.byOp[e.Op]++
		if suspended && e.Op == "onelogin.list_users" {
			t.searches++
			continue
		}
		if suspends(e) && !suspended {
			suspended, t.before = true, t.readBacks+t.acting
		}
		t.readBacks++
		if e.Effect != "" {
			t.acting, t.readBacks = t.acting+t.readBacks, 0
		}
	}
	return t
}

// joinerCalls hires an engineer, who gets five roles, and counts the calls until they can sign in.
func (s *stack) joinerCalls(ctx context.Context) (tally, error) {
	ctx, cancel := context.WithTimeout(ctx, runTimeout)
	defer cancel()
	manager, err := s.people.takeWhere(sourceWorkday, func(e employee) bool { return slices.Contains(e.account.Roles, "Engineering") })
	if err != nil {
		return tally{}, err
	}
	id, err := s.sandbox.Hire(ctx, sourceWorkday, control.Fields{
		"first_name": "Ada", "last_name": "Benchmark", "department": "Engineering", "title": "Engineer", "location": "Berlin",
		"hire_date": "today", "manager_id": manager.id, "personal_email": "ada.benchmark@home.example",
	})
	if err != nil {
		return tally{}, err
	}
	e := employee{source: sourceWorkday, id: id}
	j, err := follow(ctx, s.sandbox, false)
	if err != nil {
		return tally{}, err
	}
	h, err := s.webhook(e)
	if err != nil {
		return tally{}, err
	}
	if err := h.send(ctx); err != nil {
		return tally{}, err
	}
	var out api.Outcome
	if err := s.temporal.GetWorkflow(ctx, api.PersonID(e.key()), "").Get(ctx, &out); err != nil {
		return tally{}, fmt.Errorf("wait for the joiner: %w", err)
	}
	account, found, err := s.sandbox.ByExternalID(ctx, e.key())
	if err != nil || !found || len(account.Roles) != 5 {
		return tally{}, fmt.Errorf("the joiner ended with %q, account found: %t, roles %v: %w", out.Result, found, account.Roles, err)
	}
	entries, err := j.next(ctx)
	return count(entries), err
}

// leaverCalls has somebody with two factors leave and counts the calls until everything is taken away and read back.
func (s *stack) leaverCalls(ctx context.Context) (tally, error) {
	e, err := s.people.takeWhere(sourceWorkday, func(e employee) bool { return len(e.account.Factors) == 2 })
	if err != nil {
		return tally{}, err
	}
	j, err := follow(ctx, s.sandbox, false)
	if err != nil {
		return tally{}, err
	}
	if _, err := s.depart(ctx, e); err != nil {
		return tally{}, err
	}
	entries, err := j.next(ctx)
	t := count(entries)
	t.factors = len(e.account.Factors)
	return t, err
}
