package condition

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"gatehouse/internal/yamlfile"
)

// Comparison is a text with which an expression compares what a field holds.
type Comparison struct {
	// Path are the names that lead to the field from a variable.
	Path []string
	Text string
	// Line and Col are where the text stands in the file.
	Line, Col int
}

// compared finds the texts with which fields are compared by in, == and !=. Texts that it works out are not found, and loops are not allowed.
func compared(tree *cel.Ast, w yamlfile.Word) (out []Comparison) {
	source := tree.NativeRep().SourceInfo()
	for _, e := range ast.MatchDescendants(ast.NavigateAST(tree.NativeRep()), compares) {
		sides := e.AsCall().Args()
		for i := range sides {
			for _, path := range sourcesOf(sides[i]).paths {
				for _, literal := range sourcesOf(sides[1-i]).texts {
					at := source.GetStartLocation(literal.ID())
					line, col := inside(w, at.Line(), at.Column())
					out = append(out, Comparison{Path: path, Text: literal.AsLiteral().Value().(string), Line: line, Col: col})
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

// sources are the fields and the texts that a value of an expression comes from.
type sources struct {
	paths [][]string
	texts []ast.Expr
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
			if _, text := e.AsLiteral().Value().(string); text {
				of.texts = []ast.Expr{e}
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
