package worklist

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/ledger/engine"
)

// Asked is a question that waits, and the item that it belongs to.
type Asked struct {
	Item, Workflow, Step, Question string
}

// AskedAs lists up to limit of the questions that wait whose id, or the id of whose item, begins with the one given.
func (s Store) AskedAs(ctx context.Context, id string, limit int) ([]Asked, error) {
	var found []Asked
	// Hexadecimal digits come before the letter g.
	err := engine.Each(ctx, s.db.Reader(), `SELECT item_id, workflow_id, step, question FROM attention_holders
		WHERE question <> '' AND (question >= $1 AND question < $2 OR item_id >= $1 AND item_id < $2)
		ORDER BY since, workflow_id, step LIMIT $3`, []any{id, id + "g", limit}, func(scan func(...any) error) error {
		var a Asked
		err := scan(&a.Item, &a.Workflow, &a.Step, &a.Question)
		found = append(found, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find the question %s: %w", id, err)
	}
	return slices.Clip(found), nil
}
