package yamlfile

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Places are where the settings of a file stand, by their paths.
type Places map[string]place

type place struct{ line, col int }

func (p Places) note(path string, node ast.Node) {
	if p == nil || path == "" {
		return
	}
	line, col := Where(node)
	p[path] = place{line, col}
}

// Places are where Decode found the settings.
func (r *Reader) Places() Places { return r.places }

// Before puts the place of a setting, as line:column, before a text that begins with its path. Of a setting that is not in the file it is
// the place of the section that lacks it; a text about none of them stays as it is.
func (p Places) Before(text string) string {
	best, found := "", place{}
	for path, at := range p {
		if rest, begins := strings.CutPrefix(text, path); begins && len(path) > len(best) && strings.IndexAny(rest, " .:[") == 0 {
			best, found = path, at
		}
	}
	if best == "" {
		return text
	}
	return fmt.Sprintf("%d:%d: %s", found.line, found.col, text)
}
