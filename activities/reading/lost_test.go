package reading_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/reading"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/storetest"
	"gatehouse/policy"
)

const byTitle = `
company: {domain: acme.example, zone: Europe/Berlin}
modes: {onboarding: observe, offboarding: observe}
safety: {protected: []}
leaver: {fallback_owner: it@acme.example}
access: {rules: [{name: leads, when: 'person.title == "Lead"', roles: [Leads]}]}
end: policy
`

// records is a source of HR that has titles and ends, or has lost them, and counts its reads.
type records struct {
	lost  bool
	reads int
}

func (r *records) Read(_ context.Context, id string) (identity.Record, bool, error) {
	r.reads++
	rec := identity.Record{Source: identity.SourceWorkday, EmployeeID: id, Status: identity.StatusActive, Title: "Lead"}
	if id == "90" {
		rec.Status, rec.TerminationDate = identity.StatusTerminated, "2026-10-01"
	}
	if r.lost {
		rec.Title, rec.TerminationDate = "", ""
	}
	return rec, true, nil
}

// TestAColumnThatIsLostBetweenTwoLooks: that others had a value was believed for two minutes. Whoever was looked at within them, after HR had
// lost the column, was judged without one.
func TestAColumnThatIsLostBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	ctx, clock := t.Context(), storetest.NewClock()
	l := storetest.Open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Clock: clock.Now})
	require.NoError(t, l.Roster().AddFindings(ctx,
		roster.Finding{Source: identity.SourceWorkday, Kind: roster.FindingColumn, Subject: "1", Why: "title"},
		roster.Finding{Source: identity.SourceWorkday, Kind: roster.FindingWitness, Subject: "90", Why: "termination_date", Left: true}))
	rules, err := policy.Parse("policy.yaml", []byte(byTitle))
	require.NoError(t, err)
	src, r := &records{}, &reading.Reader{Ledger: l, Policy: func() *policy.Policy { return rules }, Clock: clock.Now}
	missing := func() []string {
		rec := identity.Record{Source: identity.SourceWorkday, EmployeeID: "2", Status: identity.StatusActive}
		rec, err := r.WithoutLost(ctx, src, rec)
		require.NoError(t, err)
		rec, err = r.Unseen(ctx, src, rec)
		require.NoError(t, err)
		return rec.Missing
	}
	require.Empty(t, missing(), "they have no title, and others have one")
	require.Equal(t, 2, src.reads)
	for range 100 {
		require.Empty(t, missing())
	}
	require.Equal(t, 2, src.reads, "a wave reads nobody again")

	src.lost = true
	clock.Advance(10 * time.Second)
	require.Equal(t, []string{"termination_date", "title"}, missing())
	reads := src.reads
	src.lost = false
	clock.Advance(time.Minute)
	require.Equal(t, []string{"termination_date", "title"}, missing(), "a loss is believed for two minutes")
	require.Equal(t, reads, src.reads)
	clock.Advance(time.Minute)
	require.Empty(t, missing())
}
