package accounts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/census"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// InventoryAge is how old the inventory may be to be used instead of reading OneLogin.
const InventoryAge = time.Hour

// adoption is what the command adopt was asked for.
type adoption struct {
	csv, html, in, by, keyFile string
	maxAge                     time.Duration
	dry                        bool
	suggest                    bool
	section                    string
}

// Adopt makes the command adopt.
func Adopt(p *cmdline.Program) *cobra.Command {
	var o adoption
	cmd := &cobra.Command{
		Use: "adopt", Short: "Before switching on: whose is every account, who has left and gets in, who has none; reads only",
		Long: `Before switching on: whose is every account, who has left and gets in, who has none; reads only.

It reads HR and OneLogin in full, or takes the accounts from a complete inventory that is not older than --max-age, compares
them as Gatehouse does when it acts, and needs neither a worker nor a ledger. On the terminal it names people by their keys.
The files of --csv and --html have names and usernames as well, and can be read by nobody but you.

The CSV is also where you decide: write link, refuse, separate or declare into the column decision, complete the columns
that the same word of starter account takes, and hand the file back with --import. Rows without a decision are left alone.
All rows are checked first, and nothing is changed if one is wrong. --dry-run only checks. An import that was cut off is
given again: what was done before is not done twice.`,
		Args: cobra.NoArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := o.check(cmd); err != nil {
			return err
		}
		take := func(cmd *cobra.Command, a *app.App) error { return importDecisions(cmd, a, o) }
		switch {
		case o.in != "" && o.dry:
			return p.WithoutTemporal(take)(cmd, args)
		case o.in != "":
			return p.With(config.Needs{}, take)(cmd, args)
		}
		return p.Beforehand(func(cmd *cobra.Command, a *app.App) error { return reportAdoption(cmd, a, o) })(cmd, args)
	}
	cmd.Flags().StringVar(&o.csv, "csv", "", "also write everything to this CSV `file`, for decisions; it holds personal data")
	cmd.Flags().BoolVar(&o.suggest, "suggest", false, "with --csv: write link where name and work address agree and nobody else comes into question")
	cmd.Flags().StringVar(&o.html, "html", "", "also write everything to this HTML `file`; it holds personal data")
	cmd.Flags().Bool("json", false, "print everything as JSON, without names and usernames")
	cmd.Flags().StringVar(&o.section, "section", "", "print every row of one section, such as left or candidate")
	cmd.Flags().DurationVar(&o.maxAge, "max-age", InventoryAge, "how old a complete inventory may be to be used; 0 reads OneLogin in any case")
	cmd.Flags().StringVar(&o.in, "import", "", "take the decisions of this CSV `file`, - for standard input")
	cmd.Flags().BoolVar(&o.dry, "dry-run", false, "with --import: only check, and show what would be done")
	cmd.Flags().StringVar(&o.by, "by", cmdline.Operator(), "with --import: who decides, for the evidence")
	sign.KeyFlag(cmd, &o.keyFile)
	for _, file := range []string{"csv", "html", "json", "section", "max-age"} {
		cmd.MarkFlagsMutuallyExclusive("import", file)
	}
	return cmd
}

// check refuses what cannot be meant.
func (o adoption) check(cmd *cobra.Command) error {
	switch {
	case o.in == "" && (o.dry || cmd.Flags().Changed("by") || o.keyFile != ""):
		return errors.New("--dry-run and --by belong to --import: adopt by itself changes nothing")
	case o.in != "" && o.by == "":
		return errors.New("--by is empty: who decides? It is recorded")
	case o.suggest && o.csv == "":
		return errors.New("--suggest belongs to --csv: it writes decisions for you to look through")
	case o.maxAge < 0:
		return fmt.Errorf("--max-age %s: write how old the inventory may be, such as 1h, or 0", o.maxAge)
	case o.csv != "" && o.csv == o.html:
		return errors.New("--csv and --html name one file: give each its own")
	}
	if err := errors.Join(cmdline.Readable("import", o.in), cmdline.Writable("csv", o.csv), cmdline.Writable("html", o.html)); err != nil {
		return err
	}
	if o.section != "" {
		return checkSection(o.section)
	}
	return nil
}

// ReadAll reads everybody and every account, and tells the operator how far it is.
func ReadAll(ctx context.Context, cmd *cobra.Command, a *app.App, maxAge time.Duration) (*census.Data, error) {
	if a.Ledger == nil {
		cmd.PrintErrln("no ledger yet: nothing is known but what HR and OneLogin say")
	}
	reader, err := a.Census(maxAge, cli.Progress(cmd))
	if err != nil {
		return nil, err
	}
	return reader.Read(ctx)
}

func reportAdoption(cmd *cobra.Command, a *app.App, o adoption) error {
	pol, err := a.LoadPolicy(a.Config.Policy)
	if err != nil {
		return err
	}
	data, err := ReadAll(cmd.Context(), cmd, a, o.maxAge)
	if err != nil {
		return err
	}
	report := census.New(data, pol).Report()
	if err := o.write(report); err != nil {
		return err
	}
	streamed, err := cli.Stream(cmd, func(out io.Writer) error { return writeAdoptionJSON(out, report) })
	switch {
	case streamed:
	case cli.Collects(cmd):
		collectAdoption(cmd, report, o.section)
	case o.section != "":
		printSection(cmd, report.Section(o.section), 0)
	default:
		printAdoption(cmd, report, o)
	}
	if err == nil && !report.Complete {
		err = errors.New("not everything was read in full, so that who is missing here may be there: see above")
	}
	return err
}

// write writes the files that were asked for.
func (o adoption) write(r *census.Report) error {
	if o.csv != "" {
		if err := cmdline.WritePrivate(o.csv, func(f *os.File) error { return writeAdoptionCSV(f, r, o.suggest) }); err != nil {
			return err
		}
	}
	if o.html != "" {
		return cmdline.WritePrivate(o.html, func(f *os.File) error { return writeAdoptionHTML(f, r) })
	}
	return nil
}
