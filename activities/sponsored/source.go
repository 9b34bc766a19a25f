package sponsored

import (
	"context"
	"time"

	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/sponsored"
)

// Source is the ledger's records as an HR system shows them: to single assessments and to polls.
type Source struct {
	Ledger *ledger.Ledger
	Clock  func() time.Time
}

// Read implements hr.Source.
func (s Source) Read(ctx context.Context, employeeID string) (identity.Record, bool, error) {
	r, found, err := s.Ledger.Sponsored().Record(ctx, employeeID)
	if err != nil || !found {
		return identity.Record{}, false, err
	}
	return RecordOf(r, s.Clock()), true, nil
}

// Sweep implements hr.Sweeper. Records are never deleted, so that nobody vanishes.
func (s Source) Sweep(ctx context.Context, _ map[string]hr.Known, _ string, beat func(int)) (hr.Snapshot, error) {
	beat(0)
	all, err := s.Ledger.Sponsored().All(ctx)
	if err != nil {
		return hr.Snapshot{}, err
	}
	out := hr.Snapshot{Records: map[string]identity.Record{}, Digests: map[string]string{}}
	for _, r := range all {
		rec := RecordOf(r, s.Clock())
		if out.Digests[r.ID], err = hr.DigestOf(rec); err != nil {
			return hr.Snapshot{}, err
		}
		out.Records[r.ID] = rec
	}
	return out, nil
}

// employmentType is what conditions see as the employment type of a sponsored person.
const employmentType = "sponsored"

// RecordOf is a sponsored person as an HR record at a moment.
func RecordOf(r sponsored.Record, now time.Time) identity.Record {
	rec := identity.Record{
		Source: identity.SourceSponsored, EmployeeID: r.ID,
		FirstName: r.FirstName, LastName: r.LastName, WorkEmail: r.WorkEmail, PersonalEmail: r.PersonalEmail,
		Company: r.Company, Title: r.Title, Department: r.Department, Location: r.Location, EmploymentType: employmentType,
		ManagerID: r.AnswersFor(), Status: identity.StatusActive, HireDate: r.Starts, LastDay: r.LastDay(),
		Unconfirmed: !r.OrphanedAt.IsZero() && !r.Over(now),
		// What somebody ends now does not wait for the evening.
		Involuntary: r.Ended != "",
	}
	// A last day ends when it is over where the person is, which may be most of a day later than here.
	if r.Ended != "" || rec.LastDay < identity.Date(now.UTC().AddDate(0, 0, -1).Format(time.DateOnly)) {
		rec.Status = identity.StatusTerminated
	}
	if rec.HireDate > rec.LastDay {
		// It ended before it began.
		rec.Status = identity.StatusRescinded
	}
	return rec
}
