// Package sponsored keeps people whom HR does not have, with who answers for them, until when, and who said what about that.
package sponsored

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Store is the sponsored people in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }

// Detail is what is sealed of a record.
type Detail struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	// WorkEmail is an address of this company, PersonalEmail any other.
	WorkEmail     string `json:"work_email,omitempty"`
	PersonalEmail string `json:"personal_email,omitempty"`
	Company       string `json:"company,omitempty"`
	Title         string `json:"title,omitempty"`
	Department    string `json:"department,omitempty"`
	Location      string `json:"location,omitempty"`
	Reason        string `json:"reason"`
	By            string `json:"by"`
}

// Record is one sponsored person.
type Record struct {
	// ID is the employee id in the source sponsored.
	ID           string
	Starts, Ends identity.Date
	// Ended is the day on which somebody has ended it, "" if nobody has.
	Ended identity.Date
	// Sponsor is the key of the person who answers for them.
	Sponsor string
	// Heir is the key of the sponsor's manager, or of the first one above who is here, as last seen at HeirAt.
	Heir   string
	HeirAt time.Time
	// OrphanedAt is since when the sponsor is gone and nobody has confirmed that they stay, zero if the sponsor is here.
	OrphanedAt, MadeAt time.Time
	Detail
}

// Key is the person's key.
func (r Record) Key() string { return identity.SourceSponsored + "-" + r.ID }

// ConfirmWithin is how long whoever inherits has to confirm.
const ConfirmWithin = 14 * 24 * time.Hour

// ConfirmBy is the day by which somebody has to confirm, "" if nothing has to be confirmed.
func (r Record) ConfirmBy() identity.Date {
	if r.OrphanedAt.IsZero() {
		return ""
	}
	return day(r.OrphanedAt.Add(ConfirmWithin))
}

// LastDay is the day with which access ends, as things stand.
func (r Record) LastDay() identity.Date {
	last := r.Ends
	for _, earlier := range []identity.Date{r.ConfirmBy(), r.Ended} {
		if earlier != "" && earlier < last {
			last = earlier
		}
	}
	return last
}

// Over reports that the last day has passed, or that somebody has ended it.
func (r Record) Over(now time.Time) bool { return r.Ended != "" || r.LastDay() < day(now) }

// AnswersFor is the key of whoever answers for the person now, "" if nobody is known.
func (r Record) AnswersFor() string {
	if r.OrphanedAt.IsZero() {
		return r.Sponsor
	}
	return r.Heir
}

func day(t time.Time) identity.Date { return identity.Date(t.UTC().Format(time.DateOnly)) }

const columns = "sponsored_id, starts_on, ends_on, ended_on, sponsor, heir, heir_at, orphaned_at, made_at, detail"

// Put writes a record down, or what has become of it.
func (s Store) Put(ctx context.Context, r Record) error {
	if !identity.UsableID(identity.SourceSponsored, r.ID) || r.Sponsor == "" || r.Ends == "" {
		return errors.New("keep a sponsored person: the record needs an id, a sponsor and an end")
	}
	detail, err := json.Marshal(r.Detail)
	if err != nil {
		return fmt.Errorf("keep %s: %w", r.Key(), err)
	}
	if r.MadeAt.IsZero() {
		r.MadeAt = s.db.Now()
	}
	_, err = s.db.Change(ctx, "INSERT INTO sponsored ("+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (sponsored_id) DO UPDATE SET starts_on = excluded.starts_on, ends_on = excluded.ends_on, ended_on = excluded.ended_on,
		sponsor = excluded.sponsor, heir = excluded.heir, heir_at = excluded.heir_at, orphaned_at = excluded.orphaned_at, detail = excluded.detail`,
		r.ID, string(r.Starts), string(r.Ends), string(r.Ended), r.Sponsor, r.Heir, engine.Micros(r.HeirAt), engine.Micros(r.OrphanedAt),
		engine.Micros(r.MadeAt), s.db.Seal(place(r.ID), detail))
	return engine.Wrapf(err, "keep %s", r.Key())
}

func place(id string) []byte { return engine.Place("sponsored.detail", id) }

// NoteSponsor writes down what was found about the sponsor of a record, unless somebody has given the person to another one meanwhile.
func (s Store) NoteSponsor(ctx context.Context, r Record) error {
	_, err := s.db.Change(ctx, "UPDATE sponsored SET heir = $3, heir_at = $4, orphaned_at = $5 WHERE sponsored_id = $1 AND sponsor = $2",
		r.ID, r.Sponsor, r.Heir, engine.Micros(r.HeirAt), engine.Micros(r.OrphanedAt))
	return engine.Wrapf(err, "note who answers for %s", r.Key())
}

// Record returns a record by its id.
func (s Store) Record(ctx context.Context, id string) (r Record, found bool, err error) {
	all, err := s.read(ctx, " WHERE sponsored_id = $1", id)
	if err != nil || len(all) == 0 {
		return Record{}, false, err
	}
	return all[0], true, nil
}

// All are all records, those that are over included, in the order in which they were made.
func (s Store) All(ctx context.Context) ([]Record, error) {
	return s.read(ctx, " ORDER BY made_at, sponsored_id")
}

func (s Store) read(ctx context.Context, tail string, args ...any) (found []Record, err error) {
	err = engine.Each(ctx, s.db.Reader(), "SELECT "+columns+" FROM sponsored"+tail, args, func(scan func(...any) error) error {
		var r Record
		var heir, orphaned, made int64
		var sealed []byte
		if err := scan(&r.ID, (*string)(&r.Starts), (*string)(&r.Ends), (*string)(&r.Ended), &r.Sponsor, &r.Heir, &heir, &orphaned, &made, &sealed); err != nil {
			return err
		}
		detail, err := s.db.Open(place(r.ID), sealed)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(detail, &r.Detail); err != nil {
			return err
		}
		r.HeirAt, r.OrphanedAt, r.MadeAt = engine.Instant(heir), engine.Instant(orphaned), engine.Instant(made)
		found = append(found, r)
		return nil
	})
	return found, engine.Wrapf(err, "read the sponsored people")
}
