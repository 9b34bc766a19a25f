package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Mask is a field mask: a tree of names. An empty one takes everything.
type Mask map[string]Mask

// ParseMask reads masks such as "id, files(id, name)" and "sheets.properties.title"; "*" takes everything. Blanks may
// stand around names, as they do in Google's own examples.
func ParseMask(text string) (Mask, error) {
	m, rest, err := parseList(text)
	if err == nil && rest != "" {
		err = badMask(rest)
	}
	return m, err
}

func badMask(what string) error {
	return fmt.Errorf("Invalid field selection %s", strings.TrimSpace(what))
}

func parseList(text string) (m Mask, rest string, err error) {
	m = Mask{}
	for {
		end := strings.IndexAny(text, ",()")
		name := text
		if end >= 0 {
			name = text[:end]
		}
		if name = strings.TrimSpace(name); name == "" {
			return nil, "", badMask(text)
		}
		leaf := m
		for part := range strings.SplitSeq(strings.ReplaceAll(name, "/", "."), ".") {
			if leaf[part] == nil {
				leaf[part] = Mask{}
			}
			leaf = leaf[part]
		}
		if end < 0 {
			return m, "", nil
		}
		text = text[end:]
		if text[0] == '(' {
			inner, rest, err := parseList(text[1:])
			if err != nil {
				return nil, "", err
			}
			if !strings.HasPrefix(rest, ")") {
				return nil, "", badMask(text)
			}
			maps.Copy(leaf, inner)
			text = strings.TrimLeft(rest[1:], " ")
		}
		if text == "" || text[0] == ')' {
			return m, text, nil
		}
		if text[0] != ',' {
			return nil, "", badMask(text)
		}
		text = text[1:]
	}
}

// Paths lists the leaves, with dots.
func (m Mask) Paths(prefix string) []string {
	var out []string
	for name, below := range m {
		if len(below) == 0 {
			out = append(out, prefix+name)
			continue
		}
		out = append(out, below.Paths(prefix+name+".")...)
	}
	return out
}

// check refuses a name that a type of Google's API does not have. A list is its elements.
func (m Mask) check(t reflect.Type) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		// Below a map, or a value of any kind, every name may be there.
		if t.Kind() == reflect.Map || t.Kind() == reflect.Interface || len(m) == 0 || m["*"] != nil {
			return nil
		}
		return badMask(slices.Min(m.Paths("")))
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name == "*" {
			continue
		}
		field, found := fieldOf(t, name)
		if !found {
			return badMask(name)
		}
		if err := m[name].check(field); err != nil {
			return err
		}
	}
	return nil
}

// fieldOf finds the member of a type by its name in JSON.
func fieldOf(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if tag == name && tag != "-" {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// keep leaves in v only what the mask names.
func (m Mask) keep(v any) any {
	if len(m) == 0 || m["*"] != nil {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, below := range m {
			if value, ok := v[name]; ok {
				out[name] = below.keep(value)
			}
		}
		return out
	case []any:
		for i := range v {
			v[i] = m.keep(v[i])
		}
	}
	return v
}

// Masked applies the query parameter "fields" to an answer, of which shape is one as Google's own library types it. A mask
// that is wrong is refused before anything is done.
func Masked(next tenant.Handler, shape any) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		text := c.Query().Get("fields")
		if text == "" {
			return next(c)
		}
		m, err := ParseMask(text)
		if err == nil && shape != nil {
			err = m.check(reflect.TypeOf(shape))
		}
		if err != nil {
			return Failure(400, "invalidParameter", err.Error())
		}
		reply := next(c)
		if reply.Status != 200 || len(reply.Body) == 0 || c.Query().Get("alt") == "media" {
			return reply
		}
		var body any
		dec := json.NewDecoder(strings.NewReader(string(reply.Body)))
		dec.UseNumber()
		if err := dec.Decode(&body); err != nil {
			return Failure(500, "backendError", "sandbox: "+err.Error())
		}
		return tenant.JSON(reply.Status, m.keep(body))
	}
}
