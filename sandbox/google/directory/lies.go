package directory

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/sandbox/google/wire"
	"gatehouse/sandbox/tenant"
)

// The lies of a list: status 200 and nothing in it; the first page and no other; every third item missing; each page twice; what
// there was when the lie was set. The name "rights" has one lie, "lost": the caller is no administrator any more.
const (
	lieEmpty     = "empty"
	lieFirstPage = "first_page"
	lieMissing   = "missing"
	lieDoubled   = "doubled_pages"
	lieYesterday = "yesterday"
)

// liars are the lists that can lie.
var liars = []string{"users", "groups", "members", "role_assignments", "tokens", "asps", "licences", "transfers"}

// checkLies refuses lies that there are not.
func checkLies(lies map[string]string) error {
	for list, lie := range lies {
		if list == "rights" && lie == "lost" {
			continue
		}
		if !slices.Contains(liars, list) {
			return errors.New("sandbox: lies are told by " + strings.Join(liars, ", ") + " and rights")
		}
		if !slices.Contains([]string{lieEmpty, lieFirstPage, lieMissing, lieDoubled, lieYesterday}, lie) ||
			lie == lieYesterday && list != "users" && list != "groups" && list != "members" {
			return errors.New("sandbox: a list lies by empty, first_page, missing, doubled_pages or, of users, groups and members, yesterday")
		}
	}
	return nil
}

// frozen is what lists show in place of what there is.
type frozen struct {
	users  map[string]*user
	groups map[string]*group
	member map[string]*group
}

// freeze copies what the lists are to go on showing.
func (d *Directory) freeze() {
	d.frozen = frozen{}
	if d.settings.Lies["users"] == lieYesterday {
		d.frozen.users = map[string]*user{}
		for id, u := range d.users {
			still := *u
			still.fields = maps.Clone(u.fields)
			d.frozen.users[id] = &still
		}
	}
	groups := map[string]*group{}
	for id, g := range d.groups {
		still := *g
		still.members = slices.Clone(g.members)
		groups[id] = &still
	}
	if d.settings.Lies["groups"] == lieYesterday {
		d.frozen.groups = groups
	}
	if d.settings.Lies["members"] == lieYesterday {
		d.frozen.member = groups
	}
}

// pages is a list to be shown in pages.
type pages[T any] struct {
	list        string
	usual, most int
	key         func(T) string
	all         []T
	descending  bool
}

// page is one page.
type page[T any] struct {
	items []T
	next  string
}

// reply puts a page into an answer. Google leaves out an empty list.
func (p page[T]) reply(body map[string]any, name string, items []map[string]any) tenant.Reply {
	if len(items) > 0 {
		body[name] = items
	}
	if p.next != "" {
		body["nextPageToken"] = p.next
	}
	return tenant.JSON(http.StatusOK, body)
}

// cursor is a page token: after which item, of which list, and since when.
type cursor struct {
	After string    `json:"a"`
	Again bool      `json:"r,omitempty"`
	Of    string    `json:"o"`
	At    time.Time `json:"t"`
}

// tokenLife is how long a page token is good.
const tokenLife = 72 * time.Hour

// paged returns the page that a call asks for, or what the list's lie makes of it.
func paged[T any](d *Directory, c *tenant.Call, p pages[T]) (page[T], *tenant.Reply) {
	size, bad := wire.Whole(c.Query(), "maxResults", p.usual, p.most)
	if bad != nil {
		return page[T]{}, bad
	}
	from, bad := d.cursor(c)
	if bad != nil {
		return page[T]{}, bad
	}
	all := slices.Clone(p.all)
	slices.SortFunc(all, func(a, b T) int {
		if p.descending {
			a, b = b, a
		}
		return strings.Compare(p.key(a), p.key(b))
	})
	lie := d.settings.Lies[p.list]
	switch lie {
	case lieEmpty:
		return page[T]{}, nil
	case lieMissing:
		i := -1
		all = slices.DeleteFunc(all, func(T) bool { i++; return i%3 == 0 })
	}
	start := 0
	if from.After != "" {
		start = len(all)
		if i := slices.IndexFunc(all, func(v T) bool { return p.key(v) > from.After != p.descending && p.key(v) != from.After }); i >= 0 {
			start = i
		}
	}
	end := min(start+size, len(all))
	out := page[T]{items: all[start:end]}
	if end == len(all) && (lie != lieDoubled || from.Again) {
		return out, nil
	}
	next := cursor{Of: c.Request.Method + c.Path + "?" + filters(c), At: d.t.Now()}
	switch {
	case lie == lieFirstPage:
		return out, nil
	case lie == lieDoubled && !from.Again:
		next.After, next.Again = from.After, true
	default:
		next.After = p.key(all[end-1])
	}
	raw, err := json.Marshal(next)
	if err != nil {
		r := invalid(err.Error())
		return out, &r
	}
	out.next = base64.RawURLEncoding.EncodeToString(raw)
	return out, nil
}

// filters is what a page token is bound to of a query.
func filters(c *tenant.Call) string {
	q := maps.Clone(c.Query())
	for _, name := range []string{"pageToken", "maxResults", "fields", "alt", "prettyPrint", "key"} {
		q.Del(name)
	}
	return q.Encode()
}

// cursor reads the page token of a call.
func (d *Directory) cursor(c *tenant.Call) (at cursor, bad *tenant.Reply) {
	token := c.Query().Get("pageToken")
	if token == "" {
		return cursor{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(raw, &at)
	}
	if err != nil || at.Of != c.Request.Method+c.Path+"?"+filters(c) || d.t.Now().Sub(at.At) > tokenLife {
		r := invalid("pageToken")
		return cursor{}, &r
	}
	return at, nil
}
