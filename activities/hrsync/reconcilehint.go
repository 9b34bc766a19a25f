package hrsync

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/worklist"
)

// Kinds of holds that only Reconcile fills, and the budget of what a change of the policy has made. Nothing of that is let
// through without a decision, and a decision is about one policy.
const (
	kindLeftBefore = api.GapLeftBefore
	kindPolicy     = api.GapPolicy
	budgetPolicy   = "policy"
)

// batchID names a batch of one source.
type batchID struct{ source, kind string }

// Admit draws those who must be out on the budget of their source, each kind whole or not at all, before anybody is hinted.
// What a change of the policy or of a mode has made waits for a decision, as one batch of its source. Everything else draws
// on its budgets when its person is assessed.
func (r *Reconcile) Admit(ctx context.Context, in api.ReconcileInput) (api.ReconcileAdmitted, error) {
	var out api.ReconcileAdmitted
	gaps, err := r.Sync.Ledger.Worklist().GapsToClose(ctx)
	if err != nil {
		return out, err
	}
	batches := map[batchID][]worklist.Gap{}
	for _, g := range gaps {
		switch {
		case g.Kind == api.GapLeft:
			batches[batchID{g.Source, reading.KindLeaver}] = append(batches[batchID{g.Source, reading.KindLeaver}], g)
		case g.Kind == api.GapLeftBefore, g.Kind == api.GapPolicy:
			batches[batchID{g.Source, g.Kind}] = append(batches[batchID{g.Source, g.Kind}], g)
		case g.Run == in.Run:
			out.Admitted++
		}
	}
	holds, err := r.Sync.Ledger.Budgets().Holds(ctx)
	if err != nil {
		return out, err
	}
	for _, h := range holds {
		id := batchID{h.Source, h.Kind}
		if _, there := batches[id]; there {
			continue
		}
		if h.Kind == kindLeftBefore || h.Kind == kindPolicy {
			batches[id] = nil // Nobody is in it any more.
		} else if err := r.tellHold(ctx, id, h.Hash); err != nil {
			return out, err
		}
	}
	for id, gaps := range batches {
		held, err := r.admitBatch(ctx, id, gaps)
		if err != nil {
			return out, err
		}
		out.Held += held
		for _, g := range gaps {
			if g.Run == in.Run {
				out.Admitted++
			}
		}
		step.Beat(ctx, out.Admitted)
	}
	out.Admitted = max(0, out.Admitted-out.Held)
	return out, nil
}

// admitBatch asks for room for all of a batch. Who may not be hinted is held, and the run about the hold is told.
func (r *Reconcile) admitBatch(ctx context.Context, id batchID, gaps []worklist.Gap) (held int, err error) {
	keyed, err := r.keysOf(ctx, gaps)
	if err != nil {
		return 0, err
	}
	batch := budgets.HeldBatch{Source: id.source, Kind: id.kind, Budget: r.budgetOf(id)}
	observed := slices.ContainsFunc(gaps, func(g worklist.Gap) bool { return slices.Contains(g.Budgets, budgetPolicy) })
	if id.kind == kindPolicy || observed {
		var fresh []string
		fresh, batch.Keys, err = r.Holds.ungranted(ctx, batch.Budget, sortedKeys(keyed))
		batch.Keys = append(batch.Keys, fresh...)
	} else {
		batch, err = r.Holds.drawBatch(ctx, batch, sortedKeys(keyed), "reconcile")
	}
	if err != nil {
		return 0, err
	}
	if err := r.keepHold(ctx, id, batch); err != nil {
		return 0, err
	}
	return len(batch.Keys), r.stateAfter(ctx, keyed, batch.Keys)
}

// keepHold makes a hold what the batch says. One of leavers whom a poll has found may hold others of whom this comparison
// knows nothing: they stay.
func (r *Reconcile) keepHold(ctx context.Context, id batchID, batch budgets.HeldBatch) error {
	l := r.Sync.Ledger
	_, there, err := l.Budgets().HoldOf(ctx, id.source, id.kind)
	if err != nil || !there && len(batch.Keys) == 0 {
		return err
	}
	if id.kind == reading.KindLeaver {
		others, err := l.Budgets().HeldKeys(ctx, id.source, id.kind)
		if err != nil {
			return err
		}
		open, err := r.stillOut(ctx, others)
		if err != nil {
			return err
		}
		batch.Keys = append(batch.Keys, open...)
	}
	now, err := l.Budgets().KeepHold(ctx, batch)
	if err != nil {
		return err
	}
	return r.tellHold(ctx, id, now.Hash)
}

// tellHold tells the run about a hold which list there is, each time anew: one that was lost with Temporal's database is there
// again.
func (r *Reconcile) tellHold(ctx context.Context, id batchID, hash string) error {
	return r.Sync.Launch.Hold(ctx, api.HoldRef{Source: id.source, Kind: id.kind}, hash)
}

// stillOut are those of the held departures that are still open by the ledger.
func (r *Reconcile) stillOut(ctx context.Context, keys []string) ([]string, error) {
	open, err := r.Sync.Ledger.People().OpenDepartures(ctx, r.Sync.Clock())
	if err != nil {
		return nil, err
	}
	due := map[string]bool{}
	for _, d := range open {
		due[d.Key] = due[d.Key] || d.Order == ""
	}
	gaps, err := r.Sync.Ledger.Worklist().GapsToClose(ctx)
	if err != nil {
		return nil, err
	}
	stays := map[string]bool{}
	for _, g := range gaps {
		if g.Kind == api.GapChange && slices.Contains(g.Steps, stepStays) {
			stays[g.Key] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		person, _ := splitBudgetKey(key)
		return !due[person] || stays[person]
	}), nil
}

// budgetOf is the budget that a batch draws on.
func (r *Reconcile) budgetOf(id batchID) string {
	if id.kind == kindPolicy {
		return policyBudget(id.source, r.Sync.Policy().Hash())
	}
	return budgeting.OfSource(budgeting.Contain, id.source)
}

// keysOf are the gaps by what a budget counts them under.
func (r *Reconcile) keysOf(ctx context.Context, gaps []worklist.Gap) (map[string]worklist.Gap, error) {
	keyed := map[string]worklist.Gap{}
	for i, g := range gaps {
		d, _, err := r.Sync.Ledger.Dossier(ctx, g.Key)
		if err != nil {
			return nil, err
		}
		episode := d.Person.Episode
		if slices.Contains(g.Budgets, budgeting.Contain) {
			episode = d.Person.Departing()
		}
		keyed[g.Key+"/"+strconv.Itoa(episode)] = g
		if i%100 == 0 {
			step.Beat(ctx, i)
		}
	}
	return keyed, nil
}

// stateAfter keeps of each gap whether it is held.
func (r *Reconcile) stateAfter(ctx context.Context, keyed map[string]worklist.Gap, held []string) error {
	var put []worklist.Gap
	waits := step.SetOf(held)
	for key, g := range keyed {
		state := worklist.GapHint
		if waits[key] {
			state = worklist.GapHeld
		}
		if g.State != state {
			g.State = state
			put = append(put, g)
		}
	}
	return r.Sync.Ledger.Worklist().PutGaps(ctx, put)
}

const (
	// reconcilePage is how many people are hinted before that is written down.
	reconcilePage = 50
	// reconcilePause is how long a page of hints takes at least, unless they are about people who must be out.
	reconcilePause = 2 * time.Second
)

// Hint hints whoever a comparison has found and no budget holds, those who must be out first. Who was hinted is written down
// a page at a time, so that a crash in between hints some once more instead of never.
func (r *Reconcile) Hint(ctx context.Context, in api.ReconcileInput) (api.BatchSent, error) {
	l := r.Sync.Ledger
	run, err := l.Worklist().BeginReconcile(ctx, worklist.Reconcile{Run: in.Run, StartedAt: r.Sync.Clock()})
	if err != nil {
		return api.BatchSent{}, err
	}
	gaps, err := l.Worklist().GapsOfRun(ctx, in.Run)
	if err != nil {
		return api.BatchSent{}, err
	}
	hinted := map[string]bool{}
	var todo []worklist.Gap
	for _, g := range gaps {
		switch {
		case g.State != worklist.GapHint:
		case !g.HintedAt.Before(run.StartedAt):
			hinted[g.Key] = true
		default:
			todo = append(todo, g)
		}
	}
	slices.SortStableFunc(todo, func(a, b worklist.Gap) int { return cmp.Compare(hurry(a), hurry(b)) })
	var failed error
	for page := range slices.Chunk(todo, reconcilePage) {
		began := time.Now()
		done, err := r.hintPage(ctx, page, hinted)
		failed = errors.Join(failed, err)
		if err := l.Worklist().MarkGapsHinted(ctx, done, r.Sync.Clock()); err != nil {
			return api.BatchSent{}, err
		}
		if err != nil && len(done) == 0 {
			break // Nobody of a whole page: that is not about any of them.
		}
		if len(page) == reconcilePage && hurry(page[len(page)-1]) > 0 {
			pause(ctx, reconcilePause-time.Since(began))
		}
	}
	if failed != nil {
		return api.BatchSent{}, failed
	}
	return api.BatchSent{Sent: len(hinted)}, r.finish(ctx, run)
}

// finish keeps that a comparison has ended. One that could not believe every source does not count as one of everybody.
func (r *Reconcile) finish(ctx context.Context, run worklist.Reconcile) error {
	run.FinishedAt = r.Sync.Clock()
	return r.Sync.Ledger.Worklist().FinishReconcile(ctx, run)
}

// hintPage hints everybody of a page once and returns the gaps whose hint is durable.
func (r *Reconcile) hintPage(ctx context.Context, page []worklist.Gap, hinted map[string]bool) ([]worklist.Gap, error) {
	sending := map[string]bool{}
	var todo []int
	for i, g := range page {
		if !hinted[g.Key] && !sending[g.Key] {
			sending[g.Key] = true
			todo = append(todo, i)
		}
	}
	failed := step.SideBySide(ctx, len(todo), func(ctx context.Context, i int) error {
		g := page[todo[i]]
		_, err := r.Sync.Launch.Send(ctx, g.Key, api.Hint{Source: g.Source, Cause: "reconcile: " + g.Kind})
		return err
	})
	bad := map[string]bool{}
	for i, at := range todo {
		bad[page[at].Key] = failed[i] != nil
	}
	var done []worklist.Gap
	for _, g := range page {
		if !bad[g.Key] {
			hinted[g.Key] = true
			done = append(done, g)
		}
	}
	return done, errors.Join(failed...)
}

// hurry puts whoever must be out before everybody else.
func hurry(g worklist.Gap) int {
	switch g.Kind {
	case api.GapLeft, api.GapLeftBefore, api.GapOrdered, api.GapSystemsLeft:
		return 0
	case api.GapDue, api.GapPolicy:
		return 1
	}
	return 2
}

// pause waits, unless the activity is over.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(max(0, wait))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
