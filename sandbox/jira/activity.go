package jira

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"gatehouse/sandbox/tenant"
)

// workflow is the transitions of both projects: from any status to any other.
var workflow = []struct{ id, name, to string }{
	{"11", "To Do", "To Do"}, {"21", "Start progress", "In Progress"}, {"31", "Close", "Done"},
}

// resolutions are what the screen of Close asks for.
var resolutions = []string{"Done", "Won't Do", "Duplicate"}

// listTransitions offers no transition to the status the issue is in.
func (j *Jira) listTransitions(c *tenant.Call) tenant.Reply {
	i, refused := j.target(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, map[string]any{"expand": "transitions", "transitions": transitionsOf(i)})
}

func transitionsOf(i *Issue) []map[string]any {
	out := []map[string]any{}
	for _, t := range workflow {
		if t.to != i.Status {
			out = append(out, map[string]any{
				"id": t.id, "name": t.name, "to": statusView(t.to), "hasScreen": t.to == "Done", "isGlobal": true, "isInitial": false,
				"isAvailable": true, "isConditional": false, "isLooped": false,
			})
		}
	}
	return out
}

// transition refuses one that is not on offer, such as the one that was just done. What else the request says about fields and
// comments is done with it, or refuses it.
func (j *Jira) transition(c *tenant.Call) tenant.Reply {
	i, refused := j.writable(c, "transition")
	if refused != nil {
		return *refused
	}
	var body issueBody
	if err := c.JSON(&body); err != nil || body.Transition == nil {
		return fail(http.StatusBadRequest, "Missing 'transition' identifier")
	}
	for _, t := range workflow {
		if t.id != body.Transition.ID || t.to == i.Status {
			continue
		}
		if _, refused := j.rewrite(i.Key, rich(c), body, t.to); refused != nil {
			return *refused
		}
		c.Effect("status %s -> %s", i.Status, t.to)
		return tenant.Empty(http.StatusNoContent)
	}
	return fail(http.StatusBadRequest, fmt.Sprintf("Transition id '%s' is not valid for this issue.", body.Transition.ID))
}

// operation is one step of "update": one of its members is set.
type operation struct {
	Set    json.RawMessage `json:"set"`
	Add    json.RawMessage `json:"add"`
	Remove json.RawMessage `json:"remove"`
}

// update carries out the operations of a request. A field is in fields or in update, not in both.
func (e *editor) update(updates map[string][]operation, fields map[string]json.RawMessage) {
	for name, operations := range updates {
		if _, twice := fields[name]; twice {
			e.errors[name] = fmt.Sprintf("Field '%s' cannot appear in both 'fields' and 'update'", name)
			continue
		}
		for _, o := range operations {
			if complaint := e.operate(name, o); complaint != "" {
				e.errors[name] = complaint
			}
		}
	}
}

func (e *editor) operate(name string, o operation) string {
	switch {
	case name == "comment" && o.Add != nil:
		text, refused := commentText(o.Add, e.rich)
		if refused != nil {
			return "Comment body is not valid!"
		}
		e.i.commented(AccountID, text, e.j)
		return ""
	case o.Set != nil:
		return e.set(name, o.Set)
	case name == "labels" && (o.Add != nil || o.Remove != nil):
		return e.member(e.i.Labels, o, func(raw json.RawMessage) string { return e.labels(raw) }, &e.i.Labels)
	case name == "components" && (o.Add != nil || o.Remove != nil):
		return e.member(e.i.Components, o, func(raw json.RawMessage) string { return e.components(raw) }, &e.i.Components)
	}
	return fmt.Sprintf("Field '%s' does not support that operation.", name)
}

// member adds one to a list, or takes one out of it. Set reads a list that has only that one.
func (e *editor) member(old []string, o operation, set func(json.RawMessage) string, into *[]string) string {
	raw := o.Add
	if raw == nil {
		raw = o.Remove
	}
	if complaint := set(json.RawMessage("[" + string(raw) + "]")); complaint != "" {
		return complaint
	}
	one := (*into)[0]
	rest := slices.DeleteFunc(slices.Clone(old), func(have string) bool { return have == one })
	if o.Add != nil {
		rest = append(rest, one)
	}
	*into = rest
	return ""
}

// assign sets, clears (null) or resets ("-1", which means nobody here) the assignee.
func (j *Jira) assign(c *tenant.Call) tenant.Reply {
	i, refused := j.writable(c, "assign")
	if refused != nil {
		return *refused
	}
	var body account
	if err := c.JSON(&body); err != nil {
		return fail(http.StatusBadRequest, "Invalid request payload.")
	}
	assignee := ""
	if body.AccountID != nil && *body.AccountID != "-1" {
		assignee = *body.AccountID
		if j.personView(assignee) == nil {
			return failField("assignee", "User '"+assignee+"' cannot be assigned issues.")
		}
	}
	if i.Assignee != assignee {
		c.Effect("assignee changed")
		j.change(i.Key, func(i *Issue) { i.Assignee = assignee })
	}
	return tenant.Empty(http.StatusNoContent)
}
