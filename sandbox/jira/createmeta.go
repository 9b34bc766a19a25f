package jira

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// createTypes lists the types of issue that can be made in a project.
func (j *Jira) createTypes(c *tenant.Call) tenant.Reply {
	if _, refused := j.inProject(c, true); refused != nil {
		return *refused
	}
	all := typeViews()
	page, start, limit, refused := pageOf(c, all, 50)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{"startAt": start, "maxResults": limit, "total": len(all), "issueTypes": page})
}

// createFields lists the fields of a new issue: what it needs, and of which type each is.
func (j *Jira) createFields(c *tenant.Call) tenant.Reply {
	p, refused := j.inProject(c, true)
	if refused != nil {
		return *refused
	}
	known := slices.ContainsFunc(typeViews(), func(t map[string]any) bool { return t["id"] == c.Param("type") })
	if !known {
		return fail(http.StatusNotFound, "Issue type with id '"+c.Param("type")+"' not found.")
	}
	all := p.screen()
	page, start, limit, refused := pageOf(c, all, 50)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{"startAt": start, "maxResults": limit, "total": len(all), "fields": page})
}

// screen is the fields of a new issue as createmeta shows them.
func (p *Project) screen() []map[string]any {
	out := []map[string]any{}
	system := func(id, name string, schema map[string]any, more map[string]any) {
		schema["system"] = id
		f := map[string]any{
			"required": slices.Contains(p.Required, id), "schema": schema, "name": name, "key": id, "fieldId": id, "hasDefaultValue": false, "operations": []string{"set"},
		}
		for k, v := range more {
			f[k] = v
		}
		out = append(out, f)
	}
	text := func(kind string) map[string]any { return map[string]any{"type": kind} }
	list := func(kind string) map[string]any { return map[string]any{"type": "array", "items": kind} }
	anyOf := []string{"add", "set", "remove"}
	system("issuetype", "Issue Type", text("issuetype"), map[string]any{"required": true, "allowedValues": typeViews()})
	system("project", "Project", text("project"), map[string]any{"required": true, "allowedValues": []any{p.view()}})
	system("summary", "Summary", text("string"), map[string]any{"required": true})
	// Whoever makes an issue is its reporter unless somebody else is named.
	system("reporter", "Reporter", text("user"), map[string]any{"required": true, "hasDefaultValue": true})
	system("description", "Description", text("string"), nil)
	system("labels", "Labels", list("string"), map[string]any{"operations": anyOf})
	system("assignee", "Assignee", text("user"), nil)
	system("duedate", "Due date", text("date"), nil)
	if len(p.Components) > 0 {
		system("components", "Components", list("component"), map[string]any{"operations": anyOf, "allowedValues": p.componentViews()})
	}
	if !p.NoPriority {
		system("priority", "Priority", text("priority"), map[string]any{"hasDefaultValue": true, "allowedValues": priorityViews()})
	}
	for _, f := range p.Fields {
		out = append(out, f.createView(slices.Contains(p.Required, f.ID)))
	}
	return out
}

func (f *Field) createView(required bool) map[string]any {
	v := map[string]any{
		"required": required || f.Required, "schema": f.schema(), "name": f.Name, "key": f.ID, "fieldId": f.ID,
		"hasDefaultValue": f.Default, "operations": []string{"set"},
	}
	if options := f.optionViews(); len(options) > 0 {
		v["allowedValues"] = options
	}
	return v
}

func (f *Field) schema() map[string]any {
	number, err := strconv.Atoi(strings.TrimPrefix(f.ID, "customfield_"))
	if err != nil {
		number = 0 // An id of another form has no number.
	}
	s := map[string]any{"type": f.Type, "custom": "com.atlassian.jira.plugin.system.customfieldtypes:" + fieldTypes[f.Type], "customId": number}
	switch f.Type {
	case "text":
		s["type"] = "string"
	case "array":
		s["items"] = f.Items
	}
	return s
}

// optionViews are the options of a selection with their ids, those of the second level within those of the first. A team field
// has none: teams are another product's.
func (f *Field) optionViews() []map[string]any {
	out := []map[string]any{}
	if f.Type == "team" {
		return out
	}
	for n, option := range f.Options {
		parent, child, nested := strings.Cut(option, " > ")
		at := slices.IndexFunc(out, func(v map[string]any) bool { return v["value"] == parent })
		if at < 0 {
			at = len(out)
			out = append(out, map[string]any{"self": site + "/rest/api/3/customFieldOption/" + f.optionID(n), "id": f.optionID(n), "value": parent})
		}
		if nested {
			// The id of a child is none of the parents'.
			children, _ := out[at]["children"].([]map[string]any)
			out[at]["children"] = append(children, map[string]any{"id": f.optionID(n + 100), "value": child})
		}
	}
	return out
}

func (f *Field) optionID(n int) string {
	return strings.TrimPrefix(f.ID, "customfield_") + strconv.Itoa(100+n)
}

// listFields lists the fields of the whole site.
func (j *Jira) listFields(*tenant.Call) tenant.Reply {
	j.mu.RLock()
	defer j.mu.RUnlock()
	out, seen := []map[string]any{}, map[any]bool{}
	for _, key := range []string{ProjectIT, ProjectSec} {
		for _, f := range j.projects[key].screen() {
			id := f["fieldId"]
			if seen[id] {
				continue
			}
			seen[id] = true
			custom := strings.HasPrefix(id.(string), "customfield_")
			out = append(out, map[string]any{
				"id": id, "key": id, "name": f["name"], "custom": custom, "orderable": true, "navigable": true, "searchable": true,
				"clauseNames": []any{id}, "schema": f["schema"],
			})
		}
	}
	return tenant.JSON(http.StatusOK, out)
}
