package accounts

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Unlink forgets whose an account is. It has two names: the older one takes no reason.
func Unlink(p *cmdline.Program, use string) *cobra.Command {
	var r row
	var by, keyFile string
	cmd := &cobra.Command{
		Use: use, Short: "Forget whose an account is; the next assessment searches for the person's accounts afresh", Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if r.account == "" {
				return nil
			}
			_, err := parseAccount(r.account)
			return err
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			key, err := cmdline.FindOwner(cmd.Context(), a, r.person)
			if err != nil {
				return err
			}
			if r.account == "" {
				d, _, err := a.Ledger.Dossier(cmd.Context(), key)
				if err != nil {
					return err
				}
				if d.Person.AccountID == 0 {
					return fmt.Errorf("no account is on record for %s", key)
				}
				r.account = identity.OneLoginRef(d.Person.AccountID).String()
			}
			said, err := sign.AuthorOf(cmd, a, by, keyFile)
			if err != nil {
				return err
			}
			return (&speaker{cmd: cmd, app: a, verb: wordUnlink, by: said.By, author: said, now: time.Now()}).say([]row{r}, false, "")
		})),
	}
	cmdline.PersonFlag(cmd, &r.person)
	cmd.Flags().StringVar(&r.account, "account", "", "the account: a OneLogin user id, or <system>/<id>; default the person's primary one")
	cmd.Flags().StringVar(&by, "by", cmdline.Operator(), "who says so, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmd.Flags().StringVar(&r.reason, "reason", "", "why, for the evidence")
	required := []error{cmd.MarkFlagRequired("person")}
	if use == wordUnlink {
		required = append(required, cmd.MarkFlagRequired("reason"))
	} else {
		cmd.Hidden, r.reason = true, "not given"
	}
	cmdline.Must(errors.Join(required...))
	return cmd
}
