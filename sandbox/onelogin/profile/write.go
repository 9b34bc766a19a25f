package profile

import (
	"encoding/json"
	"strconv"
	"strings"

	"gatehouse/sandbox/onelogin/wire"
)

// Fields are how the fields of a tenant's users are written.
type Fields struct {
	// Cut is to how many characters the tenant cuts the texts of a profile, 0 for none.
	Cut int
	// Group and User report that there is one of an id.
	Group, User func(id int64) bool
}

// held is what the tenant keeps of a text of a profile.
func (f Fields) held(name, text string) string {
	switch name {
	case "firstname", "lastname", "title", "department", "company":
		if runes := []rune(text); f.Cut > 0 && len(runes) > f.Cut {
			return strings.TrimSpace(string(runes[:f.Cut]))
		}
	}
	return text
}

// Write sets a field by its name in the API. Roles, custom attributes and the password are written by their own means.
func (f Fields) Write(u *Profile, name string, raw json.RawMessage) *wire.Problem {
	if field := Text(u, name); field != nil {
		var v *string
		if json.Unmarshal(raw, &v) != nil {
			return wire.Malformed("%s must be a string", name)
		}
		*field = wire.Text(f.held(name, wire.TextOf(v)))
		return nil
	}
	if field := ID(u, name); field != nil {
		return f.editID(field, name, raw)
	}
	var n *int
	switch name {
	case "email":
		var v *string
		if json.Unmarshal(raw, &v) != nil {
			return wire.Malformed("email must be a string")
		}
		u.Email = wire.TextOf(v)
	case "status":
		if json.Unmarshal(raw, &n) != nil || n == nil {
			return wire.Malformed("status must be an integer")
		}
		if *n < 0 || *n > 8 || *n == 6 {
			return wire.Invalid("status is not included in the list")
		}
		u.Status = *n
	case "state":
		if json.Unmarshal(raw, &n) != nil || n == nil {
			return wire.Malformed("state must be an integer")
		}
		if *n < 0 || *n > 3 {
			return wire.Invalid("state is not included in the list")
		}
		u.State = *n
	}
	// Members that are read-only or unknown are passed over in silence: clients send back what they were shown.
	// Source: requests of onelogin-go-sdk 4.7.0 and terraform-provider-onelogin, which OneLogin takes.
	return nil
}

// editID takes an integer, an integer in quotes, or null; 0 clears like null.
func (f Fields) editID(field **int64, name string, raw json.RawMessage) *wire.Problem {
	if string(raw) == "null" || string(raw) == "0" {
		*field = nil
		return nil
	}
	id, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		return wire.Malformed("%s must be an integer", name)
	}
	switch {
	case name == "group_id" && !f.Group(id):
		return wire.Invalid("Group with id %d does not exist", id)
	case name == "manager_user_id" && !f.User(id):
		return wire.Invalid("Manager with id %d does not exist", id)
	}
	*field = &id
	return nil
}
