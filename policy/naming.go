package policy

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// naming is how accounts are called and recognised.
type naming struct {
	usernames   []template
	externalIDs []template
	domain      string
}

// template is a text with fields in braces, cut into parts: literal, field, literal, field, ..., literal.
type template []string

// Limits of a username. A mail address has at most 64 characters before the @, and a field of 30 leaves room for a
// first name, a last name and a number. Source: RFC 5321, 4.5.3.1.1.
const (
	maxUsername = 64
	maxField    = 30
)

// lastNumber is the highest value of {n}; the first is 2, because the name without a number counts as 1.
const lastNumber = 99

// usernameLetters are what may stand beside the fields of a username.
const usernameLetters = ".-abcdefghijklmnopqrstuvwxyz0123456789"

// allUsernames is no bound: the templates and their numbers are.
const allUsernames = math.MaxInt

func usernameFields() []string {
	return []string{"first", "last", "preferred", "f", "employee_id", "n"}
}

func externalIDFields() []string { return []string{"key", "employee_id", "source"} }

func defaultUsernames() []template {
	return []template{{"", "first", ".", "last", ""}, {"", "first", ".", "last", "", "n", ""}}
}

func defaultExternalIDs() []template { return []template{{"", "key", ""}} }

// readTemplates reads a list of templates. Outside braces only the characters in literals are allowed, or any if empty.
func readTemplates(s yamlfile.Section, key string, fields []string, literals string) []template {
	words := s.Words(key)
	if s.Has(key) && len(words) == 0 && len(s.Items(key, "texts")) == 0 {
		s.Fail(s.Value(key), "%s has no template: write at least one or remove the key", yamlfile.Join(s.Path, key))
	}
	var out []template
	for i, w := range words {
		t, problem := parseTemplate(w.Text, fields, literals)
		if problem != "" {
			s.Fail(w.Node, "%s: %s", yamlfile.Item(yamlfile.Join(s.Path, key), i), problem)
			continue
		}
		out = append(out, t)
	}
	return out
}

func parseTemplate(text string, fields []string, literals string) (template, string) {
	known := "{" + strings.Join(fields, "}, {") + "}"
	var out template
	identifies := false
	for {
		literal, rest, more := strings.Cut(text, "{")
		if strings.Contains(literal, "}") {
			return nil, "a } without a { before it"
		}
		if literals != "" && strings.Trim(literal, literals) != "" {
			return nil, "only a-z, 0-9, - and . may stand beside fields, not " + strconv.Quote(literal)
		}
		out = append(out, literal)
		if !more {
			break
		}
		field, after, closed := strings.Cut(rest, "}")
		if !closed || strings.Contains(field, "{") {
			return nil, "a { without a } after it"
		}
		if nearestField(field, fields) != field {
			return nil, "unknown field {" + field + "}; known fields: " + known
		}
		identifies = identifies || (field != "n" && field != "source")
		out = append(out, field)
		text = after
	}
	if !identifies {
		return nil, "it would be the same for everyone: use one of " + known
	}
	return out, ""
}

func nearestField(field string, fields []string) string {
	for _, f := range fields {
		if f == field {
			return f
		}
	}
	return ""
}

func (t template) has(field string) bool {
	for i := 1; i < len(t); i += 2 {
		if t[i] == field {
			return true
		}
	}
	return false
}

// Username is the best username a person could have, without the domain. A name that cannot be written in Latin letters gives way
// to the employee id; "" if the record has neither.
func (p *Policy) Username(r identity.Record) string {
	candidates, _ := p.usernames(r, 1)
	if len(candidates) == 0 {
		return ""
	}
	return candidates[0]
}

// usernames returns so many at most and also reports whether the employee id had to stand in for a name.
func (p *Policy) usernames(r identity.Record, most int) (candidates []string, fallback bool) {
	return usernamesBy(p.naming.usernames, r, most)
}

func usernamesBy(templates []template, r identity.Record, most int) (candidates []string, fallback bool) {
	values := nameFieldsOf(r)
	add := func(name string) {
		if name = tidy(name); name != "" && len(name) <= maxUsername && !slices.Contains(candidates, name) {
			candidates = append(candidates, name)
		}
	}
	for _, t := range templates {
		if len(candidates) >= most {
			break
		}
		base, ok := t.fill(values)
		switch {
		case !ok:
			fallback = true
		case !t.has("n"):
			add(base)
		case strings.Trim(base, ".-\x00") == "":
			// Numbers alone are nobody's name.
		default:
			for n := 2; n <= lastNumber && len(candidates) < most; n++ {
				add(strings.ReplaceAll(base, "\x00", strconv.Itoa(n)))
			}
		}
	}
	if len(candidates) == 0 {
		fallback = true
		add(values.employeeID.latin)
	}
	return candidates, fallback
}

// fill replaces the fields; {n} becomes a zero byte. It fails if a field cannot be written in Latin letters.
func (t template) fill(values nameFields) (string, bool) {
	var b strings.Builder
	for i, part := range t {
		switch {
		case i%2 == 0:
			b.WriteString(part)
		case part == "n":
			b.WriteByte(0)
		default:
			value := values.of(part)
			if !value.legible {
				return "", false
			}
			b.WriteString(value.latin)
		}
	}
	return b.String(), true
}

// nameFields are the values of the fields in Latin letters.
type nameFields struct{ first, last, preferred, employeeID nameField }

// nameField is a value, and whether it could be written so completely.
type nameField struct {
	latin   string
	legible bool
}

func (f nameFields) of(field string) nameField {
	switch field {
	case "first":
		return f.first
	case "last":
		return f.last
	case "preferred":
		return f.preferred
	case "employee_id":
		return f.employeeID
	case "f":
		return nameField{f.first.latin[:min(len(f.first.latin), 1)], f.first.legible}
	}
	return nameField{}
}

func nameFieldsOf(r identity.Record) nameFields {
	value := func(text string) nameField {
		latin, complete := transliterate(text)
		return nameField{latin[:min(len(latin), maxField)], complete}
	}
	f := nameFields{first: value(r.FirstName), last: value(r.LastName), employeeID: value(r.EmployeeID)}
	f.preferred = f.first
	if r.PreferredName != "" {
		f.preferred = value(r.PreferredName)
	}
	return f
}

// tidy removes the separators that empty fields leave behind.
func tidy(name string) string {
	for _, double := range []string{"..", "--", ".-", "-."} {
		for strings.Contains(name, double) {
			name = strings.ReplaceAll(name, double, double[:1])
		}
	}
	return strings.Trim(name, ".-")
}

// transliterate writes a name in a-z, 0-9 and -, the way mail addresses usually do: accents fall away, spaces and
// apostrophes too. It reports whether every letter could be written.
func transliterate(name string) (latin string, complete bool) {
	var b strings.Builder
	if identity.IsASCII(name) {
		for i := range len(name) {
			switch c := name[i]; {
			case 'A' <= c && c <= 'Z':
				b.WriteByte(c + 'a' - 'A')
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
				b.WriteByte(c)
			}
		}
		return b.String(), true
	}
	complete = true
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-':
			b.WriteRune(r)
		case unicode.Is(unicode.Pd, r):
			b.WriteByte('-')
		case identity.Spelling(r) != "":
			b.WriteString(identity.Spelling(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			complete = false
		}
	}
	return b.String(), complete
}

// ExternalIDs returns the external ids an account of the person may carry. The first is the one to write.
func (p *Policy) ExternalIDs(key string, r identity.Record) []string {
	values := map[string]string{"key": key, "employee_id": r.EmployeeID, "source": r.Source}
	var out []string
	for _, t := range p.naming.externalIDs {
		if id, ok := t.exact(values); ok {
			out = append(out, id)
		}
	}
	return out
}

// exact replaces the fields as they are. It fails if one is empty, because such an id would fit anybody.
func (t template) exact(values map[string]string) (string, bool) {
	var b strings.Builder
	for i, part := range t {
		if i%2 == 1 {
			if part = values[part]; part == "" {
				return "", false
			}
		}
		b.WriteString(part)
	}
	return b.String(), true
}

// ExternalIDFields are what an external id says about its person; what it does not say is empty.
type ExternalIDFields struct{ Key, Source, EmployeeID string }

// ReadExternalID reads an external id backwards: what it would stand for by each of the formats that it fits.
func (p *Policy) ReadExternalID(id string) []ExternalIDFields {
	var out []ExternalIDFields
	for _, t := range p.naming.externalIDs {
		if values, ok := t.read(id); ok {
			out = append(out, ExternalIDFields{Key: values["key"], Source: values["source"], EmployeeID: values["employee_id"]})
		}
	}
	return out
}

// read takes a text apart by the template's literals. A field ends where the literal after it first occurs.
func (t template) read(text string) (map[string]string, bool) {
	values := map[string]string{}
	rest, ok := strings.CutPrefix(text, t[0])
	for i := 1; ok && i < len(t); i += 2 {
		value := rest
		if literal := t[i+1]; literal != "" {
			value, rest, ok = strings.Cut(rest, literal)
		} else {
			rest = ""
		}
		if known, again := values[t[i]]; value == "" || again && known != value {
			return nil, false
		}
		values[t[i]] = value
	}
	return values, ok && rest == ""
}
