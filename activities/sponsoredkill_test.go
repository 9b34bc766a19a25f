package activities_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/sponsored"
	"gatehouse/identity"
	"gatehouse/ledger/journal"
	"gatehouse/sandbox/control"
)

// sponsoredStory adds somebody, extends them, and has their sponsor leave and the manager confirm. A context that ends ends it.
func (r *rig) sponsoredStory(ctx context.Context) error {
	desk := r.desk()
	out, err := desk.Add(ctx, carla())
	if err != nil {
		return err
	}
	word := func(verb string, day identity.Date) error {
		_, err := desk.Say(ctx, sponsored.Word{ID: verb, Verb: verb, Person: out.Key, Day: day, Reason: "because", By: "grace@acme.example"})
		return err
	}
	if err := word(sponsored.VerbExtend, "2026-09-30"); err != nil {
		return err
	}
	if _, err := r.sandbox.HR(context.WithoutCancel(ctx), "workday", "terminate", "21005", control.Fields{"last_day": "2026-03-01", "involuntary": true}, true); err != nil {
		return err
	}
	r.clock.Advance(24 * time.Hour)
	defer r.clock.Advance(-24 * time.Hour)
	if err := desk.Upkeep(ctx); err != nil {
		return err
	}
	if err := word(sponsored.VerbConfirm, ""); err != nil {
		return err
	}
	return desk.Upkeep(ctx)
}

// sponsoredResult is what a story has left.
func (r *rig) sponsoredResult() string {
	r.t.Helper()
	var out []string
	all, err := r.app.Ledger.Sponsored().All(r.t.Context())
	require.NoError(r.t, err)
	for _, rec := range all {
		out = append(out, fmt.Sprint(rec.ID, rec.Ends, rec.Ended, rec.Sponsor, rec.Heir, rec.OrphanedAt, rec.Detail))
		said, err := r.app.Ledger.Sponsored().RequestsOf(r.t.Context(), rec.ID)
		require.NoError(r.t, err)
		for _, w := range said {
			out = append(out, w.Verb+" "+w.By)
		}
		proofs, err := r.app.Ledger.Journal().EvidenceOf(r.t.Context(), rec.Key())
		require.NoError(r.t, err)
		for _, e := range proofs {
			out = append(out, stepOf(e))
		}
	}
	return strings.Join(append(out, fmt.Sprint(len(r.sponsorItems()))), "\n")
}

func stepOf(e journal.Evidence) string { return e.Step + " by " + e.Actor + ": " + e.Outcome }

// TestSponsoredKilledAtEachStep: whatever step the process ends at, the same requests again leave what an undisturbed story leaves, and
// the person's run has been hinted.
func TestSponsoredKilledAtEachStep(t *testing.T) {
	t.Parallel()
	whole := newRig(t, sponsorable())
	looks := 0
	whole.clock.watch(func() { looks++ })
	require.NoError(t, whole.sponsoredStory(t.Context()))
	whole.clock.watch(nil)
	want := whole.sponsoredResult()
	require.Equal(t, 3, strings.Count(want, "sponsor."))
	require.Greater(t, looks, 20)
	for at := 1; at <= looks; at += 2 {
		t.Run(fmt.Sprintf("step %d", at), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, sponsorable())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			r.clock.watch(func() {
				if seen++; seen == at {
					cancel()
				}
			})
			_ = r.sponsoredStory(ctx) // It was cut off, wherever that was.
			r.clock.watch(nil)
			r.restart()
			require.NoError(t, r.sponsoredStory(t.Context()))
			require.Equal(t, want, r.sponsoredResult())
			require.Contains(t, strings.Join(r.hints(), " "), "person/sponsored-")
		})
	}
}
