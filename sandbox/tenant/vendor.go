package tenant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Handler answers one call.
type Handler func(c *Call) Reply

// Route is one endpoint of a vendor.
type Route struct {
	Method string
	// Path is written below the vendor's prefix, with "{name}" for a variable segment.
	Path string
	// Op is the stable name of the operation in the journal, such as "onelogin.update_user".
	Op string
	// Query lists the parameters the endpoint knows. A name that ends in "*" stands for every name it begins. Nil
	// means that the handler checks for itself.
	Query []string
	// Scope is the vendor's own notion of what the credential must be allowed; the vendor's Guard reads it.
	Scope string
	// MaxBody is the largest body in bytes that the endpoint takes, 0 for 4 MiB, which stands for what is not documented.
	MaxBody int64
	// Handle runs after the vendor's Guard.
	Handle Handler

	segments []string
}

// knows reports whether the endpoint has the query parameter.
func (r *Route) knows(param string) bool {
	for _, q := range r.Query {
		if prefix, ok := strings.CutSuffix(q, "*"); ok && strings.HasPrefix(param, prefix) || q == param {
			return true
		}
	}
	return false
}

// unknownQuery returns the first parameter, in alphabetical order, that the endpoint does not know.
func (r *Route) unknownQuery(q url.Values) string {
	if r.Query == nil || len(q) == 0 {
		return ""
	}
	var unknown []string
	for name := range q {
		if !r.knows(name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	return slices.Min(unknown)
}

// Vendor is one simulated system: its endpoints, and its own words for what goes wrong around them. Every field is
// required except Finish and TooLarge.
type Vendor struct {
	// Name is the vendor's prefix and its name in the journal.
	Name   string
	Routes []Route

	// Guard runs before a handler: authentication, scope, quota. A nil reply lets the call through.
	Guard func(c *Call) *Reply
	// Unknown answers a path that does not exist.
	Unknown func(c *Call) Reply
	// WrongMethod answers a known path with another method; allow lists the ones it has.
	WrongMethod func(c *Call, allow string) Reply
	// BadQuery answers a query parameter that the endpoint does not have.
	BadQuery func(c *Call, name string) Reply
	// Failure is the vendor's error of the given status, for faults of style "status".
	Failure func(c *Call, status int) Reply
	// RateLimited is what the vendor answers when throttling. A status of 0 asks for the vendor's usual one.
	RateLimited func(c *Call, status, retryAfter int) Reply
	// TooLarge, if set, answers a body beyond what its endpoint takes; without it that is a Failure of status 413.
	TooLarge func(c *Call) Reply
	// Finish, if set, adds what the vendor sends with every reply, such as rate limit headers.
	Finish func(c *Call, r *Reply)
}

// router finds routes by their segments.
type router struct {
	root node
}

type node struct {
	static   map[string]*node
	variable *node
	methods  map[string]*Route
}

func newRouter(routes []Route) *router {
	rt := &router{}
	for i := range routes {
		r := &routes[i]
		r.segments = strings.Split(strings.TrimPrefix(r.Path, "/"), "/")
		n := &rt.root
		for _, seg := range r.segments {
			n = n.child(seg)
		}
		if n.methods == nil {
			n.methods = map[string]*Route{}
		}
		n.methods[r.Method] = r
	}
	return rt
}

func (n *node) child(seg string) *node {
	if strings.HasPrefix(seg, "{") {
		if n.variable == nil {
			n.variable = &node{}
		}
		return n.variable
	}
	if n.static == nil {
		n.static = map[string]*node{}
	}
	if n.static[seg] == nil {
		n.static[seg] = &node{}
	}
	return n.static[seg]
}

// find returns the route of a path. With a known path and another method the route is nil and allow is set.
func (rt *router) find(method, escapedPath string) (route *Route, params []string, allow string) {
	n, params := rt.root.walk(strings.Split(strings.TrimPrefix(escapedPath, "/"), "/"), nil)
	if n == nil {
		return nil, nil, ""
	}
	if r := n.methods[method]; r != nil {
		return r, params, ""
	}
	if r := n.methods[http.MethodGet]; r != nil && method == http.MethodHead {
		return r, params, ""
	}
	var methods []string
	for m := range n.methods {
		methods = append(methods, m)
	}
	slices.Sort(methods)
	return nil, params, strings.Join(methods, ", ")
}

func (n *node) walk(segs, params []string) (*node, []string) {
	if len(segs) == 0 {
		if n.methods == nil {
			return nil, nil
		}
		return n, params
	}
	if next := n.static[segs[0]]; next != nil {
		if found, p := next.walk(segs[1:], params); found != nil {
			return found, p
		}
	}
	if n.variable == nil || segs[0] == "" {
		return nil, nil
	}
	value, err := url.PathUnescape(segs[0])
	if err != nil {
		return nil, nil
	}
	return n.variable.walk(segs[1:], append(params, value))
}
