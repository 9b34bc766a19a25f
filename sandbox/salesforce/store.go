package salesforce

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// record holds the values of one record by field name: string, bool, int, time.Time or, where there is none, nothing.
type record map[string]any

func (r record) text(name string) string {
	s, _ := r[name].(string)
	return s
}

func (r record) is(name string) bool {
	b, _ := r[name].(bool)
	return b
}

func (r record) id() string { return r.text("Id") }

// table holds the records of an object in the order of their ids, which is the one in which they were made. Records are replaced
// and never changed, so that a copy of the table stays as it is.
type table struct {
	object *object
	rows   map[string]record
	order  []string
}

func (t *table) copied() *table {
	return &table{object: t.object, rows: maps.Clone(t.rows), order: slices.Clone(t.order)}
}

// each calls f for every record until it returns false.
func (t *table) each(f func(r record) bool) {
	for _, id := range t.order {
		if !f(t.rows[id]) {
			return
		}
	}
}

// first returns a record that f is true of, nil if there is none.
func (t *table) first(f func(r record) bool) record {
	var found record
	t.each(func(r record) bool {
		if f(r) {
			found = r
		}
		return found == nil
	})
	return found
}

// tables are all records of the org.
type tables map[string]*table

func (ts tables) copied() tables {
	out := make(tables, len(ts))
	for name, t := range ts {
		out[name] = t.copied()
	}
	return out
}

func newTables() tables {
	ts := tables{}
	for _, o := range objects() {
		ts[o.name] = &table{object: &o, rows: map[string]record{}}
	}
	return ts
}

// object finds an object by its name, in whatever case.
func (ts tables) object(name string) *table {
	if t := ts[name]; t != nil {
		return t
	}
	for known, t := range ts {
		if strings.EqualFold(known, name) {
			return t
		}
	}
	return nil
}

// insert adds a record under a new id.
func (s *Salesforce) insert(object string, r record) record {
	t := s.tables[object]
	s.serial++
	r["Id"] = fullID(fmt.Sprintf("%sAc%010d", t.object.prefix, s.serial))
	now := s.t.Now()
	r["CreatedDate"], r["LastModifiedDate"], r["SystemModstamp"] = now, now, now
	t.rows[r.id()] = r
	t.order = append(t.order, r.id())
	return r
}

// change replaces a record by one with other values, and returns it.
func (s *Salesforce) change(object, id string, values record) record {
	t := s.tables[object]
	r := maps.Clone(t.rows[id])
	for name, value := range values {
		if value == nil {
			delete(r, name)
		} else {
			r[name] = value
		}
	}
	now := s.t.Now()
	r["LastModifiedDate"], r["SystemModstamp"] = now, now
	t.rows[id] = r
	return r
}

func (s *Salesforce) remove(object, id string) {
	t := s.tables[object]
	delete(t.rows, id)
	if i, found := slices.BinarySearch(t.order, id); found {
		t.order = slices.Delete(t.order, i, i+1)
	}
}

const idLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// fullID adds to an id of 15 letters the three that make it one regardless of case.
// Source: help.salesforce.com, 15-character and 18-character ids.
func fullID(id string) string {
	suffix := make([]byte, 3)
	for i := range suffix {
		bits := 0
		for j := range 5 {
			if c := id[i*5+j]; c >= 'A' && c <= 'Z' {
				bits |= 1 << j
			}
		}
		suffix[i] = idLetters[bits]
	}
	return id + string(suffix)
}

// readID returns an id in its long form, and "" for what is none.
func readID(id string) string {
	if len(id) != 15 && len(id) != 18 {
		return ""
	}
	for i := range 15 {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return ""
		}
	}
	if full := fullID(id[:15]); len(id) == 15 || full == id {
		return full
	}
	return ""
}

// stamp writes a time as the REST API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000+0000") }
