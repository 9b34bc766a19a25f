package oncall

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/connectors/pagerduty"
	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
)

// Options are the settings of a keeper.
type Options struct {
	Ledger *ledger.Ledger
	Client *pagerduty.Client
	// Signal tells a run, and reports whether there is one. Reopened starts the run of a case anew.
	Signal   func(ctx context.Context, workflowID, signal string, arg any) (found bool, err error)
	Reopened func(ctx context.Context, c api.CaseRef, word api.PagerUpdate) error
	// Every is how often it looks for words (default 2s), LookEvery how often at the subscriptions (default 10m).
	Every, LookEvery time.Duration
	Clock            func() time.Time
	Log              *slog.Logger
}

// Keeper carries words and watches the subscriptions. Its methods are for one goroutine.
type Keeper struct {
	o Options
	// whole is how PagerDuty is left alone after a failure that is not about one incident, and rests how one of its incidents is.
	whole rest
	rests map[string]rest
	// looked is when the subscriptions were looked at, pruned when old incidents were forgotten.
	looked, pruned time.Time
	// unheard says that words wait which cannot be carried, as the list of what needs a person shows it.
	unheard bool
}

const (
	usualEvery     = 2 * time.Second
	usualLookEvery = 10 * time.Minute
	// batch is how many words one round carries.
	batch = 100
	// patience is how long a word may wait before somebody is told that it does, and keeps for how long it is tried: by then
	// its run has asked PagerDuty itself.
	patience = time.Minute
	keeps    = 48 * time.Hour
	// shortest and longest are between two tries after a failure.
	shortest, longest = 5 * time.Second, 2 * time.Minute
	// remembers is how long it is remembered which cases an incident is about.
	remembers = 90 * 24 * time.Hour
	// roundWithin bounds a round.
	roundWithin = time.Minute
)

// New makes a keeper. It does nothing until Run or Round.
func New(o Options) *Keeper {
	if o.Every <= 0 {
		o.Every = usualEvery
	}
	if o.LookEvery <= 0 {
		o.LookEvery = usualLookEvery
	}
	return &Keeper{o: o, rests: map[string]rest{}, unheard: true} // The process before may have left the item.
}

// Run keeps in step until the context ends. It never gives up, whatever a round comes to.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(k.o.Every)
	defer tick.Stop()
	for {
		if err := k.Round(ctx); err != nil && ctx.Err() == nil {
			k.o.Log.Warn("on call: not everything was seen to; the next round tries again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Round carries the words that wait, and looks at the subscriptions when that is due.
func (k *Keeper) Round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, roundWithin)
	defer cancel()
	failed := k.carry(ctx)
	if now := k.o.Clock(); now.Sub(k.looked) >= k.o.LookEvery {
		k.looked = now
		failed = errors.Join(failed, k.Look(ctx))
	}
	return errors.Join(failed, k.prune(ctx))
}

// carry tells runs what was said about incidents before it was known which cases they are about.
func (k *Keeper) carry(ctx context.Context) error {
	now := k.o.Clock()
	if k.whole.on(now) {
		return nil
	}
	words, err := k.o.Ledger.Incidents().PagerWords(ctx, batch)
	if err != nil {
		return err
	}
	var failed error
	if k.o.Client.Reads() {
		failed = k.carryAll(ctx, words, now)
	}
	return errors.Join(failed, k.sayUnheard(ctx, words, failed), k.drop(ctx, words, now))
}

// carryAll carries the words about each incident. One that fails holds up no other, unless PagerDuty takes no more questions at all.
func (k *Keeper) carryAll(ctx context.Context, words []incidents.PagerWord, now time.Time) error {
	rests := map[string]rest{}
	var failed error
	for _, said := range byIncident(words) {
		id := said[0].IncidentID
		if k.rests[id].on(now) {
			rests[id] = k.rests[id]
			continue
		}
		err := k.carryOne(ctx, said)
		if err == nil {
			continue
		}
		failed = errors.Join(failed, fmt.Errorf("carry what was said about incident %s: %w", id, err))
		if ctx.Err() != nil || connectors.IsKind(err, connectors.KindUnauthorized) || connectors.IsKind(err, connectors.KindRateLimited) {
			k.whole = k.whole.after(err, now)
			return failed
		}
		rests[id] = k.rests[id].after(err, now)
	}
	k.whole, k.rests = rest{}, rests
	return failed
}

// byIncident parts the words of each incident from those of the others. Incidents that were merged come first: once the other one's
// words are carried, all of its alerts are known, those that have moved too.
func byIncident(words []incidents.PagerWord) [][]incidents.PagerWord {
	var merged, others [][]incidents.PagerWord
	for n := 0; len(words) > 0; words = words[n:] {
		n = 1
		for n < len(words) && words[n].IncidentID == words[0].IncidentID {
			n++
		}
		if slices.ContainsFunc(words[:n], func(w incidents.PagerWord) bool { return w.MergedInto != "" }) {
			merged = append(merged, words[:n])
		} else {
			others = append(others, words[:n])
		}
	}
	return append(merged, others...)
}

// carryOne carries the words about one incident to all cases of it. Some may have become known since the words were said, by a run
// that asked where its page is; a case that was told already takes a word of the same time for the same.
func (k *Keeper) carryOne(ctx context.Context, words []incidents.PagerWord) error {
	id := words[0].IncidentID
	alerts, err := k.alerts(ctx, id)
	if err != nil {
		return err
	}
	own, err := k.cases(ctx, alerts)
	if err != nil {
		return err
	}
	for _, w := range words {
		cases := own
		if w.MergedInto != "" {
			moved, err := k.moved(ctx, w)
			if err != nil {
				return err
			}
			cases = slices.Concat(own, moved)
		}
		if err := k.tell(ctx, cases, w); err != nil {
			return err
		}
		if w.MergedInto != "" {
			if err := k.remember(ctx, w.MergedInto, cases); err != nil {
				return err
			}
		}
	}
	// Only now: whoever is killed before tells them once more.
	if err := k.remember(ctx, id, own); err != nil {
		return err
	}
	for _, w := range words {
		if err := k.o.Ledger.Incidents().DropPagerWord(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps which cases an incident is about.
func (k *Keeper) remember(ctx context.Context, id string, cases []incidents.Case) error {
	keys := make([]string, len(cases))
	for n, c := range cases {
		keys[n] = c.DedupKey
	}
	return k.o.Ledger.Incidents().LearnPagerIncident(ctx, id, keys)
}

func (k *Keeper) tell(ctx context.Context, cases []incidents.Case, w incidents.PagerWord) error {
	update := api.PagerUpdate{Status: w.Status, IncidentID: w.IncidentID, EventID: w.EventID, At: w.At, By: w.By, MergedInto: w.MergedInto}
	for _, c := range cases {
		found, err := k.o.Signal(ctx, api.IncidentID(c.Rule, c.Subject, c.Number), api.SignalPager, update)
		if err == nil && !found && w.Reopens {
			err = k.o.Reopened(ctx, api.CaseRef{Rule: c.Rule, Subject: c.Subject, Number: c.Number}, update)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// drop forgets words that could not be carried for so long that their runs have asked PagerDuty themselves.
func (k *Keeper) drop(ctx context.Context, words []incidents.PagerWord, now time.Time) error {
	var err error
	for _, w := range words {
		if w.HeardAt.Before(now.Add(-keeps)) {
			err = errors.Join(err, k.o.Ledger.Incidents().DropPagerWord(ctx, w))
		}
	}
	return err
}

// prune forgets once a day what was learnt long ago.
func (k *Keeper) prune(ctx context.Context) error {
	now := k.o.Clock()
	if now.Sub(k.pruned) < 24*time.Hour {
		return nil
	}
	if err := k.o.Ledger.Incidents().PrunePager(ctx, now.Add(-remembers)); err != nil {
		return err
	}
	k.pruned = now
	return nil
}
