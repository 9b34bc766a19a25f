package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

const (
	roster = "/workday/ccx/service/customreport2/acme/isu_gatehouse/Gatehouse_Roster?format=json"
	worker = "/workday/ccx/service/customreport2/acme/isu_gatehouse/Gatehouse_Worker?format=json&Employee_ID="
)

type report struct {
	Rows []map[string]any `json:"Report_Entry"`
}

func (s *sandbox) report(path string, as option) []map[string]any {
	s.t.Helper()
	a := s.call("GET", path, "", as)
	require.Equal(s.t, 200, a.status, a.body)
	var r report
	a.json(s.t, &r)
	return r.Rows
}

func TestWorkdayReports(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.workdayToken()
	all := s.report(roster, as)
	require.Len(t, all, 46)
	require.Equal(t, "Terminated", all[13]["Status"], "those who left lately are still in it")
	require.NotContains(t, all[0], "Termination_Date", "empty columns are left out")
	require.NotContains(t, all[0], "Manager_Employee_ID")

	s.control("POST", "hr", `{"source":"workday","action":"terminate","employee_id":"21002","fields":{"last_day":"today+3"}}`)
	row := s.report(worker+"21002", as)[0]
	require.Equal(t, []any{"2026-11-26", "2026-11-26", "0", "Active"},
		[]any{row["Last_Day_of_Work"], row["Termination_Date"], row["Termination_Involuntary"], row["Status"]})
	s.control("POST", "clock", `{"advance":"96h"}`)
	as = s.workdayToken()
	require.Equal(t, "Terminated", s.report(worker+"21002", as)[0]["Status"])
	require.Empty(t, s.report(worker+"1", as))

	s.control("POST", "hr", `{"source":"workday","action":"hire","employee_id":"21002","fields":{"first_name":"L","last_name":"N","employment_type":"Employee"}}`)
	two := s.report(worker+"21002", as)
	require.Len(t, two, 2, "two profiles under one id")
	require.NotEqual(t, two[0]["WID"], two[1]["WID"])
}

func TestWorkdayReportQuirks(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.workdayToken()
	s.control("POST", "workday", `{"lone_object":true,"drop_columns":["Hire_Date"],"drop_rows":0.5,"nested_columns":["Location"]}`)
	all := s.report(roster, as)
	require.Len(t, all, 23)
	require.NotContains(t, all[0], "Hire_Date")
	require.Contains(t, all[0]["Location"].([]any)[0], "Descriptor")
	require.Contains(t, s.call("GET", worker+"21001", "", as).body, `"Report_Entry":{`)

	s.control("POST", "workday", `{"rotate_refresh_tokens":true}`)
	s.workdayToken()
	again := s.form("/workday/ccx/oauth2/acme/token", map[string][]string{
		"grant_type": {"refresh_token"}, "refresh_token": {"sandbox-workday-refresh"},
	}, basic("sandbox-workday", "sandbox-workday-secret"))
	require.Equal(t, 400, again.status)
	require.JSONEq(t, `{"error":"invalid_grant"}`, again.body)
}

func TestWorkdayRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.workdayToken()
	for name, tc := range map[string]struct {
		path   string
		as     option
		status int
	}{
		"no token":        {roster, header("X-None", ""), 401},
		"other owner":     {"/workday/ccx/service/customreport2/acme/isu_other/Gatehouse_Roster?format=json", as, 403},
		"other tenant":    {"/workday/ccx/service/customreport2/other/isu_gatehouse/Gatehouse_Roster?format=json", as, 404},
		"unknown report":  {"/workday/ccx/service/customreport2/acme/isu_gatehouse/Nothing?format=json", as, 404},
		"unknown prompt":  {roster + "&Since=2026-01-01", as, 400},
		"prompt missing":  {worker, as, 400},
		"limit too large": {"/workday/ccx/api/staffing/v7/acme/workers?limit=101", as, 400},
		"unknown filter":  {"/workday/ccx/api/staffing/v7/acme/workers?updatedSince=2026-01-01", as, 400},
		"unknown path":    {"/workday/ccx/api/staffing/v1/acme/people", as, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.status, s.call("GET", tc.path, "", tc.as).status)
		})
	}
}

func TestWorkdayWorkers(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.workdayToken()
	var page struct {
		Total int              `json:"total"`
		Data  []map[string]any `json:"data"`
	}
	s.call("GET", "/workday/ccx/api/staffing/v7/acme/workers", "", as).json(t, &page)
	require.Len(t, page.Data, 20)
	here := page.Total
	s.call("GET", "/workday/ccx/api/staffing/v7/acme/workers?includeTerminatedWorkers=true&limit=100&offset=40", "", as).json(t, &page)
	require.Equal(t, 46, page.Total)
	require.Len(t, page.Data, 6)
	require.Less(t, here, 46, "terminated workers are left out by default")
	require.Equal(t, 200, s.call("GET", "/workday/ccx/api/staffing/v7/acme/workers/Employee_ID=21001", "", as).status)
}

func TestBambooHR(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	const one = "/bamboohr/api/v1/employees/102"
	key, asJSON := basic("sandbox-bamboohr-key", "x"), header("Accept", "application/json")
	get := func(query string) map[string]any {
		a := s.call("GET", one+query, "", key, asJSON)
		require.Equal(t, 200, a.status)
		var m map[string]any
		a.json(t, &m)
		return m
	}
	require.Equal(t, 401, s.call("GET", one, "").status)
	require.Equal(t, 403, s.call("GET", one, "", basic("wrong", "x")).status)
	missing := s.call("GET", "/bamboohr/api/v1/employees/9", "", key)
	require.Equal(t, 404, missing.status)
	require.NotEmpty(t, missing.header.Get("X-BambooHR-Error-Message"))
	require.Contains(t, s.call("GET", one, "", key).body, "<?xml", "JSON has to be asked for")
	require.Len(t, get(""), 3, "id and the two default fields")

	fields := "?fields=status,terminationDate,employmentHistoryStatus,jobTitle,noSuchField"
	s.control("POST", "bamboohr", `{"restricted_fields":["jobTitle"]}`)
	require.Len(t, get(fields), 4, "restricted and unknown fields are left out")
	s.control("POST", "hr", `{"source":"bamboohr","action":"terminate","employee_id":"102","fields":{"last_day":"today+2"}}`)
	require.Equal(t, "0000-00-00", get(fields)["terminationDate"], "not in effect yet")
	require.Equal(t, "2026-11-25", get(fields + "&onlyCurrent=false")["terminationDate"])
	table := s.call("GET", one+"/tables/employmentStatus", "", key, asJSON)
	require.Contains(t, table.body, `"date":"2026-11-25","employmentStatus":"Terminated"`)
	s.control("POST", "clock", `{"advance":"48h"}`)
	require.Equal(t, "Terminated", get(fields)["employmentHistoryStatus"])
	require.Equal(t, "Inactive", get(fields)["status"])

	s.control("POST", "hr", `{"source":"bamboohr","action":"delete","employee_id":"103"}`)
	changed := s.call("GET", "/bamboohr/api/v1/employees/changed?since=2026-11-23T12:00:00Z&type=deleted", "", key, asJSON)
	require.Contains(t, changed.body, `"103":{"id":"103","action":"Deleted"`)
	require.Equal(t, 400, s.call("GET", "/bamboohr/api/v1/employees/changed", "", key, asJSON).status)
}

// hook is a received webhook.
type hook struct {
	Type string `json:"type"`
	Data struct {
		EmployeeID string   `json:"employeeId"`
		Fields     []string `json:"changedFields"`
	} `json:"data"`
}

// listener receives webhooks, checks their signature by itself, and answers what answers says, 200 when it is empty.
func listener(t *testing.T, answers chan int) (url string, got chan hook) {
	got = make(chan hook, 100)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte("sandbox-bamboohr-webhook"))
		mac.Write(append(body, r.Header.Get("X-BambooHR-Timestamp")...))
		if err != nil || hex.EncodeToString(mac.Sum(nil)) != r.Header.Get("X-BambooHR-Signature") {
			t.Error("webhook with a wrong signature")
		}
		var h hook
		if err := json.Unmarshal(body, &h); err != nil {
			t.Error(err)
		}
		select {
		case status := <-answers:
			w.WriteHeader(status)
		default:
		}
		got <- h
	}))
	t.Cleanup(ts.Close)
	return ts.URL, got
}

func receive(t *testing.T, got chan hook) hook {
	t.Helper()
	select {
	case h := <-got:
		return h
	case <-time.After(5 * time.Second):
		t.Fatal("no webhook within five seconds")
		return hook{}
	}
}

// delivery is a line of a webhook's delivery log.
type delivery struct {
	Status int  `json:"status"`
	Final  bool `json:"final"`
}

// delivered waits until BambooHR has logged a number of deliveries and returns them.
func (s *sandbox) delivered(n int) (log []delivery) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		s.control("GET", "bamboohr/webhook-log", "").json(s.t, &log)
		return len(log) == n
	}, time.Minute, 5*time.Millisecond)
	return log
}

func TestBambooHRWebhooks(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	answers := make(chan int, 10)
	url, got := listener(t, answers)
	s.control("POST", "bamboohr", `{"backoff_scale":0.000001}`)
	s.control("POST", "bamboohr/webhook-target", `{"url":"`+url+`"}`)

	s.control("POST", "hr", `{"source":"bamboohr","action":"hire","fields":{"first_name":"Ida","last_name":"B"}}`)
	require.Equal(t, "employee.created", receive(t, got).Type)
	second := receive(t, got)
	require.Equal(t, "employee.updated", second.Type)
	require.Contains(t, second.Data.Fields, "firstName")

	answers <- 503
	answers <- 503
	s.control("POST", "hr", `{"source":"bamboohr","action":"change","employee_id":"101","fields":{"department":"IT"}}`)
	for range 3 {
		require.Equal(t, []string{"department"}, receive(t, got).Data.Fields, "a 5xx is retried")
	}
	// A delivery is logged after it was answered, so the log is waited for where its order is looked at.
	s.delivered(5)
	answers <- 400
	s.control("POST", "hr", `{"source":"bamboohr","action":"change","employee_id":"101","fields":{"department":"Support"}}`)
	receive(t, got)
	refused := s.delivered(6)[5]
	require.Equal(t, 400, refused.Status)
	require.True(t, refused.Final)

	s.control("POST", "hr", `{"source":"bamboohr","action":"change","employee_id":"101","silent":true,"fields":{"title":"Lost"}}`)
	s.control("POST", "hr", `{"source":"bamboohr","action":"terminate","employee_id":"104","fields":{"last_day":"today+1"}}`)
	s.control("POST", "clock", `{"advance":"24h"}`)
	due := receive(t, got)
	require.Equal(t, "104", due.Data.EmployeeID, "neither the 4xx again, nor the silent one, nor a termination to come")
	require.Contains(t, due.Data.Fields, "terminationDate")

	s.delivered(7)
}

func TestHRControlRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	for name, body := range map[string]string{
		"source":         `{"source":"sap","action":"hire"}`,
		"action":         `{"source":"workday","action":"promote","employee_id":"21001"}`,
		"field":          `{"source":"workday","action":"change","employee_id":"21001","fields":{"salary":1}}`,
		"date":           `{"source":"workday","action":"change","employee_id":"21001","fields":{"hire_date":"tomorrow"}}`,
		"employee":       `{"source":"workday","action":"change","employee_id":"1"}`,
		"name at hire":   `{"source":"workday","action":"hire"}`,
		"unknown member": `{"source":"workday","action":"hire","felds":{}}`,
		"id used twice":  `{"source":"bamboohr","action":"hire","employee_id":"101","fields":{"first_name":"A","last_name":"B"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.call("POST", "/sandbox/hr", body)
			require.Equal(t, 400, a.status)
			require.Contains(t, a.body, `"error"`)
		})
	}
}
