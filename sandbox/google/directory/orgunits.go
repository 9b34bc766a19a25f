package directory

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const (
	scopeUnit     = "admin.directory.orgunit"
	scopeUnitRead = scopeUnit + " admin.directory.orgunit.readonly"
)

// orgUnit is an organizational unit.
type orgUnit struct {
	id, path, description string
	version               int
}

func (d *Directory) unitRoutes() []tenant.Route {
	const units = base + "/customer/{customerId}/orgunits"
	masked := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, admin.OrgUnit{}) }
	routes := []tenant.Route{
		{Method: "GET", Path: units, Op: "google.directory.list_org_units", Scope: scopeUnitRead, Query: wire.Common("orgUnitPath", "type"), Handle: wire.Masked(d.allow(unitsRead, d.listUnits), admin.OrgUnits{})},
		{Method: "POST", Path: units, Op: "google.directory.insert_org_unit", Scope: scopeUnit, Handle: masked(d.allow(unitsWrite, d.insertUnit))},
	}
	// The path of a unit is written without its first slash and with its others as they are.
	at := units
	for _, level := range []string{"/{a}", "/{b}", "/{c}", "/{d}"} {
		at += level
		routes = append(
			routes,
			tenant.Route{Method: "GET", Path: at, Op: "google.directory.get_org_unit", Scope: scopeUnitRead, Handle: masked(d.allow(unitsRead, d.getUnit))},
			tenant.Route{Method: "PUT", Path: at, Op: "google.directory.update_org_unit", Scope: scopeUnit, Handle: masked(d.allow(unitsWrite, d.updateUnit))},
			tenant.Route{Method: "PATCH", Path: at, Op: "google.directory.patch_org_unit", Scope: scopeUnit, Handle: masked(d.allow(unitsWrite, d.updateUnit))},
			tenant.Route{Method: "DELETE", Path: at, Op: "google.directory.delete_org_unit", Scope: scopeUnit, Handle: d.allow(unitsWrite, d.deleteUnit)},
		)
	}
	return routes
}

// unitAt finds a unit by its path, nil if there is none.
func (d *Directory) unitAt(at string) *orgUnit {
	i := slices.IndexFunc(d.units, func(u *orgUnit) bool { return strings.EqualFold(u.path, at) })
	if i < 0 {
		return nil
	}
	return d.units[i]
}

// askedUnit is the unit of the path: by its id, or by its path.
func (d *Directory) askedUnit(c *tenant.Call) (*orgUnit, *tenant.Reply) {
	key := ""
	for _, level := range []string{"a", "b", "c", "d"} {
		if part := c.Param(level); part != "" {
			key += "/" + strings.Trim(part, "/")
		}
	}
	u := d.unitAt(key)
	if i := slices.IndexFunc(d.units, func(u *orgUnit) bool { return "/"+u.id == key }); i >= 0 {
		u = d.units[i]
	}
	if u == nil || !ours(c.Param("customerId")) {
		r := wire.Failure(http.StatusNotFound, "notFound", "Org unit not found")
		return nil, &r
	}
	c.Subject("org_unit", u.id)
	return u, nil
}

func (d *Directory) unitView(u *orgUnit) map[string]any {
	v := map[string]any{
		"kind": "admin#directory#orgUnit", "etag": etag(u.id, u.version), "orgUnitId": u.id, "orgUnitPath": u.path, "name": path.Base(u.path),
		"description": u.description,
	}
	if u.path != "/" {
		parent := path.Dir(u.path)
		v["parentOrgUnitPath"] = parent
		if p := d.unitAt(parent); p != nil {
			v["parentOrgUnitId"] = p.id
		}
	}
	return v
}

func (d *Directory) listUnits(c *tenant.Call) tenant.Reply {
	if !ours(c.Param("customerId")) {
		return invalid("customerId")
	}
	q := c.Query()
	top := q.Get("orgUnitPath")
	if top == "" {
		top = "/"
	}
	if !strings.HasPrefix(top, "/") && !strings.HasPrefix(top, "id:") {
		top = "/" + top
	}
	if d.unitAt(top) == nil {
		return wire.Failure(http.StatusNotFound, "notFound", "Org unit not found")
	}
	var list []map[string]any
	for _, u := range d.units {
		inside := u.path != "/" && strings.HasPrefix(u.path, strings.TrimSuffix(top, "/")+"/")
		switch q.Get("type") {
		case "", "children":
			inside = inside && path.Dir(u.path) == top
		case "all":
		case "allIncludingParent":
			inside = inside || u.path == top
		default:
			return invalid("type")
		}
		if inside {
			list = append(list, d.unitView(u))
		}
	}
	return page[string]{}.reply(map[string]any{"kind": "admin#directory#orgUnits", "etag": etag("units", len(d.units))}, "organizationUnits", list)
}

func (d *Directory) getUnit(c *tenant.Call) tenant.Reply {
	u, refused := d.askedUnit(c)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, d.unitView(u))
}

func (d *Directory) insertUnit(c *tenant.Call) tenant.Reply {
	var body admin.OrgUnit
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	parent := d.unitAt(body.ParentOrgUnitPath)
	if i := slices.IndexFunc(d.units, func(u *orgUnit) bool { return u.id == body.ParentOrgUnitId }); i >= 0 {
		parent = d.units[i]
	}
	switch {
	case body.Name == "" || strings.ContainsAny(body.Name, "/"):
		return invalid("Invalid Ou Id")
	case parent == nil:
		return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Parent Orgunit Id")
	case d.unitAt(path.Join(parent.path, body.Name)) != nil:
		return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Ou Id")
	}
	u := d.addUnit(path.Join(parent.path, body.Name))
	u.description = body.Description
	c.Subject("org_unit", u.id)
	c.Effect("org unit created")
	return tenant.JSON(http.StatusOK, d.unitView(u))
}

func (d *Directory) addUnit(at string) *orgUnit {
	u := &orgUnit{id: "id:03ph8a2z" + strconv.FormatInt(d.series.Next(), 36), path: at}
	d.units = append(d.units, u)
	return u
}

func (d *Directory) updateUnit(c *tenant.Call) tenant.Reply {
	var body admin.OrgUnit
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	u, refused := d.askedUnit(c)
	if refused != nil {
		return *refused
	}
	to := u.path
	if body.Name != "" {
		to = path.Join(path.Dir(u.path), body.Name)
	}
	if body.ParentOrgUnitPath != "" {
		to = path.Join(body.ParentOrgUnitPath, path.Base(to))
	}
	if d.unitAt(path.Dir(to)) == nil || u.path == "/" || to != u.path && d.unitAt(to) != nil {
		return invalid("Invalid Ou Id")
	}
	if to != u.path {
		d.moveUnit(u.path, to)
	}
	if body.Description != "" {
		u.description = body.Description
	}
	u.version++
	c.Effect("org unit changed")
	return tenant.JSON(http.StatusOK, d.unitView(u))
}

// moveUnit renames a unit, with all below it and everybody in them.
func (d *Directory) moveUnit(from, to string) {
	renamed := func(at string) string {
		if rest, below := strings.CutPrefix(at, from+"/"); below {
			return to + "/" + rest
		}
		if at == from {
			return to
		}
		return at
	}
	for _, u := range d.units {
		u.path = renamed(u.path)
	}
	for _, u := range d.users {
		u.unit = renamed(u.unit)
	}
}

func (d *Directory) deleteUnit(c *tenant.Call) tenant.Reply {
	u, refused := d.askedUnit(c)
	if refused != nil {
		return *refused
	}
	inside := func(at string) bool { return at == u.path || strings.HasPrefix(at, u.path+"/") }
	for _, other := range d.units {
		if other != u && inside(other.path) {
			return unmet("Org unit has children")
		}
	}
	for _, who := range d.users {
		if inside(who.unit) {
			return unmet("Org unit is not empty")
		}
	}
	if u.path == "/" {
		return invalid("Invalid Ou Id")
	}
	d.units = slices.DeleteFunc(d.units, func(o *orgUnit) bool { return o == u })
	c.Effect("org unit deleted")
	return tenant.Empty(http.StatusNoContent)
}
