package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/decider"
)

// Long because the flags stand beside what refuses them.
func (p *program) offboard() *cobra.Command {
	var who string
	var account int64
	var now, noWait bool
	var keyFile string
	var within time.Duration
	o := identity.Order{Kind: identity.OrderContain}
	cmd := &cobra.Command{
		Use:   "offboard",
		Short: "End a person's access at once, whatever HR says, and wait for the proof",
		Long: `End a person's access at once, whatever HR says, and wait for the proof.

This records a contain order, which stands above HR until it is released (starter release). It needs no HR system to
answer. With --user an account is named by its OneLogin id, for accounts that no person in HR stands behind.

It then waits until it is on record for every account of the person that sign-in and sessions have ended, and prints when.
It fails when that is not so within --timeout, and at once when somebody has to decide first: the order stands, and what is
known and what to do is printed.`,
		Args: cobra.NoArgs,
		RunE: p.withoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			switch {
			case !now:
				return errors.New("offboard acts at once: pass --now to say that you mean it; for a planned departure set the last day in HR")
			case strings.TrimSpace(o.Reason) == "":
				return errBlankReason
			case within <= 0:
				return fmt.Errorf("--timeout %s leaves no time to wait: write one such as 60s, or pass --no-wait", within)
			}
			key, err := findNamed(cmd.Context(), a, who, account)
			if err != nil {
				return err
			}
			if err := refuseUnknown(cmd, a, key); err != nil {
				return err
			}
			o.ID, o.Key, o.At = "contain-"+strings.ToLower(rand.Text()[:10]), key, time.Now()
			said, err := authorOf(cmd, a, o.By, keyFile)
			if err != nil {
				return nothing(err, "ordered. Until somebody does who may, suspend the account in OneLogin by hand")
			}
			o.By = said.by
			proof, err := said.prove(decider.OrderWord(o))
			if err != nil {
				return nothing(err, "ordered. Until somebody does who may, suspend the account in OneLogin by hand")
			}
			given, err := give(cmd.Context(), a, o, proof)
			if err != nil {
				return notCarriedOut(cmd, a, o, err)
			}
			cmd.Printf("order %s recorded, %s is on it\n", o.ID, api.PersonID(given.Key))
			if noWait {
				return nil
			}
			return newVigil(cmd, a, o, given.Key).await(cmd.Context(), within)
		}),
	}
	personFlag(cmd, &who)
	userFlag(cmd, &account)
	cmd.Flags().BoolVar(&now, "now", false, "yes, at once")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&o.By, "by", operator(), "who decides, for the evidence")
	keyFlag(cmd, &keyFile)
	cmd.Flags().DurationVar(&within, "timeout", time.Minute, "how long to wait for the proof")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "return as soon as the order is recorded and a run was told, without any proof")
	must(cmd.MarkFlagRequired("reason"))
	return cmd
}

// errBlankReason refuses an order that nobody could account for.
var errBlankReason = errors.New("--reason is empty: why? It is kept as evidence")

// tellWithin bounds how long an order waits for Temporal. It is in the ledger by then.
const tellWithin = 10 * time.Second

func give(ctx context.Context, a *app.App, o identity.Order, proof *api.Proof) (api.OrderGiven, error) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	return ordersOf(a).Give(ctx, api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "offboard"}, Proof: proof})
}

// notCarriedOut says whether an order stands that nobody could be told of.
func notCarriedOut(cmd *cobra.Command, a *app.App, o identity.Order, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), askWithin)
	defer cancel()
	if _, stands, err := a.Ledger.Orders().ByID(ctx, o.ID); err != nil || !stands {
		return cause
	}
	return fmt.Errorf("order %s is recorded, but no run was told and nothing has been done: %w. Run this again when Temporal answers, "+
		"and suspend the account in OneLogin by hand until then", o.ID, cause)
}

// refuseUnknown refuses an order about somebody who does not exist. Where that cannot be found out in a moment the order is
// given all the same, and its run says so.
func refuseUnknown(cmd *cobra.Command, a *app.App, key string) error {
	ctx := cmd.Context()
	source, id, err := identity.SplitKey(key)
	if err != nil {
		return err
	}
	if user, ok := (identity.Ref{System: source, ID: id}).OneLogin(); ok {
		_, exists, asked, err := a.ReadAccount(ctx, user)
		if err != nil {
			cmd.PrintErrf("%v; the order is given all the same\n", err)
		}
		if asked && !exists {
			return fmt.Errorf("OneLogin has no user %d: nothing was ordered; check the id", user)
		}
		return nil
	}
	return refuseUnknownPerson(cmd, a, key)
}

// refuseUnknownPerson refuses a key that no HR source has a record for.
func refuseUnknownPerson(cmd *cobra.Command, a *app.App, key string) error {
	ctx := cmd.Context()
	source, id, err := identity.SplitKey(key)
	if err != nil {
		return err
	}
	if _, known, err := a.Ledger.Dossier(ctx, key); err != nil || known {
		return err
	}
	if _, known, err := a.Ledger.Roster().Row(ctx, source, id); err != nil || known {
		return err
	}
	state, err := a.Ledger.Roster().Source(ctx, source)
	if err != nil || state.BaselinedAt.IsZero() {
		return err
	}
	undone, hint := "ordered", "Check the key"
	switch {
	case cmd.Flags().Lookup("user") != nil:
		hint += ", or name the account with --user"
	case cmd.Flags().Lookup("account") != nil:
		undone = "done"
	}
	return fmt.Errorf("%s had no record of %s when it was read %s: nothing was %s. %s", source, key, ago(state.SyncedAt), undone, hint)
}
