package cases

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/test/kit"
)

// TestTheTableNamesEveryCase holds that docs/testing.md claims no test that is not there, and leaves none out.
func TestTheTableNamesEveryCase(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(kit.Root(), "docs", "testing.md"))
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| ([A-Z]\\d\\d) \\| `(TestCase_\\w+)` \\| .+ \\| .+ \\|$")
	var listed []string
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		require.True(t, strings.HasPrefix(m[2], "TestCase_"+m[1]+"_"), "%s stands in the row of case %s", m[2], m[1])
		listed = append(listed, m[2])
	}
	require.Len(t, listed, strings.Count(string(page), "`TestCase_"), "every mention of a case is a row of the table: | L01 | `TestCase_L01_...` | input | right |")
	written := written(t)
	slices.Sort(listed)
	slices.Sort(written)
	require.Equal(t, written, listed, "the table in docs/testing.md and the tests of this package differ")
}

// written lists the cases of this package.
func written(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	var out []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "TestCase_") {
				out = append(out, f.Name.Name)
			}
		}
	}
	return out
}
