package cases

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L17_QuarantinedExport: an export is quarantined, because rows or a column are gone. Those who have left by their own
// record wait for nobody to repair it, whether the export or a webhook tells of them; nobody else is touched.
func TestCase_L17_QuarantinedExport(t *testing.T) {
	t.Parallel()
	workday, bamboo := [2]string{"21005", "21008"}, [2]string{"105", "106"}
	for name, c := range map[string]struct {
		source string
		ids    [2]string
		broken map[string]any
	}{
		"workday, a third of the rows is gone":             {"workday", workday, map[string]any{"drop_rows": 0.3}},
		"workday, the column of hire dates":                {"workday", workday, map[string]any{"drop_columns": []string{"Hire_Date"}}},
		"workday, the column of statuses":                  {"workday", workday, map[string]any{"drop_columns": []string{"Status"}}},
		"bamboohr, two thirds of the table are gone":       {"bamboohr", bamboo, map[string]any{"drop_rows": 0.67}},
		"bamboohr, hire dates are blank":                   {"bamboohr", bamboo, map[string]any{"blank_fields": []string{"hireDate"}}},
		"bamboohr, hire dates and statuses cannot be seen": {"bamboohr", bamboo, map[string]any{"restricted_fields": []string{"hireDate", "status"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			key := func(i int) string { return c.source + "-" + c.ids[i] }
			first, second := s.Account(key(0)), s.Account(key(1))
			settings, webhook := s.Sandbox.Workday, s.WorkdayWebhook
			if c.source == "bamboohr" {
				settings, webhook = s.Sandbox.BambooHR, s.BambooHRWebhook
			}
			require.NoError(t, settings(t.Context(), c.broken))
			mark := s.Mark()
			s.HR(key(0), "terminate", control.Fields{"last_day": "today", "involuntary": true})
			run := s.StartSync(c.source)
			s.Until("the source is quarantined", func() bool { return strings.Contains(s.Messages(it), "quarantined") })
			s.AwaitShut(first.ID)
			require.Equal(t, []string{"hr-sync-" + c.source}, open(s, api.TypeHRSync), "and the source is quarantined yet")

			s.HR(key(1), "terminate", control.Fields{"last_day": "today", "involuntary": true})
			require.Equal(t, 202, webhook(c.ids[1]))
			s.AwaitShut(second.ID)
			for _, effect := range s.Effects(mark, "onelogin.update_user") {
				require.True(t, strings.HasSuffix(effect, itoa(first.ID)) || strings.HasSuffix(effect, itoa(second.ID)), effect)
			}

			require.NoError(t, settings(t.Context(), map[string]any{}))
			s.Until("the poll takes the word", func() bool { return s.Decide("hr-sync-"+c.source, api.VerbRetry) == nil })
			var out api.SyncOutcome
			require.NoError(t, run.Get(t.Context(), &out))
			require.Equal(t, "in step", out.Result)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}
