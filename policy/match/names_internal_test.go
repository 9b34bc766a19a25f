package match

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSameName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"the same":                 {"Byron", "Byron", true},
		"case and spaces":          {"Byron", "BYRON ", true},
		"a hyphen for a space":     {"Ada Maria", "ada-maria", true},
		"diacritics left out":      {"Núñez", "Nunez", true},
		"umlauts left out":         {"Müller", "Muller", true},
		"umlauts written out":      {"Jörg", "Joerg", true},
		"another script":           {"Мария", "МАРИЯ", true},
		"two different scripts":    {"Мария", "李", false},
		"another name":             {"Byron", "Lovelace", false},
		"nearly the same":          {"Ada", "Anna", false},
		"no name":                  {"", "", false},
		"a name and none":          {"Ada", "", false},
		"nothing that is a letter": {"-", "-", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, sameName(tt.a, tt.b))
			require.Equal(t, tt.want, sameName(tt.b, tt.a))
		})
	}
}
