package google

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/drive/v3"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// The file types that matter here.
const (
	folderType = "application/vnd.google-apps.folder"
	sheetType  = "application/vnd.google-apps.spreadsheet"
)

// file is a file in Drive.
type file struct {
	ID, Name, MimeType, Description string
	Parents                         []string
	// Drive is the shared drive it is on, "" for the owner's My Drive.
	Drive, Owner              string
	AppProperties, Properties map[string]string
	Created, Modified         time.Time
	Trashed, Starred          bool
	Permissions               []*permission
	// Content is what was uploaded. Folders and spreadsheets have none.
	Content []byte
}

// addFile keeps a file. The lock must be held, or the domain not be shared yet.
func (g *Google) addFile(f *file) {
	f.Modified = f.Created
	g.files[f.ID] = f
	g.order = append(g.order, f.ID)
}

func (g *Google) driveRoutes() []tenant.Route {
	const files = "/drive/v3/files"
	all := func(names ...string) []string {
		return wire.Common(append(names, "supportsAllDrives", "supportsTeamDrives", "includePermissionsForView", "enforceSingleParent")...)
	}
	create := all("uploadType", "ignoreDefaultVisibility", "keepRevisionForever", "ocrLanguage", "useContentAsIndexableText", "includeLabels")
	update := all("uploadType", "addParents", "removeParents", "keepRevisionForever", "ocrLanguage", "useContentAsIndexableText", "includeLabels")
	person := func(names ...string) []string { return all(append(names, "useDomainAdminAccess")...) }
	return []tenant.Route{
		{Method: "POST", Path: files, Op: "google.drive.create_file", Scope: driveWrite, Query: create, Handle: wire.Masked(g.createFile, drive.File{})},
		{Method: "POST", Path: "/upload" + files, Op: "google.drive.create_file", Scope: driveWrite, Query: create, Handle: wire.Masked(g.createFile, drive.File{})},
		{Method: "GET", Path: files, Op: "google.drive.list_files", Scope: driveRead, Query: all("q", "corpora", "driveId", "includeItemsFromAllDrives", "orderBy", "pageSize", "pageToken", "spaces", "includeLabels"), Handle: wire.Masked(g.listFiles, drive.FileList{})},
		{Method: "GET", Path: files + "/generateIds", Op: "google.drive.generate_ids", Scope: driveWrite, Query: wire.Common("count", "space", "type"), Handle: wire.Masked(g.generateIDs, drive.GeneratedIds{})},
		{Method: "GET", Path: files + "/{id}", Op: "google.drive.get_file", Scope: driveRead, Query: all("acknowledgeAbuse", "includeLabels"), Handle: wire.Masked(g.getFile, drive.File{})},
		{Method: "PATCH", Path: files + "/{id}", Op: "google.drive.update_file", Scope: driveWrite, Query: update, Handle: wire.Masked(g.updateFile, drive.File{})},
		{Method: "PATCH", Path: "/upload" + files + "/{id}", Op: "google.drive.update_file", Scope: driveWrite, Query: update, Handle: wire.Masked(g.updateFile, drive.File{})},
		{Method: "DELETE", Path: files + "/{id}", Op: "google.drive.delete_file", Scope: driveWrite, Query: all(), Handle: g.deleteFile},
		{Method: "POST", Path: files + "/{id}/copy", Op: "google.drive.copy_file", Scope: driveWrite, Query: all("copyComments", "ignoreDefaultVisibility", "keepRevisionForever", "ocrLanguage", "includeLabels"), Handle: wire.Masked(g.copyFile, drive.File{})},
		{Method: "GET", Path: files + "/{id}/permissions", Op: "google.drive.list_permissions", Scope: driveRead, Query: person("pageSize", "pageToken"), Handle: wire.Masked(g.listPermissions, drive.PermissionList{})},
		{Method: "POST", Path: files + "/{id}/permissions", Op: "google.drive.create_permission", Scope: driveWrite, Query: person("sendNotificationEmail", "emailMessage", "transferOwnership", "moveToNewOwnersRoot", "enforceExpansiveAccess"), Handle: wire.Masked(g.createPermission, drive.Permission{})},
		{Method: "GET", Path: files + "/{id}/permissions/{permission}", Op: "google.drive.get_permission", Scope: driveRead, Query: person(), Handle: wire.Masked(g.getPermission, drive.Permission{})},
		{Method: "PATCH", Path: files + "/{id}/permissions/{permission}", Op: "google.drive.update_permission", Scope: driveWrite, Query: person("removeExpiration", "transferOwnership", "enforceExpansiveAccess"), Handle: wire.Masked(g.updatePermission, drive.Permission{})},
		{Method: "DELETE", Path: files + "/{id}/permissions/{permission}", Op: "google.drive.delete_permission", Scope: driveWrite, Query: person("enforceExpansiveAccess"), Handle: g.deletePermission},
	}
}

// role is what somebody may do with a file, "" for nothing.
func (f *file) role(email string) string {
	for _, p := range f.Permissions {
		if p.Type == "anyone" || strings.EqualFold(p.Email, email) || p.Type == "domain" && strings.HasSuffix(email, "@"+p.Domain) {
			return p.Role
		}
	}
	return ""
}

// hidden reports that a caller cannot see a file: it is nobody's of theirs, or on a shared drive while they do not say that
// they know shared drives.
func (f *file) hidden(email string, drives bool) bool {
	return f.role(email) == "" || f.Drive != "" && !drives
}

// visible returns a file the caller may see. The lock must be held.
func (g *Google) visible(c *tenant.Call, id string) (*file, *tenant.Reply) {
	f := g.files[id]
	if f == nil || f.hidden(c.ClientName(), knowsDrives(c.Query())) {
		r := wire.Failure(http.StatusNotFound, "notFound", "File not found: "+id+".")
		return nil, &r
	}
	return f, nil
}

func knowsDrives(q url.Values) bool {
	return q.Get("supportsAllDrives") == "true" || q.Get("supportsTeamDrives") == "true"
}

// changeable is visible for whoever wants to change the file.
func (g *Google) changeable(c *tenant.Call, id string) (*file, *tenant.Reply) {
	f, refused := g.visible(c, id)
	if refused == nil && !slices.Contains([]string{"owner", "organizer", "fileOrganizer", "writer"}, f.role(c.ClientName())) {
		r := noRight()
		return nil, &r
	}
	return f, refused
}

func noRight() tenant.Reply {
	return wire.Failure(http.StatusForbidden, "insufficientFilePermissions", "The user does not have sufficient permissions for this file.")
}

// fileView is a file as Drive shows it; without a field mask it is four fields.
func fileView(f *file, all bool) map[string]any {
	v := map[string]any{"kind": "drive#file", "id": f.ID, "name": f.Name, "mimeType": f.MimeType}
	if !all {
		return v
	}
	maps.Copy(v, map[string]any{
		"parents": f.Parents, "createdTime": f.Created.Format(time.RFC3339Nano), "modifiedTime": f.Modified.Format(time.RFC3339Nano),
		"trashed": f.Trashed, "starred": f.Starred, "webViewLink": "https://drive.google.com/file/d/" + f.ID + "/view",
	})
	if f.MimeType == sheetType {
		v["webViewLink"] = "https://docs.google.com/spreadsheets/d/" + f.ID + "/edit"
	}
	if f.Content != nil {
		v["size"] = strconv.Itoa(len(f.Content))
	}
	if f.Description != "" {
		v["description"] = f.Description
	}
	if len(f.AppProperties) > 0 {
		v["appProperties"] = f.AppProperties
	}
	if len(f.Properties) > 0 {
		v["properties"] = f.Properties
	}
	if f.Drive != "" {
		v["driveId"] = f.Drive
		return v // What is on a shared drive has no owner, and lists no permissions here.
	}
	v["owners"] = []map[string]any{{"kind": "drive#user", "emailAddress": f.Owner, "permissionId": permissionID(f.Owner)}}
	permissions := []map[string]any{}
	for _, p := range f.Permissions {
		permissions = append(permissions, p.view(true))
	}
	v["permissions"], v["shared"] = permissions, len(permissions) > 1
	return v
}

func (g *Google) getFile(c *tenant.Call) tenant.Reply {
	g.mu.RLock()
	defer g.mu.RUnlock()
	f, refused := g.visible(c, c.Param("id"))
	switch {
	case refused != nil:
		return *refused
	case c.Query().Get("alt") != "media":
		return tenant.JSON(http.StatusOK, fileView(f, c.Query().Get("fields") != ""))
	case f.MimeType == sheetType || f.MimeType == folderType:
		return wire.Failure(http.StatusForbidden, "fileNotDownloadable", "Only files with binary content can be downloaded. Use Export with Docs Editors files.")
	}
	return tenant.Raw(http.StatusOK, f.MimeType, f.Content)
}

func (g *Google) generateIDs(c *tenant.Call) tenant.Reply {
	count, bad := wire.Whole(c.Query(), "count", 10, 1000)
	if bad != nil {
		return *bad
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

// listFiles searches an index that lags behind.
func (g *Google) listFiles(c *tenant.Call) tenant.Reply {
	q := c.Query()
	match, err := search(q.Get("q"), c.ClientName())
	if err != nil {
		return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Value")
	}
	order, err := ordering(q.Get("orderBy"))
	if err != nil {
		return wire.Failure(http.StatusBadRequest, "invalid", "Invalid Value")
	}
	drives := knowsDrives(q) && q.Get("includeItemsFromAllDrives") == "true"
	if (q.Get("corpora") == "drive") != (q.Get("driveId") != "") || q.Get("driveId") != "" && !drives {
		return wire.Failure(http.StatusBadRequest, "invalid", "The driveId parameter must be specified if and only if corpora is set to drive, with supportsAllDrives and includeItemsFromAllDrives.")
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	known := g.t.Now().Add(-time.Duration(g.settings.IndexLagMS) * time.Millisecond)
	var found []*file
	for _, id := range g.order {
		f := g.files[id]
		if f.hidden(c.ClientName(), drives) || q.Get("driveId") != "" && f.Drive != q.Get("driveId") || f.Created.After(known) || !match(f) {
			continue
		}
		found = append(found, f)
	}
	slices.SortStableFunc(found, order)
	page, next, bad := wire.Paged(q, "pageSize", 100, 1000, found)
	if bad != nil {
		return *bad
	}
	list := []map[string]any{}
	for _, f := range page {
		list = append(list, fileView(f, q.Get("fields") != ""))
	}
	out := map[string]any{"kind": "drive#fileList", "incompleteSearch": false, "files": list}
	if next != "" {
		out["nextPageToken"] = next
	}
	return tenant.JSON(http.StatusOK, out)
}
