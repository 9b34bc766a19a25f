package bamboohr_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/bamboohr"
)

func TestEmployeesAreCreatedAndChanged(t *testing.T) {
	t.Parallel()
	s := open(t)
	told := make(chan string, 8)
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			told <- string(body)
		}
	}))
	t.Cleanup(hooks.Close)
	require.NoError(t, s.b.AddTarget(bamboohr.Target{URL: hooks.URL}))

	r := s.must(201, "POST", "/employees/", `{"firstName":"Dora","lastName":"Sá","department":"IT","supervisorEId":"101","hireDate":"2026-11-01","shoeSize":"44"}`)
	require.Empty(t, r.Body)
	where := r.Header.Get("Location")
	require.True(t, strings.HasSuffix(where, "/v1/employees/104"), where)
	require.Equal(t, map[string]string{"firstName": "Dora", "supervisor": "Ada Lima", "department": "IT", "status": "Active"}, with(s.employee("104", "firstName,supervisor,department,status")))
	require.Empty(t, s.rows("104", "employmentStatus"), "there is no row of a status that nobody has entered")
	for _, want := range []string{"employee.created", "employee.updated"} {
		require.Contains(t, next(t, told), want)
	}

	xml := `<employee><field id="preferredName">D &amp; S</field><field id="jobTitle">Agent</field></employee>`
	require.Empty(t, s.must(200, "POST", "/employees/104", xml).Body)
	require.Equal(t, map[string]string{"preferredName": "D & S", "jobTitle": "Agent", "department": "IT"}, with(s.employee("104", "preferredName,jobTitle,department")))
	require.Contains(t, next(t, told), `"changedFields":["jobTitle","preferredName"]`)

	s.must(200, "POST", "/employees/104", `{"terminationDate":"2026-11-20"}`)
	require.Equal(t, "Inactive", s.employee("104", "status")["status"])
	require.Equal(t, "left", s.hr.Get("bamboohr", "104")[0].Standing(s.base.Today()))
}

// with drops what a comparison does not want to name: dates that were never entered.
func with(fields map[string]string) map[string]string {
	delete(fields, "terminationDate")
	return fields
}

// next is the next webhook.
func next(t *testing.T, told <-chan string) string {
	t.Helper()
	select {
	case body := <-told:
		return body
	case <-time.After(10 * time.Second):
		t.Fatal("no webhook came")
		return ""
	}
}

func TestWritesAreRefused(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.b.SetSettings(bamboohr.Settings{RestrictedFields: []string{"homeEmail"}})
	for name, tc := range map[string]struct {
		path, body string
		status     int
	}{
		"no last name":         {"/employees", `{"firstName":"Dora"}`, 400},
		"not JSON":             {"/employees", `firstName=Dora`, 400},
		"not XML":              {"/employees/102", `<employee><field id="firstName">D</employee>`, 400},
		"a field without id":   {"/employees/102", `<employee><field name="firstName">D</field></employee>`, 400},
		"a list in a field":    {"/employees/102", `{"firstName":["D"]}`, 400},
		"nobody":               {"/employees/999", `{"firstName":"D"}`, 404},
		"an empty name":        {"/employees/102", `{"firstName":""}`, 409},
		"no date":              {"/employees/102", `{"hireDate":"today"}`, 409},
		"no such day":          {"/employees/102", `{"hireDate":"2026-02-30"}`, 409},
		"no address":           {"/employees/102", `{"workEmail":"ben"}`, 409},
		"no option":            {"/employees/102", `{"department":"Legal"}`, 409},
		"no supervisor":        {"/employees/102", `{"supervisor":"Nobody At All"}`, 409},
		"not allowed to see":   {"/employees/102", `{"homeEmail":"b@x.example"}`, 403},
		"no such table":        {"/employees/102/tables/customNothing", `{}`, 404},
		"no date in a row":     {"/employees/102/tables/jobInfo", `{"department":"IT"}`, 400},
		"no status in a row":   {"/employees/102/tables/employmentStatus", `{"date":"2026-11-23"}`, 400},
		"no option in a row":   {"/employees/102/tables/employmentStatus", `{"date":"2026-11-23","employmentStatus":"Gone"}`, 409},
		"no such row":          {"/employees/102/tables/jobInfo/77", `{"department":"IT"}`, 404},
		"nobody to report to":  {"/employees/102/tables/jobInfo", `{"date":"2026-11-23","reportsTo":"Nobody"}`, 409},
		"a table of everybody": {"/employees/all/tables/jobInfo", `{"date":"2026-11-23"}`, 404},
	} {
		r := s.call("POST", "/api/v1"+tc.path, tc.body)
		require.Equal(t, tc.status, r.Status, name)
		require.Empty(t, r.Body, name)
		require.NotEmpty(t, r.Header.Get("X-BambooHR-Error-Message"), name)
	}
	require.Equal(t, "Ben", s.employee("102", "firstName")["firstName"])
	require.Len(t, s.hr.List("bamboohr"), 3)
}

func TestPositions(t *testing.T) {
	t.Parallel()
	s := open(t)
	const table = "/employees/102/tables/jobInfo"
	require.Len(t, s.rows("102", "jobInfo"), 1)
	s.must(200, "POST", table, `{"date":"2026-11-01","department":"IT","jobTitle":"Head"}`)
	rows := s.rows("102", "jobInfo")
	require.Len(t, rows, 2)
	require.Equal(t, []string{"2026-11-01", "IT", "2024-03-01", "Sales"}, []string{*rows[0]["date"], *rows[0]["department"], *rows[1]["date"], *rows[1]["department"]})
	require.Equal(t, "1025", *rows[1]["id"], "the row that was there is what it was")
	require.Equal(t, "Head", s.employee("102", "jobTitle")["jobTitle"])

	s.must(200, "POST", table, `{"date":"2025-01-01","department":"Sales"}`)
	require.Equal(t, "IT", s.employee("102", "department")["department"], "a row of the past changes nothing")
	s.must(200, "POST", table+"/"+*rows[0]["id"], `{"location":"Berlin"}`)
	require.Equal(t, "Berlin", s.employee("102", "location")["location"])
	require.Len(t, s.rows("102", "jobInfo"), 3)

	s.must(200, "POST", table, `{"date":"2026-12-01","department":"Sales"}`)
	require.Equal(t, "IT", s.employee("102", "department")["department"], "a row to come is not the position yet")
	require.Len(t, s.rows("102", "jobInfo"), 4)
	to := *s.rows("102", "jobInfo")[1]["id"]
	s.base.Advance(10 * 24 * time.Hour)
	s.hr.Due()
	require.Equal(t, "Sales", s.employee("102", "department")["department"])
	after := s.rows("102", "jobInfo")
	require.Len(t, after, 4)
	require.Equal(t, []string{to, "2026-12-01", "Sales"}, []string{*after[0]["id"], *after[0]["date"], *after[0]["department"]}, "the plan is the position, under its id")
	require.Contains(t, s.must(200, "DELETE", table+"/1025", "").Body, `"success":true`)
	require.Contains(t, s.must(200, "DELETE", table+"/1025", "").Body, `"success":false`)
}

func TestStatusRows(t *testing.T) {
	t.Parallel()
	s := open(t)
	const table = "/employees/102/tables/employmentStatus"
	s.must(200, "POST", table, `{"date":"2026-12-31","employmentStatus":"Terminated","terminationTypeId":"Termination (Involuntary)"}`)
	require.Equal(t, "Active", s.employee("102", "status")["status"], "not in effect yet")
	row := s.rows("102", "employmentStatus")[0]
	require.Equal(t, "Terminated", *row["employmentStatus"])
	require.Equal(t, "Termination (Involuntary)", *row["terminationTypeId"])
	s.must(200, "DELETE", table+"/"+*row["id"], "")
	require.Len(t, s.rows("102", "employmentStatus"), 1)

	s.must(200, "POST", "/employees/103/tables/employmentStatus", `{"date":"2026-11-23","employmentStatus":"Contractor"}`)
	require.Equal(t, map[string]string{"status": "Active", "employmentHistoryStatus": "Contractor", "terminationDate": "2026-10-01"}, s.employee("103", "status,employmentHistoryStatus,terminationDate"), "hired again; the end stands")
	require.Len(t, s.rows("103", "employmentStatus"), 3)
	s.must(200, "POST", table, `{"date":"2026-11-23","employmentStatus":"Leave of Absence"}`)
	require.Equal(t, "on leave", s.hr.Get("bamboohr", "102")[0].Standing(s.base.Today()))
}

func TestOtherTables(t *testing.T) {
	t.Parallel()
	s := open(t)
	const table = "/employees/102/tables/emergencyContacts"
	s.must(200, "POST", table, `<row><field id="name">Rui</field><field id="relationship">Brother</field></row>`)
	rows := s.rows("102", "contacts")
	require.Len(t, rows, 1)
	require.Nil(t, rows[0]["mobilePhone"])
	s.must(200, "POST", table+"/"+*rows[0]["id"], `{"mobilePhone":"+351"}`)
	rows = s.rows("102", "emergencyContacts")
	require.Equal(t, "Rui", *rows[0]["name"])
	require.Equal(t, "+351", *rows[0]["mobilePhone"])
	require.Len(t, s.rows("all", "emergencyContacts"), 1)
	s.must(400, "POST", "/employees/102/tables/compensation", `{"rate":"5000"}`)
	require.Contains(t, s.must(200, "DELETE", table+"/"+*rows[0]["id"], "").Body, `"success":true`)
	require.Empty(t, s.rows("all", "emergencyContacts"))
}
