package hrsync

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// Holds keeps back what the safety budgets refuse, and carries out what people decide about it.
type Holds struct{ Sync *Sync }

// Admit draws a poll's leavers on the budget of their source: all who are new to it, or none of them. Whoever was granted
// before needs no room, and whoever was refused before waits on. Those who may not be hinted are kept back, so that the
// next reading finds them again, and a run of its own asks a person about them.
func (h *Holds) Admit(ctx context.Context, in api.BatchInput) (api.BatchAdmitted, error) {
	out, err := h.admitLeavers(ctx, in)
	if err != nil {
		return api.BatchAdmitted{}, err
	}
	if out.HeldJoins, err = h.admitJoins(ctx, in); err != nil {
		return api.BatchAdmitted{}, err
	}
	if out.HeldDeletions, err = h.countDeletions(ctx, in); err != nil {
		return api.BatchAdmitted{}, err
	}
	out.HeldAhead, err = h.admitAhead(ctx, in)
	return out, err
}

func (h *Holds) admitLeavers(ctx context.Context, in api.BatchInput) (api.BatchAdmitted, error) {
	l, budget := h.Sync.Ledger, budgeting.OfSource(budgeting.Contain, in.Source)
	ids, err := h.leavers(ctx, in)
	if err != nil {
		return api.BatchAdmitted{}, err
	}
	batch, err := h.drawBatch(ctx, budgets.HeldBatch{Source: in.Source, Kind: reading.KindLeaver, Budget: budget}, sortedKeys(ids), "sync")
	if err != nil {
		return api.BatchAdmitted{}, err
	}
	elsewhere, err := l.Budgets().HeldElsewhere(ctx, in.Source, reading.KindLeaver, budget, batch.Keys)
	if err != nil {
		return api.BatchAdmitted{}, err
	}
	var back []string
	for _, key := range batch.Keys {
		back = append(back, ids[key]...)
	}
	// Who was asked about ahead of their day stays in that list.
	asked := step.SetOf(elsewhere)
	batch.Keys = slices.DeleteFunc(batch.Keys, func(key string) bool { return asked[key] })
	if err := h.keepBack(ctx, in, batch, back); err != nil {
		return api.BatchAdmitted{}, err
	}
	return api.BatchAdmitted{Admitted: len(ids) - len(batch.Keys) - len(elsewhere), Held: len(batch.Keys)}, nil
}

// leavers are the employee ids of a batch's leavers by what the budget counts them under. A record that is kept back and
// that this reading left out, because it could not be read or was not asked for, is still a leaver's.
func (h *Holds) leavers(ctx context.Context, in api.BatchInput) (map[string][]string, error) {
	staged, err := h.Sync.Ledger.Roster().StagedOf(ctx, in.Batch, reading.KindLeaver)
	if err != nil {
		return nil, err
	}
	unread, err := h.Sync.Ledger.Budgets().HeldRecords(ctx, in.Source, in.Batch)
	if err != nil {
		return nil, err
	}
	for _, id := range unread {
		staged = append(staged, roster.StagedChange{Source: in.Source, EmployeeID: id, PersonKey: in.Source + "-" + id})
	}
	ids := map[string][]string{}
	for n, c := range staged {
		key, err := h.Sync.budgetKeyOf(ctx, c)
		if err != nil {
			return nil, err
		}
		ids[key] = append(ids[key], c.EmployeeID)
		if n%100 == 0 {
			step.Beat(ctx, n)
		}
	}
	return ids, nil
}

// drawBatch asks the budget of a batch for room for all of its keys: what was granted before needs none, what was refused
// before waits on, and the rest gets room as a whole or waits with it.
func (h *Holds) drawBatch(ctx context.Context, batch budgets.HeldBatch, keys []string, by string) (budgets.HeldBatch, error) {
	fresh, refused, err := h.ungranted(ctx, batch.Budget, keys)
	if err != nil {
		return batch, err
	}
	batch.Keys = refused
	if len(fresh) == 0 {
		return batch, nil
	}
	name, _, _ := strings.Cut(batch.Budget, "/")
	room, err := h.draw(ctx, name, batch.Source, fresh, false, by)
	if err == nil && !room.Granted {
		batch.Keys, batch.Used, batch.Allowed = append(batch.Keys, fresh...), room.Used, room.Allowed
	}
	return batch, err
}

// ungranted are those of the keys that a budget has not granted: fresh ones are new to it, refused ones it holds.
func (h *Holds) ungranted(ctx context.Context, budget string, keys []string) (fresh, refused []string, err error) {
	granted, refused, err := h.Sync.Ledger.Budgets().HeldAmong(ctx, budget, keys)
	if err != nil {
		return nil, nil, err
	}
	known := step.SetOf(slices.Concat(granted, refused))
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return known[key] }), refused, nil
}

// draw asks a budget of a source for room.
func (h *Holds) draw(ctx context.Context, budget, source string, keys []string, override bool, by string) (budgets.Held, error) {
	active, err := h.Sync.Ledger.Roster().ActivePeople(ctx, source)
	if err != nil {
		return budgets.Held{}, err
	}
	safety := h.Sync.Policy().Safety()
	limit := budgeting.LimitOf(safety, budget)
	return h.Sync.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
		Budget: budgeting.OfSource(budget, source), Keys: keys, Window: safety.Window, Override: override, Hold: true, By: by,
		Limit: budgets.Limit{Count: limit.Count, Percent: limit.Percent, Of: active},
	})
}

// keepBack writes the hold down, tells its run, and only then takes the records out of the batch: an attempt that is
// repeated finds them again until all of that is durable.
func (h *Holds) keepBack(ctx context.Context, in api.BatchInput, batch budgets.HeldBatch, ids []string) error {
	_, was, err := h.Sync.Ledger.Budgets().HoldOf(ctx, in.Source, batch.Kind)
	if err != nil || !was && len(ids) == 0 {
		return err
	}
	hold, err := h.Sync.Ledger.Budgets().KeepHold(ctx, batch)
	if err != nil {
		return err
	}
	if err := h.Sync.Launch.Hold(ctx, api.HoldRef{Source: in.Source, Kind: batch.Kind}, hold.Hash); err != nil {
		return err
	}
	return h.Sync.Ledger.Budgets().KeepBack(ctx, in.Batch, in.Source, ids)
}

// Show says what there is to decide about.
func (h *Holds) Show(ctx context.Context, in api.HoldRef) (api.HoldShown, error) {
	hold, found, err := h.Sync.Ledger.Budgets().CountHold(ctx, in.Source, in.Kind)
	if err != nil || !found {
		return api.HoldShown{}, err
	}
	held, err := h.Sync.Ledger.Budgets().HeldIn(ctx, in.Source, in.Kind)
	if err != nil {
		return api.HoldShown{}, err
	}
	shown := api.HoldShown{
		Found: true, Hash: hold.Hash, People: hold.People, Used: hold.Used, Allowed: hold.Allowed, Since: hold.Since,
	}
	shown.Two = h.Sync.Policy().Two()
	shown.Pages = h.Sync.Person != nil && h.Sync.Person.Paging
	shown.PagedApart = shown.Pages
	if hold.Rejected() {
		shown.Rejected, shown.RejectedBy, shown.RejectedAt = true, hold.RejectedBy, hold.RejectedAt
	}
	if in.Kind != reading.KindLeaver && !strings.HasPrefix(in.Kind, api.HoldAhead) {
		shown.Changes = changesOf(held)
	}
	if strings.HasPrefix(in.Kind, api.HoldAhead) {
		// It was known long enough: whoever has not decided by the moment is told then.
		shown.LeaveAt, _, err = h.moments(ctx, in.Source, held)
		if h.Sync.Policy().Modes().Offboarding != policy.ModeObserve {
			shown.OverdueAt = shown.LeaveAt
		}
		return shown, err
	}
	shown.OverdueAt, err = h.overdueAt(ctx, held)
	return shown, err
}

// changesOf counts people by what is held of them.
func changesOf(held []budgets.Key) []api.HeldChange {
	var out []api.HeldChange
	for _, budget := range budgeting.Weights {
		n := 0
		for _, k := range held {
			if name, _, _ := strings.Cut(k.Budget, "/"); name == budget {
				n++
			}
		}
		if n > 0 {
			out = append(out, api.HeldChange{Kind: budgeting.HoldKind(budget), People: n})
		}
	}
	return out
}

// overdueAt is the deadline of the first of those who are held and must be out.
func (h *Holds) overdueAt(ctx context.Context, all []budgets.Key) (time.Time, error) {
	pol := h.Sync.Policy()
	if pol.Modes().Offboarding == policy.ModeObserve {
		return time.Time{}, nil
	}
	held := map[string]bool{}
	for _, k := range all {
		name, _, _ := strings.Cut(k.Budget, "/")
		person, _ := splitBudgetKey(k.Key)
		if name == budgeting.Contain || name == budgeting.Delete {
			held[person] = true
		}
	}
	open, err := h.Sync.Ledger.People().OpenDepartures(ctx, h.Sync.Clock())
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
	hold, found, err := h.Sync.Ledger.Budgets().HoldOf(ctx, in.Source, in.Kind)
	if err != nil || found && hold.Hash != in.Hash {
		return api.HoldDecided{}, err
	}
	if !found {
		// An earlier attempt went through, or HR no longer says that anybody has left.
		return api.HoldDecided{Current: true}, nil
	}
	held, err := h.Sync.Ledger.Budgets().HeldIn(ctx, in.Source, in.Kind)
	if err != nil {
		return api.HoldDecided{}, err
	}
	keys := onePerPerson(held)
	out := api.HoldDecided{Current: true, People: len(keys)}
	if in.Verb == api.VerbReject {
		if out.Current, err = h.Sync.Ledger.Budgets().RejectHold(ctx, in.Source, in.Kind, in.Hash, in.By); err != nil || !out.Current {
			return out, err
		}
		return out, h.record(ctx, in, keys, "rejected: they stay as they are while this is looked into")
	}
	if in.Kind == kindPolicy {
		if current, err := h.allowPolicy(ctx, in, keys); err != nil || !current {
			return api.HoldDecided{}, err
		}
	} else if err := h.letThrough(ctx, in, held); err != nil {
		return api.HoldDecided{}, err
	}
	if err := h.record(ctx, in, keys, allowedWords(in.Kind, len(keys))); err != nil {
		return api.HoldDecided{}, err
	}
	if err := h.hintAll(ctx, in.Source, keys); err != nil {
		return api.HoldDecided{}, err
	}
	return out, h.Sync.Ledger.Budgets().LiftKeys(ctx, in.Source, in.Kind, held)
}

// letThrough reserves what a hold keeps back in every budget that it draws on.
func (h *Holds) letThrough(ctx context.Context, in api.HoldDecision, held []budgets.Key) error {
	for len(held) > 0 {
		budget := held[0].Budget
		n := slices.IndexFunc(held, func(k budgets.Key) bool { return k.Budget != budget })
		if n < 0 {
			n = len(held)
		}
		var keys []string
		for _, k := range held[:n] {
			keys = append(keys, k.Key)
		}
		if err := h.drawDecided(ctx, in, budget, keys); err != nil {
			return err
		}
		held = held[n:]
	}
	return nil
}

// drawDecided reserves in one budget what somebody has let through. Departures that were known ahead take no room from those
// that nobody foresees.
func (h *Holds) drawDecided(ctx context.Context, in api.HoldDecision, budget string, keys []string) error {
	name, source, _ := strings.Cut(budget, "/")
	if !strings.HasPrefix(in.Kind, api.HoldAhead) {
		_, err := h.draw(ctx, name, source, keys, true, in.By)
		return err
	}
	held := make([]budgets.Key, len(keys))
	for i, key := range keys {
		held[i] = budgets.Key{Budget: budget, Key: key}
	}
	_, latest, err := h.moments(ctx, in.Source, held)
	if err != nil {
		return err
	}
	_, err = h.Sync.Ledger.Budgets().Reserve(ctx, budgets.Reservation{Budget: budget, Keys: keys, Override: true, Foreseen: true, At: latest, By: in.By})
	return err
}

// onePerPerson is one key of each person who is held, in order.
func onePerPerson(held []budgets.Key) []string {
	of := map[string]string{}
	for _, k := range held {
		person, _ := splitBudgetKey(k.Key)
		of[person] = k.Key
	}
	return slices.Sorted(maps.Values(of))
}

// hintAll hints everybody of a list. One who cannot be hinted now does not stop the others; the attempt that follows hints
// all of them once more.
func (h *Holds) hintAll(ctx context.Context, source string, keys []string) error {
	return errors.Join(step.SideBySide(ctx, len(keys), func(ctx context.Context, i int) error {
		person, _ := splitBudgetKey(keys[i])
		_, err := h.Sync.Launch.Send(ctx, person, api.Hint{Source: source, Cause: "allowed"})
		return err
	})...)
}

// record keeps for each person what was decided about them, and by whom.
func (h *Holds) record(ctx context.Context, in api.HoldDecision, keys []string, outcome string) error {
	rows := make([]journal.Evidence, 0, len(keys))
	for _, key := range keys {
		person, episode := splitBudgetKey(key)
		fact := api.Fact{Step: "hold." + in.Verb, Started: in.At}
		rows = append(rows, journal.Evidence{
			Key: step.EvidenceKey(api.RecordInput{Key: person, Episode: episode}, fact), PersonKey: person, Episode: episode,
			Step: fact.Step, Template: api.TypeHold, RunID: step.RunID(ctx),
			Actor: in.By, Cause: in.Reason, Outcome: outcome, StartedAt: in.At, FinishedAt: in.At,
		})
	}
	// The ledger has one writer: it is not kept from a leaver's containment for longer than a page takes.
	for page := range slices.Chunk(rows, 100) {
		if err := h.Sync.Ledger.Journal().Record(ctx, page); err != nil {
			return err
		}
	}
	return nil
}

// splitBudgetKey takes apart what a budget counts a change under.
func splitBudgetKey(key string) (person string, episode int) {
	person, rest, _ := strings.Cut(key, "/")
	number, _, _ := strings.Cut(rest, "/")
	episode, err := strconv.Atoi(number)
	if err != nil {
		return person, 0
	}
	return person, episode
}
