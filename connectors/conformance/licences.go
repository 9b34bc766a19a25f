package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/target"
)

// RunLicences holds an implementer to the contract of target.LicenceReader. Counted looks at the system of a bench, and shows how many
// licences there are and how many are in use, by name.
func RunLicences(t *testing.T, s TargetSubject, counted func(*TargetBench) map[string][2]int) {
	t.Helper()
	runCases(t, s, []targetCase{
		{"licences/as the system counts them", func(t *testing.T, b *TargetBench) {
			require.NotEmpty(t, counted(b))
			require.Equal(t, counted(b), licences(t, b))
		}},
		// No promise is made about who has a licence: only that what is read is what the system counts, before and after.
		{"licences/of one who leaves", func(t *testing.T, b *TargetBench) {
			_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
			require.NoError(t, err)
			require.Equal(t, counted(b), licences(t, b))
		}},
	})
}

func licences(t *testing.T, b *TargetBench) map[string][2]int {
	t.Helper()
	all, err := able[target.LicenceReader](t, b.Target).Licences(t.Context(), target.LicencesRequest{})
	require.NoError(t, err)
	out, ids := map[string][2]int{}, map[string]bool{}
	for _, l := range all.Licences {
		require.False(t, l.ID == "" || ids[l.ID], "each kind has an id, and comes once")
		ids[l.ID] = true
		out[l.Name] = [2]int{l.Total, l.Used}
	}
	return out
}
