package profile

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// legacyTexts are the text filters of the v1 list of users. Source: developers.onelogin.com, 1/users/get-users.
var legacyTexts = []string{"email", "external_id", "firstname", "lastname", "samaccountname", "username", "userprincipalname"}

// LegacyFilters are the parameters of the v1 list of users.
func LegacyFilters() []string {
	return wire.V1Params(append([]string{"since", "until", "id", "role_id", "directory_id", "manager_ad_id", "custom_attributes.*"}, legacyTexts...)...)
}

// Legacy is a user as v1 shows it: the roles under a singular name and null where there are none, and what v2 has no more.
// Source: graph-onelogin fixtures; tests of onelogin-python-sdk 2.
type Legacy struct {
	*Profile
	RoleIDs    *struct{} `json:"role_ids,omitempty"`
	RoleID     []int64   `json:"role_id"`
	OpenIDName string    `json:"openid_name"`
	LocaleCode *string   `json:"locale_code"`
	Notes      *string   `json:"notes"`
}

// Legacy is the user as v1 shows it.
func (u *Profile) Legacy() Legacy {
	v := Legacy{Profile: u}
	if len(u.RoleIDs) > 0 {
		v.RoleID = u.RoleIDs
	}
	v.OpenIDName, _, _ = strings.Cut(wire.TextOf(u.Username), "@")
	return v
}

// LegacyConditions reads the filters of the v1 list; since and until are about created_at and exclusive.
func LegacyConditions(c *tenant.Call) (keeps []Condition, complaint string) {
	for name, values := range c.Query() {
		value := values[0]
		switch {
		case slices.Contains(wire.V1Params(), name):
		case name == "since" || name == "until":
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return nil, name + " must be a time such as 2006-01-02T15:04:05.000Z"
			}
			keeps = append(keeps, func(u *Profile) bool {
				return u.CreatedAt != nil && (name == "since" && u.CreatedAt.After(at) || name == "until" && u.CreatedAt.Before(at))
			})
		case slices.Contains(legacyTexts, name) || strings.HasPrefix(name, "custom_attributes."):
			keeps = append(keeps, textCondition(name, value))
		default:
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, name + " must be an integer"
			}
			keeps = append(keeps, func(u *Profile) bool {
				return name == "id" && u.ID == id || name == "role_id" && u.HasRole(id) ||
					ID(u, name) != nil && wire.Number(*ID(u, name)) == id
			})
		}
	}
	return keeps, ""
}
