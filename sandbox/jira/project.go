package jira

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// Project is a project, with what its administrator has decided for it.
type Project struct {
	ID   string `json:"id"`
	Key  string `json:"key"`
	Name string `json:"name"`
	// Archived projects take no issues, and those that they have can be read and not changed.
	Archived bool `json:"archived"`
	// NoPriority says that issues of the project have no priority.
	NoPriority bool     `json:"no_priority"`
	Components []string `json:"components"`
	// Fields are the custom fields on the project's screens, and Required what else an issue has to have, by id.
	Fields   []Field  `json:"fields"`
	Required []string `json:"required"`
}

// Field is a custom field.
type Field struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Type is one of fieldTypes; Items is the type of each entry of an array.
	Type  string `json:"type"`
	Items string `json:"items,omitempty"`
	// Required is that an issue needs it, and Default that one without it is given a value.
	Required bool `json:"required"`
	Default  bool `json:"default"`
	// Options are the values of a selection, "parent > child" in one of two levels; of a team field, the ids of teams.
	Options []string `json:"options,omitempty"`
}

// fieldTypes are the types of custom fields, by what Jira calls the kind of field. Source: Jira Cloud, "Jira REST API examples"
// and "Team field in Jira REST API" at developer.atlassian.com.
var fieldTypes = map[string]string{
	"string": "textfield", "text": "textarea", "number": "float", "date": "datepicker", "datetime": "datetime", "option": "select",
	"option-with-child": "cascadingselect", "user": "userpicker", "group": "grouppicker", "team": "atlassian-team", "array": "multiselect",
}

// TeamField is the id of the site's team field.
const TeamField = "customfield_10001"

// The teams of the site.
const (
	TeamIT       = "36885b3c-1bf0-4f85-a357-c5b858c31de4"
	TeamSecurity = "8c1a9c40-6e4e-4a49-9a0e-0d2c3c7d5b11"
)

func standardProjects() map[string]*Project {
	team := Field{ID: TeamField, Name: "Team", Type: "team", Options: []string{TeamIT, TeamSecurity}}
	return map[string]*Project{
		ProjectIT:  {ID: "10000", Key: ProjectIT, Name: "IT support", Components: []string{"Hardware", "Identity"}, Fields: []Field{team}},
		ProjectSec: {ID: "10001", Key: ProjectSec, Name: "Security", Components: []string{}, Fields: []Field{team}},
	}
}

// The types of issue and the priorities that the site has. An id counts from firstType or 1.
var (
	issueTypes = []string{"Task", "Bug", "Service Request", "Incident"}
	priorities = []string{"Highest", "High", "Medium", "Low", "Lowest"}
)

const firstType = 10010

// Configure changes a project: the administrator's doing.
func (j *Jira) Configure(p Project) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	old := j.projects[p.Key]
	if old == nil {
		return fmt.Errorf("sandbox: there is no project %q", p.Key)
	}
	for _, f := range p.Fields {
		if fieldTypes[f.Type] == "" || !strings.HasPrefix(f.ID, "customfield_") || f.Name == "" {
			return fmt.Errorf("sandbox: a field needs an id like customfield_10021, a name and one of the types %v", fieldTypes)
		}
	}
	p.ID, p.Name = old.ID, old.Name
	j.projects[p.Key] = &p
	return nil
}

// Require sets the fields without which no project takes an issue. One that no project has is made, for a line of text.
func (j *Jira) Require(fields []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for key, p := range j.projects {
		changed := *p
		changed.Required = fields
		for _, id := range fields {
			if strings.HasPrefix(id, "customfield_") && changed.field(id) == nil {
				changed.Fields = append(slices.Clone(changed.Fields), Field{ID: id, Name: "Field " + id, Type: "string"})
			}
		}
		j.projects[key] = &changed
	}
}

func (p *Project) field(id string) *Field {
	for i := range p.Fields {
		if p.Fields[i].ID == id {
			return &p.Fields[i]
		}
	}
	return nil
}

// project finds one by its key or id.
func (j *Jira) project(keyOrID string) *Project {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return j.projectOf(keyOrID)
}

func (j *Jira) projectOf(keyOrID string) *Project {
	for _, p := range j.projects {
		if keyOrID == p.ID || strings.EqualFold(keyOrID, p.Key) {
			return p
		}
	}
	return nil
}

func (p *Project) view() map[string]any {
	v := map[string]any{
		"self": site + "/rest/api/3/project/" + p.ID, "id": p.ID, "key": p.Key, "name": p.Name, "projectTypeKey": "software", "simplified": false,
		"style": "classic", "isPrivate": false, "properties": map[string]any{}, "avatarUrls": map[string]string{},
	}
	if p.Archived {
		v["archived"] = true
	}
	return v
}

func (p *Project) componentViews() []map[string]any {
	out := []map[string]any{}
	for n, name := range p.Components {
		id := p.ID + strconv.Itoa(n)
		out = append(out, map[string]any{"self": site + "/rest/api/3/component/" + id, "id": id, "name": name, "project": p.Key})
	}
	return out
}

func typeViews() []map[string]any {
	out := []map[string]any{}
	for n, name := range issueTypes {
		id := strconv.Itoa(firstType + n)
		out = append(out, map[string]any{
			"self": site + "/rest/api/3/issuetype/" + id, "id": id, "name": name, "untranslatedName": name, "description": "", "iconUrl": "",
			"subtask": false, "hierarchyLevel": 0,
		})
	}
	return out
}

func priorityViews() []map[string]any {
	out := []map[string]any{}
	for n, name := range priorities {
		id := strconv.Itoa(n + 1)
		out = append(out, map[string]any{"self": site + "/rest/api/3/priority/" + id, "id": id, "name": name, "iconUrl": ""})
	}
	return out
}

// pageOf cuts a page out of a list by startAt and maxResults.
func pageOf[T any](c *tenant.Call, all []T, usual int) (page []T, start, limit int, refused *tenant.Reply) {
	start, err1 := number(c.Query().Get("startAt"), 0)
	limit, err2 := number(c.Query().Get("maxResults"), usual)
	if err1 != nil || err2 != nil {
		r := fail(http.StatusBadRequest, "startAt and maxResults must be numbers")
		return nil, 0, 0, &r
	}
	limit = min(limit, usual)
	start = min(start, len(all))
	return append([]T{}, all[start:min(start+limit, len(all))]...), start, limit, nil
}

func number(text string, usual int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	return max(0, n), err
}

func (j *Jira) projectRoutes(v string) []tenant.Route {
	paged := []string{"startAt", "maxResults"}
	meta := v + "/issue/createmeta/{project}/issuetypes"
	return []tenant.Route{
		{Method: "GET", Path: meta, Op: "jira.list_create_types", Query: paged, Handle: j.createTypes},
		{Method: "GET", Path: meta + "/{type}", Op: "jira.list_create_fields", Query: paged, Handle: j.createFields},
		{Method: "GET", Path: v + "/field", Op: "jira.list_fields", Query: []string{}, Handle: j.listFields},
		{Method: "GET", Path: v + "/project/search", Op: "jira.search_projects", Query: []string{"startAt", "maxResults", "query", "keys", "id", "status", "orderBy", "expand", "typeKey"}, Handle: j.searchProjects},
		{Method: "GET", Path: v + "/project/{project}", Op: "jira.get_project", Query: []string{"expand", "properties"}, Handle: j.getProject},
		{Method: "GET", Path: v + "/project/{project}/components", Op: "jira.list_components", Query: []string{"componentSource"}, Handle: j.listComponents},
		{Method: "GET", Path: v + "/issuetype", Op: "jira.list_types", Query: []string{}, Handle: func(*tenant.Call) tenant.Reply { return tenant.JSON(http.StatusOK, typeViews()) }},
		{Method: "GET", Path: v + "/priority", Op: "jira.list_priorities", Query: []string{}, Handle: func(*tenant.Call) tenant.Reply { return tenant.JSON(http.StatusOK, priorityViews()) }},
		{Method: "GET", Path: v + "/status", Op: "jira.list_statuses", Query: []string{}, Handle: listStatuses},
		{Method: "GET", Path: v + "/serverInfo", Op: "jira.server_info", Query: []string{}, Handle: j.serverInfo},
	}
}

// inProject finds the project in the path. An archived one is hidden from whoever wants to create something in it.
func (j *Jira) inProject(c *tenant.Call, create bool) (*Project, *tenant.Reply) {
	p := j.project(c.Param("project"))
	if p == nil || create && p.Archived {
		r := fail(http.StatusNotFound, fmt.Sprintf("No project could be found with key '%s'.", c.Param("project")))
		return nil, &r
	}
	return p, nil
}

func (j *Jira) getProject(c *tenant.Call) tenant.Reply {
	p, refused := j.inProject(c, false)
	if refused != nil {
		return *refused
	}
	v := p.view()
	v["components"], v["issueTypes"], v["description"] = p.componentViews(), typeViews(), ""
	return tenant.JSON(http.StatusOK, v)
}

func (j *Jira) listComponents(c *tenant.Call) tenant.Reply {
	p, refused := j.inProject(c, false)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, p.componentViews())
}

// searchProjects finds projects by a part of their key or name; archived ones only if they are asked for.
func (j *Jira) searchProjects(c *tenant.Call) tenant.Reply {
	q := c.Query()
	archived := slices.Contains(strings.Split(q.Get("status"), ","), "archived")
	all := []map[string]any{}
	for _, key := range []string{ProjectIT, ProjectSec} {
		p := j.project(key)
		matches := strings.Contains(strings.ToLower(p.Key+" "+p.Name), strings.ToLower(q.Get("query")))
		if matches && p.Archived == archived && (!q.Has("keys") || slices.Contains(q["keys"], p.Key)) && (!q.Has("id") || slices.Contains(q["id"], p.ID)) {
			all = append(all, p.view())
		}
	}
	page, start, limit, refused := pageOf(c, all, 50)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{
		"self": site + c.Path, "startAt": start, "maxResults": limit, "total": len(all), "isLast": start+len(page) >= len(all), "values": page,
	})
}

func listStatuses(*tenant.Call) tenant.Reply {
	out := []map[string]any{}
	for _, t := range workflow {
		out = append(out, statusView(t.to))
	}
	return tenant.JSON(http.StatusOK, out)
}

func (j *Jira) serverInfo(*tenant.Call) tenant.Reply {
	return tenant.JSON(http.StatusOK, map[string]any{
		"baseUrl": site, "version": "1001.0.0-SNAPSHOT", "versionNumbers": []int{1001, 0, 0}, "deploymentType": "Cloud", "buildNumber": 100281,
		"serverTime": j.t.Now().Format(stamp), "serverTitle": "Jira",
	})
}
