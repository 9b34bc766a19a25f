package policy

import (
	"slices"

	"gatehouse/internal/yamlfile"
)

// FileShape is what a policy file may hold. It comes from reading a file that has an entry in every list and map, and one
// that has nothing, which shows what is missing.
func FileShape() (*yamlfile.Shape, error) {
	full, err := yamlfile.ShapeOf(everyEntry, (&Policy{file: "sample"}).read)
	if err != nil {
		return nil, err
	}
	empty, err := yamlfile.ShapeOf(endMark+"\n", (&Policy{file: "sample"}).read)
	if err != nil {
		return nil, err
	}
	full.Required = empty.Required
	for _, name := range empty.Names {
		if sub := empty.Keys[name]; sub != nil && len(sub.Required) > 0 && !slices.Contains(full.Required, name) {
			full.Required = append(full.Required, name)
		}
	}
	return full, nil
}

// everyEntry leads the reader into every part of a policy that it only reads where there is something.
const everyEntry = `locations: {"*": UTC}
roles: {"*": {owner: it@example.com}}
accounts: {non_personal: [{name: a, kind: service, when: "false", owner: it@example.com}]}
access:
  rules: [{name: a, when: "true", roles: [A], keep_old_access: 1d, accounts: {"*": {licences: [A]}}, groups: {"*": [A]}}]
  conflicts: [{name: a, roles: [A, B]}]
leaver: {fallback_owner: it@example.com}
naming: {username: ["{first}"], match_external_ids: ["{key}"], domain: example.com}
mfa: {enrolment_events: [A], weak: [{factors: [A], when: "true"}], restrict: {group: A}, rules: [{name: a, when: "true", restrict: {group: A}}]}
review: {compliance: it@example.com}
safety: {protected: []}
modes: {}
messages: {default: slack, kinds: {"*": both}}
events:
  severities: {"*": none}
  networks: [{cidr: 198.51.100.0/24}]
  rules: [{name: a, types: [A], impossible_travel: {}, unusual_location: {}, respond: [{order: lock, minutes: 5}]}]
deciders: {people: [{address: it@example.com, may: [any]}]}
sponsored: {longest: 1d}
agents:
  - {name: a, owner: it@example.com, purpose: a, until: 2027-01-31, hours: {zone: UTC}, rules: [{name: a, tools: [any], verdict: deny}]}
systems: {"*": {provisioned_by: gatehouse, attributes: {"*": {on_empty: {default: a}}}}}
attributes: {"*": {on_empty: {default: a}}}
tables: {"*": {"*": a}}
end: policy
`
