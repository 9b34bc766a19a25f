package sponsor

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/activities/sponsored"
	"gatehouse/identity"
	"gatehouse/internal/decider"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

func add(p *cmdline.Program) *cobra.Command {
	var f asking
	var in sponsored.Request
	cmd := &cobra.Command{
		Use: "add", Short: "Add somebody whom HR does not have", Args: cobra.NoArgs,
		Long: `Add somebody whom HR does not have.

Whom HR has is refused, and looked at at once instead: what they wait for follows from their own record. --dry-run shows what the rules
would give. The command may be repeated under the same --request.`,
	}
	cmd.RunE = f.run(p, func(o opened) error {
		sponsor, err := cmdline.FindOwner(cmd.Context(), o.app, in.Sponsor)
		if err != nil {
			return fmt.Errorf("--sponsor: %w", err)
		}
		in.Sponsor, in.ID, in.Reason, in.DryRun = sponsor, f.id(), f.reason, f.dry
		who, err := sign.AuthorOf(cmd, o.app, f.by, f.keyFile)
		if err != nil {
			return err
		}
		in.By = who.By
		if in.Proof, err = who.Prove(decider.SponsorWord(sponsored.VerbAdd, in.ID, in.By, in.Reason, in.FirstName, in.LastName, in.WorkEmail, in.PersonalEmail,
			in.Company, in.Title, in.Department, in.Location, string(in.Starts), string(in.Ends), in.Sponsor)); err != nil {
			return sign.Refused(err, "added")
		}
		out, err := o.by.Add(cmd.Context(), in)
		if err != nil {
			return err
		}
		return told(cmd, f, out)
	})
	text := func(dst *string, name, usage string) { cmd.Flags().StringVar(dst, name, "", usage) }
	text(&in.FirstName, "first-name", "their first name")
	text(&in.LastName, "last-name", "their last name")
	text(&in.PersonalEmail, "email", "their own address: the invitation goes there")
	text(&in.WorkEmail, "work-email", "an address of this company, if they have one")
	text(&in.Company, "company", "where they work")
	text(&in.Title, "title", "what they do, as conditions of the policy see it")
	text(&in.Department, "department", "for which department, as conditions of the policy see it")
	text(&in.Location, "location", "where, which is their time zone by the policy")
	text((*string)(&in.Starts), "start", "the first day, such as 2027-01-04; default today")
	text((*string)(&in.Ends), "until", "the last day, such as 2027-06-30")
	text(&in.Sponsor, "sponsor", "who answers for them and works here: key, e-mail address, or name")
	f.flags(cmd)
	for _, name := range []string{"first-name", "last-name", "until", "sponsor"} {
		cmdline.Must(cmd.MarkFlagRequired(name))
	}
	cmd.MarkFlagsOneRequired("email", "work-email")
	return cmd
}

// told says what came of adding somebody.
func told(cmd *cobra.Command, f asking, out sponsored.Result) error {
	source, _, err := identity.SplitKey(out.Key)
	switch {
	case err != nil:
		return err
	case out.Known && source == identity.SourceSponsored:
		return fmt.Errorf("they are sponsored already as %s: nobody was added. Use starter sponsor extend or transfer%s", out.Key, hinted(f, out.Key))
	case out.Known:
		return fmt.Errorf("HR has them as %s: nobody was added. What they get follows from that record%s", out.Key, hinted(f, out.Key))
	}
	printPlanned(cmd, out)
	switch {
	case f.dry:
		cmd.Println("Nothing was changed.")
	case out.Repeated:
		cmd.Printf("was added by this request before; person/%s is on it\n", out.Key)
	default:
		cmd.Printf("added; person/%s is on it\n", out.Key)
	}
	return nil
}

func hinted(f asking, key string) string {
	if f.dry {
		return ""
	}
	return "; person/" + key + " looks at once"
}

// printPlanned shows what the rules would give.
func printPlanned(cmd *cobra.Command, out sponsored.Result) {
	r := out.Record
	cmd.Printf("person    %s, from %s to %s, answered for by %s\n", out.Key, r.Starts, r.LastDay(), r.AnswersFor())
	cmd.Printf("verdict   %s: %s\n", out.Plan.Verdict, out.Plan.Reason)
	if roles := out.Plan.Desired.Roles; len(roles) > 0 {
		cmd.Printf("roles     %s\n", strings.Join(roles, ", "))
	}
	if group := out.Plan.Desired.Group; group != "" {
		cmd.Printf("group     %s\n", group)
	}
	for _, s := range out.Plan.Steps {
		cmd.Printf("step      %s\n", s)
	}
	for _, n := range out.Plan.Notices {
		cmd.Printf("notice    %s: %s\n", n.Code, n.Text)
	}
}
