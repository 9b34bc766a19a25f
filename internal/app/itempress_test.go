package app_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/attention"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

const (
	stepper  = "farid.obrien@acme.example"
	planner  = "tara.mbeki@acme.example"
	asking   = "person/workday-21003"
	question = "0123456789abcdef"
)

// buttoned is a bench whose policy names two who press buttons in Slack, and an outsider whom it does not.
type buttoned struct {
	*bench
	vendors  *app.Vendors
	keeper   *attention.Keeper
	outsider string
	// given are the decisions that runs were told.
	given []api.Decision
}

func newButtoned(t *testing.T) *buttoned {
	b := &buttoned{bench: newBench(t)}
	all, err := b.sandbox.Accounts(t.Context())
	require.NoError(t, err)
	user := func(email string) string {
		at := slices.IndexFunc(all, func(p control.Person) bool { return p.Email == email })
		require.GreaterOrEqual(t, at, 0)
		return fmt.Sprintf("U%08d", all[at].ID)
	}
	at := slices.IndexFunc(all, func(p control.Person) bool { return p.Status == 1 && p.Email != stepper && p.Email != planner })
	require.GreaterOrEqual(t, at, 0)
	b.outsider = all[at].Email
	text, err := os.ReadFile(b.config.Policy)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(b.config.Policy, []byte(kit.Replace(t, string(text), "\nsafety:", "\ndeciders:\n  people:\n"+
		"    - {address: "+stepper+", slack: "+user(stepper)+", may: [step]}\n"+
		"    - {address: "+planner+", slack: "+user(planner)+", may: [plan]}\nsafety:")), 0o600))
	b.vendors, err = b.app.Vendors()
	require.NoError(t, err)
	require.NoError(t, b.sandbox.Interactivity(t.Context(), front(t, b.bench)+"/slack/interactions"))
	taken := &mocks.WorkflowUpdateHandle{}
	taken.On("Get", mock.Anything, nil).Return(nil)
	b.temporal.On("UpdateWorkflow", mock.Anything, mock.MatchedBy(func(o client.UpdateWorkflowOptions) bool { return o.WorkflowID == asking })).
		Run(func(args mock.Arguments) {
			b.given = append(b.given, args.Get(1).(client.UpdateWorkflowOptions).Args[0].(api.Decision))
		}).Return(taken, nil)
	return b
}

// raise puts a question of a run on the list, and has the keeper tell it.
func (b *buttoned) raise() (id string) {
	b.t.Helper()
	require.NoError(b.t, b.app.Ledger.Worklist().HoldItem(b.t.Context(), worklist.Item{
		System: "gatehouse", Class: "failing", Object: "accounts", Severity: worklist.SeverityCritical, Owner: "it", Text: "A step fails.", Next: "starter show",
	}, worklist.Holder{
		Workflow: asking, FirstRun: "r", Step: "accounts.match", Question: question, Code: "step_failed", Verbs: []string{"retry", "skip", "abort"}, ParkedAt: monday,
	}))
	b.round()
	return worklist.ItemID("gatehouse", "failing", "accounts")
}

func (b *buttoned) round() {
	b.t.Helper()
	if b.keeper == nil {
		b.keeper = b.app.Keeper(b.vendors)
	}
	require.NoError(b.t, b.keeper.Round(b.t.Context()))
}

func (b *buttoned) item(id string) worklist.Item {
	b.t.Helper()
	found, err := b.app.Ledger.Worklist().Items(b.t.Context(), worklist.ItemFilter{ID: id})
	require.NoError(b.t, err)
	require.Len(b.t, found, 1)
	return found[0]
}

func (b *buttoned) press(email, action string, times int) {
	b.t.Helper()
	statuses, err := b.sandbox.Click(b.t.Context(), control.Click{Email: email, ActionID: action, Times: times})
	require.NoError(b.t, err)
	require.Equal(b.t, slices.Repeat([]int{http.StatusOK}, times), statuses)
}

// refused has somebody press, and waits for the words that are for their eyes.
func (b *buttoned) refused(email, action, want string) {
	b.t.Helper()
	b.press(email, action, 1)
	require.Eventually(b.t, func() bool {
		said, err := b.sandbox.Whispers(b.t.Context())
		require.NoError(b.t, err)
		return len(said) > 0 && said[len(said)-1].Email == email && strings.Contains(said[len(said)-1].Text, want)
	}, 10*time.Second, 10*time.Millisecond, want)
}

// buttonless reports that no message has the button.
func (b *buttoned) buttonless(action string) {
	b.t.Helper()
	_, err := b.sandbox.Click(b.t.Context(), control.Click{Email: stepper, ActionID: action})
	require.ErrorContains(b.t, err, "no message has this button")
}

// edits counts how often messages were changed in Slack.
func (b *buttoned) edits(since uint64) (n int) {
	b.t.Helper()
	calls, err := b.sandbox.Journal(b.t.Context(), since, true)
	require.NoError(b.t, err)
	for _, c := range calls {
		if c.System == "slack" && strings.HasSuffix(c.Path, "chat.update") {
			n++
		}
	}
	return n
}

// TestItemIsTakenByAButton by whoever the policy names, once, and the message shows who did.
func TestItemIsTakenByAButton(t *testing.T) {
	t.Parallel()
	b := newButtoned(t)
	id := b.raise()
	b.refused(b.outsider, "take", "no entry of deciders.people in the policy has slack")
	b.round()
	require.Zero(t, b.item(id).TakenAt)
	mark, err := b.sandbox.Mark(t.Context())
	require.NoError(t, err)
	b.press(planner, "take", 2)
	require.Zero(t, b.item(id).TakenAt, "a worker judges it first")
	b.round()
	b.round()
	require.Equal(t, planner, b.item(id).TakenBy)
	require.NotEmpty(t, b.item(id).TakenWord)
	words, err := b.app.Ledger.Policies().WordsAbout(t.Context(), policies.WordOfItem(id), 9)
	require.NoError(t, err)
	require.Len(t, words, 1, "a press that is delivered twice is one")
	require.Empty(t, words[0].Refused)
	require.Equal(t, 1, b.edits(mark))
	b.buttonless("take")

	require.NoError(t, b.app.Ledger.Worklist().ClearItem(t.Context(), "gatehouse", "failing", "accounts"))
	b.round()
	b.buttonless("retry")
	require.Equal(t, 2, b.edits(mark), "the buttons go with the item")
	b.round()
	require.Equal(t, 2, b.edits(mark))
}

// TestItemIsAnsweredByAButton where one press is enough, and its run judges the press again.
func TestItemIsAnsweredByAButton(t *testing.T) {
	t.Parallel()
	b := newButtoned(t)
	id := b.raise()
	b.buttonless("abort")
	b.refused(b.outsider, "retry", "no entry of deciders.people in the policy has slack")
	b.refused(planner, "retry", planner+" may decide about plan, and this is step")
	require.Empty(t, b.given)
	b.press(stepper, "retry", 2)
	require.Len(t, b.given, 2)
	for _, d := range b.given {
		d.Verb = "retry"
		require.Equal(t, stepper+"/"+question, d.By+"/"+d.Item, "it names its question, so that it counts once")
		require.NoError(t, b.vendors.Deciders.Judge(asking, d))
		require.ErrorContains(t, b.vendors.Deciders.Judge("person/workday-21004", d), "does not fit")
		for _, change := range []func(d *api.Decision){
			func(d *api.Decision) { d.Verb = "skip" }, func(d *api.Decision) { d.Item = "fedcba9876543210" }, func(d *api.Decision) { d.Reason = "more" },
			func(d *api.Decision) { d.By = planner }, func(d *api.Decision) { d.Code = "budget_contain" },
			func(d *api.Decision) { c := *d.Proof.Press; c.UserID = "U00000001"; d.Proof = &api.Proof{Press: &c} },
		} {
			other := d
			change(&other)
			require.Error(t, b.vendors.Deciders.Judge(asking, other))
		}
	}
	require.NoError(t, b.app.Ledger.Worklist().DropHolder(t.Context(), worklist.Holder{Workflow: asking, Step: "accounts.match", ParkedAt: monday}))
	require.NotZero(t, b.item(id).ClosedAt)
	b.refused(stepper, "skip", "the item is closed: its cause is gone")
	b.round()
	b.buttonless("skip")
	require.Len(t, b.given, 2)
}

// TestNobodyPressesWhomThePolicyDoesNotName: a message about an item has no buttons where nobody could press them.
func TestNobodyPressesWhomThePolicyDoesNotName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v, err := b.app.Vendors()
	require.NoError(t, err)
	k := &buttoned{bench: b, vendors: v}
	require.NoError(t, b.sandbox.Interactivity(t.Context(), front(t, b)+"/slack/interactions"))
	k.raise()
	k.buttonless("take")
}
