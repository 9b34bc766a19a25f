// Package journal keeps what was done: evidence of each step with the state before and after, claims, by which a creation
// happens once, and leases of what only one process is to do.
package journal

import "gatehouse/ledger/engine"

// Store is what was done in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
