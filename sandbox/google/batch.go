package google

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// batch is one batchUpdate under way, on a copy.
type batch struct {
	g       *Google
	book    *book
	user    string
	effects []string
}

func (b *batch) did(format string, args ...any) {
	b.effects = append(b.effects, fmt.Sprintf(format, args...))
}

// batchUpdate applies all requests, or none of them.
func (g *Google) batchUpdate(c *tenant.Call) tenant.Reply {
	id, ok := strings.CutSuffix(c.Param("id"), ":batchUpdate")
	if !ok {
		return wire.NotFound()
	}
	var body struct {
		Requests                     []map[string]json.RawMessage `json:"requests"`
		IncludeSpreadsheetInResponse bool                         `json:"includeSpreadsheetInResponse"`
		ResponseRanges               []string                     `json:"responseRanges"`
		ResponseIncludeGridData      bool                         `json:"responseIncludeGridData"`
	}
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	original, refused := g.book(c, id)
	if refused != nil {
		return *refused
	}
	if len(body.Requests) == 0 {
		return wire.Invalid("Must specify at least one request.")
	}
	b := &batch{g: g, book: original.clone(), user: c.ClientName()}
	replies := []map[string]any{}
	for i, request := range body.Requests {
		reply, err := b.apply(request)
		if err != nil {
			return wire.Invalid("Invalid requests[%d]%v", i, err)
		}
		replies = append(replies, reply)
	}
	if n := b.book.cells(); n > g.settings.CellLimit && n > original.cells() {
		return tooManyCells(g.settings.CellLimit)
	}
	for _, s := range b.book.sheets {
		s.shared = false
	}
	g.books[id] = b.book
	for _, e := range b.effects {
		c.Effect("%s", e)
	}
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": id, "replies": replies})
}

// apply carries out one request. Its error begins where Google's text goes on after "Invalid requests[0]".
func (b *batch) apply(request map[string]json.RawMessage) (map[string]any, error) {
	if len(request) != 1 {
		return nil, errors.New(": exactly one kind of request must be set")
	}
	known := map[string]func(json.RawMessage) (map[string]any, error){
		"addSheet": b.addSheet, "deleteSheet": b.deleteSheet, "updateSheetProperties": b.updateSheet,
		"updateSpreadsheetProperties": b.updateBook, "updateCells": b.updateCells, "repeatCell": b.repeatCell,
		"updateDimensionProperties": b.width, "autoResizeDimensions": b.autoResize, "appendDimension": b.appendDimension,
		"setBasicFilter": b.setFilter, "clearBasicFilter": b.clearFilter, "addProtectedRange": b.protect,
		"deleteProtectedRange": b.unprotect, "setDataValidation": b.validation,
		"addConditionalFormatRule": b.condition, "addChart": b.addChart,
	}
	for name, raw := range request {
		do := known[name]
		if do == nil {
			return nil, fmt.Errorf(": Unknown name %q: Cannot find field.", name)
		}
		reply, err := do(raw)
		if err != nil {
			return nil, fmt.Errorf(".%s: %w", name, err)
		}
		if reply == nil {
			reply = map[string]any{}
		}
		return reply, nil
	}
	return nil, nil
}

// strict decodes a request.
func strict(raw json.RawMessage, into any) error {
	if err := tenant.DecodeStrict(bytes.NewReader(raw), into); err != nil {
		return errors.New(wire.Unreadable(err))
	}
	return nil
}

// gridRange is a half-open range; what is left out is open.
type gridRange struct {
	SheetID int64  `json:"sheetId"`
	R0      int64  `json:"startRowIndex"`
	R1      *int64 `json:"endRowIndex"`
	C0      int64  `json:"startColumnIndex"`
	C1      *int64 `json:"endColumnIndex"`
}

// area finds the range in the spreadsheet. Without an end it goes to the end of the grid, whatever that will be.
func (b *batch) area(g *gridRange) (*sheet, area, error) {
	if g == nil {
		return nil, area{}, errors.New("No range specified")
	}
	s := b.book.sheet(g.SheetID)
	if s == nil {
		return nil, area{}, noGrid(g.SheetID)
	}
	const open = 1 << 40
	a := area{g.R0, open, g.C0, open}
	if g.R1 != nil {
		a.r1 = *g.R1
	}
	if g.C1 != nil {
		a.c1 = *g.C1
	}
	beyond := a.r0 < 0 || a.c0 < 0 || a.r0 >= s.rows || a.c0 >= s.cols || g.R1 != nil && a.r1 > s.rows || g.C1 != nil && a.c1 > s.cols
	if beyond || a.r1 <= a.r0 || a.c1 <= a.c0 {
		return nil, area{}, fmt.Errorf("GridRange of sheet %d is beyond its %d rows and %d columns, or empty", g.SheetID, s.rows, s.cols)
	}
	return s, a, nil
}

func noGrid(id int64) error { return fmt.Errorf("No grid with id: %d", id) }

// fieldsOf reads a field mask, which these requests require, and refuses names that the sandbox does not know.
func fieldsOf(text string, known ...string) ([]string, error) {
	if text == "" {
		return nil, errors.New("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
	}
	m, err := wire.ParseMask(text)
	if err != nil {
		return nil, err
	}
	paths := m.Paths("")
	for _, p := range paths {
		if p != "*" && !slices.ContainsFunc(known, func(k string) bool { return p == k || strings.HasPrefix(p, k+".") }) {
			return nil, fmt.Errorf("Invalid field: %s", p)
		}
	}
	return paths, nil
}

// properties are those of a sheet in a request. What is left out is nil.
type properties struct {
	SheetID   *int64          `json:"sheetId"`
	Title     *string         `json:"title"`
	Index     *int            `json:"index"`
	SheetType string          `json:"sheetType"`
	Hidden    *bool           `json:"hidden"`
	TabColor  json.RawMessage `json:"tabColor"`
	TabStyle  json.RawMessage `json:"tabColorStyle"`
	Grid      *struct {
		Rows       *int64 `json:"rowCount"`
		Cols       *int64 `json:"columnCount"`
		FrozenRows *int64 `json:"frozenRowCount"`
		FrozenCols *int64 `json:"frozenColumnCount"`
		Hide       bool   `json:"hideGridlines"`
	} `json:"gridProperties"`
}

func (b *batch) addSheet(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Properties properties `json:"properties"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	s, err := b.newSheet(body.Properties)
	if err != nil {
		return nil, err
	}
	b.did("tab %q added", s.title)
	return map[string]any{"addSheet": map[string]any{"properties": s.properties(slices.Index(b.book.sheets, s))}}, nil
}

// newSheet adds a tab with properties.
func (b *batch) newSheet(p properties) (*sheet, error) {
	s := &sheet{rows: 1000, cols: 26, made: b.g.t.Now()}
	if p.SheetID != nil {
		if *p.SheetID < 0 || *p.SheetID > 1<<31-1 {
			return nil, fmt.Errorf("sheetId %d is not within 0 and 2147483647", *p.SheetID)
		}
		if b.book.sheet(*p.SheetID) != nil {
			return nil, fmt.Errorf("Sheet with id %d already exists. Please use another id.", *p.SheetID)
		}
		s.id = *p.SheetID
	} else {
		for s.id = 1_000_000 + b.g.series.Next(); b.book.sheet(s.id) != nil; {
			s.id = 1_000_000 + b.g.series.Next()
		}
	}
	s.title = fmt.Sprintf("Sheet%d", len(b.book.sheets)+1)
	if err := b.change(s, p); err != nil {
		return nil, err
	}
	b.book.sheets = append(b.book.sheets, s)
	return s, b.move(s, p.Index)
}

// mostRows is as many as a spreadsheet has cells at most. Source: Google, "Files you can store in Google Drive".
const mostRows = 10_000_000

// change applies what is set.
func (b *batch) change(s *sheet, p properties) error {
	if p.Title != nil {
		if other := b.book.titled(*p.Title); other != nil && other != s {
			return fmt.Errorf("A sheet with the name %q already exists. Please enter another name.", *p.Title)
		}
		if *p.Title == "" || len(*p.Title) > 100 {
			return errors.New("The sheet title must have 1 to 100 characters")
		}
		s.title = *p.Title
	}
	if p.Hidden != nil {
		s.hidden = *p.Hidden
	}
	if p.Grid == nil {
		return nil
	}
	for _, f := range []struct {
		from *int64
		into *int64
	}{{p.Grid.Rows, &s.rows}, {p.Grid.Cols, &s.cols}, {p.Grid.FrozenRows, &s.frozenRows}, {p.Grid.FrozenCols, &s.frozenCols}} {
		if f.from != nil {
			*f.into = *f.from
		}
	}
	if s.rows < 1 || s.rows > mostRows || s.cols < 1 || s.cols > 18278 || s.frozenRows < 0 || s.frozenCols < 0 {
		return errors.New("a grid has at least one row and one column, at most 10000000 rows and 18278 columns, and freezes none less than 0")
	}
	if s.frozenRows >= s.rows && s.frozenRows > 0 || s.frozenCols >= s.cols && s.frozenCols > 0 {
		return errors.New("You can't freeze all visible rows or columns on the sheet.")
	}
	if int64(len(s.data)) > s.rows {
		s.data = slices.Clone(s.data[:s.rows])
	}
	return nil
}

func (b *batch) move(s *sheet, index *int) error {
	if index == nil {
		return nil
	}
	if *index < 0 || *index > len(b.book.sheets) {
		return fmt.Errorf("the index %d is not within the %d sheets", *index, len(b.book.sheets))
	}
	i := slices.Index(b.book.sheets, s)
	b.book.sheets = slices.Delete(b.book.sheets, i, i+1)
	b.book.sheets = slices.Insert(b.book.sheets, min(*index, len(b.book.sheets)), s)
	return nil
}

func (b *batch) deleteSheet(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		SheetID int64 `json:"sheetId"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	s := b.book.sheet(body.SheetID)
	if s == nil {
		return nil, noGrid(body.SheetID)
	}
	if len(b.book.sheets) == 1 {
		return nil, errors.New("You can't remove all the sheets in a document.")
	}
	b.book.sheets = slices.DeleteFunc(b.book.sheets, func(x *sheet) bool { return x == s })
	b.did("tab %q deleted", s.title)
	return nil, nil
}

func (b *batch) updateSheet(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Properties properties `json:"properties"`
		Fields     string     `json:"fields"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	fields, err := fieldsOf(body.Fields, "title", "index", "hidden", "tabColor", "tabColorStyle", "gridProperties")
	if err != nil {
		return nil, err
	}
	var id int64
	if body.Properties.SheetID != nil {
		id = *body.Properties.SheetID
	}
	s := b.book.sheet(id)
	if s == nil {
		return nil, noGrid(id)
	}
	named := func(path string) bool {
		return slices.ContainsFunc(fields, func(f string) bool { return f == "*" || f == path || strings.HasPrefix(path, f+".") })
	}
	p := properties{}
	before := fmt.Sprint(s.title, s.rows, s.cols, s.frozenRows, s.frozenCols, s.hidden)
	if named("title") {
		p.Title = body.Properties.Title
	}
	if named("hidden") {
		p.Hidden = body.Properties.Hidden
	}
	if p.Grid = body.Properties.Grid; p.Grid != nil {
		for path, field := range map[string]**int64{
			"gridProperties.rowCount": &p.Grid.Rows, "gridProperties.columnCount": &p.Grid.Cols,
			"gridProperties.frozenRowCount": &p.Grid.FrozenRows, "gridProperties.frozenColumnCount": &p.Grid.FrozenCols,
		} {
			if !named(path) {
				*field = nil
			}
		}
	}
	if err := b.change(s, p); err != nil {
		return nil, err
	}
	if named("index") {
		if err := b.move(s, body.Properties.Index); err != nil {
			return nil, err
		}
	}
	if before != fmt.Sprint(s.title, s.rows, s.cols, s.frozenRows, s.frozenCols, s.hidden) {
		b.did("tab %q changed", s.title)
	}
	return nil, nil
}

func (b *batch) updateBook(raw json.RawMessage) (map[string]any, error) {
	var body struct {
		Properties struct {
			Title    string `json:"title"`
			Locale   string `json:"locale"`
			TimeZone string `json:"timeZone"`
		} `json:"properties"`
		Fields string `json:"fields"`
	}
	if err := strict(raw, &body); err != nil {
		return nil, err
	}
	if _, err := fieldsOf(body.Fields, "title", "locale", "timeZone"); err != nil {
		return nil, err
	}
	b.did("properties of the spreadsheet changed")
	return nil, nil
}
