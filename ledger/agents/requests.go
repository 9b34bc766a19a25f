package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Request is what an agent has asked to have changed. It is kept for good: its id never stands for anything else.
type Request struct {
	// ID is that of its run: the agent's name and a digest of the id that the agent has chosen.
	ID, Agent, Tool string
	// Arguments is a digest of everything that was asked for.
	Arguments string
	// Subject is the key of the person whom it is about.
	Subject string
	FiledAt time.Time
	// State is how far it has got, Over that it goes no further.
	State     string
	Over      bool
	ChangedAt time.Time
	// Detail is what was asked for as JSON, and Outcome what came of it. Both may hold personal data and are sealed.
	Detail, Outcome json.RawMessage
}

// Digest makes a text comparable without storing it, exactly as it is.
func (s Store) Digest(text string) string { return s.db.ExactDigest([]byte(text)) }

// ErrOtherArguments says that a request id stands for another request.
var ErrOtherArguments = errors.New("this request id was used before with other arguments")

// File keeps a request. Fresh is false if it was filed before: what is returned is then as it stands. An id with other arguments
// than before is [ErrOtherArguments].
func (s Store) File(ctx context.Context, r Request) (stored Request, fresh bool, err error) {
	if r.ID == "" || r.Agent == "" || r.Tool == "" || r.Arguments == "" || r.State == "" {
		return Request{}, false, errors.New("file a request of an agent: it needs an id, an agent, a tool, arguments and a state")
	}
	now := engine.Micros(s.db.Now())
	n, err := s.db.Change(ctx, `INSERT INTO agent_requests (request_id, agent, tool, arguments, subject, filed_at, state, changed_at, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8) ON CONFLICT (request_id) DO NOTHING`,
		r.ID, r.Agent, r.Tool, r.Arguments, r.Subject, now, r.State, s.db.Seal(engine.Place("agent_requests.detail", r.ID), r.Detail))
	if err != nil {
		return Request{}, false, engine.Wrapf(err, "file request %s", r.ID)
	}
	stored, found, err := s.Request(ctx, r.ID)
	switch {
	case err != nil:
		return Request{}, false, err
	case !found:
		return Request{}, false, fmt.Errorf("file request %s: it is not there after it was written", r.ID)
	case stored.Arguments != r.Arguments || stored.Tool != r.Tool:
		return Request{}, false, ErrOtherArguments
	}
	return stored, n > 0, nil
}

const requestColumns = "request_id, agent, tool, arguments, subject, filed_at, state, over, changed_at, detail, outcome"

// Request returns a request by its id.
func (s Store) Request(ctx context.Context, id string) (Request, bool, error) {
	found, err := s.requests(ctx, "request_id = $1", id)
	if err != nil || len(found) == 0 {
		return Request{}, false, err
	}
	return found[0], true, nil
}

// Requests are those of an agent since an instant, the newest first, at most limit of them. Without a name they are everybody's.
func (s Store) Requests(ctx context.Context, agent string, since time.Time, limit int) ([]Request, error) {
	return s.requests(ctx, "($1 = '' OR agent = $1) AND filed_at >= $2 ORDER BY filed_at DESC, request_id LIMIT $3", agent, engine.Micros(since), limit)
}

// Filed is the state of a request that no run has taken up.
const Filed = "filed"

// UnstartedRequests are those that no run has taken up since an instant, the oldest first, at most limit of them.
func (s Store) UnstartedRequests(ctx context.Context, since time.Time, limit int) ([]Request, error) {
	return s.requests(ctx, "over = 0 AND state = $1 AND changed_at <= $2 ORDER BY changed_at, request_id LIMIT $3", Filed, engine.Micros(since), limit)
}

// OpenRequests are those that are not over and have not changed since an instant, the oldest first, at most limit of them.
func (s Store) OpenRequests(ctx context.Context, unchanged time.Time, limit int) ([]Request, error) {
	return s.requests(ctx, "over = 0 AND changed_at <= $1 ORDER BY changed_at, request_id LIMIT $2", engine.Micros(unchanged), limit)
}

func (s Store) requests(ctx context.Context, where string, args ...any) ([]Request, error) {
	var found []Request
	err := engine.Each(ctx, s.db.Reader(), "SELECT "+requestColumns+" FROM agent_requests WHERE "+where, args, func(scan func(...any) error) error {
		var r Request
		var filed, over, changed int64
		var detail, outcome []byte
		err := scan(&r.ID, &r.Agent, &r.Tool, &r.Arguments, &r.Subject, &filed, &r.State, &over, &changed, &detail, &outcome)
		if err != nil {
			return err
		}
		r.FiledAt, r.Over, r.ChangedAt = engine.Instant(filed), over == 1, engine.Instant(changed)
		if r.Detail, err = s.db.Open(engine.Place("agent_requests.detail", r.ID), detail); err != nil {
			return err
		}
		if len(outcome) > 0 {
			r.Outcome, err = s.db.Open(engine.Place("agent_requests.outcome", r.ID), outcome)
		}
		found = append(found, r)
		return err
	})
	return found, engine.Wrapf(err, "read requests of agents")
}

// Moved writes down how far a request has got, and what came of it so far. One that is over stays as it is.
func (s Store) Moved(ctx context.Context, id, state string, over bool, outcome json.RawMessage) error {
	_, err := s.db.Change(ctx, "UPDATE agent_requests SET state = $2, over = $3, changed_at = $4, outcome = $5 WHERE request_id = $1 AND over = 0",
		id, state, engine.Flag(over), engine.Micros(s.db.Now()), s.db.Seal(engine.Place("agent_requests.outcome", id), outcome))
	return engine.Wrapf(err, "write down how far request %s has got", id)
}
