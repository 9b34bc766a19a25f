package attention_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/attention"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/test/golden"
)

// question is a way in which a run can ask.
type question struct {
	name string
	in   api.Parked
}

// questions are questions of every kind that items have words of their own for, and of some that have none. What comes from
// outside is the given text.
func questions(text string) []question {
	return []question{
		{"one of a person's own", api.Parked{Step: "approve", Code: "approval_needed", Text: text}},
		{"without a text", api.Parked{Step: "approve", Code: "approval_needed"}},
		{"of a run that is no person's", api.Parked{Workflow: "hr-sync-workday-1", Step: "sync.confirm", Code: "sync_doubt", Text: text}},
		{"a department", api.Parked{Step: "plan", Code: policy.NoticeDepartmentUnmapped, Text: "no rule", About: text}},
		{"a hidden column", api.Parked{Step: "plan", Code: policy.NoticeColumnHidden, Text: text, About: "workday"}},
		{"a hidden column without a text", api.Parked{Step: "plan", Code: policy.NoticeColumnHidden, About: "workday"}},
		{"a credential", api.Parked{Step: "jira.ticket", Code: api.ErrUnauthorized, Text: "jira: " + text}},
		{"a system that is down", api.Parked{Step: "slack.leaver", Code: api.ErrUnavailable, Text: "slack: " + text}},
		{"a refusal", api.Parked{Step: "pagerduty.trigger", Code: api.ErrRefused, Text: "pagerduty: " + text}},
		{"a step that took too long", api.Parked{Step: "accounts.match", Code: "timed_out"}},
		{"an unforeseen error", api.Parked{Step: "people.plan", Code: "wrapError", Text: text}},
		{"an account that may be a leaver's", api.Parked{Step: "account@onelogin/7", Code: api.NoticeLeaverDoubt, Text: text, About: "the address: " + text}},
		{"one of a run that does not say why", api.Parked{Step: "account@onelogin/7", Code: api.NoticeLeaverDoubt, Text: text}},
		{"a namesake's", api.Parked{Step: "account@onelogin/8", Code: api.NoticeLeaverNamesake, Text: text, About: "the name: " + text}},
		{"namesakes of the digest", api.Parked{Step: "account@onelogin/9", Code: api.NoticeLeaverNamesake, Text: text, About: api.AboutDigest}},
		{"an account that needs an owner", api.Parked{Step: "account@onelogin/10", Code: api.NoticeNewOwner, Text: text, About: text}},
		{"an account that may be somebody's", api.Parked{Step: "plan", Code: api.NoticeAccountDoubt, Text: text}},
		{"a protected account", api.Parked{Step: "account@onelogin/11", Code: api.NoticeProtectedLeaver, Text: text}},
		{"a record that cannot be used", api.Parked{Step: "plan", Code: policy.NoticeBadDate, Text: text}},
		{"an account behind which is no record", api.Parked{Step: "plan", Key: "onelogin-5", Code: policy.NoticeRecordMissing, Text: text}},
		{"a budget that is used up", api.Parked{Step: "plan", Code: api.NoticeBudgetReactivate, Text: text}},
		{"a budget for leavers that is used up", api.Parked{Step: "plan", Key: "bamboohr-4", Code: api.NoticeBudgetContain, Text: text}},
		{"a batch of leavers", api.Parked{Workflow: "hold/workday/leaver", Step: "hold.one", Code: api.NoticeBudgetContain, Text: text}},
		{"a batch of others", api.Parked{Workflow: "hold/workday/returner", Step: "hold.one", Code: api.NoticeBudgetReactivate, Text: text}},
	}
}

// failures are ways in which an activity can go on failing.
func failures(text string) []failure {
	return []failure{
		{"a credential", temporal.NewApplicationError("slack: "+text, api.ErrUnauthorized)},
		{"a system", temporal.NewApplicationError("jira: "+text, api.ErrUnavailable)},
		{"a refusal of one account", temporal.NewApplicationError("onelogin: "+text, api.ErrInvalid)},
		{"Gatehouse", errors.New(text)},
	}
}

type failure struct {
	name   string
	failed error
}

// systems are those of these tests.
var systems = []string{"onelogin", "jira", "slack", "pagerduty"}

// house is a ledger with a clock of its own, and the list in it.
type house struct {
	*attention.Attention
	t   *testing.T
	now time.Time
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Clock: func() time.Time { return h.now }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	h.Attention = &attention.Attention{Ledger: l, Systems: systems}
	for kind, keys := range map[string][]string{"leaver": {"workday-1/1", "workday-2/1"}, "returner": {"workday-3/1"}} {
		_, err := l.Budgets().KeepHold(t.Context(), budgets.HeldBatch{Source: "workday", Kind: kind, Budget: "contain/workday", Keys: keys, Used: 5, Allowed: 5})
		require.NoError(t, err)
	}
	return h
}

// asks lists a question, returns its item and takes it off again.
func (h *house) asks(in api.Parked) worklist.Item {
	h.t.Helper()
	h.now = h.now.Add(48 * time.Hour) // What came back within a day would stay.
	if in.Key == "" && in.Workflow == "" {
		in.Key = "workday-1"
	}
	if in.Workflow == "" {
		in.Workflow = api.PersonID(in.Key)
	}
	in.FirstRun, in.Item, in.Options, in.At = "r", "q", []string{"retry"}, h.now
	_, err := h.Hold(h.t.Context(), in)
	require.NoError(h.t, err)
	items, err := h.Ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{})
	require.NoError(h.t, err)
	require.Len(h.t, items, 1)
	require.NoError(h.t, h.Drop(h.t.Context(), in))
	return items[0]
}

// TestItemsSayWhatIsOnRecord compares what every item says with what was recorded.
func TestItemsSayWhatIsOnRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var b strings.Builder
	for _, text := range []string{"The first sentence: with a colon.", "<b> \"{{.ID}}\" `x`\n\\n: \\c \u202e%d"} {
		for _, q := range questions(text) {
			item := h.asks(q.in)
			fmt.Fprintf(&b, "== %s\n%s/%s/%s %s\ntext %q\nnext %q\n", q.name, item.System, item.Class, item.Object, item.Owner, item.Text, item.Next)
		}
		for _, f := range failures(text) {
			item, err := h.FailingItem("X.Y", "x", f.failed)
			require.NoError(t, err)
			fmt.Fprintf(&b, "== failing: %s\n%s/%s/%s %s\ntext %q\nnext %q\n", f.name, item.System, item.Class, item.Object, item.Owner, item.Text, item.Next)
		}
	}
	golden.Equal(t, "items.txt", b.String())
}

// evil are texts that would do something where somebody reads them as more than text.
var evil = []string{
	"a\nNext: forged", `a\nb\c \\`, "{{.ID}} {{template \"x\"}}", "<!channel> & `x`", "<script>x</script>", "=HYPERLINK(\"x\")", "%!d", "\u202eevil", "\x00",
	strings.Repeat("very long ", 500), " ",
}

// TestDataStaysWhereItStands asks every question with hostile data: it is shown as it is, and the words around it stay.
func TestDataStaysWhereItStands(t *testing.T) {
	t.Parallel()
	const harmless = "HARMLESS"
	h := newHouse(t)
	id := regexp.MustCompile(`\b[0-9a-f]{12}\b`)
	for _, text := range evil {
		as := func(plain string) string {
			return strings.ReplaceAll(strings.ReplaceAll(plain, fmt.Sprintf("%q", harmless), fmt.Sprintf("%q", text)), harmless, text)
		}
		for i, q := range questions(text) {
			plain, got := h.asks(questions(harmless)[i].in), h.asks(q.in)
			require.Equal(t, as(plain.Text), got.Text, q.name)
			require.Equal(t, id.ReplaceAllString(plain.Next, "ID"), id.ReplaceAllString(got.Next, "ID"), "%s: what to do is never of somebody else's making", q.name)
		}
		for i, f := range failures(text) {
			plain, err := h.FailingItem("X.Y", "x", failures(harmless)[i].failed)
			require.NoError(t, err)
			got, err := h.FailingItem("X.Y", "x", f.failed)
			require.NoError(t, err)
			require.Equal(t, as(plain.Text), got.Text, f.name)
			require.Equal(t, plain.Next, got.Next, f.name)
		}
	}
}
