// Package worklist keeps what waits for somebody: the items that need attention and who waits because of each, the decisions
// about their causes, the questions behind the buttons of messages, and the gaps that a comparison of people and accounts found.
package worklist

import "gatehouse/ledger/engine"

// Store is what waits for somebody in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
