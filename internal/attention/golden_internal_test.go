package attention

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/test/golden"
)

// monday is when everything in these tests is told.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// told are items in every state in which one is told. What comes from outside is the given text.
func told(text string) []struct {
	name    string
	item    worklist.Item
	overdue bool
} {
	item := worklist.Item{
		ID: "0a1b2c3d4e5f", System: "slack", Class: "refused", Severity: worklist.SeverityWarning, Owner: "it", Text: text, Next: text,
		RaisedAt: monday.Add(-30 * time.Second),
	}
	with := func(change func(*worklist.Item)) worklist.Item {
		i := item
		change(&i)
		return i
	}
	return []struct {
		name    string
		item    worklist.Item
		overdue bool
	}{
		{"raised", item, false},
		{"one waits", with(func(i *worklist.Item) { i.Holders, i.RaisedAt = 1, monday.Add(-90*time.Minute) }), false},
		{"many wait", with(func(i *worklist.Item) { i.Holders, i.RaisedAt = 12, monday.Add(-30*time.Hour) }), false},
		{"critical", with(func(i *worklist.Item) { i.Severity, i.Owner = worklist.SeverityCritical, "security" }), false},
		{"overdue", with(func(i *worklist.Item) { i.RaisedAt = monday.Add(-72 * time.Hour) }), true},
		{"critical and overdue, many wait", with(func(i *worklist.Item) {
			i.Severity, i.Holders, i.RaisedAt = worklist.SeverityCritical, 2, monday.Add(-49*time.Hour)
		}), true},
		{"of another system", with(func(i *worklist.Item) { i.System, i.Class = text, text }), false},
	}
}

// kinds are what a digest counts.
func kinds(n int, text string) []worklist.ItemKind {
	var all []worklist.ItemKind
	for i := range n {
		all = append(all, worklist.ItemKind{
			System: "onelogin", Class: fmt.Sprintf("class-%d", i), Severity: worklist.Severity(3 - i%3), Items: i + 1, Holders: 2 * i, Oldest: monday.Add(-time.Duration(i) * 5 * time.Hour),
		})
	}
	all[0].System = text
	return all
}

// TestWhatIsToldIsOnRecord compares what is told about items with what was recorded.
func TestWhatIsToldIsOnRecord(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	say := func(name string, m api.Message) {
		fmt.Fprintf(&b, "== %s, to %s\ntext %q\nstep %q\n", name, m.Audience, m.Text, m.Step)
		for _, l := range m.Lines {
			fmt.Fprintf(&b, "%q: %q\n", l.Label, l.Value)
		}
	}
	for _, text := range []string{"Something is wrong: this.", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d"} {
		for _, each := range told(text) {
			say(each.name, messageOf(t, each.item, each.overdue))
		}
		for _, n := range []int{1, 2, 20, 23} {
			say(fmt.Sprintf("digest of %d", n), digestOf(t, kinds(n, text)))
		}
	}
	for _, button := range append([]api.Button{button(policies.WordTake, "primary")}, pressable...) {
		fmt.Fprintf(&b, "== button %s\n%q, %q, %q\n", button.Action, button.Label, button.Style, button.Confirm)
	}
	golden.Equal(t, "told.txt", b.String())
}

func messageOf(t *testing.T, item worklist.Item, overdue bool) api.Message {
	t.Helper()
	m, err := message(item, overdue, monday)
	require.NoError(t, err)
	return m
}

func digestOf(t *testing.T, open []worklist.ItemKind) api.Message {
	t.Helper()
	m, err := digest(open, "2026-03-02", monday)
	require.NoError(t, err)
	return m
}

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"a\nNext: forged", `a\nb\c \\`, "{{.ID}} {{template \"x\"}}", "<!channel> & `x`", "<script>x</script>", "=HYPERLINK(\"x\")", "%!d", "\u202eevil", "\x00",
	strings.Repeat("very long ", 500), " ",
}

// TestNoDataBecomesALine tells every item with hostile data: it is shown as it is, and neither makes nor takes a line.
func TestNoDataBecomesALine(t *testing.T) {
	t.Parallel()
	const harmless = "HARMLESS"
	for _, text := range evil {
		same := func(plain, got api.Message) {
			t.Helper()
			require.Equal(t, strings.ReplaceAll(plain.Text, harmless, text), got.Text)
			require.Equal(t, strings.ReplaceAll(plain.Step, harmless, text), got.Step)
			require.Len(t, got.Lines, len(plain.Lines))
			for i, l := range plain.Lines {
				require.Equal(t, api.Line{Label: l.Label, Value: strings.ReplaceAll(l.Value, harmless, text)}, got.Lines[i])
			}
		}
		for i, each := range told(text) {
			plain := told(harmless)[i]
			same(messageOf(t, plain.item, plain.overdue), messageOf(t, each.item, each.overdue))
		}
		same(digestOf(t, kinds(23, harmless)), digestOf(t, kinds(23, text)))
		said, err := Alert(worklist.Item{Text: text})
		require.NoError(t, err)
		require.Equal(t, "CRITICAL: "+text, said)
		taken, err := outcome(worklist.Item{TakenBy: text})
		require.NoError(t, err)
		require.Equal(t, "Taken by "+text+".", taken)
		until, err := outcome(worklist.Item{TakenBy: "x", Accepted: &worklist.Acceptance{By: text, Until: monday}})
		require.NoError(t, err)
		require.Equal(t, "Lived with until 2026-03-02, says "+text+".", until)
		closed, err := outcome(worklist.Item{TakenBy: text, Accepted: &worklist.Acceptance{By: text}, ClosedAt: monday})
		require.NoError(t, err)
		require.Equal(t, "Closed: its cause is gone, or it was answered.", closed)
	}
}
