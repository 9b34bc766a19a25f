package activities_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// TestPreviewLeavesNoTrace: a dry run says what an assessment would, and writes nowhere, the ledger included.
func TestPreviewLeavesNoTrace(t *testing.T) {
	t.Parallel()
	tests := map[string]func(r *rig) string{
		"a joiner nobody has met": func(r *rig) string { return r.hire("workday", ada()) },
		"somebody nobody has met": func(*rig) string { return "workday-21003" },
		"a known person":          func(r *rig) string { return known(r, "workday-21003").Key },
		"a leaver": func(r *rig) string {
			r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today"})
			return "workday-21003"
		},
		"a leaver who was taken back": func(r *rig) string {
			r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today+30"})
			r.assess("workday-21003")
			r.hr("workday", "change", "21003", control.Fields{"last_day": "", "termination_date": ""})
			return "workday-21003"
		},
		"a contractor who was hired": func(r *rig) string { _, hired := converted(r); return hired },
		"a possible duplicate": func(r *rig) string {
			contractor(r)
			return r.hire("workday", ada(control.Fields{"last_name": "Lovelace"}))
		},
		"somebody under an order": func(r *rig) string {
			require.NoError(r.t, r.app.Ledger.Orders().Put(r.t.Context(), identity.Order{ID: "o1", Key: "workday-21003", Kind: identity.OrderContain, By: "ops"}))
			return "workday-21003"
		},
		"an account without a person": func(r *rig) string {
			orphan, _, err := r.sandbox.ByUsername(r.t.Context(), "riley.orphan@acme.example")
			require.NoError(r.t, err)
			return onelogin42(orphan.ID)
		},
		"an account by its id":        func(r *rig) string { return onelogin42(r.account("workday-21003").ID) },
		"an account of somebody else": func(r *rig) string { _, second := contested(r); return second },
		"an account by its e-mail": func(r *rig) string {
			newUser(r, onelogin.NewUser{Username: "ada.byron@acme.example", Email: "ada.byron@acme.example", FirstName: "Ada", LastName: "Byron"})
			return r.hire("workday", ada(control.Fields{"work_email": "ada.byron@acme.example"}))
		},
	}
	for name, arrange := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			key := arrange(r)
			mark, before := r.mark(), r.dump()
			plan, err := r.vendors.Activities.Person.Preview(t.Context(), key)
			require.NoError(t, err)
			require.Empty(t, r.effects(mark))
			require.Empty(t, cmp.Diff(before, r.dump()), "the ledger was written to")
			require.Empty(t, r.hints())

			real := r.assess(key)
			require.Equal(t, real.ForwardTo, plan.ForwardTo)
			require.Equal(t, real.Plan.Verdict, plan.Plan.Verdict)
			require.Empty(t, cmp.Diff(real.Plan.Steps, plan.Plan.Steps))
			require.Equal(t, codes(real), codes(plan))
		})
	}
}

// dump is every row of every table of the ledger.
func (r *rig) dump() []string {
	r.t.Helper()
	db, err := sql.Open("sqlite", r.config.Ledger.URL.Reveal())
	require.NoError(r.t, err)
	defer func() { require.NoError(r.t, db.Close()) }()
	var out []string
	for _, table := range r.column(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		columns := r.column(db, "SELECT name FROM pragma_table_info('"+table+"')")
		quoted := make([]string, len(columns))
		for i, c := range columns {
			quoted[i] = "quote(" + c + ")"
		}
		for _, row := range r.column(db, "SELECT "+strings.Join(quoted, "||','||")+" FROM "+table+" ORDER BY 1") {
			out = append(out, table+": "+row)
		}
	}
	require.NotEmpty(r.t, out)
	return out
}

// column returns the only column of a query.
func (r *rig) column(db *sql.DB, query string) []string {
	r.t.Helper()
	rows, err := db.QueryContext(r.t.Context(), query)
	require.NoError(r.t, err)
	defer func() { require.NoError(r.t, rows.Close()) }()
	var out []string
	for rows.Next() {
		var s string
		require.NoError(r.t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(r.t, rows.Err())
	return out
}
