package watchdog

import (
	"context"
	"time"

	"gatehouse/ledger/worklist"
)

// system is whose items a watchdog raises.
const system = "gatehouse"

// readListed reads which checks are on the list of what needs a person, whoever put them there.
func (w *Watchdog) readListed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	w.listed = map[string]bool{}
	for _, accepted := range []bool{false, true} {
		items, err := w.o.Ledger.Worklist().Items(ctx, worklist.ItemFilter{System: system, Class: ClassDown, Accepted: accepted})
		if err != nil {
			w.o.Log.Warn("watchdog: the list of what needs a person was not read", "error", err)
			return
		}
		for _, i := range items {
			w.listed[i.Object] = true
		}
	}
}

// enlist puts what does not work on the list. The ledger's own failure cannot be written down there.
func (w *Watchdog) enlist(ctx context.Context, c Check, since time.Time) {
	if w.listed == nil || w.listed[c.Name] {
		return
	}
	text, err := words.First("listed", view{Down: c.Down, Since: since.UTC().Format("2006-01-02 15:04 MST"), Quiet: c.Quiet})
	if err != nil {
		w.o.Log.Warn("watchdog: what does not work is not on the list", "what", c.Name, "error", err)
		return
	}
	item := worklist.Item{
		System: system, Class: ClassDown, Object: c.Name, Severity: worklist.SeverityCritical, Owner: "it", Text: text, Next: c.Advice,
	}
	if c.Quiet {
		item.Severity = worklist.SeverityWarning
		item.Deadline = w.o.Clock().Add(24 * time.Hour)
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := w.o.Ledger.Worklist().RaiseItem(ctx, item); err != nil {
		w.o.Log.Warn("watchdog: what does not work is not on the list", "what", c.Name, "error", err)
		return
	}
	w.listed[c.Name] = true
}

// delist takes off the list what works again.
func (w *Watchdog) delist(ctx context.Context, c Check) {
	if !w.listed[c.Name] {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if err := w.o.Ledger.Worklist().ClearItem(ctx, system, ClassDown, c.Name); err != nil {
		w.o.Log.Warn("watchdog: what works again is still on the list", "what", c.Name, "error", err)
		return
	}
	delete(w.listed, c.Name)
}
