package google

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/sheets/v4"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// appendOrClear is what either of the two calls answers that have one path.
type appendOrClear struct {
	SpreadsheetID string                      `json:"spreadsheetId"`
	ClearedRange  string                      `json:"clearedRange"`
	TableRange    string                      `json:"tableRange"`
	Updates       sheets.UpdateValuesResponse `json:"updates"`
}

func (g *Google) sheetRoutes() []tenant.Route {
	const base = "/v4/spreadsheets"
	write := wire.Common("valueInputOption", "includeValuesInResponse", "insertDataOption", "responseValueRenderOption", "responseDateTimeRenderOption")
	read := wire.Common("majorDimension", "valueRenderOption", "dateTimeRenderOption")
	return []tenant.Route{
		{Method: "POST", Path: base, Op: "google.sheets.create", Scope: sheetWrite, Query: wire.Common(), Handle: wire.Masked(g.createBook, sheets.Spreadsheet{})},
		{Method: "GET", Path: base + "/{id}", Op: "google.sheets.get", Scope: sheetRead, Query: wire.Common("includeGridData", "ranges", "excludeTablesInBandedRanges"), Handle: wire.Masked(g.getBook, sheets.Spreadsheet{})},
		{Method: "POST", Path: base + "/{id}", Op: "google.sheets.batch_update", Scope: sheetWrite, Query: wire.Common(), Handle: wire.Masked(g.batchUpdate, sheets.BatchUpdateSpreadsheetResponse{})},
		{Method: "GET", Path: base + "/{id}/values/{range}", Op: "google.sheets.get_values", Scope: sheetRead, Query: read, Handle: wire.Masked(g.getValues, sheets.ValueRange{})},
		{Method: "PUT", Path: base + "/{id}/values/{range}", Op: "google.sheets.update_values", Scope: sheetWrite, Query: write, Handle: wire.Masked(g.updateValues, sheets.UpdateValuesResponse{})},
		{Method: "POST", Path: base + "/{id}/values/{range}", Op: "google.sheets.append_or_clear", Scope: sheetWrite, Query: write, Handle: wire.Masked(g.appendOrClear, appendOrClear{})},
		{Method: "GET", Path: base + "/{id}/values:batchGet", Op: "google.sheets.batch_get_values", Scope: sheetRead, Query: append(read, "ranges"), Handle: wire.Masked(g.batchGet, sheets.BatchGetValuesResponse{})},
		{Method: "POST", Path: base + "/{id}/values:batchUpdate", Op: "google.sheets.batch_update_values", Scope: sheetWrite, Query: wire.Common(), Handle: wire.Masked(g.batchUpdateValues, sheets.BatchUpdateValuesResponse{})},
		{Method: "POST", Path: base + "/{id}/values:batchClear", Op: "google.sheets.batch_clear_values", Scope: sheetWrite, Query: wire.Common(), Handle: wire.Masked(g.batchClear, sheets.BatchClearValuesResponse{})},
		{Method: "GET", Path: "/spreadsheets/d/{id}/edit", Op: "google.open_spreadsheet", Handle: g.open},
	}
}

// open leads a person who follows a link to the sandbox's page.
func (g *Google) open(c *tenant.Call) tenant.Reply {
	return tenant.Empty(http.StatusFound).With("Location", "/?spreadsheet="+c.Param("id"))
}

// book returns a spreadsheet that the caller may see. The lock must be held.
func (g *Google) book(c *tenant.Call, id string) (*book, *tenant.Reply) {
	f, b := g.files[id], g.books[id]
	if f == nil || b == nil {
		r := wire.NotFound()
		return nil, &r
	}
	role := f.role(c.ClientName())
	if role == "" || c.Request.Method != http.MethodGet && (role == "reader" || role == "commenter") {
		r := wire.Failure(http.StatusForbidden, "forbidden", "The caller does not have permission")
		return nil, &r
	}
	c.Subject("spreadsheet", id)
	if c.Request.Method != http.MethodGet {
		f.Modified = g.t.Now()
	}
	return b, nil
}

// values is a block of values as it travels.
type values struct {
	Range          string  `json:"range"`
	MajorDimension string  `json:"majorDimension"`
	Values         [][]any `json:"values"`
}

// decode reads a body strictly and keeps numbers as they were written.
func decode(c *tenant.Call, into any) error {
	dec := json.NewDecoder(bytes.NewReader(c.Body))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	return dec.Decode(into)
}

// place checks a block of values against the grid and turns it into cells. Nothing is written yet.
func (b *book) place(v values, option string) (block, [][]cell, error) {
	if option != "RAW" && option != "USER_ENTERED" {
		return block{}, nil, errors.New("'valueInputOption' is required but not specified")
	}
	switch v.MajorDimension {
	case "", "ROWS":
	case "COLUMNS":
		v.Values = transposed(v.Values)
	default:
		return block{}, nil, fmt.Errorf("Invalid value at 'data.majorDimension': %q", v.MajorDimension)
	}
	at, err := b.find(v.Range)
	if err != nil {
		return block{}, nil, err
	}
	out := make([][]cell, 0, len(v.Values))
	var width int64
	for _, line := range v.Values {
		row := make([]cell, 0, len(line))
		for i, raw := range line {
			val, keep, err := literal(raw)
			if err != nil {
				return block{}, nil, err
			}
			if keep {
				r, c := at.r0+int64(len(out)), at.c0+int64(i)
				val = at.sheet.get(r, c)
			} else if option == "USER_ENTERED" {
				val = typed(val)
			}
			if err := val.fits(); err != nil {
				return block{}, nil, err
			}
			row = append(row, val)
		}
		width = max(width, int64(len(row)))
		out = append(out, row)
	}
	end := area{at.r0, at.r0 + max(1, int64(len(out))), at.c0, at.c0 + max(1, width)}
	if !at.single && (end.r1 > at.r1 || end.c1 > at.c1) {
		return block{}, nil, fmt.Errorf("Requested writing within range [%s], but tried writing to %s", v.Range, at.sheet.name(end))
	}
	if end.r1 > at.sheet.rows || end.c1 > at.sheet.cols {
		return block{}, nil, at.sheet.beyond(end)
	}
	at.area = end
	return at, out, nil
}

// transposed makes rows of columns. What is left out of a column leaves its cell as it is.
func transposed(columns [][]any) [][]any {
	var rows [][]any
	for j, column := range columns {
		for i, value := range column {
			for len(rows) <= i {
				rows = append(rows, nil)
			}
			for len(rows[i]) <= j {
				rows[i] = append(rows[i], nil)
			}
			rows[i][j] = value
		}
	}
	return rows
}

// write puts cells in place and says how many of them are different now.
func (at block) write(rows [][]cell) (changed int) {
	for i, row := range rows {
		r := at.r0 + int64(i)
		different := false
		for j, v := range row {
			if at.sheet.get(r, at.c0+int64(j)) != v {
				different = true
				changed++
			}
		}
		if !different {
			continue
		}
		for int64(len(at.sheet.data)) <= r {
			at.sheet.data = append(at.sheet.data, nil)
		}
		line := make([]cell, max(int64(len(at.sheet.data[r])), at.c0+int64(len(row))))
		copy(line, at.sheet.data[r])
		copy(line[at.c0:], row)
		at.sheet.data[r] = line
	}
	return changed
}

func (at block) answer(id string, rows [][]cell) map[string]any {
	cells := 0
	for _, row := range rows {
		cells += len(row)
	}
	return map[string]any{
		"spreadsheetId": id, "updatedRange": at.sheet.name(at.area), "updatedRows": len(rows),
		"updatedColumns": at.c1 - at.c0, "updatedCells": cells,
	}
}

func (g *Google) updateValues(c *tenant.Call) tenant.Reply {
	var body values
	if err := decode(c, &body); err != nil {
		return wire.Malformed(err)
	}
	if body.Range != "" && body.Range != c.Param("range") {
		return wire.Invalid("Requested writing within range [%s], but the body says %s", c.Param("range"), body.Range)
	}
	body.Range = c.Param("range")
	g.mu.Lock()
	defer g.mu.Unlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	at, rows, err := b.place(body, c.Query().Get("valueInputOption"))
	if err != nil {
		return wire.Invalid("%v", err)
	}
	if n := at.write(rows); n > 0 {
		c.Effect("%d cells of %q changed", n, at.sheet.title)
	}
	return tenant.JSON(http.StatusOK, at.answer(b.id, rows))
}

func (g *Google) batchUpdateValues(c *tenant.Call) tenant.Reply {
	var body struct {
		ValueInputOption             string   `json:"valueInputOption"`
		Data                         []values `json:"data"`
		IncludeValuesInResponse      bool     `json:"includeValuesInResponse"`
		ResponseValueRenderOption    string   `json:"responseValueRenderOption"`
		ResponseDateTimeRenderOption string   `json:"responseDateTimeRenderOption"`
	}
	if err := decode(c, &body); err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	blocks, cells := make([]block, len(body.Data)), make([][][]cell, len(body.Data))
	for i, d := range body.Data {
		var err error
		if blocks[i], cells[i], err = b.place(d, body.ValueInputOption); err != nil {
			return wire.Invalid("Invalid data[%d]: %v", i, err)
		}
	}
	responses, total := []map[string]any{}, 0
	changed := map[string]int{}
	for i := range blocks {
		changed[blocks[i].sheet.title] += blocks[i].write(cells[i])
		answer := blocks[i].answer(b.id, cells[i])
		total += answer["updatedCells"].(int)
		responses = append(responses, answer)
	}
	for _, s := range b.sheets {
		if n := changed[s.title]; n > 0 {
			c.Effect("%d cells of %q changed", n, s.title)
		}
	}
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "totalUpdatedCells": total, "responses": responses})
}

// appendOrClear are the two calls that Google spells as a verb behind the range.
func (g *Google) appendOrClear(c *tenant.Call) tenant.Reply {
	i := strings.LastIndexByte(c.Param("range"), ':')
	if i < 0 {
		return wire.NotFound()
	}
	a1, verb := c.Param("range")[:i], c.Param("range")[i+1:]
	g.mu.Lock()
	defer g.mu.Unlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	switch verb {
	case "clear":
		at, err := b.find(a1)
		if err != nil {
			return wire.Invalid("%v", err)
		}
		if n := at.clear(); n > 0 {
			c.Effect("%d cells of %q cleared", n, at.sheet.title)
		}
		return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "clearedRange": at.sheet.name(at.area)})
	case "append":
		return g.appendValues(c, b, a1)
	}
	return wire.NotFound()
}

// clear empties a block and says how many cells of it held anything.
func (at block) clear() int {
	empty := make([][]cell, at.r1-at.r0)
	for i := range empty {
		r := at.r0 + int64(i)
		if r < int64(len(at.sheet.data)) {
			empty[i] = make([]cell, max(0, min(at.c1, int64(len(at.sheet.data[r])))-at.c0))
		}
	}
	return at.write(empty)
}

func (g *Google) batchClear(c *tenant.Call) tenant.Reply {
	var body struct {
		Ranges []string `json:"ranges"`
	}
	if err := decode(c, &body); err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	var blocks []block
	for _, a1 := range body.Ranges {
		at, err := b.find(a1)
		if err != nil {
			return wire.Invalid("%v", err)
		}
		blocks = append(blocks, at)
	}
	cleared := []string{}
	for _, at := range blocks {
		if n := at.clear(); n > 0 {
			c.Effect("%d cells of %q cleared", n, at.sheet.title)
		}
		cleared = append(cleared, at.sheet.name(at.area))
	}
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "clearedRanges": cleared})
}

// appendValues writes below the last row that holds anything: again and again, if it is repeated.
func (g *Google) appendValues(c *tenant.Call, b *book, a1 string) tenant.Reply {
	var body values
	if err := decode(c, &body); err != nil {
		return wire.Malformed(err)
	}
	at, err := b.find(a1)
	if err != nil {
		return wire.Invalid("%v", err)
	}
	if body.MajorDimension == "COLUMNS" {
		body.MajorDimension, body.Values = "ROWS", transposed(body.Values)
	}
	last := int64(len(at.sheet.data))
	for last > 0 && !slices.ContainsFunc(at.sheet.data[last-1], func(v cell) bool { return v.kind != nothing }) {
		last--
	}
	// Appending makes rows where there are none left.
	more := max(0, last+int64(len(body.Values))-at.sheet.rows)
	if b.cells()+more*at.sheet.cols > g.settings.CellLimit {
		return tooManyCells(g.settings.CellLimit)
	}
	grown := at.sheet
	grown.rows += more
	body.Range = grown.name(area{last, last + 1, at.c0, at.c0 + 1})
	at, rows, err := b.place(body, c.Query().Get("valueInputOption"))
	if err != nil {
		grown.rows -= more
		return wire.Invalid("%v", err)
	}
	at.write(rows)
	c.Effect("%d rows appended to %q", len(rows), at.sheet.title)
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "updates": at.answer(b.id, rows)})
}

func tooManyCells(limit int64) tenant.Reply {
	return wire.Invalid("This action would increase the number of cells in the workbook above the limit of %d cells.", limit)
}
