// Package persons keeps who is who: one row per human with their episode and primary account, the HR records linked to them,
// the orders about them, when they must be out by, and what their last assessment came to.
package persons

import "gatehouse/ledger/engine"

// Store is who is who in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }

// Orders are the decisions about people that stand above HR until they are released or lapse.
type Orders struct{ db *engine.DB }

// NewOrders returns the orders of a database.
func NewOrders(db *engine.DB) Orders { return Orders{db: db} }
