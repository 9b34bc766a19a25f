package bamboohr_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGatewayAndSlashes(t *testing.T) {
	t.Parallel()
	s := open(t)
	want := s.must(200, "GET", "/employees/101?fields=firstName", "").Body
	for _, path := range []string{
		"/api/gateway.php/acme/v1/employees/101?fields=firstName", "/api/gateway.php/acme/v1/employees/101/?fields=firstName", "/api/v1/employees/101/?fields=firstName",
	} {
		require.Equal(t, want, s.call("GET", path, "").Body, path)
	}
	require.Equal(t, 404, s.call("GET", "/api/gateway.php/other/v1/employees/101", "").Status)
	require.Contains(t, s.must(200, "GET", "/employees/0", "").Body, `"id":"101"`, "employee 0 is whose key it is")
	s.must(403, "GET", "/employees", "")
	for _, path := range []string{"/webhooks", "/time_off/requests", "/reports/custom", "/files/view", "/nothing"} {
		s.must(404, "GET", path, "")
	}
}

func TestXML(t *testing.T) {
	t.Parallel()
	s := open(t)
	for path, want := range map[string]string{
		"/employees/102?fields=firstName,supervisor,preferredName": `<employee id="102"><field id="firstName">Ben</field><field id="supervisor">Ada Lima</field><field id="preferredName"></field></employee>`,
		"/employees/102/tables/employmentStatus":                   `<table><row id="1021" employeeId="102"><field id="date">2024-03-01</field><field id="employmentStatus">Employee</field>`,
		"/employees/changed?since=2026-11-23T11:00:00Z":            `<employees latest="2026-11-23T12:00:00Z"><employee id="101" action="Inserted" lastChanged="2026-11-23T12:00:00Z"></employee>`,
		"/employees/directory":                                     `<directory><fieldset><field id="displayName" type="text">Display name</field>`,
		"/meta/fields":                                             `<fields><field id="1" type="text" alias="displayName">Display name</field>`,
		"/meta/tables":                                             `<tables><table alias="jobInfo"><field id="4001" type="date" alias="date">Job Information: Date</field>`,
		"/meta/lists":                                              `<lists><list fieldId="7" alias="department" manageable="yes" multiple="no"><name>Department</name><options><option id="7000" archived="no">IT</option>`,
		"/meta/users":                                              `<users><user id="2101" employeeId="101"><firstName>Ada</firstName>`,
	} {
		r := s.call("GET", "/api/v1"+path, "", "*/*")
		require.Equal(t, 200, r.Status, path)
		require.Contains(t, r.Header.Get("Content-Type"), "application/xml", path)
		require.Contains(t, r.Body, want, path)
	}
	require.Contains(t, s.call("GET", "/api/v1/employees/directory", "", "*/*").Body, `<employees><employee id="101"><field id="displayName">Ada Lima</field>`)
}

func TestDirectoryDescribesItsFields(t *testing.T) {
	t.Parallel()
	s := open(t)
	var d struct {
		Fields []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
			Name string `json:"name"`
		} `json:"fields"`
		Employees []map[string]*string `json:"employees"`
	}
	s.must(200, "GET", "/employees/directory", "").Decode(t, &d)
	require.Len(t, d.Employees, 2, "who has left is not in it")
	require.Equal(t, "Ada Lima", *d.Employees[1]["supervisor"])
	for _, f := range d.Fields {
		require.NotEmpty(t, f.Type)
		require.NotEmpty(t, f.Name)
		require.Contains(t, d.Employees[0], f.ID)
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	s := open(t)
	var lists []struct {
		Alias   string `json:"alias"`
		Options []struct {
			Name string `json:"name"`
		} `json:"options"`
	}
	s.must(200, "GET", "/meta/lists", "").Decode(t, &lists)
	require.Equal(t, "department", lists[0].Alias)
	require.Len(t, lists[0].Options, 2)
	var users map[string]struct {
		EmployeeID int    `json:"employeeId"`
		Status     string `json:"status"`
	}
	s.must(200, "GET", "/meta/users", "").Decode(t, &users)
	require.Len(t, users, 2, "who has left cannot sign in")
	require.Equal(t, 102, users["2102"].EmployeeID)
	var tables []struct {
		Alias string `json:"alias"`
	}
	s.must(200, "GET", "/meta/tables", "").Decode(t, &tables)
	require.Len(t, tables, 5)
	s.must(405, "PUT", "/meta/lists", "[]")
	s.must(404, "PUT", "/meta/lists/7", "[]")
}
