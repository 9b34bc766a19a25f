package identity_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
)

func TestNameTrace(t *testing.T) {
	t.Parallel()
	same := [][2][2]string{
		{{"Anna Maria", "Müller"}, {"anna-maria", "MUELLER"}},
		{{"Anna", "Maria Müller"}, {"Anna Maria", "Muller"}},
		{{"Søren", "Åkerström"}, {"Soeren", "Aakerstroem"}},
		{{"Łukasz", "Żółć"}, {"Lukasz", "Zolc"}},
		{{"José", "O'Neil"}, {"Jose", "ONeil"}},
		{{"José", "Weiß"}, {"José", "WEISS"}},
	}
	for _, pair := range same {
		require.Equal(t, identity.NameTrace(pair[0][0], pair[0][1]), identity.NameTrace(pair[1][0], pair[1][1]), "%v", pair)
	}
	require.NotEqual(t, identity.NameTrace("Anna", "Müller"), identity.NameTrace("Anne", "Müller"))
	require.Empty(t, identity.NameTrace("", "Müller"), "a part of a name is shared by too many")
	require.Empty(t, identity.NameTrace("Anna", " - "))
	require.Equal(t, "李小龍", identity.NameTrace("李", "小龍"))
}

func TestFoldAddress(t *testing.T) {
	t.Parallel()
	require.Equal(t, "ada@example.com", identity.FoldAddress(" Ada@Example.COM\t"))
}

func TestWithoutTag(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada+vpn@example.com": "ada@example.com", "ada@example.com": "ada@example.com", "+vpn@example.com": "+vpn@example.com", "ada+vpn": "ada", "": "",
	} {
		require.Equal(t, want, identity.WithoutTag(address))
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Leon Moreau-Weiss", identity.Plain("Léon Moréau-Weiß"))
}
