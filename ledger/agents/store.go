// Package agents keeps what concerns agents: their tokens, what is switched off, and every call with what came of it.
package agents

import "gatehouse/ledger/engine"

// Store is what concerns agents in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
