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

// handed finds what names somebody. A suspended account takes no mail.
const handed = `SELECT s.account_id, s.ours FROM system_accounts s JOIN accounts a ON a.system = s.system AND a.account_id = s.account_id
	WHERE s.system = $1 AND a.status <> $2 AND a.missing_since = 0 AND s.ours LIKE '%"to":%' ORDER BY s.account_id`

// Handed lists the mailboxes of a system that departures have handed over and that take mail, by the ids of their accounts.
func (s Store) Handed(ctx context.Context, system string) (all []Handed, err error) {
	err = engine.Each(ctx, s.db.Reader(), handed, []any{system, int64(identity.AccountSuspended)}, func(scan func(...any) error) error {
		var box Handed
		var text string
		var own ownPart
		if err := scan(&box.ID, &text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &own); err != nil {
			return err
		}
		for _, d := range own.Done {
			switch {
			case d.To == "":
			case d.Step == identity.SystemDelegate:
				box.Delegates = append(box.Delegates, d.To)
			case d.Step == identity.SystemAutoReply:
				box.Reply = d.To
			}
		}
		if len(box.Heirs()) > 0 {
			all = append(all, box)
		}
		return nil
	})
	return all, engine.Wrapf(err, "list the mailboxes of %s that were handed over", system)
}
