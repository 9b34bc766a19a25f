package cases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L00_OrdinaryLeaver is what every other case differs from: an account as Gatehouse would have made it.
func TestCase_L00_OrdinaryLeaver(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	account := s.Account("workday-21005")
	require.True(t, account.CanSignIn)
	s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	require.Len(t, s.LeftWithAccess(), 1, "the sandbox knows who is in who should be out")
	require.Equal(t, 202, s.WorkdayWebhook("21005"))
	s.AwaitShut(account.ID)
	s.AwaitNobodyLeftWithAccess()
}
