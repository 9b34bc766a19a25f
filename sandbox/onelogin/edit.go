package onelogin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// edit applies a request body to a user copy. Roles are returned and not applied, because they have an event each; nil
// means that the body says nothing about them. The lock must be held.
func (s *store) edit(c *tenant.Call, u *User, body map[string]json.RawMessage, policy bool) ([]int64, *tenant.Reply) {
	roles, p := s.editFields(u, body, policy)
	if p != nil {
		r := wire.Fail(c, p.Status, p.Message)
		return nil, &r
	}
	return roles, nil
}

func (s *store) editFields(u *User, body map[string]json.RawMessage, policy bool) (roles []int64, p *wire.Problem) {
	for _, name := range slices.Sorted(maps.Keys(body)) {
		raw := body[name]
		switch name {
		case "role_ids":
			roles, p = s.readRoles(raw)
		case "custom_attributes":
			p = s.editAttributes(u, raw)
		case "password", "password_confirmation", "password_algorithm", "salt":
		default:
			p = s.fields().Write(&u.Profile, name, raw)
		}
		if p != nil {
			return nil, p
		}
	}
	if p := s.checkUsername(u); p != nil {
		return nil, p
	}
	return roles, editPassword(u, body, policy, s)
}

// fields are how the tenant's users are written. The lock must be held.
func (s *store) fields() profile.Fields {
	return profile.Fields{
		Cut:   s.cut,
		Group: func(id int64) bool { return s.groupName(id) != "" },
		User:  func(id int64) bool { return s.users[id] != nil },
	}
}

func (s *store) readRoles(raw json.RawMessage) ([]int64, *wire.Problem) {
	var ids wire.IDList
	if json.Unmarshal(raw, &ids) != nil || ids == nil {
		return nil, wire.Malformed("role_ids must be an array of integers")
	}
	for _, id := range ids {
		if s.roles[id] == nil {
			return nil, wire.Invalid("Role with id %d does not exist", id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// editAttributes replaces all custom attributes: one that is left out becomes unset.
func (s *store) editAttributes(u *User, raw json.RawMessage) *wire.Problem {
	var given map[string]*string
	if json.Unmarshal(raw, &given) != nil {
		return wire.Malformed("custom_attributes must be an object of strings")
	}
	all := s.emptyAttributes()
	for name, v := range given {
		if _, known := all[name]; !known {
			return wire.Invalid("Custom attribute %s does not exist", name)
		}
		all[name] = v
	}
	u.CustomAttributes = all
	return nil
}

// checkUsername refuses a username that another user has.
func (s *store) checkUsername(u *User) *wire.Problem {
	if name := wire.TextOf(u.Username); name != "" {
		if other := s.byUsername[strings.ToLower(name)]; other != 0 && other != u.ID {
			return wire.Invalid("Username must be unique within %s", wire.Subdomain)
		}
	}
	return nil
}

// minPassword is the length that the tenant's password policy asks for.
const minPassword = 8

func editPassword(u *User, body map[string]json.RawMessage, policy bool, s *store) *wire.Problem {
	if _, given := body["password"]; !given {
		return nil
	}
	var password, confirmation string
	if json.Unmarshal(body["password"], &password) != nil || json.Unmarshal(body["password_confirmation"], &confirmation) != nil {
		return wire.Malformed("password and password_confirmation must be strings")
	}
	if password != confirmation {
		return wire.Invalid("Password confirmation does not match Password")
	}
	if policy && len(password) < minPassword {
		return wire.Invalid("Password is too short (minimum is %d characters)", minPassword)
	}
	u.setPassword(passwordSet, s)
	return nil
}

// setPassword notes that the user has another password, and whose it is.
func (u *User) setPassword(kind string, s *store) {
	u.password = kind
	u.PasswordChangedAt = moment(s.now())
}

// difference says in a few words what changed between two versions of a user, roles left out. The lock must be held.
func (s *store) difference(old, u *User) string {
	var out []string
	if old.Status != u.Status {
		out = append(out, fmt.Sprintf("status %d -> %d", old.Status, u.Status))
	}
	if old.State != u.State {
		out = append(out, fmt.Sprintf("state %d -> %d", old.State, u.State))
	}
	if a, b := wire.Number(old.GroupID), wire.Number(u.GroupID); a != b {
		out = append(out, fmt.Sprintf("group %s -> %s", orNone(s.groupName(a)), orNone(s.groupName(b))))
	}
	if old.PasswordChangedAt != u.PasswordChangedAt {
		out = append(out, "password set")
	}
	profile := profile.Changed(&old.Profile, &u.Profile, slices.Sorted(maps.Keys(s.emptyAttributes())))
	if len(profile) > 0 {
		out = append(out, "profile "+strings.Join(profile, ", "))
	}
	return strings.Join(out, "; ")
}

func orNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}
