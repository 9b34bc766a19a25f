package wire

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWildcard(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, value string
		want           bool
	}{
		{"ada@acme.example", "Ada@acme.example", true},
		{"ada", "ada@acme.example", false},
		{"*@acme.example", "ada@acme.example", true},
		{"ada*", "ada@acme.example", true},
		{"*a*a*", "ada", true},
		{"a*a", "a", false},
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"*", "", true},
		{"", "x", false},
	} {
		require.Equal(t, tc.want, Wildcard(tc.pattern, tc.value), "%q against %q", tc.pattern, tc.value)
	}
}
