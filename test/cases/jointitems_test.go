package cases

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_R11_AccountsOfOneReason: three leave whose accounts a directory named and whose last names differ alike, and another whose
// account differs otherwise. The three are one item, which names each with the answers; security is told of each at once, nobody
// answers for all of them in one word, and whoever comes later is on the same item.
func TestCase_R11_AccountsOfOneReason(t *testing.T) {
	t.Parallel()
	keys := []string{"workday-21009", "workday-21015", "workday-21038", "workday-21018"}
	var accounts []control.Person
	s := kit.New(t, kit.Options{Policy: roomy(t), Config: often})
	for i, key := range keys[:3] {
		accounts = append(accounts, s.Age(key, control.Fields{"external_id": fmt.Sprintf("%s%d", guid[:35], i), "lastname": "Deschanel"}))
	}
	other := s.Age(keys[3], control.Fields{"external_id": sid, "email": "x@legacy.example"})
	s.Baseline()
	intact := untouched(s, append(accounts, other)...)
	leaves(s, keys[0], keys[1], keys[3])
	settled(s, "external id", accounts[0], accounts[1], other)
	doubts := worklist.ItemFilter{System: "onelogin", Class: api.NoticeLeaverDoubt}
	of := func(n int) (item worklist.Item) {
		s.Until("those of one reason are one item", func() bool {
			items := needing(s, doubts)
			for _, each := range items {
				if each.Holders == n {
					item = each
				}
			}
			return len(items) == 2 && item.Holders == n
		})
		return item
	}
	first := of(2)
	leaves(s, keys[2])
	settled(s, "external id", accounts[2])
	item := of(3)
	require.Equal(t, first.ID, item.ID)
	d := s.Desk(nil)
	shown := d.MustRun("attention", "show", item.ID)
	for i, key := range keys[:3] {
		require.Contains(t, shown, "--person "+key)
		require.Contains(t, shown, fmt.Sprint("account@onelogin/", accounts[i].ID))
	}
	require.NotContains(t, d.MustRun("attention", "list"), "workday-2", "the list names nobody")

	for _, verb := range []string{api.VerbSeparate, api.VerbLink} {
		refused := d.Run("decide", "--cause", item.ID, "--verb", verb, "--reason", "all of them")
		require.NotZero(t, refused.Code)
		require.Contains(t, refused.Err, "decided about for itself")
	}
	for _, a := range accounts {
		require.True(t, s.Of(a.ID).CanSignIn, "nothing was decided")
	}
	for i, key := range keys[:3] {
		require.NoError(t, s.Decide(api.PersonID(key), api.VerbLink))
		s.AwaitShut(accounts[i].ID)
	}
	s.Until("their item is over, and the other's is not", func() bool {
		items := needing(s, doubts)
		return len(items) == 1 && items[0].ID != item.ID
	})
	intact()
}
