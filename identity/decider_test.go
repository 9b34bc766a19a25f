package identity

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOnePersonHoweverSpelt: no way to write one's own name makes a second person of it.
func TestOnePersonHoweverSpelt(t *testing.T) {
	t.Parallel()
	for _, spelt := range []string{
		"ann.lee@acme.example", " ANN.Lee@ACME.example ", "Ann Lee <ann.lee@acme.example>", `"Lee, Ann" <ann.lee@acme.example>`,
		"<ann.lee@acme.example>", "Lee, Ann <ann.lee@acme.example>", "ann.lee@ACME.example.", "ann.lee+2@acme.example", `"ann.lee"@acme.example`,
		`"ann.lee@acme.example"`, "'ann.lee@acme.example'", "mailto:ann.lee@acme.example", "ann.lee@acme.example (the second)",
		"аnn.lee@acme.example", "ann.lee@аcme.example", "ａｎｎ.lee@acme.example", "ann.lee@acme。example", "ánn.lee@acme.example",
		"ann.\u200blee@acme.example", "ann.lee@acme.example\u00a0", "ann.lee@mail.acme.example", "ann.lee", "ANN.LEE+x", "Ann <Ann.Lee+x@ACME.EXAMPLE.>",
	} {
		require.True(t, SameDecider("ann.lee@acme.example", spelt), "%q", spelt)
		require.True(t, SameDecider(spelt, "ann.lee@acme.example"), "%q", spelt)
	}
	for _, other := range []string{"", "...", "tara@acme.example", "ann.lee2@acme.example", "lee@acme.example", "ann.lee@other.example", "Ann Lee <tara@acme.example>"} {
		require.False(t, SameDecider("ann.lee@acme.example", other), "%q", other)
	}
}

// TestBareAddressLetsNobodyElseIn: what only looks alike is another address.
func TestBareAddressLetsNobodyElseIn(t *testing.T) {
	t.Parallel()
	for _, spelt := range []string{"Ann@ACME.example", "Ann Lee <ann@acme.example>", "ann@acme.example.", " 'ann@acme.example' "} {
		require.Equal(t, "ann@acme.example", BareAddress(spelt))
	}
	for _, other := range []string{"аnn@acme.example", "ánn@acme.example", "ann+x@acme.example", "ann", "ann@mail.acme.example", ""} {
		require.NotEqual(t, "ann@acme.example", BareAddress(other), "%q", other)
	}
}

// TestTwoPeopleAreTwo: whoever can be the same human is no second person; who cannot is.
func TestTwoPeopleAreTwo(t *testing.T) {
	t.Parallel()
	for _, spelt := range []string{
		"Farid.OBrien@acme.example", "farid obrien", "Farid O'Brien", "OBrien, Farid", "obrien.farid@other.example", "f.obrien@acme.example", "fobrien",
		"faridobrien@home.example", "Farid O'Brien <ops@acme.example>", "farid.obrien2", "farid.obrien+x@acme.example", "Fárid Obrien", "fаrid.obrien", "obrien",
		"FARID_OBRIEN", "farid.obrien@acme.de",
	} {
		require.True(t, PerhapsSame("farid.obrien@acme.example", spelt), "%q", spelt)
		require.True(t, PerhapsSame(spelt, "farid.obrien@acme.example"), "%q", spelt)
	}
	for _, other := range []string{"", "grace.hopper@acme.example", "Farid Hassan", "mary.obrien@acme.example", "Mary O'Brien", "m.obrien", "ops", "ann", "f", "f.o"} {
		require.False(t, PerhapsSame("farid.obrien@acme.example", other), "%q", other)
	}
}
