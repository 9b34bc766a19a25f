package sponsored

import (
	"context"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/sponsored"
)

// What can be said about sponsored people.
const (
	VerbAdd      = "add"
	VerbExtend   = "extend"
	VerbEnd      = "end"
	VerbTransfer = "transfer"
	VerbConfirm  = "confirm"
	VerbChange   = "change"
)

// Position is what rules look at, of a sponsored person. Of a change what is empty stays as it is.
type Position struct{ Company, Title, Department, Location string }

// Word is what somebody says about a sponsored person.
type Word struct {
	// ID is what whoever says it calls the request: the same one again is the same request.
	ID, Verb string
	// Person is the key of the sponsored person.
	Person string
	// Day is the new last day of extend, and the one of end, which is today if it is empty. To is the key of the new sponsor of transfer.
	Day identity.Date
	To  string
	// Position is what change changes.
	Position Position

	Reason, By string
	Proof      *api.Proof
	// DryRun only checks.
	DryRun bool
}

// Say carries out what somebody says about a sponsored person. What cannot be said is a [Refusal].
func (s *Sponsored) Say(ctx context.Context, w Word) (Result, error) {
	if w.Verb == VerbExtend || w.Verb == VerbChange {
		if err := s.mayAct(); err != nil {
			return Result{}, err
		}
	}
	pos := w.Position
	rec, err := s.Find(ctx, w.Person)
	if err != nil {
		return Result{}, err
	}
	kept, err := s.asRequest(request{
		id: strings.TrimSpace(w.ID), verb: w.Verb, by: w.By, reason: w.Reason, proof: w.Proof,
		arguments: []string{rec.ID, string(w.Day), w.To, w.Reason, pos.Company, pos.Title, pos.Department, pos.Location},
	})
	if err != nil {
		return Result{}, err
	}
	out, found, err := s.repeated(ctx, s.Ledger, kept)
	if err == nil && !found {
		out, err = s.say(ctx, w, rec, kept)
	}
	if err != nil || w.DryRun {
		return out, err
	}
	return out, s.hint(ctx, out.Key)
}

func (s *Sponsored) say(ctx context.Context, w Word, rec sponsored.Record, kept sponsored.Request) (Result, error) {
	// HR is asked before the ledger is locked.
	next, err := s.next(ctx, w, rec)
	if err != nil {
		return Result{}, err
	}
	if w.DryRun {
		now, err := s.changed(w, rec, next)
		return Result{Key: rec.Key(), Record: now}, err
	}
	return s.keep(ctx, kept, func(ctx context.Context, l *ledger.Ledger) (sponsored.Record, error) {
		now, found, err := l.Sponsored().Record(ctx, rec.ID)
		if err != nil || !found {
			return sponsored.Record{}, err
		}
		return s.changed(w, now, next)
	})
}

// next is who answers for a person from now on, where a word changes that.
func (s *Sponsored) next(ctx context.Context, w Word, rec sponsored.Record) (people.Standing, error) {
	var to string
	switch w.Verb {
	case VerbTransfer:
		to = w.To
	case VerbConfirm:
		if to = rec.Heir; to == "" || rec.OrphanedAt.IsZero() {
			return people.Standing{}, nil
		}
	default:
		return people.Standing{}, nil
	}
	st, err := s.sponsorable(ctx, to)
	if err != nil {
		return st, err
	}
	owner, err := people.OwnerOf(ctx, s.Ledger, rec.Key())
	if err == nil && owner == st.Key {
		err = refuse("%s cannot answer for themselves: name somebody else as the sponsor", owner)
	}
	return st, err
}

// changed is a record after a word.
func (s *Sponsored) changed(w Word, r sponsored.Record, next people.Standing) (sponsored.Record, error) {
	now := s.Clock().UTC()
	if r.Over(now) {
		return r, refuse("%s is over since %s: whoever comes back is added anew", r.Key(), r.LastDay())
	}
	switch w.Verb {
	case VerbExtend:
		switch {
		case !r.OrphanedAt.IsZero():
			return r, refuse("whoever answered for %s is gone: confirm it or hand it over first", r.Key())
		case w.Day <= r.Ends:
			return r, refuse("%s lasts until %s already: write a later day, or use end to have it end sooner", r.Key(), r.Ends)
		}
		r.Ends = w.Day
		return r, s.endBy(w.Day)
	case VerbEnd:
		switch {
		case w.Day != "" && !isDay(w.Day):
			return r, refuse("%q is not a day: write one such as 2027-03-31", w.Day)
		case w.Day >= r.LastDay():
			return r, refuse("%s ends on %s in any case: write an earlier day, or use extend", r.Key(), r.LastDay())
		case w.Day > today(now):
			r.Ends = w.Day
		default:
			r.Ended = today(now)
		}
	case VerbTransfer:
		if r.OrphanedAt.IsZero() && r.Sponsor == next.Key {
			return r, refuse("%s answers for %s already", next.Key, r.Key())
		}
		r.Sponsor, r.Heir, r.HeirAt, r.OrphanedAt = next.Key, next.Manager, now, zero
	case VerbConfirm:
		switch {
		case r.OrphanedAt.IsZero():
			return r, refuse("%s answers for %s, so that there is nothing to confirm", r.Sponsor, r.Key())
		case next.Key == "" || r.Heir != next.Key:
			return r, refuse("nobody is known who inherits %s: hand it over with transfer", r.Key())
		}
		r.Sponsor, r.Heir, r.HeirAt, r.OrphanedAt = next.Key, next.Manager, now, zero
	case VerbChange:
		return w.Position.of(r)
	default:
		return r, refuse("%q says nothing about a sponsored person", w.Verb)
	}
	return r, nil
}

// of is a record in another position.
func (p Position) of(r sponsored.Record) (sponsored.Record, error) {
	before := r.Detail
	for _, t := range []struct {
		what, to string
		at       *string
	}{
		{"company", p.Company, &r.Company}, {"title", p.Title, &r.Title}, {"department", p.Department, &r.Department}, {"location", p.Location, &r.Location},
	} {
		if err := checkText(t.what, t.to); err != nil {
			return r, err
		}
		if to := strings.TrimSpace(t.to); to != "" {
			*t.at = to
		}
	}
	if r.Detail == before {
		return r, refuse("nothing of %s would change: say what", r.Key())
	}
	return r, nil
}

// Find is the record of a sponsored person by their key, or by that of the human whom they were found to be. Of several records that is the
// last one that was made.
func (s *Sponsored) Find(ctx context.Context, key string) (sponsored.Record, error) {
	if source, id, err := identity.SplitKey(key); err == nil && source == identity.SourceSponsored {
		rec, found, err := s.Ledger.Sponsored().Record(ctx, id)
		if err == nil && !found {
			err = refuse("there is no sponsored person %s: see starter sponsor list", key)
		}
		return rec, err
	}
	d, _, err := s.Ledger.Dossier(ctx, key)
	if err != nil {
		return sponsored.Record{}, err
	}
	var last sponsored.Record
	for _, link := range d.Links {
		if link.Source != identity.SourceSponsored {
			continue
		}
		rec, found, err := s.Ledger.Sponsored().Record(ctx, link.EmployeeID)
		if err != nil {
			return sponsored.Record{}, err
		}
		if found && !rec.MadeAt.Before(last.MadeAt) {
			last = rec
		}
	}
	if last.ID == "" {
		return last, refuse("%s is not a sponsored person: see starter sponsor list", key)
	}
	return last, nil
}

// Address is the work address of somebody by HR, "" if they are not here.
func (s *Sponsored) Address(ctx context.Context, key string) (string, error) {
	st, err := s.Person.Stands(ctx, key)
	if err != nil || !st.Here() {
		return "", err
	}
	return st.Person.Record.WorkEmail, nil
}
