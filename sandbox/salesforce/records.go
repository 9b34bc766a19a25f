package salesforce

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gatehouse/sandbox/tenant"
)

// exists reports that an object is there for a user. The lock must be held.
func (s *Salesforce) exists(who *caller, o *object) bool { return o.needs == "" || s.may(who, o.needs) }

// shown reports that anybody sees a field.
func (s *Salesforce) shown(o *object, f *field) bool {
	return !slices.Contains(s.settings.Lost, o.name+"."+f.name)
}

// may reports that a user has a right. Administrators and the integration user have all that were not lost.
func (s *Salesforce) may(who *caller, right string) bool {
	if slices.Contains(s.settings.Lost, right) {
		return false
	}
	if who.user.text("Username") == ReadOnlyUser {
		return right == ViewAllUsers || right == ViewSetup
	}
	profile := s.tables[Profile].rows[who.user.text("ProfileId")]
	return who.user.text("Username") == Integration || profile.text("Name") == ProfileAdministrator
}

// visible reports that a user sees a record: without the rights to see all, only what is their own.
func (s *Salesforce) visible(who *caller, o *object, r record) bool {
	switch o.name {
	case User:
		return s.may(who, ViewAllUsers) || r.id() == who.user.id()
	case PermissionSetAssignment:
		return s.may(who, ViewSetup) || r.text("AssigneeId") == who.user.id()
	}
	return true
}

// computed is what a record shows in a field, nil if nothing. The lock must be held.
func (s *Salesforce) computed(from tables, f *field, r record) any {
	switch {
	case f.name == "Name" && r["LastName"] != nil:
		return strings.TrimSpace(r.text("FirstName") + " " + r.text("LastName"))
	case f.name == "UsedLicenses":
		return licenceUse(from, r.id())
	}
	return r[f.name]
}

// table finds the object of a request's path.
func (s *Salesforce) table(r *request, at int) (*table, *fault) {
	if t := s.tables.object(r.path[at]); t != nil && s.exists(r.who, t.object) {
		return t, nil
	}
	return nil, notFound()
}

// found finds the record of a request's path for a read.
func (s *Salesforce) found(r *request, t *table, id string) (record, *fault) {
	full := readID(id)
	if full == "" {
		return nil, plain(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+id)
	}
	row := s.reads()[t.object.name].rows[full]
	if row == nil || !s.visible(r.who, t.object, row) {
		return nil, notFound()
	}
	return row, nil
}

// view is a record as a read shows it: the fields that are asked for, or all that can be seen.
func (s *Salesforce) view(r *request, o *object, row record, fields string) (map[string]any, *fault) {
	out := map[string]any{"attributes": attributes(r.version, o.name, row.id())}
	if fields == "" {
		for i := range o.fields {
			if f := &o.fields[i]; s.shown(o, f) {
				out[f.name] = wire(s.computed(s.reads(), f, row))
			}
		}
		return out, nil
	}
	for name := range strings.SplitSeq(fields, ",") {
		f := o.field(strings.TrimSpace(name))
		if f == nil || !s.shown(o, f) {
			return nil, noSuchColumn(strings.TrimSpace(name), o.name)
		}
		out[f.name] = wire(s.computed(s.reads(), f, row))
	}
	return out, nil
}

func (s *Salesforce) read(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	row, wrong := s.found(r, t, r.path[2])
	if wrong != nil {
		return wrong.reply()
	}
	r.c.Subject(strings.ToLower(t.object.name), row.id())
	out, wrong := s.view(r, t.object, row, r.query.Get("fields"))
	if wrong != nil {
		return wrong.reply()
	}
	return tenant.JSON(http.StatusOK, out)
}

// fieldsOf decodes the body of a write.
func fieldsOf(raw []byte) (in map[string]any, _ *fault) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&in); err != nil || in == nil || dec.More() {
		return nil, plain(http.StatusBadRequest, "JSON_PARSER_ERROR", "Unexpected character in the request body")
	}
	return in, nil
}

// body reads the values of a write. Each has to be one that the field can have, and that a client may set.
func (s *Salesforce) body(o *object, raw []byte, creates bool) (record, *fault) {
	in, wrong := fieldsOf(raw)
	if wrong != nil {
		return nil, wrong
	}
	return s.values(o, in, creates)
}

func (s *Salesforce) values(o *object, in map[string]any, creates bool) (record, *fault) {
	out := record{}
	var forbidden []string
	for name, value := range in {
		if name == "attributes" {
			continue
		}
		f := o.field(name)
		if f == nil || !s.shown(o, f) {
			return nil, noSuchColumn(name, o.name)
		}
		if creates && !f.create || !creates && !f.update {
			forbidden = append(forbidden, f.name)
			continue
		}
		read, wrong := readValue(f, value)
		if wrong != nil {
			return nil, wrong
		}
		out[f.name] = read
	}
	if len(forbidden) > 0 {
		slices.Sort(forbidden)
		return nil, refused("INVALID_FIELD_FOR_INSERT_UPDATE", fmt.Sprintf(
			"Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.",
			strings.Join(forbidden, ", ")), forbidden...)
	}
	return out, nil
}

// readValue reads a value of a write; nil stands for none.
func readValue(f *field, value any) (any, *fault) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		switch f.kind {
		case kindReference:
			if v == "" {
				return nil, nil
			}
			if readID(v) == "" {
				return nil, refused("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s", f.name, v), f.name)
			}
			return readID(v), nil
		case kindText:
			// What is empty, or blank, is none.
			if strings.TrimSpace(v) == "" {
				return nil, nil
			}
			if len([]rune(v)) > f.length {
				return nil, refused("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", f.name, v, f.length), f.name)
			}
			return v, nil
		}
	case bool:
		if f.kind == kindBool {
			return v, nil
		}
	}
	return nil, plain(http.StatusBadRequest, "JSON_PARSER_ERROR", fmt.Sprintf("Cannot deserialize instance of %s from value %v", f.kind, value))
}

func (s *Salesforce) create(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	values, wrong := s.body(t.object, r.body, true)
	if wrong != nil {
		return wrong.reply()
	}
	id, wrong := s.made(r, t, values)
	if wrong != nil {
		return wrong.reply()
	}
	return tenant.JSON(http.StatusCreated, map[string]any{"id": id, "success": true, "errors": []any{}})
}

// made creates a record.
func (s *Salesforce) made(r *request, t *table, values record) (id string, _ *fault) {
	if !t.object.create {
		return "", plain(http.StatusBadRequest, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: "+t.object.label)
	}
	var row record
	var wrong *fault
	if t.object.name == User {
		row, wrong = s.newUser(r.who, values)
	} else {
		row, wrong = s.newAssignment(r.who, values)
	}
	if wrong != nil {
		return "", wrong
	}
	r.c.Subject(strings.ToLower(t.object.name), row.id())
	r.c.Effect("%s created", t.object.name)
	return row.id(), nil
}

func (s *Salesforce) update(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	row, wrong := s.forWrite(r, t, r.path[2])
	if wrong != nil {
		return wrong.reply()
	}
	values, wrong := s.body(t.object, r.body, false)
	if wrong == nil {
		wrong = s.changed(r, t, row, values)
	}
	if wrong != nil {
		return wrong.reply()
	}
	return tenant.Empty(http.StatusNoContent)
}

// forWrite finds the record that a write is for. Writes go to what is there, whatever reads are answered from.
func (s *Salesforce) forWrite(r *request, t *table, id string) (record, *fault) {
	row := t.rows[readID(id)]
	if row == nil || !s.visible(r.who, t.object, row) {
		return nil, notFound()
	}
	r.c.Subject(strings.ToLower(t.object.name), row.id())
	return row, nil
}

// changed carries out a change of a record, and notes what it came to.
func (s *Salesforce) changed(r *request, t *table, row, values record) *fault {
	if !t.object.update {
		return plain(http.StatusBadRequest, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be updated: "+t.object.label)
	}
	if user := cmp.Or(row.text("UserId"), row.id()); s.locks[user] > 0 {
		s.locks[user]--
		return refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
	}
	var wrong *fault
	if t.object.name == User {
		wrong = s.checkUser(r.who, row, values)
	} else {
		wrong = s.checkLogin(r.who, values)
	}
	if wrong != nil {
		return wrong
	}
	var names []string
	for name, value := range values {
		if row[name] != value {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	s.change(t.object.name, row.id(), values)
	if t.object.name == User {
		s.followProfile(row.id())
	}
	for _, name := range names {
		if t.object.field(name).kind == kindBool {
			r.c.Effect("%s: %t -> %v", name, row.is(name), values[name])
		} else {
			r.c.Effect("%s changed", name)
		}
	}
	return nil
}

func (s *Salesforce) delete(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	row, wrong := s.forWrite(r, t, r.path[2])
	if wrong == nil {
		wrong = s.deleted(r, t, row)
	}
	if wrong != nil {
		return wrong.reply()
	}
	return tenant.Empty(http.StatusNoContent)
}

func (s *Salesforce) deleted(r *request, t *table, row record) *fault {
	switch {
	case !t.object.del:
		return plain(http.StatusBadRequest, "CANNOT_DELETE", "entity type cannot be deleted: "+t.object.label)
	case t.object.name == PermissionSetAssignment && !s.may(r.who, AssignPermissionSets):
		return noAccess()
	case t.object.name == PermissionSetAssignment && s.tables[PermissionSet].rows[row.text("PermissionSetId")].is("IsOwnedByProfile"):
		return refused("INVALID_CROSS_REFERENCE_KEY", "a profile's permission set cannot be taken away")
	}
	s.remove(t.object.name, row.id())
	r.c.Effect("%s deleted", t.object.name)
	return nil
}
