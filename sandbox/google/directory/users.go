package directory

import (
	"net/http"
	"slices"
	"strings"
	"time"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

const base = "/admin/directory/v1"

// Scopes, without what they have in common.
const (
	scopeUser     = "admin.directory.user"
	scopeUserRead = scopeUser + " admin.directory.user.readonly"
	scopeSecurity = "admin.directory.user.security"
)

func (d *Directory) userRoutes() []tenant.Route {
	const users, one = base + "/users", base + "/users/{userKey}"
	look := wire.Common("projection", "customFieldMask", "viewType")
	find := append(look, "customer", "domain", "maxResults", "orderBy", "sortOrder", "pageToken", "query", "showDeleted", "event")
	masked := func(h tenant.Handler) tenant.Handler { return wire.Masked(h, admin.User{}) }
	return []tenant.Route{
		{Method: "GET", Path: users, Op: "google.directory.list_users", Scope: scopeUserRead, Query: find, Handle: wire.Masked(d.allow(usersRead, d.listUsers), admin.Users{})},
		{Method: "POST", Path: users, Op: "google.directory.insert_user", Scope: scopeUser, Query: wire.Common("resolveConflictAccount"), Handle: masked(d.allow(usersWrite, d.insertUser))},
		{Method: "GET", Path: one, Op: "google.directory.get_user", Scope: scopeUserRead, Query: look, Handle: masked(d.allow(usersRead, d.getUser))},
		{Method: "PUT", Path: one, Op: "google.directory.update_user", Scope: scopeUser, Handle: masked(d.allow(usersWrite, d.updateUser(false)))},
		{Method: "PATCH", Path: one, Op: "google.directory.patch_user", Scope: scopeUser, Handle: masked(d.allow(usersWrite, d.updateUser(true)))},
		{Method: "DELETE", Path: one, Op: "google.directory.delete_user", Scope: scopeUser, Handle: d.allow(usersWrite, d.deleteUser)},
		{Method: "POST", Path: one + "/undelete", Op: "google.directory.undelete_user", Scope: scopeUser, Handle: d.allow(superOnly, d.undelete)},
		{Method: "POST", Path: one + "/makeAdmin", Op: "google.directory.make_admin", Scope: scopeUser, Handle: d.allow(superOnly, d.makeAdmin)},
		{Method: "POST", Path: one + "/signOut", Op: "google.directory.sign_out", Scope: scopeSecurity, Handle: d.allow(securityWrite, d.signOut)},
	}
}

// company refuses a list of another company, or of none.
func (d *Directory) company(c *tenant.Call) *tenant.Reply {
	q := c.Query()
	var r tenant.Reply
	switch customer, domain := q.Get("customer"), q.Get("domain"); {
	case customer == "" && domain == "":
		r = wire.Failure(http.StatusBadRequest, "badRequest", "Bad Request")
	case customer != "" && !ours(customer):
		r = wire.Failure(http.StatusBadRequest, "invalid", "Invalid Input: customer")
	case domain != "" && !strings.EqualFold(domain, d.domain):
		r = wire.Failure(http.StatusNotFound, "notFound", "Domain not found.")
	default:
		return nil
	}
	return &r
}

func ours(customer string) bool { return customer == "my_customer" || customer == Customer }

func (d *Directory) listUsers(c *tenant.Call) tenant.Reply {
	if refused := d.company(c); refused != nil {
		return *refused
	}
	q := c.Query()
	if refused := projected(c); refused != nil {
		return *refused
	}
	match, ok := d.search(q.Get("query"))
	if !ok {
		return invalid("query")
	}
	from := d.users
	switch {
	case q.Get("showDeleted") == "true":
		from = d.deleted
	case d.frozen.users != nil:
		from = d.frozen.users
	}
	var all []*user
	for _, u := range from {
		if match(u) && (q.Get("showDeleted") == "true" || !d.t.Now().Before(u.created.Add(lag(d.settings.ListLagMS)))) {
			all = append(all, u)
		}
	}
	by := func(u *user) string { return u.primary + "\x00" + u.id }
	switch q.Get("orderBy") {
	case "", "email":
	case "givenName":
		by = func(u *user) string { return strings.ToLower(u.given) + "\x00" + u.id }
	case "familyName":
		by = func(u *user) string { return strings.ToLower(u.family) + "\x00" + u.id }
	default:
		return invalid("orderBy")
	}
	p, bad := paged(d, c, pages[*user]{list: "users", usual: 100, most: 500, key: by, all: all, descending: q.Get("sortOrder") == "DESCENDING"})
	if bad != nil {
		return *bad
	}
	reply := map[string]any{"kind": "admin#directory#users", "etag": etag("users", int(d.series.Last()))}
	var users []map[string]any
	for _, u := range p.items {
		users = append(users, d.shown(c, u))
	}
	return p.reply(reply, "users", users)
}

// shown is a user as the call asks for it.
func (d *Directory) shown(c *tenant.Call, u *user) map[string]any {
	if c.Query().Get("viewType") == "domain_public" {
		return d.public(u)
	}
	return d.view(u)
}

// projected refuses a projection that there is not.
func projected(c *tenant.Call) *tenant.Reply {
	q := c.Query()
	known := slices.Contains([]string{"", "basic", "full", "custom"}, q.Get("projection")) &&
		slices.Contains([]string{"", "admin_view", "domain_public"}, q.Get("viewType"))
	if known && (q.Get("projection") == "custom") == (q.Get("customFieldMask") != "") {
		return nil
	}
	r := invalid("projection")
	return &r
}

func (d *Directory) getUser(c *tenant.Call) tenant.Reply {
	u, refused := d.asked(c)
	if refused == nil {
		refused = projected(c)
	}
	if refused == nil {
		refused = stale(c, u.etag())
	}
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, d.shown(c, u)).With("ETag", u.etag())
}

// asked is the user that the path names. One under an address of another company is not told of.
func (d *Directory) asked(c *tenant.Call) (*user, *tenant.Reply) {
	key := c.Param("userKey")
	if u := d.user(key); u != nil {
		c.Subject("user", u.id)
		return u, nil
	}
	r := notFound("userKey")
	if _, domain, address := strings.Cut(key, "@"); address && !strings.EqualFold(domain, d.domain) {
		r = forbidden()
	}
	return nil, &r
}

// touched is the user of the path, for a call that changes it: not one that is being created, and an administrator only for an
// administrator of all.
func (d *Directory) touched(c *tenant.Call) (*user, *tenant.Reply) {
	u, refused := d.asked(c)
	if refused != nil {
		return nil, refused
	}
	if d.t.Now().Before(u.created.Add(lag(d.settings.CreationLagMS))) {
		r := unmet("User creation is not complete.")
		return nil, &r
	}
	if super, delegated := d.adminOf(u.id); (super || delegated) && !d.holds(c.ClientName(), superOnly) {
		r := forbidden()
		return nil, &r
	}
	return u, stale(c, u.etag())
}

func (d *Directory) insertUser(c *tenant.Call) tenant.Reply {
	b, refused := readUser(c)
	if refused != nil {
		return *refused
	}
	switch {
	case b.PrimaryEmail == "":
		return invalid("primary_user_email")
	case b.Name == nil || b.Name.GivenName == "" || b.Name.FamilyName == "":
		return invalid("name")
	case b.Password == "":
		return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Password")
	}
	if !d.within("new users", time.Second, d.settings.InsertsPerSecond) {
		return d.limited()
	}
	u := &user{id: d.newID(), unit: "/", created: d.t.Now()}
	if refused := d.apply(u, b, false); refused != nil {
		return *refused
	}
	d.users[u.id] = u
	c.Subject("user", u.id)
	c.Effect("user created")
	return tenant.JSON(http.StatusOK, d.view(u))
}

func (d *Directory) updateUser(patch bool) handler {
	return func(c *tenant.Call) tenant.Reply {
		u, refused := d.touched(c)
		if refused != nil {
			return *refused
		}
		b, refused := readUser(c)
		if refused != nil {
			return *refused
		}
		if (b.Suspended || b.Archived) && u == d.user(c.ClientName()) {
			return forbidden()
		}
		before := *u
		next := *u
		if refused := d.apply(&next, b, patch); refused != nil {
			return *refused
		}
		*u = next
		c.Effect("%s", changesOf(&before, u, b))
		return tenant.JSON(http.StatusOK, d.view(u))
	}
}

// changesOf says what of a user is different, without values. A password is another one each time.
func changesOf(before, now *user, b *userBody) string {
	var all []string
	note := func(what string, different bool) {
		if different {
			all = append(all, what)
		}
	}
	note("suspended", !before.suspended && now.suspended)
	note("restored", before.suspended && !now.suspended)
	note("archived", !before.archived && now.archived)
	note("password set", before.password != now.password)
	note("renamed", before.primary != now.primary)
	note("moved", before.unit != now.unit)
	note("names changed", before.given != now.given || before.family != now.family || before.display != now.display)
	note("recovery changed", before.recoveryEmail != now.recoveryEmail || before.recoveryPhone != now.recoveryPhone)
	note("change of password demanded", before.changing != now.changing)
	note("visibility changed", before.hidden != now.hidden)
	for field := range lists {
		if b.names(field) {
			note(field+" changed", !same(before.all()[field], now.all()[field]))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

func (d *Directory) deleteUser(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	if u == d.user(c.ClientName()) {
		return forbidden()
	}
	d.remove(u)
	c.Effect("user deleted")
	return tenant.Empty(http.StatusNoContent)
}

// remove deletes a user, with memberships, roles and licences. Undeleting gives none of these back.
func (d *Directory) remove(u *user) {
	for _, a := range u.addressesOf() {
		delete(d.addresses, a)
	}
	for _, g := range d.groups {
		g.drop(u.id)
	}
	d.assigned = slices.DeleteFunc(d.assigned, func(a *assignment) bool { return a.to == u.id })
	u.licences, u.tokens, u.asps, u.codes, u.sessions = nil, nil, nil, nil, 0
	delete(d.users, u.id)
	d.deleted[u.id] = u
}

func (d *Directory) undelete(c *tenant.Call) tenant.Reply {
	var body admin.UserUndelete
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	u := d.deleted[c.Param("userKey")]
	if u == nil {
		return notFound("userKey")
	}
	if body.OrgUnitPath != "" && d.unitAt(body.OrgUnitPath) == nil {
		return invalid("INVALID_OU_ID")
	}
	if d.addresses[u.primary] != "" {
		return duplicate()
	}
	u.aliases = nil
	d.addresses[u.primary], d.users[u.id] = u.id, u
	delete(d.deleted, u.id)
	if body.OrgUnitPath != "" {
		u.unit = body.OrgUnitPath
	}
	c.Subject("user", u.id)
	c.Effect("user undeleted")
	return tenant.Empty(http.StatusNoContent)
}

func (d *Directory) makeAdmin(c *tenant.Call) tenant.Reply {
	var body admin.UserMakeAdmin
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	if u == d.user(c.ClientName()) {
		return forbidden()
	}
	super, _ := d.adminOf(u.id)
	switch {
	case body.Status && !super:
		d.assign(superRole, u.id)
		c.Effect("made super administrator")
	case !body.Status && super:
		d.assigned = slices.DeleteFunc(d.assigned, func(a *assignment) bool { return a.to == u.id && a.role == superRole })
		c.Effect("super administrator no longer")
	}
	u.changed()
	return tenant.Empty(http.StatusNoContent)
}

// signOut ends sessions of browsers and devices. What apps were granted stays.
func (d *Directory) signOut(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	if u.sessions > 0 {
		u.sessions = 0
		c.Effect("signed out")
	}
	return tenant.Empty(http.StatusNoContent)
}
