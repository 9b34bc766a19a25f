package outcome

import (
	"context"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
)

// Notes are what a look has found and the ledger has yet to keep. They are written together when the look is over: one
// commit stands before a containment, and a look that fails half-way leaves nothing behind.
type Notes struct {
	list []func(context.Context, *ledger.Ledger) error
	// departure is what HR's word means, known before the account is found; nil if HR was not read or wants nobody out.
	departure *persons.Departure
	// addresses are digests of the work addresses that records had before this look, by record, of those that have another one now.
	addresses map[string]string
}

// AddressWas keeps the digest of the work address that a record had before this look.
func (n *Notes) AddressWas(source, employeeID, digest string) {
	if n.addresses == nil {
		n.addresses = map[string]string{}
	}
	n.addresses[source+"-"+employeeID] = digest
}

// AddressBefore is what AddressWas has kept of a record, empty if its address is the one before.
func (n *Notes) AddressBefore(source, employeeID string) string {
	return n.addresses[source+"-"+employeeID]
}

// Learn keeps that HR wants somebody out, for a look that fails before it is over.
func (n *Notes) Learn(row persons.Person, person identity.Person) {
	if next, leaves := departureOf(row, person); leaves {
		n.departure = &next
	}
}

// Add has something written with the rest.
func (n *Notes) Add(note func(context.Context, *ledger.Ledger) error) { n.list = append(n.list, note) }

// Any reports that there is something to write.
func (n *Notes) Any() bool { return len(n.list) > 0 }

// Write writes everything, in the order in which it was found. It belongs in a transaction.
func (n *Notes) Write(ctx context.Context, l *ledger.Ledger) error {
	for _, note := range n.list {
		if err := note(ctx, l); err != nil {
			return err
		}
	}
	return nil
}
