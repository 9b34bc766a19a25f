package accounts

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/census"
)

// TestReportIsWrittenAsOneWouldBe: what is written a row at a time is what one text would be, without names.
func TestReportIsWrittenAsOneWouldBe(t *testing.T) {
	t.Parallel()
	r := &census.Report{
		At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Policy: `<"sections": null>`, People: 2, Coverage: []census.Coverage{{What: "workday", Problems: []string{"a & b"}}},
		Sections: []census.Section{
			{Name: "left", Title: "left", Meaning: "gone", Next: "shut"},
			{Name: "linked", Title: "linked", Rows: []census.Row{
				{Account: "onelogin/1", Why: `"rows": null`, Roles: []string{"Everyone", "R&D"}, Username: "ada", Name: "Ada Byron"},
				{Account: "onelogin/2", Privileged: true},
			}},
		},
		Beyond: []census.RoleCount{{Role: "R&D", Accounts: 1}},
	}
	for _, sections := range [][]census.Section{r.Sections, {}} {
		r.Sections = sections
		want := *r
		want.Sections = []census.Section{}
		for _, s := range sections {
			rows := []census.Row{}
			for _, row := range s.Rows {
				row.Username, row.Name = "", ""
				rows = append(rows, row)
			}
			s.Rows = rows
			want.Sections = append(want.Sections, s)
		}
		var whole, parts bytes.Buffer
		enc := json.NewEncoder(&whole)
		enc.SetIndent("", "  ")
		require.NoError(t, enc.Encode(want))
		require.NoError(t, writeAdoptionJSON(&parts, r))
		require.Equal(t, whole.String(), parts.String())
	}
}
