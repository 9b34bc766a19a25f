package hrsync

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/reading"
	"gatehouse/activities/step"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// ledgerPage is how many rows of a reading are written at a time.
const ledgerPage = 300

// leftLately is how long ago an employment may have ended before the first reading for its person to be looked at at once.
// Who left before that is left to an operator, all together: there may be thousands, and what they still have was so when
// Gatehouse came.
const leftLately = 30 * 24 * time.Hour

// maxContradictions is how many records of a first reading that contradict themselves are asked about one by one. More of
// them are the report's fault and not the records'.
const maxContradictions = 25

// baseline takes a first reading as given: everybody becomes known. Hinted are those with a date ahead, of whom nothing
// would remind us, and those who left lately; whoever left before that is written down as one batch.
func (s *Sync) baseline(ctx context.Context, in api.SyncInput, snapshot hr.Snapshot, report *api.SyncReport) error {
	looks := s.firstLooks(in, snapshot)
	if err := s.admitAll(ctx, in.Source, snapshot); err != nil {
		return err
	}
	if err := s.noteAhead(ctx, in.Source, snapshot, looks.hinted); err != nil {
		return err
	}
	err := step.InPages(ctx, looks.before, ledgerPage, func(ctx context.Context, page []roster.Finding) error {
		return s.Ledger.Roster().AddFindings(ctx, page...)
	})
	if err != nil {
		return err
	}
	report.LeftBefore = len(looks.before)
	if err := s.stage(ctx, in.Batch, looks.changes); err != nil {
		return err
	}
	// The roster comes last: what it has is not looked at again. Whoever is to be hinted comes into it with the hint.
	var rows []roster.Row
	if err := errors.Join(s.firstPositions(ctx, in.Source, snapshot, nil), s.firstAtWork(ctx, in.Source, snapshot, nil)); err != nil {
		return err
	}
	for id, rec := range snapshot.Records {
		if !looks.hinted[id] {
			rows = append(rows, roster.Row{
				Source: in.Source, EmployeeID: id, Digest: snapshot.Digests[id], Active: s.employed(rec), SeenAt: s.Clock(),
				Traits: s.traits(rec),
			})
		}
	}
	return step.InPages(ctx, rows, ledgerPage, s.Ledger.Roster().Put)
}

// admitAll makes everybody of a reading known.
func (s *Sync) admitAll(ctx context.Context, source string, snapshot hr.Snapshot) error {
	all := make([]persons.Admission, 0, len(snapshot.Records))
	for id, rec := range snapshot.Records {
		all = append(all, persons.Admission{Key: source + "-" + id, Source: source, EmployeeID: id, Digests: s.Person.Digests(rec)})
	}
	return step.InPages(ctx, all, ledgerPage, s.Ledger.People().AdmitAll)
}

// firstLooks is whom a first reading asks to look at.
type firstLooks struct {
	changes []roster.StagedChange
	hinted  map[string]bool
	before  []roster.Finding
}

func (s *Sync) firstLooks(in api.SyncInput, snapshot hr.Snapshot) firstLooks {
	out, contradictions := firstLooks{hinted: map[string]bool{}}, 0
	lately := identity.Date(s.Clock().Add(-leftLately).Format(time.DateOnly))
	for id, rec := range snapshot.Records {
		person := s.person(rec)
		left := !person.LeaveAt.IsZero() && !person.LeaveAt.After(person.AsOf)
		contradicts := slices.ContainsFunc(person.Notices, func(n identity.Notice) bool { return n.Code == policy.NoticeStatusContradictsEnd })
		if contradicts {
			contradictions++
		}
		end := cmp.Or(rec.LastDay, rec.TerminationDate)
		switch comes := ahead(person); {
		case contradicts && contradictions > maxContradictions, left && !contradicts && !comes && end < lately:
			out.before = append(out.before, roster.Finding{
				Source: in.Source, Kind: roster.FindingLeftBefore, Subject: id, Left: true, Why: records.Sure("left_before", view{}),
			})
		case left, contradicts, comes:
			out.hinted[id] = true
			out.changes = append(out.changes, roster.StagedChange{
				Batch: in.Batch, Source: in.Source, EmployeeID: id, PersonKey: in.Source + "-" + id, Kind: reading.KindNew,
				Digest: snapshot.Digests[id], Active: person.Belongs(), Traits: s.traits(rec),
			})
		}
	}
	return out
}

// ahead reports that something about a person happens by itself on a day to come.
func ahead(person identity.Person) bool {
	return slices.ContainsFunc([]time.Time{person.CreateAt, person.ActivateAt, person.LeaveAt, person.ChangeAt}, person.AsOf.Before)
}
