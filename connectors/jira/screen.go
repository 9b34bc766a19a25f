package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"gatehouse/connectors"
)

// Field is a field of a new issue, as its project has it.
type Field struct {
	ID         string `json:"fieldId"`
	Name       string `json:"name"`
	Required   bool   `json:"required"`
	HasDefault bool   `json:"hasDefaultValue"`
	Schema     struct {
		Type   string `json:"type"`
		Items  string `json:"items"`
		Custom string `json:"custom"`
	} `json:"schema"`
	// Allowed are the values that may be chosen. Those of a kind that is not known here are left out.
	Allowed []json.RawMessage `json:"allowedValues"`
}

// String names a field to whoever has to give it a value.
func (f Field) String() string {
	kind := f.Schema.Type
	if kind == "array" {
		kind = "list of " + f.Schema.Items
	}
	return fmt.Sprintf("%q (%s, %s)", f.Name, f.ID, cmp.Or(kind, "any"))
}

// isTeam reports a team field: that of Jira Cloud, or of Advanced Roadmaps.
func (f Field) isTeam() bool {
	return f.Schema.Type == "team" || strings.HasSuffix(f.Schema.Custom, ":atlassian-team") || strings.HasSuffix(f.Schema.Custom, ":rm-teams-custom-field-team")
}

// screen is the fields of a new issue.
type screen []Field

// find returns the field with an id or, where there is none, a name.
func (s screen) find(named string) (Field, error) {
	var found []Field
	for _, f := range s {
		if f.ID == named {
			return f, nil
		}
		if strings.EqualFold(f.Name, named) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return Field{}, errors.New("a new ticket has no such field")
	case 1:
		return found[0], nil
	}
	return Field{}, fmt.Errorf("%d fields have this name: write the id of one", len(found))
}

// team returns the team field.
func (s screen) team() (f Field, found bool) {
	for _, f := range s {
		if f.isTeam() {
			return f, true
		}
	}
	return Field{}, false
}

// has reports whether a field has a value of that name to choose.
func (s screen) has(field, value string) bool {
	f, err := s.find(field)
	if err != nil {
		return false
	}
	for _, o := range f.options() {
		if o.Name == value {
			return true
		}
	}
	return false
}

// option is a value that may be chosen.
type option struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Value    string   `json:"value"`
	Children []option `json:"children"`
}

func (f Field) options() []option {
	var all []option
	for _, raw := range f.Allowed {
		var o option
		if json.Unmarshal(raw, &o) == nil {
			all = append(all, o)
		}
	}
	return all
}

// screen reads what a new issue of a type has for fields, or returns what was read before. A refused issue has it read again.
func (c *Client) screen(ctx context.Context, in Issue) (screen, error) {
	key, now := in.Project+"/"+in.Type, c.library.Clock()
	c.mu.Lock()
	known := c.screens[key]
	c.mu.Unlock()
	if known.fields != nil && now.Sub(known.at) < screenAge {
		return known.fields, nil
	}
	fresh, err := c.createMeta(ctx, in)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.screens[key] = readScreen{fresh, now}
	return fresh, nil
}

// screenAge is how long what was read about a project is believed.
const screenAge = time.Hour

type readScreen struct {
	fields screen
	at     time.Time
}

func (c *Client) forgetScreen(in Issue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.screens, in.Project+"/"+in.Type)
}

// createMeta reads a screen. Both deployments have these calls, Data Center since 8.4.
func (c *Client) createMeta(ctx context.Context, in Issue) (screen, error) {
	const op = "read which fields a new ticket has"
	base := "rest/api/2/issue/createmeta/" + url.PathEscape(in.Project) + "/issuetypes"
	types, err := pages[struct{ ID, Name string }](ctx, c, op, base)
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		if strings.EqualFold(t.Name, in.Type) {
			return pages[Field](ctx, c, op, base+"/"+url.PathEscape(t.ID))
		}
	}
	return nil, &connectors.Error{System: System, Op: op, Kind: connectors.KindInvalid, Err: fmt.Errorf("jira.issue_type: the project has no type %q", in.Type)}
}

// pages reads a list of createmeta to its end. Cloud and Data Center give it different names.
func pages[T any](ctx context.Context, c *Client, op, path string) ([]T, error) {
	var all []T
	for {
		var page struct {
			Total                      int
			IssueTypes, Fields, Values []T
		}
		query := url.Values{"startAt": {strconv.Itoa(len(all))}, "maxResults": {"50"}}
		if err := c.get(ctx, op, path+"?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		got := append(append(page.IssueTypes, page.Fields...), page.Values...)
		all = append(all, got...)
		if len(got) == 0 || len(all) >= page.Total {
			return all, nil
		}
	}
}
