package accounts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Account makes the commands account.
func Account(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "account", Short: "Accounts: whose they are, and what those are for that are nobody's", Args: cobra.NoArgs,
		Long: `Accounts: whose they are, and what those are for that are nobody's.

Gatehouse links an account to a person by itself where that is certain, and asks otherwise. What an operator says here counts
more than anything that is recognised, and is evidence: starter evidence --person KEY.`,
	}
	cmd.AddCommand(accountList(p), accountShow(p), Unlink(p, "unlink"),
		accountWord(p, decisionKind{
			verb: wordLink, short: "Put an account on record as a person's",
			long: `Put an account on record as a person's. Every account of theirs is contained when they leave.

One that is on record for somebody else is refused: end that with starter account separate or unlink first.`,
			columns: []string{"account", "person", "use", "reason"},
		}),
		accountWord(p, decisionKind{
			verb: wordSeparate, short: "Say that an account on record is not the person's after all",
			long: `Say that an account on record is not the person's after all. It is nobody's from then on, and is not taken for theirs again
for as long as it carries the same name, addresses and external id.`,
			columns: []string{"account", "person", "reason"},
		}),
		accountWord(p, decisionKind{
			verb: wordRefuse, short: "Say that an account is not a person's, before anybody takes it for theirs",
			long: `Say that an account is not a person's, before anybody takes it for theirs. That holds for as long as the account carries the
same name, addresses and external id.`,
			columns: []string{"account", "person", "reason"},
		}),
		accountWord(p, decisionKind{
			verb: wordDeclare, short: "Say what an account is for, who answers for it and until when",
			long: `Say what an account is for, who answers for it and until when.

  person       a person's own
  service      used by programs
  shared       used by several people
  break_glass  for emergencies

What is no person's own is not contained when its owner leaves: it needs a new owner and a new secret then.`,
			columns: []string{"account", "kind", "use", "owner", "purpose", "ends", "reason"},
		}))
	return cmd
}

// word is a command by which an operator says something about accounts.
type decisionKind struct {
	verb, short, long string
	// columns are what it takes, as flags and in a CSV.
	columns []string
}

func (w decisionKind) takes(column string) bool { return slices.Contains(w.columns, column) }

// accountWord makes a command that says something about one account, or about those of a CSV.
func accountWord(p *cmdline.Program, w decisionKind) *cobra.Command {
	var one row
	var from, by, keyFile string
	var dry bool
	cmd := &cobra.Command{
		Use: w.verb, Short: w.short, Args: cobra.NoArgs,
		Long: w.long + `

With --from it does so for every row of a CSV with a head of the columns ` + strings.Join(w.columns, ", ") + `. All rows are
checked first, and nothing is changed if one is wrong. --dry-run only checks, and shows what would be done. A file that was cut
off on its way is given again as it is: each row is done once.`,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rows, batch, err := w.rows(cmd, one, from)
		if err != nil {
			return err
		}
		if by == "" {
			return errors.New("--by is empty: who says so? It is recorded")
		}
		say := func(cmd *cobra.Command, a *app.App) error {
			said, err := sign.AuthorOf(cmd, a, by, keyFile)
			if err != nil {
				return err
			}
			return (&speaker{cmd: cmd, app: a, verb: w.verb, by: said.By, author: said, now: time.Now()}).say(rows, dry, batch)
		}
		if dry {
			return p.WithoutTemporal(say)(cmd, args)
		}
		return p.With(config.Needs{}, say)(cmd, args)
	}
	cmd.Flags().StringVar(&one.account, "account", "", "the account: a OneLogin user id, or <system>/<id>")
	if w.takes("person") {
		cmdline.PersonFlag(cmd, &one.person)
	}
	if w.takes("kind") {
		cmd.Flags().StringVar(&one.kind, "kind", "", "person, service, shared or break_glass")
		cmd.Flags().StringVar(&one.owner, "owner", "", "who answers for it: key, e-mail address or name")
		cmd.Flags().StringVar(&one.purpose, "purpose", "", "what it is for, without personal data")
		cmd.Flags().StringVar(&one.ends, "ends", "", "when it is not needed any more: 2027-03-31")
	}
	if w.takes("use") {
		cmd.Flags().StringVar(&one.use, "use", "", "what the person uses it for: "+strings.Join(Uses(w.verb), ", "))
	}
	cmd.Flags().StringVar(&one.reason, "reason", "", "why, for the evidence; in a CSV for the rows without one")
	cmd.Flags().StringVar(&by, "by", cmdline.Operator(), "who says so, for the evidence")
	sign.KeyFlag(cmd, &keyFile)
	cmd.Flags().StringVar(&from, "from", "", "a CSV file with a row for each account, - for standard input")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only check, and show what would be done")
	return cmd
}

// rows are what the command was given: one row of flags, or those of a file, which batch names by what it says.
func (w decisionKind) rows(cmd *cobra.Command, one row, from string) (rows []row, batch string, err error) {
	if from == "" {
		if one.account == "" {
			return nil, "", errors.New("name the account with --account, or a CSV with --from")
		}
		if _, err := parseAccount(one.account); err != nil {
			return nil, "", err
		}
		return []row{one}, "", nil
	}
	for _, flag := range w.columns {
		if flag != "reason" && cmd.Flags().Changed(flag) {
			return nil, "", fmt.Errorf("--%s belongs to one account and --from to many: pass one of them", flag)
		}
	}
	in := cmd.InOrStdin()
	if from != "-" {
		f, err := os.Open(from)
		if err != nil {
			return nil, "", fmt.Errorf("read the rows: %w", err)
		}
		defer func() { _ = f.Close() }() // It was only read.
		in = f
	}
	sum := sha256.New()
	if _, err := io.WriteString(sum, w.verb+"\n"+one.reason+"\n"); err != nil {
		return nil, "", fmt.Errorf("name the file: %w", err)
	}
	rows, err = readRows(io.TeeReader(in, sum), w.columns, one.reason)
	return rows, hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// Uses are what a person may use an account for, as a command takes it.
func Uses(verb string) []string {
	if verb == wordLink {
		return []string{string(identity.UsePrimary), string(identity.UseAdmin), string(identity.UseSecondary)}
	}
	return []string{string(identity.UseAdmin), string(identity.UseSecondary)}
}
