package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// review makes a review from beginning to end.
func review(s *kit.Stack, campaign string) api.ReviewOutcome {
	s.T.Helper()
	_, err := s.App.Launch.Review(s.T.Context(), campaign)
	require.NoError(s.T, err)
	var out api.ReviewOutcome
	require.NoError(s.T, s.Temporal.GetWorkflow(s.T.Context(), api.ReviewID(campaign), "").Get(s.T.Context(), &out))
	return out
}

// books lists the spreadsheets.
func books(s *kit.Stack) []control.Spreadsheet {
	s.T.Helper()
	all, err := s.Sandbox.Spreadsheets(s.T.Context())
	require.NoError(s.T, err)
	return all
}

func TestReviewIsMadeOnceAndKeepsDecisions(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	out := review(s, "2026-11")
	require.Equal(t, "reviewed", out.Result)
	require.Len(t, books(s), 1)
	book := books(s)[0]
	require.Equal(t, "Access review 2026", book.Title)
	require.Equal(t, "writer", book.Shared["compliance@acme.example"])
	access := book.Tab("2026-11 Access")
	require.NotNil(t, access)
	require.Len(t, access.Values, int(out.Snapshot.Access)+1)
	require.Equal(t, int64(1), access.FrozenRows)
	require.True(t, access.Filter)
	require.NotEmpty(t, access.Protected)
	require.NotEmpty(t, access.Choices)
	require.NotEmpty(t, book.Tab("2026-11 Summary").Charts)
	require.Empty(t, access.Formulas)
	mails, err := s.Sandbox.Mails(t.Context())
	require.NoError(t, err)
	require.Len(t, mails, int(out.Mailed.Managers)+2, "one to each manager, one to compliance, one to the fallback owner")

	// A reviewer decides; what Gatehouse wrote is not theirs to change.
	decision := [][]any{{"compliance@acme.example", "remove", "2026-12-01"}}
	require.NoError(t, s.Sandbox.EditSheet(t.Context(), book.ID, "'2026-11 Access'!R2:T2", "compliance@acme.example", decision))
	require.Error(t, s.Sandbox.EditSheet(t.Context(), book.ID, "'2026-11 Access'!A2", "compliance@acme.example", [][]any{{"me"}}))
	mark := s.Mark()
	started, err := s.App.Launch.Review(t.Context(), "2026-11")
	require.NoError(t, err)
	require.False(t, started.Fresh)
	require.Empty(t, filter(s.Effects(mark), "google."))
	after := books(s)[0].Tab("2026-11 Access")
	require.Equal(t, []any{"compliance@acme.example", "remove", "2026-12-01"}, after.Values[1][17:20])
	require.Equal(t, access.Values[2:], after.Values[2:])
}

func TestReviewSplitsOverSpreadsheets(t *testing.T) {
	t.Parallel()
	const limit = 3_000
	s := kit.New(t, kit.Options{Config: func(c *config.Config) { c.Google.CellLimit = limit }})
	require.NoError(t, s.Sandbox.Google(t.Context(), control.GoogleSettings{CellLimit: limit}))
	s.Baseline()
	out := review(s, "2026-11")
	require.Equal(t, "reviewed", out.Result)
	all := books(s)
	require.Greater(t, len(all), 1)
	seen := map[string]bool{}
	rows := 0
	for _, book := range all {
		require.LessOrEqual(t, book.Cells, int64(limit))
		for _, tab := range book.Tabs {
			if !strings.Contains(tab.Title, "Access") {
				continue
			}
			for _, row := range tab.Values[1:] {
				line := row[0].(string) + "/" + row[8].(string)
				require.False(t, seen[line], "%s stands in two places", tab.Title)
				seen[line] = true
				rows++
			}
		}
	}
	require.Equal(t, int(out.Snapshot.Access), rows, "every row stands somewhere")
}
