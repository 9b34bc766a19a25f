package cases

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/gateway"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L17_OneRecordThatCannotBeUsed: ids that can be no part of a key, beside a leaver.
func TestCase_L17_OneRecordThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{
		"a letter that is not ASCII": "2ä005", "a tab": "21\t05", "1,100 characters": strings.Repeat("7", 1100),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			account := s.Account("workday-21005")
			odd := control.Fields{"first_name": "Odd", "last_name": "Id", "department": "Support", "location": "Berlin", "status": "Terminated"}
			require.NoError(t, s.Sandbox.HireAs(t.Context(), "workday", id, odd))
			s.HR("workday-21005", "terminate", control.Fields{"last_day": "today", "involuntary": true})
			s.Sync("workday")
			s.AwaitShut(account.ID)
			s.Until("IT is told of the record", func() bool {
				said := s.Messages(it)
				return strings.Contains(said, "could not be read or used") && strings.Contains(said, "say that somebody has left")
			})
			require.NotContains(t, s.Messages(it), id)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// TestCase_L17_OneRecordThatCannotBeRead: BambooHR answers 500 about one employee, who has left as well as another one. The
// other one does not wait for that, and the one is not forgotten.
func TestCase_L17_OneRecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	broken, other := s.Account("bamboohr-105"), s.Account("bamboohr-106")
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "bamboohr", Path: "/api/v1/employees/105", When: "before", Style: "status", Status: 500, Times: -1}))
	for _, key := range []string{"bamboohr-105", "bamboohr-106"} {
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	}
	s.Sync("bamboohr")
	s.AwaitShut(other.ID)
	s.Until("IT is told of the record", func() bool { return strings.Contains(s.Messages(it), "HTTP 500: 1") })
	s.Sync("bamboohr")
	require.True(t, s.Of(broken.ID).CanSignIn)
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.Sync("bamboohr")
	s.AwaitShut(broken.ID)
	s.AwaitNobodyLeftWithAccess()
}

// signed posts a body as the HR system would, and returns the status of the answer.
func signed(s *kit.Stack, source, body string) int {
	s.T.Helper()
	if source == "bamboohr" {
		return s.Post("/webhooks/bamboohr", []byte(body), control.BambooHRHeaders(kit.BambooHRKey, []byte(body), time.Now()))
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	return s.Post("/webhooks/workday", []byte(body), map[string]string{
		gateway.HeaderTimestamp: stamp, gateway.HeaderSignature: gateway.SignWorkday([]byte(body), stamp, kit.WorkdayKey),
	})
}

// TestCase_L18_OddDeliveries: what is answered with a 4xx is never repeated.
func TestCase_L18_OddDeliveries(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ key, body string }{
		"one id of two cannot be used": {"bamboohr-105", `{"employees":[{"id":"../x"},{"id":"105","action":"Updated"}]}`},
		"fields that are a list":       {"bamboohr-105", `{"employees":[{"id":"105","action":"Updated","fields":[]}]}`},
		"a worker as a number":         {"workday-21005", `{"worker":21005}`},
		"workers as numbers":           {"workday-21005", `{"workers":[21005,"ä"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			account := s.Account(tt.key)
			s.HR(tt.key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			source, _, _ := strings.Cut(tt.key, "-")
			require.Equal(t, http.StatusAccepted, signed(s, source, tt.body))
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// TestCase_L19_TerminatedWithoutAHireDate: the credential does not see the field, or the one record lacks it.
func TestCase_L19_TerminatedWithoutAHireDate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key  string
		lose func(*kit.Stack) error
	}{
		"workday, the column": {"workday-21005", func(s *kit.Stack) error {
			return s.Sandbox.Workday(s.T.Context(), map[string]any{"drop_columns": []string{"Hire_Date"}})
		}},
		"bamboohr, the field": {"bamboohr-105", func(s *kit.Stack) error {
			return s.Sandbox.BambooHR(s.T.Context(), map[string]any{"restricted_fields": []string{"hireDate", "terminationDate"}})
		}},
		"workday, the record": {"workday-21005", func(s *kit.Stack) error {
			s.HR("workday-21005", "change", control.Fields{"hire_date": ""})
			return nil
		}},
		"workday, a date that is none": {"workday-21005", func(s *kit.Stack) error {
			s.HR("workday-21005", "change", control.Fields{"hire_date": "raw:soon"})
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			account := s.Account(tt.key)
			require.NoError(t, tt.lose(s))
			leaves(s, tt.key)
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// TestCase_V11_NeverToEnd: an end in a far future is none. Nobody waits for it.
func TestCase_V11_NeverToEnd(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21005")
	s.HR("workday-21005", "change", control.Fields{"last_day": "9999-12-31", "termination_date": "9999-12-31"})
	tell(s, "workday-21005")
	s.Outcome("workday-21005")
	require.True(t, s.Of(account.ID).CanSignIn)
	s.Until("no run waits", func() bool { return len(open(s, api.TypePerson)) == 0 })
	leaves(s, "workday-21005")
	s.AwaitShut(account.ID)
}

// TestCase_V12_NoStatusRow: an employee who is in no table that lists people.
func TestCase_V12_NoStatusRow(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]string{"since before the first poll": "before", "hired later": "after"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			key := "bamboohr-105"
			if when == "before" {
				s.HR(key, "change", control.Fields{"no_status_row": true})
			}
			s.Baseline()
			if when == "after" {
				key = s.Hire("bamboohr", control.Fields{
					"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "location": "Berlin", "hire_date": "today", "no_status_row": true,
				})
				require.Equal(t, 1, s.Sync("bamboohr").Hinted)
				s.Outcome(key)
			}
			account := s.Account(key)
			s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
			require.Equal(t, 1, s.Sync("bamboohr").Hinted)
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}

// waits reports whether the person's run asks for a decision with a code.
func waits(s *kit.Stack, key, code string) bool {
	state, ok := s.State(key)
	data, err := json.Marshal(state.Attention)
	require.NoError(s.T, err)
	return ok && strings.Contains(string(data), `"`+code+`"`)
}
