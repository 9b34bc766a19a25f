package oncall_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/incidents"
)

// TestMergedIsSaidToTheMergedOne whichever of two incidents PagerDuty names first, whether or not the other one was carried
// meanwhile, and if somebody has written another title.
func TestMergedIsSaidToTheMergedOne(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ newer, gone, before bool }{
		"the older into the newer": {}, "the newer into the older": {newer: true},
		"the other one was carried before":     {newer: true, before: true},
		"the merged one is not shown any more": {gone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDuty(t)
			c, id := d.opened("onelogin-1", 1)
			other, into := d.opened("onelogin-2", 2)
			third, thirdID := d.opened("onelogin-3", 3)
			if tc.newer {
				c, id, other, into = other, into, c, id
			}
			for _, source := range []incidents.Case{c, third} {
				_, err := d.pager.Merge(source.DedupKey, other.DedupKey)
				require.NoError(t, err)
			}
			k := d.keeper(d.client)
			d.heard(incidents.PagerWord{IncidentID: into, EventID: "e1", Status: "triggered"})
			if tc.before {
				require.NoError(t, k.Round(t.Context()))
			}
			want := []string{"incident/r/" + c.Subject + "/1 pager merged"}
			if tc.gone {
				// Of which of the two it was that PagerDuty has forgotten, nobody knows.
				id, want = "Q404", append(want, "incident/r/"+third.Subject+"/1 pager merged")
			}
			d.heard(incidents.PagerWord{IncidentID: id, EventID: "e2", Status: "triggered"})
			d.clock.Advance(time.Second)
			d.heard(incidents.PagerWord{IncidentID: id, EventID: "e3", Status: "merged", MergedInto: into})
			require.NoError(t, k.Round(t.Context()))
			merged := slices.DeleteFunc(slices.Clone(d.told), func(line string) bool { return line[len(line)-6:] != "merged" })
			require.ElementsMatch(t, want, merged)
			require.Zero(t, d.waiting())
			known, err := d.ledger.Incidents().PagerIncident(t.Context(), into)
			require.NoError(t, err)
			require.Contains(t, known.Keys, c.DedupKey)
			require.NotEmpty(t, thirdID)
		})
	}
}

// TestOneThatFailsStarvesNoOther: an incident that PagerDuty cannot show is tried again, and the others are carried meanwhile.
func TestOneThatFailsStarvesNoOther(t *testing.T) {
	t.Parallel()
	d := newDuty(t)
	_, first := d.opened("onelogin-1", 1)
	_, second := d.opened("onelogin-2", 2)
	d.broken.Store("/incidents/" + first + "/")
	for _, id := range []string{first, second} {
		d.heard(incidents.PagerWord{IncidentID: id, EventID: "e-" + id, Status: "acknowledged"})
	}
	k := d.keeper(d.client)
	require.ErrorContains(t, k.Round(t.Context()), first)
	require.Equal(t, []string{"incident/r/onelogin-2/1 pager acknowledged"}, d.told)
	require.NoError(t, k.Round(t.Context()), "that one is left alone for a moment")
	d.heard(incidents.PagerWord{IncidentID: second, EventID: "e9", Status: "resolved"})
	require.NoError(t, k.Round(t.Context()))
	require.Equal(t, 1, d.waiting(), "the other one is not")

	d.broken.Store("")
	d.clock.Advance(10 * time.Second)
	require.NoError(t, k.Round(t.Context()))
	require.Equal(t, "incident/r/onelogin-1/1 pager acknowledged", d.told[len(d.told)-1])
	require.Zero(t, d.waiting())
}
