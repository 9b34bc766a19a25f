package hrsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/outcome"
	"gatehouse/activities/people"
	"gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// Sync compares HR sources with what the ledger last saw of them.
type Sync struct {
	Ledger   *ledger.Ledger
	Person   *people.Person
	Launch   api.Launcher
	Sweepers map[string]hr.Sweeper
	// Upkeep brings a source up to date that Gatehouse keeps itself, right before a poll reads it. Such a source cannot lie: nothing of what
	// it says is doubted, and budgets hold it like any other.
	Upkeep map[string]func(ctx context.Context) error
	Policy func() *policy.Policy
	Clock  func() time.Time
}

// Collect reads a source and stages what changed. Nothing moves before the hints are durable.
// Long because the order in which a reading is believed is what it is about.
func (s *Sync) Collect(ctx context.Context, in api.SyncInput) (api.SyncReport, error) {
	sweeper, ok := s.Sweepers[in.Source]
	if !ok {
		return api.SyncReport{}, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("no HR source %q is configured on this worker", in.Source))
	}
	if upkeep := s.Upkeep[in.Source]; upkeep != nil {
		if err := upkeep(ctx); err != nil {
			return api.SyncReport{}, err
		}
	}
	state, err := s.Ledger.Roster().Source(ctx, in.Source)
	if err != nil {
		return api.SyncReport{}, err
	}
	known, err := s.Ledger.Roster().Rows(ctx, in.Source)
	if err != nil {
		return api.SyncReport{}, err
	}
	snapshot, err := sweeper.Sweep(ctx, asKnown(known), state.Cursor, func(done int) { step.Beat(ctx, done) })
	if err != nil {
		return api.SyncReport{}, err
	}
	left, err := s.Ledger.Roster().Findings(ctx, in.Source, roster.FindingWitness)
	if err != nil {
		return api.SyncReport{}, err
	}
	snapshot.Missing = append(snapshot.Missing, hiddenByReport(left, snapshot)...)
	report := api.SyncReport{Seen: snapshot.Size(), Cursor: snapshot.Cursor}
	found, err := s.doubts(ctx, in.Source, state, known, snapshot)
	if err != nil {
		return api.SyncReport{}, err
	}
	open, err := s.judge(ctx, in, found)
	if err != nil {
		return api.SyncReport{}, err
	}
	if len(open) > 0 {
		report.Quarantine, report.Doubt = told(in.Source, open), codeOf(open)
		state.QuarantinedAt, state.QuarantineReason = s.Clock(), report.Quarantine
		if err := s.Ledger.Roster().PutSource(ctx, state); err != nil || state.BaselinedAt.IsZero() {
			return report, err
		}
		return report, s.confirm(ctx, in, known, snapshot, open, &report)
	}
	state.QuarantinedAt, state.QuarantineReason = time.Time{}, ""
	state.LastSize = snapshot.Size()
	if err := errors.Join(s.setAside(ctx, in.Source, known, snapshot, &report), s.keepWitnesses(ctx, in.Source, snapshot),
		s.keepColumnWitnesses(ctx, in.Source, snapshot)); err != nil {
		return api.SyncReport{}, err
	}
	if state.BaselinedAt.IsZero() {
		report.Baseline = true
		err = s.baseline(ctx, in, snapshot, &report)
		// Whatever the first reading has written down is older than this, so that a later change can be told from it.
		state.BaselinedAt, state.SyncedAt, state.Cursor = s.Clock(), s.Clock(), snapshot.Cursor
	} else if err = s.stageChanges(ctx, in, known, snapshot, &report); err == nil {
		err = s.remember(ctx, known, snapshot)
	}
	if err == nil {
		err = s.Ledger.Roster().PutSource(ctx, state)
	}
	if err != nil {
		return api.SyncReport{}, err
	}
	counts, err := s.Ledger.Roster().StageCounts(ctx, in.Batch)
	report.Changed, report.Leavers, report.Vanished = counts[reading.KindNew]+counts[reading.KindChanged]+counts[reading.KindRescinded], counts[reading.KindLeaver], counts[reading.KindVanished]
	return report, err
}

// stageChanges stages whoever changed since the last reading, and whoever must be out and is not known to be.
func (s *Sync) stageChanges(ctx context.Context, in api.SyncInput, known map[string]roster.Row, snapshot hr.Snapshot, report *api.SyncReport) error {
	if err := s.adopt(ctx, in.Source); err != nil {
		return err
	}
	open, err := s.overdue(ctx, in.Source, report)
	if err != nil {
		return err
	}
	if err := errors.Join(s.firstPositions(ctx, in.Source, snapshot, known), s.firstAtWork(ctx, in.Source, snapshot, known)); err != nil {
		return err
	}
	changes := s.compare(in, known, snapshot, open)
	if err := s.noteLeavers(ctx, changes, known, snapshot); err != nil {
		return err
	}
	return s.stage(ctx, in.Batch, changes)
}

func (s *Sync) stage(ctx context.Context, batch string, changes []roster.StagedChange) error {
	return step.InPages(ctx, changes, ledgerPage, func(ctx context.Context, page []roster.StagedChange) error {
		return s.Ledger.Roster().Stage(ctx, batch, page)
	})
}

// compare lists what differs between the roster and a reading. Open has the employee ids of those who must be out and are
// not known to be, and says of each whether to raise them now although their record has not changed. One that says that
// they stay is a change.
func (s *Sync) compare(in api.SyncInput, known map[string]roster.Row, snapshot hr.Snapshot, open map[string]bool) []roster.StagedChange {
	var changes []roster.StagedChange
	add := func(id, kind, digest string, active bool) {
		changes = append(changes, roster.StagedChange{
			Batch: in.Batch, Source: in.Source, EmployeeID: id, PersonKey: in.Source + "-" + id, Kind: kind,
			Digest: digest, Active: active, Traits: s.traitsIn(snapshot, id),
		})
	}
	aside := snapshot.AsideIDs()
	for id, rec := range snapshot.Records {
		row, seen := known[id]
		digest := snapshot.Digests[id]
		if seen && row.Digest == digest && !open[id] {
			continue
		}
		person := s.person(rec)
		employed, out := person.Belongs(), outcome.MustLeave(person)
		switch _, due := open[id]; {
		case (row.Active || due) && !out.IsZero() && !out.After(person.AsOf) && (person.Standing != identity.StandingRescinded || begun(rec, person.AsOf)):
			add(id, reading.KindLeaver, digest, false)
		case row.Active && person.Standing == identity.StandingRescinded:
			add(id, reading.KindRescinded, digest, false)
		case !seen:
			add(id, reading.KindNew, digest, employed)
		default:
			add(id, reading.KindChanged, digest, employed)
		}
	}
	for id, row := range known {
		_, read := snapshot.Records[id]
		switch {
		case read:
		case open[id]:
			add(id, reading.KindLeaver, row.Digest, false)
		case !snapshot.Unchanged[id] && !aside[id] && row.Digest != reading.KindVanished:
			// Whether somebody works here is not known any more, so the roster keeps what it was.
			add(id, reading.KindVanished, reading.KindVanished, row.Active)
		}
	}
	return changes
}

// begun reports that a first day was over before yesterday, wherever that is: whoever is said not to come after all has come.
func begun(rec identity.Record, now time.Time) bool {
	day, err := time.Parse(time.DateOnly, string(rec.HireDate))
	return err == nil && day.Before(now.Add(-48*time.Hour))
}

// person is where somebody stands by one record alone that is seen for the first time.
func (s *Sync) person(rec identity.Record) identity.Person {
	now := s.Clock()
	return s.Policy().Person("", []identity.Engagement{identity.FirstSight(rec, now)}, now)
}

func (s *Sync) employed(rec identity.Record) bool { return s.person(rec).Belongs() }

// Reserve draws all leavers of a batch on the budget, or none.
func (s *Sync) Reserve(ctx context.Context, in api.BatchInput) (api.BatchHeld, error) {
	staged, err := s.Ledger.Roster().Staged(ctx, in.Batch, 0)
	if err != nil {
		return api.BatchHeld{}, err
	}
	var keys []string
	for _, c := range staged {
		if c.Kind != reading.KindLeaver {
			continue
		}
		key, err := s.budgetKeyOf(ctx, c)
		if err != nil {
			return api.BatchHeld{}, err
		}
		keys = append(keys, key)
	}
	active, err := s.Ledger.Roster().ActivePeople(ctx, in.Source)
	if err != nil {
		return api.BatchHeld{}, err
	}
	safety := s.Policy().Safety()
	held, err := s.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
		Budget: budgeting.OfSource(budgeting.Contain, in.Source), Keys: keys, Window: safety.Window, Override: in.Override, By: cmp.Or(in.By, "sync"),
		Limit: budgets.Limit{Count: safety.Contain.Count, Percent: safety.Contain.Percent, Of: active},
	})
	return api.BatchHeld{Granted: held.Granted, Used: held.Used, Allowed: held.Allowed, Asked: len(keys)}, err
}

// budgetKeyOf is the key under which the person's own run will reserve: their next departure.
func (s *Sync) budgetKeyOf(ctx context.Context, c roster.StagedChange) (string, error) {
	key, found, err := s.Ledger.People().Resolve(ctx, c.Source, c.EmployeeID)
	if err != nil {
		return "", err
	}
	if !found {
		return budgeting.Key(budgeting.Contain, c.PersonKey, 1, ""), nil
	}
	d, _, err := s.Ledger.Dossier(ctx, key)
	if err != nil {
		return "", err
	}
	return budgeting.Key(budgeting.Contain, key, d.Person.Departing(), ""), nil
}

// Hint hints everybody in a batch, leavers first. A person's roster row moves only after their hint is durable, so that a crash in
// between hints them once more instead of never.
func (s *Sync) Hint(ctx context.Context, in api.BatchInput) (api.BatchSent, error) {
	staged, err := s.Ledger.Roster().Staged(ctx, in.Batch, 0)
	if err != nil {
		return api.BatchSent{}, err
	}
	slices.SortStableFunc(staged, func(a, b roster.StagedChange) int { return cmp.Compare(urgency(a), urgency(b)) })
	others := slices.IndexFunc(staged, func(c roster.StagedChange) bool { return urgency(c) > 0 })
	if others < 0 {
		others = len(staged)
	}
	// What the others' changes come to is found out once the leavers are on their way.
	left := s.hintAll(ctx, in.Batch, staged[:others])
	held, err := s.drawMoves(ctx, in.Source, staged[others:])
	if err != nil {
		return api.BatchSent{}, errors.Join(left, err)
	}
	if err := errors.Join(left, s.hintAll(ctx, in.Batch, staged[others:])); err != nil {
		return api.BatchSent{}, err
	}
	state, err := s.Ledger.Roster().Source(ctx, in.Source)
	if err != nil {
		return api.BatchSent{}, err
	}
	if !in.Partial {
		state.SyncedAt, state.Cursor = s.Clock(), cmp.Or(in.Cursor, state.Cursor)
		if err := s.Ledger.Roster().PutSource(ctx, state); err != nil {
			return api.BatchSent{}, err
		}
	}
	stop := step.Pulse(ctx, step.PulseEvery)
	err = s.Person.HintOpen(ctx, nil, people.OpenByPoll)
	if stop(); err != nil {
		step.Log(ctx).Warn("who must be out and has an open account was not hinted: the next poll does so", "error", err)
	}
	counts, err := s.Ledger.Roster().StageCounts(ctx, in.Batch)
	total := 0
	for _, n := range counts {
		total += n
	}
	return api.BatchSent{Sent: total, Held: held}, err
}

// hintAll hints everybody of a list, a page at a time.
func (s *Sync) hintAll(ctx context.Context, batch string, staged []roster.StagedChange) error {
	var failed error
	for page := range slices.Chunk(staged, 200) {
		ids, err := s.hintPage(ctx, page)
		failed = errors.Join(failed, err)
		if err := s.Ledger.Roster().Settle(ctx, batch, ids); err != nil {
			return err
		}
		if err != nil && len(ids) == 0 {
			// Nobody of a whole page: that is not about any of them.
			break
		}
	}
	return failed
}

// urgency puts leavers before everybody else.
func urgency(c roster.StagedChange) int {
	if c.Kind == reading.KindLeaver {
		return 0
	}
	return 1
}

// hintPage hints everybody of a page and returns whose hint is durable. One who cannot be hinted does not stop the others.
func (s *Sync) hintPage(ctx context.Context, page []roster.StagedChange) (hinted []string, err error) {
	failed := step.SideBySide(ctx, len(page), func(ctx context.Context, i int) error { return s.hintOne(ctx, page[i]) })
	for i, c := range page {
		if failed[i] == nil {
			hinted = append(hinted, c.EmployeeID)
		}
	}
	return hinted, errors.Join(failed...)
}

func (s *Sync) hintOne(ctx context.Context, c roster.StagedChange) error {
	key, found, err := s.Ledger.People().Resolve(ctx, c.Source, c.EmployeeID)
	if err != nil {
		return err
	}
	if !found {
		key = c.PersonKey
	}
	_, err = s.Launch.Send(ctx, key, api.Hint{Source: c.Source, Cause: "poll"})
	return err
}

// Drop gives up staged changes because a person rejected them, and remembers that, so that the same report does not
// raise them again.
func (s *Sync) Drop(ctx context.Context, in api.BatchInput) error {
	return s.Ledger.Roster().DropBatch(ctx, in.Batch, in.Kinds, true)
}

// asKnown is a roster as a source asks for it.
func asKnown(roster map[string]roster.Row) map[string]hr.Known {
	if roster == nil {
		return nil
	}
	known := make(map[string]hr.Known, len(roster))
	for id, row := range roster {
		known[id] = hr.Known{Digest: row.Digest, Active: row.Active}
	}
	return known
}
