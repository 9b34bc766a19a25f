package incidents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/ledger/engine"
)

// The statuses of a case.
const (
	CaseOpen         = "open"
	CaseAcknowledged = "acknowledged"
	CaseResolved     = "resolved"
	CaseMerged       = "merged"
)

// Case is a stretch of events that one rule holds against one subject.
type Case struct {
	Rule, Subject string
	// Number counts the cases of a rule and subject in the order in which they were found. It never changes.
	Number int
	// DedupKey identifies the case to a pager. It says nothing about anybody.
	DedupKey string

	FirstEvent int64
	FirstAt    time.Time
	LastEvent  int64
	LastAt     time.Time
	Events     int

	OpenedAt, ChangedAt time.Time
	// Revision counts the changes; Told is the one that the incident's run knows of.
	Revision, Told int
	Status         string
	StatusAt       time.Time
	// MergedInto is the case that this one turned out to be part of, 0 if it stands by itself.
	MergedInto int
	// JoinedRule and JoinedNumber are the case of another rule whose incident is about this one as well; empty if it has one of its own.
	JoinedRule   string
	JoinedNumber int
	Ticket       string
	// Shown is the revision that the ticket shows.
	Shown int
	// Answered are the responses that were given, or decided about. None of them is asked for twice.
	Answered []string
}

// Open reports whether nobody has said yet that the case is done.
func (c Case) Open() bool { return c.Status == CaseOpen || c.Status == CaseAcknowledged }

// before orders events the way rules see them.
func before(at time.Time, event int64, otherAt time.Time, other int64) bool {
	if at.Equal(otherAt) {
		return event < other
	}
	return at.Before(otherAt)
}

// meets reports whether two stretches have a moment in common.
func (c Case) meets(other Case) bool {
	return !before(c.LastAt, c.LastEvent, other.FirstAt, other.FirstEvent) &&
		!before(other.LastAt, other.LastEvent, c.FirstAt, c.FirstEvent)
}

// sameStretch reports whether two cases consist of the same events.
func (c Case) sameStretch(other Case) bool {
	return c.FirstEvent == other.FirstEvent && c.LastEvent == other.LastEvent && c.Events == other.Events
}

// Judge turns what a rule counts for a subject into cases: those of the stretch given. Only the fields from
// FirstEvent to Events are read. It may run more than once.
type Judge func(hits []Hit) ([]Case, error)

// Span says how far an event reaches: two events of a rule that are more than Quiet apart never belong to one case, and
// an event changes nothing about others that are more than Window away.
type Span struct{ Window, Quiet time.Duration }

// EvaluateSubject brings the cases of a subject in step with its events and marks these as evaluated, in one
// transaction. It reads no more events than the new ones can have changed.
//
// A case keeps its number however its stretch grows. Cases that turn out to be one go on as the one that is open, of
// several the first; the others are marked as merged into it. It returns what was opened or changed.
func (s Store) EvaluateSubject(ctx context.Context, rule, subject string, span Span, judge Judge) ([]Case, error) {
	var changed []Case
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		changed = nil
		if err := s.db.Lock(ctx, q, "events/"+rule+"/"+subject); err != nil {
			return err
		}
		// Marked first and read after: what others store in between is judged now or stays marked as new.
		fresh, err := engine.Int64s(ctx, q, "UPDATE event_matches SET fresh = 0 WHERE fresh = 1 AND rule = $1 AND subject = $2 RETURNING at",
			rule, subject)
		if err != nil || len(fresh) == 0 {
			return err
		}
		known, err := s.cases(ctx, q, "rule = $1 AND subject = $2 ORDER BY number", rule, subject)
		if err != nil {
			return err
		}
		from := engine.Instant(slices.Min(fresh)).Add(-span.Window)
		reach := from.Add(-span.Quiet)
		for _, c := range known {
			if c.MergedInto == 0 && !c.LastAt.Before(reach) && c.FirstAt.Before(from) {
				from = c.FirstAt
			}
		}
		hits, err := s.hits(ctx, q, rule, subject, from.Add(-span.Window))
		if err != nil {
			return err
		}
		found, err := judge(hits)
		if err != nil {
			return err
		}
		changed = s.reconcile(rule, subject, known, found)
		for i := range changed {
			if err := s.putCase(ctx, q, &changed[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("evaluate rule %s for %s: %w", rule, subject, err)
	}
	return changed, nil
}

// reconcile says which cases have to be written so that the known ones agree with those found.
func (s Store) reconcile(rule, subject string, known, found []Case) []Case {
	next := 1
	for _, c := range known {
		next = max(next, c.Number+1)
	}
	now := s.db.Now()
	var changed []Case
	// Under unchanged rules a known case meets exactly one that is found. After a change to its rule it may meet several:
	// the first goes on.
	taken := map[int]bool{}
	for _, f := range found {
		var same []Case
		for _, c := range known {
			if c.MergedInto == 0 && !taken[c.Number] && f.meets(c) {
				same = append(same, c)
				taken[c.Number] = true
			}
		}
		if len(same) == 0 {
			f.Rule, f.Subject, f.Number = rule, subject, next
			f.DedupKey = "gh-" + s.db.Digest(fmt.Sprintf("case/%s/%s/%d", rule, subject, next))[:32]
			f.Status, f.OpenedAt, f.ChangedAt, f.Revision = CaseOpen, now, now, 1
			changed = append(changed, f)
			next++
			continue
		}
		survivor := survivorOf(same)
		grown := survivor
		grown.FirstEvent, grown.FirstAt, grown.LastEvent, grown.LastAt, grown.Events = f.FirstEvent, f.FirstAt, f.LastEvent, f.LastAt, f.Events
		same = slices.DeleteFunc(same, func(c Case) bool { return c.Number == survivor.Number })
		if !grown.sameStretch(survivor) || len(same) > 0 {
			grown.ChangedAt = now
			grown.Revision++
			changed = append(changed, grown)
		}
		for _, c := range same {
			c.Status, c.StatusAt, c.MergedInto, c.ChangedAt = CaseMerged, now, survivor.Number, now
			c.Revision++
			changed = append(changed, c)
		}
	}
	return changed
}

// survivorOf chooses the case that others are merged into: whoever works on the open one must not lose it.
func survivorOf(same []Case) Case {
	if i := slices.IndexFunc(same, Case.Open); i >= 0 {
		return same[i]
	}
	return same[0]
}

func (s Store) putCase(ctx context.Context, q engine.Querier, c *Case) error {
	_, err := q.ExecContext(ctx, `
INSERT INTO cases (rule, subject, number, dedup_key, first_event, first_at, last_event, last_at, events, opened_at,
	changed_at, revision, status, status_at, merged_into)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (rule, subject, number) DO UPDATE SET first_event = excluded.first_event, first_at = excluded.first_at,
	last_event = excluded.last_event, last_at = excluded.last_at, events = excluded.events,
	changed_at = excluded.changed_at, revision = excluded.revision, status = excluded.status,
	status_at = excluded.status_at, merged_into = excluded.merged_into`,
		c.Rule, c.Subject, c.Number, c.DedupKey, c.FirstEvent, engine.Micros(c.FirstAt), c.LastEvent, engine.Micros(c.LastAt), c.Events,
		engine.Micros(c.OpenedAt), engine.Micros(c.ChangedAt), c.Revision, c.Status, engine.Micros(c.StatusAt), c.MergedInto)
	return err
}

const caseColumns = `rule, subject, number, dedup_key, first_event, first_at, last_event, last_at, events, opened_at,
	changed_at, revision, told, status, status_at, merged_into, ticket, shown, answered, joined_rule, joined_number`

func (s Store) cases(ctx context.Context, q engine.Querier, where string, args ...any) ([]Case, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+caseColumns+" FROM cases WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	var out []Case
	for rows.Next() {
		var c Case
		var first, last, opened, changed, status int64
		var answered string
		if err := rows.Scan(&c.Rule, &c.Subject, &c.Number, &c.DedupKey, &c.FirstEvent, &first, &c.LastEvent, &last, &c.Events,
			&opened, &changed, &c.Revision, &c.Told, &c.Status, &status, &c.MergedInto, &c.Ticket, &c.Shown, &answered, &c.JoinedRule, &c.JoinedNumber); err != nil {
			return nil, err
		}
		c.FirstAt, c.LastAt, c.OpenedAt, c.ChangedAt, c.StatusAt = engine.Instant(first), engine.Instant(last), engine.Instant(opened), engine.Instant(changed), engine.Instant(status)
		c.Answered = strings.Fields(answered)
		out = append(out, c)
	}
	return out, rows.Err()
}

func (s Store) oneCase(ctx context.Context, what, where string, args ...any) (Case, bool, error) {
	list, err := s.cases(ctx, s.db.Reader(), where, args...)
	if err != nil {
		return Case{}, false, fmt.Errorf("read case %s: %w", what, err)
	}
	if len(list) == 0 {
		return Case{}, false, nil
	}
	return list[0], true, nil
}

// CaseByDedup returns the case that a pager knows by this key. One that was merged is returned as it is: MergedInto says
// where it went.
func (s Store) CaseByDedup(ctx context.Context, dedupKey string) (Case, bool, error) {
	return s.oneCase(ctx, dedupKey, "dedup_key = $1", dedupKey)
}

// Case returns one case.
func (s Store) Case(ctx context.Context, rule, subject string, number int) (Case, bool, error) {
	return s.oneCase(ctx, fmt.Sprintf("%s/%s/%d", rule, subject, number), "rule = $1 AND subject = $2 AND number = $3", rule, subject, number)
}

// Cases returns the cases that were changed last, latest first: at most limit of them, all if it is 0.
func (s Store) Cases(ctx context.Context, limit int) ([]Case, error) {
	where, args := "1 = 1 ORDER BY changed_at DESC, rule, subject, number", []any(nil)
	if limit > 0 {
		where, args = where+" LIMIT $1", []any{limit}
	}
	list, err := s.cases(ctx, s.db.Reader(), where, args...)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	return list, nil
}

// UntoldCases returns up to limit cases with a change that the incident's run has not been told of.
func (s Store) UntoldCases(ctx context.Context, limit int) ([]Case, error) {
	list, err := s.cases(ctx, s.db.Reader(), "told < revision ORDER BY rule, subject, number LIMIT $1", limit)
	if err != nil {
		return nil, fmt.Errorf("read untold cases: %w", err)
	}
	return list, nil
}

// StandingCases returns the cases with an incident of their own that its run knows of, and that nobody has said to be done.
func (s Store) StandingCases(ctx context.Context) ([]Case, error) {
	list, err := s.cases(ctx, s.db.Reader(), "told > 0 AND merged_into = 0 AND joined_rule = '' AND status IN ($1, $2) ORDER BY rule, subject, number",
		CaseOpen, CaseAcknowledged)
	if err != nil {
		return nil, fmt.Errorf("read the cases that are open: %w", err)
	}
	return list, nil
}

// CaseTold records that the run has been told of a case as it was at a revision.
func (s Store) CaseTold(ctx context.Context, c Case) error {
	return s.changeCase(ctx, c, "told = $4 WHERE told < $4", c.Revision)
}

// CaseTicket records the ticket of a case.
func (s Store) CaseTicket(ctx context.Context, c Case, ticket string) error {
	return s.changeCase(ctx, c, "ticket = $4 WHERE ticket <> $4", ticket)
}

// CaseAnswered records that a response was given or decided about.
func (s Store) CaseAnswered(ctx context.Context, c Case, response string) error {
	return s.changeCase(ctx, c, "answered = answered || $4 WHERE ' ' || answered || ' ' NOT LIKE '% ' || $5 || ' %'", response+" ", response)
}

// CaseShown records that the ticket shows a case as it was at a revision.
func (s Store) CaseShown(ctx context.Context, c Case, revision int) error {
	return s.changeCase(ctx, c, "shown = $4 WHERE shown < $4", revision)
}

// CaseStatus records what people say about a case, and when they did. One that was merged stays so.
func (s Store) CaseStatus(ctx context.Context, c Case, status string, at time.Time) error {
	if !slices.Contains([]string{CaseOpen, CaseAcknowledged, CaseResolved}, status) {
		return errors.New("change a case: the status is none that people give")
	}
	return s.changeCase(ctx, c, "status = $4, status_at = $5 WHERE merged_into = 0 AND status <> $4", status, engine.Micros(at))
}

func (s Store) changeCase(ctx context.Context, c Case, change string, args ...any) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE cases SET "+change+" AND rule = $1 AND subject = $2 AND number = $3",
			append([]any{c.Rule, c.Subject, c.Number}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("change case %s/%s/%d: %w", c.Rule, c.Subject, c.Number, err)
	}
	return nil
}
