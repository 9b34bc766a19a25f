package onelogin

import (
	"encoding/json"
	"net/http"
	"slices"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// emptyAttributes are the tenant's custom attributes, all unset: a user always shows every one of them. The lock must be held.
func (s *store) emptyAttributes() map[string]*string {
	return profile.Unset(s.attributes)
}

func (o *OneLogin) attributeRoutes() []tenant.Route {
	const all, one = "/api/2/users/custom_attributes", "/api/2/users/custom_attributes/{id}"
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: all, Op: "onelogin.list_attributes", Scope: access.ReadUsers, Query: none, Handle: o.listAttributes},
		{Method: "POST", Path: all, Op: "onelogin.create_attribute", Scope: access.ManageAll, Query: none, Handle: o.createAttribute},
		{Method: "PUT", Path: one, Op: "onelogin.update_attribute", Scope: access.ManageAll, Query: none, Handle: o.updateAttribute},
		{Method: "DELETE", Path: one, Op: "onelogin.delete_attribute", Scope: access.ManageAll, Query: none, Handle: o.deleteAttribute},
		{Method: "GET", Path: "/api/1/users/custom_attributes", Op: "onelogin.list_attribute_names", Scope: access.ReadUsers, Query: none, Handle: o.attributeNames},
		{
			Method: "PUT", Path: "/api/1/users/{id}/set_custom_attributes", Op: "onelogin.set_attributes",
			Scope: access.ManageUsers, Query: none, Handle: o.setAttributes,
		},
	}
}

// listAttributes has no pages.
func (o *OneLogin) listAttributes(*tenant.Call) tenant.Reply {
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	return tenant.JSON(http.StatusOK, append([]profile.Attribute{}, o.s.attributes...))
}

// attributeNames are the short names in an array within the data array. Source: developers.onelogin.com, 1/users/get-custom-attributes.
func (o *OneLogin) attributeNames(*tenant.Call) tenant.Reply {
	o.s.mu.RLock()
	defer o.s.mu.RUnlock()
	names := []string{}
	for _, a := range o.s.attributes {
		names = append(names, a.Shortname)
	}
	return wire.V1OK([][]string{names})
}

// createAttribute takes its body below user_field, unlike the update. Source: the same.
func (o *OneLogin) createAttribute(c *tenant.Call) tenant.Reply {
	var body struct {
		Field *profile.Definition `json:"user_field"`
	}
	if err := json.Unmarshal(c.Body, &body); err != nil || body.Field == nil {
		return wire.V2Error(http.StatusBadRequest, "user_field must be an object")
	}
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	a := profile.Attribute{ID: o.s.nextAttribute}
	if refused := body.Field.Apply(&a, o.s.attributes); refused != nil {
		return *refused
	}
	o.s.nextAttribute++
	o.s.attributes = append(slices.Clone(o.s.attributes), a)
	o.s.everyAttribute(func(values map[string]*string) { values[a.Shortname] = nil })
	c.Subject("attribute", a.ID)
	c.Effect("created")
	return tenant.JSON(http.StatusCreated, a)
}

// attribute finds a definition by the path. The lock must be held.
func (o *OneLogin) attribute(c *tenant.Call) (i int, refused *tenant.Reply) {
	id, ok := wire.PathID(c, "id")
	c.Subject("attribute", c.Param("id"))
	i = slices.IndexFunc(o.s.attributes, func(a profile.Attribute) bool { return a.ID == id })
	if !ok || i < 0 {
		r := wire.V2Error(http.StatusNotFound, "The resource with the given id could not be found")
		return 0, &r
	}
	return i, nil
}

func (o *OneLogin) updateAttribute(c *tenant.Call) tenant.Reply {
	var body profile.Definition
	if err := json.Unmarshal(c.Body, &body); err != nil {
		return wire.V2Error(http.StatusBadRequest, "The request body is not a JSON object")
	}
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	i, refused := o.attribute(c)
	if refused != nil {
		return *refused
	}
	a := o.s.attributes[i]
	before := a.Shortname
	if refused := body.Apply(&a, o.s.attributes); refused != nil {
		return *refused
	}
	o.s.attributes = slices.Clone(o.s.attributes)
	o.s.attributes[i] = a
	if before != a.Shortname {
		o.s.everyAttribute(func(values map[string]*string) {
			values[a.Shortname] = values[before]
			delete(values, before)
		})
	}
	c.Effect("updated")
	return tenant.JSON(http.StatusOK, a)
}

func (o *OneLogin) deleteAttribute(c *tenant.Call) tenant.Reply {
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	i, refused := o.attribute(c)
	if refused != nil {
		return *refused
	}
	gone := o.s.attributes[i].Shortname
	o.s.attributes = slices.Delete(slices.Clone(o.s.attributes), i, i+1)
	o.s.everyAttribute(func(values map[string]*string) { delete(values, gone) })
	c.Effect("deleted")
	return tenant.Empty(http.StatusNoContent)
}

// everyAttribute changes the custom attributes of every user. The lock must be held.
func (s *store) everyAttribute(f func(values map[string]*string)) {
	for _, id := range s.ids {
		u := s.users[id].clone()
		f(u.CustomAttributes)
		s.put(u)
	}
}

// setAttributes changes the named attributes and leaves the others; an empty value removes one.
// Source: developers.onelogin.com, 1/users/set-custom-attribute.
func (o *OneLogin) setAttributes(c *tenant.Call) tenant.Reply {
	var body struct {
		Values map[string]*string `json:"custom_attributes"`
	}
	if err := c.JSON(&body); err != nil || len(body.Values) == 0 {
		return *wire.BadRequest(map[string]string{"description": "custom_attributes must be an object of strings", "attribute": "custom_attributes"})
	}
	return o.alter(c, func(u *User) *tenant.Reply {
		for name, value := range body.Values {
			if _, known := u.CustomAttributes[name]; !known {
				return wire.BadRequest(map[string]string{"description": name + " is not a valid custom attribute", "attribute": name})
			}
			u.CustomAttributes[name] = wire.Text(wire.TextOf(value))
		}
		return nil
	}, events.AttributesSetByAPI)
}
