package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_R11_LayOffIsOneItem: 25 leave within minutes, by webhooks that the budget has room for a part of. Whoever is held is under one
// item, before a poll has made a batch of them and after it, and one answer ends it.
func TestCase_R11_LayOffIsOneItem(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 300, Config: often})
	s.Baseline()
	ids := engineers(s, 25)
	for _, id := range ids {
		s.HR("workday-"+id, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	}
	for _, id := range ids {
		tell(s, "workday-"+id)
	}
	held := func() []string {
		var keys []string
		for _, id := range ids {
			if s.Account("workday-" + id).CanSignIn {
				keys = append(keys, "workday-"+id)
			}
		}
		return keys
	}
	var item worklist.Item
	s.Until("whoever is held is under one item", func() bool {
		items := needing(s, worklist.ItemFilter{})
		if len(items) == 1 {
			item = items[0]
		}
		return len(items) == 1 && item.Class == api.NoticeBudgetContain && item.Holders == len(held())
	})
	require.NotEmpty(t, held())
	require.Less(t, len(held()), len(ids), "there was room for some")
	d := s.Desk(nil)
	for _, key := range held() {
		require.Contains(t, d.MustRun("attention", "show", item.ID), "--person "+key)
	}

	s.Sync("workday")
	s.Until("the batch asks under the same item", func() bool {
		items := needing(s, worklist.ItemFilter{})
		return len(items) == 1 && items[0].ID == item.ID && items[0].Holders == len(held())+1
	})
	shown := d.MustRun("attention", "show", item.ID)
	for _, key := range held() {
		require.Contains(t, shown, key+"/")
	}
	require.NotContains(t, d.MustRun("attention", "list"), "workday-2", "the list names nobody")
	require.Zero(t, strings.Count(s.Messages(""), "Needs a decision"), "nobody is asked about each of them")

	require.NoError(t, s.Decide("hold/workday/leaver", api.VerbAllow))
	s.AwaitNobodyLeftWithAccess()
	s.Until("nothing needs anybody", func() bool { return len(needing(s, worklist.ItemFilter{})) == 0 })
}
