package hrsync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/roster"
)

// confirmMost is how many records a reading that is quarantined has read one by one. Who must be out first comes first.
const confirmMost = 500

// confirm stages, of a report that is quarantined, whose own record says that they have to be out, now or on a day to come,
// and whoever by the ledger must be out already. What is wrong with a report stops what it can have made up, and no
// departure: each of these stands in a record that was read by itself.
// Long because who is sure and who is doubtful is told in one loop.
func (s *Sync) confirm(ctx context.Context, in api.SyncInput, known map[string]roster.Row, snapshot hr.Snapshot, doubts []doubt, report *api.SyncReport) error {
	if err := s.adopt(ctx, in.Source); err != nil {
		return err
	}
	open, err := s.overdue(ctx, in.Source, report)
	if err != nil {
		return err
	}
	// A repeated attempt goes on with the batch of the first, the next reading of the run has one of its own.
	in.Batch += "/confirmed/" + strconv.FormatInt(step.ScheduledAt(ctx).UnixMilli(), 10)
	joinsOnly := !slices.ContainsFunc(doubts, func(d doubt) bool { return !d.joinsOnly() })
	var sure, doubtful []roster.StagedChange
	for _, c := range s.compare(in, known, snapshot, open) {
		rec, read := snapshot.Records[c.EmployeeID]
		row, seen := known[c.EmployeeID]
		switch {
		case c.Kind == reading.KindVanished:
		case c.Kind == reading.KindNew && c.Active, seen && !row.Active && c.Active:
			// They join, or come back: that is not what is confirmed here.
		case joinsOnly && c.Kind == reading.KindChanged && s.leaves(rec).IsZero():
			report.WentOn++
			sure = append(sure, c)
		case seen && !row.Active && c.Kind != reading.KindLeaver && !s.person(rec).Standing.Employed():
			// They had left by the last reading that was believed.
		case !read:
			sure = append(sure, c) // A departure of the ledger's, whose record this reading does not have.
		case !s.leaves(rec).IsZero() || c.Kind == reading.KindLeaver:
			doubtful = append(doubtful, c)
		}
	}
	slices.SortStableFunc(doubtful, func(a, b roster.StagedChange) int { return cmp.Compare(urgency(a), urgency(b)) })
	if left := len(doubtful) - confirmMost; left > 0 {
		report.Unconfirmed, doubtful = left, doubtful[:confirmMost]
	}
	records, err := s.readSingly(ctx, in.Source, doubtful)
	if err != nil {
		return err
	}
	for _, c := range doubtful {
		rec, read := records[c.EmployeeID]
		if !read {
			report.Unconfirmed++
			continue
		}
		due := s.leaves(rec)
		if due.IsZero() {
			continue
		}
		if c.Kind == reading.KindLeaver && due.After(s.Clock()) {
			c.Kind = reading.KindChanged
		}
		sure = append(sure, c)
	}
	if len(sure) == 0 {
		return nil
	}
	if err := s.noteLeavers(ctx, sure, known, hr.Snapshot{Records: records}); err != nil {
		return err
	}
	if err := s.stage(ctx, in.Batch, sure); err != nil {
		return err
	}
	counts, err := s.Ledger.Roster().StageCounts(ctx, in.Batch)
	report.Confirmed, report.Leavers, report.Changed = in.Batch, counts[reading.KindLeaver], counts[reading.KindNew]+counts[reading.KindChanged]
	return err
}

// leaves is when somebody has to be out by one record alone.
func (s *Sync) leaves(rec identity.Record) time.Time { return outcome.MustLeave(s.person(rec)) }

// readSingly reads each record by itself. One that cannot be read is left out: the next reading tries it again.
func (s *Sync) readSingly(ctx context.Context, source string, changes []roster.StagedChange) (map[string]identity.Record, error) {
	from, ok := s.Person.Sources[source]
	if !ok {
		return nil, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("single records of HR source %q cannot be read on this worker", source))
	}
	read := make([]*identity.Record, len(changes))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i, c := range changes {
		group.Go(func() error {
			step.Beat(ctx, i)
			rec, found, err := from.Read(groupCtx, c.EmployeeID)
			switch {
			case err == nil && found:
				rec.Source, rec.EmployeeID = source, c.EmployeeID
				read[i] = &rec
			case err != nil:
				step.Log(ctx).Warn("a departure cannot be confirmed", "source", source, "error", err)
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	records := map[string]identity.Record{}
	for i, c := range changes {
		if read[i] != nil {
			records[c.EmployeeID] = *read[i]
		}
	}
	return records, nil
}
