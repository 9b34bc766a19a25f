package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

// TestPlaceholders: dates that systems write for none are none, and people's dates are dates.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for _, d := range []identity.Date{
		"0001-01-01", "1753-01-01", "1899-12-30", "1900-01-01", "1901-01-01", "1970-01-01", "4712-12-31", "9999-12-31", "9999-01-01",
	} {
		require.True(t, d.Placeholder(), d)
	}
	for _, d := range []identity.Date{"", "1931-05-06", "1970-01-02", "2026-11-28", "2099-12-31", "soon"} {
		require.False(t, d.Placeholder(), d)
	}
}
