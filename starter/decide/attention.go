package decide

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/internal/app"
	"gatehouse/internal/attention"
	"gatehouse/internal/cli"
	"gatehouse/internal/watchdog"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/starter/cmdline"
	"gatehouse/starter/sign"
)

// listing are the choices of the command attention list.
type listing struct {
	filter   worklist.ItemFilter
	severity string
	page     int
	after    int
}

// severities are the words of --severity.
var severities = map[string]worklist.Severity{
	"info": worklist.SeverityInfo, "warning": worklist.SeverityWarning, "critical": worklist.SeverityCritical,
}

// Attention makes the commands attention.
func Attention(p *cmdline.Program) *cobra.Command {
	cmd := &cobra.Command{
		Use: "attention", Short: "What needs a person: list it, show it, take it, live with it",
		Long: `What needs a person: list it, show it, take it, live with it.

There is one item for each cause, however many wait because of it, and it closes itself when its cause is gone. Nothing here needs
Temporal, a worker or a vendor: it is in the ledger.`,
	}
	cmd.AddCommand(attentionList(p), attentionShow(p), attentionTake(p), attentionAccept(p))
	return cmd
}

func attentionList(p *cmdline.Program) *cobra.Command {
	var l listing
	cmd := &cobra.Command{
		Use: "list", Short: "List what needs a person, the most severe first", Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return l.check() },
		RunE: p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			return l.print(cmd, a.Ledger)
		}),
	}
	cmd.Flags().StringVar(&l.severity, "severity", "", "the least that is listed: info, warning or critical")
	cmd.Flags().StringVar(&l.filter.System, "system", "", "one system: onelogin, slack, policy, gatehouse")
	cmd.Flags().StringVar(&l.filter.Owner, "owner", "", "one owner: it, security, people")
	cmd.Flags().BoolVar(&l.filter.Accepted, "accepted", false, "list what an exception covers instead")
	cmd.Flags().BoolVar(&l.filter.Closed, "closed", false, "list what is closed instead")
	cmd.Flags().IntVar(&l.page, "limit", 50, "how many are listed")
	cmd.Flags().IntVar(&l.after, "skip", 0, "how many are passed over")
	cmd.MarkFlagsMutuallyExclusive("accepted", "closed")
	return cmd
}

func (l *listing) check() error {
	known := slices.Sorted(func(yield func(string) bool) {
		for word := range severities {
			if !yield(word) {
				return
			}
		}
	})
	switch {
	case l.severity != "" && severities[l.severity] == 0:
		return fmt.Errorf("--severity %q is none: write one of %s", l.severity, strings.Join(known, ", "))
	case l.page < 1 || l.page > 1000:
		return fmt.Errorf("--limit %d: write how many to list, 1 to 1000", l.page)
	case l.after < 0:
		return fmt.Errorf("--skip %d: write how many to pass over, 0 or more", l.after)
	}
	l.filter.Severity, l.filter.Limit, l.filter.Offset = severities[l.severity], l.page, l.after
	return nil
}

func (l *listing) print(cmd *cobra.Command, books *ledger.Ledger) error {
	items, err := books.Worklist().Items(cmd.Context(), l.filter)
	if err != nil {
		return err
	}
	counts, err := books.Worklist().CountItems(cmd.Context(), l.filter)
	if err != nil {
		return err
	}
	cli.Value(cmd, "items", itemLines(items))
	for _, i := range items {
		cmd.Println(itemHead(i))
		cmdline.Wrapped(cmd, "    ", i.Text)
		cmdline.Advice(cmd, "    ", i.Next)
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	kept, err := ListKept(cmd.Context(), books)
	if err != nil {
		return err
	}
	if !kept {
		cmdline.Hanging(cmd, "", unkept)
	}
	switch last := l.after + len(items); {
	case total == 0 && !kept:
		cmd.Println("Nothing is on the list.")
	case total == 0:
		cmd.Println("Nothing needs a person.")
	case last < total:
		cmd.Printf("%d to %d of %d; go on with --skip %d\n", l.after+1, last, total, last)
	default:
		cmd.Printf("%d in all\n", total)
	}
	return nil
}

// itemHead is an item in a line.
func itemHead(i worklist.Item) string {
	head := fmt.Sprintf("%s  %-8s  %s  since %s", i.ID, strings.ToUpper(i.Severity.String()), i.Owner, cli.Ago(i.RaisedAt))
	switch {
	case i.Holders == 1:
		head += ", 1 waits"
	case i.Holders > 1:
		head += fmt.Sprintf(", %d wait", i.Holders)
	case i.ByHolders && i.ClosedAt.IsZero():
		head += ", came and went, nobody waits now"
	}
	if at := deadline(i); at != "" {
		head += ", deadline " + at
	}
	return head
}

// ListKept reports that some program adds to the list what does not work, or takes off it what works again.
func ListKept(ctx context.Context, l *ledger.Ledger) (bool, error) {
	watched, err := watchdog.Kept(ctx, l)
	if err != nil || watched {
		return watched, err
	}
	return attention.Kept(ctx, l)
}

// unkept is what a list says that no program adds to.
const unkept = "NOBODY KEEPS THIS LIST: no program of Gatehouse is running with this ledger, so that whatever needs a person since is " +
	"not on it. Start `worker`, or `starter serve --with-worker`."

func deadline(i worklist.Item) string {
	switch {
	case i.Deadline.IsZero():
		return ""
	case i.Deadline.Before(time.Now()):
		return "PASSED " + cli.Ago(i.Deadline)
	}
	return i.Deadline.UTC().Format("01-02 15:04 MST")
}

func attentionShow(p *cmdline.Program) *cobra.Command {
	var holders, skip int
	cmd := &cobra.Command{
		Use: "show ITEM", Short: "Show one item, who waits because of it and what was decided", Args: cobra.ExactArgs(1),
		PreRunE: func(*cobra.Command, []string) error {
			if holders < 1 || skip < 0 {
				return fmt.Errorf("--limit %d, --skip %d: write how many of those who wait to show, 1 or more, and how many to pass over", holders, skip)
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			item, err := itemNamed(cmd, a.Ledger, args[0])
			if err != nil {
				return err
			}
			return printItem(cmd, a.Ledger, item, holders, skip)
		})(cmd, args)
	}
	cmd.Flags().IntVar(&holders, "limit", 50, "how many of those who wait are shown")
	cmd.Flags().IntVar(&skip, "skip", 0, "how many of them are passed over")
	return cmd
}

func printItem(cmd *cobra.Command, books *ledger.Ledger, i worklist.Item, holders, skip int) error {
	cli.Value(cmd, "item", itemLines([]worklist.Item{i})[0])
	cmd.Printf("item      %s, %s, for %s\n", i.ID, i.Severity, i.Owner)
	cmd.Printf("cause     %s, %s", i.System, i.Class)
	if i.Object != "" {
		cmd.Printf(", %s", i.Object)
	}
	cmd.Println()
	cmdline.Told(cmd, "what      ", i.Text)
	cmd.Printf("next      %s\n", i.Next)
	cmd.Printf("open      since %s, renewed %s\n", cli.Ago(i.RaisedAt), cli.Ago(i.RenewedAt))
	if !i.Deadline.IsZero() {
		cmd.Printf("deadline  %s\n", deadline(i))
	}
	switch {
	case !i.ClosedAt.IsZero():
		cmd.Printf("state     closed %s\n", cli.Ago(i.ClosedAt))
	case i.Accepted != nil:
		cmd.Printf("state     accepted by %s %s until %s: %s\n", sign.Known(i.Accepted.By, i.Accepted.Word != ""), cli.Ago(i.Accepted.At), i.Accepted.Until.UTC().Format(time.DateOnly), i.Accepted.Reason)
	case !i.TakenAt.IsZero():
		cmd.Printf("state     taken by %s %s\n", sign.Known(i.TakenBy, i.TakenWord != ""), cli.Ago(i.TakenAt))
	default:
		cmd.Printf("state     open\n")
	}
	if err := printWords(cmd, books, i); err != nil {
		return err
	}
	decisions, err := books.Worklist().CauseDecisions(cmd.Context(), i.ID, 5)
	if err != nil {
		return err
	}
	collectDecisions(cmd, decisions)
	for _, d := range decisions {
		state := "being carried"
		if !d.CarriedAt.IsZero() {
			state = fmt.Sprintf("carried to %d, %d did not take it", d.Holders, d.Refused)
		}
		cmd.Printf("decided   %s by %s (unverified) %s: %s\n", d.Verb, d.By, cli.Ago(d.DecidedAt), state)
	}
	waiting, err := books.Worklist().Holders(cmd.Context(), i.ID, holders, skip)
	if err != nil {
		return err
	}
	t := cmdline.NewSheet(cmd, "waiting", "workflow|waits", "step", "since", "renewed", "answers", "flags|starter decide")
	for _, h := range waiting {
		t.Add(h.Workflow, h.Step, cli.At(h.Since), cli.At(h.RenewedAt), h.Verbs, answerOf(h))
	}
	t.Render()
	if last := skip + len(waiting); last < i.Holders {
		cmd.Printf("%d to %d of %d; go on with --skip %d\n", skip+1, last, i.Holders, last)
	}
	return printHeld(cmd, books, i, holders, skip)
}

func attentionTake(p *cmdline.Program) *cobra.Command {
	var by, keyFile string
	cmd := &cobra.Command{
		Use: "take ITEM", Short: "Say that you see to an item, so that a critical one is not told again", Args: cobra.ExactArgs(1),
		Long:    "Say that you see to an item, so that a critical one is not told again.\n\n" + signedWord,
		PreRunE: func(*cobra.Command, []string) error { return whoIsIt(by) },
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			item, err := itemNamed(cmd, a.Ledger, args[0])
			if err != nil {
				return err
			}
			who, counts, err := itemWord{verb: policies.WordTake}.say(cmd, a, item, by, keyFile)
			if err != nil {
				return err
			}
			if counts {
				cmd.Printf("%s is taken by %s. Next: %s\n", item.ID, who, item.Next)
			} else {
				cmd.Printf("%s: take is signed by %s and written down. %s. Next: %s\n", item.ID, who, judgedSoon(item), item.Next)
			}
			return nil
		})(cmd, args)
	}
	cmd.Flags().StringVar(&by, "by", cmdline.Operator(), "who sees to it; with a key or after a sign-in that is its holder")
	sign.KeyFlag(cmd, &keyFile)
	return cmd
}

func whoIsIt(by string) error {
	if by == "" {
		return errors.New("--by is empty: who is it? It is recorded")
	}
	return nil
}

// signedWord says how a word about an item is signed.
const signedWord = `Where the policy names who may decide (deciders.people), it is signed with the operator's key (starter key) or with that of a
sign-in (starter login), and counts when a worker has judged it, within a minute.`

// judgedSoon says when a signed word counts.
func judgedSoon(item worklist.Item) string {
	return "It counts when a worker has judged it, within a minute: see starter attention show " + item.ID
}

// closedItem says that nothing is to be done about an item any more.
func closedItem(item worklist.Item, err error) error {
	if errors.Is(err, ledger.ErrNotFound) {
		return fmt.Errorf("item %s is closed: its cause is gone, and nothing was changed", item.ID)
	}
	return err
}

// exception is what the command attention accept was given.
type exception struct{ by, reason, until, keyFile string }

func attentionAccept(p *cmdline.Program) *cobra.Command {
	var e exception
	var end time.Time
	cmd := &cobra.Command{
		Use: "accept ITEM", Short: "Live with an item until a day, for a reason", Args: cobra.ExactArgs(1),
		Long: `Live with an item until a day, for a reason.

Until then it is told nobody and not listed, except with starter attention list --accepted. The exception ends before its
day when what the item rests on changes. Who waits because of the item waits on.

` + signedWord,
		PreRunE: func(*cobra.Command, []string) (err error) {
			end, err = e.check(time.Now())
			return err
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.WithoutTemporal(func(cmd *cobra.Command, a *app.App) error {
			item, err := itemNamed(cmd, a.Ledger, args[0])
			if err != nil {
				return err
			}
			who, counts, err := itemWord{verb: policies.WordAccept, reason: e.reason, until: end}.say(cmd, a, item, e.by, e.keyFile)
			if err != nil {
				return err
			}
			if counts {
				cmd.Printf("%s is accepted by %s until %s\n", item.ID, who, e.until)
			} else {
				cmd.Printf("%s: accept until %s is signed by %s and written down. %s\n", item.ID, e.until, who, judgedSoon(item))
			}
			return nil
		})(cmd, args)
	}
	cmd.Flags().StringVar(&e.by, "by", cmdline.Operator(), "who answers for it; with a key or after a sign-in that is its holder")
	sign.KeyFlag(cmd, &e.keyFile)
	cmd.Flags().StringVar(&e.reason, "reason", "", "why that is right")
	cmd.Flags().StringVar(&e.until, "until", "", "the day on which it ends, as 2027-01-31")
	cmdline.Must(errors.Join(cmd.MarkFlagRequired("reason"), cmd.MarkFlagRequired("until")))
	return cmd
}

// longestException is how far ahead an exception may end.
const longestException = 366 * 24 * time.Hour

func (e exception) check(now time.Time) (time.Time, error) {
	end, err := time.Parse(time.DateOnly, e.until)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("--until %q is no day: write it as 2027-01-31", e.until)
	case !end.After(now):
		return time.Time{}, fmt.Errorf("--until %s has passed: write a day that is to come", e.until)
	case end.Sub(now) > longestException:
		return time.Time{}, fmt.Errorf("--until %s is more than a year away: an exception is looked at again within a year", e.until)
	case strings.TrimSpace(e.reason) == "":
		return time.Time{}, errors.New("--reason is empty: why is it right to live with it? It is recorded")
	}
	return end, whoIsIt(e.by)
}
