package onelogin

import (
	"net/http"
	"slices"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// newRole is the body of a role's create and update. Source: onelogin-go-sdk models/role.go, which always sends the lists.
type newRole struct {
	Name   string      `json:"name"`
	Apps   wire.IDList `json:"apps"`
	Users  wire.IDList `json:"users"`
	Admins wire.IDList `json:"admins"`
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
			r.grants[user] = grant{at: o.s.now(), byID: o.clients.Owner(), byName: c.ClientName()}
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
	body, refused := wire.ReadBody[newRole](c)
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
