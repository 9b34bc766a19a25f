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

// compared finds the texts with which fields are compared by in, == and !=.
func compared(tree *cel.Ast, w yamlfile.Word) (out []Comparison) {
	source := tree.NativeRep().SourceInfo()
	for _, e := range ast.MatchDescendants(ast.NavigateAST(tree.NativeRep()), compares) {
		sides := e.AsCall().Args()
		for i, side := range sides {
			path := pathOf(side)
			if path == nil {
				continue
			}
			for _, literal := range textsIn(sides[1-i]) {
				at := source.GetStartLocation(literal.ID())
				line, col := inside(w, at.Line(), at.Column())
				out = append(out, Comparison{Path: path, Text: literal.AsLiteral().Value().(string), Line: line, Col: col})
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

// textsIn are the texts that an expression is, alone or as a list.
func textsIn(e ast.Expr) (out []ast.Expr) {
	all := []ast.Expr{e}
	if e.Kind() == ast.ListKind {
		all = e.AsList().Elements()
	}
	for _, one := range all {
		if one.Kind() != ast.LiteralKind {
			continue
		}
		if _, text := one.AsLiteral().Value().(string); text {
			out = append(out, one)
		}
	}
	return out
}
