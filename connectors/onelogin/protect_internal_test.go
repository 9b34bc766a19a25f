package onelogin

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestVerdictsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	v := newVerdicts(func() time.Time { return now })
	for id := range int64(5 * maxVerdicts) {
		v.put(id, "")
		require.LessOrEqual(t, len(v.young)+len(v.old), maxVerdicts)
	}
	_, known := v.get(5*maxVerdicts - 1)
	require.True(t, known)
	_, known = v.get(0)
	require.False(t, known)
}
