package activities_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
)

// atEnd ends a context at a number of looks at the clock, and counts them.
type atEnd struct {
	at, looks int
	cancel    context.CancelFunc
}

// killed runs one activity of a comparison in a process that ends at a step, 0 for none, and returns how many steps there were.
func (r *rig) killed(name string, in api.ReconcileInput, step int) int {
	r.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	do := r.vendors.Activities.Reconcile
	end := &atEnd{at: step}
	env.RegisterActivityWithOptions(func(ctx context.Context, in api.ReconcileInput) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		end.cancel = cancel
		r.clock.watch(func() {
			if end.looks++; end.looks == end.at {
				end.cancel()
			}
		})
		defer r.clock.watch(nil)
		var err error
		switch name {
		case api.ReconcileCompare:
			_, err = do.Compare(ctx, in)
		case api.ReconcileAdmit:
			_, err = do.Admit(ctx, in)
		case api.ReconcileHint:
			_, err = do.Hint(ctx, in)
		}
		return err
	}, activity.RegisterOptions{Name: name})
	_, err := env.ExecuteActivity(name, in)
	if step == 0 {
		require.NoError(r.t, err, name)
	}
	return end.looks
}

func (c *fakeClock) watch(looked func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = looked
}

// result is what a comparison has left: whom it has hinted, what is held, and what of the budgets is used.
func (r *rig) result() string {
	r.t.Helper()
	out := []string{strings.Join(slices.Compact(r.hints()), " ")}
	holds, err := r.app.Ledger.Budgets().Holds(r.t.Context())
	require.NoError(r.t, err)
	for _, h := range holds {
		out = append(out, fmt.Sprint(h.Source, h.Kind, h.Hash, h.People))
	}
	gaps, err := r.app.Ledger.Worklist().Gaps(r.t.Context())
	require.NoError(r.t, err)
	for _, g := range gaps {
		out = append(out, fmt.Sprint(g.Key, g.Kind, g.State, g.Steps, !g.HintedAt.IsZero()))
	}
	open, err := r.app.Ledger.People().OpenDepartures(r.t.Context(), r.clock.Now())
	require.NoError(r.t, err)
	return strings.Join(append(out, fmt.Sprint(len(open))), "\n")
}

// TestReconcileKilledAtEachStep: whatever step of a comparison its process ends at, the next one loses nobody, holds nobody
// twice and touches no vendor. Whoever was hinted by the first may be hinted once more, which their run takes for one.
func TestReconcileKilledAtEachStep(t *testing.T) {
	t.Parallel()
	r := reconciled(t, rigOptions{policy: []string{"contain: {count: 20, percent: 5}", "contain: {count: 3}"}})
	r.leave(21005, 21006)
	for _, id := range []string{"101", "103", "105", "106"} {
		r.hr("bamboohr", "terminate", id, control.Fields{"last_day": "today", "location": "Berlin", "involuntary": true})
	}
	r.hr("workday", "change", "21009", control.Fields{"department": "Support", "title": "Support Engineer"})
	r.edit("roles: [Marketing]", "roles: [Marketing, Jira]")
	r.clock.Advance(time.Hour)
	// Each time begins with a ledger of its own, as this one is now.
	dir, path, n := t.TempDir(), r.config.Ledger.URL.Reveal(), 0
	move := func() string {
		n++
		next := filepath.Join(dir, fmt.Sprintf("%d.db", n))
		r.config.Ledger.URL = httpx.Secret(next)
		return next
	}
	move()
	r.restart()
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	anew := func() {
		require.NoError(t, os.WriteFile(move(), before, 0o600))
		r.forgetHints()
		r.restart()
	}
	names := []string{api.ReconcileCompare, api.ReconcileAdmit, api.ReconcileHint}
	in, mark := api.ReconcileInput{Run: "killed"}, r.mark()
	run := func() (steps []int) {
		for _, name := range names {
			steps = append(steps, r.killed(name, in, 0))
		}
		return steps
	}
	anew()
	steps := run()
	undisturbed := r.result()
	require.Contains(t, undisturbed, "person/workday-21005 person/workday-21006 person/workday-21009\n")
	require.Contains(t, undisturbed, "bamboohrleaver")
	require.Contains(t, undisturbed, "workdaypolicy")

	every := 7
	if os.Getenv("GATEHOUSE_CRASH_ALL") == "1" {
		every = 1
	}
	kills := 0
	for i, name := range names {
		for step := 1; step <= steps[i]; step += every {
			anew()
			for _, earlier := range names[:i] {
				r.killed(earlier, in, 0)
			}
			r.killed(name, in, step)
			r.restart()
			run()
			require.Equal(t, undisturbed, r.result(), "killed at step %d of %s", step, name)
			kills++
		}
	}
	require.Greater(t, kills, 5)
	t.Logf("%d kills at %v steps", kills, steps)
	require.Empty(t, r.effects(mark), "a comparison writes to no vendor")
}
