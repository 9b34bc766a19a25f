package review

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/reviews"
)

// TestReviewNeverWritesReviewersColumns: a row ends before the first column that people fill in, so that writing it again
// cannot touch a decision.
func TestReviewNeverWritesReviewersColumns(t *testing.T) {
	t.Parallel()
	w := &writer{Review: &Review{}}
	nobody := func(int64) string { return "" }
	require.Len(t, w.accessRow(reviews.Access{}, nil, nobody), int(managedColumns(accessColumns())))
	require.Len(t, w.accessRow(reviews.Access{}, &reviews.Member{}, nobody), int(managedColumns(accessColumns())))
	require.Len(t, findingRow(reviews.Finding{}, reviews.Access{}, nobody), int(managedColumns(findingColumns())))
	for _, c := range append(accessColumns()[managedColumns(accessColumns()):], findingColumns()[managedColumns(findingColumns()):]...) {
		require.True(t, c.theirs)
	}
}

func TestReviewLayoutCoversEveryRowOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ access, perTab int64 }{
		"nothing": {0, 100}, "one tab": {99, 100}, "to the brim": {198, 100}, "one more": {199, 100}, "tiny": {7, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tabs := layoutReview("2026-11", reviews.Counts{Access: c.access, Findings: 3}, func(int64) int64 { return c.perTab })
			next, ids, titles := int64(0), map[int64]bool{}, map[string]bool{}
			for _, tab := range tabs {
				require.False(t, ids[tab.SheetID] || titles[tab.Title], tab.Title)
				ids[tab.SheetID], titles[tab.Title] = true, true
				if tab.Kind == tabAccess {
					require.Equal(t, next, tab.FirstRow)
					require.LessOrEqual(t, tab.Rows+headRows, c.perTab)
					next += tab.Rows
				}
			}
			require.Equal(t, c.access, next)
			require.Equal(t, tabs, layoutReview("2026-11", reviews.Counts{Access: c.access, Findings: 3}, func(int64) int64 { return c.perTab }))
		})
	}
}
