package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Lines are the lines of a stored text, none of an empty one.
func Lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Args are the arguments of a statement: first, and keys behind it.
func Args(first string, keys []string) []any {
	args := []any{first}
	for _, key := range keys {
		args = append(args, key)
	}
	return args
}

// Anys are texts as arguments of a statement.
func Anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// Wrap says what was being done when an error happened; without one there is nothing to say.
func Wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// Wrapf is Wrap with a format.
func Wrapf(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// IDChunks calls do with parts of a list of ids that fit in one statement.
func IDChunks(ids []int64, do func(part []any) error) error {
	const size = MaxArgs - 2
	for start := 0; start < len(ids); start += size {
		chunk := ids[start:min(start+size, len(ids))]
		part := make([]any, len(chunk))
		for i, id := range chunk {
			part[i] = id
		}
		if err := do(part); err != nil {
			return err
		}
	}
	return nil
}

// Micros is how an instant is stored; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Instant is the reverse of Micros.
func Instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Flag is how a truth value is stored: neither engine's boolean type is portable.
func Flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// MaxArgs bounds the arguments of one statement. SQLite takes 32,766 and PostgreSQL 65,535, but SQLite looks each of them
// up in a list, so that long statements cost the square of their length.
const MaxArgs = 500

// Tuples writes "($1,$2),($3,$4)" for a number of rows and columns.
func Tuples(rows, columns int) string {
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

// List writes "($3,$4,$5)": n placeholders, the first of them numbered from.
func List(from, n int) string {
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

// Chunks calls do with consecutive parts of keys that fit in one statement.
func Chunks(keys []string, do func(part []string) error) error {
	const size = MaxArgs - 2
	for start := 0; start < len(keys); start += size {
		if err := do(keys[start:min(start+size, len(keys))]); err != nil {
			return err
		}
	}
	return nil
}

// paddedTo are the lengths of lists of keys.
var paddedTo = [...]int{1, 10, 100, MaxArgs}

// Padded repeats the last of some keys, so that lists of them have one of a few lengths: a statement stays prepared for each.
func Padded(keys []string) []string {
	for _, n := range paddedTo {
		if missing := n - len(keys); missing >= 0 && len(keys) > 0 {
			return append(slices.Clip(keys), slices.Repeat(keys[len(keys)-1:], missing)...)
		}
	}
	return keys
}
