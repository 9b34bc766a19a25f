package orders

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Release makes the command release.
func Release(p *cmdline.Program) *cobra.Command {
	var who, reason, by, keyFile string
	var choice chosen
	cmd := &cobra.Command{
		Use: "release", Short: "End an order about a person; HR decides again from then on",
		Long: `End an order about a person; HR decides again from then on.

Where one order is open, and --by gave it, that one ends. Where there are several, or it is somebody else's, the open
orders are listed: end one with --order, or every one of them, other teams' too, with --all.`,
		Args: cobra.NoArgs,
		RunE: p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			key, err := cmdline.FindOwner(cmd.Context(), a, who)
			if err != nil {
				return err
			}
			open, err := a.Ledger.OrdersInForce(cmd.Context(), key)
			if err != nil {
				return err
			}
			said, err := sign.AuthorOf(cmd, a, by, keyFile)
			if err != nil {
				return err
			}
			by := said.By
			ending, err := choice.of(open, key, by)
			if err != nil {
				if len(open) > 0 {
					printOrders(cmd, open, by, HoldDeciders(a))
				}
				return err
			}
			for _, o := range ending {
				proof, err := said.Prove(decider.ReleaseWord(o, by, reason))
				if err != nil {
					return sign.Refused(err, "released")
				}
				out, err := ordersOf(a).Release(cmd.Context(), api.ReleaseOrder{ID: o.ID, By: by, Reason: reason, Proof: proof})
				if err != nil {
					return err
				}
				if !out.Released {
					cmd.Printf("order %s was over already\n", o.ID)
					continue
				}
				cmd.Printf("released %s (%s by %s)\n", o.ID, o.Kind, o.By)
			}
			return nil
		}),
	}
	cmdline.PersonFlag(cmd, &who)
	cmd.Flags().StringVar(&choice.id, "order", "", "the order to end, by its id")
	cmd.Flags().BoolVar(&choice.all, "all", false, "end every open order about the person, whoever gave it")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&by, "by", cmdline.Operator(), "who decides, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmd.MarkFlagsMutuallyExclusive("order", "all")
	cmdline.Must(errors.Join(cmd.MarkFlagRequired("person"), cmd.MarkFlagRequired("reason")))
	return cmd
}

// chosen is which of a person's open orders are to end.
type chosen struct {
	id  string
	all bool
}

// of returns the orders to end. Without a choice it is the only one, if whoever asks gave it.
func (c chosen) of(open []identity.Order, key, by string) ([]identity.Order, error) {
	switch {
	case len(open) == 0:
		return nil, fmt.Errorf("no order about %s is open", key)
	case c.id != "":
		i := slices.IndexFunc(open, func(o identity.Order) bool { return o.ID == c.id })
		if i < 0 {
			return nil, fmt.Errorf("no open order about %s is called %s; those above are", key, c.id)
		}
		return open[i : i+1], nil
	case c.all:
		return open, nil
	case len(open) > 1:
		return nil, fmt.Errorf("%d orders about %s are open: end one with --order ID, or all of them with --all. Nothing was released", len(open), key)
	case open[0].Rule != "" || open[0].By != by:
		return nil, fmt.Errorf("the open order about %s was given by %s, and not by %s: end it with --order %s. Nothing was released",
			key, Author(open[0]), by, open[0].ID)
	}
	return open, nil
}

// Author is who gave an order.
func Author(o identity.Order) string {
	if o.Rule != "" {
		return "rule " + o.Rule
	}
	return o.By
}

func printOrders(cmd *cobra.Command, open []identity.Order, reader string, deciders []string) {
	t := cmdline.NewSheet(cmd, "orders", "order", "kind", "given", "until", "by", "reason")
	for _, o := range open {
		o = Shown(o, reader, deciders)
		until := "it is released"
		if !o.Until.IsZero() {
			until = o.Until.UTC().Format("2006-01-02 15:04")
		}
		t.Add(o.ID, Asked(o), cli.At(o.At), until, Author(o), o.Reason)
	}
	t.Render()
}

// Asked is the kind of an order with what it is about.
func Asked(o identity.Order) string {
	switch {
	case o.Group != "":
		return string(o.Kind) + ": " + o.Group
	case len(o.Roles) > 0:
		return string(o.Kind) + ": " + strings.Join(o.Roles, ", ")
	case o.Minutes > 0:
		return fmt.Sprintf("%s: %d min", o.Kind, o.Minutes)
	case len(o.Attributes) > 0:
		return string(o.Kind) + ": " + strings.Join(slices.Sorted(maps.Keys(o.Attributes)), ", ")
	}
	return string(o.Kind)
}

// askedInFull is Asked with the values that a set order gives, for who looks at one person.
func askedInFull(o identity.Order) string {
	if len(o.Attributes) == 0 {
		return Asked(o)
	}
	var values []string
	for _, name := range slices.Sorted(maps.Keys(o.Attributes)) {
		values = append(values, name+"="+o.Attributes[name])
	}
	return string(o.Kind) + ": " + strings.Join(values, ", ")
}
