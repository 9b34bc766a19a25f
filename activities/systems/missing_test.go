package systems_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// TestAMissingAccountThatIsSeenAgain has its person looked at anew, once: steps that came before have found nothing.
func TestAMissingAccountThatIsSeenAgain(t *testing.T) {
	t.Parallel()
	for name, see := range map[string]func(w *works) error{
		"by a step": func(w *works) error {
			_, err := w.s.Carry(t.Context(), w.leaving(identity.SystemStep{Kind: identity.SystemSuspend}))
			return err
		},
		"by a read-back": func(w *works) error {
			_, err := w.s.ReadBack(t.Context(), api.SystemReadBack{Key: ada, System: google, Account: w.user})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorks(t, "")
			hints := &hints{}
			w.s.Launch = hints
			ref := identity.Ref{System: google, ID: w.user}
			require.NoError(t, w.l.Inventory().MissAccount(t.Context(), ref, w.now()))
			require.NoError(t, see(w))
			require.NoError(t, see(w))
			row, _, err := w.l.Inventory().Account(t.Context(), ref)
			require.NoError(t, err)
			require.Zero(t, row.MissingSince)
			require.Equal(t, []string{ada}, hints.take())
		})
	}
}

// TestAFurtherAccountThatIsMissing is left until it is seen again: a step would find nothing and ask who has deleted it.
func TestAFurtherAccountThatIsMissing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, planned)
	first, second := d.employee("u0", "sales@acme.example"), d.employee("u1", "bees@acme.example")
	second.Use, second.Given = identity.UseSecondary, map[identity.SystemObjectKind][]string{identity.ObjectGroup: {"bees@acme.example"}}
	removes := func() bool {
		for _, p := range d.plan("workday-100", false, true, first, second).Systems {
			if p.Has(identity.SystemRemoveGroups) {
				return true
			}
		}
		return false
	}
	require.True(t, removes())
	second.Missing = true
	require.False(t, removes())
}
