// Package incidents keeps the events of OneLogin behind a cursor, and the cases that the rules make of them.
package incidents

import "gatehouse/ledger/engine"

// Store is the events and cases in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
