package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gatehouse/connectors"
)

// fieldID is what the id of a field looks like. What does not is dropped: it may be somebody's.
var fieldID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// maxNamed is how many fields of a refusal are named.
const maxNamed = 10

// refusedFields lists the fields that a refusal is about. What it says about them quotes what was sent, so it is dropped.
func refusedFields(body []byte) []string {
	var refusal struct {
		Errors map[string]json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return nil
	}
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(refusal.Errors)) {
		if fieldID.MatchString(id) && len(ids) < maxNamed {
			ids = append(ids, id)
		}
	}
	return ids
}

// explain adds to a refused creation what each field that Jira names is called, and where its value comes from.
func (c *Client) explain(ctx context.Context, err error, in Issue, sent map[string]any) error {
	var e *connectors.Error
	if !errors.As(err, &e) || e.Kind != connectors.KindInvalid || e.Code == "" {
		return err
	}
	c.forgetScreen(in)
	s, unread := c.screen(ctx, in)
	var all []string
	for _, id := range strings.Split(e.Code, ", ") {
		field, unknown := Field{}, unread
		if unknown == nil {
			field, unknown = s.find(id)
		}
		called := id
		if unknown == nil {
			called = field.String()
		}
		all = append(all, advise(id, called, field, in, sent))
	}
	e.Err = errors.New(strings.Join(all, "; "))
	return e
}

// advise says what to do about a refused field.
func advise(id, called string, field Field, in Issue, sent map[string]any) string {
	_, given := sent[id]
	switch {
	case id == "summary" || id == "description" || id == "labels":
		return fmt.Sprintf("it refuses what Gatehouse writes in %s: see that the field is on the project's create screen", called)
	case id == "project":
		return "see that jira.project names a project that is not archived, and in which the account of jira.token may create tickets"
	case id == "priority" && in.Fields[id] == nil && given:
		return fmt.Sprintf("it refuses %s: correct jira.priorities", called)
	case !given:
		return fmt.Sprintf("it wants a value for %s: set %s", called, settingOf(id, field))
	}
	name := settingOf(id, field)
	for written := range in.Fields {
		if strings.EqualFold(written, field.Name) {
			name = "jira.fields." + written
		}
	}
	return fmt.Sprintf("it refuses %s: correct %s", called, name)
}
