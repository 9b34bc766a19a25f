package conformance

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/target"
)

// RunLicences holds an implementer to the contract of target.LicenceReader.
func RunLicences(t *testing.T, s TargetSubject) {
	t.Helper()
	runCases(t, s, []targetCase{{"licences/as the system counts them", licencesCounted}, {"licences/of one who leaves", licencesFreed}})
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

func licencesCounted(t *testing.T, b *TargetBench) {
	require.NotEmpty(t, b.Licences())
	require.Equal(t, b.Licences(), licences(t, b))
}

// licencesFreed makes no promise about who has a licence: only that what is read is what the system counts, before and after.
func licencesFreed(t *testing.T, b *TargetBench) {
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.Equal(t, b.Licences(), licences(t, b))
}
