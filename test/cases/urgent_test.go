package cases

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L03_ProtectedAccountWakesSomebody: a page, at the highest severity.
func TestCase_L03_ProtectedAccountWakesSomebody(t *testing.T) {
	t.Parallel()
	s, admin := protectedLeaver(t, control.Fields{"external_id": guid})
	s.Until("somebody is woken", func() bool { return names(paged(s), admin) })
}

// TestCase_L24_ComingBackWakesSomebody: access that was taken away twice and came back.
func TestCase_L24_ComingBackWakesSomebody(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	s.Baseline()
	account := s.Account("workday-21009")
	require.NoError(t, s.Sandbox.AddMapping(t.Context(), control.Mapping{
		Name: "engineers are active", Conditions: []control.MappingCondition{{Source: "department", Operator: "=", Value: "Engineering"}},
		Actions: []control.MappingAction{{Action: "set_status", Value: []string{"1"}}},
	}))
	nights(s, account.ID, 3, func() error { _, err := s.Sandbox.RunMappings(t.Context()); return err })
	leaves(s, "workday-21009")
	s.Until("somebody is woken", func() bool { return names(paged(s), account) })
}

// paged is everything that the pager has at its highest severity, as one text.
func paged(s *kit.Stack) string {
	s.T.Helper()
	all, err := s.Sandbox.Incidents(s.T.Context())
	require.NoError(s.T, err)
	var out strings.Builder
	for i := range all {
		if all[i].Severity == "critical" {
			text, err := json.Marshal(all[i])
			require.NoError(s.T, err)
			out.Write(text)
		}
	}
	return out.String()
}
