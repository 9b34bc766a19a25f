package incidents_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/storetest"
)

func testPager(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	clock := storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: clock.Now})
	s := l.Incidents()
	known := func(id string) incidents.PagerIncident {
		got, err := s.PagerIncident(ctx, id)
		require.NoError(t, err)
		return got
	}
	require.Empty(t, known("Q1"))
	require.NoError(t, s.AddPagerKeys(ctx, "Q1", nil))
	require.NoError(t, s.AddPagerKeys(ctx, "Q1", []string{"k1"}))
	require.Equal(t, incidents.PagerIncident{Keys: []string{"k1"}}, known("Q1"), "nobody has asked about the whole of it")
	began := clock.Now()
	for range 2 {
		require.NoError(t, s.LearnPagerIncident(ctx, "Q1", []string{"k2", "k1"}))
		require.NoError(t, s.LearnPagerIncident(ctx, "Q2", nil))
	}
	require.Empty(t, cmp.Diff(incidents.PagerIncident{Keys: []string{"k1", "k2"}, LearnedAt: began}, known("Q1")))
	require.Empty(t, cmp.Diff(incidents.PagerIncident{LearnedAt: began}, known("Q2")), "it is about none of ours")

	late := incidents.PagerWord{IncidentID: "Q3", EventID: "e2", Status: "resolved", At: began.Add(time.Minute), By: "P1", MergedInto: "Q1"}
	early := incidents.PagerWord{IncidentID: "Q3", EventID: "e1", Status: "triggered", At: began, Reopens: true}
	for _, w := range []incidents.PagerWord{late, early, late} {
		require.NoError(t, s.KeepPagerWord(ctx, w))
	}
	late.HeardAt, early.HeardAt = began, began
	words := func() []incidents.PagerWord {
		got, err := s.PagerWords(ctx, 10)
		require.NoError(t, err)
		return got
	}
	require.Empty(t, cmp.Diff([]incidents.PagerWord{early, late}, words()), "in the order in which they were said, once each")
	for range 2 {
		require.NoError(t, s.DropPagerWord(ctx, early))
	}
	require.Empty(t, cmp.Diff([]incidents.PagerWord{late}, words()))

	clock.Advance(time.Hour)
	require.NoError(t, s.LearnPagerIncident(ctx, "Q1", nil))
	require.NoError(t, s.PrunePager(ctx, began.Add(time.Minute)))
	require.Empty(t, known("Q2"))
	require.Equal(t, []string{"k1", "k2"}, known("Q1").Keys, "it was asked about again since")
}
