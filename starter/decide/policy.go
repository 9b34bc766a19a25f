package decide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/decider"
	"gatehouse/internal/policyfile"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Policy makes the commands policy.
func Policy(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Show which policy is in force, and accept one that protects less"}
	cmd.AddCommand(policyShow(p), policyAccept(p), policyRoles(p))
	return cmd
}

// InForce is which policies the processes that work have in force.
func InForce(ctx context.Context, a *app.App) ([]policies.PolicyState, error) {
	return a.Ledger.Policies().States(ctx, time.Now().Add(-policyfile.Heard))
}

func policyShow(p *cmdline.Program) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show which policy each process has in force, and what is wrong with the file that it has not taken up",
		Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			all, err := InForce(cmd.Context(), a)
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "processes", "process", "in force", "since", "file|the file that it sees")
			for _, s := range all {
				t.Add(s.Program, s.Hash, cli.At(s.TakenAt), RefusedWords(s))
			}
			t.Render()
			if len(all) == 0 {
				cmd.Println("No process has said in the last two minutes which policy it has in force: is a worker running?")
			}
			for _, s := range all {
				if s.Refused != "" {
					cmd.Printf("\n%s has not taken up the file:\n%s\n", s.Program, s.Detail)
				}
			}
			pol, err := policy.Load(a.Config.Policy)
			collectPolicyFile(cmd, a.Config.Policy, pol, err)
			if err != nil {
				return fmt.Errorf("the file of this configuration, %s, is not valid:\n%w", a.Config.Policy, err)
			}
			cmd.Printf("\nThe file of this configuration, %s, is policy %s.\n", a.Config.Policy, pol.Hash())
			return nil
		}),
	}
}

// RefusedWords says why a process has not taken up the file that it sees.
func RefusedWords(s policies.PolicyState) string {
	since := " since " + cli.Ago(s.RefusedAt)
	switch s.Refused {
	case "":
		return "is in force"
	case policies.PolicyInvalid:
		return "INVALID OR CUT OFF" + since
	case policies.PolicyGone:
		return "GONE" + since
	case policies.PolicyUnreadable:
		return "CANNOT BE READ" + since
	case policies.PolicyUnsettled:
		return "GOES ON CHANGING" + since
	case policies.PolicyWeaker:
		return "PROTECTS LESS: " + s.RefusedHash + since
	}
	return strings.ToUpper(s.Refused) + since
}

func policyAccept(p *cmdline.Program) *cobra.Command {
	var accept policies.PolicyAccept
	var keyFile string
	cmd := &cobra.Command{
		Use: "accept", Short: "Accept a policy that protects less than the one in force, so that running processes take it up",
		Long: `Accept a policy that protects less than the one in force, so that running processes take it up.

Where the policy in force names who may decide (deciders.people), it is signed for the policy in force by somebody who may decide
about "policy", and each process judges that. Two people have to accept that accounts are no longer protected or roles no longer
privileged. It counts for a day, and once.`,
		Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if strings.TrimSpace(accept.Reason) == "" {
				return errors.New("say why with --reason: nothing was accepted")
			}
			return whoIsIt(accept.By)
		}, p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error { return acceptPolicy(cmd, a, accept, keyFile) })),
	}
	cmd.Flags().StringVar(&accept.Hash, "hash", "", "the policy, as starter policy show names it")
	cmd.Flags().StringVar(&accept.Reason, "reason", "", "why, for the record")
	cmd.Flags().StringVar(&accept.By, "by", cmdline.Operator(), "who accepts it, for the record; with a key or after a sign-in that is its holder")
	sign.KeyFlag(cmd, &keyFile)
	cmdline.Must(errors.Join(cmd.MarkFlagRequired("hash"), cmd.MarkFlagRequired("reason")))
	return cmd
}

func acceptPolicy(cmd *cobra.Command, a *app.App, accept policies.PolicyAccept, keyFile string) error {
	all, err := InForce(cmd.Context(), a)
	if err != nil {
		return err
	}
	refused := slices.DeleteFunc(all, func(s policies.PolicyState) bool {
		return s.Refused != policies.PolicyWeaker || s.RefusedHash != accept.Hash
	})
	if len(refused) == 0 {
		return fmt.Errorf("no process that is running has refused policy %s because it protects less: nothing was accepted; see starter policy show", accept.Hash)
	}
	who, err := sign.AuthorOf(cmd, a, accept.By, keyFile)
	if err != nil {
		return err
	}
	if who.Signer == nil {
		if err := a.Ledger.Policies().AcceptPolicy(cmd.Context(), accept); err != nil {
			return err
		}
	} else if err := signPolicy(cmd, a, who, accept, refused); err != nil {
		return err
	}
	cmd.Printf("accepted %s by %s: %s\nThe processes take it up within seconds, unless it takes another person; see starter policy show.\n",
		accept.Hash, who.Name(), refused[0].Detail)
	return nil
}

// signPolicy signs an acceptance for each policy that a process which has refused the new one has in force.
func signPolicy(cmd *cobra.Command, a *app.App, who *sign.Signatory, accept policies.PolicyAccept, refused []policies.PolicyState) error {
	signed := map[string]bool{}
	for _, s := range refused {
		if signed[s.Hash] {
			continue
		}
		signed[s.Hash] = true
		proof, err := who.Prove(decider.PolicyWord(accept.Hash, s.Hash, who.By, accept.Reason))
		if err != nil {
			return fmt.Errorf("policy %s: %w; nothing was accepted", accept.Hash, err)
		}
		err = sayWord(cmd, a, proof, policies.Word{
			About: policies.WordOfPolicy(accept.Hash), Verb: policies.WordAccept, By: who.By, Reason: accept.Reason, Over: s.Hash,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func policyRoles(p *cmdline.Program) *cobra.Command {
	return &cobra.Command{
		Use: "roles", Short: "Show the catalogue of roles: who answers for each, who decides about it, and how many hold it", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			pol, err := policy.Load(a.Config.Policy)
			if err != nil {
				return err
			}
			holders, err := a.Ledger.Inventory().RoleHolders(cmd.Context(), identity.SystemOneLogin)
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "roles", "role", "owner", "privileged", "requestable", "managed by", "licence", "holders", "seats")
			for _, r := range pol.Catalogue() {
				t.Add(r.Name, r.Owner, yes(r.Privileged), yes(r.Requestable), r.ManagedBy, r.Licence, holders[r.Name], seats(r, holders[r.Name]))
			}
			t.Render()
			cmd.Println("Holders are counted in the inventory of accounts, which reads the members of all roles once a day.")
			return nil
		}),
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// seats says how many holders a role has room for.
func seats(r policy.Role, holders int) string {
	switch {
	case r.Seats == 0:
		return ""
	case holders > r.Seats:
		return fmt.Sprintf("%d, %d TOO FEW", r.Seats, holders-r.Seats)
	}
	return fmt.Sprint(r.Seats)
}

// WarnOfOtherPolicy says that what is shown was planned with another policy than the processes have in force.
func WarnOfOtherPolicy(cmd *cobra.Command, a *app.App, hash string) {
	all, err := InForce(cmd.Context(), a)
	switch {
	case err != nil:
		cmd.PrintErrf("It is not known which policy is in force: %v\n", err)
	case len(all) == 0:
		cmd.PrintErrf("No process has said which policy it has in force; this was planned with policy %s of %s.\n", hash, a.Config.Policy)
	}
	for _, s := range all {
		if s.Hash != hash {
			cmd.PrintErrf("NOT WHAT IS IN FORCE: this was planned with policy %s of %s, and %s has policy %s in force. See starter policy show.\n",
				hash, a.Config.Policy, s.Program, s.Hash)
		}
	}
}
