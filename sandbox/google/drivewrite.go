package google

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/drive/v3"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// maxProperty is how many bytes a property and its name have together. Source: Google, "Add custom file properties".
const maxProperty = 124

// merged is properties with changes, of which a null takes one away. Source: Google, "Add custom file properties".
func merged(old, changes map[string]string, cleared map[string]*string) (map[string]string, bool) {
	out := maps.Clone(old)
	if out == nil {
		out = map[string]string{}
	}
	for name, value := range changes {
		if len(name)+len(value) > maxProperty {
			return nil, false
		}
		out[name] = value
		if now, told := cleared[name]; told && now == nil {
			delete(out, name)
		}
	}
	return out, true
}

// said reports that the text of a request has a key.
func said(c *tenant.Call, key string) bool { return bytes.Contains(c.Body, []byte(`"`+key+`"`)) }

// put gives a file what a request says of it, but for its place.
func (f *file) put(c *tenant.Call, body drive.File) *tenant.Reply {
	// What is null in the request is cleared, which the library reads as empty.
	var cleared struct {
		AppProperties, Properties map[string]*string
	}
	if json.Unmarshal(c.Body, &cleared) != nil {
		cleared.AppProperties, cleared.Properties = nil, nil // An upload, whose parts say the rest.
	}
	own, fits := merged(f.AppProperties, body.AppProperties, cleared.AppProperties)
	open, fit := merged(f.Properties, body.Properties, cleared.Properties)
	if !fits || !fit {
		r := wire.Failure(http.StatusBadRequest, "invalid", "A property and its name have at most 124 bytes.")
		return &r
	}
	f.AppProperties, f.Properties = own, open
	if body.Name != "" {
		f.Name = body.Name
	}
	// The library leaves out what is empty or false: only the text of the request tells it from what is not said.
	if said(c, "description") {
		f.Description = body.Description
	}
	if said(c, "starred") {
		f.Starred = body.Starred
	}
	return nil
}

// settle puts a new file where it belongs: into a folder, whose drive and readers it takes over, or into the caller's My Drive.
// The lock must be held.
func (g *Google) settle(c *tenant.Call, f *file, parents []string) *tenant.Reply {
	if len(parents) > 1 {
		r := wire.Failure(http.StatusForbidden, "multipleParentsInsertionNotSupported", "A file cannot be in more than one folder.")
		return &r
	}
	f.Parents, f.Owner = []string{"root"}, c.ClientName()
	f.Permissions = []*permission{{ID: permissionID(c.ClientName()), Type: "user", Role: "owner", Email: c.ClientName()}}
	if len(parents) == 0 || parents[0] == "root" {
		return nil
	}
	parent, refused := g.changeable(c, parents[0])
	switch {
	case refused != nil:
		return refused
	case parent.MimeType != folderType:
		r := wire.Failure(http.StatusForbidden, "parentNotAFolder", "The specified parent is not a folder.")
		return &r
	}
	f.Parents = slices.Clone(parents)
	if parent.Drive != "" {
		f.Drive, f.Owner, f.Permissions = parent.Drive, "", slices.Clone(parent.Permissions)
		return nil
	}
	for _, p := range parent.Permissions {
		if p.Email != c.ClientName() && p.Role != "owner" {
			f.Permissions = append(f.Permissions, p)
		}
	}
	return nil
}

// given takes an id that the caller had generated.
func (g *Google) given(f *file, id string) *tenant.Reply {
	var r tenant.Reply
	switch {
	case id == "":
		f.ID = "1" + g.t.Secret()
		return nil
	case f.MimeType == sheetType:
		r = wire.Invalid("Pre-generated IDs are not supported for Google Docs, Sheets and Slides.")
	case g.files[id] != nil:
		r = wire.Failure(http.StatusConflict, "fileIdInUse", "A file already exists with the provided ID.")
	case !g.pregen[id]:
		r = wire.Invalid("The provided file ID is not usable.")
	default:
		f.ID = id
		return nil
	}
	return &r
}

func (g *Google) createFile(c *tenant.Call) tenant.Reply {
	var body drive.File
	content, err := wire.Uploaded(c, &body)
	if err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f := &file{Name: "Untitled", MimeType: body.MimeType, Created: g.t.Now()}
	if f.MimeType == "" && content != nil {
		f.MimeType = content.Kind
	}
	if f.MimeType == "" {
		f.MimeType = "application/octet-stream"
	}
	if strings.HasPrefix(f.MimeType, "application/vnd.google-apps.") && f.MimeType != folderType && f.MimeType != sheetType {
		return wire.Invalid("The provided MIME type is not one that the sandbox makes: folders, spreadsheets and what is uploaded.")
	}
	if refused := cmp.Or(g.given(f, body.Id), f.put(c, body), g.settle(c, f, body.Parents)); refused != nil {
		return *refused
	}
	kind := "file"
	switch f.MimeType {
	case folderType:
		kind = "folder"
	case sheetType:
		kind = "spreadsheet"
		b := newBook(f.ID)
		if refused := b.importCSV(content); refused != nil {
			return *refused
		}
		g.books[f.ID] = b
	default:
		f.Content = []byte{}
		if content != nil {
			f.Content = content.Data
		}
	}
	g.addFile(f)
	return written(c, f, kind+" created")
}

// written answers with a file as it is now, and says in the journal what was done to it.
func written(c *tenant.Call, f *file, effect string) tenant.Reply {
	c.Subject("file", f.ID)
	c.Effect("%s", effect)
	return tenant.JSON(http.StatusOK, fileView(f, c.Query().Get("fields") != ""))
}

// importCSV fills a new spreadsheet with what was uploaded.
func (b *book) importCSV(content *wire.Media) *tenant.Reply {
	if content == nil {
		return nil
	}
	rows, err := csv.NewReader(bytes.NewReader(content.Data)).ReadAll()
	if err != nil || !strings.HasPrefix(content.Kind, "text/csv") {
		r := wire.Invalid("The content cannot be converted to a spreadsheet.")
		return &r
	}
	s := b.sheets[0]
	for i, row := range rows {
		s.rows = max(s.rows, int64(i)+1)
		for j, value := range row {
			s.cols = max(s.cols, int64(j)+1)
			s.set(int64(i), int64(j), typed(cell{text, value}))
		}
	}
	return nil
}

func (g *Google) updateFile(c *tenant.Call) tenant.Reply {
	var body drive.File
	content, err := wire.Uploaded(c, &body)
	if err != nil {
		return wire.Malformed(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	old, refused := g.changeable(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	f := *old
	if refused := f.put(c, body); refused != nil {
		return *refused
	}
	if content != nil {
		if f.Content == nil {
			return wire.Invalid("The content of a folder or a spreadsheet cannot be replaced here.")
		}
		f.Content = content.Data
	}
	// Its library leaves out what is false: only the text of the request tells it from what is not said.
	f.Trashed = body.Trashed || f.Trashed && !said(c, "trashed")
	if refused := g.reparent(c, &f); refused != nil {
		return *refused
	}
	f.Modified = g.t.Now()
	g.files[f.ID] = &f
	return written(c, &f, "file changed")
}

// parent is the folder that a file is in, "" if it is in none.
func (f *file) parent() string {
	if len(f.Parents) == 0 {
		return ""
	}
	return f.Parents[0]
}

// reparent moves a file between folders. It is in one at a time.
func (g *Google) reparent(c *tenant.Call, f *file) *tenant.Reply {
	add, remove := c.Query().Get("addParents"), c.Query().Get("removeParents")
	if add == "" && remove == "" {
		return nil
	}
	if add == "" || strings.Contains(add, ",") || len(f.Parents) > 0 && !slices.Equal(strings.Split(remove, ","), f.Parents) {
		r := wire.Failure(http.StatusForbidden, "cannotAddParent", "A file is in one folder: name the one it leaves in removeParents.")
		return &r
	}
	parent, refused := g.changeable(c, add)
	if refused != nil {
		return refused
	}
	if parent.Drive != f.Drive {
		r := wire.Failure(http.StatusForbidden, "cannotMoveBetweenDrives", "The sandbox moves nothing between drives.")
		return &r
	}
	for above := parent; above != nil; above = g.files[above.parent()] {
		if above.ID == f.ID {
			r := wire.Failure(http.StatusForbidden, "cannotAddParent", "A folder cannot be moved into itself or into one that it holds.")
			return &r
		}
	}
	f.Parents = []string{add}
	return nil
}

// deleteFile deletes for good. On a shared drive only organizers may; others put a file into the trash.
func (g *Google) deleteFile(c *tenant.Call) tenant.Reply {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, refused := g.changeable(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	if role := f.role(c.ClientName()); role != "owner" && role != "organizer" {
		return noRight()
	}
	g.remove(f.ID)
	c.Subject("file", f.ID)
	c.Effect("file deleted")
	return tenant.Empty(http.StatusNoContent)
}

// remove takes a file away with everything in it. The lock must be held.
func (g *Google) remove(id string) {
	delete(g.files, id)
	delete(g.books, id)
	g.order = slices.DeleteFunc(g.order, func(other string) bool { return other == id })
	for _, other := range slices.Clone(g.order) {
		if f := g.files[other]; f != nil && slices.Contains(f.Parents, id) {
			g.remove(other)
		}
	}
}

func (g *Google) copyFile(c *tenant.Call) tenant.Reply {
	var body drive.File
	if len(c.Body) > 0 {
		if err := c.JSON(&body); err != nil {
			return wire.Malformed(err)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	from, refused := g.visible(c, c.Param("id"))
	if refused != nil {
		return *refused
	}
	if from.MimeType == folderType {
		return wire.Failure(http.StatusForbidden, "cannotCopyFile", "This file cannot be copied by the user.")
	}
	parents := body.Parents
	if len(parents) == 0 {
		parents = from.Parents
	}
	f := &file{Name: "Copy of " + from.Name, MimeType: from.MimeType, Created: g.t.Now(), Content: from.Content, Properties: from.Properties, AppProperties: from.AppProperties}
	if refused := cmp.Or(g.given(f, body.Id), f.put(c, body), g.settle(c, f, parents)); refused != nil {
		return *refused
	}
	if b := g.books[from.ID]; b != nil {
		copied := b.clone()
		copied.id = f.ID
		for _, s := range copied.sheets {
			s.data = slices.Clone(s.data)
			s.shared = false
		}
		g.books[f.ID] = copied
	}
	g.addFile(f)
	return written(c, f, "file copied")
}
