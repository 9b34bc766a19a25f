// Package roster keeps what each HR source last said, the changes staged on their way to a hint, and what is odd about a
// source: findings, and doubts about what it answers.
package roster

import "gatehouse/ledger/engine"

// Store is the roster of a ledger, open or in a transaction.
type Store struct {
	db     *engine.DB
	active *Counts
}

// New returns the store of a database. active keeps counts of active people between calls.
func New(db *engine.DB, active *Counts) Store { return Store{db: db, active: active} }
