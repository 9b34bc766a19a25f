package hr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gatehouse/connectors"
	"gatehouse/connectors/bamboohr"
	"gatehouse/connectors/workday"
	"gatehouse/identity"
)

// WorkdaySweeper reads the roster report. Workday cannot tell what changed, so everybody is read every time.
type WorkdaySweeper struct{ Client *workday.Client }

// Sweep implements Sweeper.
func (s WorkdaySweeper) Sweep(ctx context.Context, _ map[string]Known, _ string, beat func(int)) (Snapshot, error) {
	snapshot, words := Snapshot{Records: map[string]identity.Record{}, Digests: map[string]string{}}, words{}
	beat(0)
	roster, err := s.Client.Roster(ctx, func(rec identity.Record) error {
		if !identity.UsableID(rec.Source, rec.EmployeeID) {
			snapshot.SetAside = append(snapshot.SetAside, SetAside{Why: whyUnusableID, Left: saysLeft(rec)})
			return nil
		}
		digest, err := DigestOf(rec)
		if err != nil {
			return err
		}
		snapshot.Records[rec.EmployeeID], snapshot.Digests[rec.EmployeeID] = words.shared(usable(rec)), digest
		beat(len(snapshot.Records))
		return nil
	})
	for range roster.WithoutID {
		snapshot.SetAside = append(snapshot.SetAside, SetAside{Why: whyNoID})
	}
	snapshot.Missing = roster.MissingColumns
	return snapshot, err
}

// saysLeft reports that a record says that its person has left.
func saysLeft(rec identity.Record) bool { return rec.Status == identity.StatusTerminated }

// BambooHRSweeper reads the employment status table of everybody, which is where a planned departure shows, and the
// records of those who changed since the last sweep.
type BambooHRSweeper struct {
	Client *bamboohr.Client
	Clock  func() time.Time
}

// allEmployees marks a cursor that a sweep ended at which knew of everybody, with or without a row in the table. A sweep
// that goes on from another one asks for everybody who ever changed.
const allEmployees = "all/"

// beginning is before anybody could have changed in BambooHR.
var beginning = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Sweep implements Sweeper. A digest has two halves, "<status rows>.<record>", so that a change of either shows.
func (s BambooHRSweeper) Sweep(ctx context.Context, known map[string]Known, cursor string, beat func(int)) (Snapshot, error) {
	sw := bambooSweep{BambooHRSweeper: s, now: s.Clock(), beat: beat, words: words{}, rows: map[string][]bamboohr.StatusRow{}}
	sw.out = Snapshot{Records: map[string]identity.Record{}, Digests: map[string]string{}, Unchanged: map[string]bool{}}
	beat(0)
	rows, err := s.Client.EmploymentStatus(ctx, bamboohr.AllEmployees)
	if err != nil {
		return Snapshot{}, err
	}
	for _, r := range rows {
		sw.rows[r.EmployeeID] = append(sw.rows[r.EmployeeID], r)
	}
	if len(rows) == 0 {
		return Snapshot{Missing: []string{"employmentStatus table"}}, nil
	}
	if err := sw.changes(ctx, cursor); err != nil {
		return Snapshot{}, err
	}
	if err := sw.readAll(ctx, known); err != nil {
		return Snapshot{}, err
	}
	if sw.out.Lost, err = lostRows(known, sw.rows, sw.deleted); err != nil {
		return Snapshot{}, err
	}
	if sw.out.Missing, err = sw.missing(ctx, known); err != nil {
		return Snapshot{}, err
	}
	return sw.out, nil
}

// bambooSweep is one sweep of BambooHR.
type bambooSweep struct {
	BambooHRSweeper
	now  time.Time
	beat func(int)
	// mu guards what reads that are under way at a time come to: out, but for Unchanged, words and failing.
	mu    sync.Mutex
	out   Snapshot
	words words
	// rows are the status rows by employee, changed who changed and deleted whose record is gone.
	rows             map[string][]bamboohr.StatusRow
	changed, deleted map[string]bool
	// failing counts reads that failed one after another.
	failing int
}

// everybody lists whom the source has, as far as is known before anybody is read.
func (s *bambooSweep) everybody(known map[string]Known) map[string]bool {
	ids := map[string]bool{}
	for id := range s.rows {
		ids[id] = true
	}
	for id := range s.changed {
		ids[id] = true
	}
	for id := range known {
		if !s.deleted[id] {
			ids[id] = true
		}
	}
	return ids
}

// changes lists who changed since the cursor. A deleted employee is not asked for again.
func (s *bambooSweep) changes(ctx context.Context, cursor string) error {
	since, read := beginning, s.now
	at, complete := strings.CutPrefix(cursor, allEmployees)
	if cursor != "" {
		var err error
		if read, err = time.Parse(time.RFC3339, at); err != nil {
			return fmt.Errorf("bamboohr: the stored cursor is not a time: %w", err)
		}
	}
	if complete {
		since = read
	}
	found, err := s.Client.ChangedSince(ctx, since)
	if err != nil {
		return err
	}
	s.changed, s.deleted = map[string]bool{}, map[string]bool{}
	for _, c := range found.Employees {
		if c.Deleted() {
			s.deleted[c.ID] = true
			continue
		}
		s.changed[c.ID] = c.LastChanged.IsZero() || !c.LastChanged.Before(read)
	}
	next := found.Latest
	if !next.After(beginning) {
		// Nothing ever changed, which no time says.
		next = s.now
	}
	s.out.Cursor = allEmployees + next.UTC().Format(time.RFC3339)
	return nil
}

// bambooAtOnce is how many employees are read at a time: a first reading reads each of them by themselves.
const bambooAtOnce = 4

// readAll reads everybody but those of whom nothing can have changed.
func (s *bambooSweep) readAll(ctx context.Context, known map[string]Known) error {
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(bambooAtOnce)
	for id := range s.everybody(known) {
		digest, err := DigestOf(s.rows[id])
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		row, seen := known[id]
		if before, _, _ := strings.Cut(row.Digest, "."); seen && before == digest && !s.changed[id] {
			s.out.Unchanged[id] = true
			continue
		}
		group.Go(func() error { return s.read(within, id, digest) })
	}
	return group.Wait()
}

// read reads one employee. A record that cannot be read is set aside.
func (s *bambooSweep) read(ctx context.Context, id, rowsDigest string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows := s.rows[id]
	if !identity.UsableID(identity.SourceBambooHR, id) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.out.SetAside = append(s.out.SetAside, SetAside{Why: whyUnusableID, Left: endsByRows(rows, s.now)})
		return nil
	}
	rec, found, err := s.Client.Employee(ctx, id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		return s.setAside(id, rows, err)
	}
	s.failing = 0
	if !found {
		return nil
	}
	rec = usable(s.Client.WithStatusRows(rec, rows, s.now))
	recDigest, err := DigestOf(rec)
	if err != nil {
		return err
	}
	s.out.Records[id], s.out.Digests[id] = s.words.shared(rec), rowsDigest+"."+recDigest
	s.beat(len(s.out.Records))
	return nil
}

// maxFailing is how many reads may fail one after another before that is taken for the source's trouble and not the
// records'.
const maxFailing = 5

func (s *bambooSweep) setAside(id string, rows []bamboohr.StatusRow, err error) error {
	var ce *connectors.Error
	if !errors.As(err, &ce) || ce.Kind == connectors.KindRateLimited || ce.RetryAfter > 0 || ce.Status == http.StatusUnauthorized {
		return err
	}
	if s.failing++; s.failing >= maxFailing {
		return err
	}
	why := string(ce.Kind)
	if ce.Status != 0 {
		why = fmt.Sprintf("HTTP %d", ce.Status)
	}
	s.out.SetAside = append(s.out.SetAside, SetAside{ID: id, Why: why, Left: endsByRows(rows, s.now)})
	return nil
}

// endsByRows reports that the status rows of somebody say that they have left.
func endsByRows(rows []bamboohr.StatusRow, now time.Time) bool {
	today, left := identity.Date(now.Format(time.DateOnly)), false
	for _, r := range rows {
		if !r.Unreadable && r.Date <= today {
			left = r.Terminated()
		}
	}
	return left
}

// DigestOf makes any state comparable without keeping it.
func DigestOf(state any) (string, error) {
	data, err := json.Marshal(state)
	if err != nil {
		return "", fmt.Errorf("write a record down as JSON: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), nil
}
