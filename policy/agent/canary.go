package agent

import (
	"slices"
	"strings"

	"gatehouse/internal/yamlfile"
)

// Canaries are what nobody has a reason to ask about: an agent that does follows somebody's instructions, or has lost its token.
type Canaries struct {
	// People are keys, addresses and usernames, Roles names of roles.
	People, Roles []string
}

// ReadCanaries reads the section agents_canaries of a policy.
func ReadCanaries(root yamlfile.Section) Canaries {
	s := root.Section("agents_canaries", "people", "roles")
	return Canaries{People: yamlfile.Texts(s.Words("people")), Roles: yamlfile.Texts(s.Words("roles"))}
}

// Named reports that one of these texts names a canary.
func (c Canaries) Named(texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool {
		is := func(canary string) bool { return strings.EqualFold(canary, strings.TrimSpace(text)) }
		return slices.ContainsFunc(c.People, is) || slices.ContainsFunc(c.Roles, is)
	})
}
