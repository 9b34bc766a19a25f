// Package reviews keeps access reviews: what was read for a campaign and what was judged, its steps, and the tabs it was frozen
// in.
package reviews

import "gatehouse/ledger/engine"

// Store is the access reviews in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
