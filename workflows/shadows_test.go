package workflows_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// declared is a struct as its package declares it: the names of its fields and methods, and what it embeds.
type declared struct{ names, embeds []string }

// TestNothingIsShadowed: a field or a method of the same name as one of an embedded struct hides it, and a reader of a call
// cannot tell which of the two is meant.
func TestNothingIsShadowed(t *testing.T) {
	t.Parallel()
	types := structs(t)
	require.Contains(t, types["step.Console"].names, "Run")
	require.Contains(t, types["lifecycle.run"].embeds, "step.Console")
	var hidden []string
	for name, outer := range types {
		if strings.HasPrefix(name, "api.") {
			continue // The contract keeps its fields.
		}
		promoted := map[string]string{}
		for inner := range reached(types, name) {
			for _, each := range types[inner].names {
				promoted[each] = inner
			}
		}
		for _, each := range outer.names {
			if inner := promoted[each]; inner != "" {
				hidden = append(hidden, name+"."+each+" hides that of "+inner)
			}
		}
	}
	require.Empty(t, hidden)
}

// reached are the structs that a struct embeds, and those that they embed.
func reached(types map[string]declared, name string) map[string]bool {
	found := map[string]bool{}
	for _, inner := range types[name].embeds {
		found[inner] = true
		for further := range reached(types, inner) {
			found[further] = true
		}
	}
	return found
}

// structs reads the structs of all workflows, and of the contract, which they embed as well.
func structs(t *testing.T) map[string]declared {
	t.Helper()
	types := map[string]declared{}
	files, err := filepath.Glob("*/*.go")
	require.NoError(t, err)
	contract, err := filepath.Glob("../activities/api/*.go")
	require.NoError(t, err)
	for _, name := range slices.Concat(files, contract) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		local := func(name string) string {
			if strings.Contains(name, ".") {
				return name
			}
			return file.Name.Name + "." + name
		}
		add := func(name string, change func(*declared)) {
			d := types[local(name)]
			change(&d)
			types[local(name)] = d
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					add(typeName(n.Recv.List[0].Type), func(d *declared) { d.names = append(d.names, n.Name.Name) })
				}
			case *ast.TypeSpec:
				body, ok := n.Type.(*ast.StructType)
				if !ok {
					return true
				}
				for _, f := range body.Fields.List {
					add(n.Name.Name, func(d *declared) {
						if len(f.Names) == 0 {
							d.embeds = append(d.embeds, local(typeName(f.Type)))
						}
						for _, each := range f.Names {
							d.names = append(d.names, each.Name)
						}
					})
				}
			}
			return true
		})
	}
	return types
}

// typeName is the name of a type, behind a pointer or not, with its package if it is of another one.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}
