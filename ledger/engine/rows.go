package engine

import (
	"context"
	"fmt"
	"slices"
)

// Texts returns the only column of a query.
func Texts(ctx context.Context, q Querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		found = append(found, s)
	}
	return found, rows.Err()
}

// Int64s returns the one column of a query.
func Int64s(ctx context.Context, q Querier, query string, args ...any) ([]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// Sorted returns the rows by key: transactions that write the same rows in the same order do not deadlock.
func Sorted(rows map[string][]any) [][]any {
	keys := make([]string, 0, len(rows))
	for k := range rows {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out := make([][]any, len(keys))
	for i, k := range keys {
		out[i] = rows[k]
	}
	return out
}

// Each calls row for every row of a query.
func Each(ctx context.Context, q Querier, query string, args []any, row func(scan func(...any) error) error) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// QueryRow scans the first row of a query into dest and reports whether there was one.
func QueryRow(ctx context.Context, q Querier, query string, args []any, dest ...any) (bool, error) {
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

// Affected runs a statement and returns how many rows it changed.
func Affected(ctx context.Context, q Querier, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// InsertRows runs one multi-row insert per chunk of rows. head ends before VALUES, tail follows the rows.
func InsertRows(ctx context.Context, q Querier, head, tail string, rows [][]any) error {
	_, err := InsertCounted(ctx, q, head, tail, rows)
	return err
}

// InsertCounted is InsertRows and returns how many rows were written.
func InsertCounted(ctx context.Context, q Querier, head, tail string, rows [][]any) (n int, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	columns := len(rows[0])
	size := max(1, MaxArgs/columns)
	for start := 0; start < len(rows); start += size {
		chunk := rows[start:min(start+size, len(rows))]
		args := make([]any, 0, len(chunk)*columns)
		for _, r := range chunk {
			args = append(args, r...)
		}
		written, err := Affected(ctx, q, head+" VALUES "+Tuples(len(chunk), columns)+" "+tail, args...)
		if err != nil {
			return n, fmt.Errorf("write rows %d to %d: %w", start+1, start+len(chunk), err)
		}
		n += int(written)
	}
	return n, nil
}
