package onelogin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/mapping"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// AddMapping makes a mapping; roles and groups may be given by name. It runs when a user is created or updated without
// mappings=disabled, and with all others.
func (o *OneLogin) AddMapping(m mapping.Mapping) (mapping.Mapping, error) {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	if err := m.Check(); err != nil {
		return mapping.Mapping{}, err
	}
	m.Actions = slices.Clone(m.Actions)
	for i, a := range m.Actions {
		values, err := o.s.actionValues(a)
		if err != nil {
			return mapping.Mapping{}, err
		}
		m.Actions[i].Value = values
	}
	m.ID = firstByHandID + int64(len(o.s.mappings))
	m.Conditions = append([]mapping.Condition{}, m.Conditions...)
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
func (s *store) actionValues(a mapping.Action) ([]string, error) {
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
		if !m.Enabled || !m.For(&u.Profile, o.s.now()) {
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
		if wire.Number(u.GroupID) != value {
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

// mappingList is every mapping, the built-in ones of the departments first. The lock must be held.
func (s *store) mappingList() []mapping.Mapping {
	return mapping.All(firstMappingID, func(role string) int64 { return s.roleNames[role] }, s.mappings)
}

func (o *OneLogin) mappingRoutes() []tenant.Route {
	return []tenant.Route{
		{Method: "GET", Path: "/api/2/mappings", Op: "onelogin.list_mappings", Scope: access.ManageAll, Query: mapping.Filters, Handle: o.listMappings},
		{Method: "GET", Path: "/api/2/mappings/{id}", Op: "onelogin.get_mapping", Scope: access.ManageAll, Query: []string{}, Handle: o.getMapping},
	}
}

// listMappings has no pages, and shows those that are enabled unless the others are asked for.
func (o *OneLogin) listMappings(c *tenant.Call) tenant.Reply {
	wanted, complaint := mapping.Wanted(c.Query())
	if complaint != "" {
		return wire.V2Error(http.StatusBadRequest, complaint)
	}
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	out := []mapping.Mapping{}
	for _, m := range o.s.mappingList() {
		if wanted(m) {
			out = append(out, m)
		}
	}
	return tenant.JSON(http.StatusOK, out)
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
