package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gatehouse/connectors/bamboohr"
	"gatehouse/connectors/workday"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// WorkdaySweeper reads the roster report. Workday cannot tell what changed, so everybody is read every time.
type WorkdaySweeper struct{ Client *workday.Client }

// Sweep implements Sweeper.
func (s WorkdaySweeper) Sweep(ctx context.Context, _ map[string]ledger.RosterRow, _ string, beat func(int)) (Snapshot, error) {
	snapshot := Snapshot{Records: map[string]identity.Record{}, Digests: map[string]string{}}
	beat(0)
	roster, err := s.Client.Roster(ctx, func(rec identity.Record) error {
		digest, err := digestOf(rec)
		if err != nil {
			return err
		}
		snapshot.Records[rec.EmployeeID], snapshot.Digests[rec.EmployeeID] = rec, digest
		beat(len(snapshot.Records))
		return nil
	})
	snapshot.Missing = roster.MissingColumns
	return snapshot, err
}

// BambooHRSweeper reads the employment status table of everybody, which is where a planned departure shows, and the
// records of those who changed since the last sweep.
type BambooHRSweeper struct {
	Client *bamboohr.Client
	Clock  func() time.Time
}

// Sweep implements Sweeper. A digest has two halves, "<status rows>.<record>", so that a change of either shows.
func (s BambooHRSweeper) Sweep(ctx context.Context, known map[string]ledger.RosterRow, cursor string, beat func(int)) (Snapshot, error) {
	now := s.Clock()
	beat(0)
	rows, err := s.Client.EmploymentStatus(ctx, bamboohr.AllEmployees)
	if err != nil {
		return Snapshot{}, err
	}
	byID := map[string][]bamboohr.StatusRow{}
	for _, r := range rows {
		byID[r.EmployeeID] = append(byID[r.EmployeeID], r)
	}
	changed, next, err := s.changed(ctx, cursor, now)
	if err != nil {
		return Snapshot{}, err
	}
	snapshot := Snapshot{
		Records: map[string]identity.Record{}, Digests: map[string]string{}, Unchanged: map[string]bool{}, Cursor: next,
	}
	for id, rows := range byID {
		rowsDigest, err := digestOf(rows)
		if err != nil {
			return Snapshot{}, err
		}
		row, seen := known[id]
		if before, _, _ := strings.Cut(row.Digest, "."); seen && before == rowsDigest && !changed[id] {
			snapshot.Unchanged[id] = true
			continue
		}
		rec, found, err := s.Client.Employee(ctx, id)
		if err != nil {
			return Snapshot{}, err
		}
		if !found {
			continue
		}
		rec = s.Client.WithPlannedLeave(rec, rows, now)
		recDigest, err := digestOf(rec)
		if err != nil {
			return Snapshot{}, err
		}
		snapshot.Records[id], snapshot.Digests[id] = rec, rowsDigest+"."+recDigest
		beat(len(snapshot.Records))
	}
	if len(byID) == 0 {
		snapshot.Missing = []string{"employmentStatus table"}
	}
	return snapshot, nil
}

// changed lists who changed since the cursor. The first sweep reads everybody and starts the cursor now.
func (s BambooHRSweeper) changed(ctx context.Context, cursor string, now time.Time) (map[string]bool, string, error) {
	if cursor == "" {
		return nil, now.UTC().Format(time.RFC3339), nil
	}
	since, err := time.Parse(time.RFC3339, cursor)
	if err != nil {
		return nil, "", fmt.Errorf("bamboohr: the stored cursor is not a time: %w", err)
	}
	changes, err := s.Client.ChangedSince(ctx, since)
	if err != nil {
		return nil, "", err
	}
	ids := map[string]bool{}
	for _, c := range changes.Employees {
		ids[c.ID] = true
	}
	next := cursor
	if changes.Latest.After(since) {
		next = changes.Latest.UTC().Format(time.RFC3339)
	}
	return ids, next, nil
}

// digestOf makes any state comparable without keeping it.
func digestOf(state any) (string, error) {
	data, err := json.Marshal(state)
	if err != nil {
		return "", fmt.Errorf("write a record down as JSON: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), nil
}
