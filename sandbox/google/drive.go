package google

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/tenant"
)

// The file types that matter here.
const (
	folderType = "application/vnd.google-apps.folder"
	sheetType  = "application/vnd.google-apps.spreadsheet"
)

// file is a file in Drive.
type file struct {
	ID, Name, MimeType string
	Parents            []string
	// Drive is the shared drive it is on, "" for the owner's My Drive.
	Drive, Owner  string
	AppProperties map[string]string
	Created       time.Time
	Trashed       bool
	Permissions   []*permission
}

type permission struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Role  string `json:"role"`
	Email string `json:"emailAddress,omitempty"`
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

// addFile keeps a file. The lock must be held, or the domain not be shared yet.
func (g *Google) addFile(f *file) {
	g.files[f.ID] = f
	g.order = append(g.order, f.ID)
}

func (g *Google) driveRoutes() []tenant.Route {
	const files = "/drive/v3/files"
	all := func(names ...string) []string {
		return common(append(names, "supportsAllDrives", "supportsTeamDrives", "includePermissionsForView")...)
	}
	return []tenant.Route{
		{Method: "POST", Path: files, Op: "google.drive.create_file", Scope: driveWrite, Query: all("enforceSingleParent", "ignoreDefaultVisibility", "keepRevisionForever", "ocrLanguage", "useContentAsIndexableText", "includeLabels"), Handle: g.createFile},
		{Method: "GET", Path: files, Op: "google.drive.list_files", Scope: driveRead, Query: all("q", "corpora", "driveId", "includeItemsFromAllDrives", "orderBy", "pageSize", "pageToken", "spaces"), Handle: g.listFiles},
		{Method: "GET", Path: files + "/generateIds", Op: "google.drive.generate_ids", Scope: driveWrite, Query: common("count", "space", "type"), Handle: g.generateIDs},
		{Method: "GET", Path: files + "/{id}", Op: "google.drive.get_file", Scope: driveRead, Query: all("acknowledgeAbuse"), Handle: g.getFile},
		{Method: "GET", Path: files + "/{id}/permissions", Op: "google.drive.list_permissions", Scope: driveRead, Query: all("pageSize", "pageToken", "useDomainAdminAccess"), Handle: g.listPermissions},
		{Method: "POST", Path: files + "/{id}/permissions", Op: "google.drive.create_permission", Scope: driveWrite, Query: all("sendNotificationEmail", "emailMessage", "transferOwnership", "moveToNewOwnersRoot", "useDomainAdminAccess", "enforceExpansiveAccess"), Handle: g.createPermission},
		{Method: "PATCH", Path: files + "/{id}/permissions/{permission}", Op: "google.drive.update_permission", Scope: driveWrite, Query: all("removeExpiration", "transferOwnership", "useDomainAdminAccess", "enforceExpansiveAccess"), Handle: g.updatePermission},
	}
}

// visible returns a file the caller may see, and refuses one on a shared drive to a caller who does not say that it
// knows shared drives. The lock must be held.
func (g *Google) visible(c *tenant.Call, id string) (*file, *tenant.Reply) {
	f := g.files[id]
	if f == nil || f.Drive != "" && c.Query().Get("supportsAllDrives") != "true" || f.Drive == "" && f.Owner != c.ClientName() {
		r := failure(http.StatusNotFound, "notFound", "File not found: "+id+".")
		return nil, &r
	}
	return f, nil
}

// Long because it checks a new file in the order in which Drive does.
func (g *Google) createFile(c *tenant.Call) tenant.Reply {
	var body struct {
		ID            string            `json:"id"`
		Name          string            `json:"name"`
		MimeType      string            `json:"mimeType"`
		Parents       []string          `json:"parents"`
		AppProperties map[string]string `json:"appProperties"`
		Description   string            `json:"description"`
	}
	if err := c.JSON(&body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(body.Parents) > 1 {
		return failure(http.StatusForbidden, "multipleParentsInsertionNotSupported", "A file cannot be in more than one folder.")
	}
	if body.MimeType != folderType && body.MimeType != sheetType {
		return invalid("The sandbox makes folders and spreadsheets only.")
	}
	f := &file{
		ID: body.ID, Name: body.Name, MimeType: body.MimeType, Parents: body.Parents, Owner: c.ClientName(),
		AppProperties: body.AppProperties, Created: g.t.Now(),
	}
	if f.Name == "" {
		f.Name = "Untitled"
	}
	if f.ID != "" {
		if f.MimeType == sheetType {
			return invalid("Pre-generated IDs are not supported for Google Docs, Sheets and Slides.")
		}
		if g.files[f.ID] != nil {
			return failure(http.StatusConflict, "fileIdInUse", "A file already exists with the provided ID.")
		}
		if !g.pregen[f.ID] {
			return invalid("The provided file ID is not usable.")
		}
	}
	for _, p := range f.Parents {
		parent, refused := g.visible(c, p)
		if refused != nil {
			return *refused
		}
		f.Drive, f.Permissions = parent.Drive, slices.Clone(parent.Permissions)
	}
	if f.Drive != "" {
		f.Owner = ""
	} else {
		f.Parents = []string{"root"}
		f.Permissions = []*permission{{ID: permissionID(c.ClientName()), Type: "user", Role: "owner", Email: c.ClientName()}}
	}
	if f.ID == "" {
		f.ID = "1" + g.t.Secret()
	}
	g.addFile(f)
	kind := "folder"
	if f.MimeType == sheetType {
		kind = "spreadsheet"
		g.books[f.ID] = newBook(f.ID)
	}
	c.Subject("file", f.ID)
	c.Effect("%s created", kind)
	return tenant.JSON(http.StatusOK, fileView(f, c.Query().Get("fields") != ""))
}

// fileView is a file as Drive shows it; without a field mask it is four fields.
func fileView(f *file, all bool) map[string]any {
	v := map[string]any{"kind": "drive#file", "id": f.ID, "name": f.Name, "mimeType": f.MimeType}
	if all {
		v["parents"], v["appProperties"], v["createdTime"] = f.Parents, f.AppProperties, f.Created.Format(time.RFC3339Nano)
		v["trashed"], v["driveId"] = f.Trashed, f.Drive
	}
	return v
}

func (g *Google) getFile(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	f, refused := g.visible(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	return tenant.JSON(http.StatusOK, fileView(f, c.Query().Get("fields") != ""))
}

func (g *Google) generateIDs(c *tenant.Call) tenant.Reply {
	count := 10
	if text := c.Query().Get("count"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return invalid("Invalid value '%s' for count.", text)
		}
		count = n
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var ids []string
	for range count {
		id := "1" + g.t.Secret()
		g.pregen[id] = true
		ids = append(ids, id)
	}
	return tenant.JSON(http.StatusOK, map[string]any{"kind": "drive#generatedIds", "space": "drive", "ids": ids})
}

// term is one condition of a search. The sandbox knows those below, joined by "and".
var terms = []struct {
	form  *regexp.Regexp
	match func(f *file, m []string) bool
}{
	{regexp.MustCompile(`^'((?:[^'\\]|\\.)*)' in parents`), func(f *file, m []string) bool { return slices.Contains(f.Parents, m[1]) }},
	{
		regexp.MustCompile(`^appProperties has \{ ?key='((?:[^'\\]|\\.)*)' and value='((?:[^'\\]|\\.)*)' ?\}`),
		func(f *file, m []string) bool { v, ok := f.AppProperties[m[1]]; return ok && v == m[2] },
	},
	{regexp.MustCompile(`^trashed ?= ?(true|false)`), func(f *file, m []string) bool { return strconv.FormatBool(f.Trashed) == m[1] }},
	{regexp.MustCompile(`^mimeType ?= ?'([^']*)'`), func(f *file, m []string) bool { return f.MimeType == m[1] }},
	{regexp.MustCompile(`^name ?= ?'((?:[^'\\]|\\.)*)'`), func(f *file, m []string) bool { return f.Name == m[1] }},
}

// search turns a query into a condition; ok is false for one that cannot be understood.
func search(q string) (match func(*file) bool, ok bool) {
	var all []func(*file) bool
	for q != "" {
		found := false
		for _, t := range terms {
			m := t.form.FindStringSubmatch(q)
			if m == nil {
				continue
			}
			for i := range m[1:] {
				m[i+1] = strings.NewReplacer(`\'`, `'`, `\\`, `\`).Replace(m[i+1])
			}
			all = append(all, func(f *file) bool { return t.match(f, m) })
			q, found = q[len(m[0]):], true
			break
		}
		if !found {
			return nil, false
		}
		if q == "" {
			break
		}
		if q, found = strings.CutPrefix(q, " and "); !found || q == "" {
			return nil, false
		}
	}
	return func(f *file) bool {
		return !slices.ContainsFunc(all, func(match func(*file) bool) bool { return !match(f) })
	}, true
}

// listFiles searches an index that lags behind.
func (g *Google) listFiles(c *tenant.Call) tenant.Reply {
	q := c.Query()
	match, ok := search(q.Get("q"))
	if !ok {
		return failure(http.StatusBadRequest, "invalid", "Invalid Value")
	}
	drives := q.Get("supportsAllDrives") == "true" && q.Get("includeItemsFromAllDrives") == "true"
	if q.Get("corpora") == "drive" && (q.Get("driveId") == "" || !drives) {
		return failure(http.StatusBadRequest, "invalid", "The driveId parameter must be specified if and only if corpora is set to drive, with supportsAllDrives and includeItemsFromAllDrives.")
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	known := g.t.Now().Add(-time.Duration(g.settings.IndexLagMS) * time.Millisecond)
	list := []map[string]any{}
	for _, id := range g.order {
		f := g.files[id]
		hidden := f.Drive != "" && !drives || f.Drive == "" && f.Owner != c.ClientName() ||
			q.Get("driveId") != "" && f.Drive != q.Get("driveId")
		if hidden || f.Created.After(known) || !match(f) {
			continue
		}
		list = append(list, fileView(f, q.Get("fields") != ""))
	}
	return tenant.JSON(http.StatusOK, map[string]any{"kind": "drive#fileList", "incompleteSearch": false, "files": list})
}

func (g *Google) listPermissions(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	f, refused := g.visible(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	list := []map[string]any{}
	for _, p := range f.Permissions {
		v := map[string]any{"kind": "drive#permission", "id": p.ID, "type": p.Type, "role": p.Role}
		if c.Query().Get("fields") != "" {
			// Without a field mask Drive does not say whose permission it is.
			v["emailAddress"] = p.Email
		}
		list = append(list, v)
	}
	return tenant.JSON(http.StatusOK, map[string]any{"kind": "drive#permissionList", "permissions": list})
}

// grantable are the roles that can be given.
var grantable = []string{"reader", "commenter", "writer"}

func (g *Google) createPermission(c *tenant.Call) tenant.Reply {
	var body permission
	if err := c.JSON(&body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f, refused := g.visible(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	if body.Type != "user" && body.Type != "group" || !strings.Contains(body.Email, "@") {
		return failure(http.StatusBadRequest, "invalidSharingRequest", "The type must be user or group, with an emailAddress.")
	}
	if !slices.Contains(grantable, body.Role) {
		return failure(http.StatusBadRequest, "invalid", "The specified role is not valid.")
	}
	c.Subject("file", f.ID)
	body.ID = permissionID(body.Email)
	i := slices.IndexFunc(f.Permissions, func(p *permission) bool { return p.ID == body.ID })
	switch {
	case i < 0:
		f.Permissions = append(f.Permissions, &body)
		c.Effect("shared as %s", body.Role)
	case f.Permissions[i].Role != body.Role:
		c.Effect("role %s -> %s", f.Permissions[i].Role, body.Role)
		f.Permissions[i] = &body
	}
	if c.Query().Get("sendNotificationEmail") != "false" {
		c.Effect("mail about sharing sent")
		g.mails = append(g.mails, &Mail{
			ID: g.mailID(), At: g.t.Now(), From: "drive-shares-noreply@google.com", To: []string{body.Email},
			Subject: "Spreadsheet shared with you: \"" + f.Name + "\"", Headers: map[string]string{},
		})
	}
	return tenant.JSON(http.StatusOK, map[string]any{"kind": "drive#permission", "id": body.ID, "type": body.Type, "role": body.Role})
}

func (g *Google) updatePermission(c *tenant.Call) tenant.Reply {
	var body struct {
		Role string `json:"role"`
	}
	if err := c.JSON(&body); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f, refused := g.visible(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	i := slices.IndexFunc(f.Permissions, func(p *permission) bool { return p.ID == c.Param("permission") })
	if i < 0 {
		return failure(http.StatusNotFound, "notFound", "Permission not found: "+c.Param("permission")+".")
	}
	if !slices.Contains(grantable, body.Role) {
		return failure(http.StatusBadRequest, "invalid", "The specified role is not valid.")
	}
	c.Subject("file", f.ID)
	changed := *f.Permissions[i]
	if changed.Role != body.Role {
		c.Effect("role %s -> %s", changed.Role, body.Role)
	}
	changed.Role = body.Role
	f.Permissions[i] = &changed
	return tenant.JSON(http.StatusOK, map[string]any{"kind": "drive#permission", "id": changed.ID, "type": changed.Type, "role": changed.Role})
}
