package jira

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"gatehouse/connectors"
)

// Check says what of an issue would not fit its project: settings that are wrong, and fields that are required and have no
// value. Priorities that the project does not have are no reason to refuse a ticket; idle lists them.
func (c *Client) Check(ctx context.Context, in Issue, priorities []string) (wrong, idle []string, err error) {
	c.forgetScreen(in)
	s, err := c.screen(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	given, settings, err := c.fields(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	for _, w := range settings {
		wrong = append(wrong, w.name+": "+w.why)
	}
	wrong = append(wrong, s.twice(in)...)
	for _, id := range append(slices.Sorted(maps.Keys(given)), "description", "labels") {
		if _, err := s.find(id); err != nil && id != "project" && id != "issuetype" {
			wrong = append(wrong, fmt.Sprintf("tickets are given %s, which new ones of the project do not have: put it on its create screen", id))
		}
	}
	// A ticket always has these.
	ours := []string{"summary", "description", "labels", "reporter"}
	for _, f := range s {
		if _, ok := given[f.ID]; !ok && f.Required && !f.HasDefault && !slices.Contains(ours, f.ID) {
			wrong = append(wrong, needed(f))
		}
	}
	for _, name := range in.Components {
		if _, unread := s.find("components"); unread == nil && !s.has("components", name) {
			wrong = append(wrong, fmt.Sprintf("jira.components: the project has no component %q", name))
		}
	}
	known, err := c.assignable(ctx, in)
	switch {
	case err != nil && !connectors.IsKind(err, connectors.KindUnauthorized):
		return nil, nil, err
	case err == nil && !known:
		wrong = append(wrong, "jira.assignee: no such account can be assigned tickets of the project")
	}
	for _, name := range priorities {
		if name != "" && !s.has("priority", name) {
			idle = append(idle, name)
		}
	}
	return wrong, idle, nil
}

// twice lists the settings that give a field a value which another one gives as well: by its name, by its id, or as the team.
func (s screen) twice(in Issue) (wrong []string) {
	by := map[string]string{}
	if team, found := s.team(); found && in.Team != "" {
		by[team.ID] = "jira.team"
	}
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) {
		field, err := s.find(name)
		if err != nil {
			continue
		}
		if other := by[field.ID]; other != "" {
			wrong = append(wrong, fmt.Sprintf("jira.fields.%s: %s gives a value to the same field: keep one of them", name, other))
			continue
		}
		by[field.ID] = "jira.fields." + name
	}
	return wrong
}

// assignable reports whether the assignee of an issue can be that. It takes a permission that nothing else needs.
func (c *Client) assignable(ctx context.Context, in Issue) (bool, error) {
	if in.Assignee == "" {
		return true, nil
	}
	query := url.Values{"project": {in.Project}}
	if c.cloud {
		query.Set("accountId", in.Assignee)
	} else {
		query.Set("username", in.Assignee)
	}
	var found []struct{ AccountID, Name string }
	if err := c.get(ctx, "ask who can be assigned a ticket", "rest/api/2/user/assignable/search?"+query.Encode(), &found); err != nil {
		return false, err
	}
	for _, who := range found {
		if who.AccountID == in.Assignee || !c.cloud && who.Name == in.Assignee {
			return true, nil
		}
	}
	return false, nil
}

func needed(f Field) string {
	return fmt.Sprintf("the project demands the field %s: set %s", f, settingOf(f.ID, f))
}

// settingOf is where the value of a field comes from.
func settingOf(id string, field Field) string {
	switch {
	case id == "assignee" || id == "components":
		return "jira." + id
	case id == "issuetype":
		return "jira.issue_type"
	case field.isTeam():
		return "jira.team"
	}
	return "jira.fields." + id
}
