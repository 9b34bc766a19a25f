package decide

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/inventory"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// Authorise makes the commands authorise.
func Authorise(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "authorise", Short: "Decide ahead about a list of people, such as a lay-off or a reorganisation",
		Long: `Decide ahead about a list of people, such as a lay-off or a reorganisation.

A list is planned, filed, approved by two different people and carried out at its moment. Before that only counts are shown.
Without two approvals nothing is done, whatever time it is: security is told at the moment.

contain ends everybody's access, as a contain order does. move lets the changes that HR has for these people by then through
the safety budgets, but for privileged roles.`,
	}
	cmd.AddCommand(planList(p), fileList(p), approveList(p), withdrawList(p), showLists(p))
	return cmd
}

// authorised is what the commands about lists are given.
type authorised struct {
	csv, source, kind, at, id, hash, by, reason, keyFile string
}

func (l *authorised) listFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.csv, "csv", "", "a file with the column person, one key in each line; - reads the standard input")
	cmd.Flags().StringVar(&l.source, "source", "", "the HR source: workday or bamboohr")
	cmd.Flags().StringVar(&l.kind, "kind", "", "what is decided: contain or move")
	cmd.Flags().StringVar(&l.at, "at", "", "the moment, such as 2027-01-31T18:00:00+01:00")
	for _, name := range []string{"csv", "source", "kind", "at"} {
		cmdline.Must(cmd.MarkFlagRequired(name))
	}
}

func (l *authorised) whoFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&l.id, "id", "", "the name of the list, such as 2027-01-berlin")
	cmd.Flags().StringVar(&l.by, "by", cmdline.Operator(), "who decides, for the evidence")
	sign.KeyFlag(cmd, &l.keyFile)
	cmdline.Must(cmd.MarkFlagRequired("id"))
}

// check refuses what cannot be meant by a list, before anything is opened.
func (l *authorised) check(*cobra.Command) error {
	if _, err := l.due(time.Now()); err != nil {
		return err
	}
	return cmdline.Readable("csv", l.csv)
}

// due is the moment of a list, which has to be ahead.
func (l *authorised) due(now time.Time) (time.Time, error) {
	if l.kind != api.AuthoriseContain && l.kind != api.AuthoriseMove {
		return time.Time{}, fmt.Errorf("--kind is %q: write contain or move", l.kind)
	}
	due, err := time.Parse(time.RFC3339, l.at)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("--at is %q: write a moment with its zone, such as 2027-01-31T18:00:00+01:00", l.at)
	case !due.After(now):
		return time.Time{}, errors.New("--at has passed: a list is decided about ahead; for now there are `starter offboard` and `starter decide`")
	}
	return due, nil
}

// read checks everything that was given about a list.
func (l *authorised) read(cmd *cobra.Command, a *app.App, now time.Time) (due time.Time, keys []string, err error) {
	if err := cmdline.KnownSource(a, l.source); err != nil {
		return time.Time{}, nil, err
	}
	if due, err = l.due(now); err != nil {
		return time.Time{}, nil, err
	}
	in := cmd.InOrStdin()
	if l.csv != "-" {
		file, err := os.Open(l.csv)
		if err != nil {
			return time.Time{}, nil, fmt.Errorf("read the list: %w", err)
		}
		defer func() { _ = file.Close() }() // It was only read.
		in = file
	}
	keys, err = readPeople(in, l.source)
	return due, keys, err
}

// readPeople reads the keys of a list. The error names lines and no values: a list like this is known to few.
func readPeople(in io.Reader, source string) ([]string, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace = 1, true
	head, err := r.Read()
	if err != nil || strings.TrimPrefix(strings.ToLower(strings.TrimSpace(head[0])), "\ufeff") != "person" {
		return nil, errors.New("line 1 of the CSV has to be the one column person")
	}
	var keys []string
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, cmdline.BrokenCSV(err)
		}
		line, _ := r.FieldPos(0)
		key := strings.TrimSpace(record[0])
		from, id, err := identity.SplitKey(key)
		switch {
		case err != nil || from != source || !identity.UsableID(from, id):
			return nil, fmt.Errorf("line %d of the CSV is no key of %s: write <source>-<employee id>, such as %s-21001", line, source, source)
		case slices.Contains(keys, key):
			return nil, fmt.Errorf("line %d of the CSV names somebody who is on the list already", line)
		case len(keys) == cmdline.MaxRows:
			return nil, fmt.Errorf("the CSV has more than %d rows: is it the right file?", cmdline.MaxRows)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("the CSV names nobody")
	}
	return keys, nil
}

// counts says how the ledger knows the people of a list, and refuses one with strangers.
func counts(cmd *cobra.Command, a *app.App, source string, keys []string) (string, error) {
	var account, left, strangers int
	for _, key := range keys {
		_, id, err := identity.SplitKey(key)
		if err != nil {
			return "", err
		}
		owner, found, err := a.Ledger.People().Resolve(cmd.Context(), source, id)
		if err != nil {
			return "", err
		}
		if !found {
			strangers++
			continue
		}
		d, _, err := a.Ledger.Dossier(cmd.Context(), owner)
		if err != nil {
			return "", err
		}
		if d.Person.AccountID != 0 || len(d.Accounts) > 0 {
			account++
		}
		if d.Person.Episode > 0 && !d.Person.Employed {
			left++
		}
	}
	if strangers > 0 {
		return "", fmt.Errorf("%d of %d people are not known to Gatehouse: correct the list, or wait for the next poll of %s", strangers, len(keys), source)
	}
	text := fmt.Sprintf("%d people of %s: %d with a OneLogin account on record, %d without, %d of them have left already",
		len(keys), source, account, len(keys)-account, left)
	_, swept, err := a.Ledger.Inventory().LastSweep(cmd.Context(), identity.SystemOneLogin, inventory.SweepFull, true)
	if err == nil && !swept && account < len(keys) {
		text += ".\nOneLogin's accounts have not been read completely yet, so that it is not known how many of the " + strconv.Itoa(len(keys)-account) +
			" have one: it is searched for when the list is carried out"
	}
	return text, err
}

func planList(p *cmdline.Program) *cobra.Command {
	var l authorised
	cmd := &cobra.Command{
		Use: "plan", Short: "Show what a list would do, in counts, and change nothing", Args: cobra.NoArgs,
		RunE: cmdline.Checked(l.check, p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			due, keys, err := l.read(cmd, a, time.Now())
			if err != nil {
				return err
			}
			text, err := counts(cmd, a, l.source, keys)
			if err != nil {
				return err
			}
			collectList(cmd, l, due, len(keys), budgets.HashList(l.source, l.kind, due, keys))
			cmd.Printf("%s at %s for %s\nhash %s\nnothing was filed; file it with: starter authorise file --id NAME and the same flags\n",
				l.kind, due.Format(time.RFC3339), text, budgets.HashList(l.source, l.kind, due, keys))
			return nil
		})),
	}
	l.listFlags(cmd)
	return cmd
}

// listID is what the name of a list may be.
var listID = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

func fileList(p *cmdline.Program) *cobra.Command {
	var l authorised
	cmd := &cobra.Command{
		Use: "file", Short: "File a list, which two people then have to approve", Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(cmd *cobra.Command) error {
			switch {
			case !listID.MatchString(l.id):
				return fmt.Errorf("--id is %q: write up to 64 of a to z, 0 to 9, dot and hyphen", l.id)
			case l.reason == "" || l.by == "":
				return errors.New("a list needs --reason and --by: both go into the evidence of everybody on it")
			}
			return l.check(cmd)
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			due, keys, err := l.read(cmd, a, time.Now())
			if err != nil {
				return err
			}
			text, err := counts(cmd, a, l.source, keys)
			if err != nil {
				return err
			}
			if _, err := l.prove(cmd, a, "file", budgets.HashList(l.source, l.kind, due, keys)); err != nil {
				return sign.Refused(err, "filed")
			}
			list := budgets.Authorised{ID: l.id, Source: l.source, Kind: l.kind, DueAt: due, Reason: l.reason, FiledBy: l.by}
			if err := a.Ledger.Budgets().FileList(cmd.Context(), list, keys); err != nil {
				return err
			}
			if err := a.Launch.Authorised(cmd.Context(), api.AuthorisedInput{ID: l.id, At: due}); err != nil {
				return fmt.Errorf("%w; the list is filed: file it once more to have it watched", err)
			}
			cmd.Printf("filed %s: %s at %s for %s\ntwo different people approve it with: starter authorise approve --id %s --hash %s --by NAME\n",
				l.id, l.kind, due.Format(time.RFC3339), text, l.id, budgets.HashList(l.source, l.kind, due, keys))
			return nil
		})),
	}
	l.listFlags(cmd)
	l.whoFlags(cmd)
	cmd.Flags().StringVar(&l.reason, "reason", "", "why, for the evidence")
	return cmd
}

// listed returns one list.
func listed(cmd *cobra.Command, a *app.App, id string) (budgets.Authorised, error) {
	found, err := a.Ledger.Budgets().Authorised(cmd.Context(), id)
	if err == nil && (id == "" || len(found) == 0) {
		err = fmt.Errorf("there is no list %q: `starter authorise list` shows them", id)
	}
	if err != nil {
		return budgets.Authorised{}, err
	}
	return found[0], nil
}

func approveList(p *cmdline.Program) *cobra.Command {
	var l authorised
	cmd := &cobra.Command{
		Use: "approve", Short: "Approve a list; the second of two different people lets it be carried out", Args: cobra.NoArgs,
		RunE: cmdline.Checked(func(*cobra.Command) error {
			if l.by == "" {
				return errors.New("--by is empty: who approves?")
			}
			return nil
		}, p.With(config.Needs{}, func(cmd *cobra.Command, a *app.App) error {
			list, err := listed(cmd, a, l.id)
			if err != nil {
				return err
			}
			proof, err := l.prove(cmd, a, "approve", l.hash)
			if err != nil {
				return sign.Refused(err, "approved")
			}
			now, current, err := a.Ledger.Budgets().ApproveSignedList(cmd.Context(), l.id, l.hash, l.by, proof, identity.PerhapsSame)
			switch {
			case err != nil:
				return err
			case !current && list.Over():
				return fmt.Errorf("the list %s is over: %s", l.id, listState(list))
			case !current:
				return fmt.Errorf("--hash is not that of the list %s: read it with `starter authorise list` and make sure that it is the one you mean", l.id)
			}
			if err := a.Launch.Authorised(cmd.Context(), api.AuthorisedInput{ID: l.id, At: now.DueAt}); err != nil {
				return fmt.Errorf("%w; the approval counts: give it once more to have it heard", err)
			}
			cmd.Printf("%s: %s\n", l.id, listState(now))
			if !now.Approved() && !now.FirstAt.IsZero() && list.FirstAt.Equal(now.FirstAt) {
				cmd.Println("the same person has approved it before: it takes somebody else")
			}
			return nil
		})),
	}
	l.whoFlags(cmd)
	cmd.Flags().StringVar(&l.hash, "hash", "", "the hash of the list that you have seen")
	cmdline.Must(cmd.MarkFlagRequired("hash"))
	return cmd
}

func withdrawList(p *cmdline.Program) *cobra.Command {
	var l authorised
	cmd := &cobra.Command{
		Use: "withdraw", Short: "End a list before it is carried out", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			list, err := listed(cmd, a, l.id)
			if err != nil {
				return err
			}
			if _, err := l.prove(cmd, a, "withdraw", list.Hash); err != nil {
				return sign.Refused(err, "withdrawn")
			}
			done, err := a.Ledger.Budgets().WithdrawList(cmd.Context(), l.id, l.by)
			if err != nil {
				return err
			}
			if !done {
				return fmt.Errorf("the list %s is over: %s", l.id, listState(list))
			}
			cmd.Printf("%s: withdrawn, nothing is done\n", l.id)
			ctx, cancel := context.WithTimeout(cmd.Context(), cmdline.AskWithin)
			defer cancel()
			if err := a.Launch.Authorised(ctx, api.AuthorisedInput{ID: l.id, At: list.DueAt}); err != nil {
				cmd.Printf("its run was not told, and finds it withdrawn at the moment: %v\n", err)
			}
			return nil
		}),
	}
	l.whoFlags(cmd)
	return cmd
}

func showLists(p *cmdline.Program) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Show the lists that were filed, in counts", Args: cobra.NoArgs,
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			all, err := a.Ledger.Budgets().Authorised(cmd.Context(), "")
			if err != nil {
				return err
			}
			t := cmdline.NewSheet(cmd, "lists", "list", "HR source", "kind", "people", "moment", "state", "hash")
			for _, l := range all {
				t.Add(l.ID, l.Source, l.Kind, l.People, l.DueAt.Format(time.RFC3339), listState(l), l.Hash)
			}
			t.Render()
			return nil
		}),
	}
}

// listState says in a few words how a list stands.
func listState(l budgets.Authorised) string {
	switch {
	case !l.DoneAt.IsZero():
		return "carried out " + cli.Ago(l.DoneAt)
	case !l.WithdrawnAt.IsZero():
		return "withdrawn by " + l.WithdrawnBy
	case l.Approved():
		return "approved by " + sign.Known(l.First, l.FirstSigned) + " and " + sign.Known(l.Second, l.SecondSigned)
	case !l.FirstAt.IsZero():
		return "approved by " + sign.Known(l.First, l.FirstSigned) + ", one more is needed"
	}
	return "nobody has approved it"
}

// prove signs what is said about a list, where the policy names who may, and puts the name of whose key it is in by's place.
func (l *authorised) prove(cmd *cobra.Command, a *app.App, verb, hash string) ([]byte, error) {
	said, err := sign.AuthorOf(cmd, a, l.by, l.keyFile)
	if err != nil {
		return nil, err
	}
	l.by = said.By
	proof, err := said.Prove(decider.ListWord(verb, l.id, hash, l.by, l.reason))
	if err != nil || proof == nil {
		return nil, err
	}
	return json.Marshal(proof)
}
