package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_R06_TwoForABatch: where deciders.two says so, two people let held leavers through, each with a signature of their own. One
// person is not two, with one key or by another name.
func TestCase_R06_TwoForABatch(t *testing.T) {
	t.Parallel()
	ann, bob, eve := newNamed(t, "ann@acme.example"), newNamed(t, "bob@acme.example"), newNamed(t, "a.nn@acme.example")
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		policy = deciding(t, ann.entry("budget")+bob.entry("budget")+eve.entry("plan"))(policy)
		return kit.Replace(t, policy, "\ndeciders:\n", "\ndeciders:\n  two: [contain]\n")
	}})
	s.Baseline()
	keys, ids := berliners(s, 8)
	for _, key := range keys {
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	}
	s.Sync("workday")
	require.Contains(t, askedAbout(s, "workday", api.HoldLeaver, 8), "8 people")
	run := api.HoldID(api.HoldRef{Source: "workday", Kind: api.HoldLeaver})
	desk := s.Desk(nil)
	allow := func(by named) kit.Printed {
		return desk.Run("decide", "--workflow", run, "--verb", api.VerbAllow, "--reason", "a lay-off", "--key", by.file(t))
	}
	require.NotZero(t, desk.Run("decide", "--workflow", run, "--verb", api.VerbAllow, "--reason", "a lay-off").Code)
	p := allow(ann)
	require.Zero(t, p.Code, p.Err)
	require.Contains(t, p.Out, "one of two has allowed it: another person has to")
	p = allow(ann)
	require.NotZero(t, p.Code)
	require.Contains(t, p.Err, "a second person has to")
	p = allow(eve)
	require.NotZero(t, p.Code)
	require.Contains(t, p.Err, "this is budget")
	s.Sync("workday")
	require.Equal(t, 8, inside(s, ids), "one is not two")
	p = allow(bob)
	require.Zero(t, p.Code, p.Err)
	long(s, "they are out", func() bool { return inside(s, ids) == 0 })
}
