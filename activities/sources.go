package activities

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
	return s.Client.Worker(ctx, employeeID)
}

// BambooHRSource reads single employees. For somebody who has not left it also reads the employment status table,
// because a future-dated termination shows nowhere else.
type BambooHRSource struct {
	Client *bamboohr.Client
	Clock  func() time.Time
}

// Read implements Source.
func (s BambooHRSource) Read(ctx context.Context, employeeID string) (identity.Record, bool, error) {
	rec, found, err := s.Client.Employee(ctx, employeeID)
	if err != nil || !found {
		return rec, found, err
	}
	if rec.Status == identity.StatusTerminated && (rec.LastDay != "" || rec.TerminationDate != "") {
		return rec, true, nil
	}
	rows, err := s.Client.EmploymentStatus(ctx, employeeID)
	if err != nil {
		return identity.Record{}, false, err
	}
	return s.Client.WithPlannedLeave(rec, rows, s.Clock()), true, nil
}
