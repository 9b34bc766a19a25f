package decide

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// TestHoldsSayWhatIsCalledFor: of each kind, for each person once, under a key that somebody can read.
func TestHoldsSayWhatIsCalledFor(t *testing.T) {
	t.Parallel()
	require.Equal(t, [][2]string{{"workday-21007/1", "end all access"}}, heldRows(api.HoldLeaver, []string{"workday-21007/1"}, nil))
	require.Equal(t, [][2]string{{"workday-21007/1", "take roles"}, {"workday-21008/2", "take roles"}},
		heldRows(api.HoldRemove, []string{"workday-21007/1/ab32309f5d9d", "workday-21007/1/cd00309f5d9d", "workday-21008/2/ef"}, nil))
	require.Equal(t, [][2]string{{"workday-21007", "suspend"}}, heldRows(api.GapPolicy, []string{"workday-21007"}, map[string]string{"workday-21007": "suspend"}))
	require.Contains(t, heldRows(api.HoldAhead+"2026-12-01", []string{"workday-21007/1"}, nil)[0][1], "2026-12-01")
	for _, kind := range []string{
		api.HoldLeaver, api.HoldJoin, api.HoldDelete, api.HoldRemove, api.HoldGrant, api.HoldPrivileged, api.HoldGroup, api.HoldProfile, api.HoldReactivate,
	} {
		require.NotEmpty(t, kindCalls[kind], kind)
	}
}
