package google

import (
	"net/http"
	"net/url"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

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

// view is a block of values as a query asks for it.
func (at block) view(q url.Values) map[string]any {
	v := map[string]any{"range": at.sheet.name(at.area), "majorDimension": "ROWS"}
	rows := at.read(q.Get("valueRenderOption"))
	if q.Get("majorDimension") == "COLUMNS" {
		v["majorDimension"] = "COLUMNS"
		rows = transposed(rows)
		for _, column := range rows {
			for i := range column {
				if column[i] == nil {
					column[i] = ""
				}
			}
		}
	}
	if len(rows) > 0 {
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
		return wire.Invalid("%v", err)
	}
	return tenant.JSON(http.StatusOK, at.view(c.Query()))
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
			return wire.Invalid("%v", err)
		}
		list = append(list, at.view(c.Query()))
	}
	return tenant.JSON(http.StatusOK, map[string]any{"spreadsheetId": b.id, "valueRanges": list})
}
