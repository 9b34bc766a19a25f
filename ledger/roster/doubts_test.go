package roster_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
)

// testDoubts: what of a source is quarantined is kept with what somebody said of it, for as long as it is found.
func testDoubts(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	read := func(source string) []roster.SourceDoubt {
		t.Helper()
		all, err := l.Roster().Doubts(ctx, source)
		require.NoError(t, err)
		return all
	}
	require.Empty(t, read("workday"))
	require.NoError(t, l.Roster().KeepDoubts(ctx, "workday", nil))
	began := c.Now()
	blank := roster.SourceDoubt{Source: "workday", Kind: "blank", Code: "1a", Why: "a column lost its values", Columns: "title location", Records: 4}
	grown := roster.SourceDoubt{Source: "workday", Kind: "grown", Code: "2b", Why: "more people came than join at a time", Records: 40}
	require.NoError(t, l.Roster().KeepDoubts(ctx, "workday", []roster.SourceDoubt{grown, blank}))
	require.NoError(t, l.Roster().KeepDoubts(ctx, "bamboohr", []roster.SourceDoubt{{Kind: "grown", Code: "2b", Why: "the same code elsewhere"}}))
	blank.First, blank.Latest, grown.First, grown.Latest = began, began, began, began
	require.Equal(t, []roster.SourceDoubt{blank, grown}, read("workday"))

	c.Advance(time.Hour)
	accepted := c.Now()
	require.NoError(t, l.Roster().AcceptDoubts(ctx, "workday", "ann@acme.example", []roster.SourceDoubt{grown}))
	c.Advance(time.Hour)
	require.NoError(t, l.Roster().AcceptDoubts(ctx, "workday", "bob@acme.example", []roster.SourceDoubt{grown, {Kind: "grown", Code: "unknown"}}))
	blank.Records, blank.Why = 5, "a column lost more of its values"
	require.NoError(t, l.Roster().KeepDoubts(ctx, "workday", []roster.SourceDoubt{blank, grown}))
	blank.Latest, grown.Latest = c.Now(), c.Now()
	grown.AcceptedAt, grown.AcceptedBy = accepted, "ann@acme.example"
	require.Equal(t, []roster.SourceDoubt{blank, grown}, read("workday"), "the first word stands")

	again := grown
	again.Code = "3c"
	require.NoError(t, l.Roster().KeepDoubts(ctx, "workday", []roster.SourceDoubt{again}))
	got := read("workday")
	require.Len(t, got, 1)
	require.Equal(t, "3c", got[0].Code)
	require.Zero(t, got[0].AcceptedAt, "what was said of another list does not hold for this one")
	require.NoError(t, l.Roster().KeepDoubts(ctx, "workday", []roster.SourceDoubt{grown}))
	require.Zero(t, read("workday")[0].AcceptedAt, "a doubt that goes takes the word with it")
	require.NoError(t, l.Roster().KeepDoubts(ctx, "workday", nil))
	require.Empty(t, read("workday"))
	require.Len(t, read("bamboohr"), 1)
}
