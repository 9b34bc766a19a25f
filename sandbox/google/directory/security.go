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
	return []tenant.Route{
		route("GET", "/tokens", "list_tokens", admin.Tokens{}, d.listTokens),
		route("GET", "/tokens/{clientId}", "get_token", admin.Token{}, d.getToken),
		route("DELETE", "/tokens/{clientId}", "delete_token", nil, d.deleteToken),
		route("GET", "/asps", "list_asps", admin.Asps{}, d.listASPs),
		route("GET", "/asps/{codeId}", "get_asp", admin.Asp{}, d.getASP),
		route("DELETE", "/asps/{codeId}", "delete_asp", nil, d.deleteASP),
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

func (d *Directory) listTokens(c *tenant.Call) tenant.Reply {
	u, refused := d.asked(c)
	if refused != nil {
		return *refused
	}
	var items []map[string]any
	for _, g := range u.tokens {
		items = append(items, g.view(u))
	}
	return d.listed("tokens", "admin#directory#tokenList", items)
}

// tokenOf is the grant of the path.
func tokenOf(c *tenant.Call, u *user) int {
	return slices.IndexFunc(u.tokens, func(g grant) bool { return g.client == c.Param("clientId") })
}

func (d *Directory) getToken(c *tenant.Call) tenant.Reply {
	u, refused := d.asked(c)
	if refused != nil {
		return *refused
	}
	i := tokenOf(c, u)
	if i < 0 {
		return notFound("clientId")
	}
	return tenant.JSON(http.StatusOK, u.tokens[i].view(u))
}

func (d *Directory) deleteToken(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	i := tokenOf(c, u)
	if i < 0 {
		return notFound("clientId")
	}
	u.tokens = slices.Delete(slices.Clone(u.tokens), i, i+1)
	c.Effect("access of an app revoked")
	return tenant.Empty(http.StatusNoContent)
}

func (a appPassword) view(u *user) map[string]any {
	return map[string]any{
		"kind": "admin#directory#asp", "etag": etag("asp", a.id), "codeId": a.id, "name": a.name, "userKey": u.id, "lastTimeUsed": "0",
		"creationTime": strconv.FormatInt(a.made.Unix(), 10),
	}
}

func (d *Directory) listASPs(c *tenant.Call) tenant.Reply {
	u, refused := d.asked(c)
	if refused != nil {
		return *refused
	}
	var items []map[string]any
	for _, a := range u.asps {
		items = append(items, a.view(u))
	}
	return d.listed("asps", "admin#directory#aspList", items)
}

func aspOf(c *tenant.Call, u *user) int {
	return slices.IndexFunc(u.asps, func(a appPassword) bool { return strconv.Itoa(a.id) == c.Param("codeId") })
}

func (d *Directory) getASP(c *tenant.Call) tenant.Reply {
	u, refused := d.asked(c)
	if refused != nil {
		return *refused
	}
	i := aspOf(c, u)
	if i < 0 {
		return notFound("codeId")
	}
	return tenant.JSON(http.StatusOK, u.asps[i].view(u))
}

func (d *Directory) deleteASP(c *tenant.Call) tenant.Reply {
	u, refused := d.touched(c)
	if refused != nil {
		return *refused
	}
	i := aspOf(c, u)
	if i < 0 {
		return notFound("codeId")
	}
	u.asps = slices.Delete(slices.Clone(u.asps), i, i+1)
	c.Effect("app password deleted")
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
