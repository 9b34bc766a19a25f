package soql

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Field is a field as the query names it, such as Profile.Name, and where.
type Field struct {
	Path []string
	At   int
}

// String is the field as it was written.
func (f Field) String() string { return strings.Join(f.Path, ".") }

// Literal is a value in a condition: one of string, bool, float64, time.Time, or nil for null.
type Literal struct {
	Value any
	At    int
}

// Condition is a comparison, or conditions joined.
type Condition struct {
	// Join is AND, OR or NOT over Parts; empty for a comparison.
	Join  string
	Parts []Condition

	Field Field
	// Op is =, !=, <, <=, >, >=, LIKE, IN or NOT IN.
	Op     string
	Values []Literal
}

// Order is a field to sort by.
type Order struct {
	Field Field
	// Down says from the largest to the smallest, NullsLast that what is empty comes last.
	Down, NullsLast bool
}

// Query is a query that was read.
type Query struct {
	Text string
	// Count says that the query is SELECT COUNT().
	Count  bool
	Fields []Field
	Object string
	// ObjectAt is where the object is named.
	ObjectAt int
	Where    *Condition
	Orders   []Order
	// Limit is -1 if there is none.
	Limit, Offset int
}

// maxLength is how long a query may be. Source: SOQL and SOSL Reference, limits.
const maxLength = 100_000

type parser struct {
	query  string
	tokens []token
	at     int
}

// Parse reads a query. Its error is of type *Error.
func Parse(query string) (*Query, error) {
	if len(query) > maxLength {
		return nil, &Error{query, 0, "SOQL statements cannot be longer than 100000 characters."}
	}
	tokens, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := &parser{query: query, tokens: tokens}
	q := &Query{Text: query, Limit: -1}
	if err := p.selected(q); err != nil {
		return nil, err
	}
	if err := p.keyword("FROM"); err != nil {
		return nil, err
	}
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	q.Object, q.ObjectAt = name.value, name.at
	if err := p.clauses(q); err != nil {
		return nil, err
	}
	if p.peek().kind != end {
		return nil, p.unexpected()
	}
	return q, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

func (p *parser) take(keyword string) bool {
	if p.peek().is(keyword) {
		p.at++
		return true
	}
	return false
}

func (p *parser) takeMark(m string) bool {
	if p.peek().isMark(m) {
		p.at++
		return true
	}
	return false
}

func (p *parser) unexpected() error {
	t := p.peek()
	return &Error{p.query, t.at, fmt.Sprintf("unexpected token: '%s'", t.shown())}
}

func (p *parser) keyword(k string) error {
	if !p.take(k) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) mark(m string) error {
	if !p.takeMark(m) {
		return p.unexpected()
	}
	return nil
}

// reserved are words that no field or object can be called.
var reserved = []string{"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "LIKE", "ORDER", "BY", "LIMIT", "OFFSET", "NULL", "TRUE", "FALSE", "USING", "WITH", "GROUP", "HAVING", "FOR"}

func (p *parser) name() (token, error) {
	t := p.peek()
	if t.kind != word {
		return t, p.unexpected()
	}
	for _, r := range reserved {
		if t.is(r) {
			return t, p.unexpected()
		}
	}
	if strings.HasSuffix(t.value, ".") || strings.Contains(t.value, "..") {
		return t, p.unexpected()
	}
	return p.next(), nil
}

func (p *parser) field() (Field, error) {
	t, err := p.name()
	return Field{strings.Split(t.value, "."), t.at}, err
}

// selected reads what comes before FROM.
func (p *parser) selected(q *Query) error {
	if err := p.keyword("SELECT"); err != nil {
		return err
	}
	if p.peek().is("COUNT") && p.tokens[p.at+1].isMark("(") {
		p.at += 2
		q.Count = true
		return p.mark(")")
	}
	for {
		f, err := p.field()
		if err != nil {
			return err
		}
		q.Fields = append(q.Fields, f)
		if !p.takeMark(",") {
			return nil
		}
	}
}

// clauses reads what comes after the object, in the one order that there is.
func (p *parser) clauses(q *Query) error {
	if p.take("WHERE") {
		c, err := p.conditions()
		if err != nil {
			return err
		}
		q.Where = &c
	}
	if p.take("ORDER") {
		if err := p.keyword("BY"); err != nil {
			return err
		}
		if err := p.orders(q); err != nil {
			return err
		}
	}
	for _, clause := range []struct {
		name string
		into *int
	}{{"LIMIT", &q.Limit}, {"OFFSET", &q.Offset}} {
		if !p.take(clause.name) {
			continue
		}
		n, err := strconv.Atoi(p.peek().value)
		if p.peek().kind != number || err != nil || n < 0 {
			return p.unexpected()
		}
		*clause.into = n
		p.at++
	}
	return nil
}

func (p *parser) orders(q *Query) error {
	for {
		f, err := p.field()
		if err != nil {
			return err
		}
		o := Order{Field: f}
		if p.take("DESC") {
			o.Down = true
		} else {
			p.take("ASC")
		}
		if p.take("NULLS") {
			if o.NullsLast = p.take("LAST"); !o.NullsLast {
				if err := p.keyword("FIRST"); err != nil {
					return err
				}
			}
		}
		q.Orders = append(q.Orders, o)
		if !p.takeMark(",") {
			return nil
		}
	}
}

// conditions reads a chain of conditions. AND and OR in one chain need parentheses.
func (p *parser) conditions() (Condition, error) {
	first, err := p.condition()
	if err != nil {
		return Condition{}, err
	}
	joined := Condition{Parts: []Condition{first}}
	for p.peek().is("AND") || p.peek().is("OR") {
		join := strings.ToUpper(p.peek().value)
		if joined.Join != "" && joined.Join != join {
			return Condition{}, p.unexpected()
		}
		joined.Join = join
		p.at++
		c, err := p.condition()
		if err != nil {
			return Condition{}, err
		}
		joined.Parts = append(joined.Parts, c)
	}
	if joined.Join == "" {
		return first, nil
	}
	return joined, nil
}

func (p *parser) condition() (Condition, error) {
	if p.take("NOT") {
		c, err := p.condition()
		return Condition{Join: "NOT", Parts: []Condition{c}}, err
	}
	if p.takeMark("(") {
		c, err := p.conditions()
		if err != nil {
			return Condition{}, err
		}
		return c, p.mark(")")
	}
	f, err := p.field()
	if err != nil {
		return Condition{}, err
	}
	c := Condition{Field: f}
	t := p.peek()
	switch {
	case t.is("LIKE"):
		p.at++
		c.Op = "LIKE"
	case t.is("IN"), t.is("NOT"):
		return p.list(c)
	case t.kind == mark && t.value != "(" && t.value != ")" && t.value != ",":
		p.at++
		if c.Op = t.value; c.Op == "<>" {
			c.Op = "!="
		}
	default:
		return Condition{}, p.unexpected()
	}
	value, err := p.literal()
	c.Values = []Literal{value}
	return c, err
}

// list reads IN and NOT IN with their values.
func (p *parser) list(c Condition) (Condition, error) {
	c.Op = "IN"
	if p.take("NOT") {
		c.Op = "NOT IN"
	}
	if err := p.keyword("IN"); err != nil {
		return Condition{}, err
	}
	if err := p.mark("("); err != nil {
		return Condition{}, err
	}
	for {
		value, err := p.literal()
		if err != nil {
			return Condition{}, err
		}
		c.Values = append(c.Values, value)
		if !p.takeMark(",") {
			return c, p.mark(")")
		}
	}
}

func (p *parser) literal() (Literal, error) {
	t := p.peek()
	l := Literal{At: t.at}
	switch {
	case t.kind == text:
		l.Value = t.value
	case t.kind == number:
		n, err := strconv.ParseFloat(t.value, 64)
		if err != nil {
			return l, p.unexpected()
		}
		l.Value = n
	case t.kind == instant:
		at, err := readTime(t.value)
		if err != nil {
			return l, p.unexpected()
		}
		l.Value = at
	case t.is("TRUE"), t.is("FALSE"):
		l.Value = t.is("TRUE")
	case t.is("NULL"):
	default:
		return l, p.unexpected()
	}
	p.at++
	return l, nil
}

// readTime reads a time as SOQL writes it, with its zone. Source: SOQL and SOSL Reference, Date Formats and Date Literals.
func readTime(value string) (time.Time, error) {
	var at time.Time
	var err error
	for _, layout := range []string{"2006-01-02T15:04:05.999Z07:00", "2006-01-02T15:04:05Z07:00", time.DateOnly} {
		if at, err = time.Parse(layout, value); err == nil {
			return at, nil
		}
	}
	return at, err
}
