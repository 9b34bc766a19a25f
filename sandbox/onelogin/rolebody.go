package onelogin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// idList is an array of ids, each a number or a number in quotes: clients send both.
type idList []int64

// UnmarshalJSON reads either form.
func (l *idList) UnmarshalJSON(data []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw == nil {
		*l = nil
		return nil
	}
	*l = idList{}
	for _, item := range raw {
		id, err := strconv.ParseInt(strings.Trim(string(item), `"`), 10, 64)
		if err != nil {
			return err
		}
		*l = append(*l, id)
	}
	return nil
}

// newRole is the body of a role's create and update. Source: onelogin-go-sdk models/role.go, which always sends the lists.
type newRole struct {
	Name   string `json:"name"`
	Apps   idList `json:"apps"`
	Users  idList `json:"users"`
	Admins idList `json:"admins"`
}

// readBody decodes the body of an app's or a role's create and update.
func readBody[T any](c *tenant.Call) (body T, refused *tenant.Reply) {
	if err := json.Unmarshal(c.Body, &body); err != nil {
		r := wire.V2Error(http.StatusBadRequest, "The request body is not valid")
		return body, &r
	}
	return body, nil
}

// checkRole holds that everything a role names is there. The lock must be held.
func (s *store) checkRole(body newRole) *tenant.Reply {
	if refused := s.everyUser(slices.Concat(body.Users, body.Admins)); refused != nil {
		return refused
	}
	for _, id := range body.Apps {
		if s.apps[id] == nil {
			r := wire.V2Error(http.StatusUnprocessableEntity, "App with id "+itoa(id)+" does not exist")
			return &r
		}
	}
	return nil
}

// fillRole sets what a body names. An empty list changes nothing. Source: terraform-provider-onelogin ROLE_API_USAGE.md.
// The lock must be held.
func (o *OneLogin) fillRole(c *tenant.Call, id int64, body newRole) {
	r := o.s.roles[id]
	if apps := slices.Clone(body.Apps); len(apps) > 0 {
		slices.Sort(apps)
		r.apps = slices.Compact(apps)
		c.Effect("apps changed")
	}
	for _, user := range body.Admins {
		r.admins, _ = insertID(r.admins, user)
		if _, member := r.grants[user]; !member {
			r.grants[user] = grant{at: o.s.now(), byID: o.tokens.owner, byName: c.ClientName()}
		}
	}
	if len(body.Users) == 0 {
		return
	}
	for _, user := range missing(r.members, body.Users) {
		o.changeRoles(c, o.s.users[user], nil, []int64{id})
	}
	for _, user := range body.Users {
		o.changeRoles(c, o.s.users[user], []int64{id}, nil)
	}
}

func (o *OneLogin) updateRole(c *tenant.Call) tenant.Reply {
	body, refused := readBody[newRole](c)
	if refused != nil {
		return *refused
	}
	return o.changeRole(c, func(r *Role) tenant.Reply {
		if other := o.s.roleNames[body.Name]; body.Name != "" && other != 0 && other != r.ID {
			return wire.V2Error(http.StatusUnprocessableEntity, "Name has already been taken")
		}
		if refused := o.s.checkRole(body); refused != nil {
			return *refused
		}
		if body.Name != "" && body.Name != r.Name {
			delete(o.s.roleNames, r.Name)
			r.Name = body.Name
			o.s.roleNames[r.Name] = r.ID
			c.Effect("renamed")
		}
		o.fillRole(c, r.ID, body)
		return tenant.JSON(http.StatusOK, map[string]int64{"id": r.ID})
	})
}
