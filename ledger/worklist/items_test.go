package worklist_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
)

func itemOf(system, class, object string) worklist.Item {
	return worklist.Item{
		System: system, Class: class, Object: object, Severity: worklist.SeverityWarning, Owner: "it",
		Text: system + " says no.", Next: "starter doctor",
	}
}

func itemsOf(t *testing.T, l *ledger.Ledger, f worklist.ItemFilter) []worklist.Item {
	t.Helper()
	found, err := l.Worklist().Items(context.Background(), f)
	require.NoError(t, err)
	return found
}

// ids names the items by their objects.
func ids(items []worklist.Item) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.System+"/"+i.Class+"/"+i.Object)
	}
	return out
}

// testItems: one row for each cause, however often it is raised, and none when the cause is gone.
func testItems(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	raised := c.Now()
	require.NoError(t, l.Worklist().RaiseItem(ctx, itemOf("slack", "channel", "it")))
	c.Advance(time.Hour)
	worse := itemOf("onelogin", "credential", "")
	worse.Severity, worse.Deadline = worklist.SeverityCritical, c.Now().Add(time.Hour)
	require.NoError(t, l.Worklist().RaiseItem(ctx, worse))
	renewed := itemOf("slack", "channel", "it")
	renewed.Text, renewed.Next = "Slack has archived the channel.", "starter doctor slack"
	require.NoError(t, l.Worklist().RaiseItem(ctx, renewed))

	found := itemsOf(t, l, worklist.ItemFilter{})
	require.Equal(t, []string{"onelogin/credential/", "slack/channel/it"}, ids(found), "the worst first")
	require.Equal(t, worse.Deadline, found[0].Deadline)
	require.Equal(t, "Slack has archived the channel.", found[1].Text)
	require.Equal(t, "starter doctor slack", found[1].Next)
	require.Equal(t, raised, found[1].RaisedAt, "its age is that of the cause")
	require.Equal(t, c.Now(), found[1].RenewedAt)
	require.Equal(t, worklist.ItemID("slack", "channel", "it"), found[1].ID)
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{ID: found[1].ID[:6]}), 1)
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{ID: "ffffffffffff"}))
	require.Equal(t, []string{"onelogin/credential/"}, ids(itemsOf(t, l, worklist.ItemFilter{Severity: worklist.SeverityCritical})))
	require.Equal(t, []string{"slack/channel/it"}, ids(itemsOf(t, l, worklist.ItemFilter{System: "slack", Class: "channel", Object: "it", Owner: "it"})))
	require.Equal(t, []string{"slack/channel/it"}, ids(itemsOf(t, l, worklist.ItemFilter{Limit: 1, Offset: 1})))
	counts, err := l.Worklist().CountItems(ctx, worklist.ItemFilter{})
	require.NoError(t, err)
	require.Equal(t, map[worklist.Severity]int{worklist.SeverityCritical: 1, worklist.SeverityWarning: 1}, counts)

	require.NoError(t, l.Worklist().ClearItem(ctx, "slack", "channel", "it"))
	require.NoError(t, l.Worklist().ClearItem(ctx, "slack", "channel", "it"), "what is closed is no error")
	require.NoError(t, l.Worklist().ClearItem(ctx, "slack", "never", "raised"))
	require.Equal(t, []string{"onelogin/credential/"}, ids(itemsOf(t, l, worklist.ItemFilter{})))
	closed := itemsOf(t, l, worklist.ItemFilter{Closed: true})
	require.Equal(t, []string{"slack/channel/it"}, ids(closed))
	require.Equal(t, c.Now(), closed[0].ClosedAt)
	back := func(after time.Duration) worklist.Item {
		t.Helper()
		require.NoError(t, l.Worklist().ClearItem(ctx, "slack", "channel", "it"))
		c.Advance(after)
		require.NoError(t, l.Worklist().RaiseItem(ctx, renewed))
		found := itemsOf(t, l, worklist.ItemFilter{System: "slack"})
		require.Len(t, found, 1)
		return found[0]
	}
	require.Equal(t, raised, back(time.Minute).RaisedAt, "it was never away")
	require.Equal(t, c.Now().Add(time.Hour), back(time.Hour).RaisedAt)

	for _, bad := range []worklist.Item{{}, {System: "slack", Class: "channel", Owner: "it", Text: "x", Next: "y"}, {
		System: "slack", Class: "channel", Severity: worklist.SeverityInfo, Text: "x", Next: "y",
	}} {
		require.Error(t, l.Worklist().RaiseItem(ctx, bad))
	}
}

// testItemsOfHolders: an item that somebody holds is open for as long as anybody does.
func testItemsOfHolders(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	cause := itemOf("policy", "no_rule", "Sales")
	hold := func(i int, item worklist.Item, question string) {
		t.Helper()
		require.NoError(t, l.Worklist().HoldItem(ctx, item, worklist.Holder{
			Workflow: fmt.Sprintf("person/workday-%d", i), FirstRun: "run", Step: "rolechange.assess", Question: question,
			Hash: "plan", Verbs: []string{"retry", "skip"},
		}))
	}
	for i := range 60 {
		hold(i, cause, fmt.Sprintf("q%d", i))
	}
	hold(0, cause, "q0")
	found := itemsOf(t, l, worklist.ItemFilter{})
	require.Len(t, found, 1)
	require.Equal(t, 60, found[0].Holders)
	require.Equal(t, found, itemsOf(t, l, worklist.ItemFilter{Holder: "person/workday-7"}))
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{Holder: "person/workday-60"}))
	holders, err := l.Worklist().Holders(ctx, found[0].ID, 2, 1)
	require.NoError(t, err)
	require.Equal(t, []worklist.Holder{{
		Workflow: "person/workday-1", FirstRun: "run", Step: "rolechange.assess", Question: "q1", Hash: "plan",
		Verbs: []string{"retry", "skip"}, Since: c.Now(), RenewedAt: c.Now(),
	}, {
		Workflow: "person/workday-10", FirstRun: "run", Step: "rolechange.assess", Question: "q10", Hash: "plan",
		Verbs: []string{"retry", "skip"}, Since: c.Now(), RenewedAt: c.Now(),
	}}, holders)

	hold(1, itemOf("policy", "no_rule", "Support"), "other")
	require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "person/workday-0", Step: "rolechange.assess"}))
	require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "person/workday-2"}))
	require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "person/workday-2"}), "who has gone is no error")
	require.Equal(t, 57, itemsOf(t, l, worklist.ItemFilter{Object: "Sales"})[0].Holders, "a step waits because of one thing")
	require.Equal(t, 1, itemsOf(t, l, worklist.ItemFilter{Object: "Support"})[0].Holders)
	hold(1, cause, "q1")
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{Object: "Support"}), "nobody waits because of it any more")

	c.Advance(72 * time.Hour)
	hold(9, cause, "q9")
	n, err := l.Worklist().ExpireHolders(ctx, c.Now().Add(-48*time.Hour), c.Now(), 50)
	require.NoError(t, err)
	require.Equal(t, 50, n)
	n, err = l.Worklist().ExpireHolders(ctx, c.Now().Add(-48*time.Hour), c.Now(), 50)
	require.NoError(t, err)
	require.Equal(t, 7, n)
	require.Equal(t, 1, itemsOf(t, l, worklist.ItemFilter{})[0].Holders)
	require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "person/workday-9", Step: "rolechange.assess"}))
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}))

	require.NoError(t, l.Worklist().RaiseItem(ctx, cause))
	hold(3, cause, "q3")
	require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "person/workday-3"}))
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{}), 1, "what was raised by itself is cleared by itself")
	require.NoError(t, l.Worklist().ClearItem(ctx, "policy", "no_rule", "Sales"))
	hold(4, cause, "q4")
	require.NoError(t, l.Worklist().ClearItem(ctx, "policy", "no_rule", "Sales"))
	holders, err = l.Worklist().Holders(ctx, found[0].ID, 10, 0)
	require.NoError(t, err)
	require.Empty(t, holders)
}

// testItemsAccepted: an exception has an end, and does not outlive what it rests on.
func testItemsAccepted(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "a", "a")})
	item := itemOf("onelogin", "unowned", "4711")
	item.Evidence = "one"
	require.NoError(t, l.Worklist().RaiseItem(ctx, item))
	id := itemsOf(t, l, worklist.ItemFilter{})[0].ID
	until := c.Now().Add(30 * 24 * time.Hour)
	accept := func() {
		t.Helper()
		require.NoError(t, l.Worklist().AcceptItem(ctx, id, worklist.Acceptance{By: "ana", Reason: "moves next month", Until: until}))
	}
	accept()
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}))
	accepted := itemsOf(t, l, worklist.ItemFilter{Accepted: true})
	require.Len(t, accepted, 1)
	require.Equal(t, &worklist.Acceptance{By: "ana", Reason: "moves next month", At: c.Now(), Until: until}, accepted[0].Accepted)

	require.NoError(t, l.Worklist().RaiseItem(ctx, item))
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}), "the same evidence is what was accepted")
	item.Evidence = "two"
	require.NoError(t, l.Worklist().RaiseItem(ctx, item))
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{}), 1, "other evidence is not")
	item.Evidence = "one"
	require.NoError(t, l.Worklist().RaiseItem(ctx, item))
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{}), 1, "an exception that has lapsed stays so")

	accept()
	c.Advance(30 * 24 * time.Hour)
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{}), 1, "it has an end")
	require.Error(t, l.Worklist().AcceptItem(ctx, id, worklist.Acceptance{By: "ana", Reason: "again", Until: c.Now()}))
	require.Error(t, l.Worklist().AcceptItem(ctx, id, worklist.Acceptance{By: "ana", Until: c.Now().Add(time.Hour)}))
	require.ErrorIs(t, l.Worklist().AcceptItem(ctx, "absent", worklist.Acceptance{By: "ana", Reason: "x", Until: c.Now().Add(time.Hour)}), ledger.ErrNotFound)
}

// testItemsTold: an item is told when it is raised and at its deadline; a critical one again until somebody takes it.
func testItemsTold(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "a", "a")})
	due := func() []string {
		t.Helper()
		found, err := l.Worklist().ItemsToTell(ctx, worklist.Telling{Repeat: time.Hour}, 10)
		require.NoError(t, err)
		return ids(found)
	}
	tell := func(system string, overdue bool) {
		t.Helper()
		require.NoError(t, l.Worklist().ToldItem(ctx, worklist.ItemID(system, "down", ""), overdue))
	}
	slow, bad := itemOf("jira", "down", ""), itemOf("onelogin", "down", "")
	slow.Deadline = c.Now().Add(8 * time.Hour)
	bad.Severity = worklist.SeverityCritical
	require.NoError(t, l.Worklist().RaiseItem(ctx, slow))
	require.NoError(t, l.Worklist().RaiseItem(ctx, bad))
	known := itemOf("onelogin", "namesake", "4711")
	known.Severity = worklist.SeverityInfo
	require.NoError(t, l.Worklist().RaiseItem(ctx, known))
	require.Equal(t, []string{"onelogin/down/", "jira/down/"}, due(), "what is only worth knowing waits for the digest")
	tell("jira", false)
	tell("onelogin", false)
	require.Empty(t, due())
	c.Advance(time.Hour)
	require.Equal(t, []string{"onelogin/down/"}, due())
	require.NoError(t, l.Worklist().TakeItem(ctx, worklist.ItemID("onelogin", "down", ""), "ana"))
	require.Empty(t, due(), "somebody sees to it")
	require.Equal(t, "ana", itemsOf(t, l, worklist.ItemFilter{System: "onelogin", Class: "down"})[0].TakenBy)
	require.ErrorIs(t, l.Worklist().TakeItem(ctx, "absent", "ana"), ledger.ErrNotFound)

	c.Advance(7 * time.Hour)
	require.Equal(t, []string{"jira/down/"}, due(), "its deadline has passed")
	tell("jira", true)
	require.Empty(t, due())

	require.NoError(t, l.Worklist().ClearItem(ctx, "jira", "down", ""))
	c.Advance(time.Hour)
	require.NoError(t, l.Worklist().RaiseItem(ctx, itemOf("jira", "down", "")))
	require.Empty(t, due(), "one that comes and goes is not told each time")
	slow.Severity = worklist.SeverityCritical
	require.NoError(t, l.Worklist().RaiseItem(ctx, slow))
	require.Contains(t, due(), "jira/down/", "it has become worse")
	tell("jira", false)
	require.NoError(t, l.Worklist().ClearItem(ctx, "jira", "down", ""))
	c.Advance(25 * time.Hour)
	require.NoError(t, l.Worklist().RaiseItem(ctx, itemOf("jira", "down", "")))
	require.Contains(t, due(), "jira/down/")

	require.NoError(t, l.Worklist().ClearItem(ctx, "jira", "down", ""))
	c.Advance(time.Hour)
	require.NoError(t, l.Worklist().PruneItems(ctx, c.Now()))
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{Closed: true}))
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{}), 2, "what is open stays")
}

// testManyItems: with 100,000 that wait, be it for one cause or for as many, a page of the list and its counts are right.
// BenchmarkItems says what they take.
func testManyItems(t *testing.T, e storetest.Engine) {
	if testing.Short() {
		t.Skip("writes 200,000 rows")
	}
	l := manyItems(t, e)
	listItems(t, l)
}

const many = 100_000

// manyItems is a ledger with an item for each of many failed runs, and one more that all of them hold.
func manyItems(t testing.TB, e storetest.Engine) *ledger.Ledger {
	t.Helper()
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{})
	require.NoError(t, l.Worklist().RaiseItem(context.Background(), itemOf("onelogin", "unavailable", "")))
	fillItems(t, e, url, many, worklist.ItemID("onelogin", "unavailable", ""))
	return l
}

// listItems does what the command attention list does.
func listItems(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	found, err := l.Worklist().Items(context.Background(), worklist.ItemFilter{Limit: 50})
	require.NoError(t, err)
	counts, err := l.Worklist().CountItems(context.Background(), worklist.ItemFilter{})
	require.NoError(t, err)
	require.Len(t, found, 50)
	require.Equal(t, map[worklist.Severity]int{worklist.SeverityCritical: 1, worklist.SeverityWarning: many}, counts)
	require.Equal(t, many, found[0].Holders)
}

// fillItems writes n items and n holders of one more, behind the ledger's back, in a few statements.
func fillItems(t testing.TB, e storetest.Engine, url string, n int, held string) {
	t.Helper()
	db := e.Raw(t, url)
	_, err := db.ExecContext(context.Background(), `INSERT INTO attention
		(item_id, system, class, object, severity, owner, says, next_step, raised_at, renewed_at)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+fmt.Sprint(n)+`)
		SELECT 'x' || i, 'temporal', 'failed', 'person/workday-' || i, 2, 'it', 'The run has failed.', 'starter show', i, i FROM n`)
	require.NoError(t, err)
	_, err = db.ExecContext(context.Background(), `INSERT INTO attention_holders (workflow_id, step, item_id, first_run, since, renewed_at)
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < `+fmt.Sprint(n)+`)
		SELECT 'person/workday-' || i, 'contain', '`+held+`', 'run', i, i FROM n`)
	require.NoError(t, err)
	_, err = db.ExecContext(context.Background(), fmt.Sprintf("UPDATE attention SET severity = 3, by_holders = 1, holders = %d WHERE item_id = '%s'", n, held))
	require.NoError(t, err)
}

// testItemsParkedAgain: a step that was parked again is not let go of by the end of its earlier wait, and who waits because
// of a policy is told once of another one.
func testItemsParkedAgain(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	first, then := c.Now(), c.Now().Add(24*time.Hour)
	park := func(at time.Time, policy string) worklist.Holder {
		t.Helper()
		h := worklist.Holder{Workflow: "person/workday-1", Step: "plan", Question: "q", ParkedAt: at, Policy: policy, Told: true}
		require.NoError(t, l.Worklist().HoldItem(ctx, itemOf("policy", "no_rule", "Sales"), h))
		return h
	}
	waiting := func(hash string) []string {
		t.Helper()
		found, err := l.Worklist().TakePolicyHolders(ctx, hash, 10)
		require.NoError(t, err)
		return found
	}
	earlier := park(first, "old")
	later := park(then, "old")
	require.NoError(t, l.Worklist().DropHolder(ctx, earlier))
	require.Equal(t, 1, itemsOf(t, l, worklist.ItemFilter{})[0].Holders)
	due, err := l.Worklist().ItemsToTell(ctx, worklist.Telling{Repeat: time.Hour}, 10)
	require.NoError(t, err)
	require.Empty(t, due, "its run tells it itself")

	require.Empty(t, waiting("old"))
	require.Equal(t, []string{"person/workday-1"}, waiting("new"))
	require.Empty(t, waiting("new"), "they know")
	require.NoError(t, l.Worklist().DropHolder(ctx, later))
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}))
}
