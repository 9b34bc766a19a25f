package systems

import (
	"context"
	"encoding/json"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// Handed says in whose hands the mail of an account is since a departure. Whoever they are is an account of the same system, by its id.
type Handed struct {
	// ID is the account whose mailbox it is.
	ID string
	// Delegates may use the mailbox, and Reply is whose address its auto-reply names, "" for nobody's.
	Delegates []string
	Reply     string
}

// Heirs are all that have something to do with the mailbox.
func (h Handed) Heirs() []string {
	if h.Reply == "" {
		return h.Delegates
	}
	return append(h.Delegates[:len(h.Delegates):len(h.Delegates)], h.Reply)
}

// handed says in whose hands an account's mailbox is.
func (o ownPart) handed(id string) Handed {
	box := Handed{ID: id}
	for _, d := range o.Done {
		switch {
		case d.To == "":
		case d.Step == identity.SystemDelegate:
			box.Delegates = append(box.Delegates, d.To)
		case d.Step == identity.SystemAutoReply:
			box.Reply = d.To
		}
	}
	return box
}

// Handed lists the mailboxes of a system that departures have handed over and that take mail, by the ids of their accounts. A suspended
// account takes none.
func (s Store) Handed(ctx context.Context, system string) (all []Handed, err error) {
	query := `SELECT s.account_id, s.ours FROM system_accounts s JOIN accounts a ON a.system = s.system AND a.account_id = s.account_id
		WHERE s.system = $1 AND s.handed = 1 AND a.status <> $2 AND a.missing_since = 0 ORDER BY s.account_id`
	err = engine.Each(ctx, s.db.Reader(), query, []any{system, int64(identity.AccountSuspended)}, func(scan func(...any) error) error {
		var id, text string
		var own ownPart
		if err := scan(&id, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &own); err != nil {
			return err
		}
		if box := own.handed(id); len(box.Heirs()) > 0 {
			all = append(all, box)
		}
		return nil
	})
	return all, engine.Wrapf(err, "list the mailboxes of %s that were handed over", system)
}
