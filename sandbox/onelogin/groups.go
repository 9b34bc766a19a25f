package onelogin

import (
	"encoding/json"
	"net/http"
	"slices"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// The page sizes of the v2 group list, which no page documents: those of the other v2 lists.
const (
	groupsPerPage = 50
	groupsMost    = 100
)

// groupRoutes are the documented v1 reads, and v2, which no page documents and the vendor's own Terraform provider calls.
func (o *OneLogin) groupRoutes() []tenant.Route {
	const v1, v2 = "/api/1/groups", "/api/2/groups"
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: v1, Op: "onelogin.list_groups", Scope: access.ReadUsers, Query: wire.V1Params("id", "name"), Handle: o.listGroups},
		{Method: "GET", Path: v1 + "/{id}", Op: "onelogin.get_group", Scope: access.ReadUsers, Query: none, Handle: o.getGroup},
		{Method: "GET", Path: v2, Op: "onelogin.list_groups_v2", Scope: access.ReadUsers, Query: wire.PagingParams, Handle: o.listGroupsV2},
		{Method: "POST", Path: v2, Op: "onelogin.create_group", Scope: access.ManageAll, Query: none, Handle: o.createGroup},
		{Method: "GET", Path: v2 + "/{id}", Op: "onelogin.get_group_v2", Scope: access.ReadUsers, Query: none, Handle: o.getGroupV2},
		{Method: "PUT", Path: v2 + "/{id}", Op: "onelogin.update_group", Scope: access.ManageAll, Query: none, Handle: o.updateGroup},
		{Method: "DELETE", Path: v2 + "/{id}", Op: "onelogin.delete_group", Scope: access.ManageAll, Query: none, Handle: o.deleteGroup},
	}
}

// groupList is every group, by ascending id. It is replaced and never changed, so that it can be read without the lock.
func (s *store) groupList() []Group {
	if list := s.groups.Load(); list != nil {
		return *list
	}
	return nil
}

// setGroups replaces the groups. The lock must be held.
func (s *store) setGroups(list []Group) { s.groups.Store(&list) }

// findGroup returns a group and its place.
func (s *store) findGroup(id int64) (g Group, i int, found bool) {
	list := s.groupList()
	i = slices.IndexFunc(list, func(g Group) bool { return g.ID == id })
	if i < 0 {
		return Group{}, 0, false
	}
	return list[i], i, true
}

func (o *OneLogin) listGroups(c *tenant.Call) tenant.Reply {
	q := c.Query()
	list := slices.DeleteFunc(slices.Clone(o.s.groupList()), func(g Group) bool {
		return q.Has("id") && q.Get("id") != itoa(g.ID) || q.Has("name") && !wire.Wildcard(q.Get("name"), g.Name)
	})
	return wire.V1Whole(c, list, func(g Group) int64 { return g.ID })
}

func (o *OneLogin) getGroup(c *tenant.Call) tenant.Reply {
	id, _ := wire.PathID(c, "id")
	c.Subject("group", id)
	if g, _, found := o.s.findGroup(id); found {
		return wire.V1OK([]Group{g})
	}
	return wire.V1Error(http.StatusNotFound, "Group not found")
}

func (o *OneLogin) listGroupsV2(c *tenant.Call) tenant.Reply {
	return wire.Paged(c, o.s.groupList(), groupsPerPage, groupsMost)
}

// pathGroup finds the group in a v2 path.
func (o *OneLogin) pathGroup(c *tenant.Call) (g Group, i int, refused *tenant.Reply) {
	id, ok := wire.PathID(c, "id")
	c.Subject("group", c.Param("id"))
	g, i, found := o.s.findGroup(id)
	if !ok || !found {
		r := wire.V2Error(http.StatusNotFound, "The resource with the given id could not be found")
		return g, i, &r
	}
	return g, i, nil
}

func (o *OneLogin) getGroupV2(c *tenant.Call) tenant.Reply {
	g, _, refused := o.pathGroup(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, g)
}

// groupBody reads a name that no other group has. A reference is taken and neither stored nor shown.
// Source: terraform-provider-onelogin, resource_onelogin_groups.go. The lock must be held.
func (o *OneLogin) groupBody(c *tenant.Call, self int64) (name string, refused *tenant.Reply) {
	var body struct {
		Name string `json:"name"`
	}
	var r tenant.Reply
	switch err := json.Unmarshal(c.Body, &body); {
	case err != nil:
		r = wire.V2Error(http.StatusBadRequest, "The request body is not valid")
	case body.Name == "":
		r = wire.V2Error(http.StatusUnprocessableEntity, "name must be set")
	case slices.ContainsFunc(o.s.groupList(), func(g Group) bool { return g.ID != self && g.Name == body.Name }):
		r = wire.V2Error(http.StatusUnprocessableEntity, "Name has already been taken")
	default:
		return body.Name, nil
	}
	return "", &r
}

func (o *OneLogin) createGroup(c *tenant.Call) tenant.Reply {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	name, refused := o.groupBody(c, 0)
	if refused != nil {
		return *refused
	}
	g := o.s.addGroup(name)
	c.Subject("group", g.ID)
	c.Effect("created")
	return tenant.JSON(http.StatusCreated, g)
}

// addGroup makes a group. The lock must be held.
func (s *store) addGroup(name string) Group {
	g := Group{ID: s.nextGroup, Name: name}
	s.nextGroup++
	s.setGroups(append(slices.Clone(s.groupList()), g))
	return g
}

func (o *OneLogin) updateGroup(c *tenant.Call) tenant.Reply {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	g, i, refused := o.pathGroup(c)
	if refused != nil {
		return *refused
	}
	name, refused := o.groupBody(c, g.ID)
	if refused != nil {
		return *refused
	}
	if g.Name != name {
		c.Effect("renamed")
	}
	g.Name = name
	list := slices.Clone(o.s.groupList())
	list[i] = g
	o.s.setGroups(list)
	return tenant.JSON(http.StatusOK, g)
}

// deleteGroup leaves its people without a group. What becomes of them at the vendor is not documented.
func (o *OneLogin) deleteGroup(c *tenant.Call) tenant.Reply {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	g, i, refused := o.pathGroup(c)
	if refused != nil {
		return *refused
	}
	for _, id := range ascending(o.s.byGroup[g.ID]) {
		u := o.s.users[id].clone()
		u.GroupID, u.UpdatedAt = nil, moment(o.t.Now())
		o.s.put(u)
	}
	o.s.setGroups(slices.Delete(slices.Clone(o.s.groupList()), i, i+1))
	c.Effect("deleted")
	return tenant.Empty(http.StatusNoContent)
}
