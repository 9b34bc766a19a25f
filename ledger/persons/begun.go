package persons

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Begun reports that the record was seen to say that the person works here, in the employment that lasts or, of somebody who has left,
// in the last one.
func (l Link) Begun(p Person) bool {
	since := p.Episode
	if p.Episode > 0 && !p.Employed {
		since--
	}
	return l.BegunEpisode > 0 && l.BegunEpisode >= since
}

// Engagement is a record as its source has it, or no more, with what the ledger knows of it and of the person whose it is.
func (l Link) Engagement(p Person, record identity.Record, found bool) identity.Engagement {
	e := identity.Engagement{
		Record: record, FirstSeen: l.FirstSeen, LeaverFirstSeen: l.LeaverFirstSeen, LeaverDue: l.LeaverDue, Found: found,
		Departed: p.Episode > 0 && !p.Employed, Begun: l.Begun(p), LeftAt: p.LeftAt, OutSince: p.OutSince, OpenSince: p.OpenSince,
	}
	if p.Employed {
		e.HereAt = p.AssessedAt
	}
	return e
}

// NoteBegun writes down that a record says that its person works here, in an episode of theirs. ErrNotFound if the record is
// not linked.
func (s Store) NoteBegun(ctx context.Context, source, employeeID string, episode int) error {
	return s.updateLink(ctx, "note who works here by a record", source, employeeID,
		"UPDATE links SET begun_episode = $3 WHERE source = $1 AND employee_id = $2", episode)
}

// recordsAtOnce bounds how many records a statement is about.
const recordsAtOnce = 100

// NoteAllBegun is [Store.NoteBegun] of many records of a source, each in its person's present episode.
func (s Store) NoteAllBegun(ctx context.Context, source string, employeeIDs []string) error {
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		for part := range slices.Chunk(employeeIDs, recordsAtOnce) {
			args := []any{source}
			for _, id := range part {
				args = append(args, id)
			}
			if _, err := q.ExecContext(ctx, `UPDATE links SET begun_episode = COALESCE((SELECT CASE WHEN p.episode > 1 THEN p.episode ELSE 1 END
				FROM people p WHERE p.person_key = links.person_key), 1) WHERE source = $1 AND employee_id IN `+engine.List(2, len(part)), args...); err != nil {
				return err
			}
		}
		return nil
	})
	return engine.Wrapf(err, "note %d records by which people work here", len(employeeIDs))
}

// Begun returns which records of a source were seen to say that their people work here, in the employment that lasts.
func (s Store) Begun(ctx context.Context, source string, employeeIDs []string) (map[string]bool, error) {
	begun := map[string]bool{}
	for part := range slices.Chunk(employeeIDs, recordsAtOnce) {
		args := []any{source}
		for _, id := range part {
			args = append(args, id)
		}
		found, err := engine.Texts(ctx, s.db.Reader(), `SELECT l.employee_id FROM links l JOIN people p ON p.person_key = l.person_key
			WHERE l.begun_episode > 0 AND l.begun_episode >= p.episode AND (p.episode = 0 OR p.employed = 1) AND l.source = $1 AND l.employee_id IN `+
			engine.List(2, len(part)), args...)
		if err != nil {
			return nil, fmt.Errorf("read by which records of %s people work here: %w", source, err)
		}
		for _, id := range found {
			begun[id] = true
		}
	}
	return begun, nil
}
