package cmdline

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCellsAreHarmless: what somebody has named themselves is no formula, and comes back as it was.
func TestCellsAreHarmless(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"=1+1", "+49", "-x", "@sum", "Ada", "'quoted", ""} {
		got := Harmless(cell)
		require.False(t, got != "" && strings.ContainsRune("=+-@", rune(got[0])), cell)
		require.Equal(t, cell, plainCell(got))
	}
}
