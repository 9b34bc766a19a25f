package decide

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
)

// TestEveryIDIsTakenEverywhere: the list prints the id of a cause, and a run that of its question. Each command takes either.
func TestEveryIDIsTakenEverywhere(t *testing.T) {
	t.Parallel()
	l, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	waits := func(object, workflow, step, question string) string {
		t.Helper()
		item := worklist.Item{System: "x", Class: "y", Object: object, Severity: worklist.SeverityWarning, Owner: "it", Text: "t", Next: "n"}
		require.NoError(t, l.Worklist().HoldItem(t.Context(), item, worklist.Holder{
			Workflow: workflow, FirstRun: "r", Step: step, Question: question, Verbs: []string{"retry"}, ParkedAt: time.Now(), Code: "y",
		}))
		return worklist.ItemID("x", "y", object)
	}
	alone := waits("alone", api.PersonID("workday-1"), "plan", "aa0000000001")
	shared := waits("shared", api.PersonID("workday-2"), "plan", "bb0000000002")
	waits("shared", "hr-sync-workday", "sync.quarantine", "cc0000000003")
	waits("shared", "hr-sync-workday", "sync.report", "dd0000000004")
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	for id, want := range map[string]string{
		alone: alone, "aa0000000001": alone, "aa00000000": alone, shared: shared, "bb0000000002": shared, "cc0000000003": shared,
	} {
		found, err := itemNamed(cmd, l, id)
		require.NoError(t, err, id)
		require.Equal(t, want, found.ID, id)
	}
	for name, tt := range map[string]struct {
		given    decision
		question string
		workflow string
		want     string
	}{
		"a question":                 {decision{Decision: api.Decision{Item: "aa0000000001"}}, "aa0000000001", "person/workday-1", ""},
		"its beginning":              {decision{Decision: api.Decision{Item: "aa0000"}, workflow: "person/workday-1"}, "aa0000000001", "person/workday-1", ""},
		"the item of one":            {decision{Decision: api.Decision{Item: alone}}, "aa0000000001", "person/workday-1", ""},
		"the item, and the person":   {decision{Decision: api.Decision{Item: shared}, workflow: "person/workday-2"}, "bb0000000002", "person/workday-2", ""},
		"the item, run and step":     {decision{Decision: api.Decision{Item: shared, Step: "sync.report"}, workflow: "hr-sync-workday"}, "dd0000000004", "hr-sync-workday", ""},
		"the item of several":        {decision{Decision: api.Decision{Item: shared}}, "", "", "3 questions wait as item " + shared + ": answer all of them with --cause"},
		"the item of two, and a run": {decision{Decision: api.Decision{Item: shared}, workflow: "hr-sync-workday"}, "", "", "2 questions of hr-sync-workday wait as item"},
		"one that is not listed":     {decision{Decision: api.Decision{Item: "ee0000000005"}, workflow: "person/workday-1"}, "ee0000000005", "person/workday-1", ""},
		"one that nobody has":        {decision{Decision: api.Decision{Item: "ee0000000005"}}, "", "", "nobody waits with item ee0000000005"},
		"no id":                      {decision{Decision: api.Decision{Item: "x"}}, "", "", "nobody waits with item x"},
		"none":                       {decision{workflow: "person/workday-1"}, "", "person/workday-1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := tt.given
			err := d.named(cmd, l)
			if tt.want != "" {
				require.ErrorContains(t, err, tt.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.question, d.Item)
			require.Equal(t, tt.workflow, d.workflow)
		})
	}
}
