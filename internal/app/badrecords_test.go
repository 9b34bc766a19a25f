package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// webhook delivers the input to the gateway, signed or with a signature of somebody else.
func webhook(signed bool) func(*bench, string) string {
	return func(b *bench, input string) string {
		key := kit.BambooHRKey
		if !signed {
			key = "another"
		}
		req := httptest.NewRequest(http.MethodPost, "/webhooks/bamboohr", strings.NewReader(input))
		for name, value := range control.BambooHRHeaders(key, []byte(input), monday) {
			req.Header.Set(name, value)
		}
		rec := httptest.NewRecorder()
		b.app.Gateway().ServeHTTP(rec, req)
		return fmt.Sprintf("%d %s", rec.Code, strings.TrimSpace(rec.Body.String()))
	}
}

// withoutField hires somebody whose record lacks a field and looks at them, first without a trace and then in earnest.
func withoutField(source string, joins bool) func(*bench, string) string {
	return func(b *bench, field string) string {
		fields := control.Fields{
			"first_name": "Ada", "last_name": "Byron", "department": "Engineering", "title": "Engineer", "location": "Berlin",
			"hire_date": "today", "manager_id": "101",
		}
		fields[field] = ""
		id, err := b.sandbox.Hire(b.t.Context(), source, fields)
		require.NoError(b.t, err)
		told := b.look(source + "-" + id)
		require.Equal(b.t, joins, strings.HasPrefix(told, "join "))
		return told
	}
}

// withoutColumn takes a column out of the report, as somebody who edits it might, and looks at a person of long ago.
func withoutColumn(b *bench, column string) string {
	require.NoError(b.t, b.sandbox.Workday(b.t.Context(), map[string]any{"drop_columns": []string{column}}))
	return b.look("workday-21003")
}

// endingOn puts an end on a record that says active, and looks at the person.
func endingOn(key string) func(*bench, string) string {
	return func(b *bench, end string) string {
		source, id, _ := strings.Cut(key, "-")
		_, err := b.sandbox.HR(b.t.Context(), source, "change", id, control.Fields{
			"last_day": end, "termination_date": end, "status": "Active", "location": "Berlin",
		}, true)
		require.NoError(b.t, err)
		return b.look(key)
	}
}

// look returns the verdict on a person and what there is to look at.
func (b *bench) look(key string) string {
	v, err := b.app.Vendors()
	require.NoError(b.t, err)
	preview, err := v.Activities.Person.Preview(b.t.Context(), key)
	require.NoError(b.t, err)
	a, err := v.Activities.Person.Assess(b.t.Context(), api.AssessInput{Key: key})
	require.NoError(b.t, err)
	require.Equal(b.t, preview.Plan, a.Plan, "a dry run tells the same")
	lines := make([]string, len(a.Plan.Notices))
	for i, n := range a.Plan.Notices {
		lines[i] = n.Code + " " + n.Owner + ": " + n.Text
		require.Equal(b.t, a.Plan.Verdict == identity.VerdictAttention, n.Blocking)
	}
	return string(a.Plan.Verdict) + " " + strings.Join(lines, "\n")
}
