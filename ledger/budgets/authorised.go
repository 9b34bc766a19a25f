package budgets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/ledger/engine"
)

// Authorised is a list of people about whom something was decided ahead, to be carried out at a moment once two people have
// approved it.
type Authorised struct {
	ID, Source, Kind string
	// Hash is of source, kind, moment and people. An approval is about one list.
	Hash    string
	People  int
	DueAt   time.Time
	Reason  string
	FiledBy string
	FiledAt time.Time
	// First and Second are who approved, empty until they have.
	First, Second     string
	FirstAt, SecondAt time.Time
	// FirstSigned and SecondSigned say that a proof of who approved is kept.
	FirstSigned, SecondSigned bool
	WithdrawnBy               string
	WithdrawnAt               time.Time
	// DoneAt is when all of it was carried out, zero before.
	DoneAt time.Time
}

// Approved reports that two people have approved.
func (a Authorised) Approved() bool { return !a.FirstAt.IsZero() && !a.SecondAt.IsZero() }

// Over reports that nothing is left to decide.
func (a Authorised) Over() bool { return !a.DoneAt.IsZero() || !a.WithdrawnAt.IsZero() }

// HashList is what an approval of a list is bound to.
func HashList(source, kind string, due time.Time, people []string) string {
	return hashOf(append([]string{source, kind, due.UTC().Format(time.RFC3339)}, slices.Compact(slices.Sorted(slices.Values(people)))...))
}

// ErrListExists says that an id stands for another list.
var ErrListExists = errors.New("the id stands for another list: choose one of its own for each")

// FileList files a list. Filing the same one again changes nothing.
func (s Store) FileList(ctx context.Context, a Authorised, people []string) error {
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	if a.ID == "" || a.Source == "" || a.Kind == "" || a.DueAt.IsZero() || len(people) == 0 {
		return errors.New("file a list: it needs an id, a source, a kind, a moment and people")
	}
	hash := HashList(a.Source, a.Kind, a.DueAt, people)
	err := s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		if err := s.db.Lock(ctx, q, "authorised/"+a.ID); err != nil {
			return err
		}
		var was string
		found, err := engine.QueryRow(ctx, q, "SELECT hash FROM authorised WHERE list_id = $1", []any{a.ID}, &was)
		switch {
		case err != nil:
			return err
		case found && was != hash:
			return ErrListExists
		case found:
			return nil
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO authorised (list_id, source, kind, hash, people, due_at, reason, filed_by, filed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, a.ID, a.Source, a.Kind, hash, len(people), engine.Micros(a.DueAt),
			s.db.Seal(engine.Place("authorised.reason", a.ID), []byte(a.Reason)), s.db.Seal(engine.Place("authorised.filed_by", a.ID), []byte(a.FiledBy)),
			engine.Micros(s.db.Now())); err != nil {
			return err
		}
		rows := make([][]any, len(people))
		for i, key := range people {
			rows[i] = []any{a.ID, key}
		}
		return engine.InsertRows(ctx, q, "INSERT INTO authorised_people (list_id, person_key)", "ON CONFLICT (list_id, person_key) DO NOTHING", rows)
	})
	if err != nil {
		return fmt.Errorf("file the list %s: %w", a.ID, err)
	}
	return nil
}

// Authorised returns the list with an id, or all of them if the id is empty, the next to come first.
func (s Store) Authorised(ctx context.Context, id string) ([]Authorised, error) {
	found, err := s.authorised(ctx, s.db.Reader(), id)
	if err != nil {
		return nil, fmt.Errorf("read authorised lists: %w", err)
	}
	return found, nil
}

func (s Store) authorised(ctx context.Context, q engine.Querier, id string) ([]Authorised, error) {
	var found []Authorised
	err := engine.Each(ctx, q, `SELECT list_id, source, kind, hash, people, due_at, reason, filed_by, filed_at, first_by, first_at, second_by,
		second_at, withdrawn_by, withdrawn_at, done_at, first_proof, second_proof FROM authorised WHERE $1 = '' OR list_id = $1 ORDER BY due_at, list_id`, []any{id},
		func(scan func(...any) error) error {
			var a Authorised
			var due, filed, first, second, withdrawn, done int64
			sealed := make([][]byte, 5)
			var firstProof, secondProof []byte
			err := scan(&a.ID, &a.Source, &a.Kind, &a.Hash, &a.People, &due, &sealed[0], &sealed[1], &filed, &sealed[2], &first, &sealed[3],
				&second, &sealed[4], &withdrawn, &done, &firstProof, &secondProof)
			if err != nil {
				return err
			}
			a.DueAt, a.FiledAt, a.FirstAt, a.SecondAt = engine.Instant(due), engine.Instant(filed), engine.Instant(first), engine.Instant(second)
			a.WithdrawnAt, a.DoneAt = engine.Instant(withdrawn), engine.Instant(done)
			a.FirstSigned, a.SecondSigned = firstProof != nil, secondProof != nil
			for i, into := range []*string{&a.Reason, &a.FiledBy, &a.First, &a.Second, &a.WithdrawnBy} {
				column := []string{"reason", "filed_by", "first_by", "second_by", "withdrawn_by"}[i]
				text, err := s.db.Open(engine.Place("authorised."+column, a.ID), sealed[i])
				if err != nil {
					return err
				}
				*into = string(text)
			}
			found = append(found, a)
			return nil
		})
	return found, err
}

// AuthorisedPeople lists who is on a list, in order.
func (s Store) AuthorisedPeople(ctx context.Context, id string) ([]string, error) {
	keys, err := engine.Texts(ctx, s.db.Reader(), "SELECT person_key FROM authorised_people WHERE list_id = $1 ORDER BY person_key", id)
	if err != nil {
		return nil, fmt.Errorf("read the list %s: %w", id, err)
	}
	return keys, nil
}

// ApproveSignedList records that somebody approves a list, with the JSON that shows who does, and returns it. The second has to
// be somebody else, as same tells people apart. A word about another hash, or about a list that is over, counts for nothing:
// current is false.
func (s Store) ApproveSignedList(ctx context.Context, id, hash, by string, proof []byte, same func(a, b string) bool) (now Authorised, current bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, q engine.Querier) error {
		current = false
		if err := s.db.Lock(ctx, q, "authorised/"+id); err != nil {
			return err
		}
		found, err := s.authorised(ctx, q, id)
		if err != nil || id == "" || len(found) == 0 {
			return err
		}
		now = found[0]
		if now.Hash != hash || now.Over() {
			return nil
		}
		current = true
		column := "first"
		switch {
		case now.Approved(), !now.FirstAt.IsZero() && same(now.First, by):
			return nil
		case !now.FirstAt.IsZero():
			column = "second"
		}
		if _, err := q.ExecContext(ctx, "UPDATE authorised SET "+column+"_by = $2, "+column+"_at = $3, "+column+"_proof = $4 WHERE list_id = $1", id,
			s.db.Seal(engine.Place("authorised."+column+"_by", id), []byte(by)), engine.Micros(s.db.Now()), s.db.Seal(engine.Place("authorised."+column+"_proof", id), proof)); err != nil {
			return err
		}
		if found, err = s.authorised(ctx, q, id); err == nil {
			now = found[0]
		}
		return err
	})
	if err != nil {
		return Authorised{}, false, fmt.Errorf("approve the list %s: %w", id, err)
	}
	return now, current, nil
}

// WithdrawList ends a list that was not carried out. Done is false if there is none such.
func (s Store) WithdrawList(ctx context.Context, id, by string) (done bool, err error) {
	var n int64
	err = s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		n, err = engine.Affected(ctx, q, "UPDATE authorised SET withdrawn_by = $2, withdrawn_at = $3 WHERE list_id = $1 AND withdrawn_at = 0 AND done_at = 0",
			id, s.db.Seal(engine.Place("authorised.withdrawn_by", id), []byte(by)), engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("withdraw the list %s: %w", id, err)
	}
	return n > 0, nil
}

// ListDone says that all of a list was carried out.
func (s Store) ListDone(ctx context.Context, id string) error {
	err := s.db.WriteOne(ctx, func(ctx context.Context, q engine.Querier) error {
		_, err := q.ExecContext(ctx, "UPDATE authorised SET done_at = $2 WHERE list_id = $1 AND done_at = 0", id, engine.Micros(s.db.Now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("close the list %s: %w", id, err)
	}
	return nil
}
