package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// formats are how a command prints data.
var formats = []string{"table", "json", "csv"}

// OutputFlag is the flag of every command that prints data.
const OutputFlag = "output"

// Prints gives a command that prints data the flag -o: table, json or csv. Parts are what it prints. A part is a sheet of that
// name, which is a list in JSON, or a value. Of one part JSON is that part itself, of several an object of them. CSV is the
// first part. An older flag --json of the command says the same as -o json, and is set where -o json is.
func Prints(cmd *cobra.Command, parts ...string) {
	format := ""
	cmd.Flags().StringVarP(&format, OutputFlag, "o", "table", "how to print: "+strings.Join(formats, ", "))
	must(cmd.RegisterFlagCompletionFunc(OutputFlag, cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
	if alias := cmd.Flags().Lookup("json"); alias != nil {
		alias.Usage = "the same as -o json"
	}
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		alias := cmd.Flags().Lookup("json")
		asJSON := alias != nil && alias.Value.String() == "true"
		switch {
		case !slices.Contains(formats, format):
			return fmt.Errorf("-o %s: write one of %s", format, strings.Join(formats, ", "))
		case asJSON && cmd.Flags().Changed(OutputFlag) && format != "json":
			return fmt.Errorf("--json and -o %s do not go together: write one of them", format)
		case asJSON:
			format = "json"
		case alias != nil && format == "json":
			if err := alias.Value.Set("true"); err != nil {
				return err
			}
		}
		if format == "table" {
			return run(cmd, args)
		}
		return collect(cmd, format, parts, func() error { return run(cmd, args) })
	}
}

// collect runs a command, and prints the parts that it has come to. What it says in words is for a person, and is left out.
func collect(cmd *cobra.Command, format string, parts []string, run func() error) error {
	out, before := cmd.OutOrStdout(), cmd.Context()
	if before == nil {
		before = context.Background()
	}
	d := &document{format: format, order: parts, values: map[string]any{}, sheets: map[string]*Sheet{}, out: out}
	cmd.SetContext(context.WithValue(before, documentKey{}, d))
	cmd.SetOut(io.Discard)
	err := run()
	cmd.SetOut(out)
	cmd.SetContext(before)
	if d.written {
		return err
	}
	if len(d.values)+len(d.sheets) == 0 && err != nil {
		return err // It got to nothing.
	}
	return errors.Join(err, d.print())
}

type documentKey struct{}

// documentOf is what a command's data is collected in, nil where it is printed as tables.
func documentOf(cmd *cobra.Command) *document {
	if cmd.Context() == nil {
		return nil
	}
	d, _ := cmd.Context().Value(documentKey{}).(*document)
	return d
}

// Collects reports that a command prints JSON or CSV.
func Collects(cmd *cobra.Command) bool { return documentOf(cmd) != nil }

// Value gives a part that is no sheet to what the command prints: an object, or a list of objects, with the keys of its JSON.
// Where there is a sheet of the same name as well, that is for CSV. Value reports whether the command collects parts at all, and
// false where it prints for a person.
func Value(cmd *cobra.Command, name string, value any) bool {
	d := documentOf(cmd)
	if d == nil {
		return false
	}
	d.has(name)
	d.values[name] = value
	return true
}

// Only has a command print one of its parts alone: it was asked for nothing else.
func Only(cmd *cobra.Command, name string) {
	if d := documentOf(cmd); d != nil {
		d.has(name)
		d.order = []string{name}
	}
}

// Stream lets a command write its JSON by itself, piece by piece. It reports false where the command prints anything else.
func Stream(cmd *cobra.Command, write func(io.Writer) error) (bool, error) {
	d := documentOf(cmd)
	if d == nil || d.format != "json" {
		return false, nil
	}
	d.written = true
	return true, write(d.out)
}

// document is what a command prints as JSON or CSV.
type document struct {
	format  string
	order   []string
	values  map[string]any
	sheets  map[string]*Sheet
	out     io.Writer
	written bool
}

func (d *document) has(name string) {
	if !slices.Contains(d.order, name) {
		panic("the command does not say that it prints " + name)
	}
}

func (d *document) take(s *Sheet) {
	d.has(s.name)
	d.sheets[s.name] = s
}

func (d *document) print() error {
	if d.format == "csv" {
		return d.csv()
	}
	value := d.part(d.order[0])
	if len(d.order) > 1 {
		var all object
		for _, name := range d.order {
			all = append(all, field{name, d.part(name)})
		}
		value = all
	}
	enc := json.NewEncoder(d.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}

// part is a part for JSON. One that there was nothing to say about is an empty list.
func (d *document) part(name string) any {
	if value, given := d.values[name]; given {
		return value
	}
	if sheet := d.sheets[name]; sheet != nil {
		return sheet.objects()
	}
	return []any{}
}

func (s *Sheet) objects() []object {
	all := make([]object, 0, len(s.rows))
	for _, row := range s.rows {
		var one object
		for i, c := range s.columns {
			one = append(one, field{c.Key, plainValue(row[i])})
		}
		all = append(all, one)
	}
	return all
}

// plainValue is a cell as a program reads it.
func plainValue(cell any) any {
	switch v := cell.(type) {
	case At:
		if time.Time(v).IsZero() {
			return nil
		}
		return time.Time(v).UTC().Format(time.RFC3339)
	case Moment:
		return time.Time(v).UTC().Format(time.RFC3339)
	case interface{ Unknown() bool }:
		return nil
	case nil, bool, int, int32, int64, float64, string:
		return v
	case []string:
		if v == nil {
			return []string{}
		}
		return v
	}
	return fmt.Sprint(cell)
}

// object is a JSON object whose keys keep their order.
type object []field

type field struct {
	key   string
	value any
}

// MarshalJSON writes the keys in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(f.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (d *document) csv() error {
	w := csv.NewWriter(d.out)
	head, rows, err := d.rows(d.order[0])
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return nil // Nothing is known of it, not even what there might be.
	}
	if err := w.Write(head); err != nil {
		return fmt.Errorf("print CSV: %w", err)
	}
	for _, row := range rows {
		for i := range row {
			row[i] = Harmless(row[i])
		}
		if err := w.Write(row); err != nil {
			return fmt.Errorf("print CSV: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}

// rows is a part for CSV. A value that is no sheet becomes one by its JSON.
func (d *document) rows(name string) (head []string, rows [][]string, err error) {
	s := d.sheets[name]
	if s == nil {
		if s, err = sheetOf(d.part(name)); err != nil {
			return nil, nil, err
		}
	}
	for _, c := range s.columns {
		head = append(head, c.Key)
	}
	for _, row := range s.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = csvCell(plainValue(cell))
		}
		rows = append(rows, cells)
	}
	return head, rows, nil
}

func csvCell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []string:
		return strings.Join(v, "; ")
	}
	return fmt.Sprint(value)
}

// Harmless keeps a spreadsheet from taking a cell for a formula.
func Harmless(cell string) string {
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
		return "'" + cell
	}
	return cell
}

// sheetOf is a value as rows: an object is one row, a list of objects a row each. What is not a text or a number stands in its
// cell as JSON.
func sheetOf(value any) (*Sheet, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	if text = bytes.TrimSpace(text); len(text) > 0 && text[0] == '{' {
		text = slices.Concat([]byte{'['}, text, []byte{']'})
	}
	var all []json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("print CSV: %w", err)
	}
	s := &Sheet{columns: columnsOf(reflect.TypeOf(value))}
	for _, each := range all {
		fields, err := fieldsOf(each)
		if err != nil {
			return nil, fmt.Errorf("print CSV: %w", err)
		}
		row := make([]any, len(s.columns))
		for _, f := range fields {
			at := slices.IndexFunc(s.columns, func(c Column) bool { return c.Key == f.key })
			if at < 0 {
				at = len(s.columns)
				s.columns = append(s.columns, Column{Key: f.key})
				row = append(row, nil)
			}
			row[at] = f.value
		}
		s.rows = append(s.rows, row)
	}
	for i, row := range s.rows {
		s.rows[i] = append(row, make([]any, len(s.columns)-len(row))...)
	}
	return s, nil
}

// columnsOf are the keys of a type's JSON, so that a CSV has the same columns whoever is in it, and nobody too.
func columnsOf(t reflect.Type) []Column {
	for t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer) {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var columns []Column
	for i := range t.NumField() {
		if key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); key != "" && key != "-" {
			columns = append(columns, Column{Key: key})
		}
	}
	return columns
}

// fieldsOf are the fields of an object in their order.
func fieldsOf(text []byte) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var out []field
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, err
		}
		out = append(out, field{fmt.Sprint(key), cellOf(raw)})
	}
	return out, nil
}

// cellOf is a JSON value as a cell.
func cellOf(raw json.RawMessage) any {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	return string(raw)
}
