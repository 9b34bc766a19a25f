package server_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// TestRecordsThatContradictThemselves: a status beside dates that say otherwise, an end that belongs to an earlier
// employment, an end in the year 9999, no row in the status table, and a date that is none.
func TestRecordsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as, key := s.workdayToken(), basic("sandbox-bamboohr-key", "x")
	standing := func(employee string) string {
		s.t.Helper()
		u := s.user("external_id=" + employee)
		return u.HR[len(u.HR)-1].Standing
	}
	s.control("POST", "hr", `{"source":"workday","action":"change","employee_id":"21002","fields":{"termination_date":"today-30","status":"Active"}}`)
	require.Equal(t, "Active", s.report(worker+"21002", as)[0]["Status"])
	require.Equal(t, "left", standing("workday-21002"), "the date is the truth, unless something says otherwise")
	s.control("POST", "hr", `{"source":"workday","action":"change","employee_id":"21002","fields":{"rehired_on":"today-10"}}`)
	require.Equal(t, "active", standing("workday-21002"))
	s.control("POST", "hr", `{"source":"workday","action":"change","employee_id":"21002","fields":{"truth":"on leave"}}`)
	require.Equal(t, "on leave", standing("workday-21002"))
	s.control("POST", "hr", `{"source":"workday","action":"change","employee_id":"21003","fields":{"termination_date":"9999-12-31","hire_date":""}}`)
	require.Equal(t, "active", standing("workday-21003"), "no end")
	require.Equal(t, "9999-12-31", s.report(worker+"21003", as)[0]["Termination_Date"])
	require.NotContains(t, s.report(worker+"21003", as)[0], "Hire_Date")

	one := func(id, path string) string {
		return s.call("GET", "/bamboohr/api/v1/employees/"+id+path, "", key, header("Accept", "application/json")).body
	}
	const fields = "?fields=status,employmentHistoryStatus,terminationDate,hireDate"
	s.control("POST", "hr", `{"source":"bamboohr","action":"change","employee_id":"102","fields":{"termination_date":"today-30","rehired_on":"today-10"}}`)
	require.JSONEq(t, `{"id":"102","status":"Active","employmentHistoryStatus":"Contractor","terminationDate":"2026-10-24","hireDate":"`+hired(t, one("102", fields))+`"}`, one("102", fields))
	require.Contains(t, one("102", "/tables/employmentStatus"), `"date":"2026-11-13","employmentStatus":"Contractor"`)
	s.control("POST", "hr", `{"source":"bamboohr","action":"change","employee_id":"103","fields":{"status":"Inactive","no_status_row":true,"hire_date":"raw:soon"}}`)
	require.Contains(t, one("103", fields), `"status":"Inactive"`)
	require.Contains(t, one("103", fields), `"hireDate":"soon"`)
	require.Equal(t, "[]", one("103", "/tables/employmentStatus"))
}

func hired(t *testing.T, body string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `"hireDate":"`)
	require.True(t, found)
	return rest[:10]
}

func TestOddIdsAndOddReads(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.workdayToken()
	for _, id := range []string{"2100Ö", "21\t02", strings.Repeat("9", 1100)} {
		body := `{"source":"workday","action":"hire","employee_id":"` + strings.ReplaceAll(id, "\t", `\t`) + `","fields":{"first_name":"O","last_name":"Dd"}}`
		s.control("POST", "hr", body)
		require.Equal(t, id, s.report(worker+url.QueryEscape(id), as)[0]["Employee_ID"])
	}
	s.control("POST", "faults", `{"system":"workday","query":"Employee_ID=21005","style":"status","status":500,"times":-1}`)
	require.Equal(t, 500, s.call("GET", worker+"21005", "", as).status)
	require.Equal(t, 200, s.call("GET", worker+"21006", "", as).status)
	s.control("POST", "faults", `{"system":"bamboohr","path":"/api/v1/employees/103","style":"status","status":500,"times":-1}`)
	key := basic("sandbox-bamboohr-key", "x")
	require.Equal(t, 500, s.call("GET", "/bamboohr/api/v1/employees/103", "", key).status)
	require.Equal(t, 200, s.call("GET", "/bamboohr/api/v1/employees/104", "", key).status)

	s.control("POST", "workday", `{"blank_columns":["Worker_Type"],"drop_ids":["21005"]}`)
	for _, row := range s.report(roster, as) {
		require.Empty(t, row["Worker_Type"])
		require.Contains(t, row, "Worker_Type")
		require.NotEqual(t, "21005", row["Employee_ID"])
	}
	s.control("POST", "bamboohr", `{"blank_fields":["department"]}`)
	require.Contains(t, s.call("GET", "/bamboohr/api/v1/employees/104?fields=department", "", key, header("Accept", "application/json")).body, `"department":null`)
}

func TestBulk(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.workdayToken()
	before := len(s.report(roster, as))
	s.control("POST", "hr/bulk", `{"source":"workday","action":"hire","count":300,"silent":true}`)
	require.Len(t, s.report(roster, as), before+300)
	manager := s.report(worker+"21002", as)[0]["Manager_Employee_ID"]
	require.Equal(t, "21001", manager)
	wid := s.report(worker+"21001", as)[0]["WID"]
	s.control("POST", "hr/bulk", `{"source":"workday","action":"renumber","count":5,"prefix":"N","mail_domain":"new.example"}`)
	require.Len(t, s.report(roster, as), before+300)
	require.Empty(t, s.report(worker+"21001", as))
	row := s.report(worker+"N21001", as)[0]
	require.Equal(t, wid, row["WID"], "the worker is the same")
	require.Contains(t, row["Work_Email"], "@new.example")
	require.Equal(t, "N21001", s.report(worker+"N21002", as)[0]["Manager_Employee_ID"])
	var list []any
	s.control("GET", "state/left-with-access", "").json(t, &list)
	require.Empty(t, list)
	s.control("POST", "hr/bulk", `{"source":"workday","action":"terminate","employee_ids":["N21002","N21003"],"fields":{"involuntary":true}}`)
	s.control("GET", "state/left-with-access", "").json(t, &list)
	require.Len(t, list, 2, "whose account it is does not hang on the employee id")
	for _, bad := range []string{`{"source":"sap","action":"hire","count":1}`, `{"source":"workday","action":"hire"}`, `{"source":"bamboohr","action":"renumber","count":1,"prefix":"N"}`} {
		require.Equal(t, 400, s.call("POST", "/sandbox/hr/bulk", bad).status, bad)
	}
}

func TestChannelsThatCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	bot := header("Authorization", "Bearer xoxb-sandbox")
	post := func(channel string) string {
		var out struct {
			Error string `json:"error"`
		}
		s.call("POST", "/slack/api/chat.postMessage", `{"channel":"`+channel+`","text":"x"}`, bot).json(t, &out)
		return out.Error
	}
	require.Empty(t, post("C0IT"))
	require.Empty(t, post("#security"))
	s.control("POST", "slack/channel", `{"id":"C0IT","archived":true}`)
	require.Equal(t, "is_archived", post("C0IT"))
	require.Contains(t, s.call("GET", "/slack/api/conversations.list", "", bot).body, `"is_archived":true`)
	require.NotContains(t, s.call("GET", "/slack/api/conversations.list?exclude_archived=true", "", bot).body, `"C0IT"`)
	s.control("POST", "slack/channel", `{"id":"C0SECURITY","private":true,"bot":false}`)
	require.Equal(t, "channel_not_found", post("C0SECURITY"), "as if there were none")
	require.Contains(t, s.call("GET", "/slack/api/conversations.history?channel=C0SECURITY", "", bot).body, "channel_not_found")
	require.Equal(t, "not_in_channel", post("C0BOARD"))
	require.Equal(t, 400, s.call("POST", "/sandbox/slack/channel", `{"id":"C0NEW"}`).status)
}

func TestJiraDemandsAField(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := basic("gatehouse@acme.example", "sandbox-jira-token")
	issue := func(extra string) answer {
		return s.call("POST", "/jira/rest/api/2/issue", `{"fields":{"summary":"x","project":{"key":"IT"},"issuetype":{"name":"Task"}`+extra+`}}`, as)
	}
	require.Equal(t, 201, issue("").status)
	s.control("POST", "jira", `{"require":["customfield_10021"]}`)
	refused := issue("")
	require.Equal(t, 400, refused.status)
	require.Contains(t, refused.body, `"errors":{"customfield_10021":`)
	require.Equal(t, 201, issue(`,"customfield_10021":"IT"`).status)
}
