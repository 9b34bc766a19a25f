package incidents_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/storetest"
)

// testJoined shares an incident between cases of two rules that count one event, and between those only.
func testJoined(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, DigestKey: []byte("pepper")})
	at := c.Now()
	event := func(id int64, minutes int, subject string, rules ...string) incidents.StoredEvent {
		out := incidents.StoredEvent{ID: id, Type: 6, At: at.Add(time.Duration(minutes) * time.Minute)}
		for _, rule := range rules {
			out.Matches = append(out.Matches, incidents.EventMatch{Rule: rule, Subject: subject})
		}
		return out
	}
	put(t, l, event(1, 0, "s", "a", "b"), event(2, 1, "s", "b"), event(3, 2, "s", "c"), event(4, 0, "other", "a", "b"), event(5, 0, "s", "d"))
	judge := func(hits []incidents.Hit) ([]incidents.Case, error) {
		last := hits[len(hits)-1]
		return []incidents.Case{{FirstEvent: hits[0].Event, FirstAt: hits[0].At, LastEvent: last.Event, LastAt: last.At, Events: len(hits)}}, nil
	}
	cases := map[string]incidents.Case{}
	for _, rule := range []string{"a", "b", "c", "d"} {
		found, err := l.Incidents().EvaluateSubject(ctx, rule, "s", incidents.Span{Window: time.Hour, Quiet: time.Hour}, judge)
		require.NoError(t, err)
		require.Len(t, found, 1)
		cases[rule] = found[0]
	}
	sharing := func(rule string) (rules []string) {
		found, err := l.Incidents().Sharing(ctx, cases[rule])
		require.NoError(t, err)
		for _, other := range found {
			rules = append(rules, other.Rule)
		}
		return rules
	}
	require.Equal(t, []string{"b"}, sharing("a"))
	require.Equal(t, []string{"a"}, sharing("b"))
	require.Empty(t, sharing("c"), "the same time, and no event of the same")
	require.Empty(t, sharing("d"))

	require.NoError(t, l.Incidents().Join(ctx, cases["a"], cases["b"]))
	require.NoError(t, l.Incidents().Join(ctx, cases["a"], cases["b"]), "twice is once")
	require.Empty(t, sharing("b"), "a has no incident of its own any more")
	joined, err := l.Incidents().JoinedTo(ctx, cases["b"])
	require.NoError(t, err)
	require.Len(t, joined, 1)
	require.Equal(t, "a", joined[0].Rule)
	require.True(t, joined[0].Joined())

	require.NoError(t, l.Incidents().Join(ctx, cases["b"], cases["c"]))
	joined, err = l.Incidents().JoinedTo(ctx, cases["c"])
	require.NoError(t, err)
	require.Len(t, joined, 2, "what shared its incident goes along")
}
