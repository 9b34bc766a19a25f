package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSamePerson: one person is not two, however they are spelt, and two are two.
func TestSamePerson(t *testing.T) {
	t.Parallel()
	for _, by := range []string{
		"ann@acme.example", "ANN@acme.example ", "ann@ACME.example.", "Ann Example <ann@acme.example>", "<ann@acme.example>",
		"Ann (ann@acme.example)", "mailto:ann@acme.example", "Ann Example ann@acme.example",
	} {
		require.True(t, samePerson("ann@acme.example", by), by)
	}
	for _, by := range []string{"bob@acme.example", "Ann <bob@acme.example>", "ann@other.example", ""} {
		require.False(t, samePerson("ann@acme.example", by), by)
	}
	require.True(t, samePerson("Ann  Example", "ann example"))
}
