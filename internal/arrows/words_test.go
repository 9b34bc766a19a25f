package arrows_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// oldNames are what functions, methods and types were called in a dialect of our own, and are called no more.
var oldNames = []string{
	"lookNow", "lookLater", "lookByOrder", "lookAgain", "desk", "calm", "calmly", "do", "doIn", "doing", "act", "consult", "mend", "attend",
	"overtake", "passOn", "handBack", "reflect", "strand", "goOn", "behind", "aside", "final", "later", "gone", "took", "ours", "theirs",
	"whole", "exceed", "mistrust", "asleep", "present", "Together", "lite", "again", "simply", "byKind",
}

// oldWords are phrases that no native reader would write, or that say less than the field's own term.
var oldWords = regexp.MustCompile(`(?i)\b(belongs? into|please look|in case that|to the own machine|is no end|not believed|grace courses?|letters? to managers)\b`)

// TestOldNamesAreGone: the words of the glossary stand where the old ones stood.
func TestOldNamesAreGone(t *testing.T) {
	t.Parallel()
	read, found := 0, []string{}
	everyFile(t, func(path, text string) {
		if product(path) {
			read++
			for _, name := range declared(t, path, text) {
				if slices.Contains(oldNames, name) {
					found = append(found, path+" declares "+name)
				}
			}
		}
		for i, line := range strings.Split(text, "\n") {
			if old := oldWords.FindString(line); old != "" {
				found = append(found, fmt.Sprintf("%s:%d says %q", path, i+1, old))
			}
		}
	})
	require.Greater(t, read, 500)
	require.Empty(t, found, "the glossary has another word for each of these")
}

// product reports that a file is the product's own code: tests and the simulation have their own words.
func product(path string) bool {
	return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "sandbox/") && !strings.HasPrefix(path, "test/")
}

func TestOldNamesAreFound(t *testing.T) {
	t.Parallel()
	const text = "package x\n\ntype desk struct{}\n\nfunc (desk) handBack() {}\n\nfunc goOn() {}\n"
	require.Equal(t, []string{"desk", "handBack", "goOn"}, declared(t, "x.go", text))
	require.Regexp(t, oldWords, "Please look at what is not believed.")
}

// declared are the functions, methods and types of a file.
func declared(t *testing.T, path, text string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
	require.NoError(t, err)
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					names = append(names, s.Name.Name)
				}
			}
		}
	}
	return names
}

// everyFile reads the code and the documentation, but not what was recorded once and stays as it was.
func everyFile(t *testing.T, do func(path, text string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "bin", "var", "testdata", "node_modules"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if ext := filepath.Ext(name); ext != ".go" && ext != ".md" || name == "CHANGELOG.md" || strings.HasSuffix(name, "words_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		do(filepath.ToSlash(name), string(text))
		return nil
	}))
}
