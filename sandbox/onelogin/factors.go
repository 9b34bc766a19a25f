package onelogin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"gatehouse/sandbox/onelogin/access"
	"gatehouse/sandbox/onelogin/events"
	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

func (o *OneLogin) factorRoutes() []tenant.Route {
	const one = "/api/2/mfa/users/{id}"
	none := []string{}
	return []tenant.Route{
		{Method: "GET", Path: one + "/factors", Op: "onelogin.list_factors", Scope: access.ManageAll, Query: none, Handle: o.listFactors},
		{Method: "GET", Path: one + "/devices", Op: "onelogin.list_devices", Scope: access.ManageAll, Query: none, Handle: o.listDevices},
		{Method: "DELETE", Path: one + "/devices/{device_id}", Op: "onelogin.delete_device", Scope: access.ManageAll, Query: none, Handle: o.deleteDevice},
		{Method: "POST", Path: one + "/mfa_token", Op: "onelogin.mfa_token", Scope: access.ManageAll, Query: none, Handle: o.temporaryToken},
		{Method: "GET", Path: "/api/1/users/{id}/otp_devices", Op: "onelogin.list_otp_devices", Scope: access.ManageAll, Query: none, Handle: o.listOTPDevices},
		{
			Method: "DELETE", Path: "/api/1/users/{id}/otp_devices/{device_id}", Op: "onelogin.delete_otp_device",
			Scope: access.ManageAll, Query: none, Handle: o.deleteOTPDevice,
		},
	}
}

// listFactors shows what the user could enrol, not what the user has.
func (o *OneLogin) listFactors(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	type factor struct {
		ID   int    `json:"factor_id"`
		Name string `json:"name"`
		Auth string `json:"auth_factor_name"`
	}
	out := []factor{}
	for i, kind := range []string{"OneLogin Protect", "Google Authenticator", "OneLogin SMS", "OneLogin Email"} {
		if !slices.ContainsFunc(u.factors, func(f Factor) bool { return f.Type == kind }) {
			out = append(out, factor{ID: 8801 + i, Name: kind, Auth: kind})
		}
	}
	return tenant.JSON(http.StatusOK, out)
}

// listDevices shows only factors that are active and can be verified over the API, so an empty list is no proof that
// the user has none. Source: developers.onelogin.com, 2/multi-factor-authentication/enrolled-factors.
func (o *OneLogin) listDevices(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	type device struct {
		ID      string `json:"device_id"`
		User    string `json:"user_display_name"`
		Type    string `json:"type_display_name"`
		Auth    string `json:"auth_factor_name"`
		Default bool   `json:"default"`
	}
	out := []device{}
	for _, f := range u.factors {
		if f.Active && f.Verifiable {
			out = append(out, device{ID: itoa(f.ID), User: f.Name, Type: f.Type, Auth: f.Type, Default: f.Default})
		}
	}
	return tenant.JSON(http.StatusOK, out)
}

// listOTPDevices is the v1 list: every factor, also those registered and never used. Source: graph-onelogin fixtures.
func (o *OneLogin) listOTPDevices(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	type device struct {
		ID           int64   `json:"id"`
		Active       bool    `json:"active"`
		Default      bool    `json:"default"`
		Auth         string  `json:"auth_factor_name"`
		Type         string  `json:"type_display_name"`
		User         string  `json:"user_display_name"`
		PhoneNumber  *string `json:"phone_number"`
		NeedsTrigger bool    `json:"needs_trigger"`
		StateToken   string  `json:"state_token"`
	}
	out := []device{}
	for _, f := range u.factors {
		out = append(out, device{
			ID: f.ID, Active: f.Active, Default: f.Default, Auth: f.Type, Type: f.Type, User: f.Name,
			NeedsTrigger: f.Type == "OneLogin SMS",
		})
	}
	return wire.V1OK(map[string]any{"otp_devices": out})
}

// mostTokenLife is the longest a temporary token lasts, in seconds: 72 hours.
const mostTokenLife = 259_200

// temporaryToken makes a token that stands in for the second factor. Source: onelogin-python-sdk docs/GenerateOTP201Response.md.
func (o *OneLogin) temporaryToken(c *tenant.Call) tenant.Reply {
	u, refused := o.target(c)
	if refused != nil {
		return *refused
	}
	body := struct {
		ExpiresIn int  `json:"expires_in"`
		Reusable  bool `json:"reusable"`
	}{ExpiresIn: mostTokenLife}
	if len(c.Body) > 0 && json.Unmarshal(c.Body, &body) != nil {
		return wire.V2Error(http.StatusBadRequest, "The request body is not valid")
	}
	if body.ExpiresIn < 1 || body.ExpiresIn > mostTokenLife {
		return wire.V2Error(http.StatusUnprocessableEntity, "expires_in must be between 1 and "+strconv.Itoa(mostTokenLife))
	}
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	o.s.nextDevice++
	device := o.s.nextDevice
	c.Effect("temporary token")
	o.record(c, events.Event{Type: events.TokenGenerated, User: u.seen()})
	expires := o.t.Now().UTC().Add(time.Duration(body.ExpiresIn) * time.Second)
	return tenant.JSON(http.StatusCreated, map[string]any{
		"mfa_token": o.t.Secret()[:8], "reusable": body.Reusable, "expires_at": expires.Format(time.RFC3339), "device_id": itoa(device),
	})
}

func (o *OneLogin) deleteDevice(c *tenant.Call) tenant.Reply {
	return o.dropDevice(c, func(f Factor) bool { return f.Active && f.Verifiable })
}

func (o *OneLogin) deleteOTPDevice(c *tenant.Call) tenant.Reply {
	return o.dropDevice(c, func(Factor) bool { return true })
}

// dropDevice removes a factor that the endpoint can see.
func (o *OneLogin) dropDevice(c *tenant.Call, visible func(Factor) bool) tenant.Reply {
	if _, refused := o.target(c); refused != nil {
		return *refused
	}
	id, _ := wire.PathID(c, "id")
	device, err := strconv.ParseInt(c.Param("device_id"), 10, 64)
	o.s.mu.Lock()
	defer o.s.mu.Unlock()
	old := o.s.users[id]
	if old == nil {
		return noUser(c)
	}
	i := slices.IndexFunc(old.factors, func(f Factor) bool { return f.ID == device && visible(f) })
	if err != nil || i < 0 {
		return wire.Fail(c, http.StatusNotFound, "Device not found")
	}
	u := old.clone()
	u.factors = slices.Delete(u.factors, i, i+1)
	o.s.put(u)
	c.Effect("factors %d -> %d", len(old.factors), len(u.factors))
	o.record(c, events.Event{Type: events.DeviceRemoved, User: u.seen(), Note: old.factors[i].Type})
	if wire.IsV2(c) {
		return tenant.Empty(http.StatusNoContent)
	}
	return wire.V1OK(nil)
}
