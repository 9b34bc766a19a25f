package ledger

import (
	"context"
	"fmt"
	"strings"
)

// KeysBeginning returns the keys of people that begin as typed, in order: those that Gatehouse has looked at and those of the HR
// records that it has read.
func (l *Ledger) KeysBeginning(ctx context.Context, typed string, most int) ([]string, error) {
	like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(typed) + "%"
	rows, err := l.db.Reader().QueryContext(ctx, `SELECT person_key FROM people WHERE person_key LIKE $1 ESCAPE '\'
		UNION SELECT source || '-' || employee_id FROM roster WHERE source || '-' || employee_id LIKE $1 ESCAPE '\'
		ORDER BY 1 LIMIT $2`, like, most)
	if err != nil {
		return nil, fmt.Errorf("list keys of people: %w", err)
	}
	defer func() { _ = rows.Close() }() // It was only read.
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("list keys of people: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}
