package salesforce

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/salesforce/soql"
	"gatehouse/sandbox/tenant"
)

// cursor is a query that was answered in part.
type cursor struct {
	records []map[string]any
	user    string
	size    int
}

// Sizes of a page. Source: REST API Developer Guide, Query Options Header.
const (
	usualPage = 2000
	leastPage = 200
	mostSkip  = 2000
)

// pageSize reads how many records a client wants in a page.
func (s *Salesforce) pageSize(r *request) int {
	if s.settings.PageSize > 0 {
		return s.settings.PageSize
	}
	if text, ok := strings.CutPrefix(r.c.Request.Header.Get("Sforce-Query-Options"), "batchSize="); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
			return max(leastPage, min(n, usualPage))
		}
	}
	return usualPage
}

// runQuery answers a query.
func (s *Salesforce) runQuery(r *request) tenant.Reply {
	if r.query.Get("q") == "" {
		return plain(http.StatusBadRequest, "MALFORMED_QUERY", "SOQL query is missing").reply()
	}
	q, err := soql.Parse(r.query.Get("q"))
	if err != nil {
		var wrong *soql.Error
		errors.As(err, &wrong)
		return plain(http.StatusBadRequest, "MALFORMED_QUERY", wrong.Error()).reply()
	}
	r.c.Subject("query", q.Object)
	run := &running{s: s, who: r.who, version: r.version, query: q, from: s.reads()}
	rows, f := run.rows()
	if f != nil {
		return f.reply()
	}
	if q.Count {
		return tenant.JSON(http.StatusOK, map[string]any{"totalSize": len(rows), "done": true, "records": []any{}})
	}
	records := make([]map[string]any, len(rows))
	for i, row := range rows {
		records[i] = run.project(row)
	}
	at := &cursor{records: records, user: r.who.user.id(), size: s.pageSize(r)}
	if len(records) <= at.size {
		return s.page(r, "", at, 0)
	}
	s.serial++
	locator := fullID(fmt.Sprintf("01gAc%010d", s.serial))
	s.cursors[locator] = at
	return s.page(r, locator, at, 0)
}

// moreOf answers a further page of a query.
func (s *Salesforce) moreOf(r *request) tenant.Reply {
	locator, position, ok := strings.Cut(r.path[1], "-")
	from, err := strconv.Atoi(position)
	at := s.cursors[locator]
	if !ok || err != nil || at == nil || from < 0 || from >= len(at.records) || at.user != r.who.user.id() {
		return plain(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator").reply()
	}
	r.c.Subject("query", locator)
	return s.page(r, locator, at, from)
}

// page shows the records of a query from a position on, with the lies that are set.
func (s *Salesforce) page(r *request, locator string, at *cursor, from int) tenant.Reply {
	to := min(from+at.size, len(at.records))
	shown, total := at.records[from:to], len(at.records)
	if s.settings.Doubled && from > 0 {
		shown = at.records[:min(at.size, total)]
	}
	body := map[string]any{"totalSize": total, "done": true, "records": shown}
	switch {
	case to == total:
	case s.settings.FirstPage:
		if s.settings.Silent {
			body["totalSize"] = len(shown)
		}
	default:
		body["done"] = false
		body["nextRecordsUrl"] = fmt.Sprintf("/services/data/%s/query/%s-%d", r.version, locator, to)
	}
	return tenant.JSON(http.StatusOK, body)
}

// running is a query that is being answered.
type running struct {
	s       *Salesforce
	who     *caller
	version string
	query   *soql.Query
	from    tables
	object  *object
}

// step is a field over relationships: the references on the way, and the field at the end.
type step struct {
	way []*field
	end *field
}

// rows finds the records that a query is for.
func (q *running) rows() ([]record, *fault) {
	t := q.from.object(q.query.Object)
	if t == nil || !q.s.exists(q.who, t.object) {
		return nil, q.wrong("INVALID_TYPE", q.query.ObjectAt, fmt.Sprintf(
			"sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.", q.query.Object))
	}
	q.object = t.object
	if f := q.check(); f != nil {
		return nil, f
	}
	var found []record
	t.each(func(r record) bool {
		if q.s.visible(q.who, t.object, r) && (q.query.Where == nil || q.holds(*q.query.Where, r)) {
			found = append(found, r)
		}
		return true
	})
	if slices.Contains(q.s.settings.Empty, q.object.name) {
		found = nil
	}
	q.sort(found)
	found = found[min(q.query.Offset, len(found)):]
	if q.query.Limit >= 0 {
		found = found[:min(q.query.Limit, len(found))]
	}
	return found, nil
}

func (q *running) wrong(code string, at int, text string) *fault {
	return plain(http.StatusBadRequest, code, soql.Quote(q.query.Text, at)+text)
}

// check looks at every field and every value before a record is read.
func (q *running) check() *fault {
	seen := map[string]bool{}
	for _, f := range q.query.Fields {
		if _, wrong := q.resolve(f); wrong != nil {
			return wrong
		}
		name := strings.ToLower(f.String())
		if seen[name] {
			return q.wrong("INVALID_FIELD", f.At, "duplicate field selected: "+f.String())
		}
		seen[name] = true
	}
	for _, o := range q.query.Orders {
		if _, wrong := q.resolve(o.Field); wrong != nil {
			return wrong
		}
	}
	if q.query.Offset > mostSkip {
		return plain(http.StatusBadRequest, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
	}
	if q.query.Where != nil {
		return q.checkCondition(*q.query.Where)
	}
	return nil
}

func (q *running) checkCondition(c soql.Condition) *fault {
	for _, part := range c.Parts {
		if wrong := q.checkCondition(part); wrong != nil {
			return wrong
		}
	}
	if c.Parts != nil {
		return nil
	}
	at, wrong := q.resolve(c.Field)
	if wrong != nil {
		return wrong
	}
	ordered := c.Op == "<" || c.Op == "<=" || c.Op == ">" || c.Op == ">="
	if c.Op == "LIKE" && at.end.kind != kindText || ordered && at.end.kind == kindBool {
		return q.wrong("INVALID_QUERY_FILTER_OPERATOR", c.Field.At, "invalid operator on "+at.end.kind+" field")
	}
	for _, value := range c.Values {
		if wrong := q.checkValue(at.end, c.Field, value); wrong != nil {
			return wrong
		}
	}
	return nil
}

// checkValue refuses a value of another type than the field's.
func (q *running) checkValue(f *field, named soql.Field, l soql.Literal) *fault {
	if l.Value == nil {
		return nil
	}
	_, isText := l.Value.(string)
	fits, quoted := isText, true
	switch f.kind {
	case kindBool:
		_, fits = l.Value.(bool)
		quoted = false
	case kindInt:
		_, fits = l.Value.(float64)
		quoted = false
	case kindTime:
		_, fits = l.Value.(time.Time)
		quoted = false
	case kindID, kindReference:
		if isText && readID(l.Value.(string)) == "" {
			return q.wrong("INVALID_QUERY_FILTER_OPERATOR", l.At, "invalid ID field: "+l.Value.(string))
		}
	}
	if fits {
		return nil
	}
	enclosed := "should not be enclosed in quotes"
	if quoted {
		enclosed = "should be enclosed in quotes"
	}
	return q.wrong("INVALID_FIELD", named.At, fmt.Sprintf("value of filter criterion for field '%s' must be of type %s and %s", f.name, f.kind, enclosed))
}

// resolve finds a field over relationships.
func (q *running) resolve(f soql.Field) (step, *fault) {
	var out step
	o := q.object
	for _, name := range f.Path[:len(f.Path)-1] {
		over := o.relation(name)
		if over == nil || !q.s.shown(o, over) {
			return step{}, q.wrong("INVALID_FIELD", f.At, fmt.Sprintf(
				"Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.", name))
		}
		out.way = append(out.way, over)
		o = q.from[over.to].object
	}
	name := f.Path[len(f.Path)-1]
	if out.end = o.field(name); out.end == nil || !q.s.shown(o, out.end) {
		return step{}, q.wrong("INVALID_FIELD", f.At, fmt.Sprintf(
			"No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.", name, o.name))
	}
	return out, nil
}

// value is what a record has in a field, nil if nothing.
func (q *running) value(r record, at step) any {
	for _, over := range at.way {
		if r = q.from[over.to].rows[r.text(over.name)]; r == nil {
			return nil
		}
	}
	return q.s.computed(q.from, at.end, r)
}

// project shows of a record what the query asks for.
func (q *running) project(r record) map[string]any {
	out := map[string]any{"attributes": attributes(q.version, q.object.name, r.id())}
	for _, f := range q.query.Fields {
		at, _ := q.resolve(f)
		into, here := out, r
		for _, over := range at.way {
			here = q.from[over.to].rows[here.text(over.name)]
			if here == nil {
				into[over.relation], into = nil, nil
				break
			}
			next, ok := into[over.relation].(map[string]any)
			if !ok {
				next = map[string]any{"attributes": attributes(q.version, over.to, here.id())}
				into[over.relation] = next
			}
			into = next
		}
		if into != nil {
			into[at.end.name] = wire(q.s.computed(q.from, at.end, here))
		}
	}
	return out
}

func attributes(version, object, id string) map[string]string {
	return map[string]string{"type": object, "url": "/services/data/" + version + "/sobjects/" + object + "/" + id}
}

// wire is a value in an answer.
func wire(v any) any {
	if at, ok := v.(time.Time); ok {
		return stamp(at)
	}
	return v
}

func (q *running) sort(found []record) {
	for _, o := range slices.Backward(q.query.Orders) {
		at, _ := q.resolve(o.Field)
		slices.SortStableFunc(found, func(a, b record) int {
			x, y := q.value(a, at), q.value(b, at)
			switch {
			case x == nil && y == nil:
				return 0
			case x == nil || y == nil:
				if (x == nil) == o.NullsLast {
					return 1
				}
				return -1
			}
			order := compare(x, y)
			if o.Down {
				return -order
			}
			return order
		})
	}
}

// compare orders two values of one kind. Texts are compared in whatever case.
func compare(a, b any) int {
	switch x := a.(type) {
	case string:
		y, _ := b.(string)
		return cmp.Compare(strings.ToLower(x), strings.ToLower(y))
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case int:
		y, _ := b.(int)
		return cmp.Compare(x, y)
	case bool:
		if x == b {
			return 0
		}
		if x {
			return 1
		}
		return -1
	}
	return 0
}
