package directory

import (
	"net/http"
	"slices"
	"strings"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const (
	scopeAlias     = scopeUser + " admin.directory.user.alias"
	scopeAliasRead = scopeAlias + " admin.directory.user.alias.readonly admin.directory.user.readonly"
)

func (d *Directory) aliasRoutes() []tenant.Route {
	const users, groups = base + "/users/{userKey}/aliases", base + "/groups/{groupKey}/aliases"
	one := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, admin.Alias{}) }
	all := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, admin.Aliases{}) }
	return []tenant.Route{
		{Method: "GET", Path: users, Op: "google.directory.list_aliases", Scope: scopeAliasRead, Query: wire.Common("event"), Handle: all(d.allow(usersRead, d.listAliases(d.userOwner)))},
		{Method: "POST", Path: users, Op: "google.directory.insert_alias", Scope: scopeAlias, Handle: one(d.allow(usersWrite, d.insertAlias(d.userOwner)))},
		{Method: "DELETE", Path: users + "/{alias}", Op: "google.directory.delete_alias", Scope: scopeAlias, Handle: d.allow(usersWrite, d.deleteAlias(d.userOwner))},
		{Method: "GET", Path: groups, Op: "google.directory.list_group_aliases", Scope: scopeGroupRead, Handle: all(d.allow(groupsRead, d.listAliases(d.groupOwner)))},
		{Method: "POST", Path: groups, Op: "google.directory.insert_group_alias", Scope: scopeGroup, Handle: one(d.allow(groupsWrite, d.insertAlias(d.groupOwner)))},
		{Method: "DELETE", Path: groups + "/{alias}", Op: "google.directory.delete_group_alias", Scope: scopeGroup, Handle: d.allow(groupsWrite, d.deleteAlias(d.groupOwner))},
	}
}

// owner is a user or a group with its aliases.
type owner struct {
	id, primary string
	aliases     *[]string
	changed     func()
}

func (d *Directory) userOwner(c *tenant.Call) (owner, *tenant.Reply) {
	find := d.touched
	if c.Request.Method == http.MethodGet {
		find = d.asked
	}
	u, refused := find(c)
	if refused != nil {
		return owner{}, refused
	}
	return owner{u.id, u.primary, &u.aliases, u.changed}, nil
}

func (d *Directory) groupOwner(c *tenant.Call) (owner, *tenant.Reply) {
	g, refused := d.askedGroup(c)
	if refused != nil {
		return owner{}, refused
	}
	return owner{g.id, g.email, &g.aliases, g.changed}, nil
}

type owned func(c *tenant.Call) (owner, *tenant.Reply)

func aliasView(o owner, alias string) map[string]any {
	return map[string]any{"kind": "admin#directory#alias", "id": o.id, "primaryEmail": o.primary, "alias": alias, "etag": etag(alias, 1)}
}

func (d *Directory) listAliases(whose owned) handler {
	return func(c *tenant.Call) tenant.Reply {
		o, refused := whose(c)
		if refused != nil {
			return *refused
		}
		body := map[string]any{"kind": "admin#directory#aliases", "etag": etag(o.id, len(*o.aliases))}
		var list []map[string]any
		for _, a := range *o.aliases {
			list = append(list, aliasView(o, a))
		}
		return page[string]{}.reply(body, "aliases", list)
	}
}

func (d *Directory) insertAlias(whose owned) handler {
	return func(c *tenant.Call) tenant.Reply {
		var body admin.Alias
		if err := c.JSON(&body); err != nil {
			return wire.Malformed(err)
		}
		o, refused := whose(c)
		if refused != nil {
			return *refused
		}
		if refused := d.place(body.Alias, ""); refused != nil {
			return *refused
		}
		alias := strings.ToLower(body.Alias)
		*o.aliases = append(slices.Clone(*o.aliases), alias)
		d.addresses[alias] = o.id
		o.changed()
		c.Effect("alias added")
		return tenant.JSON(http.StatusOK, aliasView(o, alias))
	}
}

func (d *Directory) deleteAlias(whose owned) handler {
	return func(c *tenant.Call) tenant.Reply {
		o, refused := whose(c)
		if refused != nil {
			return *refused
		}
		alias := strings.ToLower(c.Param("alias"))
		if !slices.Contains(*o.aliases, alias) {
			return notFound("alias")
		}
		*o.aliases = slices.DeleteFunc(slices.Clone(*o.aliases), func(a string) bool { return a == alias })
		delete(d.addresses, alias)
		o.changed()
		c.Effect("alias removed")
		return tenant.Empty(http.StatusNoContent)
	}
}
