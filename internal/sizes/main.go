// Command sizes prints what makes a reader look again: functions of more than sixty lines with their reasons, the largest
// packages, and the size of the median file. It fails when a long function has no reason. Tests are left out.
package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// longest is how many lines a function may have without a reason.
const longest = 60

// because begins the line of a function's comment that says why it is long.
const because = "Long because "

type function struct {
	where, reason string
	lines         int
}

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(root string) error {
	var files []int
	var long []function
	packages := map[string]int{}
	set := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"bin", "var", "tools", "testdata"}, d.Name())) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read the sizes: %w", err)
		}
		lines := set.File(parsed.FileStart).LineCount() - 1
		files = append(files, lines)
		packages[filepath.Dir(path)] += lines
		long = append(long, longOf(set, path, parsed)...)
		return nil
	})
	if err != nil {
		return err
	}
	return report(files, packages, long)
}

func longOf(set *token.FileSet, path string, file *ast.File) (long []function) {
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
		if lines <= longest {
			continue
		}
		_, reason, _ := strings.Cut(strings.ReplaceAll(f.Doc.Text(), "\n", " "), because)
		long = append(long, function{where: path + " " + f.Name.Name, lines: lines, reason: strings.TrimSpace(reason)})
	}
	return long
}

func report(files []int, packages map[string]int, long []function) error {
	slices.Sort(files)
	fmt.Printf("%d files without tests, %d lines in the median one\n", len(files), files[len(files)/2])
	var names []string
	for name := range packages {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(packages[b], packages[a]) })
	for _, name := range names[:min(5, len(names))] {
		fmt.Printf("%6d lines  %s\n", packages[name], name)
	}
	slices.SortFunc(long, func(a, b function) int { return cmp.Compare(b.lines, a.lines) })
	var bare []string
	for _, f := range long {
		fmt.Printf("%6d lines  %s: %s\n", f.lines, f.where, cmp.Or(f.reason, "no reason"))
		if f.reason == "" {
			bare = append(bare, f.where)
		}
	}
	if len(bare) > 0 {
		return fmt.Errorf("%s: more than %d lines: make it shorter, or say why in its comment with %q", strings.Join(bare, ", "), longest, because+"...")
	}
	return nil
}
