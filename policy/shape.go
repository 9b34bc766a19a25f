package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Kind is what may stand at a place of the policy file.
type Kind string

// The kinds.
const (
	// KindSection has the keys of Shape.Keys and no others; KindMap has keys of the tenant's own, with Shape.Item under each.
	KindSection Kind = "section"
	KindMap     Kind = "map"
	// KindList has Shape.Item under each entry.
	KindList Kind = "list"
	// KindText is a text, one of Shape.Choices if there are any.
	KindText     Kind = "text"
	KindDuration Kind = "duration"
	KindClock    Kind = "clock"
	KindBool     Kind = "bool"
	KindInteger  Kind = "integer"
	KindNumber   Kind = "number"
)

// Shape is what the reader of the policy takes at one place of the file. It is recorded while the reader works, so that it
// cannot differ from it.
type Shape struct {
	// Path is the place, with [] for each entry of a list and * for each key of a map.
	Path string
	Kind Kind
	// Names are the keys of a section in their order, Keys what is under them, Required those that have to be there.
	Names    []string
	Keys     map[string]*Shape
	Required []string
	Item     *Shape
	Choices  []string
	// Lowest and Highest bound a number, if Bounded.
	Bounded         bool
	Lowest, Highest float64
	// Never says that a duration may be the word never, Filled that a text may not be empty, Distinct that no entry of a list
	// may stand there twice.
	Never, Filled, Distinct bool
}

// FileShape is what a policy file may hold. It comes from reading a file that has an entry in every list and map, and one
// that has nothing, which shows what is missing.
func FileShape() (*Shape, error) {
	full, err := shapeOf(everyEntry)
	if err != nil {
		return nil, err
	}
	empty, err := shapeOf(endMark + "\n")
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

// shapeOf records what the reader looks for in a text. That it finds problems is expected: a sample is there to be read.
func shapeOf(text string) (*Shape, error) {
	tree, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, fmt.Errorf("parse the sample of a policy: %w", err)
	}
	r := &reader{file: "sample", shape: &Shape{Keys: map[string]*Shape{}}}
	if err := (&Policy{file: "sample"}).read(r, tree.Docs[0].Body); err != nil {
		return nil, fmt.Errorf("read the sample of a policy: %w", err)
	}
	return r.shape, nil
}

// everyEntry leads the reader into every part of a policy that it only reads where there is something.
const everyEntry = `locations: {"*": UTC}
roles: {"*": {owner: it@example.com}}
access:
  rules: [{name: a, when: "true", roles: [A], keep_old_access: 1d}]
  conflicts: [{name: a, roles: [A, B]}]
leaver: {fallback_owner: it@example.com}
naming: {username: ["{first}"], match_external_ids: ["{key}"], domain: example.com}
mfa: {enrolment_events: [A], restrict: {group: A}, rules: [{name: a, when: "true", restrict: {group: A}}]}
review: {compliance: it@example.com}
safety: {protected: []}
modes: {}
events:
  severities: {"*": none}
  networks: [{cidr: 198.51.100.0/24}]
  rules: [{name: a, types: [A], impossible_travel: {}, respond: [{order: lock, minutes: 5}]}]
deciders: {people: [{address: it@example.com, may: [any]}]}
end: policy
`

// entry is an entry of a list in a path.
var entry = regexp.MustCompile(`\[\d*\]`)

// at finds the shape of a path, and makes it where it is not known yet.
func (s *Shape) at(path string) *Shape {
	here := s
	if path == "" {
		return here
	}
	for _, part := range strings.Split(entry.ReplaceAllString(path, ".[]"), ".") {
		here = here.child(part)
	}
	return here
}

// entryPath is the path of what a list or a map holds.
func entryPath(path, part string) string {
	if part == "[]" {
		return path + part
	}
	return join(path, part)
}

func (s *Shape) child(part string) *Shape {
	if part == "[]" || s.Kind == KindMap {
		if s.Item == nil {
			s.Item = &Shape{Path: entryPath(s.Path, part), Keys: map[string]*Shape{}}
		}
		return s.Item
	}
	if s.Keys[part] == nil {
		s.Keys[part] = &Shape{Path: join(s.Path, part), Keys: map[string]*Shape{}}
	}
	return s.Keys[part]
}

// note records what is read at a place. It does nothing while a real policy is read.
func (r *reader) note(path string, learn func(*Shape)) {
	if r.shape != nil {
		learn(r.shape.at(path))
	}
}

// noteKind records the kind of a place, unless a closer look has already said more.
func (r *reader) noteKind(path string, kind Kind) {
	r.note(path, func(s *Shape) { s.become(kind) })
}

func (s *Shape) become(kind Kind) {
	if s.Kind == "" {
		s.Kind = kind
	}
}

// noteScalar records a value by the types of YAML that it may have.
func (r *reader) noteScalar(path string, types []ast.NodeType) {
	kind := KindText
	switch {
	case slices.Contains(types, ast.BoolType):
		kind = KindBool
	case slices.Contains(types, ast.FloatType):
		kind = KindNumber
	case slices.Contains(types, ast.IntegerType):
		kind = KindInteger
	}
	r.noteKind(path, kind)
}

// noteList records a list of words.
func (r *reader) noteList(path string, kind Kind) {
	r.note(path, func(s *Shape) {
		s.become(KindList)
		s.Distinct = true
		item := s.child("[]")
		item.become(kind)
		item.Filled = true
	})
}

// noteChoices records that a text, or each text of a list, is one of a few.
func (r *reader) noteChoices(path string, choices []string) {
	r.note(path, func(s *Shape) { s.Choices = choices })
}

// noteBounds records between which numbers one has to be.
func (r *reader) noteBounds(path string, lowest, highest float64) {
	r.note(path, func(s *Shape) { s.Bounded, s.Lowest, s.Highest = true, lowest, highest })
}

// noteRequired records that a section has to have a key.
func (r *reader) noteRequired(path, key string) {
	r.note(path, func(s *Shape) {
		if !slices.Contains(s.Required, key) {
			s.Required = append(s.Required, key)
		}
	})
}
