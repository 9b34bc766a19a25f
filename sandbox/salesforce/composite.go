package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// strict decodes a body that has to have this form.
func strict(raw []byte, into any) *fault {
	if err := tenant.DecodeStrict(bytes.NewReader(raw), into); err != nil {
		return plain(http.StatusBadRequest, "JSON_PARSER_ERROR", err.Error())
	}
	return nil
}

// Limits of a composite request. Source: REST API Developer Guide, Composite.
const (
	mostSubrequests = 25
	mostQueries     = 5
	mostCollected   = 200
)

type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	Body        json.RawMessage   `json:"body"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
}

type subresponse struct {
	Body        json.RawMessage   `json:"body"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
	Status      int               `json:"httpStatusCode"`
	ReferenceID string            `json:"referenceId"`
}

var referenceName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// composite carries out requests one after the other, each of which may refer to the answers before it.
func (s *Salesforce) composite(r *request) tenant.Reply {
	var in struct {
		AllOrNone          bool         `json:"allOrNone"`
		CollateSubrequests bool         `json:"collateSubrequests"`
		Requests           []subrequest `json:"compositeRequest"`
	}
	if wrong := strict(r.body, &in); wrong != nil {
		return wrong.reply()
	}
	if wrong := checkComposite(in.Requests); wrong != nil {
		return wrong.reply()
	}
	before := s.tables.copied()
	answers := map[string]any{}
	out := make([]subresponse, 0, len(in.Requests))
	failed := -1
	for i, sub := range in.Requests {
		reply := s.subrequest(r, sub, answers)
		if reply.Status >= http.StatusMultipleChoices && failed < 0 {
			failed = i
		}
		out = append(out, subresponse{Body: raw(reply.Body), HTTPHeaders: map[string]string{}, Status: reply.Status, ReferenceID: sub.ReferenceID})
		if in.AllOrNone && failed >= 0 {
			break
		}
	}
	if in.AllOrNone && failed >= 0 {
		s.tables = before
		r.c.Effect("all of it undone")
		out = undone(in.Requests, out, failed)
	}
	return tenant.JSON(http.StatusOK, map[string]any{"compositeResponse": out})
}

func raw(body []byte) json.RawMessage {
	if len(body) == 0 {
		return json.RawMessage("null")
	}
	return body
}

func checkComposite(list []subrequest) *fault {
	if len(list) == 0 || len(list) > mostSubrequests {
		return plain(http.StatusBadRequest, "LIMIT_EXCEEDED", fmt.Sprintf("The Limit of %d Composite Subrequests is Exceeded", mostSubrequests))
	}
	named, queries := map[string]bool{}, 0
	for _, sub := range list {
		if !referenceName.MatchString(sub.ReferenceID) || named[sub.ReferenceID] {
			return plain(http.StatusBadRequest, "INVALID_INPUT", "Invalid reference Id: "+sub.ReferenceID)
		}
		named[sub.ReferenceID] = true
		if strings.Contains(sub.URL, "/query") || strings.Contains(sub.URL, "/composite/sobjects") {
			queries++
		}
	}
	if queries > mostQueries {
		return plain(http.StatusBadRequest, "LIMIT_EXCEEDED", fmt.Sprintf("The Limit of %d Query or Collection Subrequests is Exceeded", mostQueries))
	}
	return nil
}

// undone is the answer where everything is undone because of one.
func undone(list []subrequest, out []subresponse, failed int) []subresponse {
	halted := plain(http.StatusBadRequest, "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.").reply()
	for i, sub := range list {
		answer := subresponse{Body: raw(halted.Body), HTTPHeaders: map[string]string{}, Status: halted.Status, ReferenceID: sub.ReferenceID}
		switch {
		case i >= len(out):
			out = append(out, answer)
		case i != failed:
			out[i] = answer
		}
	}
	return out
}

var referenced = regexp.MustCompile(`@\{([A-Za-z][A-Za-z0-9_]*)((?:\.[A-Za-z0-9_]+|\[[0-9]+\])*)\}`)

// subrequest carries out one request of a composite one.
func (s *Salesforce) subrequest(r *request, sub subrequest, answers map[string]any) tenant.Reply {
	var wrong *fault
	fill := func(in []byte, escape bool) []byte {
		return referenced.ReplaceAllFunc(in, func(m []byte) []byte {
			parts := referenced.FindSubmatch(m)
			value, ok := follow(answers[string(parts[1])], string(parts[2]))
			if !ok {
				wrong = plain(http.StatusBadRequest, "PROCESSING_HALTED", "Invalid reference specified. No value for "+string(m)+" found")
			}
			if escape {
				value = url.PathEscape(value)
			}
			return []byte(value)
		})
	}
	target := string(fill([]byte(sub.URL), true))
	body := fill(sub.Body, false)
	if wrong != nil {
		return wrong.reply()
	}
	path, query, _ := strings.Cut(target, "?")
	inner := &request{c: r.c, who: r.who, method: sub.Method, body: body}
	var err error
	if inner.query, err = url.ParseQuery(query); err != nil {
		return notFound().reply()
	}
	if wrong := inner.locate(path); wrong != nil {
		return wrong.reply()
	}
	if inner.at("POST", "composite") {
		return plain(http.StatusBadRequest, "INVALID_INPUT", "A composite request cannot hold another").reply()
	}
	reply := s.do(inner)
	var answer any
	if reply.Status < http.StatusMultipleChoices && json.Unmarshal(reply.Body, &answer) == nil {
		answers[sub.ReferenceID] = answer
	}
	return reply
}

// follow finds the value that a reference leads to, such as .records[0].Id.
func follow(in any, path string) (string, bool) {
	for _, step := range strings.FieldsFunc(strings.ReplaceAll(path, "[", ".#"), func(c rune) bool { return c == '.' || c == ']' }) {
		if n, ok := strings.CutPrefix(step, "#"); ok {
			list, isList := in.([]any)
			i, err := strconv.Atoi(n)
			if !isList || err != nil || i >= len(list) {
				return "", false
			}
			in = list[i]
			continue
		}
		object, ok := in.(map[string]any)
		if !ok {
			return "", false
		}
		in = object[step]
	}
	text, ok := in.(string)
	return text, ok
}

// collection creates, changes or deletes up to 200 records. Source: REST API Developer Guide, sObject Collections.
func (s *Salesforce) collection(r *request) tenant.Reply {
	var in struct {
		AllOrNone bool             `json:"allOrNone"`
		Records   []map[string]any `json:"records"`
	}
	if r.method == http.MethodDelete {
		in.AllOrNone = r.query.Get("allOrNone") == "true"
		for id := range strings.SplitSeq(r.query.Get("ids"), ",") {
			in.Records = append(in.Records, map[string]any{"id": id})
		}
	} else if wrong := strict(r.body, &in); wrong != nil {
		return wrong.reply()
	}
	if len(in.Records) == 0 || len(in.Records) > mostCollected {
		return plain(http.StatusBadRequest, "EXCEEDED_MAX_SIZE_REQUEST", "record limit reached. cannot submit more than 200 records in this request").reply()
	}
	return s.each(r, in.AllOrNone, in.Records, func(values map[string]any) map[string]any {
		id, wrong := s.collected(r, values)
		return outcome(id, wrong)
	})
}

// outcome is what became of one record of a collection.
func outcome(id string, wrong *fault) map[string]any {
	if wrong == nil {
		return map[string]any{"id": id, "success": true, "errors": []any{}}
	}
	return map[string]any{"success": false, "errors": []any{
		map[string]any{"statusCode": wrong.code, "message": wrong.message, "fields": append([]string{}, wrong.fields...)},
	}}
}

// upsertMany creates or changes records by an external id.
func (s *Salesforce) upsertMany(r *request) tenant.Reply {
	var in struct {
		AllOrNone bool             `json:"allOrNone"`
		Records   []map[string]any `json:"records"`
	}
	if wrong := strict(r.body, &in); wrong != nil {
		return wrong.reply()
	}
	t, wrong := s.table(r, 2)
	if wrong != nil {
		return wrong.reply()
	}
	if len(in.Records) == 0 || len(in.Records) > mostCollected {
		return plain(http.StatusBadRequest, "EXCEEDED_MAX_SIZE_REQUEST", "record limit reached. cannot submit more than 200 records in this request").reply()
	}
	return s.each(r, in.AllOrNone, in.Records, func(values map[string]any) map[string]any {
		value, _ := values[r.path[3]].(string)
		delete(values, r.path[3])
		out := s.upserted(r, t, r.path[3], value, values)
		if out.several != nil {
			out.wrong = refused("DUPLICATE_EXTERNAL_ID", r.path[3]+": more than one record found for external id field")
		}
		answer := outcome(out.id, out.wrong)
		if out.wrong == nil {
			answer["created"] = out.created
		}
		return answer
	})
}

// each carries out a collection, one record after the other, and undoes all of it where one fails and all or none are wanted.
func (s *Salesforce) each(r *request, allOrNone bool, records []map[string]any, do func(map[string]any) map[string]any) tenant.Reply {
	before := s.tables.copied()
	out := make([]map[string]any, len(records))
	failed := false
	for i, values := range records {
		out[i] = do(values)
		failed = failed || out[i]["success"] == false
	}
	if allOrNone && failed {
		s.tables = before
		r.c.Effect("all of it undone")
		for i := range out {
			if out[i]["success"] == true {
				out[i] = map[string]any{"success": false, "errors": []any{map[string]any{
					"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "Record rolled back because not all records were valid and the request was using AllOrNone header", "fields": []string{},
				}}}
			}
		}
	}
	return tenant.JSON(http.StatusOK, out)
}

// collected carries out a collection's request for one record.
func (s *Salesforce) collected(r *request, values map[string]any) (id string, _ *fault) {
	id, _ = values["id"].(string)
	if id == "" {
		id, _ = values["Id"].(string)
	}
	kind, _ := values["attributes"].(map[string]any)
	name, _ := kind["type"].(string)
	delete(values, "id")
	delete(values, "Id")
	var t *table
	if r.method == http.MethodDelete {
		t = s.tableOf(id)
	} else {
		t = s.tables.object(name)
	}
	if t == nil || !s.exists(r.who, t.object) {
		return id, refused("INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.", name))
	}
	if r.method == http.MethodPost {
		fields, wrong := s.values(t.object, values, true)
		if wrong != nil {
			return id, wrong
		}
		return s.made(r, t, fields)
	}
	row, wrong := s.forWrite(r, t, id)
	switch {
	case wrong != nil && r.method == http.MethodDelete:
		return id, refused("ENTITY_IS_DELETED", "entity is deleted")
	case wrong != nil:
		return id, refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
	case r.method == http.MethodDelete:
		return id, s.deleted(r, t, row)
	}
	fields, wrong := s.values(t.object, values, false)
	if wrong != nil {
		return id, wrong
	}
	return row.id(), s.changed(r, t, row, fields)
}

// tableOf finds the object of an id by how it begins.
func (s *Salesforce) tableOf(id string) *table {
	for _, t := range s.tables {
		if readID(id) != "" && strings.HasPrefix(id, t.object.prefix) {
			return t
		}
	}
	return nil
}

// readMany shows records of one object; in place of one that is not there stands null.
func (s *Salesforce) readMany(r *request) tenant.Reply {
	var in struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}
	if r.method == http.MethodGet {
		in.IDs, in.Fields = strings.Split(r.query.Get("ids"), ","), strings.Split(r.query.Get("fields"), ",")
	} else if wrong := strict(r.body, &in); wrong != nil {
		return wrong.reply()
	}
	t, wrong := s.table(r, 2)
	if wrong != nil {
		return wrong.reply()
	}
	if len(in.Fields) == 0 || len(in.IDs) > usualPage {
		return plain(http.StatusBadRequest, "INVALID_INPUT", "fields, and up to 2000 ids, have to be named").reply()
	}
	out := make([]any, len(in.IDs))
	for i, id := range in.IDs {
		row, missing := s.found(r, t, id)
		if missing != nil {
			continue
		}
		view, wrong := s.view(r, t.object, row, strings.Join(in.Fields, ","))
		if wrong != nil {
			return wrong.reply()
		}
		out[i] = view
	}
	return tenant.JSON(http.StatusOK, out)
}
