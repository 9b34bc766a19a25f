package google

import (
	"net/http"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// createBook makes a spreadsheet in the caller's My Drive: another one each time.
func (g *Google) createBook(c *tenant.Call) tenant.Reply {
	var body struct {
		Properties struct {
			Title    string `json:"title"`
			Locale   string `json:"locale"`
			TimeZone string `json:"timeZone"`
		} `json:"properties"`
		Sheets []struct {
			Properties properties `json:"properties"`
		} `json:"sheets"`
	}
	if err := decode(c, &body); err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f := &file{
		ID: "1" + g.t.Secret(), Name: body.Properties.Title, MimeType: sheetType, Parents: []string{"root"}, Owner: c.ClientName(),
		Created: g.t.Now(), Permissions: []*permission{{ID: permissionID(c.ClientName()), Type: "user", Role: "owner", Email: c.ClientName()}},
	}
	if f.Name == "" {
		f.Name = "Untitled spreadsheet"
	}
	made := newBook(f.ID)
	if len(body.Sheets) > 0 {
		made.sheets = nil
	}
	tabs := &batch{g: g, book: made, user: c.ClientName()}
	for i, s := range body.Sheets {
		if _, err := tabs.newSheet(s.Properties); err != nil {
			return wire.Invalid("Invalid sheets[%d].properties: %v", i, err)
		}
	}
	g.addFile(f)
	g.books[f.ID] = made
	c.Subject("spreadsheet", f.ID)
	c.Effect("spreadsheet created")
	return tenant.JSON(http.StatusOK, g.bookView(made))
}

// getBook answers with what stands in cells only where it is asked for: by includeGridData, or by a field mask that names it.
func (g *Google) getBook(c *tenant.Call) tenant.Reply {
	q := c.Query()
	g.mu.RLock()
	defer g.mu.RUnlock()
	b, refused := g.book(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	var within []block
	for _, a1 := range q["ranges"] {
		at, err := b.find(a1)
		if err != nil {
			return wire.Invalid("%v", err)
		}
		within = append(within, at)
	}
	if len(within) == 0 {
		for _, s := range b.sheets {
			within = append(within, block{sheet: s, area: area{0, s.rows, 0, s.cols}})
		}
	}
	grid := q.Get("includeGridData") == "true"
	if text := q.Get("fields"); text != "" {
		m, err := wire.ParseMask(text)
		grid = err == nil && m["sheets"] != nil && (len(m["sheets"]) == 0 || m["sheets"]["data"] != nil || m["sheets"]["*"] != nil)
	}
	v := g.bookView(b)
	list := []map[string]any{}
	for i, s := range b.sheets {
		view := map[string]any{"properties": s.properties(i)}
		var data []any
		for _, at := range within {
			if at.sheet == s {
				data = append(data, at.grid())
			}
		}
		if len(data) == 0 {
			continue
		}
		if grid {
			view["data"] = data
		}
		list = append(list, view)
	}
	v["sheets"] = list
	return tenant.JSON(http.StatusOK, v)
}

// grid is a block with what stands in its cells.
func (at block) grid() map[string]any {
	rows := []map[string]any{}
	for r := at.r0; r < min(at.r1, int64(len(at.sheet.data))); r++ {
		cells := []map[string]any{}
		for c := at.c0; c < min(at.c1, int64(len(at.sheet.data[r]))); c++ {
			cells = append(cells, at.sheet.get(r, c).data())
		}
		row := map[string]any{}
		if len(cells) > 0 {
			row["values"] = cells
		}
		rows = append(rows, row)
	}
	v := map[string]any{"rowData": rows}
	if at.r0 > 0 {
		v["startRow"] = at.r0
	}
	if at.c0 > 0 {
		v["startColumn"] = at.c0
	}
	return v
}

// data is a cell with the value that was entered, the one it has, and how it shows.
func (v cell) data() map[string]any {
	name := map[uint8]string{text: "stringValue", number: "numberValue", truth: "boolValue", formula: "formulaValue"}[v.kind]
	if name == "" {
		return map[string]any{}
	}
	entered := map[string]any{name: v.value("FORMULA")}
	effective := entered
	if v.kind == formula {
		effective = map[string]any{"errorValue": map[string]string{"type": "NAME", "message": "Unknown function"}}
	}
	return map[string]any{"userEnteredValue": entered, "effectiveValue": effective, "formattedValue": v.value("FORMATTED_VALUE")}
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
