package arrows_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/arrows"
)

var fileRow = regexp.MustCompile("(?m)^\\| [0-9]+ \\| `([^`]+)` \\|")

// TestAddingASystemIsTwelveFiles holds the walkthrough to the system that is there: each of its files exists, and those that
// are not OneLogin's own name it.
func TestAddingASystemIsTwelveFiles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, arrows.Page))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "## Adding a system\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	rows := fileRow.FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, rows)
	require.LessOrEqual(t, len(rows), 12)
	for _, row := range rows {
		path := strings.ReplaceAll(row[1], "NAME", "onelogin")
		content, err := os.ReadFile(filepath.Join(root, path))
		require.NoError(t, err)
		require.Contains(t, strings.ToLower(string(content)), "onelogin", "%s has nothing of a system in it", path)
	}
}
