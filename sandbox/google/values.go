package google

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

func (g *Google) sheetRoutes() []tenant.Route {
	const base = "/v4/spreadsheets"
	write := common("valueInputOption", "includeValuesInResponse", "insertDataOption", "responseValueRenderOption", "responseDateTimeRenderOption")
	read := common("majorDimension", "valueRenderOption", "dateTimeRenderOption")
	return []tenant.Route{
		{Method: "POST", Path: base, Op: "google.sheets.create", Scope: sheetWrite, Query: common(), Handle: g.createBook},
		{Method: "GET", Path: base + "/{id}", Op: "google.sheets.get", Scope: sheetRead, Query: common("includeGridData", "ranges", "excludeTablesInBandedRanges"), Handle: g.getBook},
		{Method: "POST", Path: base + "/{id}", Op: "google.sheets.batch_update", Scope: sheetWrite, Query: common(), Handle: g.batchUpdate},
		{Method: "GET", Path: base + "/{id}/values/{range}", Op: "google.sheets.get_values", Scope: sheetRead, Query: read, Handle: g.getValues},
		{Method: "PUT", Path: base + "/{id}/values/{range}", Op: "google.sheets.update_values", Scope: sheetWrite, Query: write, Handle: g.updateValues},
		{Method: "POST", Path: base + "/{id}/values/{range}", Op: "google.sheets.append_or_clear", Scope: sheetWrite, Query: write, Handle: g.appendOrClear},
		{Method: "GET", Path: base + "/{id}/values:batchGet", Op: "google.sheets.batch_get_values", Scope: sheetRead, Query: append(read, "ranges"), Handle: g.batchGet},
		{Method: "POST", Path: base + "/{id}/values:batchUpdate", Op: "google.sheets.batch_update_values", Scope: sheetWrite, Query: common(), Handle: g.batchUpdateValues},
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
		r := notFound()
		return nil, &r
	}
	if f.Drive == "" && f.Owner != c.ClientName() && !slices.ContainsFunc(f.Permissions, func(p *permission) bool { return p.Email == c.ClientName() }) {
		r := failure(http.StatusForbidden, "forbidden", "The caller does not have permission")
		return nil, &r
	}
	c.Subject("spreadsheet", id)
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
	if v.MajorDimension != "" && v.MajorDimension != "ROWS" {
		return block{}, nil, errors.New("the sandbox takes rows only, not columns")
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
		return invalid("Invalid JSON payload received. %v", err)
	}
	if body.Range != "" && body.Range != c.Param("range") {
		return invalid("Requested writing within range [%s], but the body says %s", c.Param("range"), body.Range)
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
		return invalid("%v", err)
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
		return invalid("Invalid JSON payload received. %v", err)
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
			return invalid("Invalid data[%d]: %v", i, err)
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
		return notFound()
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
			return invalid("%v", err)
		}
		empty := make([][]cell, at.r1-at.r0)
		for i := range empty {
			r := at.r0 + int64(i)
			if r < int64(len(at.sheet.data)) {
				empty[i] = make([]cell, max(0, min(at.c1, int64(len(at.sheet.data[r])))-at.c0))
			}
		}
		if n := at.write(empty); n > 0 {
			c.Effect("%d cells of %q cleared", n, at.sheet.title)
		}
		return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "clearedRange": at.sheet.name(at.area)})
	case "append":
		return g.appendValues(c, b, a1)
	}
	return notFound()
}

// appendValues writes below the last row that holds anything: again and again, if it is repeated.
func (g *Google) appendValues(c *tenant.Call, b *book, a1 string) tenant.Reply {
	var body values
	if err := decode(c, &body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	at, err := b.find(a1)
	if err != nil {
		return invalid("%v", err)
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
	at.sheet.rows += more
	body.Range = at.sheet.name(area{last, last + 1, at.c0, at.c0 + 1})
	at, rows, err := b.place(body, c.Query().Get("valueInputOption"))
	if err != nil {
		return invalid("%v", err)
	}
	at.write(rows)
	c.Effect("%d rows appended to %q", len(rows), at.sheet.title)
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "updates": at.answer(b.id, rows)})
}

func tooManyCells(limit int64) tenant.Reply {
	return invalid("This action would increase the number of cells in the workbook above the limit of %d cells.", limit)
}

// read returns a block without what is empty at the end of rows and of the block.
func (at block) read(render string) [][]any {
	if render == "" {
		render = "FORMATTED_VALUE"
	}
	var out [][]any
	for r := at.r0; r < min(at.r1, int64(len(at.sheet.data))); r++ {
		line := []any{}
		for col := at.c0; col < min(at.c1, int64(len(at.sheet.data[r]))); col++ {
			line = append(line, at.sheet.get(r, col).value(render))
		}
		for len(line) > 0 && line[len(line)-1] == "" {
			line = line[:len(line)-1]
		}
		out = append(out, line)
	}
	for len(out) > 0 && len(out[len(out)-1]) == 0 {
		out = out[:len(out)-1]
	}
	return out
}

func (at block) view(render string) map[string]any {
	v := map[string]any{"range": at.sheet.name(at.area), "majorDimension": "ROWS"}
	if rows := at.read(render); len(rows) > 0 {
		v["values"] = rows
	}
	return v
}

func (g *Google) getValues(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	at, err := b.find(c.Param("range"))
	if err != nil {
		return invalid("%v", err)
	}
	return tenant.JSON(http.StatusOK, at.view(c.Query().Get("valueRenderOption")))
}

func (g *Google) batchGet(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	list := []map[string]any{}
	for _, a1 := range c.Query()["ranges"] {
		at, err := b.find(a1)
		if err != nil {
			return invalid("%v", err)
		}
		list = append(list, at.view(c.Query().Get("valueRenderOption")))
	}
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "valueRanges": list})
}

// createBook makes a spreadsheet in the caller's My Drive: another one each time.
func (g *Google) createBook(c *tenant.Call) tenant.Reply {
	var body struct {
		Properties struct {
			Title    string `json:"title"`
			Locale   string `json:"locale"`
			TimeZone string `json:"timeZone"`
		} `json:"properties"`
	}
	if err := decode(c, &body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f := &file{
		ID: "1" + g.t.Secret(), Name: body.Properties.Title, MimeType: sheetType, Parents: []string{"root"}, Owner: c.ClientName(),
		Created: g.t.Now(), Permissions: []*permission{{ID: permissionID(c.ClientName()), Type: "user", Role: "owner", Email: c.ClientName()}},
	}
	g.addFile(f)
	g.books[f.ID] = newBook(f.ID)
	c.Subject("spreadsheet", f.ID)
	c.Effect("spreadsheet created")
	return tenant.JSON(http.StatusOK, g.bookView(g.books[f.ID]))
}

func (g *Google) getBook(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, g.bookView(b))
}

func (g *Google) bookView(b *book) map[string]any {
	list := []map[string]any{}
	for i, s := range b.sheets {
		list = append(list, map[string]any{"properties": s.properties(i)})
	}
	return map[string]any{
		"spreadsheetId": b.id, "properties": map[string]any{"title": g.files[b.id].Name, "locale": "en_US", "timeZone": "Etc/GMT"},
		"sheets": list, "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/" + b.id + "/edit",
	}
}

func (s *sheet) properties(index int) map[string]any {
	return map[string]any{
		"sheetId": s.id, "title": s.title, "index": index, "sheetType": "GRID", "hidden": s.hidden,
		"gridProperties": map[string]any{
			"rowCount": s.rows, "columnCount": s.cols, "frozenRowCount": s.frozenRows, "frozenColumnCount": s.frozenCols,
		},
	}
}
