package jira

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

// ref is how a request names a thing of Jira: by any one of these.
type ref struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Name  string `json:"name"`
	Value string `json:"value"`
	Child *ref   `json:"child"`
	Self  string `json:"self"`
}

// account is a user in a request. Only the account id counts; of the rest some may be sent along, and a password may not.
type account struct {
	AccountID  *string        `json:"accountId"`
	ID         *string        `json:"id"`
	Self       string         `json:"self"`
	AvatarURLs map[string]any `json:"avatarUrls"`
	Email      string         `json:"emailAddress"`
	Name       string         `json:"displayName"`
	Active     bool           `json:"active"`
	Type       string         `json:"accountType"`
	TimeZone   string         `json:"timeZone"`
}

// editor puts what a request says about fields into an issue, and collects what Jira complains about by field. The site is
// locked while it works.
type editor struct {
	j      *Jira
	p      *Project
	i      *Issue
	rich   bool
	errors map[string]string
}

func (j *Jira) edits(p *Project, i *Issue, rich bool) *editor {
	i.Fields = maps.Clone(i.Fields)
	i.Labels, i.Components = slices.Clone(i.Labels), slices.Clone(i.Components)
	return &editor{j: j, p: p, i: i, rich: rich, errors: map[string]string{}}
}

// all sets every field of a request.
func (e *editor) all(fields map[string]json.RawMessage) {
	for name, raw := range fields {
		if complaint := e.set(name, raw); complaint != "" {
			e.errors[name] = complaint
		}
	}
}

// demand complains about what the project requires and the issue lacks.
func (e *editor) demand() {
	for _, f := range e.p.Fields {
		if (f.Required || slices.Contains(e.p.Required, f.ID)) && !f.Default && e.i.Fields[f.ID] == nil {
			e.missing(f.ID, f.Name)
		}
	}
	for _, field := range []struct {
		id, name string
		there    bool
	}{
		{"description", "Description", e.i.Description != ""},
		{"labels", "Labels", len(e.i.Labels) > 0},
		{"assignee", "Assignee", e.i.Assignee != ""},
		{"duedate", "Due date", e.i.DueDate != ""},
		{"components", "Component/s", len(e.i.Components) > 0},
	} {
		if slices.Contains(e.p.Required, field.id) && !field.there {
			e.missing(field.id, field.name)
		}
	}
}

func (e *editor) missing(id, name string) {
	if e.errors[id] == "" {
		e.errors[id] = name + " is required."
	}
}

// set sets one field and returns Jira's complaint.
func (e *editor) set(name string, raw json.RawMessage) string {
	switch name {
	case "summary":
		return e.summary(raw)
	case "description":
		return e.description(raw)
	case "labels":
		return e.labels(raw)
	case "assignee":
		return e.person(raw, &e.i.Assignee)
	case "reporter":
		return e.person(raw, &e.i.Reporter)
	case "duedate":
		return date(raw, time.DateOnly, &e.i.DueDate)
	case "components":
		if len(e.p.Components) > 0 {
			return e.components(raw)
		}
	case "priority":
		if !e.p.NoPriority {
			return named(raw, priorities, 1, "Priority", &e.i.Priority)
		}
	case "issuetype":
		if named(raw, issueTypes, firstType, "", &e.i.Type) != "" {
			return "Specify a valid issue type"
		}
		return ""
	default:
		if f := e.p.field(name); f != nil {
			return e.custom(f, raw)
		}
	}
	return fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
}

func (e *editor) summary(raw json.RawMessage) string {
	var text string
	switch {
	case json.Unmarshal(raw, &text) != nil:
		return "Operation value must be a string"
	case strings.TrimSpace(text) == "":
		return "You must specify a summary of the issue."
	case strings.ContainsAny(text, "\n\r"):
		return "The summary is invalid because it contains newline characters."
	case length(text) > maxSummary:
		return "Summary must be less than 255 characters."
	}
	e.i.Summary = text
	return ""
}

func (e *editor) description(raw json.RawMessage) string {
	if isNull(raw) {
		e.i.Description = ""
		return ""
	}
	text, ok := longText(raw, e.rich)
	switch {
	case !ok && e.rich:
		return "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
	case !ok:
		return "Operation value must be a string"
	case length(text) > maxText:
		return tooLong
	}
	e.i.Description = text
	return ""
}

func (e *editor) labels(raw json.RawMessage) string {
	var labels []string
	if json.Unmarshal(raw, &labels) != nil {
		return "data was not an array"
	}
	for _, l := range labels {
		switch {
		case l == "" || strings.ContainsAny(l, " \t\n"):
			return fmt.Sprintf("The label '%s' contains spaces which is invalid.", l)
		case length(l) > maxLabel:
			return fmt.Sprintf("The label '%s' exceeds the maximum allowed length of 255 characters.", l)
		}
	}
	e.i.Labels = append([]string{}, labels...)
	return ""
}

// person reads a user: null and "-1" are nobody, because the site's projects have no default assignee.
func (e *editor) person(raw json.RawMessage, into *string) string {
	id, complaint := e.user(raw)
	if complaint == "" {
		*into = id
	}
	return complaint
}

func (e *editor) user(raw json.RawMessage) (id, complaint string) {
	var a account
	if strict(raw, &a) != nil {
		return "", "Operation value must be a user with an 'accountId'"
	}
	for _, given := range []*string{a.AccountID, a.ID} {
		if given != nil {
			id = *given
		}
	}
	if id == "" || id == "-1" {
		return "", ""
	}
	if e.j.people[id] == nil {
		return "", "User '" + id + "' does not exist."
	}
	return id, ""
}

func (e *editor) components(raw json.RawMessage) string {
	var refs []ref
	if json.Unmarshal(raw, &refs) != nil {
		return "data was not an array"
	}
	var names []string
	for _, r := range refs {
		name := ""
		for n, known := range e.p.Components {
			if r.ID == e.p.ID+strconv.Itoa(n) || r.ID == "" && r.Name == known {
				name = known
			}
		}
		if name == "" {
			return fmt.Sprintf("Component name '%s' is not valid", r.Name+r.ID)
		}
		names = append(names, name)
	}
	e.i.Components = names
	return ""
}

// custom sets a custom field, whose value has to be of the field's type.
func (e *editor) custom(f *Field, raw json.RawMessage) string {
	if isNull(raw) {
		delete(e.i.Fields, f.ID)
		return ""
	}
	value, complaint := e.value(f, f.Type, raw)
	if complaint != "" {
		return complaint
	}
	if e.i.Fields == nil {
		e.i.Fields = map[string]any{}
	}
	e.i.Fields[f.ID] = value
	if value == "" {
		delete(e.i.Fields, f.ID)
	}
	return ""
}

// value reads a value of a custom field: an option as its text, a user as an account id.
func (e *editor) value(f *Field, kind string, raw json.RawMessage) (value any, complaint string) {
	var text string
	switch kind {
	case "number":
		var n float64
		if json.Unmarshal(raw, &n) != nil {
			return nil, "Operation value must be a number"
		}
		return n, ""
	case "date":
		return text, date(raw, time.DateOnly, &text)
	case "datetime":
		return text, date(raw, stamp, &text)
	case "option", "option-with-child":
		return f.option(raw, kind == "option-with-child")
	case "user":
		id, complaint := e.user(raw)
		return id, complaint
	case "group":
		var r ref
		if strict(raw, &r) != nil || r.Name == "" {
			return nil, "Specify a valid group name"
		}
		return r.Name, ""
	case "array":
		return e.array(f, raw)
	case "text":
		long, ok := longText(raw, e.rich)
		switch {
		case !ok && e.rich:
			return nil, "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
		case !ok:
			return nil, "Operation value must be a string"
		case length(long) > maxText:
			return nil, tooLong
		}
		return long, ""
	}
	if json.Unmarshal(raw, &text) != nil {
		return nil, "Operation value must be a string"
	}
	if kind == "team" && !slices.Contains(f.Options, text) {
		return nil, "Team id '" + text + "' is not valid."
	}
	if length(text) > maxLine {
		return nil, "The entered text is too long. It exceeds the allowed limit of 255 characters."
	}
	return text, ""
}

func (e *editor) array(f *Field, raw json.RawMessage) (any, string) {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		return nil, "data was not an array"
	}
	values := []any{}
	for _, entry := range entries {
		v, complaint := e.value(f, f.Items, entry)
		if complaint != "" {
			return nil, complaint
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return "", ""
	}
	return values, ""
}

// option finds an option by its id or its value.
func (f *Field) option(raw json.RawMessage, nested bool) (any, string) {
	var r ref
	if strict(raw, &r) != nil || r.ID == "" && r.Value == "" {
		return nil, "Could not find valid 'id' or 'value' in the Parent Option object."
	}
	for _, v := range f.optionViews() {
		if v["id"] != r.ID && (r.ID != "" || v["value"] != r.Value) {
			continue
		}
		if !nested || r.Child == nil {
			return v["value"], ""
		}
		children, _ := v["children"].([]map[string]any)
		for _, child := range children {
			if child["id"] == r.Child.ID || child["value"] == r.Child.Value {
				return fmt.Sprint(v["value"], " > ", child["value"]), ""
			}
		}
		return nil, fmt.Sprintf("Option value '%s' is not valid", r.Child.Value+r.Child.ID)
	}
	return nil, fmt.Sprintf("Option value '%s' is not valid", r.Value+r.ID)
}

// named reads what is given by its name or by its id, which counts from first.
func named(raw json.RawMessage, names []string, first int, what string, into *string) string {
	var r ref
	if strict(raw, &r) == nil {
		for n, name := range names {
			if r.ID == strconv.Itoa(first+n) || r.ID == "" && r.Name == name {
				*into = name
				return ""
			}
		}
	}
	return fmt.Sprintf("Specify a valid 'id' or 'name' for %s", what)
}

func date(raw json.RawMessage, layout string, into *string) string {
	var text string
	if !isNull(raw) && json.Unmarshal(raw, &text) != nil {
		return "Operation value must be a string"
	}
	if _, err := time.Parse(layout, text); err != nil && text != "" {
		return fmt.Sprintf("Error parsing date string: %s. Expected format is %s.", text, layout)
	}
	*into = text
	return ""
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// strict reads an object and refuses members that it does not have.
func strict(raw json.RawMessage, into any) error {
	return tenant.DecodeStrict(bytes.NewReader(raw), into)
}
