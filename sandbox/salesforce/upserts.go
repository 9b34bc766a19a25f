package salesforce

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// by finds the records of an external id. Source: REST API Developer Guide, sObject Rows by External ID.
func (s *Salesforce) by(t *table, from tables, name, value string) (f *field, rows []record, _ *fault) {
	f = t.object.field(name)
	if f == nil || !s.shown(t.object, f) || !f.external && f.kind != kindID {
		return nil, nil, plain(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+name)
	}
	if strings.HasSuffix(value, ".inc") {
		return nil, nil, notFound()
	}
	from[t.object.name].each(func(row record) bool {
		if strings.EqualFold(row.text(f.name), value) {
			rows = append(rows, row)
		}
		return true
	})
	return f, rows, nil
}

// several is the answer where an external id is that of more than one record: their addresses, and nothing was done.
func several(r *request, o *object, rows []record) tenant.Reply {
	var at []string
	for _, row := range rows {
		at = append(at, "/services/data/"+r.version+"/sobjects/"+o.name+"/"+row.id())
	}
	return tenant.JSON(http.StatusMultipleChoices, at)
}

func (s *Salesforce) readBy(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	_, rows, wrong := s.by(t, s.reads(), r.path[2], r.path[3])
	rows = slices.DeleteFunc(rows, func(row record) bool { return !s.visible(r.who, t.object, row) })
	switch {
	case wrong != nil:
		return wrong.reply()
	case len(rows) == 0:
		return notFound().reply()
	case len(rows) > 1:
		return several(r, t.object, rows)
	}
	out, wrong := s.view(r, t.object, rows[0], r.query.Get("fields"))
	if wrong != nil {
		return wrong.reply()
	}
	return tenant.JSON(http.StatusOK, out)
}

func (s *Salesforce) upsert(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	in, wrong := fieldsOf(r.body)
	if wrong != nil {
		return wrong.reply()
	}
	out := s.upserted(r, t, r.path[2], r.path[3], in)
	switch {
	case out.wrong != nil:
		return out.wrong.reply()
	case out.several != nil:
		return several(r, t.object, out.several)
	}
	status := http.StatusOK
	if out.created {
		status = http.StatusCreated
	}
	return tenant.JSON(status, map[string]any{"id": out.id, "success": true, "errors": []any{}, "created": out.created})
}

// upsertion is what became of an upsert: a record that was created or changed, several of one external id, or a fault.
type upsertion struct {
	id      string
	created bool
	several []record
	wrong   *fault
}

func (s *Salesforce) upserted(r *request, t *table, name, value string, in map[string]any) upsertion {
	f, rows, wrong := s.by(t, s.tables, name, value)
	switch {
	case wrong != nil:
		return upsertion{wrong: wrong}
	case len(rows) > 1:
		return upsertion{several: rows}
	case len(rows) == 0 && (r.query.Get("updateOnly") == "true" || f.kind == kindID):
		return upsertion{wrong: notFound()}
	}
	for named := range in {
		if strings.EqualFold(named, f.name) || strings.EqualFold(named, "Id") {
			return upsertion{wrong: refused("INVALID_FIELD", fmt.Sprintf("The %s field should not be specified in the sobject data.", named), named)}
		}
	}
	values, wrong := s.values(t.object, in, len(rows) == 0)
	if wrong != nil {
		return upsertion{wrong: wrong}
	}
	if len(rows) == 1 {
		r.c.Subject(strings.ToLower(t.object.name), rows[0].id())
		return upsertion{id: rows[0].id(), wrong: s.changed(r, t, rows[0], values)}
	}
	values[f.name] = value
	id, wrong := s.made(r, t, values)
	return upsertion{id: id, created: true, wrong: wrong}
}
