package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// micros is how an instant is stored; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is the reverse of micros.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// flag is how a truth value is stored: neither engine's boolean type is portable.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// queryRow scans the first row of a query into dest and reports whether there was one.
func queryRow(ctx context.Context, q querier, query string, args []any, dest ...any) (bool, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	// A statement that writes and returns rows is only complete when it was read to its end.
	for rows.Next() {
		continue
	}
	return true, rows.Err()
}

// affected runs a statement and returns how many rows it changed.
func affected(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// maxArgs bounds the arguments of one statement. SQLite takes 32,766 and PostgreSQL 65,535, but SQLite looks each of them
// up in a list, so that long statements cost the square of their length.
const maxArgs = 500

// tuples writes "($1,$2),($3,$4)" for a number of rows and columns.
func tuples(rows, columns int) string {
	var b strings.Builder
	b.Grow(rows * columns * 5)
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range columns {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// list writes "($3,$4,$5)": n placeholders, the first of them numbered from.
func list(from, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	b.WriteByte(')')
	return b.String()
}

// insertRows runs one multi-row insert per chunk of rows. head ends before VALUES, tail follows the rows.
func insertRows(ctx context.Context, q querier, head, tail string, rows [][]any) error {
	_, err := insertNew(ctx, q, head, tail, rows)
	return err
}

// insertNew is insertRows and returns how many rows were written.
func insertNew(ctx context.Context, q querier, head, tail string, rows [][]any) (n int, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	columns := len(rows[0])
	size := max(1, maxArgs/columns)
	for start := 0; start < len(rows); start += size {
		chunk := rows[start:min(start+size, len(rows))]
		args := make([]any, 0, len(chunk)*columns)
		for _, r := range chunk {
			args = append(args, r...)
		}
		written, err := affected(ctx, q, head+" VALUES "+tuples(len(chunk), columns)+" "+tail, args...)
		if err != nil {
			return n, fmt.Errorf("write rows %d to %d: %w", start+1, start+len(chunk), err)
		}
		n += int(written)
	}
	return n, nil
}

// chunks calls do with consecutive parts of keys that fit in one statement.
func chunks(keys []string, do func(part []string) error) error {
	const size = maxArgs - 2
	for start := 0; start < len(keys); start += size {
		if err := do(keys[start:min(start+size, len(keys))]); err != nil {
			return err
		}
	}
	return nil
}
