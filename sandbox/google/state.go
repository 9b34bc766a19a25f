package google

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// SpreadsheetState is a spreadsheet for the sandbox's own endpoints.
type SpreadsheetState struct {
	ID            string            `json:"id"`
	Title         string            `json:"title"`
	Folder        string            `json:"folder"`
	Created       time.Time         `json:"created"`
	AppProperties map[string]string `json:"app_properties,omitempty"`
	// Shared is who has which role, by address.
	Shared map[string]string `json:"shared"`
	Cells  int64             `json:"cells"`
	Tabs   []TabState        `json:"tabs"`
}

// TabState is a tab with the values of its cells. Formulas are the cells that hold one: text that was taken for more
// than text.
type TabState struct {
	ID         int64           `json:"id"`
	Title      string          `json:"title"`
	Rows       int64           `json:"rows"`
	Columns    int64           `json:"columns"`
	FrozenRows int64           `json:"frozen_rows"`
	Filter     bool            `json:"filter"`
	Protected  []string        `json:"protected"`
	Choices    []string        `json:"choices"`
	Charts     []string        `json:"charts"`
	Formats    int             `json:"formats"`
	Rules      int             `json:"rules"`
	Widths     map[int64]int64 `json:"widths"`
	Formulas   []string        `json:"formulas"`
	Values     [][]any         `json:"values"`
	Used       int             `json:"used_rows"`
	// Made is when the tab was added; Looks are the colours, the filter and the charts.
	Made  time.Time `json:"made"`
	Looks Looks     `json:"looks"`
}

// Spreadsheets returns all spreadsheets, with at most so many rows of each tab if rows is not negative.
func (g *Google) Spreadsheets(rows int) []SpreadsheetState {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := []SpreadsheetState{}
	for _, id := range g.order {
		f, b := g.files[id], g.books[id]
		if b == nil {
			continue
		}
		st := SpreadsheetState{
			ID: id, Title: f.Name, Created: f.Created, AppProperties: f.AppProperties, Shared: map[string]string{}, Cells: b.cells(),
		}
		if len(f.Parents) > 0 {
			st.Folder = f.Parents[0]
		}
		for _, p := range f.Permissions {
			st.Shared[cmp.Or(p.Email, p.Domain, p.Type)] = p.Role
		}
		for _, s := range b.sheets {
			st.Tabs = append(st.Tabs, s.state(b, rows))
		}
		out = append(out, st)
	}
	return out
}

func (s *sheet) state(b *book, rows int) TabState {
	end := int64(len(s.data))
	if rows >= 0 {
		end = min(end, int64(rows))
	}
	st := TabState{
		ID: s.id, Title: s.title, Rows: s.rows, Columns: s.cols, FrozenRows: s.frozenRows, Filter: s.filter != nil,
		Formats: len(s.formats), Rules: len(s.conditions), Widths: s.widths, Used: len(s.data), Made: s.made, Looks: s.looks(b),
		Values: block{sheet: s, area: area{0, end, 0, s.cols}}.read("UNFORMATTED_VALUE"),
	}
	for _, p := range s.protected {
		st.Protected = append(st.Protected, p.note)
	}
	for _, c := range s.choices {
		st.Choices = append(st.Choices, strings.Join(c.values, ", "))
	}
	for _, c := range s.charts {
		st.Charts = append(st.Charts, c.kind+" "+c.title)
	}
	for r := range end {
		for c, v := range s.data[r] {
			if v.kind == formula {
				st.Formulas = append(st.Formulas, fmt.Sprintf("%s%d", columnName(int64(c)), r+1))
			}
		}
	}
	return st
}

// Edit has a person write into cells, as if by hand: protected ranges and choices hold for them.
func (g *Google) Edit(spreadsheet, a1, who string, rows [][]any) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.books[spreadsheet]
	if b == nil {
		return errors.New("sandbox: no such spreadsheet")
	}
	for _, row := range rows {
		for i, v := range row {
			if f, ok := v.(float64); ok {
				row[i] = json.Number(fmt.Sprint(f))
			}
		}
	}
	at, cells, err := b.place(values{Range: a1, Values: rows}, "USER_ENTERED")
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	for i, row := range cells {
		for j, v := range row {
			if err := at.sheet.allows(at.r0+int64(i), at.c0+int64(j), who, v); err != nil {
				return err
			}
		}
	}
	at.write(cells)
	return nil
}

// allows says whether somebody may put a value into a cell.
func (s *sheet) allows(r, c int64, who string, v cell) error {
	for _, p := range s.protected {
		free := slices.ContainsFunc(p.except, func(a area) bool { return a.contains(r, c) })
		if p.area.contains(r, c) && !free && !p.warning && !slices.Contains(p.editors, who) {
			return errors.New("sandbox: you are trying to edit a protected cell: " + p.note)
		}
	}
	for _, ch := range s.choices {
		if ch.area.contains(r, c) && ch.strict && v.kind != nothing && !slices.Contains(ch.values, v.text) {
			return errors.New("sandbox: the value is not one of " + strings.Join(ch.values, ", "))
		}
	}
	return nil
}
