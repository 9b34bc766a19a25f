package cmdline

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// MaxRows bounds a file: a longer one is more likely the wrong one.
const MaxRows = 100_000

// Record is a row of a CSV: its cells by column, without empty ones.
type Record struct {
	Line  int
	Cells map[string]string
}

// ReadRecords reads a CSV whose head has some of the columns, the required ones among them.
func ReadRecords(in io.Reader, columns, required []string) ([]Record, error) {
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
		return nil, BrokenCSV(err)
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
	var records []Record
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, BrokenCSV(err)
		}
		line, _ := r.FieldPos(0)
		next := Record{Line: line, Cells: map[string]string{}}
		for i, value := range fields {
			if value = plainCell(strings.TrimSpace(value)); value != "" {
				next.Cells[head[i]] = value
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
	if rest, marked := strings.CutPrefix(cell, "'"); marked && Harmless(rest) == cell {
		return rest
	}
	return cell
}

// BrokenCSV says where a CSV cannot be read.
func BrokenCSV(err error) error {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return fmt.Errorf("line %d of the CSV: %w", at.Line, at.Err)
	}
	return fmt.Errorf("read the rows: %w", err)
}

// Harmless keeps a spreadsheet from taking what somebody has named themselves for a formula.
func Harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
