package onelogin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// nullableText finds a text field that the API can write and clear.
func nullableText(u *User, name string) **string {
	switch name {
	case "username":
		return &u.Username
	case "firstname":
		return &u.Firstname
	case "lastname":
		return &u.Lastname
	case "title":
		return &u.Title
	case "department":
		return &u.Department
	case "company":
		return &u.Company
	case "comment":
		return &u.Comment
	case "phone":
		return &u.Phone
	case "samaccountname":
		return &u.Samaccountname
	case "member_of":
		return &u.MemberOf
	case "userprincipalname":
		return &u.Userprincipalname
	case "distinguished_name":
		return &u.DistinguishedName
	case "external_id":
		return &u.ExternalID
	case "preferred_locale_code":
		return &u.PreferredLocaleCode
	}
	return nil
}

// nullableID finds an id field that the API can write and clear.
func nullableID(u *User, name string) **int64 {
	switch name {
	case "group_id":
		return &u.GroupID
	case "manager_user_id":
		return &u.ManagerUserID
	case "manager_ad_id":
		return &u.ManagerADID
	case "directory_id":
		return &u.DirectoryID
	case "trusted_idp_id":
		return &u.TrustedIDPID
	}
	return nil
}

// problem is an error with the status it deserves.
type problem struct {
	status  int
	message string
}

func invalid(format string, args ...any) *problem {
	return &problem{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}

func malformed(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// edit applies a request body to a user copy. Roles are returned and not applied, because they have an event each; nil
// means that the body says nothing about them. The lock must be held.
func (s *store) edit(c *tenant.Call, u *User, body map[string]json.RawMessage, policy bool) ([]int64, *tenant.Reply) {
	roles, p := s.editFields(u, body, policy)
	if p != nil {
		r := wire.Fail(c, p.status, p.message)
		return nil, &r
	}
	return roles, nil
}

func (s *store) editFields(u *User, body map[string]json.RawMessage, policy bool) (roles []int64, p *problem) {
	for _, name := range slices.Sorted(maps.Keys(body)) {
		raw := body[name]
		switch name {
		case "role_ids":
			roles, p = s.readRoles(raw)
		case "custom_attributes":
			p = s.editAttributes(u, raw)
		case "password", "password_confirmation", "password_algorithm", "salt":
		default:
			p = s.editField(u, name, raw)
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

// held is what the tenant keeps of a text of a profile.
func (s *store) held(name, text string) string {
	switch name {
	case "firstname", "lastname", "title", "department", "company":
		if runes := []rune(text); s.cut > 0 && len(runes) > s.cut {
			return strings.TrimSpace(string(runes[:s.cut]))
		}
	}
	return text
}

func (s *store) editField(u *User, name string, raw json.RawMessage) *problem {
	if field := nullableText(u, name); field != nil {
		var v *string
		if json.Unmarshal(raw, &v) != nil {
			return malformed("%s must be a string", name)
		}
		*field = wire.Text(s.held(name, text(v)))
		return nil
	}
	if field := nullableID(u, name); field != nil {
		return s.editID(field, name, raw)
	}
	var n *int
	switch name {
	case "email":
		var v *string
		if json.Unmarshal(raw, &v) != nil {
			return malformed("email must be a string")
		}
		u.Email = text(v)
	case "status":
		if json.Unmarshal(raw, &n) != nil || n == nil {
			return malformed("status must be an integer")
		}
		if *n < 0 || *n > 8 || *n == 6 {
			return invalid("status is not included in the list")
		}
		u.Status = *n
	case "state":
		if json.Unmarshal(raw, &n) != nil || n == nil {
			return malformed("state must be an integer")
		}
		if *n < 0 || *n > 3 {
			return invalid("state is not included in the list")
		}
		u.State = *n
	}
	// Members that are read-only or unknown are passed over in silence: clients send back what they were shown.
	// Source: requests of onelogin-go-sdk 4.7.0 and terraform-provider-onelogin, which OneLogin takes.
	return nil
}

// editID takes an integer, an integer in quotes, or null; 0 clears like null.
func (s *store) editID(field **int64, name string, raw json.RawMessage) *problem {
	if string(raw) == "null" || string(raw) == "0" {
		*field = nil
		return nil
	}
	id, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		return malformed("%s must be an integer", name)
	}
	switch {
	case name == "group_id" && s.groupName(id) == "":
		return invalid("Group with id %d does not exist", id)
	case name == "manager_user_id" && s.users[id] == nil:
		return invalid("Manager with id %d does not exist", id)
	}
	*field = &id
	return nil
}

func (s *store) readRoles(raw json.RawMessage) ([]int64, *problem) {
	var ids idList
	if json.Unmarshal(raw, &ids) != nil || ids == nil {
		return nil, malformed("role_ids must be an array of integers")
	}
	for _, id := range ids {
		if s.roles[id] == nil {
			return nil, invalid("Role with id %d does not exist", id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// editAttributes replaces all custom attributes: one that is left out becomes unset.
func (s *store) editAttributes(u *User, raw json.RawMessage) *problem {
	var given map[string]*string
	if json.Unmarshal(raw, &given) != nil {
		return malformed("custom_attributes must be an object of strings")
	}
	all := s.emptyAttributes()
	for name, v := range given {
		if _, known := all[name]; !known {
			return invalid("Custom attribute %s does not exist", name)
		}
		all[name] = v
	}
	u.CustomAttributes = all
	return nil
}

// checkUsername refuses a username that another user has.
func (s *store) checkUsername(u *User) *problem {
	if name := text(u.Username); name != "" {
		if other := s.byUsername[strings.ToLower(name)]; other != 0 && other != u.ID {
			return invalid("Username must be unique within %s", wire.Subdomain)
		}
	}
	return nil
}

// minPassword is the length that the tenant's password policy asks for.
const minPassword = 8

func editPassword(u *User, body map[string]json.RawMessage, policy bool, s *store) *problem {
	if _, given := body["password"]; !given {
		return nil
	}
	var password, confirmation string
	if json.Unmarshal(body["password"], &password) != nil || json.Unmarshal(body["password_confirmation"], &confirmation) != nil {
		return malformed("password and password_confirmation must be strings")
	}
	if password != confirmation {
		return invalid("Password confirmation does not match Password")
	}
	if policy && len(password) < minPassword {
		return invalid("Password is too short (minimum is %d characters)", minPassword)
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
	if a, b := number(old.GroupID), number(u.GroupID); a != b {
		out = append(out, fmt.Sprintf("group %s -> %s", orNone(s.groupName(a)), orNone(s.groupName(b))))
	}
	if old.PasswordChangedAt != u.PasswordChangedAt {
		out = append(out, "password set")
	}
	var profile []string
	if old.Email != u.Email {
		profile = append(profile, "email")
	}
	for _, name := range []string{
		"username", "firstname", "lastname", "title", "department", "company", "comment", "phone", "samaccountname",
		"member_of", "userprincipalname", "distinguished_name", "external_id", "preferred_locale_code",
	} {
		if text(*nullableText(old, name)) != text(*nullableText(u, name)) {
			profile = append(profile, name)
		}
	}
	for _, name := range []string{"manager_user_id", "manager_ad_id", "directory_id", "trusted_idp_id"} {
		if number(*nullableID(old, name)) != number(*nullableID(u, name)) {
			profile = append(profile, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.emptyAttributes())) {
		if text(old.CustomAttributes[name]) != text(u.CustomAttributes[name]) {
			profile = append(profile, "custom_attributes."+name)
		}
	}
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
