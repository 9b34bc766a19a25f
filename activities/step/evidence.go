package step

import (
	"context"
	"encoding/json"
	"fmt"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/persons"
)

// Evidence keeps what was done. Temporal's history is the outbox: the run hands its facts over when nothing more
// urgent is left, and does not end before they are stored.
type Evidence struct{ Ledger *ledger.Ledger }

// Record stores facts under keys of their own, so that repeating it replaces and never doubles them.
func (e *Evidence) Record(ctx context.Context, in api.RecordInput) error {
	rows, err := EvidenceRows(in)
	if err != nil {
		return err
	}
	if in.Contained.IsZero() && in.Over.IsZero() && len(in.Closed) == 0 && in.InStep == nil {
		return e.Ledger.Journal().Record(ctx, rows)
	}
	return e.Ledger.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
		if err := l.Journal().Record(ctx, rows); err != nil {
			return err
		}
		if now := in.InStep; now != nil {
			position := inventory.Position{Key: in.Key, Digest: now.Position, Rules: now.Rules, Policy: now.Policy}
			if err := l.Inventory().NotePosition(ctx, position); err != nil {
				return err
			}
		}
		return markEnded(ctx, l, in)
	})
}

// markEnded keeps which accounts were read back as closed, and whether that is the end of the departure. A run of a
// version that knew of one account names none.
func markEnded(ctx context.Context, l *ledger.Ledger, in api.RecordInput) error {
	over := in.Over
	if !in.Contained.IsZero() {
		over = in.Contained
		if err := l.Inventory().SetContained(ctx, in.Key, in.Contained); err != nil {
			return err
		}
	}
	for _, c := range in.Closed {
		if err := l.Inventory().MarkContained(ctx, c.Ref, in.Key, c.At); err != nil {
			return err
		}
	}
	if over.IsZero() {
		return nil
	}
	if err := l.People().NoteAssessed(ctx, persons.Assessed{Key: in.Key, At: over, Verdict: string(identity.VerdictLeave), Policy: in.PolicyHash}); err != nil {
		return err
	}
	if err := settleHolds(ctx, l, in.Key); err != nil {
		return err
	}
	return l.People().MarkDepartureContained(ctx, in.Key, in.Episode, over)
}

// settleHolds closes the holds that were over when the end of somebody's access was read back: what they kept is gone.
func settleHolds(ctx context.Context, l *ledger.Ledger, key string) error {
	d, _, err := l.Dossier(ctx, key)
	if err != nil {
		return err
	}
	for _, o := range d.Ended {
		if o.Kind != identity.OrderHold {
			continue
		}
		if err := l.Orders().Settle(ctx, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// EvidenceRows are facts as the ledger keeps them.
func EvidenceRows(in api.RecordInput) ([]journal.Evidence, error) {
	rows := make([]journal.Evidence, 0, len(in.Facts))
	for _, f := range in.Facts {
		before, err := document(f.Before)
		if err != nil {
			return nil, NonRetryable(api.ErrInvalid, err.Error())
		}
		after, err := document(f.After)
		if err != nil {
			return nil, NonRetryable(api.ErrInvalid, err.Error())
		}
		rows = append(rows, journal.Evidence{
			Key: EvidenceKey(in, f), PersonKey: in.Key, Episode: episodeOf(in, f),
			Step: f.Step, Template: f.Template, RunID: in.RunID, Cause: f.Cause, Actor: f.Actor,
			PolicyHash: in.PolicyHash, Outcome: f.Outcome, Before: before, After: after,
			StartedAt: f.Started, FinishedAt: f.Finished,
		})
	}
	return rows, nil
}

// EvidenceKey is the same however often a run hands over a fact, and another one each time the step is carried out: a
// second move in the same episode must not replace what is known of the first.
func EvidenceKey(in api.RecordInput, f api.Fact) string {
	at := f.Started
	if at.IsZero() {
		at = f.Finished
	}
	return fmt.Sprintf("%s/%d/%s@%d", in.Key, episodeOf(in, f), f.Step, at.UnixMicro())
}

// episodeOf is the episode that a fact belongs to. What is told late may belong to an earlier one than the rest.
func episodeOf(in api.RecordInput, f api.Fact) int {
	if f.Episode != 0 {
		return f.Episode
	}
	return in.Episode
}

func document(state any) ([]byte, error) {
	if state == nil {
		return nil, nil
	}
	data, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("write a state down as JSON: %w", err)
	}
	return data, nil
}
