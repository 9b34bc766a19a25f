package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

const (
	// reviewKills is at how many points a review is killed, reviewSeed where they are.
	reviewKills = 10
	reviewSeed  = 20261127
	campaign    = "2026-11"
)

// TestReviewKilledInTheMiddle kills a review at ten random vendor calls and holds the spreadsheet, cell by cell, and the
// e-mails to those of a review that nobody disturbed.
func TestReviewKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	// All tenants stand at the same moment, so that they hold the same.
	now := time.Now().UTC().Truncate(time.Second)
	h := newReviewHouse(t, now)
	mark, err := h.sandbox.Mark(t.Context())
	require.NoError(t, err)
	h.review()
	entries, err := h.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	calls, want := len(entries), h.published()
	t.Logf("%d vendor calls, killed at points of seed %d", calls, reviewSeed)

	random := rand.New(rand.NewPCG(reviewSeed, 0))
	for i, n := range random.Perm(calls)[:reviewKills] {
		when := []string{"before", "after"}[i%2]
		t.Run(fmt.Sprintf("%s call %d", when, n+1), func(t *testing.T) {
			t.Parallel()
			h := newReviewHouse(t, now)
			require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{
				Style: "callback", When: when, Skip: n, Times: 1, URL: h.killer(),
			}))
			h.review()
			require.Empty(t, cmp.Diff(want, h.published()), "not what an undisturbed review comes to")
		})
	}
}

// newReviewHouse is a house with Google, whose HR has been read.
func newReviewHouse(t *testing.T, now time.Time) *house {
	t.Helper()
	h := newHouseAt(t, func() time.Time { return now })
	google := kit.Google(h.sandbox.URL())
	key := filepath.Join(h.dir, "google.json")
	require.NoError(t, os.WriteFile(key, []byte(google.Credentials.Reveal()), 0o600))
	path := filepath.Join(h.dir, "gatehouse.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	if !strings.Contains(string(text), "\ngoogle:") {
		text = fmt.Appendf(text, "\ngoogle:\n  credentials: %q\n  subject: %s\n  sender: %s\n  folder_id: %s\n  drive_id: %s\n  base_url: %s\n  index_lag: 1s\n",
			"file:"+key, google.Subject, google.Sender, google.FolderID, google.DriveID, google.BaseURL)
	}
	require.NoError(t, os.WriteFile(path, text, 0o600))
	h.start()
	for _, source := range []string{"workday", "bamboohr"} {
		var out api.SyncOutcome
		h.run("hr-sync-"+source, api.TypeHRSync, api.SyncRequest{Source: source}, &out)
		require.True(t, out.Report.Baseline)
	}
	return h
}

// run carries out a workflow of the sweep queue to its end.
func (h *house) run(id, kind string, in, out any) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 4*time.Minute)
	defer cancel()
	run, err := h.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: api.QueueSweep}, kind, in)
	require.NoError(h.t, err)
	err = run.Get(ctx, out)
	if err != nil {
		data, _ := os.ReadFile(filepath.Join(h.dir, "starter.log"))
		h.t.Logf("log of the process:\n%s", data[max(0, len(data)-3000):])
	}
	require.NoError(h.t, err)
}

func (h *house) review() {
	h.t.Helper()
	var out api.ReviewOutcome
	h.run(api.ReviewID(campaign), api.TypeAccessReview, api.ReviewRequest{Campaign: campaign, Own: true}, &out)
	require.Equal(h.t, "reviewed", out.Result)
}

// published is every cell of every tab, and every e-mail, as text. The times at which a review ran, which are those of
// the machine, are left out: they stand in the first lines of the summary and in the e-mails.
func (h *house) published() []string {
	h.t.Helper()
	books, err := h.sandbox.Spreadsheets(h.t.Context())
	require.NoError(h.t, err)
	var lines []string
	for _, book := range books {
		for _, tab := range book.Tabs {
			lines = append(lines, fmt.Sprintf("%s / %s: %d x %d, protected %v, choices %v, charts %v", book.Title, tab.Title, tab.Rows,
				tab.Columns, tab.Protected, tab.Choices, tab.Charts))
			for i, row := range tab.Values {
				if strings.HasSuffix(tab.Title, "Summary") && i >= 1 && i <= 3 {
					row = row[:1]
				}
				text, err := json.Marshal(row)
				require.NoError(h.t, err)
				lines = append(lines, fmt.Sprintf("%s %d: %s", tab.Title, i+1, text))
			}
		}
	}
	mails, err := h.sandbox.Mails(h.t.Context())
	require.NoError(h.t, err)
	var letters []string
	for _, m := range mails {
		letters = append(letters, fmt.Sprintf("to %v: %s", m.To, m.Subject))
	}
	slices.Sort(letters)
	return append(lines, letters...)
}
