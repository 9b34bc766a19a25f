package hr

import (
	"context"
	"time"

	"gatehouse/connectors/bamboohr"
	"gatehouse/connectors/workday"
	"gatehouse/identity"
)

// Source is one HR system as the single-person path needs it.
type Source interface {
	// Read returns the record of one employee as it is now, with a planned departure if there is one. Found is false
	// when the source no longer has it, which is never taken for a termination.
	Read(ctx context.Context, employeeID string) (rec identity.Record, found bool, err error)
}

// WorkdaySource reads single workers through the single-worker report.
type WorkdaySource struct{ Client *workday.Client }

// Read implements Source.
func (s WorkdaySource) Read(ctx context.Context, employeeID string) (identity.Record, bool, error) {
	rec, found, err := s.Client.Worker(ctx, employeeID)
	return usable(rec), found, err
}

// BambooHRSource reads single employees together with their rows in the employment status table, which alone shows an end
// or an employment that lies ahead, and which end belongs to an employment before.
type BambooHRSource struct {
	Client *bamboohr.Client
	Clock  func() time.Time
}

// Read implements Source. Both are asked for at once. For somebody who has left the table is not worth waiting for if it
// does not come.
func (s BambooHRSource) Read(ctx context.Context, employeeID string) (identity.Record, bool, error) {
	type table struct {
		rows []bamboohr.StatusRow
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	read := make(chan table, 1)
	go func() {
		rows, err := s.Client.EmploymentStatus(ctx, employeeID)
		read <- table{rows, err}
	}()
	rec, found, err := s.Client.Employee(ctx, employeeID)
	if err != nil || !found {
		return rec, found, err
	}
	now := s.Clock()
	if rec.Status == identity.StatusTerminated && overSince(rec, now) {
		return usable(rec), true, nil
	}
	var late <-chan time.Time
	if rec.Status == identity.StatusTerminated {
		late = time.After(tablePatience)
	}
	select {
	case t := <-read:
		switch {
		case t.err == nil:
			return usable(s.Client.WithStatusRows(rec, t.rows, now)), true, nil
		case rec.Status == identity.StatusTerminated:
			return usable(s.Client.WithStatusRows(rec, nil, now)), true, nil
		}
		return identity.Record{}, false, t.err
	case <-late:
		return usable(s.Client.WithStatusRows(rec, nil, now)), true, nil
	}
}

// tablePatience is how long the table of somebody who has left is waited for once their record is there.
const tablePatience = time.Second

// overSince reports that an employment ended before yesterday, so that whatever begins now is no continuation of it.
func overSince(rec identity.Record, now time.Time) bool {
	end := rec.LastDay
	if end == "" {
		end = rec.TerminationDate
	}
	return end != "" && end < identity.Date(now.AddDate(0, 0, -1).Format(time.DateOnly))
}

// usable leaves out of a record what cannot become part of a key.
func usable(rec identity.Record) identity.Record {
	if !identity.UsableID(rec.Source, rec.ManagerID) {
		rec.ManagerID = ""
	}
	return rec
}
