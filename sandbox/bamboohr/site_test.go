package bamboohr_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/bamboohr"
	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
	"gatehouse/sandbox/tenant/tenanttest"
)

// site is a company of three behind its API: Ada, who manages Ben, and Cleo, who has left.
type site struct {
	t    *testing.T
	url  string
	base *tenant.Tenant
	hr   *hr.Store
	b    *bamboohr.BambooHR
}

func open(t *testing.T) *site {
	t.Helper()
	base := tenanttest.New()
	s := &site{t: t, base: base}
	s.hr = hr.NewStore(base.Now, func(c hr.Change) { s.b.Heard(c) })
	s.b = bamboohr.New(base, s.hr)
	for _, p := range []hr.Fields{
		{FirstName: "Ada", LastName: "Lima", WorkEmail: "ada@acme.example", Department: "IT", Title: "Head", Location: "Berlin"},
		{FirstName: "Ben", LastName: "Okoro", WorkEmail: "ben@acme.example", Department: "Sales", Title: "Agent", Location: "London", ManagerID: "101"},
		{FirstName: "Cleo", LastName: "Roy", WorkEmail: "cleo@acme.example", Department: "Sales", Title: "Agent", Location: "London", TerminationDate: "2026-10-01", LastDay: "2026-10-01"},
	} {
		p.Company, p.EmploymentType, p.HireDate = "Acme", "Employee", "2024-03-01"
		s.hr.Seed(hr.Record{Source: hr.BambooHR, Fields: p, InsertedAt: base.Now(), LastChanged: base.Now()})
	}
	s.url = tenanttest.Serve(t, base, s.b.Vendor(), s.b.Close)
	return s
}

// call asks for JSON, unless accept says something else.
func (s *site) call(method, path, body string, accept ...string) tenanttest.Reply {
	s.t.Helper()
	return tenanttest.Send(s.t, method, s.url+path, body, func(r *http.Request) {
		r.SetBasicAuth(bamboohr.APIKey, "x")
		r.Header.Set("Accept", strings.Join(append(accept, "application/json")[:1], ""))
	})
}

// must is a call below /api/v1 with an expected status.
func (s *site) must(status int, method, path, body string) tenanttest.Reply {
	s.t.Helper()
	r := s.call(method, "/api/v1"+path, body)
	require.Equal(s.t, status, r.Status, "%s %s: %s %s", method, path, r.Body, r.Header.Get("X-BambooHR-Error-Message"))
	return r
}

// employee reads fields of an employee.
func (s *site) employee(id, fields string) map[string]string {
	s.t.Helper()
	raw := map[string]*string{}
	s.must(200, "GET", "/employees/"+id+"?fields="+fields, "").Decode(s.t, &raw)
	out := map[string]string{}
	for name, v := range raw {
		if v != nil && name != "id" {
			out[name] = *v
		}
	}
	return out
}

// rows reads a table.
func (s *site) rows(id, table string) []map[string]*string {
	s.t.Helper()
	var out []map[string]*string
	s.must(200, "GET", "/employees/"+id+"/tables/"+table, "").Decode(s.t, &out)
	return out
}
