package decide

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/watchdog"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/worklist"
)

// TestItemsAreNamedByTheBeginningOfTheirIDs, and nothing else is taken for one.
func TestItemsAreNamedByTheBeginningOfTheirIDs(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	ids := map[byte]string{}
	for i := range 20 {
		object := string(rune('a' + i))
		require.NoError(t, l.Worklist().RaiseItem(t.Context(), worklist.Item{
			System: "x", Class: "y", Object: object, Severity: worklist.SeverityInfo, Owner: "it", Text: "t", Next: "n",
		}))
		id := worklist.ItemID("x", "y", object)
		ids[id[0]] = id
	}
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	for first, id := range ids {
		found, err := itemNamed(cmd, l, id)
		require.NoError(t, err)
		require.Equal(t, id, found.ID)
		_, err = itemNamed(cmd, l, string(first)+"zz")
		require.ErrorContains(t, err, "is no item")
	}
	for bad, want := range map[string]string{
		"": "is no item", "%": "is no item", "0123456789abc": "is no item", "ffffffffffff": "there is no item ffffffffffff",
	} {
		_, err := itemNamed(cmd, l, bad)
		require.ErrorContains(t, err, want)
	}
	several := 0
	for first := range ids {
		if _, err := itemNamed(cmd, l, string(first)); err != nil {
			require.ErrorContains(t, err, "write more of the id")
			several++
		}
	}
	require.NotZero(t, several, "twenty ids share sixteen first digits")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestListPagesToTheEnd and says where to go on.
func TestListPagesToTheEnd(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	page := func(args listing) string {
		t.Helper()
		require.NoError(t, args.check())
		cmd, out := &cobra.Command{}, &bytes.Buffer{}
		cmd.SetContext(t.Context())
		cmd.SetOut(out)
		require.NoError(t, args.print(cmd, l))
		return out.String()
	}
	require.Contains(t, page(listing{page: 50}), "NOBODY KEEPS THIS LIST")
	require.NotContains(t, page(listing{page: 50}), "Nothing needs a person.")
	watch := watchdog.New(watchdog.Options{Ledger: l, Program: "worker", Every: time.Minute})
	watch.Round(t.Context())
	require.Equal(t, "Nothing needs a person.", lastLine(page(listing{page: 50})))
	require.NotContains(t, page(listing{page: 50}), "NOBODY KEEPS")
	for i := range 5 {
		require.NoError(t, l.Worklist().RaiseItem(t.Context(), worklist.Item{
			System: "x", Class: "y", Object: string(rune('a' + i)), Severity: worklist.SeverityInfo, Owner: "it", Text: "t", Next: "n",
		}))
	}
	require.Contains(t, page(listing{page: 2}), "1 to 2 of 5; go on with --skip 2")
	require.Contains(t, page(listing{page: 2, after: 4}), "5 in all")
	require.Contains(t, page(listing{page: 2, severity: "warning"}), "Nothing needs a person.")
}

// TestItemOfABatchNamesEverybody whom it holds, and who waits with the command that answers them. Nobody is named before their day.
func TestItemOfABatchNamesEverybody(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	show := func(kind string, limit, skip int) string {
		t.Helper()
		batch := budgets.HeldBatch{Source: "workday", Kind: kind, Budget: "contain/workday", Keys: []string{"workday-11/1", "workday-12/1", "workday-13/2"}}
		_, err := l.Budgets().KeepHold(t.Context(), batch)
		require.NoError(t, err)
		item := worklist.Item{System: "gatehouse", Class: "budget_contain", Object: "workday/" + kind, Severity: worklist.SeverityWarning, Owner: "it", Text: "t", Next: "n"}
		require.NoError(t, l.Worklist().HoldItem(t.Context(), item, worklist.Holder{Workflow: "person/workday-12", Step: "plan", Question: "q1", Verbs: []string{"allow", "reject"}}))
		cmd, out := &cobra.Command{}, &bytes.Buffer{}
		cmd.SetContext(t.Context())
		cmd.SetOut(out)
		found, err := itemNamed(cmd, l, worklist.ItemID(item.System, item.Class, item.Object))
		require.NoError(t, err)
		require.NoError(t, printItem(cmd, l, found, limit, skip))
		return out.String()
	}
	all := show("leaver", 50, 0)
	for _, want := range []string{"workday-11/1", "workday-12/1", "workday-13/2", "3 held in all", "--person workday-12 --item q1", "starter decide --workflow hold/workday/leaver --verb allow"} {
		require.Contains(t, all, want)
	}
	require.Contains(t, show("leaver", 2, 0), "1 to 2 of 3 held; go on with --skip 2")
	require.Contains(t, show("leaver", 2, 2), "workday-13/2")
	day := time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	ahead := show("leavers-"+day, 50, 0)
	require.NotContains(t, ahead, "workday-11")
	require.Contains(t, ahead, "is not shown before "+day)
}
