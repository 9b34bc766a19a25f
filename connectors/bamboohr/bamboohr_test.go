package bamboohr_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/bamboohr"
	"gatehouse/connectors/conformance"
	"gatehouse/identity"
)

const (
	apiKey    = "bhr-api-key-value"
	workEmail = "ada.lovelace@example.com"
)

// company answers one path with one body, and refuses everything that the vendor would refuse.
type company struct {
	t *testing.T
	// bodies are the replies by path below /api/v1.
	bodies map[string]string
	query  string
}

func newCompany(t *testing.T) *company {
	return &company{t: t, bodies: map[string]string{
		"/employees/4": `{"id":"4","workEmail":"` + workEmail + `","hireDate":"2024-01-01","department":"R&D","status":"Active",
			"terminationDate":"0000-00-00","employmentHistoryStatus":"Full-Time"}`,
	}}
}

func (s *company) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, _, ok := r.BasicAuth()
	body, known := s.bodies[strings.TrimPrefix(r.URL.Path, "/api/v1")]
	switch {
	case !ok:
		w.WriteHeader(http.StatusUnauthorized)
	case key != apiKey:
		w.WriteHeader(http.StatusForbidden)
	case r.Header.Get("Accept") != "application/json":
		_, _ = w.Write([]byte(`<?xml version="1.0"?><result/>`))
	case !known || r.Method != http.MethodGet:
		w.Header().Set("X-BambooHR-Error-Message", "no such thing")
		w.WriteHeader(http.StatusNotFound)
	default:
		s.query = r.URL.RawQuery
		_, _ = w.Write([]byte(body))
	}
}

func (s *company) start(adjust ...func(*bamboohr.Options)) *bamboohr.Client {
	s.t.Helper()
	server := httptest.NewServer(s)
	s.t.Cleanup(server.Close)
	o := bamboohr.Options{BaseURL: server.URL, APIKey: apiKey}
	for _, a := range adjust {
		a(&o)
	}
	c, err := bamboohr.New(o)
	require.NoError(s.t, err)
	return c
}

func TestConformance(t *testing.T) {
	t.Parallel()
	const noToken = "an API key does not expire"
	conformance.Run(t, conformance.Subject{
		System:  "bamboohr",
		Handler: func(t *testing.T) http.Handler { return newCompany(t) },
		New: func(t *testing.T, env conformance.Env) conformance.Calls {
			c, err := bamboohr.New(bamboohr.Options{
				BaseURL: env.BaseURL, APIKey: apiKey, HTTP: env.HTTP, Timeout: env.Timeout, MaxBody: env.MaxBody,
			})
			require.NoError(t, err)
			return conformance.Calls{Read: func(ctx context.Context) error {
				_, found, err := c.Employee(ctx, "4")
				if err == nil && !found {
					return errors.New("employee not found")
				}
				return err
			}}
		},
		Planted: []string{apiKey, workEmail},
		Fault: func(status int, text string) string {
			return fmt.Sprintf(`{"error":{"code":%d,"message":%q}}`, status, text)
		},
		NotApplicable: map[conformance.Case]string{
			conformance.Paging:           "none of the calls in use is paged",
			conformance.TokenShared:      noToken,
			conformance.TokenExpired:     noToken,
			conformance.TokenRefused:     noToken,
			conformance.TokenRedirect:    noToken,
			conformance.RateLimitAs400:   "BambooHR answers 429, and 503 before 2026-09-16",
			conformance.NotFoundReported: "an employee that does not exist is reported as not found, without an error",
		},
	})
}

func TestNewListsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := bamboohr.New(bamboohr.Options{
		BaseURL: "acme", Fields: bamboohr.FieldMap{"shoe_size": "x", "hire_date": ""}, Timeout: -1,
	})
	for _, want := range []string{"base_url", "api_key", `"shoe_size"`, `"hire_date"`, "timeout"} {
		require.ErrorContains(t, err, want)
	}
}

func TestEmployee(t *testing.T) {
	t.Parallel()
	const sound = `"hireDate":"2024-01-01","department":"R&D","terminationDate":null,"employmentStatus":"Full-Time"`
	for name, tc := range map[string]struct {
		body string
		want identity.Record
	}{
		"active": {
			`{"id":"4","firstName":"Ada","jobTitle":"Engineer","supervisorEId":"7","supervisorId":"99","status":"Active",` + sound + `}`,
			identity.Record{
				FirstName: "Ada", Title: "Engineer", ManagerID: "7", Status: identity.StatusActive,
				HireDate: "2024-01-01", Department: "R&D", EmploymentType: "Full-Time",
			},
		},
		"a future hire is inactive, not terminated": {
			`{"id":4,"status":"Inactive",` + sound + `}`,
			identity.Record{
				Status: identity.StatusInactive, HireDate: "2024-01-01", Department: "R&D", EmploymentType: "Full-Time",
			},
		},
		"terminated": {
			`{"id":"4","status":"Inactive","employmentHistoryStatus":"Terminated","terminationDate":"2026-10-31",
			  "hireDate":"2024-01-01","department":"R&D"}`,
			identity.Record{
				Status: identity.StatusTerminated, TerminationDate: "2026-10-31", HireDate: "2024-01-01", Department: "R&D",
			},
		},
		"on leave": {
			`{"id":"4","status":"Active","employmentHistoryStatus":"Leave of Absence",` + sound + `}`,
			identity.Record{
				Status: identity.StatusOnLeave, HireDate: "2024-01-01", Department: "R&D", EmploymentType: "Leave of Absence",
			},
		},
		"fields that the key cannot see": {
			`{"id":"4","firstName":"Ada"}`,
			identity.Record{FirstName: "Ada", Status: identity.StatusUnknown, Missing: []string{
				"department", "hire_date", "history_status", "status", "termination_date",
			}, Hidden: []string{"termination_date"}},
		},
		"fields that are empty or odd": {
			`{"id":"4","hireDate":"0000-00-00","department":"","status":"Paused","terminationDate":"soon","employmentStatus":null}`,
			identity.Record{Status: identity.StatusUnknown, Missing: []string{
				"department", "hire_date", "status", "termination_date",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCompany(t)
			s.bodies["/employees/4"] = tc.body
			got, found, err := s.start().Employee(t.Context(), "4")
			require.NoError(t, err)
			require.True(t, found)
			tc.want.Source, tc.want.EmployeeID = identity.SourceBambooHR, "4"
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			require.Contains(t, s.query, "onlyCurrent=true")
			require.Contains(t, s.query, "employmentHistoryStatus")
			require.Contains(t, s.query, "supervisorEId")
		})
	}
}

func TestEmployeeThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newCompany(t)
	s.bodies["/employees/5"] = `{"id":"6"}`
	c := s.start()
	_, found, err := c.Employee(t.Context(), "99")
	require.NoError(t, err)
	require.False(t, found)
	_, _, err = c.Employee(t.Context(), "5")
	require.True(t, connectors.IsKind(err, connectors.KindMalformed), "%v", err)
	for _, id := range []string{"", "0", "-1", "../x", "4/tables", "04"} {
		_, _, err := c.Employee(t.Context(), id)
		require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%q: %v", id, err)
	}
}

func TestEmploymentStatusIsSorted(t *testing.T) {
	t.Parallel()
	s := newCompany(t)
	s.bodies["/employees/all/tables/employmentStatus"] = `[
		{"id":"3","employeeId":"10","date":"2026-12-01","employmentStatus":"Terminated","terminationTypeId":"Termination (Involuntary)"},
		{"id":"2","employeeId":"9","date":"2026-01-01","employmentStatus":"Part-Time","terminationTypeId":null},
		{"id":"1","employeeId":"10","date":"2024-01-01","employmentStatus":"Full-Time"},
		{"id":"9","employeeId":"10","date":"2024-06-01","employmentStatus":"Contract"},
		{"id":"10","employeeId":"10","date":"2024-06-01","employmentStatus":"Full-Time"}]`
	got, err := s.start().EmploymentStatus(t.Context(), bamboohr.AllEmployees)
	require.NoError(t, err)
	want := []bamboohr.StatusRow{
		{EmployeeID: "9", Date: "2026-01-01", Status: "Part-Time"},
		{EmployeeID: "10", Date: "2024-01-01", Status: "Full-Time"},
		{EmployeeID: "10", Date: "2024-06-01", Status: "Contract"},
		{EmployeeID: "10", Date: "2024-06-01", Status: "Full-Time"},
		{EmployeeID: "10", Date: "2026-12-01", Status: "Terminated", Involuntary: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestOneUnreadableDateInTheTable is one employee's trouble and nobody else's.
func TestOneUnreadableDateInTheTable(t *testing.T) {
	t.Parallel()
	s := newCompany(t)
	s.bodies["/employees/all/tables/employmentStatus"] = `[
		{"id":"1","employeeId":"10","date":"12/01/2026","employmentStatus":"Terminated"},
		{"id":"2","employeeId":"11","date":"0000-00-00","employmentStatus":"Full-Time"},
		{"id":"3","employeeId":"12","date":"2024-01-01","employmentStatus":"Full-Time"}]`
	got, err := s.start().EmploymentStatus(t.Context(), bamboohr.AllEmployees)
	require.NoError(t, err)
	require.Equal(t, []bamboohr.StatusRow{
		{EmployeeID: "10", Status: "Terminated", Unreadable: true},
		{EmployeeID: "11", Status: "Full-Time", Unreadable: true},
		{EmployeeID: "12", Date: "2024-01-01", Status: "Full-Time"},
	}, got)
}

func TestInvoluntaryInTheTenantsWords(t *testing.T) {
	t.Parallel()
	s := newCompany(t)
	s.bodies["/employees/4/tables/employmentStatus"] = `[{"id":"1","date":"2026-12-01","employmentStatus":"Terminated","terminationTypeId":"Dismissal"}]`
	got, err := s.start(func(o *bamboohr.Options) { o.InvoluntaryTypes = []string{"dismissal"} }).EmploymentStatus(t.Context(), "4")
	require.NoError(t, err)
	require.Equal(t, []bamboohr.StatusRow{{EmployeeID: "4", Date: "2026-12-01", Status: "Terminated", Involuntary: true}}, got)
}

func TestWithStatusRows(t *testing.T) {
	t.Parallel()
	c := newCompany(t).start()
	now := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	row := func(id, day, status string) bamboohr.StatusRow {
		return bamboohr.StatusRow{EmployeeID: id, Date: identity.Date(day), Status: status, Involuntary: day == "2026-12-24"}
	}
	for name, tc := range map[string]struct {
		rec  identity.Record
		rows []bamboohr.StatusRow
		now  time.Time
		want identity.Record
	}{
		"planned": {
			rows: []bamboohr.StatusRow{row("4", "2024-01-01", "Full-Time"), row("4", "2026-12-24", "Terminated")},
			want: identity.Record{LastDay: "2026-12-24", TerminationDate: "2026-12-24", Involuntary: true},
		},
		"today still counts": {
			rows: []bamboohr.StatusRow{row("4", "2026-11-23", "terminated")},
			want: identity.Record{LastDay: "2026-11-23", TerminationDate: "2026-11-23", Missing: []string{"employment_type"}},
		},
		"today is the zone's": {
			rows: []bamboohr.StatusRow{row("4", "2024-01-01", "Contractor"), row("4", "2026-11-24", "Full-Time")},
			now:  now.In(time.FixedZone("", 3600)), want: identity.Record{},
		},
		"past":          {rows: []bamboohr.StatusRow{row("4", "2025-01-01", "Terminated"), row("4", "2025-06-01", "Full-Time")}},
		"somebody else": {rows: []bamboohr.StatusRow{row("40", "2026-12-01", "Terminated")}},
		"earliest of two, and another employment between them": {
			rec:  identity.Record{FirstName: "Ada", HireDate: "2024-01-01", Status: identity.StatusActive},
			rows: []bamboohr.StatusRow{row("4", "2026-12-01", "Terminated"), row("4", "2027-06-01", "Full-Time"), row("4", "2028-01-01", "Terminated")},
			want: identity.Record{
				FirstName: "Ada", HireDate: "2024-01-01", Status: identity.StatusActive, LastDay: "2026-12-01", TerminationDate: "2026-12-01",
				Others: []identity.Record{{
					EmployeeID: "4", FirstName: "Ada", HireDate: "2027-06-01", Status: identity.StatusInactive, EmploymentType: "Full-Time",
					LastDay: "2028-01-01", TerminationDate: "2028-01-01",
				}},
			},
		},
		"replaced on the same day": {
			rows: []bamboohr.StatusRow{row("4", "2026-12-01", "Terminated"), row("4", "2026-12-01", "Part-Time")},
			want: identity.Record{NextChange: "2026-12-01"},
		},
		"a change to come": {
			rows: []bamboohr.StatusRow{row("4", "2024-01-01", "Contractor"), row("4", "2026-12-01", "Full-Time"), row("4", "2026-12-24", "Terminated")},
			want: identity.Record{LastDay: "2026-12-24", TerminationDate: "2026-12-24", Involuntary: true, NextChange: "2026-12-01"},
		},
		"back, and the old end still stands": {
			rec:  identity.Record{Status: identity.StatusActive, HireDate: "2020-01-01", TerminationDate: "2025-01-01", LastDay: "2024-12-20"},
			rows: []bamboohr.StatusRow{row("4", "2020-01-01", "Full-Time"), row("4", "2025-01-01", "Terminated"), row("4", "2026-06-01", "Full-Time")},
			want: identity.Record{Status: identity.StatusActive, HireDate: "2020-01-01"},
		},
		"terminated, and only the table shows it": {
			rec:  identity.Record{Status: identity.StatusInactive, Missing: []string{"history_status"}},
			rows: []bamboohr.StatusRow{row("4", "2020-01-01", "Full-Time"), row("4", "2026-10-01", "Terminated")},
			want: identity.Record{
				Status: identity.StatusInactive, EmploymentType: "Full-Time", Missing: []string{"history_status"},
				LastDay: "2026-10-01", TerminationDate: "2026-10-01",
			},
		},
		"an end that no row explains is kept": {
			rec:  identity.Record{Status: identity.StatusActive, TerminationDate: "2026-10-01"},
			rows: []bamboohr.StatusRow{row("4", "2020-01-01", "Full-Time")},
			want: identity.Record{Status: identity.StatusActive, TerminationDate: "2026-10-01"},
		},
		"terminated, and employed again from tomorrow": {
			rec:  identity.Record{Status: identity.StatusTerminated, TerminationDate: "2026-11-23", HireDate: "2024-01-01"},
			rows: []bamboohr.StatusRow{row("4", "2024-01-01", "Contractor"), row("4", "2026-11-23", "Terminated"), row("4", "2026-11-24", "Full-Time")},
			want: identity.Record{
				Status: identity.StatusTerminated, TerminationDate: "2026-11-23", HireDate: "2024-01-01", EmploymentType: "Contractor",
				Others: []identity.Record{{EmployeeID: "4", HireDate: "2026-11-24", Status: identity.StatusInactive, EmploymentType: "Full-Time"}},
			},
		},
		"a termination whose day cannot be read": {
			rec:  identity.Record{Missing: []string{"department"}},
			rows: []bamboohr.StatusRow{{EmployeeID: "4", Status: "Terminated", Unreadable: true}, row("4", "2024-01-01", "Full-Time")},
			want: identity.Record{Missing: []string{"department", "last_day"}},
		},
		"another row whose day cannot be read": {
			rows: []bamboohr.StatusRow{{EmployeeID: "4", Status: "Full-Time", Unreadable: true}, row("4", "2024-01-01", "Full-Time")},
		},
		"a last day of its own is kept": {
			rec:  identity.Record{LastDay: "2026-11-30"},
			rows: []bamboohr.StatusRow{row("4", "2026-12-01", "Terminated")},
			want: identity.Record{LastDay: "2026-11-30", TerminationDate: "2026-12-01"},
		},
		"the last day of a contractor": {
			rec:  identity.Record{Status: identity.StatusTerminated, TerminationDate: "2026-11-23"},
			rows: []bamboohr.StatusRow{row("4", "2024-01-01", "Full-Time"), row("4", "2025-01-01", "Contractor"), row("4", "2026-11-23", "Terminated")},
			want: identity.Record{Status: identity.StatusTerminated, TerminationDate: "2026-11-23", EmploymentType: "Contractor"},
		},
		"left already": {
			rec:  identity.Record{Status: identity.StatusTerminated, TerminationDate: "2026-01-01"},
			rows: []bamboohr.StatusRow{row("4", "2026-12-01", "Terminated")},
			want: identity.Record{Status: identity.StatusTerminated, TerminationDate: "2026-01-01", Missing: []string{"employment_type"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.rec.EmployeeID, tc.want.EmployeeID = "4", "4"
			if tc.now.IsZero() {
				tc.now = now
			}
			if diff := cmp.Diff(tc.want, c.WithStatusRows(tc.rec, tc.rows, tc.now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestChangedSince(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 1, 1, 0, 0, 0, time.FixedZone("", 3600))
	at := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want bamboohr.Changes
	}{
		"some": {
			`{"latest":"2026-11-02T01:00:00+00:00","employees":{
			  "10":{"id":"10","action":"Updated","lastChanged":"2026-11-02T00:00:00Z"},
			  "9":{"id":"9","action":"Deleted","lastChanged":"2026-11-02T00:00:00+0000"}}}`,
			bamboohr.Changes{Latest: at.Add(time.Hour), Employees: []bamboohr.Change{
				{ID: "9", Action: "Deleted", LastChanged: at}, {ID: "10", Action: "Updated", LastChanged: at},
			}},
		},
		"none":              {`{"latest":"2026-11-02T00:00:00Z","employees":{}}`, bamboohr.Changes{Latest: at}},
		"none, as a list":   {`{"latest":"2026-11-02T00:00:00Z","employees":[]}`, bamboohr.Changes{Latest: at}},
		"none, and no time": {`{"latest":"","employees":[]}`, bamboohr.Changes{Latest: since}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCompany(t)
			s.bodies["/employees/changed"] = tc.body
			got, err := s.start().ChangedSince(t.Context(), since)
			require.NoError(t, err)
			require.True(t, tc.want.Latest.Equal(got.Latest))
			require.Len(t, got.Employees, len(tc.want.Employees))
			for i := range got.Employees {
				require.Equal(t, tc.want.Employees[i], got.Employees[i])
			}
			require.Equal(t, "since=2026-11-01T00%3A00%3A00Z&type=all", s.query)
		})
	}
	_, err := newCompany(t).start().ChangedSince(t.Context(), time.Time{})
	require.True(t, connectors.IsKind(err, connectors.KindInvalid), "%v", err)
}
