package show

import (
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/starter/accounts"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/decide"
)

// Plan makes the command plan.
func Plan(p *cmdline.Program) *cobra.Command {
	var who string
	var o planAll
	cmd := &cobra.Command{
		Use: "plan", Short: "Show what Gatehouse would do about a person, or about everybody, now; changes nothing",
		Long: `Show what Gatehouse would do about a person, or about everybody, now; changes nothing.

With --person it reads that person's records and account, and plans as their next assessment would.

With --system it plans for everybody in one system beside OneLogin, by what the inventory shows of it, as a table of from and to.
It fails where that is older than the policy's max_age: people who are employed are not in the table then.

With --all it plans for everybody, from bulk readings of HR and OneLogin or from an inventory that is not older than
--max-age, and counts by verdict, department, rule and role, against the safety budgets. It needs neither a worker nor a
ledger. --policy compares the policy in force with another file: who changes, by kind, against the budgets. What only the
read of one account shows, such as its second factors, is not compared.`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(cmd); err != nil {
			return err
		}
		if o.all || o.system != "" {
			return p.Beforehand(func(cmd *cobra.Command, a *app.App) error { return o.run(cmd, a) })(cmd, args)
		}
		return p.Open(config.Needs{Vendors: true}, app.Options{Steering: true, Lenient: true}, func(cmd *cobra.Command, a *app.App) error {
			return planOne(cmd, a, who)
		})(cmd, args)
	}
	cmdline.PersonFlag(cmd, &who)
	cmd.Flags().BoolVar(&o.all, "all", false, "everybody instead of one person")
	cmd.Flags().StringVar(&o.system, "system", "", "everybody in one system beside OneLogin: google, salesforce or ldap")
	cmd.Flags().StringVar(&o.policy, "policy", "", "with --all: compare the policy in force with this `file`")
	cmd.Flags().StringVar(&o.verdict, "verdict", "", "with --all: list the people with one verdict, such as leave or change, and their steps")
	cmd.Flags().StringVar(&o.csv, "csv", "", "with --all: also write everybody's plan to this CSV `file`")
	cmd.Flags().DurationVar(&o.maxAge, "max-age", accounts.InventoryAge, "with --all: how old a complete inventory may be to be used; 0 reads OneLogin in any case")
	cmd.Flags().Bool("json", false, "print everything as JSON")
	cmd.MarkFlagsOneRequired("person", "all", "system")
	cmd.MarkFlagsMutuallyExclusive("person", "all", "system")
	return cmd
}

// planOne plans for one person as their next assessment would.
func planOne(cmd *cobra.Command, a *app.App, who string) error {
	key, err := cmdline.Find(cmd.Context(), a, who)
	if err != nil {
		return err
	}
	v, err := a.Vendors()
	if err != nil {
		return err
	}
	found, err := v.Activities.Person.Preview(cmd.Context(), key)
	if err != nil {
		return err
	}
	decide.WarnOfOtherPolicy(cmd, a, found.Plan.PolicyHash)
	if cli.Collects(cmd) {
		collectPlan(cmd, found)
		return nil
	}
	printPlan(cmd, found)
	return nil
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
	if a.PlanHash != "" {
		cmd.Printf("plan      %.12s\n", a.PlanHash)
	}
	if !a.Plan.Due.IsZero() {
		cmd.Printf("next look %s\n", a.Plan.Due.UTC().Format("2006-01-02 15:04 MST"))
	}
	if !a.Plan.DeleteAt.IsZero() {
		cmd.Printf("deletes   what they still have: from %s\n", a.Plan.DeleteAt.UTC().Format("2006-01-02 15:04 MST"))
	}
	if len(a.Plan.Found) > 0 {
		cmd.Printf("found     %s: no rule gives this and Gatehouse did not, so that it is left (access.drift)\n", strings.Join(a.Plan.Found, ", "))
	}
	for _, s := range a.Plan.Steps {
		cmd.Printf("step      %s\n", s)
	}
	for _, p := range a.Systems {
		for _, r := range changesOf(a.Key, p, viewIn(a.Person.Systems, p.System)) {
			cmd.Printf("step      %s\n", r.sentence())
		}
	}
	for _, n := range a.Plan.Notices {
		cmd.Printf("notice    %s: %s\n", n.Code, n.Text)
	}
	for _, other := range a.Others {
		cmd.Printf("step      end the access of %s as well\n", identity.OneLoginRef(other.ID))
	}
	cmd.Printf("mode      %s (policy %s). Nothing was changed.\n", a.Mode, a.Plan.PolicyHash)
}
