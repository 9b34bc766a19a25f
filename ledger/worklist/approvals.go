package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Approval says which run and which step of it the buttons of a message are about.
type Approval struct {
	// ID is opaque and is all that Slack is given.
	ID string
	// WorkflowID is the run to signal and Step what it waits for.
	WorkflowID, Step string
	CreatedAt        time.Time
}

// PutApproval records what an approval id means, before a message shows it to anybody. What an id means never changes:
// it is an error to give it another meaning.
func (s Store) PutApproval(ctx context.Context, a Approval) error {
	if a.ID == "" || a.WorkflowID == "" || a.Step == "" {
		return errors.New("record an approval: the id, the run or the step is missing")
	}
	var kept Approval
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := engine.QueryRow(ctx, q, `
INSERT INTO approvals (approval, workflow_id, step, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (approval) DO UPDATE SET created_at = approvals.created_at
RETURNING workflow_id, step`,
			[]any{a.ID, a.WorkflowID, a.Step, engine.Micros(s.db.Now())}, &kept.WorkflowID, &kept.Step)
		return err
	})
	if err != nil {
		return fmt.Errorf("record approval %s: %w", a.ID, err)
	}
	if kept.WorkflowID != a.WorkflowID || kept.Step != a.Step {
		return fmt.Errorf("record approval %s: it stands for another step; give every question an id of its own", a.ID)
	}
	return nil
}

// Approval returns what an approval id means.
func (s Store) Approval(ctx context.Context, id string) (a Approval, found bool, err error) {
	var at int64
	found, err = engine.QueryRow(ctx, s.db.Reader(), "SELECT workflow_id, step, created_at FROM approvals WHERE approval = $1",
		[]any{id}, &a.WorkflowID, &a.Step, &at)
	if err != nil {
		return Approval{}, false, fmt.Errorf("read an approval: %w", err)
	}
	if !found {
		return Approval{}, false, nil
	}
	a.ID, a.CreatedAt = id, engine.Instant(at)
	return a, true, nil
}
