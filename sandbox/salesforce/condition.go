package salesforce

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/salesforce/soql"
)

// holds reports that a condition is true of a record.
func (q *running) holds(c soql.Condition, r record) bool {
	switch c.Join {
	case "AND":
		return !slices.ContainsFunc(c.Parts, func(p soql.Condition) bool { return !q.holds(p, r) })
	case "OR":
		return slices.ContainsFunc(c.Parts, func(p soql.Condition) bool { return q.holds(p, r) })
	case "NOT":
		return !q.holds(c.Parts[0], r)
	}
	at, wrong := q.resolve(c.Field)
	if wrong != nil {
		return false
	}
	value := q.value(r, at)
	switch c.Op {
	case "IN", "NOT IN":
		found := slices.ContainsFunc(c.Values, func(l soql.Literal) bool { return equal(at.end, value, l.Value) })
		return found == (c.Op == "IN")
	case "=":
		return equal(at.end, value, c.Values[0].Value)
	case "!=":
		return !equal(at.end, value, c.Values[0].Value)
	case "LIKE":
		text, _ := value.(string)
		pattern, _ := c.Values[0].Value.(string)
		return like(pattern).MatchString(text)
	}
	if value == nil || c.Values[0].Value == nil {
		return false
	}
	order := compareTo(at.end, value, c.Values[0].Value)
	switch c.Op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// equal compares a value of a field with one of a query. Ids are compared letter by letter, other texts in whatever case.
func equal(f *field, value, literal any) bool {
	if value == nil || literal == nil {
		return value == nil && literal == nil
	}
	if at, ok := literal.(time.Time); ok {
		have, _ := value.(time.Time)
		return have.Equal(at)
	}
	return compareTo(f, value, literal) == 0
}

func compareTo(f *field, value, literal any) int {
	if n, ok := literal.(float64); ok {
		literal = int(n)
	}
	if text, ok := literal.(string); ok && (f.kind == kindID || f.kind == kindReference) {
		have, _ := value.(string)
		return strings.Compare(have, readID(text))
	}
	return compare(value, literal)
}

// like turns a pattern into an expression: % is any text, _ any letter, and a backslash before one takes that away.
func like(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?is)^")
	escaped := false
	for _, c := range pattern {
		switch {
		case escaped, c != '%' && c != '_' && c != '\\':
			b.WriteString(regexp.QuoteMeta(string(c)))
			escaped = false
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteString(".")
		default:
			escaped = true
		}
	}
	b.WriteString("$")
	return regexp.MustCompile(b.String())
}
