package google

import (
	"encoding/json"
	"fmt"
	"strings"

	"gatehouse/sandbox/tenant"
)

// mask is a field mask: a tree of names. An empty one takes everything.
type mask map[string]mask

// parseMask reads masks such as "id,files(id,name)" and "sheets.properties.title"; "*" takes everything.
func parseMask(text string) (mask, error) {
	m, rest, err := parseList(text)
	if err == nil && rest != "" {
		err = fmt.Errorf("invalid field selection %s", rest)
	}
	return m, err
}

func parseList(text string) (m mask, rest string, err error) {
	m = mask{}
	for {
		end := strings.IndexAny(text, ",()")
		name := text
		if end >= 0 {
			name = text[:end]
		}
		if name == "" {
			return nil, "", fmt.Errorf("invalid field selection %q", text)
		}
		leaf := m
		for part := range strings.SplitSeq(strings.ReplaceAll(name, "/", "."), ".") {
			if leaf[part] == nil {
				leaf[part] = mask{}
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
				return nil, "", fmt.Errorf("invalid field selection: a parenthesis is not closed")
			}
			for k, v := range inner {
				leaf[k] = v
			}
			text = rest[1:]
		}
		if text == "" || text[0] == ')' {
			return m, text, nil
		}
		if text[0] != ',' {
			return nil, "", fmt.Errorf("invalid field selection %q", text)
		}
		text = text[1:]
	}
}

// paths lists the leaves, with dots.
func (m mask) paths(prefix string) []string {
	var out []string
	for name, below := range m {
		if len(below) == 0 {
			out = append(out, prefix+name)
			continue
		}
		out = append(out, below.paths(prefix+name+".")...)
	}
	return out
}

// keep leaves in v only what the mask names.
func (m mask) keep(v any) any {
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

// masked applies the query parameter "fields" to an answer.
func masked(next tenant.Handler) tenant.Handler {
	return func(c *tenant.Call) tenant.Reply {
		reply := next(c)
		text := c.Query().Get("fields")
		if text == "" || reply.Status != 200 || len(reply.Body) == 0 {
			return reply
		}
		m, err := parseMask(text)
		if err != nil {
			return failure(400, "invalidParameter", err.Error())
		}
		var body any
		dec := json.NewDecoder(strings.NewReader(string(reply.Body)))
		dec.UseNumber()
		if err := dec.Decode(&body); err != nil {
			return failure(500, "backendError", "sandbox: "+err.Error())
		}
		return tenant.JSON(reply.Status, m.keep(body))
	}
}
