package main

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/ledger"
)

// carryToAll writes down one decision for everybody who waits because of an item. A worker carries it to them.
func (d *decision) carryToAll(cmd *cobra.Command, a *app.App) error {
	if decidersNamed(a) {
		return errors.New("the policy names who may decide (deciders.people), and a decision for everybody who waits cannot be signed: " +
			"answer the runs one by one, which starter attention show " + d.cause + " lists")
	}
	item, err := itemNamed(cmd, a.Ledger, d.cause)
	if err != nil {
		return err
	}
	n, err := a.Ledger.DecideCause(cmd.Context(), ledger.CauseDecision{ID: rand.Text(), Item: item.ID, Verb: d.Verb, By: d.By, Reason: d.Reason})
	switch {
	case err != nil:
		return err
	case n == 0:
		return fmt.Errorf("item %s: nobody waits for %s; nothing was decided. See starter attention show %s", item.ID, d.Verb, item.ID)
	}
	cmd.Printf("%s by %s (unverified) is written down for the %d who wait because of item %s. A worker carries it to them; "+
		"whoever has gone on does not take it. Follow it with: starter attention show %s\n", d.Verb, d.By, n, item.ID, item.ID)
	return nil
}
