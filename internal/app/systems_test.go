package app_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/test/kit"
)

// TestEverySystemIsACause: what a system does to everybody is one cause only if its name is known, so that a new connector that
// nobody names would be asked about once for each person.
func TestEverySystemIsACause(t *testing.T) {
	t.Parallel()
	found, err := os.ReadDir(filepath.Join(kit.Root(), "connectors"))
	require.NoError(t, err)
	var connectors []string
	for _, each := range found {
		if each.IsDir() && !slices.Contains([]string{"conformance", "hr", "password", "since", "target"}, each.Name()) {
			connectors = append(connectors, each.Name())
		}
	}
	require.GreaterOrEqual(t, len(connectors), 7)
	require.Subset(t, app.KnownSystems(), connectors)
	require.Len(t, app.KnownSystems(), len(slices.Compact(slices.Sorted(slices.Values(app.KnownSystems())))), "one is named twice")
}
