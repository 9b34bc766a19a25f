package roster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Kinds of findings.
const (
	// FindingSetAside is a record that the last reading could not read or use.
	FindingSetAside = "set_aside"
	// FindingOddDelivery is a webhook that named somebody by what is no employee id.
	FindingOddDelivery = "odd_delivery"
	// FindingLeftBefore is somebody who had left long before the first reading, and whom nobody has looked at yet.
	FindingLeftBefore = "left_before"
	// FindingRaised is a leaver whom a poll has asked about again.
	FindingRaised = "raised"
	// FindingColumn is somebody who works here and whose record has values in the columns that Why names.
	FindingColumn = "column_witness"
	// FindingHeldBack is a record whose joining or change waits, because of what of the last reading is quarantined.
	FindingHeldBack = "held_back"
	// FindingDuplicate is somebody about whose record it was asked whether it is another person's too, and nobody has
	// answered. The subject is their key.
	FindingDuplicate = "possible_duplicate"
	// FindingAskedAbout is the other side of that: the subject is who may have one more record, and Why the key of that record.
	FindingAskedAbout = "asked_about"
	// FindingBeyondPolicy is managed access of somebody employed that no rule gives and Gatehouse did not give: found, and
	// left alone. The subject is their key.
	FindingBeyondPolicy = "access_beyond_policy"
)

// Finding is one thing that was found about an HR source.
type Finding struct {
	Source, Kind string
	// Subject is what it is about: an employee id, or a word where there is none.
	Subject string
	Why     string
	// Left says that the person has left, as far as the source says.
	Left bool
	// Times is how often it was found.
	Times         int
	First, Latest time.Time
}

const (
	findingHead     = "INSERT INTO source_findings (source, kind, subject, why, has_left, first_at, last_at)"
	findingConflict = `ON CONFLICT (source, kind, subject) DO UPDATE SET why = excluded.why, has_left = excluded.has_left,
		times = source_findings.times + 1, last_at = excluded.last_at`
)

func (f Finding) args(now time.Time) []any {
	return []any{f.Source, f.Kind, f.Subject, f.Why, engine.Flag(f.Left), engine.Micros(now), engine.Micros(now)}
}

// AddFindings writes findings down; one that is there already counts once more.
func (s Store) AddFindings(ctx context.Context, findings ...Finding) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error { return s.addFindings(ctx, q, findings) })
	if err != nil {
		return fmt.Errorf("write %d findings: %w", len(findings), err)
	}
	return nil
}

func (s Store) addFindings(ctx context.Context, q engine.Querier, findings []Finding) error {
	now := s.db.Now()
	unique := make(map[string][]any, len(findings))
	for _, f := range findings {
		unique[f.Source+"\x00"+f.Kind+"\x00"+f.Subject] = f.args(now)
	}
	return engine.InsertRows(ctx, q, findingHead, findingConflict, engine.Sorted(unique))
}

// CountFinding adds a finding's times to those counted before.
func (s Store) CountFinding(ctx context.Context, f Finding) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO source_findings (source, kind, subject, why, has_left, times, first_at, last_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (source, kind, subject) DO UPDATE SET
			times = source_findings.times + excluded.times, last_at = excluded.last_at`,
			f.Source, f.Kind, f.Subject, f.Why, engine.Flag(f.Left), f.Times, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("count a finding about %s: %w", f.Source, err)
	}
	return nil
}

// KeepFindings makes the findings of a kind about a source what they are now: what is not found any more goes.
func (s Store) KeepFindings(ctx context.Context, source, kind string, findings []Finding) error {
	was, err := s.Findings(ctx, source, kind)
	if err != nil || len(was)+len(findings) == 0 {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for _, old := range was {
			if slices.ContainsFunc(findings, func(f Finding) bool { return f.Subject == old.Subject }) {
				continue
			}
			if _, err := q.ExecContext(ctx, "DELETE FROM source_findings WHERE source = $1 AND kind = $2 AND subject = $3",
				source, kind, old.Subject); err != nil {
				return err
			}
		}
		return s.addFindings(ctx, q, findings)
	})
	if err != nil {
		return fmt.Errorf("keep %d findings about %s: %w", len(findings), source, err)
	}
	return nil
}

// SettleFinding takes away one finding that was seen to.
func (s Store) SettleFinding(ctx context.Context, source, kind, subject string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "DELETE FROM source_findings WHERE source = $1 AND kind = $2 AND subject = $3", source, kind, subject)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle a finding about %s: %w", source, err)
	}
	return nil
}

// Findings lists the findings of a kind about a source, in the order of their subjects.
func (s Store) Findings(ctx context.Context, source, kind string) ([]Finding, error) {
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT subject, why, has_left, times, first_at, last_at FROM source_findings
		WHERE source = $1 AND kind = $2 ORDER BY subject`, source, kind)
	if err != nil {
		return nil, fmt.Errorf("read the findings about %s: %w", source, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var found []Finding
	for rows.Next() {
		f := Finding{Source: source, Kind: kind}
		var left, first, latest int64
		if err := rows.Scan(&f.Subject, &f.Why, &left, &f.Times, &first, &latest); err != nil {
			return nil, fmt.Errorf("read the findings about %s: %w", source, err)
		}
		f.Left, f.First, f.Latest = left == 1, engine.Instant(first), engine.Instant(latest)
		found = append(found, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the findings about %s: %w", source, err)
	}
	return found, nil
}

// HasFinding reports whether there is a finding about a subject.
func (s Store) HasFinding(ctx context.Context, source, kind, subject string) (bool, error) {
	var n int
	found, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT 1 FROM source_findings WHERE source = $1 AND kind = $2 AND subject = $3",
		[]any{source, kind, subject}, &n)
	if err != nil {
		return false, fmt.Errorf("read a finding about %s: %w", source, err)
	}
	return found, nil
}

// LeftBeforeWithAccount lists the employee ids of those who had left before the first reading of a source, whom nobody has
// looked at yet, and who by the inventory have an account that is not suspended, or may have one.
func (s Store) LeftBeforeWithAccount(ctx context.Context, source string) ([]string, error) {
	ids, err := engine.Texts(ctx, s.db.Reader(), `SELECT DISTINCT f.subject FROM source_findings f
		JOIN links k ON k.source = f.source AND k.employee_id = f.subject JOIN accounts a ON a.person_key = k.person_key
		WHERE f.source = $1 AND f.kind = $2 AND a.state IN ('linked', 'disputed', 'candidate') AND a.kind IN ('person', 'unknown')
			AND a.missing_since = 0 AND a.observed_at <> 0 AND a.status <> $3 ORDER BY f.subject`,
		source, FindingLeftBefore, int64(identity.AccountSuspended))
	if err != nil {
		return nil, fmt.Errorf("find who had left before the first reading of %s and has an account: %w", source, err)
	}
	return ids, nil
}

// FindingCounts counts the findings about a source by kind.
func (s Store) FindingCounts(ctx context.Context, source string) (map[string]int, error) {
	counts, err := s.countKinds(ctx, "source_findings WHERE source = $1", source)
	if err != nil {
		return nil, fmt.Errorf("count the findings about %s: %w", source, err)
	}
	return counts, nil
}
