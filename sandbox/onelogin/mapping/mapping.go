// Package mapping is what mappings are: rules that change the users they match, with the filters of their list.
package mapping

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
)

// Mapping is a rule that changes the users it matches. Source: developers.onelogin.com, 2/user-mappings/list-mappings.
type Mapping struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Match   string `json:"match"`
	Enabled bool   `json:"enabled"`
	// Position is null on a mapping that is disabled. Source: onelogin-python-sdk CHANGELOG 3.2.8.
	Position   *int        `json:"position"`
	Conditions []Condition `json:"conditions"`
	Actions    []Action    `json:"actions"`
}

// Condition compares one field of a user.
type Condition struct {
	Source   string `json:"source"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

// Action changes one field of a user; its values are texts, of roles and groups their ids.
type Action struct {
	Action string   `json:"action"`
	Value  []string `json:"value"`
}

// What the sandbox can match and do.
var (
	conditionTexts = []string{
		"department", "title", "company", "email", "username", "firstname", "lastname", "external_id", "member_of", "distinguished_name",
	}
	conditionOthers = []string{"status", "has_role", "directory_id", "last_login"}
	operators       = []string{"=", "!=", "~", "!~", ">", "<"}
	mappingActions  = []string{"set_role", "add_role", "remove_role", "set_status", "set_group"}
)

// Check completes a mapping and refuses one that the sandbox does not simulate.
func (m *Mapping) Check() error {
	if m.Match == "" {
		m.Match = "all"
	}
	if m.Name == "" || m.Match != "all" && m.Match != "any" || len(m.Actions) == 0 {
		return errors.New("onelogin: a mapping needs a name, actions, and a match of all or any")
	}
	for _, c := range m.Conditions {
		if !slices.Contains(conditionTexts, c.Source) && !slices.Contains(conditionOthers, c.Source) || !slices.Contains(operators, c.Operator) {
			return fmt.Errorf("onelogin: the sandbox does not simulate the condition %s %s", c.Source, c.Operator)
		}
	}
	for _, a := range m.Actions {
		if !slices.Contains(mappingActions, a.Action) || len(a.Value) == 0 {
			return fmt.Errorf("onelogin: the sandbox does not simulate the action %q, or it has no value", a.Action)
		}
	}
	return nil
}

// For reports whether a mapping is for a user.
func (m *Mapping) For(u *profile.Profile, now time.Time) bool {
	met := func(c Condition) bool { return c.meets(u, now) }
	if m.Match == "any" {
		return slices.ContainsFunc(m.Conditions, met)
	}
	return !slices.ContainsFunc(m.Conditions, func(c Condition) bool { return !met(c) })
}

func (c Condition) meets(u *profile.Profile, now time.Time) bool {
	have := ""
	switch c.Source {
	case "email":
		have = u.Email
	case "status":
		have = strconv.Itoa(u.Status)
	case "directory_id":
		have = strconv.FormatInt(wire.Number(u.DirectoryID), 10)
	case "has_role":
		id, err := strconv.ParseInt(c.Value, 10, 64)
		return (err == nil && u.HasRole(id)) == (c.Operator == "=")
	case "last_login":
		days, err := strconv.Atoi(c.Value)
		if err != nil || u.LastLogin == nil {
			return false
		}
		return now.Sub(*u.LastLogin) > time.Duration(days)*24*time.Hour == (c.Operator == ">")
	default:
		have = wire.TextOf(*profile.Text(u, c.Source))
	}
	equal := strings.EqualFold(have, c.Value)
	contains := strings.Contains(strings.ToLower(have), strings.ToLower(c.Value))
	return map[string]bool{"=": equal, "!=": !equal, "~": contains, "!~": !contains}[c.Operator]
}

// Filters are the parameters of the list of mappings.
var Filters = []string{"enabled", "has_condition", "has_condition_type", "has_action", "has_action_type"}

// Wanted reads the parameters of the list, or says what is wrong with them. Those that are enabled are wanted unless the others are asked for.
func Wanted(q url.Values) (wanted func(m Mapping) bool, complaint string) {
	enabled := q.Get("enabled") != "false"
	if q.Has("enabled") && q.Get("enabled") != "true" && enabled {
		return nil, "enabled must be true or false"
	}
	for _, name := range []string{"has_condition_type", "has_action_type"} {
		if q.Has(name) && !slices.Contains([]string{"builtin", "custom", "none"}, q.Get(name)) {
			return nil, name + " must be builtin, custom or none"
		}
	}
	return func(m Mapping) bool {
		return m.Enabled == enabled && m.filtered(q.Get("has_condition"), q.Get("has_action"), q.Get("has_condition_type"), q.Get("has_action_type"))
	}, ""
}

// filtered applies the list's filters, "name:value" with wildcards in both, several divided by commas. No condition of
// the sandbox is about a custom attribute.
func (m *Mapping) filtered(condition, action, conditionKind, actionKind string) bool {
	kind := func(want string, n int) bool {
		return want == "" || want == "none" && n == 0 || want == "builtin" && n > 0
	}
	var conditions, actions []string
	for _, c := range m.Conditions {
		conditions = append(conditions, c.Source+":"+c.Value)
	}
	for _, a := range m.Actions {
		for _, v := range a.Value {
			actions = append(actions, a.Action+":"+v)
		}
	}
	has := func(filter string, all []string) bool {
		for _, pattern := range strings.Split(filter, ",") {
			if pattern != "" && !slices.ContainsFunc(all, func(s string) bool { return wire.Wildcard(pattern, s) }) {
				return false
			}
		}
		return true
	}
	return kind(conditionKind, len(conditions)) && kind(actionKind, len(actions)) && has(condition, conditions) && has(action, actions)
}

// Birthright returns the names of the roles that the tenant's mappings give to a department, the role of everybody
// first. The mappings take the other departments' roles away.
func Birthright(department string) []string {
	byDepartment := map[string][]string{
		"Engineering": {"Engineering", "GitHub", "AWS Read Only"},
		"Sales":       {"Sales", "Salesforce"},
		"Marketing":   {"Marketing"},
		"Finance":     {"Finance", "NetSuite"},
		"People":      {"People"},
		"IT":          {"IT", "Jira"},
		"Support":     {"Support", "Zendesk"},
	}
	return append([]string{"Everyone"}, byDepartment[department]...)
}

// Departments are the departments that mappings know.
func Departments() []string {
	return []string{"Engineering", "Sales", "Marketing", "Finance", "People", "IT", "Support"}
}

// All is every mapping of a tenant: those of the departments, whose ids begin at first, and those made by hand. A mapping that is
// disabled has no position.
func All(first int64, role func(name string) int64, byHand []Mapping) []Mapping {
	var out []Mapping
	for i, department := range Departments() {
		var roles []string
		for _, name := range Birthright(department) {
			roles = append(roles, strconv.FormatInt(role(name), 10))
		}
		out = append(out, Mapping{
			ID: first + int64(i), Name: department, Match: "all", Enabled: true,
			Conditions: []Condition{{"department", "=", department}, {"external_id", "!=", ""}},
			Actions:    []Action{{"set_role", roles}},
		})
	}
	out = append(out, byHand...)
	position := 0
	for i := range out {
		if out[i].Enabled {
			position++
			at := position
			out[i].Position = &at
		}
	}
	return out
}
