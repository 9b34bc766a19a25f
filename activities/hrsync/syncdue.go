package hrsync

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/roster"
	"gatehouse/policy"
)

// askAgain is after what time somebody is asked again about a leaver whose plan they have rejected.
const askAgain = 24 * time.Hour

// overdue lists the employee ids of those who by the ledger must be out and are not known to be, and says of each whether
// to raise them now. They are raised by every poll until they are out, so that a hint that was rejected, only observed, held or lost with Temporal's database ends nothing.
// Where offboarding only observes they are left in peace and counted; where it asks first, they are raised once a day, and
// whenever the policy is another one.
func (s *Sync) overdue(ctx context.Context, source string, report *api.SyncReport) (map[string]bool, error) {
	now, pol := s.Clock(), s.Policy()
	departures, err := s.Ledger.People().OpenDepartures(ctx, now)
	if err != nil {
		return nil, err
	}
	raised, err := s.raised(ctx, source, pol, departures)
	if err != nil {
		return nil, err
	}
	open := map[string]bool{}
	for _, d := range departures {
		switch {
		case d.Order != "" || d.Source != source:
			continue
		case pol.Modes().Offboarding == policy.ModeObserve:
			report.Planned++
			continue
		}
		id, err := s.recordOf(ctx, source, d.Key)
		if err != nil {
			return nil, err
		}
		open[id] = id != "" && !raised[d.Key]
		if !open[id] || pol.Modes().Offboarding != policy.ModeApprove {
			continue
		}
		if err := s.Ledger.Roster().AddFindings(ctx, roster.Finding{
			Source: source, Kind: roster.FindingRaised, Subject: d.Key, Why: pol.Hash(), Left: true,
		}); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// adopt makes departures of those who had left before the first reading and who by the inventory still have an account, or
// may have one. Until their accounts are known, whoever had left then is one batch that is counted.
func (s *Sync) adopt(ctx context.Context, source string) error {
	ids, err := s.Ledger.Roster().LeftBeforeWithAccount(ctx, source)
	if err != nil || len(ids) == 0 {
		return err
	}
	now := s.Clock()
	var found []persons.Departure
	for _, id := range ids {
		key, linked, err := s.Ledger.People().Resolve(ctx, source, id)
		if err != nil {
			return err
		}
		if linked {
			found = append(found, persons.Departure{Key: key, Source: source, KnownAt: now, DueAt: now})
		}
	}
	if err := s.noteAll(ctx, found); err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.Ledger.Roster().SettleFinding(ctx, source, roster.FindingLeftBefore, id); err != nil {
			return err
		}
	}
	return nil
}

// raised lists whom a person was asked about lately, under this policy. Who is out by now is forgotten.
func (s *Sync) raised(ctx context.Context, source string, pol *policy.Policy, open []persons.Departure) (map[string]bool, error) {
	asked, err := s.Ledger.Roster().Findings(ctx, source, roster.FindingRaised)
	if err != nil {
		return nil, err
	}
	lately, still := map[string]bool{}, map[string]bool{}
	for _, d := range open {
		still[d.Key] = true
	}
	for _, f := range asked {
		if !still[f.Subject] {
			if err := s.Ledger.Roster().SettleFinding(ctx, source, f.Kind, f.Subject); err != nil {
				return nil, err
			}
			continue
		}
		lately[f.Subject] = f.Why == pol.Hash() && pol.Modes().Offboarding == policy.ModeApprove && s.Clock().Sub(f.Latest) < askAgain
	}
	return lately, nil
}

// recordOf is the employee id by which a person is hinted: that of their key, or of any other record of theirs in the
// source; empty if they have none there.
func (s *Sync) recordOf(ctx context.Context, source, key string) (string, error) {
	if from, id, err := identity.SplitKey(key); err == nil && from == source {
		return id, nil
	}
	d, _, err := s.Ledger.Dossier(ctx, key)
	if err != nil {
		return "", err
	}
	for _, link := range d.Links {
		if link.Source == source {
			return link.EmployeeID, nil
		}
	}
	return "", nil
}
