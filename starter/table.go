package main

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

// sheet is a table that fits the terminal it is printed on. Into a file or another program each row is one line.
type sheet struct {
	table.Writer
	out   io.Writer
	width []int
}

func newTable(cmd *cobra.Command, header ...any) *sheet {
	s := &sheet{Writer: table.NewWriter(), out: cmd.OutOrStdout()}
	s.SetOutputMirror(s.out)
	s.SetStyle(table.StyleLight)
	s.AppendHeader(header)
	s.measure(header)
	return s
}

// AppendRow adds a row.
func (s *sheet) AppendRow(row table.Row, _ ...table.RowConfig) {
	s.measure(row)
	s.Writer.AppendRow(row)
}

func (s *sheet) measure(row []any) {
	for i, cell := range row {
		if i == len(s.width) {
			s.width = append(s.width, 0)
		}
		for line := range strings.Lines(fmt.Sprint(cell)) {
			s.width[i] = max(s.width[i], utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
		}
	}
}

// leastColumn is how narrow a column may become.
const leastColumn = 9

// Render prints the table. Where it does not fit, its widest columns are wrapped.
func (s *sheet) Render() string {
	if most := lineWidth(s.out); most > 0 {
		var configs []table.ColumnConfig
		for i, width := range fitted(s.width, most) {
			if width < s.width[i] {
				configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: width, WidthMaxEnforcer: text.WrapSoft})
			}
		}
		s.SetColumnConfigs(configs)
	}
	return s.Writer.Render()
}

// fitted narrows the widest columns until a table with borders has room.
func fitted(width []int, most int) []int {
	out := slices.Clone(width)
	for total(out) > most {
		widest := 0
		for i, w := range out {
			if w > out[widest] {
				widest = i
			}
		}
		if out[widest] <= leastColumn {
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
	file, ok := out.(*os.File)
	if !ok {
		return 0
	}
	if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return terminalWidth
	}
	return 0
}

// told prints a text behind a mark: wrapped on a terminal, in one line elsewhere.
func told(cmd *cobra.Command, mark, text string) {
	if lineWidth(cmd.OutOrStdout()) == 0 {
		cmd.Println(mark + text)
		return
	}
	hanging(cmd, mark, text)
}

// crowded reports that a table has too many columns for the line that it is printed on.
func (s *sheet) crowded() bool {
	most := lineWidth(s.out)
	return most > 0 && total(fitted(s.width, most)) > most
}

// people is a number of people.
func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func ago(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return span(time.Since(at).Round(time.Second)) + " ago"
}

// span writes a time without the units that it has none of: 24h and not 24h0m0s.
func span(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
