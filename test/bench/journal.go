package main

import (
	"context"
	"strings"

	"gatehouse/sandbox/control"
)

// opSuspend is the call that ends sign-in.
const opSuspend = "onelogin.update_user"

// suspends reports whether a journal entry is the suspension of an account.
func suspends(e control.Entry) bool {
	return e.Op == opSuspend && strings.Contains(e.Effect, "status 1 -> 2")
}

// journal reads a sandbox's journal piece by piece.
type journal struct {
	sandbox *control.Client
	since   uint64
	// effects leaves out calls that changed nothing.
	effects bool
}

// follow starts reading at the newest entry.
func follow(ctx context.Context, sandbox *control.Client, effects bool) (*journal, error) {
	mark, err := sandbox.Mark(ctx)
	return &journal{sandbox: sandbox, since: mark, effects: effects}, err
}

// next returns the entries that have come since the last call.
func (j *journal) next(ctx context.Context) ([]control.Entry, error) {
	entries, err := j.sandbox.Journal(ctx, j.since, j.effects)
	if len(entries) > 0 {
		j.since = entries[len(entries)-1].Seq
	}
	return entries, err
}
