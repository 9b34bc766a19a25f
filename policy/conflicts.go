package policy

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/internal/yamlfile"
)

// Conflict is a separation of duties: nobody may hold two of its roles at the same time.
type Conflict struct {
	// Name says what is kept apart, for reviews and notices.
	Name string
	// Roles are the roles of the conflict, in the order of the policy.
	Roles []string
}

// readConflicts reads access.conflicts.
func (p *Policy) readConflicts(s yamlfile.Section) {
	lines := map[string]int{}
	for i, node := range s.Items("conflicts", "conflicts") {
		p.readConflict(s, i, node, lines)
	}
}

func (p *Policy) readConflict(s yamlfile.Section, i int, node ast.Node, lines map[string]int) {
	path := yamlfile.Item("access.conflicts", i)
	sub := s.Reader.Section(path, node, node, "name", "roles")
	var c Conflict
	if w, ok := sub.Required("name", "give it a name: reviews and notices quote it"); ok {
		c.Name = w.Text
		if first, twice := lines[w.Text]; twice {
			s.Fail(w.Node, "%s.name: the conflict on line %d is also called %q: give each its own name", path, first, w.Text)
		}
		lines[w.Text] = w.Line
	}
	words := sub.Words("roles")
	s.Reader.NoteRequired(path, "roles")
	c.Roles = p.mentionRoles(words)
	if len(c.Roles) < 2 && sub.Has("roles") {
		s.Fail(node, "%s keeps nothing apart: name at least two roles of which nobody may hold two", path)
	}
	if !sub.Has("roles") {
		s.Fail(node, "%s.roles is missing: name at least two roles of which nobody may hold two", path)
	}
	p.conflicts = append(p.conflicts, c)
}

// ConflictsOf returns the separations of duties that holding these roles breaks, each with those of its roles that are
// held.
func (p *Policy) ConflictsOf(roles []string) []Conflict {
	var broken []Conflict
	for _, c := range p.conflicts {
		var held []string
		for _, role := range c.Roles {
			if slices.Contains(roles, role) {
				held = append(held, role)
			}
		}
		if len(held) > 1 {
			broken = append(broken, Conflict{Name: c.Name, Roles: held})
		}
	}
	return broken
}

// checkConflicts refuses a rule that gives by itself what may not be held together. Rules that only do so together are
// found when a person matches both.
func (p *Policy) checkConflicts(r *yamlfile.Reader) {
	for _, rule := range p.rules {
		for _, c := range p.ConflictsOf(rule.roles) {
			r.Fail(rule.at, "rule %q gives %q and %q, which access.conflicts (%s) keeps apart: give them in rules for different people",
				rule.name, c.Roles[0], c.Roles[1], c.Name)
		}
	}
}

// describeConflict words a broken separation of duties for a notice.
func describeConflict(c Conflict) string {
	return fmt.Sprintf("%q and %q, which %q keeps apart", c.Roles[0], c.Roles[1], c.Name)
}
