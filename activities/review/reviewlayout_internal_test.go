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
	require.Len(t, w.besideRow(reviews.SystemAccount{}, nil, nobody), int(managedColumns(besideColumns())))
	require.Len(t, w.besideRow(reviews.SystemAccount{}, &reviews.Hold{}, nobody), int(managedColumns(besideColumns())))
	require.Len(t, besideFindingRow(reviews.Finding{}, reviews.SystemAccount{}, nobody), int(managedColumns(findingColumns())))
	for _, c := range besideColumns()[managedColumns(besideColumns()):] {
		require.True(t, c.theirs)
	}
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

// TestLayoutHasATabOfOtherSystemsBehindTheOthers, cut where a spreadsheet is full, and only where there are any.
func TestLayoutHasATabOfOtherSystemsBehindTheOthers(t *testing.T) {
	t.Parallel()
	most := func(int64) int64 { return 100 }
	without := layoutReview("2026-11", reviews.Counts{Access: 3}, most)
	counts := reviews.Counts{Access: 3, Systems: []reviews.SystemCount{{Rows: 150}, {Rows: 20}}}
	with := layoutReview("2026-11", counts, most)
	require.Len(t, with, len(without)+2)
	require.Equal(t, without[1:], with[1:len(without)])
	require.Equal(t, "2026-11 Other systems", with[3].Title)
	require.Equal(t, int64(99), with[3].Rows)
	require.Equal(t, "2026-11 Other systems (2)", with[4].Title)
	require.Equal(t, int64(99), with[4].FirstRow)
	require.Equal(t, int64(71), with[4].Rows)
	require.Greater(t, with[0].Rows, without[0].Rows, "the summary has lines for them")
	empty := layoutReview("2026-11", reviews.Counts{Systems: []reviews.SystemCount{{}}}, most)
	require.Equal(t, "2026-11 Other systems", empty[3].Title, "a system without an account is shown")
}
