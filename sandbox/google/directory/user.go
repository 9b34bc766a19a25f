package directory

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// user is a user of the company.
type user struct {
	id, primary                    string
	given, family, display         string
	aliases                        []string
	suspended, archived, changing  bool
	hidden                         bool
	reason, unit                   string
	recoveryEmail, recoveryPhone   string
	created, login, suspendedSince time.Time
	version                        int
	// password counts the passwords that were set by API and secret is the last of them; own says that the person knows another one.
	password int
	secret   string
	own      bool
	// fields are the lists that are kept as they came. It is replaced and never changed. As long as it is nil, they are those of the
	// origin: a company of tens of thousands is made of four texts each.
	fields map[string]any
	origin origin
	// enrolled says that the user has a second factor.
	enrolled bool
	sessions int
	tokens   []grant
	asps     []appPassword
	codes    []string
	licences []string
}

// canSignIn reports that Google lets the user in.
func (u *user) canSignIn() bool { return !u.suspended && !u.archived }

func (u *user) etag() string { return etag(u.id, u.version) }

// addressesOf are all addresses of a user.
func (u *user) addressesOf() []string { return append([]string{u.primary}, u.aliases...) }

// origin is what a user was seeded with.
type origin struct{ externalID, title, department, manager string }

// all are the lists of a user.
func (u *user) all() map[string]any {
	if u.fields != nil {
		return u.fields
	}
	fields, from := map[string]any{}, u.origin
	if from.externalID != "" {
		fields["externalIds"] = []any{map[string]any{"value": from.externalID, "type": "organization"}}
	}
	if from.title != "" || from.department != "" {
		fields["organizations"] = []any{map[string]any{"title": from.title, "department": from.department, "primary": true, "customType": ""}}
	}
	if from.manager != "" {
		fields["relations"] = []any{map[string]any{"value": from.manager, "type": "manager"}}
	}
	return fields
}

// set replaces a field that is kept as it came, and takes it away where the value is nil.
func (u *user) set(name string, value any) {
	u.fields = maps.Clone(u.all())
	if value == nil {
		delete(u.fields, name)
		return
	}
	u.fields[name] = value
}

// items are the objects of a list of a user.
func (u *user) items(name string) []map[string]any {
	list, _ := u.all()[name].([]any)
	out := make([]map[string]any, 0, len(list))
	for _, v := range list {
		if item, ok := v.(map[string]any); ok {
			out = append(out, item)
		}
	}
	return out
}

// text is a text of an object.
func text(item map[string]any, name string) string {
	s, _ := item[name].(string)
	return s
}

// user finds a user by any key that Google takes: the id, the primary address or an alias.
func (d *Directory) user(key string) *user {
	if u := d.users[key]; u != nil {
		return u
	}
	return d.users[d.addresses[strings.ToLower(key)]]
}

// view is a user as administrators see it.
func (d *Directory) view(u *user) map[string]any {
	super, delegated := d.adminOf(u.id)
	full := strings.TrimSpace(u.given + " " + u.family)
	name := map[string]any{"givenName": u.given, "familyName": u.family, "fullName": full}
	if u.display != "" {
		name["displayName"] = u.display
	}
	v := map[string]any{
		"kind": "admin#directory#user", "id": u.id, "etag": u.etag(), "primaryEmail": u.primary, "name": name,
		"isAdmin": super, "isDelegatedAdmin": delegated, "lastLoginTime": stamp(u.login), "creationTime": stamp(u.created),
		"agreedToTerms": !u.login.IsZero(), "suspended": u.suspended, "archived": u.archived, "changePasswordAtNextLogin": u.changing,
		"ipWhitelisted": false, "customerId": Customer, "orgUnitPath": u.unit, "isMailboxSetup": len(u.licences) > 0,
		"isEnrolledIn2Sv": u.enrolled, "isEnforcedIn2Sv": false, "includeInGlobalAddressList": !u.hidden,
	}
	maps.Copy(v, u.all())
	v["emails"] = d.emailsOf(u)
	if len(u.aliases) > 0 {
		v["aliases"] = slices.Clone(u.aliases)
	}
	for field, value := range map[string]string{"recoveryEmail": u.recoveryEmail, "recoveryPhone": u.recoveryPhone} {
		if value != "" {
			v[field] = value
		}
	}
	if u.suspended {
		v["suspensionReason"], v["suspensionTime"] = u.reason, stamp(u.suspendedSince)
	}
	return v
}

// emailsOf are a user's addresses: those that were written and those that the company gives.
func (d *Directory) emailsOf(u *user) []any {
	out := []any{map[string]any{"address": u.primary, "primary": true}}
	for _, a := range u.aliases {
		out = append(out, map[string]any{"address": a})
	}
	for _, item := range u.items("emails") {
		if d.users[d.addresses[strings.ToLower(text(item, "address"))]] != u {
			out = append(out, item)
		}
	}
	return out
}

// publicFields are what anybody of the company sees of a user.
var publicFields = []string{"kind", "id", "etag", "primaryEmail", "name", "emails", "phones", "organizations", "relations", "locations", "addresses", "websites", "customerId"}

// public is a user as everybody sees it.
func (d *Directory) public(u *user) map[string]any {
	v := d.view(u)
	maps.DeleteFunc(v, func(name string, _ any) bool { return !slices.Contains(publicFields, name) })
	return v
}

// stamp writes a time as the Directory API does. A user who never signed in has Unix time 0.
func stamp(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// changed notes that a user is another version now.
func (u *user) changed() { u.version++ }
