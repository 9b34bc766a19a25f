package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

// terminalWidth is how wide a terminal is taken to be.
const terminalWidth = 80

// Column is a column of a sheet. Key names it in JSON and CSV and never changes; Head is what a table says above it, the key
// with spaces if there is none.
type Column struct{ Key, Head string }

// Sheet is data in rows. A terminal gets a table that fits it, a file or another program a line for each row with tabs
// between the cells, and JSON and CSV have the values themselves.
type Sheet struct {
	name    string
	columns []Column
	rows    [][]any
	cmd     *cobra.Command
}

// NewSheet begins a sheet, which is one part of what the command prints.
func NewSheet(cmd *cobra.Command, name string, columns ...Column) *Sheet {
	return &Sheet{name: name, columns: columns, cmd: cmd}
}

// Add adds a row. A cell is a text, a number, a truth, a list of texts, or an At.
func (s *Sheet) Add(cells ...any) { s.rows = append(s.rows, cells) }

// Length is how many rows there are.
func (s *Sheet) Length() int { return len(s.rows) }

// Render prints the sheet, or gives it to what the command prints as JSON or CSV. An empty sheet is a head alone.
func (s *Sheet) Render() {
	if d := documentOf(s.cmd); d != nil {
		d.take(s)
		return
	}
	out := s.cmd.OutOrStdout()
	if lineWidth(out) == 0 {
		s.lines(out)
		return
	}
	s.table(out)
}

func (s *Sheet) heads() []string {
	heads := make([]string, len(s.columns))
	for i, c := range s.columns {
		if heads[i] = c.Head; c.Head == "" {
			heads[i] = strings.ReplaceAll(c.Key, "_", " ")
		}
	}
	return heads
}

// lines prints a line for each row.
func (s *Sheet) lines(out io.Writer) {
	line := func(cells []string) {
		for i, cell := range cells {
			cells[i] = strings.Join(strings.Fields(cell), " ")
		}
		_, _ = fmt.Fprintln(out, strings.Join(cells, "\t")) // As a command prints: whom nobody hears, nobody misses.
	}
	line(slices.Collect(func(yield func(string) bool) {
		for _, head := range s.heads() {
			if !yield(strings.ToUpper(head)) {
				return
			}
		}
	}))
	for _, row := range s.rows {
		line(texts(row))
	}
}

func (s *Sheet) table(out io.Writer) {
	w := table.NewWriter()
	w.SetOutputMirror(out)
	w.SetStyle(table.StyleLight)
	w.AppendHeader(cellsOf(s.heads()))
	for _, row := range s.rows {
		w.AppendRow(cellsOf(texts(row)))
	}
	widths, words := s.widths()
	var configs []table.ColumnConfig
	for i, width := range fitted(fitted(widths, words, lineWidth(out)), least(len(words)), lineWidth(out)) {
		if width < widths[i] {
			configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: width, WidthMaxEnforcer: text.WrapSoft})
		}
	}
	w.SetColumnConfigs(configs)
	w.Render()
}

// widths are how wide each column is, and how wide its longest word.
func (s *Sheet) widths() (widths, words []int) {
	widths, words = make([]int, len(s.columns)), least(len(s.columns))
	measure := func(cells []string) {
		for i, cell := range cells {
			for line := range strings.Lines(cell) {
				widths[i] = max(widths[i], utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
			}
			for word := range strings.FieldsSeq(cell) {
				words[i] = max(words[i], utf8.RuneCountInString(word))
			}
		}
	}
	measure(s.heads())
	for _, row := range s.rows {
		measure(texts(row))
	}
	return widths, words
}

// Crowded reports that a sheet has no room on the line that it is printed on unless words are broken.
func (s *Sheet) Crowded() bool {
	most := lineWidth(s.cmd.OutOrStdout())
	widths, words := s.widths()
	return documentOf(s.cmd) == nil && most > 0 && total(fitted(widths, words, most)) > most
}

func cellsOf(texts []string) table.Row {
	row := make(table.Row, len(texts))
	for i, cell := range texts {
		row[i] = cell
	}
	return row
}

// texts are cells as a person reads them.
func texts(row []any) []string {
	out := make([]string, len(row))
	for i, cell := range row {
		switch v := cell.(type) {
		case []string:
			out[i] = strings.Join(v, ", ")
		case bool:
			if v {
				out[i] = "yes"
			}
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return out
}

// At is a moment: a person reads how long ago it was, a program when.
type At time.Time

// String is how long ago it was.
func (a At) String() string { return Ago(time.Time(a)) }

// Moment is a moment that a person reads as such too.
type Moment time.Time

// String is the moment in UTC.
func (m Moment) String() string { return time.Time(m).UTC().Format("2006-01-02 15:04:05") }

// Ago is how long ago a moment was.
func Ago(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return Span(time.Since(at).Round(time.Second)) + " ago"
}

// Span writes a time without the units that it has none of: 24h and not 24h0m0s.
func Span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// leastColumn is how narrow a column may become.
const leastColumn = 9

// least is how narrow so many columns may become where words have to be broken.
func least(columns int) []int { return slices.Repeat([]int{leastColumn}, columns) }

// fitted narrows the widest columns, each to its least, until a table with borders has room.
func fitted(width, least []int, most int) []int {
	out := slices.Clone(width)
	for total(out) > most {
		widest := -1
		for i, w := range out {
			if w > least[i] && (widest < 0 || w > out[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		out[widest]--
	}
	return out
}

// total is how wide a table with borders is.
func total(width []int) int {
	n := 1
	for _, w := range width {
		n += w + 3
	}
	return n
}

// lineWidth is how many characters a line may have: COLUMNS if it is set, 80 on a terminal, 0 for any number elsewhere.
func lineWidth(out io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if isTerminal(out) {
		return terminalWidth
	}
	return 0
}

// isTerminal reports that a person is reading.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// LineWidth is how many characters a line of a command's output may have, 0 for any number.
func LineWidth(cmd *cobra.Command) int { return lineWidth(cmd.OutOrStdout()) }

// Folded breaks a text into lines of at most so many characters, between words.
func Folded(text string, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > most {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
