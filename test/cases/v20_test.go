package cases

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_V20_DeletedOnItsDay: three people have left a month ago. HR has one of them back without a word, a matter holds what
// another one has, and the reply to the deletion of the third is lost. The comparison deletes one account, once; the held one when the
// hold is released; and whoever comes back later has a new account.
func TestCase_V20_DeletedOnItsDay(t *testing.T) {
	t.Parallel()
	var clock movable
	s := kit.New(t, kit.Options{Clock: clock.now, Policy: func(text string) string {
		return kit.Replace(t, roomy(t)(text), "delete_after: never", "delete_after: 30d")
	}})
	noon(s, &clock)
	s.Baseline()
	sweep(s)
	reconcile(s, false)
	const gone, back, held = "workday-21005", "workday-21006", "workday-21009"
	ids := map[string]int64{}
	for _, key := range []string{gone, back, held} {
		ids[key] = s.Account(key).ID
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
		tell(s, key)
	}
	s.AwaitShut(ids[gone], ids[back], ids[held])
	require.NoError(t, s.App.Ledger.Orders().Put(t.Context(), identity.Order{ID: "matter", Key: held, Kind: identity.OrderHold, By: "legal"}))
	there := func(key string) bool {
		_, found, err := s.Sandbox.ByID(t.Context(), ids[key])
		require.NoError(t, err)
		return found
	}

	const month = 31 * 24 * time.Hour
	clock.advance(month)
	require.NoError(t, s.Sandbox.Advance(t.Context(), month))
	s.HR(back, "change", control.Fields{"last_day": "", "termination_date": ""})
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{Op: "onelogin.delete_user", When: "after", Style: "drop"}))
	mark := s.Mark()
	reconcile(s, true)
	s.Until("who left a month ago has no account any more", func() bool { return !there(gone) })
	s.Until("who is back has their account again", func() bool { return s.Of(ids[back]).Status == 1 })
	s.Until("the ledger knows of the deletion", func() bool {
		d, found, err := s.App.Ledger.Inventory().Deletion(t.Context(), identity.OneLoginRef(ids[gone]))
		require.NoError(t, err)
		return found && !d.DeletedAt.IsZero()
	})
	reconcile(s, true)
	require.True(t, there(held))

	_, err := s.App.Ledger.Orders().Release(t.Context(), "matter", "legal", "over")
	require.NoError(t, err)
	s.Hint(held, "released")
	s.AwaitShut(ids[held])
	s.Until("what the hold kept is taken, and the account goes", func() bool {
		if !there(held) {
			return true
		}
		s.Hint(held, "test")
		return false
	})
	require.Equal(t, []string{fmt.Sprintf("onelogin.delete_user user:%d", ids[gone]), fmt.Sprintf("onelogin.delete_user user:%d", ids[held])},
		s.Effects(mark, "onelogin.delete_user"), "each once")

	s.HR(gone, "change", control.Fields{"last_day": "", "termination_date": "", "hire_date": "today"})
	tell(s, gone)
	s.Until("whoever comes back has a new account", func() bool {
		p, found, err := s.Sandbox.ByExternalID(t.Context(), gone)
		require.NoError(t, err)
		return found && p.ID != ids[gone] && p.Status != 2
	})
}
