package mfa

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNoClock says that no grace clock runs that could be extended.
var ErrNoClock = errors.New("no grace clock runs")

// Extend moves the end of the grace period that runs.
func (s Store) Extend(ctx context.Context, account int64, until time.Time) error {
	running := false
	err := s.edit(ctx, []int64{account}, func(row *mfaRow, _ bool) bool {
		running = !row.Since.IsZero()
		row.ExtendedUntil = until
		if row.Stage != StageGrace || until.After(row.Deadline) {
			row.Deadline = until
		}
		return running
	})
	if err != nil {
		return fmt.Errorf("extend the grace of account %d: %w", account, err)
	}
	if !running {
		return fmt.Errorf("extend the grace of account %d: %w", account, ErrNoClock)
	}
	return nil
}

// Exempt excuses an account until a time. The clock that runs ends; when the exemption lapses a fresh one begins. The
// stage is the grace period's to move.
func (s Store) Exempt(ctx context.Context, account int64, until time.Time) error {
	err := s.edit(ctx, []int64{account}, func(row *mfaRow, found bool) bool {
		if !found {
			return false
		}
		if row.Clock == 0 {
			// An exemption is worth a row of the tracking sheet, and a clock to tell its grace period from later ones.
			row.Clock = 1
		}
		row.ExemptUntil, row.Since, row.ExtendedUntil, row.Deadline = until, time.Time{}, time.Time{}, time.Time{}
		return true
	})
	if err != nil {
		return fmt.Errorf("exempt account %d: %w", account, err)
	}
	return nil
}

// SetKind says that an account is no person's own, and what it is; an empty kind that it is a person's.
func (s Store) SetKind(ctx context.Context, account int64, kind string) error {
	err := s.edit(ctx, []int64{account}, func(row *mfaRow, found bool) bool {
		row.Kind = kind
		return found
	})
	if err != nil {
		return fmt.Errorf("set the kind of account %d: %w", account, err)
	}
	return nil
}

// LiftExemption ends an exemption early. The next reading starts a clock.
func (s Store) LiftExemption(ctx context.Context, account int64) error {
	err := s.edit(ctx, []int64{account}, func(row *mfaRow, found bool) bool {
		row.ExemptUntil = time.Time{}
		return found
	})
	if err != nil {
		return fmt.Errorf("end the exemption of account %d: %w", account, err)
	}
	return nil
}

// Resume has a clock go on that stood still since its stage became a leave: all of it moves by as much.
func (s Store) Resume(ctx context.Context, account int64, clock int) error {
	now := s.db.Now()
	err := s.edit(ctx, []int64{account}, func(row *mfaRow, found bool) bool {
		if !found || row.Clock != clock || row.Stage != StageLeave {
			return false
		}
		still := now.Sub(row.StageAt)
		if !row.Since.IsZero() {
			row.Since = row.Since.Add(still)
		}
		if !row.ExtendedUntil.IsZero() {
			row.ExtendedUntil = row.ExtendedUntil.Add(still)
		}
		row.Stage, row.StageAt = StageGrace, now
		return true
	})
	if err != nil {
		return fmt.Errorf("resume the grace of account %d: %w", account, err)
	}
	return nil
}
