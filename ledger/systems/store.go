// Package systems keeps what the inventory does not have of accounts beside OneLogin: what they hold, what things are called there,
// what Gatehouse did to them, and which steps could not be carried out so far.
//
// What an account holds is believed until its absence is confirmed and due. A list that does not show a membership any more makes a
// tombstone of it; a reading of the account itself confirms the tombstone; and it goes once it has been kept for as long as the
// policy says. What is shown again meanwhile has never been away.
package systems

import (
	"context"
	"errors"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// Store is what a ledger, open or in a transaction, knows of the systems beside OneLogin.
type Store struct{ db *engine.DB }

// New returns the store of a database.
func New(db *engine.DB) Store { return Store{db: db} }

// accounts is the inventory in the same database.
func (s Store) accounts() inventory.Store { return inventory.New(s.db) }

// lock makes the changes of a system's accounts follow one another: each reads what is there before it writes.
func (s Store) lock(ctx context.Context, q engine.Querier, system string) error {
	return s.db.Lock(ctx, q, "systems/"+system)
}

func checkRef(ref identity.Ref) error {
	if ref.System == "" || ref.ID == "" {
		return errors.New("it needs the system and the id of an account")
	}
	return nil
}
