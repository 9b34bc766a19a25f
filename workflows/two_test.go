package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// Where the policy says so two people let a list through. One is not two under another name, and the first's word holds also on
// the next day.
func TestTwoPeopleLetAListThrough(t *testing.T) {
	t.Parallel()
	w := holding(t)
	w.shown.Two = []string{"contain"}
	p := w.open(start)
	var again, other, replayed *answer
	p.after(time.Hour, func() {
		item := p.state().Attention[0]
		require.True(t, item.Two)
		p.update("u1", api.VerbAllow, api.Decision{By: "grace.hopper@acme.example", Item: item.Item, Code: item.Code})
		replayed = p.update("u1", api.VerbAllow, api.Decision{By: "grace.hopper@acme.example", Item: item.Item, Code: item.Code})
		other = p.decide(api.VerbAllow, api.Decision{By: "linus@acme.example", Item: item.Item, Code: item.Code})
	})
	p.after(30*time.Hour, func() {
		require.NoError(t, replayed.refused)
		require.ErrorContains(t, other.refused, "does not wait for a decision any more", "what was shown has changed")
		require.Empty(t, w.lists, "one is not two")
		item := p.state().Attention[0]
		require.Equal(t, []string{"grace.hopper@acme.example"}, item.AllowedBy)
		require.Contains(t, item.Text, "One of two has allowed it: grace.hopper@acme.example. Another person has to.")
		again = p.decide(api.VerbAllow, api.Decision{By: "Grace Hopper <g.hopper@other.example>", Item: item.Item})
		p.after(time.Hour, func() {
			require.ErrorContains(t, again.refused, "a second person has to")
			require.Empty(t, w.lists)
			p.decide(api.VerbAllow, api.Decision{By: "linus@acme.example", Item: p.state().Attention[0].Item})
		})
	})
	require.Equal(t, "let through by grace.hopper@acme.example and linus@acme.example (unverified)", p.hold().Result)
	require.Len(t, w.lists, 1)
	require.Equal(t, "grace.hopper@acme.example and linus@acme.example", w.lists[0].By)
}

// Another list is another question: who has allowed the one has said nothing about the other, and one person rejects.
func TestTwoPeopleAllowOneList(t *testing.T) {
	t.Parallel()
	w := holding(t)
	w.shown.Two = []string{"contain"}
	p := w.open(start)
	p.after(time.Hour, func() { p.by(api.VerbAllow) })
	p.after(2*time.Hour, func() {
		next := list("bbbbbbbbbbbbbbbb", 101)
		next.Two = []string{"contain"}
		p.poll(next)
	})
	p.after(3*time.Hour, func() {
		require.Empty(t, p.state().Attention[0].AllowedBy)
		p.by(api.VerbReject)
	})
	p.after(4*time.Hour, func() {
		require.Equal(t, api.VerbReject, w.lists[0].Verb)
		p.poll(api.HoldShown{})
	})
	p.hold()
	require.Len(t, w.lists, 1)
}
