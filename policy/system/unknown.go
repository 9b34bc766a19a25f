package system

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/internal/yamlfile"
)

// Unknown is a name in the file that a system does not have, or by which nobody can tell what is meant.
type Unknown struct {
	identity.SystemObject
	// Text says what is wrong and what to do about it, and Line and Col where the name stands.
	Text      string
	Line, Col int
}

// Unknown compares the names in the file with what each system has. A system or a kind of which nothing is known is not checked.
func (s *Set) Unknown(objects map[string][]Object) []Unknown {
	var list []Unknown
	for _, m := range s.mentions {
		text := s.wrong(m, slices.DeleteFunc(slices.Clone(objects[m.System]), func(o Object) bool { return !m.is(o) }))
		if text == "" {
			continue
		}
		if m.rule != "" {
			text = fmt.Sprintf("the condition of rule %q cannot be decided: %s", m.rule, text)
		}
		list = append(list, Unknown{SystemObject: m.SystemObject, Text: text, Line: m.at.Line, Col: m.at.Col})
	}
	return list
}

// wrong says what is wrong with a mention, given what a system has of its kind, and what to do about it.
func (s *Set) wrong(m mention, has []Object) string {
	var names, ids []string
	for _, o := range has {
		names = append(names, o.Name)
		if o.Name == m.Name || m.Kind == identity.ObjectContainer && identity.SamePlace(o.Name, m.Name) {
			ids = append(ids, o.ID)
		}
	}
	var renamed []Object
	for _, o := range has {
		if o.Name != m.Name && slices.Contains(o.Formerly, m.Name) && !slices.Contains(ids, o.ID) {
			renamed = append(renamed, o)
		}
	}
	one, several := titles(m.Kind)
	switch {
	case len(has) == 0:
		return ""
	case len(ids) == 0 && len(renamed) > 0:
		return fmt.Sprintf("%s has no %s %q, it was renamed to %s: write the name that it has now, or rename it back there; one that is made anew would be another one",
			m.System, one, m.Name, quoted(renamed))
	case len(ids) == 0:
		return fmt.Sprintf("%s has no %s %q%s: create it there or correct the name", m.System, one, m.Name, yamlfile.DidYouMean(m.Name, names))
	case len(ids) > 1 && m.Kind != anyKind:
		return fmt.Sprintf("%s has %d %s that are called %q, and nobody can tell which is meant: rename all but one there", m.System, len(ids), several, m.Name)
	}
	renamed = slices.DeleteFunc(renamed, func(o Object) bool { return s.mentioned(m.System, o) })
	if !m.compared || len(renamed) == 0 {
		return ""
	}
	return fmt.Sprintf("%s has a %s %q, and what was called so before was renamed to %s: nobody can tell which is meant. Write the name that it has now, "+
		"or both of them, or delete it there", m.System, one, m.Name, quoted(renamed))
}

func quoted(objects []Object) string {
	var names []string
	for _, o := range objects {
		names = append(names, fmt.Sprintf("%q", o.Name))
	}
	return strings.Join(sorted(names), " and ")
}

// mentioned reports that the file has an object's name where something is decided by it. Of licences only comparisons are such a place.
func (s *Set) mentioned(system string, o Object) bool {
	return slices.ContainsFunc(s.mentions, func(m mention) bool {
		return m.System == system && m.Name == o.Name && m.is(o) && (m.compared || o.Kind != identity.ObjectLicence)
	})
}
