package policy

import (
	"slices"

	"gatehouse/internal/yamlfile"
)

// limitSetting is one budget of safety: its key, what it is unless the file says otherwise, and where it goes.
type limitSetting struct {
	key      string
	standard Limit
	of       func(*Safety) *Limit
}

// limitSettings are the budgets, each with a default that an ordinary day of a company does not reach and a wrong export does.
func limitSettings() []limitSetting {
	return []limitSetting{
		{"contain", Limit{Count: 20, Percent: 5}, func(s *Safety) *Limit { return &s.Contain }},
		{"reactivate", Limit{Count: 20, Percent: 5}, func(s *Safety) *Limit { return &s.Reactivate }},
		{"remove", Limit{Count: 20, Percent: 5}, func(s *Safety) *Limit { return &s.Remove }},
		{"grant_privileged", Limit{Count: 20, Percent: 5}, func(s *Safety) *Limit { return &s.GrantPrivileged }},
		{"grant", Limit{Count: 40, Percent: 10}, func(s *Safety) *Limit { return &s.Grant }},
		{"group", Limit{Count: 40, Percent: 10}, func(s *Safety) *Limit { return &s.Group }},
		{"profile", Limit{Count: 100, Percent: 20}, func(s *Safety) *Limit { return &s.Profile }},
		{"join", Limit{Count: 50, Percent: 10}, func(s *Safety) *Limit { return &s.Join }},
		{"delete", Limit{Count: 10, Percent: 5}, func(s *Safety) *Limit { return &s.Delete }},
	}
}

func limitKeys() []string {
	var keys []string
	for _, l := range limitSettings() {
		keys = append(keys, l.key)
	}
	return slices.Clip(keys)
}

// limitsOf reads the budgets of the section safety.
func limitsOf(s yamlfile.Section) Safety {
	out := Safety{Window: yamlfile.Day}
	for _, l := range limitSettings() {
		limit := l.standard
		sub := s.Section(l.key, "count", "percent")
		sub.Integer("count", 0, 1_000_000, &limit.Count)
		sub.Number("percent", 0, 100, &limit.Percent)
		*l.of(&out) = limit
	}
	return out
}

// RolesByRules returns those of the roles that an access rule gives.
func (p *Policy) RolesByRules(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(role string) bool {
		return !slices.ContainsFunc(p.rules, func(r rule) bool { return slices.Contains(r.roles, role) })
	})
}

// Restricted reports that a group is the one of restricted accounts.
func (p *Policy) Restricted(group string) bool {
	return group != "" && group == p.mfa.terms.Restrict.Group
}
