package yamlfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Reader walks a YAML tree and collects every problem instead of stopping at the first.
type Reader struct {
	file     string
	style    Style
	problems []Problem
	// places are where Decode found the settings.
	places Places
	// shape records what is looked for, see ShapeOf; nil while a real file is read.
	shape *Shape
}

// Style says what a file is called in messages.
type Style struct {
	// Name stands for the file where no key does. Empty is the message about a file without content.
	Name, Empty string
	// Secret says that the file may hold secrets: no message quotes a value of it.
	Secret bool
}

// New makes the reader of one file. Its name is only used to say where a problem is.
func New(file string, style Style) *Reader { return &Reader{file: file, style: style} }

// Parse reads the file as YAML. If that fails, ok is false and the problems say why.
func (r *Reader) Parse(data []byte) (body ast.Node, ok bool) {
	// The parser lets doubled keys pass: Pairs reports them together with everything else.
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax) && syntax.GetToken() != nil:
		at := syntax.GetToken().Position
		r.FailAt(at.Line, at.Column, "not valid YAML: %s", r.unlessSecret(syntax.GetMessage()))
	case err != nil:
		r.FailAt(1, 1, "not valid YAML: %s", r.unlessSecret(err.Error()))
	case len(tree.Docs) > 1:
		line, col := placeOf(tree.Docs[1])
		r.FailAt(line, col, "the file has more than one YAML document: keep one")
	case len(tree.Docs) == 0 || tree.Docs[0].Body == nil:
		r.problems = nil
		r.FailAt(1, 1, "%s", r.style.Empty)
	default:
		return tree.Docs[0].Body, true
	}
	return nil, false
}

// Err is everything that was reported, as *Problems in the order of the file, nil if nothing was.
func (r *Reader) Err() error { return AsError(r.problems) }

// unlessSecret is what the parser says, which may quote the file.
func (r *Reader) unlessSecret(message string) string {
	if r.style.Secret {
		return "check indentation, colons and quotes"
	}
	return message
}

// said names a value in a message.
func (r *Reader) said(w Word) string {
	if r.style.Secret {
		return "the value"
	}
	return strconv.Quote(w.Text)
}

// Word is a text in the file together with its place.
type Word struct {
	Text      string
	Line, Col int
	Node      ast.Node
}

// Section is one mapping of the file with a fixed set of keys.
type Section struct {
	Reader *Reader
	Path   string
	At     ast.Node
	values map[string]ast.Node
	// Unreadable says that this is no mapping, which has been reported: that keys are missing is no news then.
	Unreadable bool
}

// Fail reports a problem at a place of the file.
func (r *Reader) Fail(at ast.Node, format string, args ...any) {
	line, col := Where(at)
	r.FailAt(line, col, format, args...)
}

// FailAt reports a problem at a line and a column.
func (r *Reader) FailAt(line, col int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Col: col, Text: fmt.Sprintf(format, args...)})
}

// Where returns the line and column of a node, or the start of the file for none.
func Where(n ast.Node) (line, col int) {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1, 1
	}
	return n.GetToken().Position.Line, n.GetToken().Position.Column
}

// placeOf returns where a document begins: with what it holds or, if that is nothing, with the line that separates it.
func placeOf(d *ast.DocumentNode) (line, col int) {
	at := d.Start
	if d.Body != nil {
		at = d.Body.GetToken()
	}
	return at.Position.Line, at.Position.Column
}

// Has reports whether a key is there, with whatever value.
func (s Section) Has(key string) bool { return s.values[key] != nil }

// Value is what stands under a key, nil if the key is not there.
func (s Section) Value(key string) ast.Node { return s.values[key] }

// Fail reports a problem at a place of the file.
func (s Section) Fail(at ast.Node, format string, args ...any) { s.Reader.Fail(at, format, args...) }

// Pairs returns the keys and values of a mapping in order. It reports whatever is not a plain mapping.
func (r *Reader) Pairs(path string, node ast.Node) (keys []Word, values []ast.Node) {
	r.noteKind(path, KindMap)
	m, ok := node.(ast.MapNode)
	if !ok {
		r.Fail(node, "%s must be a mapping of keys to values, not %s", r.orFile(path), kind(node))
		return nil, nil
	}
	seen := map[string]int{}
	for it := m.MapRange(); it.Next(); {
		key := it.Key()
		line, col := Where(key)
		_, scalar := key.(ast.ScalarNode)
		if key.IsMergeKey() || !scalar {
			r.Fail(key, "%s uses a YAML merge, anchor, tag or complex key: write the keys out", r.orFile(path))
			continue
		}
		text := key.GetToken().Value
		if first, twice := seen[text]; twice {
			r.Fail(key, "%s is set twice, first on line %d: remove one of them", Join(path, text), first)
			continue
		}
		seen[text] = line
		keys = append(keys, Word{Text: text, Line: line, Col: col, Node: key})
		values = append(values, it.Value())
	}
	return keys, values
}

// Section reads a mapping that may only have the known keys. A nil node is an empty section.
func (r *Reader) Section(path string, at, node ast.Node, known ...string) Section {
	s := Section{Reader: r, Path: path, At: at, values: map[string]ast.Node{}}
	r.note(path, func(s *Shape) { s.Kind, s.Names = KindSection, known })
	if node == nil {
		return s
	}
	_, mapping := node.(ast.MapNode)
	s.Unreadable = !mapping
	keys, values := r.Pairs(path, node)
	for i, key := range keys {
		if !slices.Contains(known, key.Text) {
			r.FailAt(key.Line, key.Col, "unknown key %q in %s%s; known keys: %s",
				key.Text, r.orFile(path), DidYouMean(key.Text, known), strings.Join(known, ", "))
			continue
		}
		s.values[key.Text] = values[i]
	}
	return s
}

// Section reads a mapping inside this one.
func (s Section) Section(key string, known ...string) Section {
	node := s.values[key]
	at := node
	if at == nil {
		at = s.At
	}
	sub := s.Reader.Section(Join(s.Path, key), at, node, known...)
	sub.Unreadable = sub.Unreadable || s.Unreadable
	return sub
}

// Scalar returns the text of a value if it has one of the wanted YAML types.
func (s Section) Scalar(key, want string, types ...ast.NodeType) (Word, bool) {
	s.Reader.noteScalar(Join(s.Path, key), types)
	node, ok := s.values[key]
	if !ok {
		return Word{}, false
	}
	return s.Reader.Scalar(Join(s.Path, key), node, want, types...)
}

// Scalar returns the text of a node if it has one of the wanted YAML types.
func (r *Reader) Scalar(path string, node ast.Node, want string, types ...ast.NodeType) (Word, bool) {
	r.noteScalar(path, types)
	if !slices.Contains(types, node.Type()) {
		r.Fail(node, "%s must be %s, not %s%s", path, want, kind(node), r.quoteHint(node, types))
		return Word{}, false
	}
	line, col := Where(node)
	text := node.GetToken().Value
	if literal, ok := node.(*ast.LiteralNode); ok {
		text = literal.Value.Value
	}
	return Word{Text: text, Line: line, Col: col, Node: node}, true
}

// Text reads a non-empty text.
func (s Section) Text(key string) (Word, bool) {
	s.Reader.note(Join(s.Path, key), func(s *Shape) { s.Filled = true })
	w, ok := s.Scalar(key, "a text", ast.StringType, ast.LiteralType)
	if ok && strings.TrimSpace(w.Text) == "" {
		s.Fail(w.Node, "%s is empty: give it a value or remove the key", Join(s.Path, key))
		return Word{}, false
	}
	return w, ok
}

// MustHave reports a key that is not there; hint says what to write.
func (s Section) MustHave(key, hint string) {
	s.Reader.NoteRequired(s.Path, key)
	s.Lacks(key, hint)
}

// Lacks reports a key that is not there and that something else makes necessary.
func (s Section) Lacks(key, hint string) {
	if _, ok := s.values[key]; !ok && !s.Unreadable {
		s.Fail(s.At, "%s is missing: %s", Join(s.Path, key), hint)
	}
}

// Required is text that has to be there.
func (s Section) Required(key, hint string) (Word, bool) {
	s.MustHave(key, hint)
	return s.Text(key)
}

// RequiredSection reports a section that protects and is not there: one that was left out by mistake would be taken for
// one that was left out on purpose.
func (s Section) RequiredSection(key, hint string) {
	s.Reader.NoteRequired(s.Path, key)
	if s.Has(key) || s.Unreadable {
		return
	}
	s.Fail(s.At, "the section %s is missing: %s", key, hint)
}

// Items returns the elements of a list.
func (s Section) Items(key, want string) []ast.Node {
	s.Reader.noteKind(Join(s.Path, key), KindList)
	node, ok := s.values[key]
	if !ok {
		return nil
	}
	return s.Reader.items(Join(s.Path, key), want, node)
}

func (r *Reader) items(path, want string, node ast.Node) []ast.Node {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		r.Fail(node, "%s must be a list of %s, not %s", path, want, kind(node))
		return nil
	}
	return list.Values
}

// NotEmpty refuses a list that is there and has no elements.
func (s Section) NotEmpty(key, hint string) {
	s.Reader.note(Join(s.Path, key), func(s *Shape) { s.Filled = true })
	if list, ok := s.values[key].(*ast.SequenceNode); ok && len(list.Values) == 0 {
		s.Fail(list, "%s is empty: %s", Join(s.Path, key), hint)
	}
}

// Words reads a list of different, non-empty texts.
func (s Section) Words(key string) []Word {
	s.Reader.noteList(Join(s.Path, key), KindText)
	if !s.Has(key) {
		return nil
	}
	return s.Reader.Words(Join(s.Path, key), s.values[key])
}

// WordOrWords reads such a list, or one text without the brackets.
func (s Section) WordOrWords(key string) []Word {
	path := Join(s.Path, key)
	s.Reader.noteList(path, KindText)
	s.Reader.note(path, func(s *Shape) { s.Single = true })
	node := s.values[key]
	if _, list := node.(*ast.SequenceNode); list || node == nil {
		return s.Words(key)
	}
	w, ok := s.Reader.Scalar(Item(path, 0), node, "a text or a list of texts", ast.StringType, ast.LiteralType)
	if !ok {
		return nil
	}
	return []Word{w}
}

// Words reads a list of different, non-empty texts at a place.
func (r *Reader) Words(path string, node ast.Node) []Word {
	r.noteList(path, KindText)
	var out []Word
	seen := map[string]bool{}
	for i, node := range r.items(path, "texts", node) {
		path := Item(path, i)
		w, ok := r.Scalar(path, node, "a text", ast.StringType, ast.LiteralType)
		switch {
		case !ok:
		case strings.TrimSpace(w.Text) == "":
			r.Fail(node, "%s is empty: give it a value or remove it", path)
		case seen[w.Text]:
			r.Fail(node, "%s repeats %q: remove one of them", path, w.Text)
		default:
			seen[w.Text] = true
			out = append(out, w)
		}
	}
	return out
}

// Join is the path of a key below a path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (r *Reader) orFile(path string) string {
	if path == "" {
		return r.style.Name
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
	case *ast.IntegerNode, *ast.FloatNode:
		return "a number"
	case *ast.InfinityNode:
		return "infinity, which .inf stands for"
	case *ast.NanNode:
		return ".nan, which stands for what is no number"
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
func (r *Reader) quoteHint(n ast.Node, wanted []ast.NodeType) string {
	switch n.Type() {
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType, ast.BoolType:
		if !r.style.Secret && slices.Contains(wanted, ast.StringType) {
			return fmt.Sprintf(": put it in quotes, %q", n.GetToken().Value)
		}
	default:
	}
	return ""
}

// Texts returns the texts of words.
func Texts(words []Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return slices.Clip(out)
}

// Distinct returns the texts of words in alphabetical order, each once.
func Distinct(words []Word) []string {
	out := Texts(words)
	slices.Sort(out)
	return slices.Compact(out)
}

// Item is the path of an entry of a list.
func Item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
