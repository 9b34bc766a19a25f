// Package budgets keeps how many people may be contained or changed within a window, and those who wait because a budget has
// no room: batches that somebody decides about, and lists that were decided ahead.
package budgets

import "gatehouse/ledger/engine"

// Store is the budgets and holds in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
