package orders

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
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Offboard makes the command offboard.
// Long because the flags stand beside what refuses them.
func Offboard(p *cmdline.Program) *cobra.Command {
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
		RunE: cmdline.Checked(func(*cobra.Command) error {
			switch {
			case !now:
				return errors.New("offboard acts at once: pass --now to say that you mean it; for a planned departure set the last day in HR")
			case strings.TrimSpace(o.Reason) == "":
				return errBlankReason
			case within <= 0:
				return fmt.Errorf("--timeout %s leaves no time to wait: write one such as 60s, or pass --no-wait", within)
			}
			return cmdline.OneNamed(who, account)
		}, p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			key, err := cmdline.FindNamed(cmd.Context(), a, who, account)
			if err != nil {
				return err
			}
			if err := cmdline.RefuseUnknown(cmd, a, key); err != nil {
				return err
			}
			o.ID, o.Key, o.At = orderPrefix+strings.ToLower(rand.Text()[:10]), key, time.Now()
			said, err := sign.AuthorOf(cmd, a, o.By, keyFile)
			if err != nil {
				return sign.Refused(err, "ordered. Until somebody does who may, suspend the account in OneLogin by hand")
			}
			o.By = said.By
			if err := goOnWith(cmd.Context(), a, &o); err != nil {
				return err
			}
			proof, err := said.Prove(decider.OrderWord(o))
			if err != nil {
				return sign.Refused(err, "ordered. Until somebody does who may, suspend the account in OneLogin by hand")
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
		})),
	}
	cmdline.PersonFlag(cmd, &who)
	cmdline.UserFlag(cmd, &account)
	cmd.Flags().BoolVar(&now, "now", false, "yes, at once")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&o.By, "by", cmdline.Operator(), "who decides, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmd.Flags().DurationVar(&within, "timeout", time.Minute, "how long to wait for the proof")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "return as soon as the order is recorded and a run was told, without any proof")
	cmdline.Must(cmd.MarkFlagRequired("reason"))
	return cmd
}

// orderPrefix begins the ids of orders that offboard gives.
const orderPrefix = "contain-"

// goOnWith has an order be the one that an earlier call has given about the person, by the same and for the same reason, if it stands:
// whoever repeats the command has one order to release, and not several.
func goOnWith(ctx context.Context, a *app.App, o *identity.Order) error {
	all, err := a.Ledger.Orders().Of(ctx, o.Key)
	if err != nil {
		return err
	}
	for _, given := range all {
		if given.Kind == o.Kind && given.Released.IsZero() && given.By == o.By && given.Reason == o.Reason && strings.HasPrefix(given.ID, orderPrefix) {
			o.ID, o.At = given.ID, given.At
		}
	}
	return nil
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), cmdline.AskWithin)
	defer cancel()
	if _, stands, err := a.Ledger.Orders().ByID(ctx, o.ID); err != nil || !stands {
		return cause
	}
	return fmt.Errorf("order %s is recorded, but no run was told and nothing has been done: %w. Run this again when Temporal answers, "+
		"and suspend the account in OneLogin by hand until then", o.ID, cause)
}
