package accounts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/ledger/inventory"
	"gatehouse/starter/cmdline"
)

// Line is an account as it is shown: without the names and addresses that it carries.
type Line struct {
	Account      string     `json:"account"`
	Person       string     `json:"person,omitempty"`
	State        string     `json:"state"`
	Kind         string     `json:"kind"`
	Use          string     `json:"use,omitempty"`
	Owner        string     `json:"owner,omitempty"`
	Purpose      string     `json:"purpose,omitempty"`
	Ends         string     `json:"ends,omitempty"`
	Status       string     `json:"status,omitempty"`
	MatchedBy    string     `json:"matched_by,omitempty"`
	MatchedAt    string     `json:"matched_at,omitempty"`
	DecidedBy    string     `json:"decided_by,omitempty"`
	DirectoryID  int64      `json:"directory_id,omitempty"`
	CreatedByUs  bool       `json:"created_by_us,omitempty"`
	SuspendedFor string     `json:"suspended_for,omitempty"`
	ContainedAt  string     `json:"contained_at,omitempty"`
	LastLogin    string     `json:"last_login,omitempty"`
	ReadAt       string     `json:"read_at,omitempty"`
	MissingSince string     `json:"missing_since,omitempty"`
	Roles        []roleLine `json:"roles,omitempty"`
}

type roleLine struct {
	Role    string `json:"role"`
	AddedBy string `json:"added_by,omitempty"`
	AddedAt string `json:"added_at,omitempty"`
}

// Summary is an account as it is shown and kept as evidence.
func Summary(a inventory.Account) Line {
	l := Line{
		Account: a.Ref.String(), Person: a.Person, State: string(a.State), Kind: string(a.Kind), Use: string(a.Use), Owner: a.Owner,
		Purpose: a.Purpose, Ends: cmdline.Stamp(a.Ends), MatchedBy: a.MatchedBy, MatchedAt: cmdline.Stamp(a.MatchedAt), DecidedBy: a.DecidedBy,
		DirectoryID: a.DirectoryID, CreatedByUs: a.CreatedByUs, SuspendedFor: SuspendedFor(a), ContainedAt: cmdline.Stamp(a.ContainedAt),
		LastLogin: cmdline.Stamp(a.LastLogin), ReadAt: cmdline.Stamp(a.ObservedAt), MissingSince: cmdline.Stamp(a.MissingSince),
	}
	if !a.ObservedAt.IsZero() {
		l.Status = a.Status.String() // Of an account that was never read it is not known.
	}
	for _, r := range a.Roles {
		l.Roles = append(l.Roles, roleLine{Role: r.Name, AddedBy: r.AddedBy, AddedAt: cmdline.Stamp(r.AddedAt)})
	}
	return l
}

// SuspendedFor is why we suspended an account, empty where we did not.
func SuspendedFor(a inventory.Account) string {
	if a.SuspendedByUs && a.SuspendedFor == "" {
		return "a departure"
	}
	return a.SuspendedFor
}

func accountList(p *cmdline.Program) *cobra.Command {
	var f inventory.Filter
	var who, state, kind string
	cmd := &cobra.Command{
		Use: "list", Short: "List the accounts that Gatehouse knows", Args: cobra.NoArgs,
		Long: `List the accounts that Gatehouse knows.

  linked     a person's             candidate  perhaps a person's: somebody has to say
  unowned    nobody's               refused    not whose it seemed to be, somebody said
  disputed   linked to one person and carries another's name or external id by now`,
		RunE: cmdline.Checked(func(*cobra.Command) (err error) {
			f.State, f.Kind, err = stateAndKind(state, kind)
			return err
		}, p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			if who != "" {
				var err error
				if f.Person, err = cmdline.FindOwner(cmd.Context(), a, who); err != nil {
					return err
				}
			}
			var lines []Line
			var page inventory.Page
			for {
				found, err := a.Ledger.Inventory().List(cmd.Context(), f, page)
				if err != nil {
					return err
				}
				if len(found) == 0 {
					break
				}
				for _, each := range found {
					lines = append(lines, Summary(each))
				}
				page.After = found[len(found)-1].Ref
			}
			printAccounts(cmd, lines)
			return nil
		})),
	}
	cmd.Flags().StringVar(&who, "person", "", "one person's: key, e-mail address or name")
	cmd.Flags().StringVar(&state, "state", "", "linked, candidate, unowned, refused or disputed")
	cmd.Flags().StringVar(&kind, "kind", "", "person, service, shared, break_glass or unknown")
	cmd.Flags().StringVar(&f.Text, "text", "", "an id, or an exact e-mail address or username")
	cmd.Flags().BoolVar(&f.Missing, "missing", false, "only those that a complete sweep has not seen")
	cmd.Flags().StringVar(&f.System, "system", "", "of one system: onelogin, or one beside it such as google")
	return cmd
}

func stateAndKind(state, kind string) (identity.AccountLinkState, identity.AccountKind, error) {
	states := []identity.AccountLinkState{
		"", identity.AccountLinked, identity.AccountCandidate, identity.AccountUnowned, identity.AccountRefused, identity.AccountDisputed,
	}
	kinds := []identity.AccountKind{
		"", identity.KindPerson, identity.KindService, identity.KindShared, identity.KindBreakGlass, identity.KindUnknown,
	}
	switch {
	case !slices.Contains(states, identity.AccountLinkState(state)):
		return "", "", fmt.Errorf("--state %q is none: write linked, candidate, unowned, refused or disputed", state)
	case !slices.Contains(kinds, identity.AccountKind(kind)):
		return "", "", fmt.Errorf("--kind %q is none: write person, service, shared, break_glass or unknown", kind)
	}
	return identity.AccountLinkState(state), identity.AccountKind(kind), nil
}

// accountColumns are what a table of accounts and a CSV show.
var accountColumns = []string{"account", "person", "state", "kind", "use", "owner", "ends", "status", "last_login", "read_at", "missing_since", "matched_by"}

func (l Line) cells() []string {
	return []string{l.Account, l.Person, l.State, l.Kind, l.Use, l.Owner, l.Ends, l.Status, l.LastLogin, l.ReadAt, l.MissingSince, l.MatchedBy}
}

func printAccounts(cmd *cobra.Command, lines []Line) {
	if lines == nil {
		lines = []Line{}
	}
	cli.Value(cmd, "accounts", lines)
	accountSheet(cmd, "accounts", lines).Render()
	cmd.Printf("%d accounts\n", len(lines))
}

func accountSheet(cmd *cobra.Command, part string, lines []Line) *cli.Sheet {
	t := cmdline.NewSheet(cmd, part, accountColumns...)
	for _, l := range lines {
		var cells []any
		for _, cell := range l.cells() {
			cells = append(cells, cell)
		}
		t.Add(cells...)
	}
	return t
}

func accountShow(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ACCOUNT", Short: "Show an account: a OneLogin user id, or <system>/<id>", Args: cobra.ExactArgs(1),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ref, err := parseAccount(args[0])
		if err != nil {
			return err
		}
		return p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			found, known, err := a.Ledger.Inventory().Account(cmd.Context(), ref)
			if err != nil {
				return err
			}
			if !known {
				return fmt.Errorf("%s is not in the inventory: check the id, or wait for the next sweep", ref)
			}
			line := Summary(found)
			if cli.Value(cmd, "account", line) {
				accountSheet(cmd, "account", []Line{line}).Render()
				return nil
			}
			printAccount(cmd, line)
			return nil
		})(cmd, args)
	}
	return cmd
}

func printAccount(cmd *cobra.Command, l Line) {
	line := func(name, value string) {
		if value != "" {
			cmd.Printf("%-14s%s\n", name, value)
		}
	}
	for i, value := range l.cells() {
		line(strings.ReplaceAll(accountColumns[i], "_", " "), value)
	}
	line("purpose", l.Purpose)
	line("matched at", l.MatchedAt)
	line("decided by", l.DecidedBy)
	line("contained at", l.ContainedAt)
	line("suspended for", l.SuspendedFor)
	if l.DirectoryID != 0 {
		line("directory", fmt.Sprint(l.DirectoryID))
	}
	for _, r := range l.Roles {
		given := ""
		if r.AddedAt != "" {
			given = ", since " + r.AddedAt
		}
		if r.AddedBy != "" {
			given += " by " + r.AddedBy
		}
		line("role", r.Role+given)
	}
}
