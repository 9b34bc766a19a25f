package activities

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// Holds keeps back what the safety budgets refuse, and carries out what people decide about it.
type Holds struct{ Sync *Sync }

// Admit draws a poll's leavers on the budget of their source: all who are new to it, or none of them. Whoever was granted
// before needs no room, and whoever was refused before waits on. Those who may not be hinted are kept back, so that the
// next reading finds them again, and a run of its own asks a person about them.
func (h *Holds) Admit(ctx context.Context, in api.BatchInput) (api.BatchAdmitted, error) {
	out, err := h.admit(ctx, in)
	return out, fail(err)
}

func (h *Holds) admit(ctx context.Context, in api.BatchInput) (api.BatchAdmitted, error) {
	l, budget := h.Sync.Ledger, sourceBudget(budgetContain, in.Source)
	ids, err := h.leavers(ctx, in)
	if err != nil {
		return api.BatchAdmitted{}, err
	}
	keys := make([]string, 0, len(ids))
	for key := range ids {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	granted, refused, err := l.HeldAmong(ctx, budget, keys)
	if err != nil {
		return api.BatchAdmitted{}, err
	}
	batch := ledger.HeldBatch{Source: in.Source, Kind: kindLeaver, Budget: budget, Keys: refused}
	known := map[string]bool{}
	for _, key := range slices.Concat(granted, refused) {
		known[key] = true
	}
	fresh := slices.DeleteFunc(keys, func(key string) bool { return known[key] })
	if len(fresh) > 0 {
		held, err := h.draw(ctx, in.Source, fresh, false, "sync")
		if err != nil {
			return api.BatchAdmitted{}, err
		}
		if !held.Granted {
			batch.Keys = append(batch.Keys, fresh...)
			batch.Used, batch.Allowed = held.Used, held.Allowed
		}
	}
	var back []string
	for _, key := range batch.Keys {
		back = append(back, ids[key]...)
	}
	if err := h.keepBack(ctx, in, batch, back); err != nil {
		return api.BatchAdmitted{}, err
	}
	return api.BatchAdmitted{Admitted: len(ids) - len(batch.Keys), Held: len(batch.Keys)}, nil
}

// leavers are the employee ids of a batch's leavers by what the budget counts them under. A record that is kept back and
// that this reading left out, because it could not be read or was not asked for, is still a leaver's.
func (h *Holds) leavers(ctx context.Context, in api.BatchInput) (map[string][]string, error) {
	staged, err := h.Sync.Ledger.StagedOf(ctx, in.Batch, kindLeaver)
	if err != nil {
		return nil, err
	}
	unread, err := h.Sync.Ledger.HeldRecords(ctx, in.Source, in.Batch)
	if err != nil {
		return nil, err
	}
	for _, id := range unread {
		staged = append(staged, ledger.StagedChange{Source: in.Source, EmployeeID: id, PersonKey: in.Source + "-" + id})
	}
	ids := map[string][]string{}
	for n, c := range staged {
		key, err := h.Sync.budgetKeyOf(ctx, c)
		if err != nil {
			return nil, err
		}
		ids[key] = append(ids[key], c.EmployeeID)
		if n%100 == 0 {
			activity.RecordHeartbeat(ctx, n)
		}
	}
	return ids, nil
}

// draw asks the budget for room.
func (h *Holds) draw(ctx context.Context, source string, keys []string, override bool, by string) (ledger.Held, error) {
	active, err := h.Sync.Ledger.ActivePeople(ctx, source)
	if err != nil {
		return ledger.Held{}, err
	}
	safety := h.Sync.Policy().Safety()
	return h.Sync.Ledger.Reserve(ctx, ledger.Reservation{
		Budget: sourceBudget(budgetContain, source), Keys: keys, Window: safety.Window, Override: override, Hold: true, By: by,
		Limit: ledger.Limit{Count: safety.Contain.Count, Percent: safety.Contain.Percent, Of: active},
	})
}

// keepBack writes the hold down, tells its run, and only then takes the records out of the batch: an attempt that is
// repeated finds them again until all of that is durable.
func (h *Holds) keepBack(ctx context.Context, in api.BatchInput, batch ledger.HeldBatch, ids []string) error {
	_, was, err := h.Sync.Ledger.HoldOf(ctx, in.Source, batch.Kind)
	if err != nil || !was && len(ids) == 0 {
		return err
	}
	hold, err := h.Sync.Ledger.KeepHold(ctx, batch)
	if err != nil {
		return err
	}
	if err := h.Sync.Launch.Hold(ctx, api.HoldRef{Source: in.Source, Kind: batch.Kind}, hold.Hash); err != nil {
		return err
	}
	return h.Sync.Ledger.KeepBack(ctx, in.Batch, in.Source, ids)
}

// Show says what there is to decide about.
func (h *Holds) Show(ctx context.Context, in api.HoldRef) (api.HoldShown, error) {
	hold, found, err := h.Sync.Ledger.HoldOf(ctx, in.Source, in.Kind)
	if err != nil || !found {
		return api.HoldShown{}, fail(err)
	}
	shown := api.HoldShown{
		Found: true, Hash: hold.Hash, People: hold.People, Used: hold.Used, Allowed: hold.Allowed, Since: hold.Since,
	}
	if hold.Rejected() {
		shown.Rejected, shown.RejectedBy, shown.RejectedAt = true, hold.RejectedBy, hold.RejectedAt
	}
	shown.OverdueAt, err = h.overdueAt(ctx, in)
	return shown, fail(err)
}

// overdueAt is the deadline of the first of those who are held and must be out.
func (h *Holds) overdueAt(ctx context.Context, in api.HoldRef) (time.Time, error) {
	pol := h.Sync.Policy()
	if pol.Modes().Offboarding == policy.ModeObserve {
		return time.Time{}, nil
	}
	keys, err := h.Sync.Ledger.HeldKeys(ctx, in.Source, in.Kind)
	if err != nil {
		return time.Time{}, err
	}
	held := map[string]bool{}
	for _, key := range keys {
		person, _ := splitBudgetKey(key)
		held[person] = true
	}
	open, err := h.Sync.Ledger.OpenDepartures(ctx, h.Sync.Clock())
	if err != nil {
		return time.Time{}, err
	}
	for _, d := range open {
		if d.Order == "" && held[d.Key] {
			return d.DueAt.Add(pol.Leaver().ContainWithin), nil
		}
	}
	return time.Time{}, nil
}

// Decide carries out what a person decided about a list, if it is still that list. People who are let through are hinted;
// a rejected list stays held, and is raised again for as long as HR says the same.
func (h *Holds) Decide(ctx context.Context, in api.HoldDecision) (api.HoldDecided, error) {
	out, err := h.decide(ctx, in)
	return out, fail(err)
}

func (h *Holds) decide(ctx context.Context, in api.HoldDecision) (api.HoldDecided, error) {
	hold, found, err := h.Sync.Ledger.HoldOf(ctx, in.Source, in.Kind)
	if err != nil || found && hold.Hash != in.Hash {
		return api.HoldDecided{}, err
	}
	if !found {
		// An earlier attempt went through, or HR no longer says that anybody has left.
		return api.HoldDecided{Current: true}, nil
	}
	keys, err := h.Sync.Ledger.HeldKeys(ctx, in.Source, in.Kind)
	if err != nil {
		return api.HoldDecided{}, err
	}
	out := api.HoldDecided{Current: true, People: len(keys)}
	if in.Verb == api.VerbReject {
		if out.Current, err = h.Sync.Ledger.RejectHold(ctx, in.Source, in.Kind, in.Hash, in.By); err != nil || !out.Current {
			return out, err
		}
		return out, h.record(ctx, in, keys, "rejected: they stay as they are while this is looked into")
	}
	if current, err := h.letThrough(ctx, in, keys); err != nil || !current {
		return api.HoldDecided{}, err
	}
	if err := h.record(ctx, in, keys, allowedWords(in.Kind, len(keys))); err != nil {
		return api.HoldDecided{}, err
	}
	if err := h.hintAll(ctx, in.Source, keys); err != nil {
		return api.HoldDecided{}, err
	}
	return out, h.Sync.Ledger.LiftHold(ctx, in.Source, in.Kind, in.Hash)
}

// hintAll hints everybody of a list. One who cannot be hinted now does not stop the others; the attempt that follows hints
// all of them once more.
func (h *Holds) hintAll(ctx context.Context, source string, keys []string) error {
	var mu sync.Mutex
	var failed error
	done := 0
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, key := range keys {
		group.Go(func() error {
			person, _ := splitBudgetKey(key)
			_, err := h.Sync.Launch.Send(groupCtx, person, api.Hint{Source: source, Cause: "allowed"})
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			done++
			activity.RecordHeartbeat(ctx, done)
			return nil
		})
	}
	return errors.Join(group.Wait(), failed)
}

// record keeps for each person what was decided about them, and by whom.
func (h *Holds) record(ctx context.Context, in api.HoldDecision, keys []string, outcome string) error {
	rows := make([]ledger.Evidence, 0, len(keys))
	for _, key := range keys {
		person, episode := splitBudgetKey(key)
		fact := api.Fact{Step: "hold." + in.Verb, Started: in.At}
		rows = append(rows, ledger.Evidence{
			Key: evidenceKey(api.RecordInput{Key: person, Episode: episode}, fact), PersonKey: person, Episode: episode,
			Step: fact.Step, Template: api.TypeHold, RunID: activity.GetInfo(ctx).WorkflowExecution.RunID,
			Actor: in.By, Cause: in.Reason, Outcome: outcome, StartedAt: in.At, FinishedAt: in.At,
		})
	}
	// The ledger has one writer: it is not kept from a leaver's containment for longer than a page takes.
	for page := range slices.Chunk(rows, 100) {
		if err := h.Sync.Ledger.Record(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// splitBudgetKey takes apart what a budget counts a departure under.
func splitBudgetKey(key string) (person string, episode int) {
	at := strings.LastIndexByte(key, '/')
	if at < 0 {
		return key, 0
	}
	episode, err := strconv.Atoi(key[at+1:])
	if err != nil {
		return key, 0
	}
	return key[:at], episode
}
