package wire

import (
	"encoding/json"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// V1Params are the query parameters of every v1 list. Source: developers.onelogin.com, 1/getting-started/using-query-parameters.
func V1Params(filters ...string) []string {
	return append([]string{"limit", "sort", "fields", "after_cursor", "before_cursor"}, filters...)
}

// v1Most is the largest page of v1: the documentation says "up to 50 per page" of each list. Whether more is honoured is
// not known, so it is refused.
const v1Most = 50

// V1Whole answers a v1 list that is at hand as a whole, by ascending id. Its only order is by id.
func V1Whole[T any](c *tenant.Call, all []T, id func(T) int64) tenant.Reply {
	limit, after, refused := V1Window(c, v1Most, v1Most)
	if refused != nil {
		return *refused
	}
	down, refused := V1Order(c)
	if refused != nil {
		return *refused
	}
	if down {
		all = slices.Clone(all)
		slices.Reverse(all)
	}
	from := 0
	if after != 0 {
		from = slices.IndexFunc(all, func(item T) bool { return down && id(item) < after || !down && id(item) > after })
		if from < 0 {
			from = len(all)
		}
	}
	rest := all[from:]
	items := rest[:min(limit, len(rest))]
	more, next := len(rest) > len(items), ""
	if more {
		next = V1Cursor(id(items[len(items)-1]))
	}
	if fields := c.Query().Get("fields"); fields != "" {
		return V1List(c, Chosen(items, fields), more, next)
	}
	return V1List(c, items, more, next)
}

// V1Order reads sort, which is +id or -id; an unescaped plus arrives as a space.
func V1Order(c *tenant.Call) (down bool, refused *tenant.Reply) {
	sort := c.Query().Get("sort")
	if s := strings.TrimLeft(sort, "+- "); s != "" && s != "id" {
		return false, BadRequest("sort must be +id or -id")
	}
	return strings.HasPrefix(sort, "-"), nil
}

// Chosen leaves of each item the named fields and the id, which v1 always shows. The names are divided by commas, with or
// without spaces.
func Chosen[T any](items []T, fields string) []map[string]json.RawMessage {
	names := []string{"id"}
	for _, name := range strings.Split(fields, ",") {
		names = append(names, strings.TrimSpace(name))
	}
	out := make([]map[string]json.RawMessage, 0, len(items))
	for _, item := range items {
		all := Encoded(item)
		for name := range all {
			if !slices.Contains(names, name) {
				delete(all, name)
			}
		}
		out = append(out, all)
	}
	return out
}

// Encoded is the JSON object of a value, by its names.
func Encoded(v any) map[string]json.RawMessage {
	var all map[string]json.RawMessage
	body, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(body, &all)
	}
	if err != nil {
		// What the API shows always encodes, and what json writes json reads.
		panic("onelogin: a value does not encode: " + err.Error())
	}
	return all
}
