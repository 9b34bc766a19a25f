package condition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"gatehouse/internal/yamlfile"
)

// Text is a compiled CEL expression that answers a text.
type Text struct {
	// Text is the expression in CEL's own layout.
	Text string
	// Paths are the fields that the expression reads, each by the names that lead to it from a variable.
	Paths [][]string
	// Compared are the texts with which it compares fields.
	Compared []Comparison

	calls   []call
	program cel.Program
}

// CompileText compiles one expression that answers a text, and reports everything that is wrong with it.
func (c *Compiler) CompileText(r *yamlfile.Reader, path string, w yamlfile.Word) (Text, bool) {
	made, ok := c.compile(r, path, w, cel.StringType)
	if !ok {
		return Text{}, false
	}
	out := Text{Text: made.text, Paths: made.paths, Compared: made.compared, calls: made.calls, program: made.program}
	if empty, several := c.empty.(cel.Activation); several {
		if _, _, err := out.Of(empty); err != nil {
			c.failsEmpty(r, path, w, err)
			return Text{}, false
		}
	}
	return out, true
}

// Of answers for one value of the expression's variables, of which fields may be unknown: each by the names that lead to it. known is
// false where the answer depends on one of these.
func (t Text) Of(variables cel.Activation, unknown ...[]string) (text string, known bool, err error) {
	if len(unknown) > 0 {
		patterns := make([]*cel.AttributePatternType, len(unknown))
		for i, path := range unknown {
			patterns[i] = cel.AttributePattern(path[0])
			for _, field := range path[1:] {
				patterns[i] = patterns[i].QualString(field)
			}
		}
		if variables, err = cel.PartialVars(variables, patterns...); err != nil {
			return "", false, fmt.Errorf("evaluate %s: %w", t.Text, err)
		}
	}
	out, _, err := t.program.Eval(variables)
	switch {
	case err != nil:
		return "", false, fmt.Errorf("evaluate %s: %w", t.Text, err)
	case types.IsUnknown(out):
		return "", false, nil
	}
	text, ok := out.Value().(string)
	if !ok {
		return "", false, fmt.Errorf("evaluate %s: the answer is not a text", t.Text)
	}
	return text, true, nil
}

// Constants are the texts that stand as an argument in each call of a function, counted from 0. ok is false if one of them is
// worked out.
func (t Text) Constants(function string, argument int) (texts []string, ok bool) {
	ok = true
	for _, c := range t.calls {
		if c.function != function || argument >= len(c.arguments) {
			continue
		}
		text, constant := c.arguments[argument].(string)
		if !constant {
			ok = false
			continue
		}
		texts = append(texts, text)
	}
	return texts, ok
}

// call is a call of a function. An argument that is no constant is nil.
type call struct {
	function  string
	arguments []any
}

// walk finds what an expression reads and calls.
func walk(tree *cel.Ast) (paths [][]string, calls []call) {
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.SelectKind:
			if path := pathOf(e); path != nil {
				paths = append(paths, path)
			}
		case ast.CallKind:
			c := call{function: e.AsCall().FunctionName()}
			for _, argument := range e.AsCall().Args() {
				var value any
				if argument.Kind() == ast.LiteralKind {
					value = argument.AsLiteral().Value()
				}
				c.arguments = append(c.arguments, value)
			}
			calls = append(calls, c)
		default:
		}
	}))
	return paths, calls
}

// pathOf are the names by which a selection leads from a variable to a field, nil if it begins elsewhere.
func pathOf(e ast.Expr) []string {
	switch e.Kind() {
	case ast.IdentKind:
		return []string{e.AsIdent()}
	case ast.SelectKind:
		if before := pathOf(e.AsSelect().Operand()); before != nil {
			return append(before, e.AsSelect().FieldName())
		}
	default:
	}
	return nil
}

// selection is what a text ends with in front of a field.
var selection = regexp.MustCompile(`([a-z_]+(?:\.[a-z_]+)*)\.?$`)

// ownerOf finds what should have the field that follows a text, where a compiler knows several types.
func (c *Compiler) ownerOf(before string) (name string, fields []string, found bool) {
	m := selection.FindStringSubmatch(before)
	if len(c.parts) == 0 || m == nil {
		return "", nil, false
	}
	var at Subject
	for i, part := range strings.Split(m[1], ".") {
		if i == 0 {
			at, found = bySubject(c.subjects, func(s Subject) bool { return s.Name == part })
		} else {
			field := slices.IndexFunc(at.Fields, func(f Field) bool { return f.Name == part })
			if field < 0 {
				return "", nil, false
			}
			at, found = bySubject(c.parts, func(s Subject) bool { return s.Object == at.Fields[field].Type.TypeName() })
		}
		if !found {
			return "", nil, false
		}
	}
	return m[1], at.fieldNames(), true
}

func bySubject(all []Subject, is func(Subject) bool) (Subject, bool) {
	at := slices.IndexFunc(all, is)
	if at < 0 {
		return Subject{}, false
	}
	return all[at], true
}

// before is what stands in front of a place of an expression.
func before(text string, line, col int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	runes := []rune(lines[line-1])
	return string(runes[:min(max(col, 0), len(runes))])
}
