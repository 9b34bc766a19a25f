package gsuite

import (
	"context"
	"fmt"

	"google.golang.org/api/sheets/v4"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
)

// Tab is a tab as it is added: with a fixed id, its size, its looks, and what stands in it from the beginning. All of
// it is one atomic call, so that a tab is there with everything or not at all. Rows and columns count from 0.
type Tab struct {
	// ID is fixed, greater than 0 and the same on every attempt; see [TabID].
	ID    int64
	Title string
	// First puts the tab before all others; it goes last otherwise.
	First bool
	// Rows and Columns are the size of the grid (default: what Content takes). Writing beyond it is refused by Google.
	Rows, Columns int64
	// FrozenRows and FrozenColumns stay in sight. The frozen rows look like a header.
	FrozenRows, FrozenColumns int64
	// Content stands at A1. It is text: what begins with "=" is no formula.
	Content [][]any
	// Widths of the columns from the first on, in pixels; 0 leaves a column as it is.
	Widths []int64
	// Bold are areas in bold type.
	Bold []Area
	// Filter puts a filter over the frozen rows' last row and everything below it.
	Filter bool
	// Protected areas can be changed by the robot only.
	Protected []Protection
	// Choices are columns in which only given values can be entered.
	Choices []Choice
	// Highlights colour cells by what stands in them.
	Highlights []Highlight
	Charts     []Chart
	// Requests are carried out last, in the same call.
	Requests []*sheets.Request
}

// Area is a block of cells. Rows or Columns of 0 means everything from the first one on.
type Area struct{ FirstRow, FirstColumn, Rows, Columns int64 }

// Protection is an area that only the robot may change. Except are parts of it that everybody may; they need a
// protection of the whole tab, which is an Area that is zero.
type Protection struct {
	Area   Area
	Except []Area
	// Note says why, to whoever runs into it.
	Note string
}

// Choice restricts an area to given values.
type Choice struct {
	Area   Area
	Values []string
}

// Highlight colours the cells of an area that hold exactly a text.
type Highlight struct {
	Area Area
	Text string
	// Colour is red, yellow or green.
	Colour string
}

// Chart shows one column of numbers by one column of names.
type Chart struct {
	Title string
	// Kind is COLUMN, BAR or PIE.
	Kind string
	// Names and Values are one column each, of the tab itself.
	Names, Values Area
	// Row and Column are where its upper left corner is.
	Row, Column int64
}

// EnsureTab adds a tab if there is none with its id, and reports whether this call added it. A tab that is there stays as
// it is: people may have written into it.
func (s *Sheets) EnsureTab(ctx context.Context, spreadsheet string, t Tab) (added bool, err error) {
	added, err = s.ensureTab(ctx, spreadsheet, t)
	return added, err
}

func (s *Sheets) ensureTab(ctx context.Context, spreadsheet string, t Tab) (added bool, err error) {
	if s.Client == nil {
		return false, NotConfigured()
	}
	if err := t.check(); err != nil {
		return false, err
	}
	size, err := s.Size(ctx, spreadsheet)
	if err != nil {
		return false, err
	}
	if _, there := size.Tabs[t.ID]; there {
		return false, nil
	}
	return s.addTab(ctx, spreadsheet, size, t)
}

// addTab adds a tab that was not there when the size was read.
func (s *Sheets) addTab(ctx context.Context, spreadsheet string, size Size, t Tab) (added bool, err error) {
	requests := t.requests()
	empty, err := s.emptyFirstTab(ctx, spreadsheet, size)
	if err != nil {
		return false, err
	}
	if empty {
		requests = append(requests, &sheets.Request{DeleteSheet: &sheets.DeleteSheetRequest{SheetId: 0, ForceSendFields: []string{"SheetId"}}})
	}
	err = s.batch(ctx, spreadsheet, fmt.Sprintf("add tab %d", t.ID), requests)
	if connectors.IsKind(err, connectors.KindInvalid) {
		// Another attempt may have been quicker: an id that exists is refused. So is all of it if somebody else's tab was, and has taken the
		// place of the empty one.
		after, readErr := s.Size(ctx, spreadsheet)
		_, there := after.Tabs[t.ID]
		_, still := after.Tabs[0]
		switch {
		case readErr == nil && there:
			return false, nil
		case readErr == nil && empty && !still:
			return s.addTab(ctx, spreadsheet, after, t)
		}
	}
	return err == nil, err
}

// emptyFirstTab reports whether the spreadsheet is one that Google has just made: one tab, with the id 0, and nothing in
// it. That tab goes when the first one of ours comes.
func (s *Sheets) emptyFirstTab(ctx context.Context, spreadsheet string, size Size) (bool, error) {
	first, there := size.Tabs[0]
	if !there || len(size.Tabs) > 1 {
		return false, nil
	}
	values, err := s.Read(ctx, spreadsheet, At(first.Title, 0, 0)+":"+ColumnName(max(0, first.Columns-1)))
	return len(values) == 0, err
}

// batch carries out requests, all of them or none.
func (s *Sheets) batch(ctx context.Context, spreadsheet, op string, requests []*sheets.Request) error {
	_, err := ask(ctx, s.Client, op, func(ctx context.Context) (*sheets.BatchUpdateSpreadsheetResponse, error) {
		return s.Client.Sheets.Spreadsheets.BatchUpdate(spreadsheet, &sheets.BatchUpdateSpreadsheetRequest{Requests: requests}).
			Fields("spreadsheetId").Context(ctx).Do()
	})
	return err
}

// Resize gives a tab a number of rows. Growing and shrinking are absolute statements; shrinking loses what stood there.
func (s *Sheets) Resize(ctx context.Context, spreadsheet string, tab, rows int64) error {
	if s.Client == nil {
		return NotConfigured()
	}
	return s.batch(ctx, spreadsheet, fmt.Sprintf("resize tab %d", tab), []*sheets.Request{{
		UpdateSheetProperties: &sheets.UpdateSheetPropertiesRequest{
			Properties: &sheets.SheetProperties{SheetId: tab, GridProperties: &sheets.GridProperties{RowCount: rows}},
			Fields:     "gridProperties.rowCount",
		},
	}})
}

// Place puts a tab into the first spreadsheet of a key that has room for it, and returns which one that is. The
// spreadsheets of a key are "key", "key/2" and so on, with titles to match; a new one is made when the ones there are
// full. A tab stays where it once was put. A single tab that is larger than a spreadsheet can be has to be cut by the
// caller: see [Sheets.RowsPerTab].
func (s *Sheets) Place(ctx context.Context, key, title string, t Tab) (spreadsheet string, err error) {
	spreadsheet, err = s.place(ctx, key, title, t)
	return spreadsheet, err
}

func (s *Sheets) place(ctx context.Context, key, title string, t Tab) (string, error) {
	if s.Client == nil {
		return "", NotConfigured()
	}
	if err := t.check(); err != nil {
		return "", err
	}
	if t.cells() > s.cellLimit() {
		return "", step.NonRetryable(api.ErrInvalid, fmt.Sprintf("add tab %d: %d cells do not fit into a spreadsheet of %d", t.ID, t.cells(), s.cellLimit()))
	}
	for part := 1; ; part++ {
		partKey, partTitle := key, title
		if part > 1 {
			partKey, partTitle = fmt.Sprintf("%s/%d", key, part), fmt.Sprintf("%s (%d)", title, part)
		}
		id, err := s.EnsureSpreadsheet(ctx, partKey, partTitle)
		if err != nil {
			return "", err
		}
		size, err := s.Size(ctx, id)
		if err != nil {
			return "", err
		}
		_, there := size.Tabs[t.ID]
		if !there && size.Cells+t.cells() > s.cellLimit() && !size.fresh() {
			continue
		}
		if !there {
			_, err = s.addTab(ctx, id, size, t)
		}
		return id, err
	}
}

// fresh reports a spreadsheet with nothing but the tab that Google makes.
func (z Size) fresh() bool {
	_, first := z.Tabs[0]
	return first && len(z.Tabs) == 1
}

func (s *Sheets) cellLimit() int64 {
	if s.CellLimit > 0 {
		return s.CellLimit
	}
	return DefaultCellLimit
}

// freshCells are those of the tab that Google makes with a spreadsheet, 1,000 rows of 26 columns. It goes in the call that
// adds the first tab of ours, but may be counted until then.
const freshCells = 26_000

// RowsPerTab is how many rows a tab of so many columns may have.
func (s *Sheets) RowsPerTab(columns int64) int64 {
	limit := s.cellLimit()
	if limit > 2*freshCells {
		limit -= freshCells
	}
	return limit / max(1, columns)
}

func (t Tab) check() error {
	if t.ID <= 0 || t.Title == "" {
		return step.NonRetryable(api.ErrInvalid, "add a tab: it needs an id greater than 0 and a title")
	}
	return nil
}
