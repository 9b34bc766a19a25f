package google

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/drive/v3"

	"gatehouse/sandbox/google/mailbox"
	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// permission is what somebody may do with a file.
type permission struct {
	ID, Type, Role, Email, Domain, Expires string
}

// permissionID is stable per grantee.
func permissionID(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	n, err := strconv.ParseUint(hex.EncodeToString(sum[:7]), 16, 64)
	if err != nil {
		return "0"
	}
	return fmt.Sprintf("%020d", n)
}

// view is a permission as Drive shows it. Without a field mask Drive does not say whose it is.
func (p *permission) view(all bool) map[string]any {
	v := map[string]any{"kind": "drive#permission", "id": p.ID, "type": p.Type, "role": p.Role}
	if !all {
		return v
	}
	for name, value := range map[string]string{"emailAddress": p.Email, "domain": p.Domain, "expirationTime": p.Expires} {
		if value != "" {
			v[name] = value
		}
	}
	if p.Type != "anyone" {
		v["displayName"], v["deleted"] = p.Email+p.Domain, false
	}
	return v
}

func (g *Google) listPermissions(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	f, refused := g.visible(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	page, next, refused := wire.Paged(c.Query(), "pageSize", 100, 100, f.Permissions)
	if refused != nil {
		return *refused
	}
	list := []map[string]any{}
	for _, p := range page {
		list = append(list, p.view(c.Query().Get("fields") != ""))
	}
	out := map[string]any{"kind": "drive#permissionList", "permissions": list}
	if next != "" {
		out["nextPageToken"] = next
	}
	return tenant.JSON(http.StatusOK, out)
}

// grantable are the roles that can be given.
var grantable = []string{"reader", "commenter", "writer"}

// refusesReader is how Drive refuses to share with somebody: whom the settings say, and an address without a Google account
// unless it is mailed about it.
func (g *Google) refusesReader(p *permission, mailed bool) *tenant.Reply {
	reason := g.settings.RefusedReaders[strings.ToLower(p.Email)]
	_, domain, _ := strings.Cut(strings.ToLower(p.Email), "@")
	if reason == "" && p.Email != "" && !mailed && domain != Domain && domain != "gmail.com" {
		reason = noAccount
	}
	var r tenant.Reply
	switch reason {
	case "":
		return nil
	case noAccount:
		r = wire.Failure(http.StatusBadRequest, reason, fmt.Sprintf("Bad Request. User message: \"You are trying to invite %s. Since there is no "+
			"Google account associated with this email address, you must check the 'Notify people' box to invite this recipient.\"", p.Email))
	default:
		r = wire.Failure(http.StatusForbidden, reason, "The domain administrators do not allow sharing with "+p.Email+".")
	}
	return &r
}

// noAccount is Drive's name for sharing with somebody who has no account.
const noAccount = "invalidSharingRequest"

func (g *Google) createPermission(c *tenant.Call) tenant.Reply {
	var body drive.Permission
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f, refused := g.changeable(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	p := &permission{ID: permissionID(body.EmailAddress), Type: body.Type, Role: body.Role, Email: body.EmailAddress, Expires: body.ExpirationTime}
	mailed := c.Query().Get("sendNotificationEmail") != "false"
	switch {
	case p.Type == "anyone":
		p.ID, p.Email, mailed = "anyoneWithLink", "", false
	case p.Type == "domain" && body.Domain == "":
		return wire.Failure(http.StatusBadRequest, "required", "The domain field is required for permissions of type 'domain'.")
	case p.Type == "domain":
		p.ID, p.Email, p.Domain, mailed = permissionID(body.Domain), "", body.Domain, false
	case p.Type != "user" && p.Type != "group" || !strings.Contains(p.Email, "@"):
		return wire.Failure(http.StatusBadRequest, noAccount, "The type must be user or group, with an emailAddress.")
	}
	if !slices.Contains(grantable, p.Role) {
		return wire.Failure(http.StatusBadRequest, "invalid", "The specified role is not valid.")
	}
	c.Subject("file", f.ID)
	if refused := g.refusesReader(p, mailed); refused != nil {
		return *refused
	}
	i := slices.IndexFunc(f.Permissions, func(other *permission) bool { return p.ID == other.ID })
	switch {
	case i < 0:
		f.Permissions = append(slices.Clone(f.Permissions), p)
		c.Effect("shared as %s", p.Role)
	case f.Permissions[i].Role != p.Role:
		c.Effect("role %s -> %s", f.Permissions[i].Role, p.Role)
		f.Permissions = slices.Clone(f.Permissions)
		f.Permissions[i] = p
	}
	if mailed {
		c.Effect("mail about sharing sent")
		g.mail.Deliver(&mailbox.Mail{
			From: "drive-shares-noreply@google.com", To: []string{p.Email},
			Subject: "Spreadsheet shared with you: \"" + f.Name + "\"", Headers: map[string]string{},
		})
	}
	return tenant.JSON(http.StatusOK, p.view(c.Query().Get("fields") != ""))
}

// permission finds a permission of a file. The lock must be held.
func (g *Google) permission(c *tenant.Call, find func(*tenant.Call, string) (*file, *tenant.Reply)) (*file, int, *tenant.Reply) {
	f, refused := find(c, c.Param("id"))
	if refused != nil {
		return nil, 0, refused
	}
	i := slices.IndexFunc(f.Permissions, func(p *permission) bool { return p.ID == c.Param("permission") })
	if i < 0 {
		r := wire.Failure(http.StatusNotFound, "notFound", "Permission not found: "+c.Param("permission")+".")
		return nil, 0, &r
	}
	c.Subject("file", f.ID)
	return f, i, nil
}

func (g *Google) getPermission(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	f, i, refused := g.permission(c, g.visible)
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, f.Permissions[i].view(c.Query().Get("fields") != ""))
}

func (g *Google) updatePermission(c *tenant.Call) tenant.Reply {
	var body struct {
		Role    string `json:"role"`
		Expires string `json:"expirationTime"`
	}
	if err := c.JSON(&body); err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f, i, refused := g.permission(c, g.changeable)
	if refused != nil {
		return *refused
	}
	if !slices.Contains(grantable, body.Role) {
		return wire.Failure(http.StatusBadRequest, "invalid", "The specified role is not valid.")
	}
	changed := *f.Permissions[i]
	if changed.Role != body.Role {
		c.Effect("role %s -> %s", changed.Role, body.Role)
	}
	changed.Role, changed.Expires = body.Role, body.Expires
	f.Permissions = slices.Clone(f.Permissions)
	f.Permissions[i] = &changed
	return tenant.JSON(http.StatusOK, changed.view(c.Query().Get("fields") != ""))
}

func (g *Google) deletePermission(c *tenant.Call) tenant.Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, i, refused := g.permission(c, g.changeable)
	if refused != nil {
		return *refused
	}
	if f.Permissions[i].Role == "owner" {
		return noRight()
	}
	f.Permissions = slices.Delete(slices.Clone(f.Permissions), i, i+1)
	c.Effect("no longer shared")
	return tenant.Empty(http.StatusNoContent)
}
