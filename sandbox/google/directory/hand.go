package directory

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Person is a user to seed or to add by hand.
type Person struct {
	Email      string `json:"email"`
	Given      string `json:"given"`
	Family     string `json:"family"`
	ExternalID string `json:"external_id"`
	Title      string `json:"title"`
	Department string `json:"department"`
	// Manager is the manager's address.
	Manager   string `json:"manager"`
	Unit      string `json:"unit"`
	Suspended bool   `json:"suspended"`
	Enrolled  bool   `json:"enrolled"`
	// Groups are local parts of the addresses of groups, which are made if there are none.
	Groups []string `json:"groups"`
	// Role is the id of an administrator's role.
	Role string `json:"role"`
}

// Super and Delegated are ids of roles for Person: administrator of everything, and of what Gatehouse asks for.
const (
	Super     = superRole
	Delegated = directoryRole
)

// Seed adds a user who has been there for long, and returns the id.
func (d *Directory) Seed(p Person) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.add(p, d.t.Now().AddDate(0, -2, 0))
}

// add adds a user who has been there since a time. The lock must be held.
func (d *Directory) add(p Person, since time.Time) string {
	u := &user{
		id: d.newID(), primary: strings.ToLower(p.Email), given: p.Given, family: p.Family, unit: p.Unit, created: since,
		suspended: p.Suspended, own: true, enrolled: p.Enrolled, login: since, licences: []string{Enterprise},
	}
	if u.unit == "" {
		u.unit = "/"
	}
	if u.suspended {
		u.reason, u.suspendedSince = "ADMIN", since
	}
	if d.unitAt(u.unit) == nil {
		d.addUnit(u.unit)
	}
	u.origin = origin{p.ExternalID, p.Title, p.Department, p.Manager}
	d.users[u.id], d.addresses[u.primary] = u, u.id
	for _, name := range p.Groups {
		g := d.group(name + "@" + d.domain)
		if g == nil {
			g = d.addGroup(name+"@"+d.domain, "", "")
		}
		g.members = append(g.members, member{id: u.id, kind: "USER", role: "MEMBER"})
	}
	if p.Role != "" {
		d.assign(p.Role, u.id)
	}
	return u.id
}

// Order is something that a user or an administrator does by hand.
type Order struct {
	// Do is add, delete, suspend, archive, restore, abuse, own_password, grant, app_password, codes, recovery, recover, title, phone, manager, role,
	// join, leave, nest, sign_in, try or, in the user's mailbox, forward.
	Do   string `json:"do"`
	User string `json:"user"`
	// Value is what Do is about: an app, a title, a group, a role, a password to try, an address.
	Value  string `json:"value"`
	Person Person `json:"person"`
}

// Hand carries out what somebody does by hand, and returns the user's id.
func (d *Directory) Hand(o Order) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o.Do == "add" {
		if d.addresses[strings.ToLower(o.Person.Email)] != "" || o.Person.Email == "" {
			return "", errors.New("sandbox: somebody has this address in Google, or it is empty")
		}
		return d.add(o.Person, d.t.Now().Add(-time.Hour)), nil
	}
	u := d.user(o.User)
	if u == nil {
		return "", errors.New("sandbox: no user of Google has this id or address")
	}
	act, known := d.acts()[o.Do]
	if !known {
		return "", errors.New("sandbox: do names nothing that is done by hand in Google")
	}
	if err := act(u, o.Value); err != nil {
		return "", err
	}
	return u.id, nil
}

// acts are what somebody does by hand, by name. Long because it is a list of short acts.
func (d *Directory) acts() map[string]func(u *user, value string) error {
	done := func(f func(u *user, value string)) func(*user, string) error {
		return func(u *user, value string) error { f(u, value); u.changed(); return nil }
	}
	return map[string]func(*user, string) error{
		"delete":       done(func(u *user, _ string) { d.remove(u) }),
		"suspend":      done(func(u *user, _ string) { u.suspended, u.reason, u.suspendedSince = true, "ADMIN", d.t.Now() }),
		"abuse":        done(func(u *user, _ string) { u.suspended, u.reason, u.suspendedSince = true, "ABUSE", d.t.Now() }),
		"archive":      done(func(u *user, _ string) { u.archived = true }),
		"restore":      done(func(u *user, _ string) { u.suspended, u.reason = false, "" }),
		"own_password": done(func(u *user, _ string) { u.secret, u.own = "", true }),
		"grant": done(func(u *user, app string) {
			u.tokens = append(slices.Clone(u.tokens), grant{client: app + ".apps.googleusercontent.com", name: app, scopes: []string{"https://www.googleapis.com/auth/drive"}})
		}),
		"app_password": done(func(u *user, name string) {
			u.asps = append(slices.Clone(u.asps), appPassword{id: int(d.series.Next()), name: name, made: d.t.Now()})
		}),
		"codes": done(func(u *user, _ string) { u.codes = d.newCodes() }),
		"title": done(func(u *user, title string) {
			u.set("organizations", []any{map[string]any{"title": title, "primary": true, "customType": ""}})
		}),
		"phone": done(func(u *user, number string) {
			u.set("phones", nil)
			if number != "" {
				u.set("phones", []any{map[string]any{"value": number, "type": "work"}})
			}
		}),
		"manager": done(func(u *user, address string) {
			u.set("relations", nil)
			if address != "" {
				u.set("relations", []any{map[string]any{"value": address, "type": "manager"}})
			}
		}),
		"try": func(u *user, password string) error {
			if !u.canSignIn() || u.secret == "" || u.secret != password {
				return errors.New("sandbox: Google lets nobody in by this password")
			}
			return nil
		},
		"role": done(func(u *user, role string) { d.assign(role, u.id) }),
		// Who has forgotten the password sets another one by the address or the number for recovery.
		"recover": func(u *user, _ string) error {
			if !u.canSignIn() || u.recoveryEmail == "" && u.recoveryPhone == "" {
				return errors.New("sandbox: Google has no way to recover this account")
			}
			u.secret, u.own = "", true
			u.changed()
			return nil
		},
		"recovery": done(func(u *user, address string) {
			u.recoveryEmail, u.recoveryPhone = address, "+491701234567"
		}),
		"join": func(u *user, name string) error {
			g := d.group(name)
			if g == nil {
				return errors.New("sandbox: no such group in Google")
			}
			if g.at(u.id) < 0 {
				g.members = append(slices.Clone(g.members), member{id: u.id, kind: "USER", role: "MEMBER"})
				g.changed()
			}
			return nil
		},
		"leave": func(u *user, name string) error {
			g := d.group(name)
			if g == nil {
				return errors.New("sandbox: no such group in Google")
			}
			if at := g.at(u.id); at >= 0 {
				g.members = slices.Delete(slices.Clone(g.members), at, at+1)
				g.changed()
			}
			return nil
		},
		// A group goes into the group that is named by its address, and the user into that.
		"nest": func(u *user, name string) error {
			outer, inner, _ := strings.Cut(name, "/")
			for _, address := range []string{outer, inner} {
				if d.group(address) == nil {
					d.addGroup(strings.ToLower(address), "", "")
				}
			}
			o, i := d.group(outer), d.group(inner)
			o.members = append(slices.Clone(o.members), member{id: i.id, kind: "GROUP", role: "MEMBER"})
			i.members = append(slices.Clone(i.members), member{id: u.id, kind: "USER", role: "MEMBER"})
			return nil
		},
		"sign_in": func(u *user, _ string) error {
			if !u.canSignIn() {
				return errors.New("sandbox: the user is suspended")
			}
			u.sessions++
			u.login = d.t.Now()
			return nil
		},
	}
}
