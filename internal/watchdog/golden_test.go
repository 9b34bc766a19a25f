package watchdog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/watchdog"
	"gatehouse/ledger/worklist"
	"gatehouse/test/golden"
)

// TestWhatAWatchdogSaysIsOnRecord compares its alerts, its items and what its checks advise with what was recorded.
func TestWhatAWatchdogSaysIsOnRecord(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, text := range []string{"workday", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d"} {
		schedules := &watchdog.Schedules{IDs: []string{text}, Log: slog.New(slog.DiscardHandler)}
		checks := append(schedules.Checks(), watchdog.Source(nil, text, time.Hour, 0, time.Now), watchdog.Events(nil, text, time.Hour, time.Now),
			watchdog.Temporal(nil), watchdog.Worker(nil))
		for _, c := range checks {
			fmt.Fprintf(&b, "== check %q, quiet %t\ndown %q\ndo %q\n", c.Name, c.Quiet, c.Down, c.Advice)
		}
		for _, quiet := range []bool{false, true} {
			h := newHouse(t)
			w := h.watchdog(func(o *watchdog.Options) {
				o.Checks = []watchdog.Check{{
					Name: "worker", Down: "It does not work: " + text, Advice: "mend " + text, Quiet: quiet,
					Do: func(context.Context) error { return errors.New("nobody polls") },
				}}
			})
			for range 4 {
				w.Round(t.Context())
				h.advance(30 * time.Second)
			}
			items, err := h.ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
			require.NoError(t, err)
			require.Len(t, items, 1)
			fmt.Fprintf(&b, "== down, quiet %t\ntext %q\nnext %q\n", quiet, items[0].Text, items[0].Next)
			for _, a := range h.posted {
				fmt.Fprintf(&b, "%s %q\ndo %q\n", a.Kind, a.Text, a.Do)
			}
		}
	}
	for _, counts := range [][2]int{{0, 1}, {0, 70}, {3, 2}} {
		h := newHouse(t)
		for round, n := range counts {
			for i := range n {
				h.leaves(fmt.Sprintf("workday-%d-%d", round, i), h.Now())
			}
			h.advance(time.Hour)
			h.watchdog(nil).Round(t.Context())
		}
		for _, a := range h.posted {
			fmt.Fprintf(&b, "== %d overdue after %d\n%s %q\ndo %q\n", counts[1], counts[0], a.Kind, a.Text, a.Do)
		}
	}
	h := newHouse(t)
	require.NoError(t, h.ledger.Close())
	w := h.watchdog(nil)
	for range 3 {
		w.Round(t.Context())
		h.advance(30 * time.Second)
	}
	require.Len(t, h.posted, 1)
	fmt.Fprintf(&b, "== %s\n%q\ndo %q\n", h.posted[0].Kind, h.posted[0].Text, h.posted[0].Do)
	golden.Equal(t, "says.txt", b.String())
}

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"a\nNext: forged", `a\nb\c \\`, "{{.ID}} {{template \"x\"}}", "<!channel> & `x`", "<script>x</script>", "=HYPERLINK(\"x\")", "%!d", "\u202eevil", "\x00",
	strings.Repeat("very long ", 500), " ",
}

// TestNoDataBecomesMore holds that a source, a schedule and what a check says are shown as they are.
func TestNoDataBecomesMore(t *testing.T) {
	t.Parallel()
	for _, text := range evil {
		schedules := &watchdog.Schedules{IDs: []string{text}}
		checks := append(schedules.Checks(), watchdog.Source(nil, text, time.Hour, 0, time.Now))
		require.Equal(t, "The schedule "+text+" is paused", checks[1].Down)
		require.Equal(t, "temporal schedule toggle --unpause --schedule-id "+text, checks[1].Advice)
		require.Equal(t, text+" has not been read for two periods", checks[2].Down)

		h := newHouse(t)
		w := h.watchdog(func(o *watchdog.Options) {
			o.Program = text
			o.Checks = []watchdog.Check{{Name: "x", Down: text, Advice: text, Do: func(context.Context) error { return errors.New("no") }}}
		})
		for range 3 {
			w.Round(t.Context())
			h.advance(30 * time.Second)
		}
		require.Len(t, h.posted, 1)
		require.Equal(t, "DOWN: "+text+", seen by the "+text+" for 1m0s. Departures are not carried out meanwhile.", h.posted[0].Text)
		require.Equal(t, text, h.posted[0].Do)
		items, err := h.ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
		require.NoError(t, err)
		require.Len(t, items, 1)
		require.Equal(t, text+", since 2026-03-02 09:00 UTC. Departures are not carried out meanwhile.", items[0].Text)
		require.Equal(t, text, items[0].Next)
	}
}
