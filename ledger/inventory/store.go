// Package inventory keeps one row per account, whoever's it is: what it carries, what it is for, what Gatehouse did to it, who
// gave its roles, and the sweeps that keep it current.
package inventory

import "gatehouse/ledger/engine"

// Store is the inventory of accounts in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
