package directory

import (
	"reflect"
	"strings"
)

// clause is a condition of a search: field, operator and value.
type clause struct {
	field, value string
	exact        bool
}

// search compiles a query of users.list, such as "externalId='7' isSuspended=false". Clauses are separated by blanks and all have to
// hold; a clause without a field is about names and addresses. It is not ok where Google answers "Invalid Input: query".
func (d *Directory) search(query string) (match func(*user) bool, ok bool) {
	var clauses []clause
	for query = strings.TrimSpace(query); query != ""; query = strings.TrimSpace(query) {
		c, rest, ok := nextClause(query)
		if !ok {
			return nil, false
		}
		clauses, query = append(clauses, c), rest
	}
	for _, c := range clauses {
		if _, known := searched[c.field]; !known {
			return nil, false
		}
	}
	return func(u *user) bool {
		for _, c := range clauses {
			if !d.holdsFor(c, u) {
				return false
			}
		}
		return true
	}, true
}

// nextClause reads the first clause of a query.
func nextClause(query string) (c clause, rest string, ok bool) {
	at := strings.IndexAny(query, "=: ")
	if at < 0 || query[at] == ' ' {
		// A word alone.
		word, rest, _ := strings.Cut(query, " ")
		return clause{field: "", value: strings.Trim(word, "'")}, rest, word != "" && !strings.ContainsAny(word, "*")
	}
	c = clause{field: query[:at], exact: query[at] == '='}
	value := strings.TrimLeft(query[at+1:], " ")
	if !strings.HasPrefix(value, "'") {
		c.value, rest, _ = strings.Cut(value, " ")
		return c, rest, c.value != ""
	}
	var b strings.Builder
	for i := 1; i < len(value); i++ {
		switch {
		case value[i] == '\\' && i+1 < len(value):
			i++
			b.WriteByte(value[i])
		case value[i] == '\'':
			c.value = b.String()
			return c, value[i+1:], true
		default:
			b.WriteByte(value[i])
		}
	}
	return c, "", false
}

// searched are the values that a field of a search compares. Source: Google, "Search for users".
var searched = map[string]func(d *Directory, u *user) []string{
	"": func(_ *Directory, u *user) []string { return append(u.addressesOf(), u.given, u.family) },
	"email": func(d *Directory, u *user) (all []string) {
		for _, e := range d.emailsOf(u) {
			if item, ok := e.(map[string]any); ok {
				all = append(all, text(item, "address"))
			}
		}
		return all
	},
	"name":            func(_ *Directory, u *user) []string { return []string{u.given + " " + u.family} },
	"givenName":       func(_ *Directory, u *user) []string { return []string{u.given} },
	"familyName":      func(_ *Directory, u *user) []string { return []string{u.family} },
	"orgUnitPath":     func(_ *Directory, u *user) []string { return []string{u.unit} },
	"isSuspended":     func(_ *Directory, u *user) []string { return []string{truth(u.suspended)} },
	"isArchived":      func(_ *Directory, u *user) []string { return []string{truth(u.archived)} },
	"isEnrolledIn2Sv": func(_ *Directory, u *user) []string { return []string{truth(u.enrolled)} },
	"isAdmin": func(d *Directory, u *user) []string {
		super, _ := d.adminOf(u.id)
		return []string{truth(super)}
	},
	"isDelegatedAdmin": func(d *Directory, u *user) []string {
		_, delegated := d.adminOf(u.id)
		return []string{truth(delegated)}
	},
	"externalId":    values("externalIds", "value"),
	"phone":         values("phones", "value"),
	"orgTitle":      values("organizations", "title"),
	"orgDepartment": values("organizations", "department"),
	"orgName":       values("organizations", "name"),
	"manager":       values("relations", "value"),
	"directManager": values("relations", "value"),
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// values are the texts of one kind in a list of a user.
func values(field, name string) func(*Directory, *user) []string {
	return func(_ *Directory, u *user) (all []string) {
		for _, item := range u.items(field) {
			all = append(all, text(item, name))
		}
		return all
	}
}

// holdsFor compares without case. An operator ":" takes words that begin so, and with "*" only the beginning of the whole.
func (d *Directory) holdsFor(c clause, u *user) bool {
	want := strings.ToLower(c.value)
	for _, have := range searched[c.field](d, u) {
		have = strings.ToLower(have)
		prefix, open := strings.CutSuffix(want, "*")
		switch {
		case c.exact && have == want, !c.exact && open && strings.HasPrefix(have, prefix):
			return true
		case !c.exact && !open:
			for _, word := range strings.FieldsFunc(have, func(r rune) bool { return strings.ContainsRune(" .@-_+", r) }) {
				if strings.HasPrefix(word, want) {
					return true
				}
			}
			if strings.HasPrefix(have, want) {
				return true
			}
		}
	}
	return false
}

// same compares two values as JSON has them.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }
