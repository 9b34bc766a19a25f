package ldap

import (
	"encoding/hex"
	"slices"
	"strings"
)

// dn is a distinguished name, from the entry up (RFC 4514).
type dn []rdn

// rdn is a relative one: most have a single value.
type rdn []ava

type ava struct{ name, value string }

// parseDN reads a name. "" is the root.
func parseDN(text string) (dn, bool) {
	if strings.TrimSpace(text) == "" {
		return dn{}, text == ""
	}
	var all dn
	for _, part := range cut(text, ",;") {
		var r rdn
		for _, piece := range cut(part, "+") {
			name, raw, ok := strings.Cut(piece, "=")
			name = strings.TrimSpace(name)
			if !ok || name == "" || strings.ContainsAny(name, ` "\`) {
				return nil, false
			}
			a, known := types[strings.ToLower(name)]
			value, ok := unescape(raw)
			if !ok || !known || value == "" && a.rule != octets {
				return nil, false
			}
			r = append(r, ava{name: name, value: value})
		}
		slices.SortFunc(r, func(x, y ava) int { return strings.Compare(strings.ToLower(x.name), strings.ToLower(y.name)) })
		all = append(all, r)
	}
	return all, true
}

// cut parts a text at any of these characters that is not escaped.
func cut(text, at string) (parts []string) {
	from := 0
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case strings.IndexByte(at, text[i]) >= 0:
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// unescape reads a value (RFC 4514 3).
func unescape(raw string) (string, bool) {
	raw = strings.TrimLeft(raw, " ")
	for strings.HasSuffix(raw, " ") && !strings.HasSuffix(raw, `\ `) {
		raw = raw[:len(raw)-1]
	}
	if strings.HasPrefix(raw, "#") {
		return "", false // Encoded values: nobody writes them here.
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\\' && i+1 < len(raw) && strings.IndexByte(` "#+,;<=>\`, raw[i+1]) >= 0:
			i++
			b.WriteByte(raw[i])
		case c == '\\' && i+2 < len(raw):
			byteOf, err := hex.DecodeString(raw[i+1 : i+3])
			if err != nil {
				return "", false
			}
			b.Write(byteOf)
			i += 2
		case strings.IndexByte(`"<>\`, c) >= 0:
			return "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}

// normal is a name as it is compared.
func (d dn) normal() string {
	parts := make([]string, len(d))
	for i, r := range d {
		parts[i] = r.normal()
	}
	return strings.Join(parts, ",")
}

func (r rdn) normal() string {
	var all []string
	for _, a := range r {
		t := types[strings.ToLower(a.name)]
		all = append(all, strings.ToLower(t.name)+"="+escaped(t.normal(a.value)))
	}
	slices.Sort(all)
	return strings.Join(all, "+")
}

// String is a name as the server shows it.
func (d dn) String() string {
	parts := make([]string, len(d))
	for i, r := range d {
		var all []string
		for _, a := range r {
			all = append(all, a.name+"="+escaped(a.value))
		}
		parts[i] = strings.Join(all, "+")
	}
	return strings.Join(parts, ",")
}

// escaped writes a value as slapd does: special characters in hexadecimal.
func escaped(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		special := strings.IndexByte(`"+,;<>\=`, c) >= 0 || c == 0
		edge := c == ' ' && (i == 0 || i == len(value)-1) || c == '#' && i == 0
		if special || edge {
			b.WriteString(`\` + strings.ToUpper(hex.EncodeToString([]byte{c})))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func (d dn) parent() dn {
	if len(d) == 0 {
		return nil
	}
	return d[1:]
}

// below reports whether a name is another one or under it.
func (d dn) below(top dn) bool {
	return len(d) >= len(top) && d[len(d)-len(top):].normal() == top.normal()
}
