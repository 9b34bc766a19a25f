package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// reader walks a YAML tree and collects every problem instead of stopping at the first.
type reader struct {
	file     string
	problems []Problem
	// shape takes down what is looked for, see FileShape; nil while a policy is read.
	shape *Shape
}

// word is a text in the file together with its place.
type word struct {
	text      string
	line, col int
	node      ast.Node
}

// section is one mapping of the file with a fixed set of keys.
type section struct {
	r      *reader
	path   string
	at     ast.Node
	values map[string]ast.Node
	// unreadable says that this is no mapping, which has been reported: that keys are missing is no news then.
	unreadable bool
}

func (r *reader) fail(at ast.Node, format string, args ...any) {
	line, col := place(at)
	r.failAt(line, col, format, args...)
}

func (r *reader) failAt(line, col int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Col: col, Text: fmt.Sprintf(format, args...)})
}

// place returns the line and column of a node, or the start of the file for none.
func place(n ast.Node) (line, col int) {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1, 1
	}
	return n.GetToken().Position.Line, n.GetToken().Position.Column
}

// pairs returns the keys and values of a mapping in order. It reports whatever is not a plain mapping.
func (r *reader) pairs(path string, node ast.Node) (keys []word, values []ast.Node) {
	r.noteKind(path, KindMap)
	m, ok := node.(ast.MapNode)
	if !ok {
		r.fail(node, "%s must be a mapping of keys to values, not %s", orFile(path), kind(node))
		return nil, nil
	}
	seen := map[string]int{}
	for it := m.MapRange(); it.Next(); {
		key := it.Key()
		line, col := place(key)
		_, scalar := key.(ast.ScalarNode)
		if key.IsMergeKey() || !scalar {
			r.fail(key, "%s uses a YAML merge, anchor, tag or complex key: write the keys out", orFile(path))
			continue
		}
		text := key.GetToken().Value
		if first, twice := seen[text]; twice {
			r.fail(key, "%s is set twice, first on line %d: remove one of them", join(path, text), first)
			continue
		}
		seen[text] = line
		keys = append(keys, word{text: text, line: line, col: col, node: key})
		values = append(values, it.Value())
	}
	return keys, values
}

// section reads a mapping that may only have the known keys. A nil node is an empty section.
func (r *reader) section(path string, at, node ast.Node, known ...string) section {
	s := section{r: r, path: path, at: at, values: map[string]ast.Node{}}
	r.note(path, func(s *Shape) { s.Kind, s.Names = KindSection, known })
	if node == nil {
		return s
	}
	_, mapping := node.(ast.MapNode)
	s.unreadable = !mapping
	keys, values := r.pairs(path, node)
	for i, key := range keys {
		if !slices.Contains(known, key.text) {
			r.failAt(key.line, key.col, "unknown key %q in %s%s; known keys: %s",
				key.text, orFile(path), didYouMean(key.text, known), strings.Join(known, ", "))
			continue
		}
		s.values[key.text] = values[i]
	}
	return s
}

// section reads a mapping inside this one.
func (s section) section(key string, known ...string) section {
	node := s.values[key]
	at := node
	if at == nil {
		at = s.at
	}
	sub := s.r.section(join(s.path, key), at, node, known...)
	sub.unreadable = sub.unreadable || s.unreadable
	return sub
}

// scalar returns the text of a value if it has one of the wanted YAML types.
func (s section) scalar(key, want string, types ...ast.NodeType) (word, bool) {
	s.r.noteScalar(join(s.path, key), types)
	node, ok := s.values[key]
	if !ok {
		return word{}, false
	}
	return s.r.scalar(join(s.path, key), node, want, types...)
}

func (r *reader) scalar(path string, node ast.Node, want string, types ...ast.NodeType) (word, bool) {
	r.noteScalar(path, types)
	if !slices.Contains(types, node.Type()) {
		r.fail(node, "%s must be %s, not %s%s", path, want, kind(node), quoteHint(node, types))
		return word{}, false
	}
	line, col := place(node)
	text := node.GetToken().Value
	if literal, ok := node.(*ast.LiteralNode); ok {
		text = literal.Value.Value
	}
	return word{text: text, line: line, col: col, node: node}, true
}

// text reads a non-empty text.
func (s section) text(key string) (word, bool) {
	s.r.note(join(s.path, key), func(s *Shape) { s.Filled = true })
	w, ok := s.scalar(key, "a text", ast.StringType, ast.LiteralType)
	if ok && strings.TrimSpace(w.text) == "" {
		s.r.fail(w.node, "%s is empty: give it a value or remove the key", join(s.path, key))
		return word{}, false
	}
	return w, ok
}

// mustHave reports a key that is not there; hint says what to write.
func (s section) mustHave(key, hint string) {
	s.r.noteRequired(s.path, key)
	s.lacks(key, hint)
}

// lacks reports a key that is not there and that something else makes necessary.
func (s section) lacks(key, hint string) {
	if _, ok := s.values[key]; !ok && !s.unreadable {
		s.r.fail(s.at, "%s is missing: %s", join(s.path, key), hint)
	}
}

// required is text that has to be there.
func (s section) required(key, hint string) (word, bool) {
	s.mustHave(key, hint)
	return s.text(key)
}

// items returns the elements of a list.
func (s section) items(key, want string) []ast.Node {
	s.r.noteKind(join(s.path, key), KindList)
	node, ok := s.values[key]
	if !ok {
		return nil
	}
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		s.r.fail(node, "%s must be a list of %s, not %s", join(s.path, key), want, kind(node))
		return nil
	}
	return list.Values
}

// words reads a list of different, non-empty texts.
func (s section) words(key string) []word {
	s.r.noteList(join(s.path, key), KindText)
	var out []word
	seen := map[string]bool{}
	for i, node := range s.items(key, "texts") {
		path := fmt.Sprintf("%s[%d]", join(s.path, key), i)
		w, ok := s.r.scalar(path, node, "a text", ast.StringType, ast.LiteralType)
		switch {
		case !ok:
		case strings.TrimSpace(w.text) == "":
			s.r.fail(node, "%s is empty: give it a value or remove it", path)
		case seen[w.text]:
			s.r.fail(node, "%s repeats %q: remove one of them", path, w.text)
		default:
			seen[w.text] = true
			out = append(out, w)
		}
	}
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orFile(path string) string {
	if path == "" {
		return "the policy"
	}
	return path
}

// kind names a YAML type the way a person who edits the file would.
func kind(n ast.Node) string {
	switch n.(type) {
	case nil, *ast.NullNode:
		return "an empty value"
	case *ast.StringNode, *ast.LiteralNode:
		return "a text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.AliasNode, *ast.AnchorNode, *ast.TagNode:
		return "a YAML anchor, alias or tag"
	}
	return "something else"
}

// quoteHint explains the commonest slip: a text that YAML reads as something else.
func quoteHint(n ast.Node, wanted []ast.NodeType) string {
	if _, scalar := n.(ast.ScalarNode); !scalar || n.Type() == ast.NullType || !slices.Contains(wanted, ast.StringType) {
		return ""
	}
	return fmt.Sprintf(": put it in quotes, %q", n.GetToken().Value)
}

// sortedKeys returns the keys of a set in order.
func sortedKeys(set map[string]bool) []string {
	return slices.Sorted(maps.Keys(set))
}
