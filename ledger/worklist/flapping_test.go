package worklist_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
)

// testFlapping: what works again and fails again within a day is one item that stays, until it has been well for a while. What
// somebody asks on purpose is off the list with its answer, however often it is asked.
func testFlapping(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	failing, asked := itemOf("gatehouse", "failing", "accounts"), itemOf("gatehouse", "approval_needed", "plan")
	failing.Lingers, failing.Severity = true, worklist.SeverityCritical
	held := func(i worklist.Item) {
		t.Helper()
		require.NoError(t, l.Worklist().HoldItem(ctx, i, worklist.Holder{Workflow: "sweep", Step: i.Class}))
	}
	dropped := func(i worklist.Item) {
		t.Helper()
		require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "sweep", Step: i.Class}))
	}
	held(failing)
	held(asked)
	raised := itemsOf(t, l, worklist.ItemFilter{Class: "failing"})[0].RaisedAt
	c.Advance(time.Hour)
	dropped(failing)
	dropped(asked)
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}), "it works again, and for all that is known it goes on to")

	c.Advance(2 * time.Hour)
	held(failing)
	held(asked)
	again := itemsOf(t, l, worklist.ItemFilter{Class: "failing"})[0].RaisedAt
	require.True(t, again.After(raised))
	require.NoError(t, l.Worklist().ToldItem(ctx, worklist.ItemID("gatehouse", "failing", "accounts"), false))
	for range 30 { // Longer than a day.
		c.Advance(30 * time.Minute)
		dropped(failing)
		dropped(asked)
		require.NoError(t, l.Worklist().CloseCalm(ctx, c.Now().Add(-3*time.Hour)))
		require.Equal(t, []string{"gatehouse/failing/accounts"}, ids(itemsOf(t, l, worklist.ItemFilter{})))
		due, err := l.Worklist().ItemsToTell(ctx, worklist.Telling{Repeat: time.Minute}, 10)
		require.NoError(t, err)
		require.Empty(t, due, "nobody is told again of what works for now")
		c.Advance(30 * time.Minute)
		held(failing)
		held(asked)
		require.Equal(t, again, itemsOf(t, l, worklist.ItemFilter{Class: "failing"})[0].RaisedAt, "it stays the same")
	}
	dropped(failing)
	dropped(asked)
	c.Advance(2 * time.Hour)
	require.NoError(t, l.Worklist().CloseCalm(ctx, c.Now().Add(-3*time.Hour)))
	require.Len(t, itemsOf(t, l, worklist.ItemFilter{}), 1)
	c.Advance(time.Hour + time.Minute)
	require.NoError(t, l.Worklist().CloseCalm(ctx, c.Now().Add(-3*time.Hour)))
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}), "well for long enough")

	c.Advance(25 * time.Hour)
	held(failing)
	dropped(failing)
	require.Empty(t, itemsOf(t, l, worklist.ItemFilter{}), "another trouble, which does not come and go")
}

// testJointItems: whoever comes to wait because of an item that is for many is told of, unless somebody else tells it, and once.
func testJointItems(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	c := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	doubt := itemOf("onelogin", "account_doubt", "")
	doubt.Joint = true
	held := func(workflow string, told bool) {
		t.Helper()
		require.NoError(t, l.Worklist().HoldItem(ctx, doubt, worklist.Holder{Workflow: workflow, Step: "plan", Question: "q", Told: told}))
	}
	due := func() []worklist.Item {
		t.Helper()
		found, err := l.Worklist().ItemsToTell(ctx, worklist.Telling{Settle: time.Minute, Repeat: time.Hour}, 10)
		require.NoError(t, err)
		return found
	}
	tell := func(item worklist.Item) {
		t.Helper()
		require.NoError(t, l.Worklist().ToldItem(ctx, item.ID, false))
		require.NoError(t, l.Worklist().ToldJoined(ctx, item.ID, item.JoinedAt))
	}
	held("person/1", false)
	require.Empty(t, due(), "others may come with it")
	c.Advance(2 * time.Minute)
	first := due()
	require.Len(t, first, 1)
	c.Advance(time.Second)
	held("person/2", false)
	tell(first[0])
	require.Empty(t, due())
	c.Advance(2 * time.Minute)
	second := due()
	require.Len(t, second, 1, "who came while it was being told is told of")
	require.Equal(t, 2, second[0].Holders)
	tell(second[0])
	for range 3 {
		c.Advance(24 * time.Hour)
		require.NoError(t, l.Worklist().DropHolder(ctx, worklist.Holder{Workflow: "person/2", Step: "plan"}))
		held("person/2", false)
		c.Advance(2 * time.Minute)
		require.Empty(t, due(), "the same question again")
	}
	held("person/3", true)
	c.Advance(2 * time.Minute)
	require.Empty(t, due(), "whoever asks tells it")
	require.Equal(t, 3, itemsOf(t, l, worklist.ItemFilter{})[0].Holders)
	require.NoError(t, l.Worklist().PruneItems(ctx, c.Now().Add(time.Hour)))
	held("person/3", false)
	c.Advance(2 * time.Minute)
	require.Len(t, due(), 1, "forgotten after a long time")
}
