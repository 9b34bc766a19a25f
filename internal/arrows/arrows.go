// Package arrows draws which package of Gatehouse imports which, for docs/architecture.md.
package arrows

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Page is where the picture is, below the root of the module.
const Page = "docs/architecture.md"

// The picture stands between these lines.
const (
	begin = "<!-- begin: made by make arrows -->\n"
	end   = "<!-- end -->"
)

// left are parts that the picture leaves out: what tests, plays or ships the rest, and what imports nothing of ours but helps all.
var left = []string{"sandbox", "demo", "test", "deploy", "tools", "internal/arrows", "internal/schema", "internal/httpx", "internal/codec", "internal/keyring", "internal/cli", "internal/devserver", "ledger/ledgertest", "ledger/storetest", "internal/yamlfile", "internal/wording", "policy/policytest"}

// Written is docs/architecture.md with the picture of today's imports in it. It needs the go command.
func Written(root string) ([]byte, error) {
	picture, err := draw(root)
	if err != nil {
		return nil, err
	}
	page, err := os.ReadFile(filepath.Join(root, Page))
	if err != nil {
		return nil, fmt.Errorf("read the page with the picture: %w", err)
	}
	before, rest, found := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return nil, fmt.Errorf("%s has no place for the picture: it stands between %q and %q", Page, strings.TrimSpace(begin), end)
	}
	return slices.Concat(before, []byte(begin), []byte(picture), []byte(end), after), nil
}

func draw(root string) (string, error) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = root
	var complaint bytes.Buffer
	list.Stderr = &complaint
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("list the packages: %w: %s", err, complaint.String())
	}
	imports := map[string]map[string]bool{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := part(fields[0])
		if from == "" {
			continue
		}
		if imports[from] == nil {
			imports[from] = map[string]bool{}
		}
		for _, path := range fields[1:] {
			if to := part(path); to != "" && to != from {
				imports[from][to] = true
			}
		}
	}
	return mermaid(imports), nil
}

// part is what a package is in the picture, nothing for one that is not in it.
func part(path string) string {
	name, ours := strings.CutPrefix(path, "gatehouse/")
	if !ours || slices.ContainsFunc(left, func(l string) bool { return name == l || strings.HasPrefix(name, l+"/") }) {
		return ""
	}
	if strings.HasPrefix(name, "connectors") {
		return "connectors"
	}
	return name
}

// mermaid draws every arrow that does not follow from others.
func mermaid(imports map[string]map[string]bool) string {
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart TD\n")
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		for _, to := range slices.Sorted(maps.Keys(imports[from])) {
			if !implied(imports, from, to) {
				fmt.Fprintf(&b, "  %s --> %s\n", node(from), node(to))
			}
		}
	}
	b.WriteString("```\n")
	return b.String()
}

func node(name string) string {
	return strings.NewReplacer("/", "_").Replace(name) + `["` + name + `"]`
}

// implied reports that one of what a package imports besides leads to the same package.
func implied(imports map[string]map[string]bool, from, to string) bool {
	for via := range imports[from] {
		if via != to && reaches(imports, via, to) {
			return true
		}
	}
	return false
}

func reaches(imports map[string]map[string]bool, from, to string) bool {
	if imports[from][to] {
		return true
	}
	for via := range imports[from] {
		if reaches(imports, via, to) {
			return true
		}
	}
	return false
}
