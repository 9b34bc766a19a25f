package sponsor

import (
	"fmt"

	"github.com/spf13/cobra"

	"gatehouse/activities/sponsored"
	"gatehouse/internal/decider"
	"gatehouse/policy"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// wordKind is a command by which somebody says something about one sponsored person.
type wordKind struct {
	verb, short, long string
	// day is the flag that names a day, empty if there is none.
	day, dayUsage string
}

// bySponsor reports that whoever answers for a person may say it about them. What gives access to them, or them to others, is for those
// whom the policy names.
func (w wordKind) bySponsor() bool {
	return w.verb != sponsored.VerbTransfer && w.verb != sponsored.VerbChange
}

// word is one of these commands. Long because its flags stand beside what refuses them.
func word(p *cmdline.Program, w wordKind) *cobra.Command {
	var f asking
	in := sponsored.Word{Verb: w.verb}
	cmd := &cobra.Command{Use: w.verb, Short: w.short, Long: w.long, Args: cobra.NoArgs}
	cmd.RunE = f.run(p, func(o opened) error {
		rec, err := o.find(in.Person)
		if err != nil {
			return err
		}
		in.Person, in.ID, in.Reason, in.DryRun = rec.Key(), f.id(), f.reason, f.dry
		if in.To != "" {
			if in.To, err = cmdline.FindOwner(cmd.Context(), o.app, in.To); err != nil {
				return fmt.Errorf("--to: %w", err)
			}
		}
		var also policy.Decider
		if w.bySponsor() {
			if also, err = o.answerer(rec.AnswersFor()); err != nil {
				return err
			}
		}
		who, err := sign.AuthorAmong(cmd, o.app, f.by, f.keyFile, also)
		if err != nil {
			return err
		}
		in.By = who.By
		if in.Proof, err = who.Prove(decider.SponsorWord(w.verb, in.ID, in.By, in.Reason, in.Person, string(in.Day), in.To,
			in.Position.Company, in.Position.Title, in.Position.Department, in.Position.Location)); err != nil {
			return sign.Refused(err, "changed")
		}
		out, err := o.by.Say(cmd.Context(), in)
		if err != nil {
			return err
		}
		r := out.Record
		cmd.Printf("person    %s, from %s to %s, answered for by %s\n", out.Key, r.Starts, r.LastDay(), r.AnswersFor())
		switch {
		case f.dry:
			cmd.Println("Nothing was changed.")
		case out.Repeated:
			cmd.Printf("was done by this request before; person/%s is on it\n", out.Key)
		default:
			cmd.Printf("%s recorded; person/%s is on it\n", w.verb, out.Key)
		}
		return nil
	})
	cmdline.PersonFlag(cmd, &in.Person)
	f.flags(cmd)
	cmdline.Must(cmd.MarkFlagRequired("person"))
	if w.day != "" {
		cmd.Flags().StringVar((*string)(&in.Day), w.day, "", w.dayUsage)
	}
	if w.verb == sponsored.VerbExtend {
		cmdline.Must(cmd.MarkFlagRequired(w.day))
	}
	if w.verb == sponsored.VerbTransfer {
		cmd.Flags().StringVar(&in.To, "to", "", "who answers for them from now on: key, e-mail address, or name")
		cmdline.Must(cmd.MarkFlagRequired("to"))
	}
	if w.verb == sponsored.VerbChange {
		cmd.Flags().StringVar(&in.Position.Department, "department", "", "the new department")
		cmd.Flags().StringVar(&in.Position.Title, "title", "", "the new title")
		cmd.Flags().StringVar(&in.Position.Company, "company", "", "the new company")
		cmd.Flags().StringVar(&in.Position.Location, "location", "", "the new location")
		cmd.MarkFlagsOneRequired("department", "title", "company", "location")
	}
	return cmd
}

// answerer is whoever answers for a person, as somebody who may decide about them. Where they cannot be read, those whom the policy names
// may decide all the same.
func (o opened) answerer(key string) (policy.Decider, error) {
	if key == "" || !sign.DecidersNamed(o.cmd.Context(), o.app) {
		return policy.Decider{}, nil
	}
	address, err := o.by.Address(o.cmd.Context(), key)
	if err != nil {
		o.cmd.PrintErrf("the address of %s cannot be read, so that only those may decide whom the policy names: %v\n", key, err)
		return policy.Decider{}, nil
	}
	return policy.Decider{Address: address, May: []string{policy.MaySponsor}}, nil
}
