package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
)

// operator is who is recorded for what is done by hand, unless --by says otherwise.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}

func (p *program) onboard() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use: "onboard", Short: "Look at a person now, for example a joiner who was in HR before Gatehouse was", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if _, _, err := activities.SplitKey(key); err != nil {
				return err
			}
			sent, err := a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "onboard"})
			if err != nil {
				return err
			}
			cmd.Printf("hinted %s; follow it with: starter list --person %s\n", sent.WorkflowID, key)
			return nil
		}),
	}
	cmd.Flags().StringVar(&key, "person", "", "the person's key, such as workday-21001")
	must(cmd.MarkFlagRequired("person"))
	return cmd
}

func (p *program) offboard() *cobra.Command {
	var key, reason, by string
	var account int64
	var now bool
	cmd := &cobra.Command{
		Use:   "offboard",
		Short: "End a person's access at once, whatever HR says",
		Long: `End a person's access at once, whatever HR says.

This records a contain order, which stands above HR until it is released (starter release). It needs no HR system to
answer. With --user an account is named by its OneLogin id, for accounts that no person in HR stands behind.`,
		Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if !now {
				return errors.New("offboard acts at once: pass --now to say that you mean it; for a planned departure set the last day in HR")
			}
			if (key == "") == (account == 0) {
				return errors.New("name either --person or --user")
			}
			if account != 0 {
				owner, found, err := a.Ledger.PersonByAccount(cmd.Context(), account)
				if err != nil {
					return err
				}
				if key = fmt.Sprintf("onelogin-%d", account); found {
					key = owner
				}
			}
			if _, _, err := activities.SplitKey(key); err != nil {
				return err
			}
			order := identity.Order{
				ID: "contain-" + strings.ToLower(rand.Text()[:10]), Key: key, Kind: identity.OrderContain,
				By: by, Reason: reason, At: time.Now(),
			}
			if err := a.Ledger.PutOrder(cmd.Context(), order); err != nil {
				return err
			}
			sent, err := a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "offboard"})
			if err != nil {
				return fmt.Errorf("the order %s is recorded but nobody was told: %w", order.ID, err)
			}
			cmd.Printf("order %s recorded, %s is on it\n", order.ID, sent.WorkflowID)
			return nil
		}),
	}
	cmd.Flags().StringVar(&key, "person", "", "the person's key, such as workday-21001")
	cmd.Flags().Int64Var(&account, "user", 0, "a OneLogin user id instead")
	cmd.Flags().BoolVar(&now, "now", false, "yes, at once")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&by, "by", operator(), "who decides, for the evidence")
	must(cmd.MarkFlagRequired("reason"))
	return cmd
}

func (p *program) release() *cobra.Command {
	var key, id, reason, by string
	cmd := &cobra.Command{
		Use: "release", Short: "End an order; HR decides again from then on", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			orders, err := a.Ledger.Orders(cmd.Context(), key)
			if err != nil {
				return err
			}
			released := 0
			for _, o := range orders {
				if id != "" && o.ID != id {
					continue
				}
				if _, err := a.Ledger.ReleaseOrder(cmd.Context(), o.ID, by, reason); err != nil {
					return err
				}
				cmd.Printf("released %s (%s by %s)\n", o.ID, o.Kind, o.By)
				released++
			}
			if released == 0 {
				return fmt.Errorf("no open order of %s to release", key)
			}
			_, err = a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "release"})
			return err
		}),
	}
	cmd.Flags().StringVar(&key, "person", "", "the person's key")
	cmd.Flags().StringVar(&id, "order", "", "one order's id; default all open orders of the person")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&by, "by", operator(), "who decides, for the evidence")
	must(errors.Join(cmd.MarkFlagRequired("person"), cmd.MarkFlagRequired("reason")))
	return cmd
}

func (p *program) unlinkAccount() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use: "unlink-account", Short: "Forget which OneLogin account is a person's; the next look searches for it afresh", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			d, found, err := a.Ledger.Dossier(cmd.Context(), key)
			if err != nil {
				return err
			}
			if !found || d.Person.AccountID == 0 {
				return fmt.Errorf("no account is on record for %s", key)
			}
			if err := a.Ledger.SetAccount(cmd.Context(), key, 0, false); err != nil {
				return err
			}
			cmd.Printf("account %d is no longer on record for %s\n", d.Person.AccountID, key)
			_, err = a.Launch.Send(cmd.Context(), key, api.Hint{Source: "operator", Cause: "unlink-account"})
			return err
		}),
	}
	cmd.Flags().StringVar(&key, "person", "", "the person's key")
	must(cmd.MarkFlagRequired("person"))
	return cmd
}

func (p *program) plan() *cobra.Command {
	var key string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "plan", Short: "Show what Gatehouse would do about a person now; changes nothing", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{Vendors: true}, func(cmd *cobra.Command, a *app.App) error {
			v, err := a.Vendors()
			if err != nil {
				return err
			}
			found, err := v.Activities.Person.Preview(cmd.Context(), key)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(found)
			}
			printPlan(cmd, found)
			return nil
		}),
	}
	cmd.Flags().StringVar(&key, "person", "", "the person's key, such as workday-21001")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	must(cmd.MarkFlagRequired("person"))
	return cmd
}

func printPlan(cmd *cobra.Command, a api.Assessment) {
	if a.ForwardTo != "" {
		cmd.Printf("%s is the same human as %s: see the plan of that one\n", a.Key, a.ForwardTo)
		return
	}
	cmd.Printf("person    %s, %s, episode %d\n", a.Key, a.Person.Standing, a.Episode)
	if a.Account == nil {
		cmd.Printf("account   none\n")
	} else {
		cmd.Printf("account   OneLogin %d, %s, group %q, roles %s\n", a.Account.ID, a.Account.Status, a.Account.Group, strings.Join(a.Account.Roles, ", "))
	}
	cmd.Printf("verdict   %s: %s\n", a.Plan.Verdict, a.Plan.Reason)
	if !a.Plan.Due.IsZero() {
		cmd.Printf("next look %s\n", a.Plan.Due.UTC().Format("2006-01-02 15:04 MST"))
	}
	for _, s := range a.Plan.Steps {
		cmd.Printf("step      %s %s\n", s.Kind, strings.Join(s.Names, ", "))
	}
	for _, n := range a.Plan.Notices {
		cmd.Printf("notice    %s: %s\n", n.Code, n.Text)
	}
	cmd.Printf("mode      %s (policy %s). Nothing was changed.\n", a.Mode, a.Plan.PolicyHash)
}

func (p *program) decide() *cobra.Command {
	var key, id string
	var d api.Decision
	cmd := &cobra.Command{
		Use: "decide", Short: "Answer a run that waits for a decision", Args: cobra.NoArgs,
		RunE: p.with(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			if id == "" {
				id = api.PersonID(key)
			}
			if err := a.Launch.Decide(cmd.Context(), id, d); err != nil {
				return err
			}
			cmd.Printf("%s: %s by %s\n", id, d.Verb, d.By)
			return nil
		}),
	}
	cmd.Flags().StringVar(&key, "person", "", "the person's key")
	cmd.Flags().StringVar(&id, "workflow", "", "a workflow id instead, for runs that are not about a person")
	cmd.Flags().StringVar(&d.Verb, "verb", "", "retry, skip, abort, allow, reject, link or separate")
	cmd.Flags().StringVar(&d.Step, "step", "", "the parked step; default all that the verb applies to")
	cmd.Flags().StringVar(&d.By, "by", operator(), "who decides, for the evidence")
	cmd.Flags().StringVar(&d.Reason, "reason", "", "why, for the evidence")
	must(cmd.MarkFlagRequired("verb"))
	cmd.MarkFlagsOneRequired("person", "workflow")
	return cmd
}

// must is for mistakes in this program that show at its first start.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
