package onelogin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// Mapping is a rule that changes the users it matches. Source: developers.onelogin.com, 2/user-mappings/list-mappings.
type Mapping struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Match   string `json:"match"`
	Enabled bool   `json:"enabled"`
	// Position is null on a mapping that is disabled. Source: onelogin-python-sdk CHANGELOG 3.2.8.
	Position   *int        `json:"position"`
	Conditions []Condition `json:"conditions"`
	Actions    []Action    `json:"actions"`
}

// Condition compares one field of a user.
type Condition struct {
	Source   string `json:"source"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// Action changes one field of a user; its values are texts, of roles and groups their ids.
type Action struct {
	Action string   `json:"action"`
	Value  []string `json:"value"`
}

// What the sandbox can match and do.
var (
	conditionTexts = []string{
		"department", "title", "company", "email", "username", "firstname", "lastname", "external_id", "member_of", "distinguished_name",
	}
	conditionOthers = []string{"status", "has_role", "directory_id", "last_login"}
	operators       = []string{"=", "!=", "~", "!~", ">", "<"}
	mappingActions  = []string{"set_role", "add_role", "remove_role", "set_status", "set_group"}
)

// AddMapping makes a mapping; roles and groups may be given by name. It runs when a user is created or updated without
// mappings=disabled, and with all others.
func (o *OneLogin) AddMapping(m Mapping) (Mapping, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if m.Match == "" {
		m.Match = "all"
	}
	if m.Name == "" || m.Match != "all" && m.Match != "any" || len(m.Actions) == 0 {
		return Mapping{}, errors.New("onelogin: a mapping needs a name, actions, and a match of all or any")
	}
	for _, c := range m.Conditions {
		if !slices.Contains(conditionTexts, c.Source) && !slices.Contains(conditionOthers, c.Source) || !slices.Contains(operators, c.Operator) {
			return Mapping{}, fmt.Errorf("onelogin: the sandbox does not simulate the condition %s %s", c.Source, c.Operator)
		}
	}
	m.Actions = slices.Clone(m.Actions)
	for i, a := range m.Actions {
		if !slices.Contains(mappingActions, a.Action) || len(a.Value) == 0 {
			return Mapping{}, fmt.Errorf("onelogin: the sandbox does not simulate the action %q, or it has no value", a.Action)
		}
		values, err := o.s.actionValues(a)
		if err != nil {
			return Mapping{}, err
		}
		m.Actions[i].Value = values
	}
	m.ID = firstByHandID + int64(len(o.s.mappings))
	m.Conditions = append([]Condition{}, m.Conditions...)
	o.s.mappings = append(o.s.mappings, m)
	return m, nil
}

// SetMappings turns every mapping made by hand on or off.
func (o *OneLogin) SetMappings(enabled bool) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	for i := range o.s.mappings {
		o.s.mappings[i].Enabled = enabled
	}
}

// actionValues turns names into ids. The lock must be held.
func (s *store) actionValues(a Action) ([]string, error) {
	var out []string
	for _, value := range a.Value {
		id, err := strconv.ParseInt(value, 10, 64)
		switch {
		case strings.HasSuffix(a.Action, "_role"):
			if err != nil {
				id = s.roleNames[value]
			}
			if s.roles[id] == nil {
				return nil, fmt.Errorf("onelogin: there is no role %q", value)
			}
		case a.Action == "set_group":
			groups := s.groupList()
			if i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == value }); err != nil && i >= 0 {
				id = groups[i].ID
			}
			if s.groupName(id) == "" {
				return nil, fmt.Errorf("onelogin: there is no group %q", value)
			}
		case err != nil:
			return nil, fmt.Errorf("onelogin: %s takes a number, not %q", a.Action, value)
		}
		out = append(out, itoa(id))
	}
	return out, nil
}

// mapByHand runs the mappings made by hand on a user copy. The lock must be held.
func (o *OneLogin) mapByHand(u *User) (changes []string) {
	for i := range o.s.mappings {
		m := &o.s.mappings[i]
		if !m.Enabled || !o.s.matches(m, u) {
			continue
		}
		for _, a := range m.Actions {
			for _, value := range a.Value {
				// Checked when the mapping was made.
				id, _ := strconv.ParseInt(value, 10, 64)
				if change := o.act(m.ID, a.Action, id, u); change != "" {
					changes = append(changes, change)
				}
			}
		}
	}
	return changes
}

// act carries out one action on a user copy and says what changed. The lock must be held.
func (o *OneLogin) act(mapping int64, action string, value int64, u *User) (change string) {
	switch action {
	case "set_role", "add_role":
		if o.s.giveRole(u, value, grant{byName: "Mapping"}) {
			o.note(events.Event{Type: events.RoleMapped, User: u.seen(), Role: value, Mapping: mapping})
			return "+" + o.s.roleName(value)
		}
	case "remove_role":
		if o.s.takeRole(u, value) {
			o.note(events.Event{Type: events.RoleUnmapped, User: u.seen(), Role: value, Mapping: mapping})
			return "-" + o.s.roleName(value)
		}
	case "set_group":
		if number(u.GroupID) != value {
			u.GroupID = &value
			o.note(events.Event{Type: events.UpdatedByHand, User: u.seen(), Mapping: mapping})
			return "group " + o.s.groupName(value)
		}
	case "set_status":
		if u.Status != int(value) {
			before := *u
			u.Status, u.LockedUntil = int(value), nil
			o.note(events.Event{Type: editedByHand(&before, u), User: u.seen(), Mapping: mapping})
			return fmt.Sprintf("status %d -> %d", before.Status, value)
		}
	}
	return ""
}

// matches reports whether a mapping is for a user. The lock must be held.
func (s *store) matches(m *Mapping, u *User) bool {
	met := func(c Condition) bool { return s.meets(c, u) }
	if m.Match == "any" {
		return slices.ContainsFunc(m.Conditions, met)
	}
	return !slices.ContainsFunc(m.Conditions, func(c Condition) bool { return !met(c) })
}

func (s *store) meets(c Condition, u *User) bool {
	have := ""
	switch c.Source {
	case "email":
		have = u.Email
	case "status":
		have = strconv.Itoa(u.Status)
	case "directory_id":
		have = itoa(number(u.DirectoryID))
	case "has_role":
		id, err := strconv.ParseInt(c.Value, 10, 64)
		return (err == nil && u.hasRole(id)) == (c.Operator == "=")
	case "last_login":
		days, err := strconv.Atoi(c.Value)
		if err != nil || u.LastLogin == nil {
			return false
		}
		return s.now().Sub(*u.LastLogin) > time.Duration(days)*24*time.Hour == (c.Operator == ">")
	default:
		have = text(*nullableText(u, c.Source))
	}
	equal := strings.EqualFold(have, c.Value)
	contains := strings.Contains(strings.ToLower(have), strings.ToLower(c.Value))
	return map[string]bool{"=": equal, "!=": !equal, "~": contains, "!~": !contains}[c.Operator]
}

// mappingList is every mapping, the built-in ones of the departments first. The lock must be held.
func (s *store) mappingList() []Mapping {
	var out []Mapping
	for i, department := range Departments() {
		var roles []string
		for _, name := range Birthright(department) {
			roles = append(roles, itoa(s.roleNames[name]))
		}
		out = append(out, Mapping{
			ID: firstMappingID + int64(i), Name: department, Match: "all", Enabled: true,
			Conditions: []Condition{{"department", "=", department}, {"external_id", "!=", ""}},
			Actions:    []Action{{"set_role", roles}},
		})
	}
	out = append(out, s.mappings...)
	position := 0
	for i := range out {
		if out[i].Enabled {
			position++
			at := position
			out[i].Position = &at
		}
	}
	return out
}

func (o *OneLogin) mappingRoutes() []tenant.Route {
	filters := []string{"enabled", "has_condition", "has_condition_type", "has_action", "has_action_type"}
	return []tenant.Route{
		{Method: "GET", Path: "/api/2/mappings", Op: "onelogin.list_mappings", Scope: manageAll, Query: filters, Handle: o.listMappings},
		{Method: "GET", Path: "/api/2/mappings/{id}", Op: "onelogin.get_mapping", Scope: manageAll, Query: []string{}, Handle: o.getMapping},
	}
}

// listMappings has no pages, and shows those that are enabled unless the others are asked for.
func (o *OneLogin) listMappings(c *tenant.Call) tenant.Reply {
	q := c.Query()
	enabled := q.Get("enabled") != "false"
	if q.Has("enabled") && q.Get("enabled") != "true" && enabled {
		return wire.V2Error(http.StatusBadRequest, "enabled must be true or false")
	}
	for _, name := range []string{"has_condition_type", "has_action_type"} {
		if q.Has(name) && !slices.Contains([]string{"builtin", "custom", "none"}, q.Get(name)) {
			return wire.V2Error(http.StatusBadRequest, name+" must be builtin, custom or none")
		}
	}
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	out := []Mapping{}
	for _, m := range o.s.mappingList() {
		if m.Enabled == enabled && m.filtered(q.Get("has_condition"), q.Get("has_action"), q.Get("has_condition_type"), q.Get("has_action_type")) {
			out = append(out, m)
		}
	}
	return tenant.JSON(http.StatusOK, out)
}

// filtered applies the list's filters, "name:value" with wildcards in both, several divided by commas. No condition of
// the sandbox is about a custom attribute.
func (m *Mapping) filtered(condition, action, conditionKind, actionKind string) bool {
	kind := func(want string, n int) bool {
		return want == "" || want == "none" && n == 0 || want == "builtin" && n > 0
	}
	var conditions, actions []string
	for _, c := range m.Conditions {
		conditions = append(conditions, c.Source+":"+c.Value)
	}
	for _, a := range m.Actions {
		for _, v := range a.Value {
			actions = append(actions, a.Action+":"+v)
		}
	}
	has := func(filter string, all []string) bool {
		for _, pattern := range strings.Split(filter, ",") {
			if pattern != "" && !slices.ContainsFunc(all, func(s string) bool { return wildcard(pattern, s) }) {
				return false
			}
		}
		return true
	}
	return kind(conditionKind, len(conditions)) && kind(actionKind, len(actions)) && has(condition, conditions) && has(action, actions)
}

func (o *OneLogin) getMapping(c *tenant.Call) tenant.Reply {
	id, ok := wire.PathID(c, "id")
	if !ok {
		return wire.V2Error(http.StatusBadRequest, "The mapping id must be a number")
	}
	c.Subject("mapping", id)
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	for _, m := range o.s.mappingList() {
		if m.ID == id {
			return tenant.JSON(http.StatusOK, m)
		}
	}
	return wire.V2Error(http.StatusNotFound, "The resource with the given id could not be found")
}
