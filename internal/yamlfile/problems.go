package yamlfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a policy file, and what to do about it.
type Problem struct {
	File string
	// Line and Col count from 1. Both are 0 where the problem has no place in the file.
	Line, Col int
	Text      string
}

// String returns the problem as file:line:col: text.
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Text)
}

// Problems is the error that lists everything that is wrong with a policy file, in the order of the file.
type Problems struct {
	List []Problem
}

// Error returns the problems, one per line.
func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, problem := range p.List {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// AsError returns the problems sorted by place and without repetitions, or nil if there are none.
func AsError(list []Problem) error {
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Text, b.Text))
	})
	return &Problems{List: slices.Compact(list)}
}

// nearest returns the known name closest to what was written, or "" if none is close enough to be what was meant.
func nearest(written string, known []string) string {
	best, bestDistance := "", len(written)/3+2
	for _, candidate := range known {
		if d := distance(strings.ToLower(written), strings.ToLower(candidate)); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// DidYouMean is the hint for a message about an unknown name, empty if no known name is close to it.
func DidYouMean(written string, known []string) string {
	if name := nearest(written, known); name != "" {
		return fmt.Sprintf(" (did you mean %q?)", name)
	}
	return ""
}

// distance is the Levenshtein distance in bytes, which is exact enough for a hint.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
