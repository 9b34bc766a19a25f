package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
)

// Dossier is everything an assessment needs from the ledger.
type Dossier struct {
	Person persons.Person
	Links  []persons.Link
	// Orders are the open ones, oldest first, those of records forwarded to this person included.
	Orders []identity.Order
	// Accounts are those that are linked to the person or disputed, whatever system they are in: primary ones first.
	// Roles and documents are left out.
	Accounts []inventory.Account
	// Ended are grant orders that are over while what they gave has yet to be taken back, holds that are over while what
	// they kept may have to go, and set orders that are over while the account may say what they had it say. Until is when they ended.
	Ended []identity.Order
	// Departures are the open ones, due or ahead, those under other keys that are about this person included.
	Departures []persons.Departure
	// Forwarded are the keys that stand for the same human, besides the person's own.
	Forwarded []string
	// AskedAbout is the key of a record of which it was asked whether it is this person's as well, empty if there is none.
	AskedAbout string
	// Unclaimed are the accounts of a key that the ledger does not have.
	Unclaimed []inventory.Account
}

// branch is one SELECT of the dossier's statement: texts and ints are filled up to the width of the widest.
type branch struct {
	table             int
	texts, ints       []string
	blob, from, where string
}

// The tables of a dossier.
const (
	dossierPerson = iota
	dossierLink
	dossierOrder
	dossierEnded
	dossierAccount
	dossierDeparture
	dossierForwarded
	dossierAsked
)

// dossierQuery reads what there is in one statement. Open orders are neither released nor lapsed; of those that are over,
// only grants, holds and set orders matter whose end has yet to be carried out. Orders and accounts of a key that is forwarded are found through
// whom it is forwarded to.
var dossierQuery = union(
	branch{
		dossierPerson, persons.PersonTexts, persons.PersonInts, "NULL", "people p" + persons.PrimaryOf, "p.person_key = $1",
	},
	branch{
		dossierLink, persons.LinkTexts, persons.LinkInts, "decided_by", "links", "person_key = $1",
	},
	branch{
		dossierOrder, persons.OrderTexts, persons.OrderInts, "o.detail", "orders o",
		"o.released_at = 0 AND (o.expires_at = 0 OR o.expires_at > $2) AND o.person_key = $1",
	},
	branch{
		dossierOrder, persons.OrderTexts, persons.OrderInts, "o.detail", "people p JOIN orders o ON o.person_key = p.person_key",
		"p.forward <> '' AND p.forward = $1 AND o.released_at = 0 AND (o.expires_at = 0 OR o.expires_at > $2)",
	},
	branch{
		dossierEnded, persons.OrderTexts, persons.OrderInts, "o.detail", "orders o LEFT JOIN people p ON p.person_key = o.person_key",
		"o.kind IN ('grant', 'hold', 'set') AND o.settled_at = 0 AND (o.person_key = $1 OR (p.forward <> '' AND p.forward = $1)) " +
			"AND (o.released_at <> 0 OR (o.expires_at <> 0 AND o.expires_at <= $2))",
	},
	branch{
		dossierAccount, inventory.Texts, inventory.Ints, "a.detail", "accounts a",
		"a.person_key <> '' AND a.person_key = $1 AND a.state IN ('linked', 'disputed')",
	},
	branch{
		dossierAccount, inventory.Texts, inventory.Ints, "a.detail", "people p JOIN accounts a ON a.person_key = p.person_key",
		// The index of accounts by person leaves those out that are nobody's: without the second condition it is not used.
		"p.forward <> '' AND p.forward = $1 AND a.person_key <> '' AND a.state IN ('linked', 'disputed')",
	},
	branch{dossierDeparture, persons.DepartureTexts, persons.DepartureInts, "NULL", "departures d", "d.person_key = $1 AND d.contained_at = 0"},
	branch{
		dossierDeparture, persons.DepartureTexts, persons.DepartureInts, "NULL", "people p JOIN departures d ON d.person_key = p.person_key",
		"p.forward <> '' AND p.forward = $1 AND d.contained_at = 0",
	},
	branch{
		dossierDeparture, persons.DepartureTexts, persons.DepartureInts, "NULL",
		"orders o JOIN departures d ON d.order_id <> '' AND d.order_id = o.order_id JOIN people p ON p.person_key = d.person_key",
		"o.person_key = $1 AND o.released_at = 0 AND d.person_key <> $1 AND p.forward = '' AND d.contained_at = 0",
	},
	branch{dossierForwarded, []string{"p.person_key"}, nil, "NULL", "people p", "p.forward <> '' AND p.forward = $1"},
	branch{dossierAsked, []string{"why"}, nil, "NULL", "source_findings", "kind = 'asked_about' AND subject = $1"},
)

// union writes the branches as one statement.
func union(branches ...branch) string {
	fill := func(columns []string, width int, with string) []string {
		return append(slices.Clone(columns), slices.Repeat([]string{with}, width-len(columns))...)
	}
	selects := make([]string, len(branches))
	for i, b := range branches {
		columns := slices.Concat([]string{fmt.Sprint(b.table)}, fill(b.texts, len(inventory.Texts), "''"),
			fill(b.ints, len(inventory.Ints), "0"), []string{b.blob})
		selects[i] = "SELECT " + strings.Join(columns, ", ") + " FROM " + b.from + " WHERE " + b.where
	}
	return strings.Join(selects, "\nUNION ALL\n")
}

// Dossier returns what is known about a person, with one statement: it is on the path of every containment. found is
// false, and the dossier empty, for a key that the ledger does not have.
func (l *Ledger) Dossier(ctx context.Context, key string) (d Dossier, found bool, err error) {
	rows, err := l.db.Reader().QueryContext(ctx, dossierQuery, key, engine.Micros(l.db.Now()))
	if err != nil {
		return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
	}
	defer func() { _ = rows.Close() }() // Close repeats the error that Err reports.
	r := dossierRow{t: make([]string, len(inventory.Texts)), n: make([]int64, len(inventory.Ints))}
	dest := append(append([]any{&r.table}, inventory.Dests(r.t, r.n)...), &r.blob)
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
		}
		if err := l.addTo(&d, key, r); err != nil {
			return Dossier{}, false, err
		}
		found = found || r.table == dossierPerson
	}
	if err := rows.Err(); err != nil {
		return Dossier{}, false, fmt.Errorf("read dossier of %s: %w", key, err)
	}
	if !found {
		d.Accounts, d.Unclaimed = nil, d.Accounts // An account that is linked to nobody who exists is nobody's.
	}
	d.sort()
	for _, row := range d.Departures {
		if row.Key == key && row.Order == "" && (d.Person.OpenSince.IsZero() || row.DueAt.Before(d.Person.OpenSince)) {
			d.Person.OpenSince = row.DueAt
		}
	}
	_ = rows.Close() // Close repeats the error that Err reports; a transaction reads one thing at a time.
	return d, found, l.Orders().NoteOff(ctx, d.Orders)
}

// dossierRow receives one row of dossierQuery: table says of which kind.
type dossierRow struct {
	table int64
	t     []string
	n     []int64
	blob  []byte
}

func (l *Ledger) addTo(d *Dossier, key string, r dossierRow) error {
	switch r.table {
	case dossierPerson:
		d.Person = persons.PersonFrom(r.t, r.n)
	case dossierLink:
		link, err := l.People().LinkFrom(key, r.t, r.n, r.blob)
		if err != nil {
			return err
		}
		d.Links = append(d.Links, link)
	case dossierOrder, dossierEnded:
		o, err := l.Orders().OrderFrom(key, r.t, r.n, r.blob)
		if err != nil {
			return err
		}
		if r.table == dossierOrder {
			d.Orders = append(d.Orders, o)
		} else {
			d.Ended = append(d.Ended, o)
		}
	case dossierAccount:
		a, err := l.Inventory().AccountFrom(r.t, r.n, r.blob)
		if err != nil {
			return err
		}
		d.Accounts = append(d.Accounts, a)
	case dossierDeparture:
		d.Departures = append(d.Departures, persons.DepartureFrom(r.t, r.n))
	case dossierForwarded:
		d.Forwarded = append(d.Forwarded, r.t[0])
	case dossierAsked:
		d.AskedAbout = r.t[0]
	}
	return nil
}

// sort orders a dossier the same way on both engines, and sees the accounts as the person's, who is known by now.
func (d *Dossier) sort() {
	slices.SortFunc(d.Links, func(a, b persons.Link) int {
		return cmp.Or(a.FirstSeen.Compare(b.FirstSeen), strings.Compare(a.Source, b.Source),
			strings.Compare(a.EmployeeID, b.EmployeeID))
	})
	oldest := func(a, b identity.Order) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) }
	slices.SortFunc(d.Orders, oldest)
	slices.SortFunc(d.Ended, oldest)
	slices.SortFunc(d.Departures, func(a, b persons.Departure) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.Episode, b.Episode), strings.Compare(a.Order, b.Order))
	})
	slices.Sort(d.Forwarded)
	for i := range d.Accounts {
		d.Accounts[i].As(d.Person.Key, d.Person.Episode, d.Person.AccountID)
	}
	inventory.Sort(d.Accounts)
}

// Admitted is the dossier of a key that the ledger did not have, now that it has it with this record and nothing else.
func (d Dossier) Admitted(link persons.Link) Dossier {
	d.Person, d.Links = persons.Person{Key: link.Key, FirstSeen: link.FirstSeen}, []persons.Link{link}
	d.Accounts, d.Unclaimed = d.Unclaimed, nil
	d.sort()
	return d
}
