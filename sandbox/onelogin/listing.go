package onelogin

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// The page sizes of the user list. Source: developers.onelogin.com, 2/users/list-users says 50, the SDK's text 100. "The
// maximum limit varies between endpoints" (2/getting-started/using-query-parameters), and what is above it is refused: no
// page says that it is cut, and a client that asks for what is documented works either way.
const (
	usersPerPage = 50
	usersMost    = 100
)

// userFilters are the parameters of the user list. Source: onelogin-python-sdk UsersV2Api, onelogin-go-sdk UserQuery.
var userFilters = []string{
	"limit", "page", "cursor", "sort", "fields", "created_since", "created_until", "updated_since", "updated_until",
	"last_login_since", "last_login_until", "firstname", "lastname", "email", "username", "samaccountname",
	"directory_id", "external_id", "user_ids", "custom_attributes.*", "group_id", "role_ids", "app_id", "member_of",
}

// keep is one condition of the list.
type keep func(u *User) bool

func (o *OneLogin) listUsers(c *tenant.Call) tenant.Reply {
	q := c.Query()
	w, refused := wire.ReadWindow(q, usersPerPage, usersMost)
	if refused != nil {
		return *refused
	}
	fields, bad := readFields(q.Get("fields"), &User{})
	if bad != "" {
		return wire.V2Error(http.StatusBadRequest, "Unknown field: "+bad)
	}
	conditions, complaint := userConditions(q)
	if complaint != "" {
		return wire.V2Error(http.StatusBadRequest, complaint)
	}
	if q.Has("app_id") {
		roles := o.s.rolesWithApp(q.Get("app_id"))
		conditions = append(conditions, func(u *User) bool { return slices.ContainsFunc(roles, u.hasRole) })
	}
	order, bad := userOrder(q.Get("sort"))
	if bad != "" {
		// Source: developers.onelogin.com, 2/users/list-custom-attributes; tests of onelogin-python-sdk 2.
		return tenant.JSON(http.StatusUnprocessableEntity, map[string]any{
			"message": "Invalid sort field: " + bad, "field": bad, "name": "UnprocessableEntityFieldError", "statusCode": http.StatusUnprocessableEntity,
		})
	}
	candidates, indexed := o.candidates(q)
	if !indexed && len(conditions) == 0 && order == nil {
		users, total := o.s.page(w)
		return w.Reply(show(users, fields), len(users), total)
	}
	var found []*User
	for _, u := range o.s.snapshot(candidates) {
		if !slices.ContainsFunc(conditions, func(k keep) bool { return !k(u) }) {
			found = append(found, u)
		}
	}
	if order != nil {
		slices.SortStableFunc(found, order)
	}
	from, to := w.Bounds(len(found))
	return w.Reply(show(found[from:to], fields), to-from, len(found))
}

// page returns one window of all users by id, and their number.
func (s *store) page(w wire.Window) ([]*User, int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	from, to := w.Bounds(len(s.ids))
	out := make([]*User, 0, to-from)
	for _, id := range s.ids[from:to] {
		out = append(out, s.users[id])
	}
	return out, len(s.ids)
}

// rolesWithApp returns the roles that carry an app.
func (s *store) rolesWithApp(app string) []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []int64
	for _, id := range s.roleIDs {
		if s.roleHasApp(s.roles[id], app, "") {
			out = append(out, id)
		}
	}
	return out
}

// candidates narrows the search by an index where one applies. The conditions are checked all the same.
func (o *OneLogin) candidates(q url.Values) (ids []int64, indexed bool) {
	exact := func(name string) bool { return q.Get(name) != "" && !strings.Contains(q.Get(name), "*") }
	switch {
	case q.Get("user_ids") != "":
		ids = []int64{}
		for _, part := range strings.Split(q.Get("user_ids"), ",") {
			if id, err := strconv.ParseInt(part, 10, 64); err == nil {
				ids, _ = insertID(ids, id)
			}
		}
		return ids, true
	case exact("external_id"):
		return o.s.lookup(o.s.byExternal, q.Get("external_id")), true
	case exact("username"):
		ids = []int64{}
		if u := o.s.findUsername(q.Get("username")); u != nil {
			ids = append(ids, u.ID)
		}
		return ids, true
	case exact("email"):
		return o.s.lookup(o.s.byEmail, strings.ToLower(q.Get("email"))), true
	case q.Get("group_id") != "":
		id, err := strconv.ParseInt(q.Get("group_id"), 10, 64)
		return o.s.groupMembers(id), err == nil
	}
	return nil, false
}

// userConditions turns the filters into conditions; complaint is set if a value cannot be read.
func userConditions(q url.Values) (conditions []keep, complaint string) {
	for name, values := range q {
		value := values[0]
		switch name {
		case "limit", "page", "cursor", "sort", "fields", "user_ids", "app_id":
		case "role_ids":
			conditions = append(conditions, func(u *User) bool {
				return slices.ContainsFunc(strings.Split(value, ","), func(part string) bool {
					id, err := strconv.ParseInt(part, 10, 64)
					return err == nil && u.hasRole(id)
				})
			})
		case "group_id", "directory_id":
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, name + " must be an integer"
			}
			conditions = append(conditions, func(u *User) bool { return number(*nullableID(u, name)) == id })
		default:
			k, ok := timeCondition(name, value)
			if !ok {
				return nil, name + " must be a time"
			}
			if k == nil {
				k = textCondition(name, value)
			}
			conditions = append(conditions, k)
		}
	}
	return conditions, ""
}

// textCondition compares a text field, with "*" for any run of characters.
func textCondition(name, pattern string) keep {
	attribute, custom := strings.CutPrefix(name, "custom_attributes.")
	matches := matcher(pattern)
	return func(u *User) bool {
		switch {
		case custom:
			return matches(text(u.CustomAttributes[attribute]))
		case name == "email":
			return matches(u.Email)
		}
		return matches(text(*nullableText(u, name)))
	}
}

// timeCondition handles the filters that end in _since and _until; k is nil for any other. Both ends are exclusive.
func timeCondition(name, value string) (k keep, ok bool) {
	field, since := strings.CutSuffix(name, "_since")
	if !since {
		var until bool
		if field, until = strings.CutSuffix(name, "_until"); !until {
			return nil, true
		}
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		if at, err = time.Parse(time.DateOnly, value); err != nil {
			return nil, false
		}
	}
	return func(u *User) bool {
		have := map[string]*time.Time{"created": u.CreatedAt, "updated": u.UpdatedAt, "last_login": u.LastLogin}[field]
		if have == nil {
			return false
		}
		return since && have.After(at) || !since && have.Before(at)
	}, true
}

// wildcard matches without regard to case; "*" stands for any run of characters.
func wildcard(pattern, value string) bool { return matcher(pattern)(value) }

// matcher is wildcard for many values: a list of all users asks it of each of them.
func matcher(pattern string) func(value string) bool {
	pattern = strings.ToLower(pattern)
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return func(value string) bool { return strings.EqualFold(pattern, value) }
	}
	first, middle, last := parts[0], parts[1:len(parts)-1], parts[len(parts)-1]
	return func(value string) bool {
		value, found := strings.CutPrefix(strings.ToLower(value), first)
		if !found {
			return false
		}
		for _, part := range middle {
			if _, value, found = strings.Cut(value, part); !found {
				return false
			}
		}
		return strings.HasSuffix(value, last)
	}
}

// userOrder reads sort, such as "+id" or "-firstname", and returns a field that users are not sorted by; created_at is one,
// by the vendor's own sample. A nil order is the natural one, by ascending id.
func userOrder(sort string) (order func(a, b *User) int, bad string) {
	name, down := strings.CutPrefix(sort, "-")
	// A "+" that was not escaped arrives as a space.
	name = strings.TrimLeft(name, "+ ")
	var by func(a, b *User) int
	switch name {
	case "", "id":
		if !down {
			return nil, ""
		}
		by = func(a, b *User) int { return cmp.Compare(a.ID, b.ID) }
	case "username", "firstname", "lastname":
		by = func(a, b *User) int {
			return strings.Compare(text(*nullableText(a, name)), text(*nullableText(b, name)))
		}
	case "email":
		by = func(a, b *User) int { return strings.Compare(a.Email, b.Email) }
	default:
		return nil, name
	}
	if down {
		return func(a, b *User) int { return by(b, a) }, ""
	}
	return by, ""
}

// readFields reads a comma list and returns the first name that is not a field of what is listed.
func readFields(list string, of any) (fields []string, bad string) {
	if list == "" {
		return nil, ""
	}
	all := wire.Encoded(of)
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if _, known := all[name]; !known {
			return nil, name
		}
		fields = append(fields, name)
	}
	return fields, ""
}

// listed is a user as a list shows it when no fields are asked for: without roles and custom attributes.
type listed struct {
	*User
	RoleIDs          *struct{} `json:"role_ids,omitempty"`
	CustomAttributes *struct{} `json:"custom_attributes,omitempty"`
}

// show turns users into what a list shows.
func show(users []*User, fields []string) any {
	if fields == nil {
		out := make([]listed, len(users))
		for i, u := range users {
			out[i].User = u
		}
		return out
	}
	return onlyFields(users, fields)
}

// onlyFields leaves of each item what was asked for.
func onlyFields[T any](items []T, fields []string) []map[string]json.RawMessage {
	out := make([]map[string]json.RawMessage, len(items))
	for i, item := range items {
		all := wire.Encoded(item)
		out[i] = make(map[string]json.RawMessage, len(fields))
		for _, name := range fields {
			out[i][name] = all[name]
		}
	}
	return out
}
