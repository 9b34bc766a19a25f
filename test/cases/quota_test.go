package cases

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L14_QuotaSpentForMinutes: OneLogin refuses calls for their rate and asks for ten minutes' patience when HR and an
// order want somebody out, and answers again long before these are over. Nobody is hinted again.
func TestCase_L14_QuotaSpentForMinutes(t *testing.T) {
	t.Parallel()
	const leaver, ordered = "workday-21005", "workday-21007"
	for name, fault := range map[string]control.Fault{
		"every call":            {Style: "status", Status: http.StatusTooManyRequests},
		"in version 1's words":  {Style: "rate_limit", Status: http.StatusBadRequest},
		"what changes accounts": {Style: "status", Status: http.StatusTooManyRequests, Method: http.MethodPut},
		"a proxy's 503":         {Style: "status", Status: http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			accounts := []int64{s.Account(leaver).ID, s.Account(ordered).ID}
			fault.System, fault.When, fault.RetryAfter, fault.Times = "onelogin", "before", 600, -1
			require.NoError(t, s.Sandbox.AddFault(t.Context(), fault))
			mark := s.Mark()
			s.HR(leaver, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			require.Equal(t, http.StatusAccepted, s.WorkdayWebhook("21005"))
			contain(s, "c1", ordered)
			s.Until("each of them was refused more than once", func() bool { return refused(s, mark) > 4 })
			for _, id := range accounts {
				require.True(t, kit.Open(s.Of(id)), "nobody can be out before OneLogin answers")
			}

			require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
			began := time.Now()
			s.AwaitShut(accounts...)
			require.Less(t, time.Since(began), 20*time.Second, "whatever OneLogin asked for")
			s.AwaitNobodyLeftWithAccess()
			s.Outcome(leaver)
			s.Outcome(ordered)
		})
	}
}

// refused counts the calls of OneLogin that a fault answered.
func refused(s *kit.Stack, since uint64) int {
	s.T.Helper()
	entries, err := s.Sandbox.Journal(s.T.Context(), since, false)
	require.NoError(s.T, err)
	return len(slices.DeleteFunc(entries, func(e control.Entry) bool { return e.System != "onelogin" || !strings.Contains(e.Fault, "before") }))
}
