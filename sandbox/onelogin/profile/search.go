package profile

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/wire"
)

// Filters are the parameters of the user list. Source: onelogin-python-sdk UsersV2Api, onelogin-go-sdk UserQuery.
var Filters = []string{
	"limit", "page", "cursor", "sort", "fields", "created_since", "created_until", "updated_since", "updated_until",
	"last_login_since", "last_login_until", "firstname", "lastname", "email", "username", "samaccountname",
	"directory_id", "external_id", "user_ids", "custom_attributes.*", "group_id", "role_ids", "app_id", "member_of",
}

// Condition is one that a list of users is narrowed by.
type Condition func(u *Profile) bool

// Conditions turns the filters into conditions; complaint is set if a value cannot be read.
func Conditions(q url.Values) (conditions []Condition, complaint string) {
	for name, values := range q {
		value := values[0]
		switch name {
		case "limit", "page", "cursor", "sort", "fields", "user_ids", "app_id":
		case "role_ids":
			conditions = append(conditions, func(u *Profile) bool {
				return slices.ContainsFunc(strings.Split(value, ","), func(part string) bool {
					id, err := strconv.ParseInt(part, 10, 64)
					return err == nil && u.HasRole(id)
				})
			})
		case "group_id", "directory_id":
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, name + " must be an integer"
			}
			conditions = append(conditions, func(u *Profile) bool { return wire.Number(*ID(u, name)) == id })
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
func textCondition(name, pattern string) Condition {
	attribute, custom := strings.CutPrefix(name, "custom_attributes.")
	matches := wire.Matcher(pattern)
	return func(u *Profile) bool {
		switch {
		case custom:
			return matches(wire.TextOf(u.CustomAttributes[attribute]))
		case name == "email":
			return matches(u.Email)
		}
		return matches(wire.TextOf(*Text(u, name)))
	}
}

// timeCondition handles the filters that end in _since and _until; k is nil for any other. Both ends are exclusive.
func timeCondition(name, value string) (k Condition, ok bool) {
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
	return func(u *Profile) bool {
		have := map[string]*time.Time{"created": u.CreatedAt, "updated": u.UpdatedAt, "last_login": u.LastLogin}[field]
		if have == nil {
			return false
		}
		return since && have.After(at) || !since && have.Before(at)
	}, true
}

// Order reads sort, such as "+id" or "-firstname", and returns a field that users are not sorted by; created_at is one,
// by the vendor's own sample. A nil order is the natural one, by ascending id.
func Order(sort string) (order func(a, b *Profile) int, bad string) {
	name, down := strings.CutPrefix(sort, "-")
	// A "+" that was not escaped arrives as a space.
	name = strings.TrimLeft(name, "+ ")
	var by func(a, b *Profile) int
	switch name {
	case "", "id":
		if !down {
			return nil, ""
		}
		by = func(a, b *Profile) int { return cmp.Compare(a.ID, b.ID) }
	case "username", "firstname", "lastname":
		by = func(a, b *Profile) int {
			return strings.Compare(wire.TextOf(*Text(a, name)), wire.TextOf(*Text(b, name)))
		}
	case "email":
		by = func(a, b *Profile) int { return strings.Compare(a.Email, b.Email) }
	default:
		return nil, name
	}
	if down {
		return func(a, b *Profile) int { return by(b, a) }, ""
	}
	return by, ""
}
