package directory

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	admin "google.golang.org/api/admin/directory/v1"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// grant is what a user lets an app do.
type grant struct {
	client, name string
	scopes       []string
}

// appPassword lets a program sign in without a second factor.
type appPassword struct {
	id   int
	name string
	made time.Time
}

func (d *Directory) securityRoutes() []tenant.Route {
	const one = base + "/users/{userKey}"
	route := func(method, path, op string, shape any, h handler) tenant.Route {
		next := d.allow(securityWrite, h)
		if shape != nil {
			next = wire.Masked(next, shape)
		}
		return tenant.Route{Method: method, Path: one + path, Op: "google.directory." + op, Scope: scopeSecurity, Handle: next}
	}
	grants, passwords := d.grants(), d.appPasswords()
	return []tenant.Route{
		route("GET", "/tokens", "list_tokens", admin.Tokens{}, grants.list),
		route("GET", "/tokens/{clientId}", "get_token", admin.Token{}, grants.get),
		route("DELETE", "/tokens/{clientId}", "delete_token", nil, grants.delete),
		route("GET", "/asps", "list_asps", admin.Asps{}, passwords.list),
		route("GET", "/asps/{codeId}", "get_asp", admin.Asp{}, passwords.get),
		route("DELETE", "/asps/{codeId}", "delete_asp", nil, passwords.delete),
		route("GET", "/verificationCodes", "list_codes", admin.VerificationCodes{}, d.listCodes),
		route("POST", "/verificationCodes/generate", "generate_codes", nil, d.generateCodes),
		route("POST", "/verificationCodes/invalidate", "invalidate_codes", nil, d.invalidateCodes),
		route("POST", "/twoStepVerification/turnOff", "turn_off_2sv", nil, d.turnOff),
	}
}

// listed answers a list of a user, or what its lie makes of it. Such lists have no pages.
func (d *Directory) listed(name, kind string, items []map[string]any) tenant.Reply {
	switch d.settings.Lies[name] {
	case lieEmpty:
		items = nil
	case lieMissing:
		i := -1
		items = slices.DeleteFunc(items, func(map[string]any) bool { i++; return i%3 == 0 })
	}
	return page[string]{}.reply(map[string]any{"kind": kind, "etag": etag(name, len(items))}, "items", items)
}

func (g grant) view(u *user) map[string]any {
	return map[string]any{
		"kind": "admin#directory#token", "etag": etag(g.client, 1), "clientId": g.client, "displayText": g.name, "anonymous": false,
		"nativeApp": false, "userKey": u.id, "scopes": g.scopes,
	}
}

func (a appPassword) view(u *user) map[string]any {
	return map[string]any{
		"kind": "admin#directory#asp", "etag": etag("asp", a.id), "codeId": a.id, "name": a.name, "userKey": u.id, "lastTimeUsed": "0",
		"creationTime": strconv.FormatInt(a.made.Unix(), 10),
	}
}

// letIn are the things of one kind by which a user has let something in.
type letIn[T interface{ view(*user) map[string]any }] struct {
	*Directory
	of func(*user) *[]T
	// id is what param of a path names one by.
	id    func(T) string
	param string
	// name and kind are those of the list, and gone is the effect of deleting one.
	name, kind, gone string
}

func (d *Directory) grants() letIn[grant] {
	return letIn[grant]{
		Directory: d, of: func(u *user) *[]grant { return &u.tokens }, id: func(g grant) string { return g.client }, param: "clientId",
		name: "tokens", kind: "admin#directory#tokenList", gone: "access of an app revoked",
	}
}

func (d *Directory) appPasswords() letIn[appPassword] {
	return letIn[appPassword]{
		Directory: d, of: func(u *user) *[]appPassword { return &u.asps }, id: func(a appPassword) string { return strconv.Itoa(a.id) }, param: "codeId",
		name: "asps", kind: "admin#directory#aspList", gone: "app password deleted",
	}
}

func (l letIn[T]) list(c *tenant.Call) tenant.Reply {
	u, refused := l.asked(c)
	if refused != nil {
		return *refused
	}
	var items []map[string]any
	for _, one := range *l.of(u) {
		items = append(items, one.view(u))
	}
	return l.listed(l.name, l.kind, items)
}

// at is where the one of the path is, below 0 if there is none.
func (l letIn[T]) at(c *tenant.Call, u *user) int {
	return slices.IndexFunc(*l.of(u), func(one T) bool { return l.id(one) == c.Param(l.param) })
}

func (l letIn[T]) get(c *tenant.Call) tenant.Reply {
	u, refused := l.asked(c)
	if refused != nil {
		return *refused
	}
	i := l.at(c, u)
	if i < 0 {
		return notFound(l.param)
	}
	return tenant.JSON(http.StatusOK, (*l.of(u))[i].view(u))
}

func (l letIn[T]) delete(c *tenant.Call) tenant.Reply {
	u, refused := l.touched(c)
	if refused != nil {
		return *refused
	}
	i := l.at(c, u)
	if i < 0 {
		return notFound(l.param)
	}
	all := l.of(u)
	*all = slices.Delete(slices.Clone(*all), i, i+1)
	c.Effect("%s", l.gone)
	return tenant.Empty(http.StatusNoContent)
}

func (d *Directory) listCodes(c *tenant.Call) tenant.Reply {
	u, refused := d.asked(c)
	if refused != nil {
		return *refused
	}
	var items []map[string]any
	for _, code := range u.codes {
		items = append(items, map[string]any{"kind": "admin#directory#verificationCode", "userId": u.id, "verificationCode": code, "etag": etag(u.id, 1)})
	}
	return d.listed("codes", "admin#directory#verificationCodesList", items)
}

func (d *Directory) generateCodes(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	u.codes = d.newCodes()
	c.Effect("backup codes made")
	return tenant.Empty(http.StatusNoContent)
}

// newCodes are ten backup codes.
func (d *Directory) newCodes() []string {
	codes := make([]string, 10)
	for i := range codes {
		codes[i] = fmt.Sprintf("%08d", 10_000_000+d.series.Next())
	}
	return codes
}

func (d *Directory) invalidateCodes(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	if len(u.codes) > 0 {
		u.codes = nil
		c.Effect("backup codes invalidated")
	}
	return tenant.Empty(http.StatusNoContent)
}

func (d *Directory) turnOff(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	if u.enrolled {
		u.enrolled, u.codes = false, nil
		u.changed()
		c.Effect("2-step verification turned off")
	}
	return tenant.Empty(http.StatusNoContent)
}
