package persons

import (
	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// What a dossier reads of a person, their links, orders and departures: columns of text and of numbers, in the order in which
// the functions beside them take them.
var (
	// PersonTexts and PersonInts are columns of a person p and of their primary account a.
	PersonTexts = []string{"p.person_key", "p.forward", "COALESCE(a.suspended_for, '')", "COALESCE(a.locked_for, '')"}
	PersonInts  = []string{
		"p.episode", "p.employed", "p.ever_employed", "p.account_id", "p.account_created",
		"COALESCE(a.suspended_by_us, 0)", containedNow, "p.first_seen", leftNow, "p.left_at", assessedAt,
	}

	// LinkTexts and LinkInts are columns of links.
	LinkTexts = []string{"source", "employee_id", "work_digest", "personal_digest", "name_digest"}
	LinkInts  = []string{"leaver_first_seen", "first_seen", "begun_episode", "leaver_due"}

	// OrderTexts and OrderInts are columns of an order o.
	OrderTexts = []string{"o.order_id", "o.kind", "o.group_name", "o.roles", "o.given_roles", "o.carried"}
	OrderInts  = []string{"o.expires_at", "o.released_at", "o.created_at"}

	// DepartureTexts and DepartureInts are columns of a departure d.
	DepartureTexts = []string{"d.person_key", "d.order_id", "d.source"}
	DepartureInts  = []string{"d.episode", "d.known_at", "d.due_at", "d.reopened_at"}
)

// PersonFrom is the person whose columns were read. Since when a departure is open is not among them: the departures tell.
func PersonFrom(t []string, n []int64) Person {
	p := Person{Key: t[0], Forward: t[1], SuspendedFor: t[2], LockedFor: t[3], Episode: int(n[0]), AccountID: n[3]}
	row := personRow{p: p, employed: n[1], ever: n[2], created: n[4], suspended: n[5], containedAt: n[6], firstSeen: n[7], leftAt: n[8], outSince: n[9], assessedAt: n[10]}
	return row.person()
}

// LinkFrom is the link of a key whose columns were read, decidedBy as it is stored.
func (s Store) LinkFrom(key string, t []string, n []int64, decidedBy []byte) (Link, error) {
	link := Link{
		Source: t[0], EmployeeID: t[1], Key: key, FirstSeen: engine.Instant(n[1]), LeaverFirstSeen: engine.Instant(n[0]), BegunEpisode: int(n[2]),
		LeaverDue: engine.Instant(n[3]),
		Digests:   Digests{WorkEmail: t[2], PersonalEmail: t[3], Name: t[4]},
	}
	var err error
	link.DecidedBy, err = s.db.OpenText(engine.Place("links.decided_by", link.Source, link.EmployeeID), decidedBy)
	return link, err
}

// OrderFrom is the order about a key whose columns were read, detail as it is stored.
func (s Orders) OrderFrom(key string, t []string, n []int64, detail []byte) (identity.Order, error) {
	return s.order(key, orderRow{
		id: t[0], kind: t[1], group: t[2], roles: t[3], given: t[4], carried: t[5], expires: n[0], released: n[1], created: n[2], detail: detail,
	})
}

// DepartureFrom is the departure whose columns were read.
func DepartureFrom(t []string, n []int64) Departure {
	return Departure{
		Key: t[0], Episode: int(n[0]), Order: t[1], Source: t[2], KnownAt: engine.Instant(n[1]), DueAt: engine.Instant(n[2]), ReopenedAt: engine.Instant(n[3]),
	}
}
