package outcome

import (
	"context"
	"errors"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
)

// GoesOn reports that a departure which was carried out has to be once more, although nobody knows by now where somebody stands.
func GoesOn(person identity.Person, plan identity.Plan) bool {
	return !person.LeftAt.IsZero() && plan.Verdict == identity.VerdictLeave
}

// MustLeave returns the moment from which HR wants a person out, past or to come; zero if it wants them to stay or
// cannot say.
func MustLeave(person identity.Person) time.Time {
	switch person.Standing {
	case identity.StandingLeft, identity.StandingRescinded:
		if person.LeaveAt.IsZero() {
			return person.AsOf
		}
		return person.LeaveAt
	case identity.StandingActive, identity.StandingLeaving, identity.StandingOnLeave, identity.StandingUpcoming:
		return person.LeaveAt
	case identity.StandingUnknown:
	}
	return time.Time{}
}

// departureOf is what HR's word about a person means for the ledger; false if there is nothing to keep in mind.
func departureOf(row persons.Person, person identity.Person) (persons.Departure, bool) {
	due := MustLeave(person)
	if due.IsZero() {
		return persons.Departure{}, false
	}
	return persons.Departure{
		Key: row.Key, Episode: row.Departing(), Source: person.Record.Source, KnownAt: person.AsOf, DueAt: due,
	}, true
}

// NothingLeft reports that a plan has nothing to do now.
func NothingLeft(v identity.Verdict) bool {
	return v == identity.VerdictNone || v == identity.VerdictWait
}

// NoteDepartures keeps the ledger's departures in step with what an assessment found: HR's word is noted, moved or taken
// back, and what has been carried out is closed. Out says that nothing of the accounts is left to end.
func NoteDepartures(d ledger.Dossier, a *api.Assessment, out bool, seen *Notes) {
	if mustBeOut(a) && out && len(a.Doubts) == 0 {
		if slices.ContainsFunc(d.Departures, func(row persons.Departure) bool { return row.Key != a.Key || row.Episode <= a.Episode }) {
			seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
				return l.People().MarkDepartureContained(ctx, a.Key, a.Episode, a.Person.AsOf)
			})
		}
		return
	}
	noteSuspended(d, a, seen)
	next, leaves := departureOf(d.Person, a.Person)
	own := func(row persons.Departure) bool { return row.Order == "" && row.Key == a.Key }
	hr := func(row persons.Departure) bool { return own(row) && row.Episode == d.Person.Departing() }
	stale := func(row persons.Departure) bool { return own(row) && row.Episode < d.Person.Departing() }
	elsewhere := func(row persons.Departure) bool { return row.Order == "" && row.Key != a.Key }
	forget := func(episode int) {
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
			return l.People().ForgetDeparture(ctx, a.Key, episode)
		})
	}
	if !leaves {
		if a.Person.Standing.Employed() && slices.ContainsFunc(d.Departures, func(row persons.Departure) bool {
			return hr(row) || stale(row) || elsewhere(row)
		}) {
			forget(d.Person.Departing())
		}
		return
	}
	if slices.ContainsFunc(d.Departures, stale) {
		// It was written down before it was known how many times this person had come and gone.
		forget(d.Person.Departing() - 1)
	}
	if i := slices.IndexFunc(d.Departures, hr); i < 0 || moved(d.Departures[i], next) {
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.People().NoteDeparture(ctx, next) })
	}
}

// moved reports that HR's moment is another one than the ledger has. One that is due at once is due from when it was
// first seen.
func moved(row, now persons.Departure) bool {
	passed := !row.DueAt.After(now.KnownAt) && !now.DueAt.After(now.KnownAt)
	return !row.DueAt.Equal(now.DueAt) && (!passed || now.DueAt.Before(row.DueAt))
}

// noteSuspended closes the rows of suspend orders whose account is found suspended, or was never opened.
func noteSuspended(d ledger.Dossier, a *api.Assessment, seen *Notes) {
	if a.Account == nil || !noSignIn(a.Account) || a.Plan.Verdict == identity.VerdictSuspend {
		return
	}
	for _, o := range d.Orders {
		open := func(row persons.Departure) bool { return row.Order == o.ID }
		if o.Kind == identity.OrderSuspend && o.InForce(a.Person.AsOf) && slices.ContainsFunc(d.Departures, open) {
			seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
				return l.People().MarkOrderContained(ctx, o.ID, a.Person.AsOf)
			})
		}
	}
}

// mustBeOut reports that HR or a contain order wants the person out now.
func mustBeOut(a *api.Assessment) bool {
	due := MustLeave(a.Person)
	return a.Order != nil || !due.IsZero() && !due.After(a.Person.AsOf)
}

// dueSince is the moment from which a person's sign-in had to be off by what an assessment found; zero if it need not be.
// The clock of an order starts when it is given, and that of a departure without a date when it is first seen. Access
// that came back after an order was carried out starts the clock anew.
func dueSince(d ledger.Dossier, a *api.Assessment) time.Time {
	since, order := MustLeave(a.Person), ""
	switch {
	case a.Order != nil:
		since, order = a.Person.AsOf, a.Order.ID
	case a.Plan.Verdict == identity.VerdictSuspend, suspendWaits(a) && (since.IsZero() || since.After(a.Person.AsOf)):
		since, order = a.Person.AsOf, a.Suspend.ID
	case a.Plan.Verdict == identity.VerdictLeave && since.IsZero():
		since = a.Person.AsOf // Their record is gone, and access came back.
	}
	if since.IsZero() || since.After(a.Person.AsOf) {
		return time.Time{}
	}
	for _, row := range d.Departures {
		switch {
		case row.Order != order:
		case !row.ReopenedAt.IsZero():
			return row.ReopenedAt
		case row.DueAt.Before(since):
			since = row.DueAt
		}
	}
	if !a.Returned.IsZero() {
		return a.Person.AsOf
	}
	return since
}

// suspendWaits reports that a suspend order stands and something keeps it from being carried out.
func suspendWaits(a *api.Assessment) bool {
	return a.Suspend != nil && a.Plan.Verdict == identity.VerdictAttention && a.Account != nil && !noSignIn(a.Account)
}

// noSignIn reports that an account has no sign-in that a suspension could end.
func noSignIn(a *identity.Account) bool {
	unopened := a.Status == identity.AccountUnactivated || a.Status == identity.AccountPasswordPending
	return a.Status == identity.AccountSuspended || unopened && a.InvitationSentAt.IsZero()
}

// SetDeadline adds to an assessment by when a person's sign-in has to be off, whatever holds it up. Where offboarding
// only observes, HR's word sets none.
func SetDeadline(pol *policy.Policy, d ledger.Dossier, a *api.Assessment) {
	since := dueSince(d, a)
	if a.Plan.Verdict == identity.VerdictLeave || a.Plan.Verdict == identity.VerdictSuspend {
		a.ContainBy = since.Add(pol.Leaver().ContainWithin)
	}
	switch a.Plan.Verdict {
	case identity.VerdictLeave, identity.VerdictUndo, identity.VerdictSuspend, identity.VerdictAttention:
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictJoin, identity.VerdictChange, identity.VerdictLift,
		identity.VerdictRespond, identity.VerdictDelete:
		return
	}
	ordered := a.Order != nil || a.Plan.Verdict == identity.VerdictSuspend || suspendWaits(a)
	if !since.IsZero() && (ordered || pol.Modes().Offboarding != policy.ModeObserve) {
		a.OverdueAt = since.Add(pol.Leaver().ContainWithin)
	}
}

// NoteUnassessed keeps what an assessment that failed has learned all the same: that HR or an order wants the person out.
// The clock starts at the fact, and somebody watches it while HR or OneLogin is down.
func (k Keeper) NoteUnassessed(ctx context.Context, d ledger.Dossier, seen Notes, now time.Time) error {
	var errs []error
	if next := seen.departure; next != nil {
		hr := slices.IndexFunc(d.Departures, func(row persons.Departure) bool {
			return row.Order == "" && row.Key == next.Key && row.Episode == next.Episode
		})
		if hr < 0 || moved(d.Departures[hr], *next) {
			errs = append(errs, k.Ledger.People().NoteDeparture(ctx, *next))
		}
	}
	for _, o := range d.Orders {
		known := slices.ContainsFunc(d.Departures, func(row persons.Departure) bool { return row.Order == o.ID })
		if o.InForce(now) && !known && (o.Kind == identity.OrderContain || o.Kind == identity.OrderSuspend) {
			errs = append(errs, k.Ledger.People().NoteOrdered(ctx, o.ID))
		}
	}
	return errors.Join(errs...)
}

// Departure says by when a person has to be out, from the ledger alone.
func (k Keeper) Departure(ctx context.Context, pol *policy.Policy, key string, now time.Time) (api.Departure, error) {
	d, _, err := k.Ledger.Dossier(ctx, key)
	if err != nil {
		return api.Departure{}, err
	}
	var first api.Departure
	for _, row := range d.Departures {
		ordered := slices.ContainsFunc(d.Orders, func(o identity.Order) bool { return o.ID == row.Order && o.InForce(now) && o.Off == "" })
		counts := ordered || row.Order == "" && pol.Modes().Offboarding != policy.ModeObserve
		if by := row.DueAt.Add(pol.Leaver().ContainWithin); counts && (first.OverdueAt.IsZero() || by.Before(first.OverdueAt)) {
			first = api.Departure{Episode: row.Episode, OverdueAt: by}
		}
	}
	return first, nil
}
