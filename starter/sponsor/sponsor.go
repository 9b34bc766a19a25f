// Package sponsor adds people whom HR does not have, and says who answers for them and until when.
package sponsor

import (
	"crypto/rand"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/sponsored"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/policyfile"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Sponsor makes the commands sponsor.
func Sponsor(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "sponsor", Short: "People whom HR does not have: contractors, auditors, partners", Args: cobra.NoArgs,
		Long: `People whom HR does not have: contractors, auditors, partners.

Somebody whom HR has answers for each of them, for a year at most. They get what the rules give, and leave on their last day like
anybody else. Whoever answers for them is told 14 and 3 days before. When that one leaves, their manager inherits and has 14 days to
confirm; otherwise the access ends.`,
	}
	cmd.AddCommand(add(p), list(p), showOne(p),
		word(p, wordKind{
			verb: sponsored.VerbExtend, short: "Have a sponsored person stay longer", day: "until", dayUsage: "the new last day, such as 2027-06-30",
			long: "Have a sponsored person stay longer.\n\nWhoever answers for them may say so, and whoever the policy lets decide about sponsored people.",
		}),
		word(p, wordKind{
			verb: sponsored.VerbChange, short: "Change a sponsored person's position; access follows by the rules",
			long: "Change a sponsored person's position; access follows by the rules.\n\nIt is a role change like that of anybody whom HR moves.",
		}),
		word(p, wordKind{
			verb: sponsored.VerbEnd, short: "End a sponsored person's access, now or on an earlier day than theirs", day: "on", dayUsage: "the last day instead of now",
			long: "End a sponsored person's access, now or on an earlier day than theirs.\n\nIt is ended as anybody's who leaves: the run that suspends them begins at once.",
		}),
		word(p, wordKind{
			verb: sponsored.VerbTransfer, short: "Give a sponsored person to somebody else to answer for",
			long: "Give a sponsored person to somebody else to answer for.\n\nThe new one has to work here by HR.",
		}),
		word(p, wordKind{
			verb: sponsored.VerbConfirm, short: "Say that a sponsored person stays although their sponsor is gone",
			long: "Say that a sponsored person stays although their sponsor is gone.\n\nWhoever inherits them, which is the sponsor's manager, answers for them from then on. They may say so\n" +
				"themselves, and whoever the policy lets decide about sponsored people.",
		}))
	return cmd
}

// opened is what a command about sponsored people works with.
type opened struct {
	cmd *cobra.Command
	app *app.App
	by  *sponsored.Sponsored
}

// open reads the policy and connects HR.
func open(cmd *cobra.Command, a *app.App) (opened, error) {
	pol, err := policyfile.Load(a.Config.Policy, app.Installed(a.Config))
	if err != nil {
		return opened{}, err
	}
	by, err := a.Sponsored(func() *policy.Policy { return pol })
	return opened{cmd: cmd, app: a, by: by}, err
}

// asking are the flags of everything that is said.
type asking struct {
	request, reason, by, keyFile string
	dry                          bool
}

func (f *asking) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.request, "request", "", "what you call the request: given again, it is the same one; default a new one")
	cmd.Flags().StringVar(&f.reason, "reason", "", "why, for the evidence")
	cmd.Flags().StringVar(&f.by, "by", cmdline.Operator(), "who says so, for the evidence")
	sign.KeyFlag(cmd, &f.keyFile)
	cmd.Flags().BoolVar(&f.dry, "dry-run", false, "only check, and show what would follow")
	cmdline.Must(cmd.MarkFlagRequired("reason"))
}

// id is the name of the request.
func (f *asking) id() string {
	if f.request != "" {
		return f.request
	}
	return strings.ToLower(rand.Text()[:12])
}

// run opens Gatehouse around what is said. A dry run does without Temporal.
func (f *asking) run(p *cmdline.Program, do func(opened) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		with := func(cmd *cobra.Command, a *app.App) error {
			o, err := open(cmd, a)
			if err != nil {
				return err
			}
			return do(o)
		}
		if f.dry {
			return p.WithoutTemporal(with)(cmd, args)
		}
		return p.With(config.Needs{}, with)(cmd, args)
	}
}
