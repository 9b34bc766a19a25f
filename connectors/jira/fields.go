package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gatehouse/connectors"
)

// setting is what somebody has to correct, and why.
type setting struct{ name, why string }

// fields writes the fields of a new issue as Jira takes them, and says which settings do not fit the project. Data Center
// before 8.4 does not tell what a project has; without constants nobody has to know.
func (c *Client) fields(ctx context.Context, in Issue) (map[string]any, []setting, error) {
	f := map[string]any{
		"project": map[string]string{"key": in.Project}, "issuetype": map[string]string{"name": in.Type}, "summary": in.Summary,
	}
	if in.Description != "" {
		f["description"] = in.Description
	}
	if len(in.Labels) > 0 {
		f["labels"] = in.Labels
	}
	if in.Assignee != "" {
		f["assignee"] = c.user(in.Assignee)
	}
	if len(in.Components) > 0 {
		f["components"] = named(in.Components)
	}
	if in.Priority == "" && in.Team == "" && len(in.Fields) == 0 {
		return f, nil, nil
	}
	s, err := c.screen(ctx, in)
	if err != nil && (in.Team != "" || len(in.Fields) > 0 || temporary(err)) {
		return nil, nil, err
	}
	wrong := c.constants(s, in, f)
	if in.Priority != "" && s.has("priority", in.Priority) {
		f["priority"] = map[string]string{"name": in.Priority}
	}
	return f, wrong, nil
}

// temporary reports that the same question may be answered later.
func temporary(err error) bool {
	return connectors.IsKind(err, connectors.KindUnavailable) || connectors.IsKind(err, connectors.KindRateLimited) || connectors.IsKind(err, connectors.KindMalformed)
}

// constants adds the team and the constants of an issue.
func (c *Client) constants(s screen, in Issue, into map[string]any) (wrong []setting) {
	if in.Team != "" {
		if team, found := s.team(); found {
			into[team.ID] = in.Team
		} else {
			wrong = append(wrong, setting{"jira.team", "a new ticket has no team field"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Fields)) {
		field, err := s.find(name)
		var value any
		if err == nil {
			value, err = c.typed(field, field.Schema.Type, in.Fields[name])
		}
		if err != nil {
			wrong = append(wrong, setting{"jira.fields." + name, err.Error()})
			continue
		}
		into[field.ID] = value
	}
	return wrong
}

func (c *Client) user(who string) map[string]string {
	if c.cloud {
		return map[string]string{"accountId": who}
	}
	return map[string]string{"name": who}
}

func named(names []string) []map[string]string {
	var all []map[string]string
	for _, name := range names {
		all = append(all, map[string]string{"name": name})
	}
	return all
}

// typed writes a constant as the type of its field wants it. Source: developer.atlassian.com, "Jira REST API examples".
func (c *Client) typed(f Field, kind string, values []string) (any, error) {
	switch kind {
	case "array":
		var all []any
		for _, value := range values {
			one, err := c.typed(f, f.Schema.Items, []string{value})
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, nil
	case "option-with-child":
		return f.choice(values)
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("%s takes one value, not %d", f, len(values))
	}
	value := values[0]
	switch kind {
	case "number":
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			return json.Number(strconv.FormatFloat(n, 'f', -1, 64)), nil
		}
		return nil, fmt.Errorf("%s takes a number", f)
	case "option":
		return f.choice(values)
	case "user":
		return c.user(value), nil
	case "group", "version", "component", "priority", "resolution", "securitylevel":
		return map[string]string{"name": value}, nil
	case "project":
		return map[string]string{"key": value}, nil
	}
	return value, nil
}

// choice finds an option by its text or id, and below it one of the second level. Where Jira does not list the options, it has
// to find them itself.
func (f Field) choice(values []string) (any, error) {
	if len(values) == 0 || len(values) > 2 || len(values) == 2 && f.Schema.Type != "option-with-child" {
		return nil, fmt.Errorf("%s takes one value, not %d", f, len(values))
	}
	type choice struct {
		ID    string  `json:"id,omitempty"`
		Value string  `json:"value,omitempty"`
		Child *choice `json:"child,omitempty"`
	}
	var first, last *choice
	options := f.options()
	for _, value := range values {
		next := &choice{Value: value}
		if at := slices.IndexFunc(options, func(o option) bool { return o.Value == value || o.ID == value }); at >= 0 {
			next = &choice{ID: options[at].ID}
			options = options[at].Children
		} else if len(options) > 0 {
			return nil, fmt.Errorf("%s has no option %q", f, value)
		}
		if first == nil {
			first, last = next, next
			continue
		}
		last.Child = next
	}
	return first, nil
}

// misfit is the error of settings that do not fit the project. Jira has not been asked: it would name one of them at a time.
func misfit(op string, wrong []setting) error {
	var all []string
	for _, w := range wrong {
		all = append(all, w.name+": "+w.why)
	}
	return &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Code: "settings", Err: errors.New(strings.Join(all, "; "))}
}
