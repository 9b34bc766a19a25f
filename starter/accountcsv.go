package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// row is what was said about one account, as it was typed.
type row struct {
	// line is where it stands in a file, 0 for flags.
	line                                                     int
	account, person, use, kind, owner, purpose, ends, reason string
}

func (r *row) set(column, value string) {
	switch column {
	case "account":
		r.account = value
	case "person":
		r.person = value
	case "use":
		r.use = value
	case "kind":
		r.kind = value
	case "owner":
		r.owner = value
	case "purpose":
		r.purpose = value
	case "ends":
		r.ends = value
	case "reason":
		r.reason = value
	}
}

// maxRows bounds a file: a longer one is more likely the wrong one.
const maxRows = 100_000

// readRows reads a CSV with a head. The error says where, and quotes nothing: rows hold personal data.
func readRows(in io.Reader, columns []string, reason string) ([]row, error) {
	records, err := readRecords(in, columns, []string{"account"})
	if err != nil {
		return nil, err
	}
	if len(records) > maxRows {
		return nil, fmt.Errorf("the CSV has more than %d rows: is it the right file?", maxRows)
	}
	rows := make([]row, len(records))
	for i, rec := range records {
		rows[i] = row{line: rec.line, reason: reason}
		for column, value := range rec.cells {
			rows[i].set(column, value)
		}
	}
	return rows, nil
}

// record is a row of a CSV: its cells by column, without empty ones.
type record struct {
	line  int
	cells map[string]string
}

// readRecords reads a CSV whose head has some of the columns, the required ones among them.
func readRecords(in io.Reader, columns, required []string) ([]record, error) {
	buffered := bufio.NewReader(in)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, fmt.Errorf("read the rows: %w", err)
		}
	}
	r := csv.NewReader(buffered)
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the CSV is empty: its first line names the columns " + strings.Join(columns, ", "))
	}
	if err != nil {
		return nil, broken(err)
	}
	for i, name := range head {
		head[i] = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(columns, head[i]) || slices.Contains(head[:i], head[i]) {
			return nil, fmt.Errorf("line 1 of the CSV: column %d is not one of %s, or is there twice; fields are separated by commas", i+1, strings.Join(columns, ", "))
		}
	}
	for _, name := range required {
		if !slices.Contains(head, name) {
			return nil, fmt.Errorf("line 1 of the CSV has no column %s", name)
		}
	}
	var records []record
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		line, _ := r.FieldPos(0)
		next := record{line: line, cells: map[string]string{}}
		for i, value := range fields {
			if value = plainCell(strings.TrimSpace(value)); value != "" {
				next.cells[head[i]] = value
			}
		}
		records = append(records, next)
	}
	if len(records) == 0 {
		return nil, errors.New("the CSV has a head and no rows")
	}
	return records, nil
}

// plainCell takes off what keeps a spreadsheet from taking a cell for a formula.
func plainCell(cell string) string {
	if rest, marked := strings.CutPrefix(cell, "'"); marked && harmless(rest) == cell {
		return rest
	}
	return cell
}

// broken says where a CSV cannot be read.
func broken(err error) error {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return fmt.Errorf("line %d of the CSV: %w", at.Line, at.Err)
	}
	return fmt.Errorf("read the rows: %w", err)
}
