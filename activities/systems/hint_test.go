package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/persons"
)

// TestTheFirstReadingTellsOnlyThoseWhoMustBeOut has one person employed, one whom nobody has looked at so far, and one who has left and
// whose account is open.
func TestTheFirstReadingTellsOnlyThoseWhoMustBeOut(t *testing.T) {
	t.Parallel()
	l := googleLiar(t)
	r := newReading(t, l.name, l.system)
	keys := r.link(l.ids[:3]...)
	for _, key := range keys {
		source, id, err := identity.SplitKey(key)
		require.NoError(t, err)
		_, err = r.l.People().Admit(t.Context(), key, source, id, persons.Digests{})
		require.NoError(t, err)
	}
	for _, key := range []string{keys[0], keys[2]} {
		_, err := r.l.People().SetEmployed(t.Context(), key, true)
		require.NoError(t, err)
	}
	_, err := r.l.People().SetEmployed(t.Context(), keys[2], false)
	require.NoError(t, err)
	require.Empty(t, r.sweep().Why)
	require.Equal(t, []string{keys[2]}, r.hints.take())
	require.Zero(t, r.sweep().Hinted, "what was new to the first reading is nothing that the next one tells")
}
