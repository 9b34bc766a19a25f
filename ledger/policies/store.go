// Package policies keeps which policy each process has in force, on whose word it was taken up and who waits because of it, and
// what deciders have signed.
package policies

import "gatehouse/ledger/engine"

// Store is the policies in force and what deciders signed in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
