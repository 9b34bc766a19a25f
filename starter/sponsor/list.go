package sponsor

import (
	"time"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	ledgersponsored "gatehouse/ledger/sponsored"
	"gatehouse/starter/cmdline"
)

// find is the record of a sponsored person by what somebody has written for them.
func (o opened) find(text string) (ledgersponsored.Record, error) {
	key, err := cmdline.Find(o.cmd.Context(), o.app, text)
	if err != nil {
		return ledgersponsored.Record{}, err
	}
	return o.by.Find(o.cmd.Context(), key)
}

func list(p *cmdline.Program) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the sponsored people, and who answers for them", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			found, err := a.Ledger.Sponsored().All(cmd.Context())
			if err != nil {
				return err
			}
			sheet := newSheet(cmd)
			for _, r := range found {
				if now := time.Now(); all || !r.Over(now) {
					addTo(sheet, r, now)
				}
			}
			sheet.Render()
			return nil
		}),
	}
	cmd.Flags().BoolVar(&all, "all", false, "those as well who are over")
	return cmd
}

func showOne(p *cmdline.Program) *cobra.Command {
	var who string
	cmd := &cobra.Command{
		Use: "show", Short: "Show one sponsored person, and what was said about them", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			o, err := open(cmd, a)
			if err != nil {
				return err
			}
			r, err := o.find(who)
			if err != nil {
				return err
			}
			said, err := a.Ledger.Sponsored().RequestsOf(cmd.Context(), r.ID)
			if err != nil {
				return err
			}
			sheet := newSheet(cmd)
			addTo(sheet, r, time.Now())
			sheet.Render()
			words := cmdline.NewSheet(cmd, "said", "at", "what", "by", "signed", "reason")
			for _, w := range said {
				words.Add(cli.At(w.At), w.Verb, w.By, w.Proof != nil, w.Reason)
			}
			words.Render()
			return nil
		}),
	}
	cmdline.PersonFlag(cmd, &who)
	cmdline.Must(cmd.MarkFlagRequired("person"))
	return cmd
}

func newSheet(cmd *cobra.Command) *cli.Sheet {
	return cmdline.NewSheet(cmd, "sponsored", "person", "state", "sponsor", "answered for by", "first day", "last day", "confirm by")
}

func addTo(sheet *cli.Sheet, r ledgersponsored.Record, now time.Time) {
	state := "active"
	switch {
	case r.Over(now):
		state = "over"
	case !r.OrphanedAt.IsZero():
		state = "unconfirmed"
	case r.Starts > identity.Date(now.UTC().Format(time.DateOnly)):
		state = "upcoming"
	}
	sheet.Add(r.Key(), state, r.Sponsor, r.AnswersFor(), string(r.Starts), string(r.LastDay()), string(r.ConfirmBy()))
}
