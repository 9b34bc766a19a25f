package sponsored

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gatehouse/ledger/engine"
)

// Request is something that somebody has said about a sponsored person.
type Request struct {
	// Request is the digest of the id that whoever asks has given it, Arguments that of what was asked.
	Request, Arguments string
	ID, Verb           string
	At                 time.Time
	By, Reason         string
	// Proof shows who has said it, as package decider writes it; nil where nothing does.
	Proof json.RawMessage
}

type requestDetail struct {
	By     string          `json:"by"`
	Reason string          `json:"reason,omitempty"`
	Proof  json.RawMessage `json:"proof,omitempty"`
}

func requestPlace(request string) []byte { return engine.Place("sponsored_requests.detail", request) }

// Lock has what is said about sponsored people come one after the other: it is held to the end of the transaction.
func (s Store) Lock(ctx context.Context) error {
	return engine.Wrapf(s.db.Lock(ctx, s.db.Reader(), "sponsored"), "wait for others who say something about sponsored people")
}

// Request returns a request by its digest.
func (s Store) Request(ctx context.Context, request string) (r Request, found bool, err error) {
	all, err := s.requests(ctx, " WHERE request = $1", request)
	if err != nil || len(all) == 0 {
		return Request{}, false, err
	}
	return all[0], true, nil
}

// RequestsOf are all that was said about a record, in order.
func (s Store) RequestsOf(ctx context.Context, id string) ([]Request, error) {
	return s.requests(ctx, " WHERE sponsored_id = $1 ORDER BY at, request", id)
}

// Keep writes a request down for good. One that is there stays as it is, and fresh is false.
func (s Store) Keep(ctx context.Context, r Request) (fresh bool, err error) {
	detail, err := json.Marshal(requestDetail{By: r.By, Reason: r.Reason, Proof: r.Proof})
	if err != nil {
		return false, fmt.Errorf("keep a request about a sponsored person: %w", err)
	}
	n, err := s.db.Change(ctx, `INSERT INTO sponsored_requests (request, arguments, sponsored_id, verb, at, detail)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request) DO NOTHING`,
		r.Request, r.Arguments, r.ID, r.Verb, engine.Micros(s.db.Now()), s.db.Seal(requestPlace(r.Request), detail))
	return n > 0, engine.Wrapf(err, "keep a request about a sponsored person")
}

func (s Store) requests(ctx context.Context, tail string, args ...any) (found []Request, err error) {
	err = engine.Each(ctx, s.db.Reader(), "SELECT request, arguments, sponsored_id, verb, at, detail FROM sponsored_requests"+tail, args,
		func(scan func(...any) error) error {
			var r Request
			var at int64
			var sealed []byte
			if err := scan(&r.Request, &r.Arguments, &r.ID, &r.Verb, &at, &sealed); err != nil {
				return err
			}
			plain, err := s.db.Open(requestPlace(r.Request), sealed)
			if err != nil {
				return err
			}
			var d requestDetail
			if err := json.Unmarshal(plain, &d); err != nil {
				return err
			}
			r.At, r.By, r.Reason, r.Proof = engine.Instant(at), d.By, d.Reason, d.Proof
			found = append(found, r)
			return nil
		})
	return found, engine.Wrapf(err, "read what was said about sponsored people")
}
