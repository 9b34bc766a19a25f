package orders

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/activities/orders"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Order makes the commands order.
func Order(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "order", Short: "Give, list and release orders: decisions about a person that stand above HR", Args: cobra.NoArgs,
	}
	cmd.AddCommand(orderGive(p), orderList(p), orderRelease(p))
	return cmd
}

// Long because the flags of all kinds of order stand beside what refuses them.
func orderGive(p *cmdline.Program) *cobra.Command {
	var o identity.Order
	var who, kind, until, keyFile string
	var account int64
	var set []string
	cmd := &cobra.Command{
		Use: "give", Short: "Give an order about a person",
		Long: `Give an order about a person. It stands above HR until it is released or lapses.

  contain         ends all access, as if the person had left
  suspend         ends sign-in and takes nothing else; given back when the order ends
  restrict        moves the account to a group (--group, default mfa.restrict.group)
  freeze          forbids changes to the account
  hold            preserves roles, factors and the account itself for a legal matter; changes no sign-in
  exempt          leaves the person out of what is asked about second factors
  deny            has roles (--roles) not be held, whatever rules, mappings and grants give
  grant           gives roles (--roles) on top of the policy
  set             has the account say something else than HR (--set title=...), until --until, a year at most
  log_out         ends the OneLogin sessions, once
  reset_password  makes the password unknown and mails a link to set a new one, once
  lock            locks the account for some --minutes, once
  enable          opens an account that somebody else, or OneLogin, has locked or suspended, once

With --user an account is named by its OneLogin id, for accounts that no person in HR stands behind.`,
		Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) (err error) {
			o.Kind, o.At = identity.OrderKind(kind), time.Now()
			if o.Until, err = parseUntil(until, o.At); err != nil {
				return err
			}
			if o.Attributes, err = parseSet(set); err != nil {
				return err
			}
			return errors.Join(cmdline.OneNamed(who, account), refuse(o))
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			var err error
			if o.Key, err = cmdline.FindNamed(cmd.Context(), a, who, account); err != nil {
				return err
			}
			if err := cmdline.RefuseUnknown(cmd, a, o.Key); err != nil {
				return err
			}
			if o.ID == "" {
				o.ID = strings.ReplaceAll(kind, "_", "-") + "-" + strings.ToLower(rand.Text()[:10])
			}
			if err := refuseUnknownAccess(cmd, a, o); err != nil {
				return err
			}
			who, err := sign.AuthorOf(cmd, a, o.By, keyFile)
			if err != nil {
				return err
			}
			o.By = who.By
			proof, err := who.Prove(decider.OrderWord(o))
			if err != nil {
				return sign.Refused(err, "ordered")
			}
			given, err := ordersOf(a).Give(cmd.Context(), api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "order"}, Proof: proof})
			if err != nil {
				return err
			}
			cmd.Printf("order %s recorded, person/%s is on it\n", given.ID, given.Key)
			return nil
		})),
	}
	cmdline.PersonFlag(cmd, &who)
	cmdline.UserFlag(cmd, &account)
	cmd.Flags().StringVar(&kind, "kind", "", "what is ordered, see above")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&o.By, "by", cmdline.Operator(), "who decides, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmd.Flags().StringVar(&until, "until", "", "when it lapses: 72h, 2026-03-31 (the end of that day, UTC) or 2026-03-31T18:00:00Z; default never")
	cmd.Flags().StringVar(&o.Group, "group", "", "restrict: the OneLogin group")
	cmd.Flags().StringSliceVar(&o.Roles, "roles", nil, "grant, deny: the OneLogin roles, separated by commas")
	cmd.Flags().StringArrayVar(&set, "set", nil, "set: an attribute and its value, as title=\"Head of IT\"; once for each of "+strings.Join(identity.SetAttributes(), ", "))
	cmd.Flags().IntVar(&o.Minutes, "minutes", 0, "lock: for how long; default the period of the user's policy in OneLogin, which is also the least")
	cmd.Flags().StringVar(&o.ID, "id", "", "the order's id; giving an order again under its id changes it, default a new one")
	cmdline.Must(errors.Join(cmd.MarkFlagRequired("kind"), cmd.MarkFlagRequired("reason")))
	return cmd
}

// refuse says why an order cannot be meant, whoever it is about and whoever gives it.
func refuse(o identity.Order) error {
	if strings.TrimSpace(o.Reason) == "" {
		return errBlankReason
	}
	o.ID, o.Key, o.By = "yet to come", "yet to come", "yet to come"
	return o.Validate()
}

// parseSet reads attributes and their values.
func parseSet(set []string) (map[string]string, error) {
	var attributes map[string]string
	for _, each := range set {
		name, value, found := strings.Cut(each, "=")
		if _, twice := attributes[name]; !found || twice {
			return nil, errors.New("--set: write an attribute, = and its value, each attribute once: --set title=\"Head of IT\"")
		}
		if attributes == nil {
			attributes = map[string]string{}
		}
		attributes[name] = value
	}
	return attributes, nil
}

// parseUntil reads when an order lapses.
func parseUntil(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	until, err := time.Parse(time.RFC3339, text)
	if day, bad := time.Parse(time.DateOnly, text); bad == nil {
		until, err = day.AddDate(0, 0, 1), nil
	}
	if d, bad := time.ParseDuration(text); bad == nil {
		until, err = now.Add(d), nil
	}
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("--until %q: write 72h, 2026-03-31 or 2026-03-31T18:00:00Z", text)
	case !until.After(now):
		return time.Time{}, fmt.Errorf("--until %q is over already", text)
	}
	return until.UTC(), nil
}

func orderList(p *cmdline.Program) *cobra.Command {
	var who, reader string
	cmd := &cobra.Command{
		Use: "list", Short: "List the open orders of everybody, or every order there was about a person", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			found, err := a.Ledger.Orders().Open(cmd.Context())
			if who != "" {
				key, failed := cmdline.FindOwner(cmd.Context(), a, who)
				if failed != nil {
					return failed
				}
				found, err = a.Ledger.Orders().Of(cmd.Context(), key)
			}
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "orders", "order", "person", "kind", "given", "until", "state", "by", "reason")
			deciders := HoldDeciders(a)
			for _, o := range found {
				o.Order = Shown(o.Order, reader, deciders)
				until := "it is released"
				if !o.Until.IsZero() {
					until = o.Until.Format("2006-01-02 15:04")
				}
				if o.Kind.Response() {
					until = "done"
				}
				asked := Asked
				if who != "" {
					asked = askedInFull
				}
				t.Add(o.ID, o.Key, asked(o.Order), cli.At(o.At), until, stateOf(o, time.Now()), givenBy(o), o.Reason)
			}
			t.Render()
			return nil
		}),
	}
	cmd.Flags().StringVar(&who, "person", "", "one person's, those that are over included: key, e-mail address or name")
	cmd.Flags().StringVar(&reader, "by", cmdline.Operator(), "who reads: those named in deciders.hold see who gave a hold order, and why")
	return cmd
}

func stateOf(o persons.OrderRecord, now time.Time) string {
	switch {
	case !o.Released.IsZero() && o.Kind.Response():
		return o.ReleaseReason
	case !o.Released.IsZero():
		return "released by " + o.ReleasedBy
	case !o.InForce(now):
		return "lapsed"
	}
	return "open"
}

func givenBy(o persons.OrderRecord) string {
	switch {
	case o.Rule != "":
		return o.By + ", rule " + o.Rule
	case o.Proof != nil && o.By != "preserved":
		return o.By + ", signed"
	}
	return o.By
}

func orderRelease(p *cmdline.Program) *cobra.Command {
	in := api.ReleaseOrder{}
	var keyFile string
	cmd := &cobra.Command{
		Use: "release ID", Short: "End an order; HR and the other orders decide from then on", Args: cobra.ExactArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in.ID = args[0]
		return p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			order, found, err := a.Ledger.Orders().ByID(cmd.Context(), in.ID)
			if err != nil {
				return err
			}
			if !found {
				return fmt.Errorf("there is no order %s: see starter order list", in.ID)
			}
			who, err := sign.AuthorOf(cmd, a, in.By, keyFile)
			if err != nil {
				return err
			}
			in.By = who.By
			if in.Proof, err = who.Prove(decider.ReleaseWord(order.Order, in.By, in.Reason)); err != nil {
				return sign.Refused(err, "released")
			}
			out, err := ordersOf(a).Release(cmd.Context(), in)
			if err != nil {
				return err
			}
			if !out.Released {
				cmd.Printf("order %s was over already\n", in.ID)
				return nil
			}
			cmd.Printf("released %s\n", in.ID)
			return nil
		})(cmd, args)
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&in.By, "by", cmdline.Operator(), "who decides, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmdline.Must(cmd.MarkFlagRequired("reason"))
	return cmd
}

// refuseUnknownAccess refuses an order for roles or a group that OneLogin does not have. What cannot be checked is given all
// the same if it restricts somebody, and refused if it gives them more, which can wait.
func refuseUnknownAccess(cmd *cobra.Command, a *app.App, o identity.Order) error {
	var groups []string
	if o.Group != "" {
		groups = []string{o.Group}
	}
	unknown, asked, err := a.UnknownNames(cmd.Context(), o.Roles, groups)
	switch {
	case err != nil && o.Kind == identity.OrderGrant:
		return fmt.Errorf("%w: nothing was ordered; try again", err)
	case err != nil:
		cmd.PrintErrf("%v; the order is given all the same\n", err)
	case !asked:
		cmd.PrintErrln("not checked that OneLogin has this: the configuration has no credential of it; the order is given all the same")
	case len(unknown) > 0:
		return fmt.Errorf("%s: nothing was ordered; create it there, or correct the name", strings.Join(unknown, "; "))
	}
	return nil
}

func ordersOf(a *app.App) *orders.Orders {
	return &orders.Orders{Ledger: a.Ledger, Launch: a.Launch, HoldDeciders: func() []string { return HoldDeciders(a) }, Requestable: requestable(a)}
}

// requestable says which roles the policy has orders give. Where the policy cannot be read, none may be given.
func requestable(a *app.App) func(role string) bool {
	pol, err := policy.Load(a.Config.Policy)
	return func(role string) bool { return err == nil && pol.Requestable(role) }
}

// HoldDeciders are those whom the policy names to give, see and release hold orders. A policy that cannot be read names
// nobody.
func HoldDeciders(a *app.App) []string {
	pol, err := policy.Load(a.Config.Policy)
	if err != nil {
		return nil
	}
	return pol.HoldDeciders()
}

// Shown is an order as a reader may see it: of a hold, everybody but those who decide about holds learns only that
// something is preserved.
func Shown(o identity.Order, reader string, deciders []string) identity.Order {
	named := slices.ContainsFunc(deciders, func(d string) bool { return strings.EqualFold(d, reader) })
	if o.Kind == identity.OrderHold && !named {
		o.By, o.Reason = "preserved", "preserved"
	}
	return o
}
