package condition

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"

	"gatehouse/internal/yamlfile"
)

// Comparison is a text with which an expression compares what a field holds.
type Comparison struct {
	// Path are the names that lead to the field from a variable.
	Path []string
	Text string
	// Worked says that the text is compared with something that is worked out from the field.
	Worked bool
	// Line and Col are where the text stands in the file.
	Line, Col int
}

// compared finds the texts with which fields are compared by in, == and !=. Texts that it works out are not found, and loops are not allowed.
func compared(tree *cel.Ast, w yamlfile.Word) (out []Comparison) {
	source := tree.NativeRep().SourceInfo()
	in := sourcesIn{tree.NativeRep()}
	for _, e := range ast.MatchDescendants(ast.NavigateAST(tree.NativeRep()), compares) {
		sides := e.AsCall().Args()
		for i := range sides {
			from := in.of(sides[i])
			for _, literal := range in.of(sides[1-i]).texts {
				at := source.GetStartLocation(literal.ID())
				line, col := inside(w, at.Line(), at.Column())
				c := Comparison{Text: literal.AsLiteral().Value().(string), Line: line, Col: col}
				for _, c.Path = range from.paths {
					out = append(out, c)
				}
				c.Worked = true
				for _, c.Path = range from.worked {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

func compares(e ast.NavigableExpr) bool {
	if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
		return false
	}
	switch e.AsCall().FunctionName() {
	case operators.In, operators.Equals, operators.NotEquals:
		return true
	}
	return false
}

// sources are the fields and the texts that a value of an expression comes from, and the fields from which it is worked out.
type sources struct {
	paths, worked [][]string
	texts         []ast.Expr
}

type sourcesIn struct{ tree *ast.AST }

func (in sourcesIn) of(all ...ast.Expr) (s sources) {
	for _, e := range all {
		var of sources
		switch e.Kind() {
		case ast.SelectKind:
			if path := pathOf(e); path != nil {
				of.paths = [][]string{path}
				break
			}
			for _, path := range pathsIn(e.AsSelect().Operand()) {
				of.worked = append(of.worked, append(path, e.AsSelect().FieldName()))
			}
		case ast.LiteralKind:
			if _, text := e.AsLiteral().Value().(string); text {
				of.texts = []ast.Expr{e}
			}
		case ast.ListKind:
			of = in.of(e.AsList().Elements()...)
		case ast.CallKind:
			of = in.call(e)
		default:
			of.worked = pathsIn(e)
		}
		s.paths, s.worked, s.texts = append(s.paths, of.paths...), append(s.worked, of.worked...), append(s.texts, of.texts...)
	}
	return s
}

// call is what the value of a call comes from. A number, and whether something is so, are nothing's content.
func (in sourcesIn) call(e ast.Expr) sources {
	args := e.AsCall().Args()
	switch e.AsCall().FunctionName() {
	case operators.Index:
		return in.of(args[0])
	case operators.Conditional:
		return in.of(args[1:]...)
	case overloads.TypeConvertDyn:
		return in.of(args...)
	}
	switch in.tree.GetType(e.ID()).Kind() {
	case types.BoolKind, types.IntKind, types.UintKind, types.DoubleKind:
		return sources{}
	default:
		return sources{worked: pathsIn(e)}
	}
}

// pathsIn are the fields that an expression reads.
func pathsIn(e ast.Expr) (paths [][]string) {
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		if path := pathOf(e); len(path) > 1 {
			paths = append(paths, path)
		}
	}))
	return paths
}
