package bamboohr_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/bamboohr"
	"gatehouse/sandbox/hr"
	"gatehouse/sandbox/tenant"
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
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	base := tenant.New(func() time.Time { return noon }, 1)
	s := &site{t: t, base: base}
	s.hr = hr.NewStore(base.Now, func(c hr.Change) { s.b.Heard(c) })
	s.b = bamboohr.New(base, s.hr)
	for _, p := range []hr.Fields{
		{FirstName: "Ada", LastName: "Lima", WorkEmail: "ada@acme.example", Department: "IT", Title: "Head", Location: "Berlin"},
		{FirstName: "Ben", LastName: "Okoro", WorkEmail: "ben@acme.example", Department: "Sales", Title: "Agent", Location: "London", ManagerID: "101"},
		{FirstName: "Cleo", LastName: "Roy", WorkEmail: "cleo@acme.example", Department: "Sales", Title: "Agent", Location: "London", TerminationDate: "2026-10-01", LastDay: "2026-10-01"},
	} {
		p.Company, p.EmploymentType, p.HireDate = "Acme", "Employee", "2024-03-01"
		s.hr.Seed(hr.Record{Source: hr.BambooHR, Fields: p, InsertedAt: noon, LastChanged: noon})
	}
	server := httptest.NewServer(base.Handler(s.b.Vendor()))
	t.Cleanup(func() {
		server.Close()
		s.b.Close()
	})
	s.url = server.URL + "/bamboohr"
	return s
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.body), into), r.body)
}

// call asks for JSON, unless accept says something else.
func (s *site) call(method, path, body string, accept ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	req.SetBasicAuth(bamboohr.APIKey, "x")
	req.Header.Set("Accept", strings.Join(append(accept, "application/json")[:1], ""))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	raw, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
	return reply{resp.StatusCode, resp.Header, string(raw)}
}

// must is a call below /api/v1 with an expected status.
func (s *site) must(status int, method, path, body string) reply {
	s.t.Helper()
	r := s.call(method, "/api/v1"+path, body)
	require.Equal(s.t, status, r.status, "%s %s: %s %s", method, path, r.body, r.header.Get("X-BambooHR-Error-Message"))
	return r
}

// employee reads fields of an employee.
func (s *site) employee(id, fields string) map[string]string {
	s.t.Helper()
	raw := map[string]*string{}
	s.must(200, "GET", "/employees/"+id+"?fields="+fields, "").decode(s.t, &raw)
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
	s.must(200, "GET", "/employees/"+id+"/tables/"+table, "").decode(s.t, &out)
	return out
}
