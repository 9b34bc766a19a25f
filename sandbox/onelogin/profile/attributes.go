package profile

import (
	"encoding/json"
	"net/http"
	"slices"

	"gatehouse/sandbox/onelogin/wire"
	"gatehouse/sandbox/tenant"
)

// Attribute defines a custom attribute of users. Source: developers.onelogin.com, 2/users/list-custom-attributes.
type Attribute struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Shortname string `json:"shortname"`
	Position  *int   `json:"position"`
}

// UsualAttributes are the custom attributes that the tenant begins with, by ids from first.
func UsualAttributes(first int64) []Attribute {
	out := []Attribute{{Name: "Cost center", Shortname: "cost_center"}, {Name: "Start date", Shortname: "start_date"}, {Name: "Badge", Shortname: "badge_id"}}
	for i := range out {
		position := i + 1
		out[i].ID, out[i].Position = first+int64(i), &position
	}
	return out
}

// Unset has every attribute without a value.
func Unset(all []Attribute) map[string]*string {
	out := make(map[string]*string, len(all))
	for _, a := range all {
		out[a.Shortname] = nil
	}
	return out
}

// Definition is the body of a request that defines an attribute.
type Definition struct {
	Name      string          `json:"name"`
	Shortname string          `json:"shortname"`
	Position  json.RawMessage `json:"position"`
}

// Apply checks a definition beside all others and puts it into an attribute. Name and short name are required both times, and a position that is
// left out stays. Source: terraform-provider-onelogin, resource_onelogin_user_custom_attributes.go.
func (f Definition) Apply(a *Attribute, all []Attribute) *tenant.Reply {
	refuse := func(message string) *tenant.Reply {
		r := wire.V2Error(http.StatusUnprocessableEntity, message)
		return &r
	}
	if f.Name == "" || f.Shortname == "" {
		return refuse("name and shortname must be set")
	}
	if slices.ContainsFunc(all, func(other Attribute) bool { return other.ID != a.ID && other.Shortname == f.Shortname }) {
		return refuse("Shortname has already been taken")
	}
	if f.Position != nil {
		var position *int
		if json.Unmarshal(f.Position, &position) != nil || position != nil && *position < 1 {
			return refuse("position must be a positive number")
		}
		a.Position = position
	}
	a.Name, a.Shortname = f.Name, f.Shortname
	return nil
}
