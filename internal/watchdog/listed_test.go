package watchdog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/watchdog"
	"gatehouse/ledger/worklist"
)

// listed lists what needs a person, as objects.
func (h *house) listed() []string {
	h.t.Helper()
	items, err := h.ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{})
	require.NoError(h.t, err)
	out := []string{}
	for _, i := range items {
		require.NotEmpty(h.t, i.Next)
		out = append(out, i.Severity.String()+" "+i.Object)
	}
	return out
}

// TestWhatDoesNotWorkIsOnTheList: once, and off it when it works again, whichever program sees that.
func TestWhatDoesNotWorkIsOnTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	failing := map[string]error{}
	checks := func(o *watchdog.Options) {
		for _, name := range []string{"worker", "schedule_x"} {
			o.Checks = append(o.Checks, watchdog.Check{
				Name: name, Down: name + " does not work", Advice: "mend it", Quiet: name == "schedule_x",
				Do: func(context.Context) error { return failing[name] },
			})
		}
	}
	first, second := h.watchdog(checks), h.watchdog(checks)
	rounds := func(w *watchdog.Watchdog, n int) {
		for range n {
			w.Round(t.Context())
			h.advance(30 * time.Second)
		}
	}
	rounds(first, 2)
	require.Empty(t, h.listed())
	failing["worker"], failing["schedule_x"] = errors.New("nobody polls"), errors.New("paused")
	rounds(first, 2)
	require.Empty(t, h.listed(), "it may pass")
	rounds(first, 3)
	require.Equal(t, []string{"critical worker", "warning schedule_x"}, h.listed())
	require.Equal(t, []string{"worker_down"}, h.alerts(), "a schedule wakes nobody")

	delete(failing, "worker")
	h.advance(10 * time.Minute) // The first program is gone.
	rounds(second, 1)
	require.Equal(t, []string{"warning schedule_x"}, h.listed())
	delete(failing, "schedule_x")
	rounds(second, 1)
	require.Empty(t, h.listed())
}
