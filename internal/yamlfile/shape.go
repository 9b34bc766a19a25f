package yamlfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Kind is what may stand at a place of a file.
type Kind string

// The kinds.
const (
	// KindSection has the keys of Shape.Keys and no others, or is one of Shape.Choices if there are any; KindMap has keys of the
	// tenant's own, with Shape.Item under each.
	KindSection Kind = "section"
	KindMap     Kind = "map"
	// KindList has Shape.Item under each entry, or alone where Shape.Single.
	KindList Kind = "list"
	// KindText is a text, one of Shape.Choices if there are any.
	KindText     Kind = "text"
	KindDuration Kind = "duration"
	KindClock    Kind = "clock"
	KindBool     Kind = "bool"
	KindInteger  Kind = "integer"
	KindNumber   Kind = "number"
)

// Shape is what a reader takes at one place of its file. It is recorded while the reader works, so that it
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
	// Never says that a duration may be the word never, Filled that a text or list may not be empty, Distinct that no entry of
	// a list may stand there twice, Single that a list of one may be written without its brackets.
	Never, Filled, Distinct, Single bool
}

// ShapeOf records what a reader looks for in a text. That it finds problems is expected: a sample is there to be read.
func ShapeOf(sample string, read func(*Reader, ast.Node) error) (*Shape, error) {
	tree, err := parser.ParseBytes([]byte(sample), 0)
	if err != nil {
		return nil, fmt.Errorf("parse a sample: %w", err)
	}
	r := &Reader{file: "sample", shape: &Shape{Keys: map[string]*Shape{}}}
	if err := read(r, tree.Docs[0].Body); err != nil {
		return nil, fmt.Errorf("read a sample: %w", err)
	}
	return r.shape, nil
}

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
	return Join(path, part)
}

func (s *Shape) child(part string) *Shape {
	if part == "[]" || s.Kind == KindMap {
		if s.Item == nil {
			s.Item = &Shape{Path: entryPath(s.Path, part), Keys: map[string]*Shape{}}
		}
		return s.Item
	}
	if s.Keys[part] == nil {
		s.Keys[part] = &Shape{Path: Join(s.Path, part), Keys: map[string]*Shape{}}
	}
	return s.Keys[part]
}

// note records what is read at a place. It does nothing while a real file is read.
func (r *Reader) note(path string, learn func(*Shape)) {
	if r.shape != nil {
		learn(r.shape.at(path))
	}
}

// noteKind records the kind of a place, unless a closer look has already said more.
func (r *Reader) noteKind(path string, kind Kind) {
	r.note(path, func(s *Shape) { s.become(kind) })
}

func (s *Shape) become(kind Kind) {
	if s.Kind == "" {
		s.Kind = kind
	}
}

// noteScalar records a value by the types of YAML that it may have.
func (r *Reader) noteScalar(path string, types []ast.NodeType) {
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
func (r *Reader) noteList(path string, kind Kind) {
	r.note(path, func(s *Shape) {
		s.become(KindList)
		s.Distinct = true
		item := s.child("[]")
		item.become(kind)
		item.Filled = true
	})
}

// NoteChoices records that a text, or each text of a list, is one of a few.
func (r *Reader) NoteChoices(path string, choices []string) {
	r.note(path, func(s *Shape) { s.Choices = choices })
}

// noteBounds records between which numbers one has to be.
func (r *Reader) noteBounds(path string, lowest, highest float64) {
	r.note(path, func(s *Shape) { s.Bounded, s.Lowest, s.Highest = true, lowest, highest })
}

// NoteRequired records that a section has to have a key.
func (r *Reader) NoteRequired(path, key string) {
	r.note(path, func(s *Shape) {
		if !slices.Contains(s.Required, key) {
			s.Required = append(s.Required, key)
		}
	})
}
