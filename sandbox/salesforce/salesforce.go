package salesforce

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"gatehouse/sandbox/tenant"
)

// Name is the vendor's prefix and its name in the journal.
const Name = "salesforce"

// orgID is the org's own id.
const orgID = "00DAc0000000001MAA"

// Salesforce is a simulated org.
type Salesforce struct {
	t   *tenant.Tenant
	key Key

	mu     sync.Mutex
	tables tables
	serial int
	// copy is what was there when the lie of yesterday's copy began, nil without it.
	copy     tables
	sessions map[string]*session
	cursors  map[string]*cursor
	// holds are why a user cannot be deactivated, by id; locks are how many more writes find a record locked.
	holds map[string][]string
	locks map[string]int
	// elsewhere are usernames that other orgs have, in lower case.
	elsewhere map[string]bool
	// passwords are what users sign in with, as it was set last, and resets how often that was.
	passwords map[string]string
	resets    map[string]int
	settings  Settings
	used      int
}

// New returns an org with its profiles, permission sets and the users that clients run as.
func New(t *tenant.Tenant, key Key) *Salesforce {
	s := &Salesforce{
		t: t, key: key, tables: newTables(), sessions: map[string]*session{}, cursors: map[string]*cursor{},
		holds: map[string][]string{}, locks: map[string]int{}, passwords: map[string]string{}, resets: map[string]int{},
		elsewhere: map[string]bool{"taken@elsewhere.example": true},
	}
	s.furnish()
	return s
}

// Vendor is the org's HTTP face.
func (s *Salesforce) Vendor() tenant.Vendor {
	return tenant.Vendor{
		Name: Name, Routes: s.routes(), Guard: s.guard, Finish: s.finish,
		Unknown:     func(*tenant.Call) tenant.Reply { return notFound().reply() },
		WrongMethod: func(*tenant.Call, string) tenant.Reply { return failure(http.StatusMethodNotAllowed) },
		BadQuery: func(_ *tenant.Call, name string) tenant.Reply {
			// Stricter than Salesforce, which ignores some.
			return refused("INVALID_QUERY_PARAMETER", "unknown query parameter: "+name).reply()
		},
		TooLarge: func(*tenant.Call) tenant.Reply {
			return plain(http.StatusRequestEntityTooLarge, "REQUEST_ENTITY_TOO_LARGE", "The request is too large").reply()
		},
		Failure: func(_ *tenant.Call, status int) tenant.Reply { return failure(status) },
		RateLimited: func(_ *tenant.Call, status, _ int) tenant.Reply {
			if status == 0 {
				status = http.StatusForbidden
			}
			f := *failures[http.StatusForbidden]
			f.status = status
			return f.reply()
		},
	}
}

func (s *Salesforce) routes() []tenant.Route {
	const data = "/services/data/{version}"
	none, byFields := []string{}, []string{"fields"}
	out := []tenant.Route{
		{Method: "POST", Path: "/services/oauth2/token", Op: "salesforce.token", Query: none, Handle: s.issueToken},
		{Method: "POST", Path: "/services/oauth2/revoke", Op: "salesforce.revoke", Query: none, Handle: s.revoke},
		{Method: "GET", Path: "/id/{org}/{user}", Op: "salesforce.identity", Handle: s.identity},
		{Method: "GET", Path: "/services/data", Op: "salesforce.versions", Query: none, Handle: s.versions},
	}
	for _, r := range []tenant.Route{
		{Method: "GET", Path: "", Op: "resources", Query: none},
		{Method: "GET", Path: "/limits", Op: "limits", Query: none},
		{Method: "GET", Path: "/query", Op: "query", Query: []string{"q"}},
		{Method: "GET", Path: "/query/", Op: "query", Query: []string{"q"}},
		{Method: "GET", Path: "/query/{locator}", Op: "query_more", Query: none},
		{Method: "GET", Path: "/sobjects", Op: "describe_global", Query: none},
		{Method: "GET", Path: "/sobjects/{object}/describe", Op: "describe", Query: none},
		{Method: "POST", Path: "/sobjects/{object}", Op: "create", Query: none},
		{Method: "POST", Path: "/sobjects/{object}/", Op: "create", Query: none},
		{Method: "GET", Path: "/sobjects/{object}/{id}", Op: "read", Query: byFields},
		{Method: "PATCH", Path: "/sobjects/{object}/{id}", Op: "update", Query: none},
		{Method: "DELETE", Path: "/sobjects/{object}/{id}", Op: "delete", Query: none},
		{Method: "GET", Path: "/sobjects/User/{id}/password", Op: "password_state", Query: none},
		{Method: "POST", Path: "/sobjects/User/{id}/password", Op: "set_password", Query: none},
		{Method: "DELETE", Path: "/sobjects/User/{id}/password", Op: "reset_password", Query: none},
		{Method: "GET", Path: "/sobjects/{object}/{field}/{value}", Op: "read_by", Query: byFields},
		{Method: "PATCH", Path: "/sobjects/{object}/{field}/{value}", Op: "upsert", Query: []string{"updateOnly"}},
		{Method: "POST", Path: "/composite", Op: "composite", Query: none},
		{Method: "POST", Path: "/composite/sobjects", Op: "create_many", Query: none},
		{Method: "PATCH", Path: "/composite/sobjects", Op: "update_many", Query: none},
		{Method: "DELETE", Path: "/composite/sobjects", Op: "delete_many", Query: []string{"ids", "allOrNone"}},
		{Method: "PATCH", Path: "/composite/sobjects/{object}/{field}", Op: "upsert_many", Query: none},
		{Method: "GET", Path: "/composite/sobjects/{object}", Op: "read_many", Query: []string{"ids", "fields"}},
		{Method: "POST", Path: "/composite/sobjects/{object}", Op: "read_many", Query: none},
	} {
		r.Path, r.Op, r.Handle = data+r.Path, "salesforce."+r.Op, s.serve
		out = append(out, r)
	}
	return out
}

// request is one request of the REST API, whether it came by itself or within a composite one.
type request struct {
	c       *tenant.Call
	who     *caller
	method  string
	version string
	// path is what stands behind the version, unescaped.
	path  []string
	query url.Values
	body  []byte
}

// knownVersion is any version of the API; from firstServed to lastServed are answered.
// Source: help.salesforce.com, API versions 21.0 to 30.0 are retired since Summer '25.
var knownVersion = regexp.MustCompile(`^v([1-9][0-9])\.0$`)

const (
	firstServed = 31
	lastServed  = 68
)

// serve answers a call of the REST API.
func (s *Salesforce) serve(c *tenant.Call) tenant.Reply {
	r := &request{c: c, method: c.Request.Method, query: c.Query(), body: c.Body}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.who = s.caller(c)
	if f := r.locate(strings.TrimPrefix(c.Request.URL.EscapedPath(), "/"+Name)); f != nil {
		return f.reply()
	}
	return s.do(r)
}

// locate reads a path.
func (r *request) locate(path string) *fault {
	rest, ok := strings.CutPrefix(path, "/services/data/")
	if !ok {
		return notFound()
	}
	segments := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	for i, segment := range segments {
		value, err := url.PathUnescape(segment)
		if err != nil || value == "" {
			return notFound()
		}
		segments[i] = value
	}
	r.version, r.path = segments[0], segments[1:]
	version := 0
	if m := knownVersion.FindStringSubmatch(r.version); m != nil {
		_, _ = fmt.Sscan(m[1], &version)
	}
	switch {
	case version == 0 || version > lastServed:
		return notFound()
	case version < firstServed:
		return plain(http.StatusGone, "UNSUPPORTED_API_VERSION", "The requested API version is retired")
	}
	return nil
}

// at reports that a request is for a method and a path, in which * is any segment.
func (r *request) at(method string, path ...string) bool {
	if r.method != method || len(r.path) != len(path) {
		return false
	}
	for i, p := range path {
		if p != "*" && p != r.path[i] {
			return false
		}
	}
	return true
}

// do answers a request. The lock must be held.
// Long because each resource is one line.
func (s *Salesforce) do(r *request) tenant.Reply {
	switch {
	case r.at("GET"):
		return s.resources(r)
	case r.at("GET", "limits"):
		return s.limits()
	case r.at("GET", "query"):
		return s.runQuery(r)
	case r.at("GET", "query", "*"):
		return s.moreOf(r)
	case r.at("GET", "sobjects"):
		return s.describeAll(r)
	case r.at("GET", "sobjects", "*", "describe"):
		return s.describe(r)
	case r.at("POST", "sobjects", "*"):
		return s.create(r)
	case r.at("GET", "sobjects", "*", "*"):
		return s.read(r)
	case r.at("PATCH", "sobjects", "*", "*"):
		return s.update(r)
	case r.at("DELETE", "sobjects", "*", "*"):
		return s.delete(r)
	case r.at("GET", "sobjects", User, "*", "password"), r.at("POST", "sobjects", User, "*", "password"), r.at("DELETE", "sobjects", User, "*", "password"):
		return s.password(r)
	case r.at("GET", "sobjects", "*", "*", "*"):
		return s.readBy(r)
	case r.at("PATCH", "sobjects", "*", "*", "*"):
		return s.upsert(r)
	case r.at("POST", "composite"):
		return s.composite(r)
	case r.at("POST", "composite", "sobjects"), r.at("PATCH", "composite", "sobjects"), r.at("DELETE", "composite", "sobjects"):
		return s.collection(r)
	case r.at("PATCH", "composite", "sobjects", "*", "*"):
		return s.upsertMany(r)
	case r.at("GET", "composite", "sobjects", "*"), r.at("POST", "composite", "sobjects", "*"):
		return s.readMany(r)
	}
	return notFound().reply()
}

// versions lists the versions that are served. Nobody needs to be signed in for it.
func (s *Salesforce) versions(*tenant.Call) tenant.Reply {
	var out []map[string]string
	for v := firstServed; v <= lastServed; v++ {
		version := fmt.Sprintf("%d.0", v)
		out = append(out, map[string]string{"label": "Release " + version, "url": "/services/data/v" + version, "version": version})
	}
	return tenant.JSON(http.StatusOK, out)
}

func (s *Salesforce) resources(r *request) tenant.Reply {
	out := map[string]string{}
	for _, name := range []string{"limits", "query", "sobjects", "composite"} {
		out[name] = "/services/data/" + r.version + "/" + name
	}
	return tenant.JSON(http.StatusOK, out)
}
