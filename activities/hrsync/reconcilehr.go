package hrsync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// hrReading is what a source says now, and what the ledger last saw of it.
type hrReading struct {
	state roster.SourceState
	// rows is the roster until the reading is judged, and known what is needed of it from then on.
	rows         map[string]roster.Row
	known        map[string]lastSeen
	snapshot     hr.Snapshot
	asideRecords map[string]bool
	// believed says that the reading is as good as one of a poll; what confirmed has was read by itself.
	believed  bool
	confirmed map[string]identity.Record
}

// lastSeen is what the ledger last saw of a record, and whether the source says something else now.
type lastSeen struct {
	at             time.Time
	active, differ bool
}

// settle lets go of what only tells whether a reading is to be believed and what has changed.
func (h *hrReading) settle() {
	h.known = make(map[string]lastSeen, len(h.rows))
	for id, row := range h.rows {
		digest := h.snapshot.Digests[id]
		h.known[id] = lastSeen{at: row.SeenAt, active: row.Active, differ: digest != "" && digest != row.Digest}
	}
	h.asideRecords = h.snapshot.AsideIDs()
	h.rows, h.snapshot.Digests, h.snapshot.SetAside = nil, nil, nil
}

// record is what the source says of an employee. Read is false if that is not known; found is false if the source does not
// have them any more.
func (h *hrReading) record(id string) (rec identity.Record, found, read bool) {
	if !h.believed {
		rec, read = h.confirmed[id]
		return rec, read, read
	}
	if rec, found = h.snapshot.Records[id]; found {
		return rec, true, true
	}
	return identity.Record{}, false, !h.asideRecords[id] && !h.snapshot.Unchanged[id]
}

// changedSince reports that HR has changed a record since the roster was settled with it, or since an assessment.
func (h *hrReading) changedSince(id string, assessed time.Time) bool {
	last, seen := h.known[id]
	if !seen || last.differ {
		return true
	}
	settled := h.state.BaselinedAt
	if assessed.After(settled) {
		settled = assessed
	}
	return last.at.After(settled)
}

// readHR reads every source. One that does not answer, or is quarantined, keeps nobody of the others from being compared.
func (c *comparison) readHR(ctx context.Context, s *Sync) error {
	for _, source := range slices.Sorted(maps.Keys(s.Sweepers)) {
		h, why, err := c.readSource(ctx, source)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			step.Log(ctx).Warn("a source cannot be read: people are compared by what is known of them", "source", source, "error", err)
			why = "it could not be read"
			h = &hrReading{}
		}
		c.readings[source] = h
		if why != "" {
			c.unread = append(c.unread, api.UnreadSource{Source: source, Why: why})
		}
	}
	return nil
}

// readSource reads a source by the rules of its polls, and moves nothing of what they go on from.
func (c *comparison) readSource(ctx context.Context, source string) (h *hrReading, why string, err error) {
	h = &hrReading{}
	if h.state, err = c.Ledger.Roster().Source(ctx, source); err != nil {
		return nil, "", err
	}
	if h.state.BaselinedAt.IsZero() {
		return h, "there was no first reading yet", nil
	}
	if h.rows, err = c.Ledger.Roster().Rows(ctx, source); err != nil {
		return nil, "", err
	}
	defer h.settle()
	beat := func(done int) { step.Beat(ctx, done) }
	if h.snapshot, err = c.Sweepers[source].Sweep(ctx, asKnown(h.rows), h.state.Cursor, beat); err != nil {
		return nil, "", err
	}
	left, err := c.Ledger.Roster().Findings(ctx, source, roster.FindingWitness)
	if err != nil {
		return nil, "", err
	}
	h.snapshot.Missing = append(h.snapshot.Missing, hiddenByReport(left, h.snapshot)...)
	if why, err := c.quarantine(ctx, source, h.state, h.rows, h.snapshot); err != nil || why != "" {
		return h, why, errors.Join(err, c.confirmLeft(ctx, source, h))
	}
	h.believed = true
	if c.run.Whole && len(h.snapshot.Unchanged) > 0 {
		if err := c.readUnchanged(ctx, source, h); err != nil {
			return nil, "", err
		}
	}
	return h, "", nil
}

// readUnchanged reads those whom the source did not show because nothing of them has changed: what has changed may be their
// account.
func (c *comparison) readUnchanged(ctx context.Context, source string, h *hrReading) error {
	full, err := c.Sweepers[source].Sweep(ctx, nil, "", func(done int) { step.Beat(ctx, done) })
	if err != nil {
		return err
	}
	if why, err := c.quarantine(ctx, source, h.state, h.rows, full); err != nil || why != "" {
		return cmp.Or(err, errors.New(why))
	}
	// The few that were read before are put to the others, so that nobody's record is there twice.
	for id := range full.Records {
		if !h.snapshot.Unchanged[id] {
			delete(full.Records, id)
			continue
		}
		delete(h.snapshot.Unchanged, id)
	}
	for id, rec := range h.snapshot.Records {
		full.Records[id], full.Digests[id] = rec, h.snapshot.Digests[id]
	}
	h.snapshot.Records, h.snapshot.Digests = full.Records, full.Digests
	return nil
}

// confirmLeft reads by itself each record that says that somebody has to be out, of a reading that is quarantined, and of
// whom that was not known.
func (c *comparison) confirmLeft(ctx context.Context, source string, h *hrReading) error {
	var doubtful []roster.StagedChange
	for id, rec := range h.snapshot.Records {
		row, seen := h.rows[id]
		due := c.mustOut(rec)
		if due.IsZero() || due.After(c.now) || seen && !row.Active {
			continue
		}
		doubtful = append(doubtful, roster.StagedChange{Source: source, EmployeeID: id})
	}
	slices.SortFunc(doubtful, func(a, b roster.StagedChange) int { return strings.Compare(a.EmployeeID, b.EmployeeID) })
	var err error
	h.confirmed, err = c.readSingly(ctx, source, doubtful[:min(len(doubtful), confirmMost)])
	if err != nil {
		return fmt.Errorf("confirm departures of %s: %w", source, err)
	}
	return nil
}

// mustOut is when somebody has to be out by one record alone, as of the comparison's moment.
func (c *comparison) mustOut(rec identity.Record) time.Time {
	return outcome.MustLeave(c.pol.Person("", []identity.Engagement{{Record: rec, FirstSeen: c.now, LeaverFirstSeen: c.now, Found: true}}, c.now))
}
