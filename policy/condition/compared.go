package condition

import (
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// Comparison is a field that an expression compares with a text, or in which it looks for one.
type Comparison struct {
	// Path are the names that lead to the field from a variable.
	Path []string
	Text string
}

// comparisons finds what an expression compares. Texts that it works out are not found, and loops are not allowed.
func comparisons(tree *cel.Ast) (found []Comparison) {
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		switch args := e.AsCall().Args(); e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals, operators.In:
			a, b := sourcesOf(args[0]), sourcesOf(args[1])
			found = slices.Concat(found, a.with(b), b.with(a))
		}
	}))
	return found
}

// sources are the fields and the texts that a value of an expression comes from.
type sources struct {
	paths [][]string
	texts []string
}

// with compares each field with each text of the other side.
func (s sources) with(other sources) (found []Comparison) {
	for _, path := range s.paths {
		for _, text := range other.texts {
			found = append(found, Comparison{Path: path, Text: text})
		}
	}
	return found
}

func sourcesOf(all ...ast.Expr) (s sources) {
	for _, e := range all {
		var of sources
		switch e.Kind() {
		case ast.SelectKind:
			if path := pathOf(e); path != nil {
				of.paths = [][]string{path}
			}
		case ast.LiteralKind:
			if text, ok := e.AsLiteral().Value().(string); ok {
				of.texts = []string{text}
			}
		case ast.ListKind:
			of = sourcesOf(e.AsList().Elements()...)
		case ast.CallKind:
			switch args := e.AsCall().Args(); e.AsCall().FunctionName() {
			case operators.Index:
				of = sourcesOf(args[0])
			case operators.Conditional:
				of = sourcesOf(args[1:]...)
			}
		default:
		}
		s.paths, s.texts = append(s.paths, of.paths...), append(s.texts, of.texts...)
	}
	return s
}
