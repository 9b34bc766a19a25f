// Package mfa keeps who has a second factor, the grace clock of whoever has none, and the scans that find out.
package mfa

import "gatehouse/ledger/engine"

// Store is the second factors in a ledger, open or in a transaction.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }
