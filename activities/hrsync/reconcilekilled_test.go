package hrsync_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/hrsync"
	"gatehouse/ledger/worklist"
)

// endsAt is a context that ends when it is looked at so many times.
type endsAt struct {
	context.Context
	mu     sync.Mutex
	left   int
	cancel context.CancelFunc
}

func (c *endsAt) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// TestAComparisonKilledBetweenPages: a policy has changed, and the process ends while some pages of people are written down and
// others are not, or while what is closed is forgotten. The next attempt finds what one that nobody disturbs finds.
func TestAComparisonKilledBetweenPages(t *testing.T) {
	t.Parallel()
	const n = 900
	enforced := "modes: {role_change: enforce, onboarding: enforce, offboarding: enforce}\naccess: {rules: [{name: everyone, when: \"true\", group: Default, roles: [Everyone%s]}]}\n"
	file := company(t, n)
	r := opened(t, file, n, fmt.Sprintf(enforced, ""))
	_, err := r.Compare(t.Context(), api.ReconcileInput{Run: "before", Whole: true})
	require.NoError(t, err)
	require.NoError(t, r.Sync.Ledger.Worklist().FinishReconcile(t.Context(), worklist.Reconcile{Run: "before", FinishedAt: r.Sync.Clock()}))
	require.NoError(t, r.Sync.Ledger.Close())
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	// compare has a ledger as it was compared by another policy, once more for each number of looks after which the process ends.
	compare := func(ends ...int) (result string, looks int) {
		again := filepath.Join(t.TempDir(), "ledger.db")
		require.NoError(t, os.WriteFile(again, before, 0o600))
		r := opened(t, again, n, fmt.Sprintf(enforced, ", Later"))
		in := api.ReconcileInput{Run: "after", Whole: true}
		for _, left := range ends {
			ctx, cancel := context.WithCancel(t.Context())
			_, err := r.Compare(&endsAt{Context: ctx, left: left, cancel: cancel}, in)
			require.Error(t, err, "after %d looks", left)
			cancel()
		}
		ctx := &endsAt{Context: t.Context()}
		found, err := r.Compare(ctx, in)
		require.NoError(t, err)
		result = gapsOf(t, r) + fmt.Sprint(found.Gaps, found.Hints, found.People)
		require.NoError(t, r.Sync.Ledger.Close())
		return result, -ctx.left
	}
	undisturbed, looks := compare()
	require.Contains(t, undisturbed, "workday-100899 policy hint after add_roles Everyone,add_roles Later")
	require.Greater(t, looks, n)
	for _, at := range []int{1, looks / 3, looks / 2, looks * 2 / 3, looks * 9 / 10, looks - 10} {
		result, _ := compare(at)
		require.Equal(t, undisturbed, result, "killed at %d of %d looks", at, looks)
	}
	result, _ := compare(looks/2, looks/3, looks-10)
	require.Equal(t, undisturbed, result, "killed again and again")
}

func gapsOf(t *testing.T, r *hrsync.Reconcile) string {
	t.Helper()
	gaps, err := r.Sync.Ledger.Worklist().Gaps(t.Context())
	require.NoError(t, err)
	var out strings.Builder
	for _, g := range gaps {
		fmt.Fprintln(&out, g.Key, g.Kind, g.State, g.Run, strings.Join(g.Steps, ","), g.Budgets)
	}
	return out.String()
}
