package persons_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testBegun: who works here by a record is remembered for the employment that lasts, and not beyond a departure or a new owner
// of the record.
func testBegun(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{DigestKey: []byte("pepper")})
	for _, id := range []string{"1", "2", "3"} {
		storetest.Admit(t, l, "workday", id, persons.Digests{})
	}
	begun := func() map[string]bool {
		t.Helper()
		got, err := l.People().Begun(ctx, "workday", []string{"1", "2", "3", "4"})
		require.NoError(t, err)
		for _, id := range []string{"1", "2", "3"} {
			d, _, err := l.Dossier(ctx, "workday-"+id)
			require.NoError(t, err)
			for _, link := range d.Links {
				require.Equal(t, got[link.EmployeeID], link.Begun(d.Person) && (d.Person.Episode == 0 || d.Person.Employed), link.EmployeeID)
			}
		}
		return got
	}
	require.Empty(t, begun())
	require.NoError(t, l.People().NoteAllBegun(ctx, "workday", []string{"1", "2", "4"}))
	require.Equal(t, map[string]bool{"1": true, "2": true}, begun())
	require.ErrorIs(t, l.People().NoteBegun(ctx, "workday", "4", 1), ledger.ErrNotFound)

	for _, employed := range []bool{true, false} {
		_, err := l.People().SetEmployed(ctx, "workday-1", employed)
		require.NoError(t, err)
	}
	d, _, err := l.Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.True(t, d.Links[0].Begun(d.Person), "it was by this record that they worked here")
	require.Equal(t, map[string]bool{"2": true}, begun(), "who has left works here no more")
	_, err = l.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"2": true}, begun(), "nor by coming back: they have to begin again")
	require.NoError(t, l.People().NoteBegun(ctx, "workday", "1", 3))
	require.Equal(t, map[string]bool{"1": true, "2": true}, begun())

	require.NoError(t, l.People().Join(ctx, "workday", "2", "workday-3", "it"))
	require.Equal(t, map[string]bool{"1": true}, begun())
}
