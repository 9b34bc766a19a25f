package worklist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
)

// A hundred thousand runs have failed, half of them for one cause and each of the others for one of its own: the list is there
// within a tenth of a second, first page and last, and so is who waits.
func TestListOfAHundredThousandFailedRuns(t *testing.T) {
	t.Parallel()
	const each, within = 50_000, detector * 100 * time.Millisecond
	e := storetest.SQLite()
	url := e.URL(t)
	l := storetest.Open(t, url, ledger.Options{})
	ctx := t.Context()
	cause := itemOf("jira", "credential", "token")
	require.NoError(t, l.Worklist().HoldItem(ctx, cause, worklist.Holder{Workflow: "person/0", Step: "jira.ticket", FirstRun: "r", Question: "q"}))
	id := worklist.ItemID(cause.System, cause.Class, cause.Object)

	raw := e.Raw(t, url)
	multiply := func(table string, other map[string]string) {
		rows, err := raw.QueryContext(ctx, "SELECT name FROM pragma_table_info($1)", table)
		require.NoError(t, err)
		var columns, values []string
		for rows.Next() {
			var name string
			require.NoError(t, rows.Scan(&name))
			columns = append(columns, name)
			value := name
			if other[name] != "" {
				value = other[name]
			}
			values = append(values, value)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		_, err = raw.ExecContext(ctx, fmt.Sprintf(`WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < %d)
INSERT INTO %s (%s) SELECT %s FROM count, (SELECT * FROM %s LIMIT 1)`, each, table, strings.Join(columns, ", "), strings.Join(values, ", "), table))
		require.NoError(t, err)
	}
	multiply("attention_holders", map[string]string{"workflow_id": "'person/' || n"})
	multiply("attention", map[string]string{"item_id": "printf('%012x', n)", "object": "'run ' || n", "holders": "1"})

	quickest := func(what string, read func()) {
		var took []time.Duration
		for range 10 {
			began := time.Now()
			read()
			took = append(took, time.Since(began))
		}
		require.Less(t, slices.Min(took), within, what)
	}
	page := func(skip int) func() {
		return func() {
			found, err := l.Worklist().Items(ctx, worklist.ItemFilter{Limit: 50, Offset: skip})
			require.NoError(t, err)
			require.Len(t, found, 50)
			counts, err := l.Worklist().CountItems(ctx, worklist.ItemFilter{})
			require.NoError(t, err)
			require.Equal(t, each+1, counts[worklist.SeverityWarning])
		}
	}
	quickest("the first page", page(0))
	quickest("the last page", page(each-50))
	quickest("who waits because of one cause", func() {
		found, err := l.Worklist().Holders(ctx, id, 50, each-50)
		require.NoError(t, err)
		require.Len(t, found, 50)
	})
}
