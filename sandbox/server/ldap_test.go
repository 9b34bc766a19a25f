package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/ldap"
)

// TestTheDirectoryHasTheCompany has everybody of HR in it, with managers and departments, and again after a reset.
func TestTheDirectoryHasTheCompany(t *testing.T) {
	t.Parallel()
	s := New(Options{People: 40, Seed: 3})
	t.Cleanup(s.Close)
	require.NoError(t, s.ServeLDAP("127.0.0.1:0"))
	d := s.directory.Load()
	for range 2 {
		people, managed, groups := 0, 0, 0
		for _, name := range d.Names() {
			attributes, ok := d.Look(name)
			require.True(t, ok)
			if attributes["employeenumber"] != nil {
				people++
			}
			if manager := attributes["manager"]; manager != nil {
				managed++
				_, there := d.Look(manager[0])
				require.True(t, there)
			}
			groups += min(1, len(attributes["member"]))
		}
		require.Greater(t, people, 30)
		require.Greater(t, managed, 20)
		require.Greater(t, groups, 2)
		require.NoError(t, d.Remove(d.Names()[len(d.Names())-1]))
		s.Reset(Options{People: 40, Seed: 3})
	}
	require.Error(t, d.Lie("about everything"))
	require.Error(t, d.Fail(ldap.Fault{Op: "all"}))
	require.Error(t, s.ServeLDAP("127.0.0.1:99999"))
}
