package jira

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// stamp is how Jira writes times.
const stamp = "2006-01-02T15:04:05.000-0700"

// view is an issue with the named fields: "*all" and "*navigable" mean all of them, and a name after a minus all but that one.
func (j *Jira) view(i *Issue, names []string, rich bool) map[string]any {
	v := map[string]any{"expand": "names,schema", "id": i.ID, "key": i.Key, "self": site + "/rest/api/2/issue/" + i.ID}
	every := slices.ContainsFunc(names, func(name string) bool { return name == "*all" || name == "*navigable" || strings.HasPrefix(name, "-") })
	fields := map[string]any{}
	for name, value := range j.fieldViews(i, rich) {
		if (every || slices.Contains(names, name)) && !slices.Contains(names, "-"+name) {
			fields[name] = value
		}
	}
	v["fields"] = fields
	return v
}

func (j *Jira) fieldViews(i *Issue, rich bool) map[string]any {
	p := j.project(i.Project)
	all := map[string]any{
		"summary": i.Summary, "description": longView(i.Description, rich), "labels": append([]string{}, i.Labels...),
		"project": p.view(), "issuetype": viewNamed(typeViews(), i.Type), "status": statusView(i.Status),
		"assignee": j.personView(i.Assignee), "reporter": j.personView(i.Reporter), "creator": j.personView(AccountID),
		"created": i.Created.Format(stamp), "updated": i.Updated.Format(stamp),
		"comment":  map[string]any{"comments": j.commentViews(i, rich), "total": len(i.Comments), "startAt": 0, "maxResults": len(i.Comments)},
		"priority": nil, "duedate": nil, "resolution": nil, "components": viewsNamed(p.componentViews(), i.Components),
	}
	if i.Priority != "" {
		all["priority"] = viewNamed(priorityViews(), i.Priority)
	}
	if i.DueDate != "" {
		all["duedate"] = i.DueDate
	}
	if i.Resolution != "" {
		all["resolution"] = map[string]any{"id": strconv.Itoa(10000 + slices.Index(resolutions, i.Resolution)), "name": i.Resolution}
	}
	for n := range p.Fields {
		f := &p.Fields[n]
		all[f.ID] = j.customView(f, f.Type, i.Fields[f.ID], rich)
	}
	return all
}

// customView is the value of a custom field as Jira shows it, null if it has none.
func (j *Jira) customView(f *Field, kind string, value any, rich bool) any {
	if value == nil {
		return nil
	}
	switch kind {
	case "option", "option-with-child":
		parent, child, nested := strings.Cut(fmt.Sprint(value), " > ")
		for _, v := range f.optionViews() {
			if v["value"] != parent {
				continue
			}
			view := map[string]any{"self": v["self"], "id": v["id"], "value": parent}
			if nested {
				view["child"] = map[string]any{"value": child}
			}
			return view
		}
		return map[string]any{"value": value}
	case "user":
		return j.personView(fmt.Sprint(value))
	case "group":
		return map[string]any{"name": value}
	case "team":
		return map[string]any{"id": value, "name": "Team " + fmt.Sprint(value)[:4], "title": "Team", "isVisible": true, "isShared": true}
	case "text":
		return longView(fmt.Sprint(value), rich)
	case "array":
		out := []any{}
		entries, _ := value.([]any)
		for _, entry := range entries {
			out = append(out, j.customView(f, f.Items, entry, rich))
		}
		return out
	}
	return value
}

func viewNamed(all []map[string]any, name string) any {
	for _, v := range all {
		if v["name"] == name {
			return v
		}
	}
	return nil
}

func viewsNamed(all []map[string]any, names []string) []any {
	out := []any{}
	for _, name := range names {
		out = append(out, viewNamed(all, name))
	}
	return out
}

// statuses have an id and the category that says what they mean.
func statusView(name string) map[string]any {
	category := map[string]string{"To Do": "new", "In Progress": "indeterminate", "Done": "done"}[name]
	id := map[string]int{"new": 2, "indeterminate": 4, "done": 3}[category]
	return map[string]any{
		"self": site + "/rest/api/2/status/" + strconv.Itoa(10000+id), "description": "", "iconUrl": "", "id": strconv.Itoa(10000 + id), "name": name,
		"statusCategory": map[string]any{"self": site + "/rest/api/2/statuscategory/" + strconv.Itoa(id), "id": id, "key": category, "colorName": "blue-gray", "name": name},
	}
}

// personView is a user in a reply, null for nobody.
func (j *Jira) personView(accountID string) any {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if p := j.people[accountID]; p != nil {
		return p.view()
	}
	return nil
}

func (p *Person) view() map[string]any {
	v := map[string]any{
		"self": site + "/rest/api/2/user?accountId=" + p.AccountID, "accountId": p.AccountID, "accountType": "atlassian", "avatarUrls": map[string]string{},
		"displayName": p.Name, "active": p.Active, "timeZone": "Etc/UTC",
	}
	if p.Email != "" {
		v["emailAddress"] = p.Email
	}
	return v
}
