package workday_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/workday"
)

// tenant is a Workday tenant with two reports and the staffing service. It refuses parameters that it does not know.
type tenant struct {
	t *testing.T

	mu      sync.Mutex
	refresh string
	rotate  string
	grants  []string
	// report is the body of both reports; worker overrides it for the single-worker report.
	report, worker string
}

func newTenant(t *testing.T) *tenant {
	return &tenant{
		t: t, refresh: refreshToken, report: `{"Report_Entry":[]}`,
		worker: `{"Report_Entry":[{"Employee_ID":"21001","Work_Email":"` + workEmail + `","Hire_Date":"2024-01-01","Department":"R&D","Status":"Active"}]}`,
	}
}

func (s *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/ccx/oauth2/acme/token" {
		s.giveToken(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+accessToken {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/ccx/service/customreport2/acme/isu_gatehouse/Roster Report":
		s.expectQuery(w, r, "format=json", s.report)
	case "/ccx/service/customreport2/acme/isu_gatehouse/Worker_Report":
		s.expectQuery(w, r, "Employee_ID=21001&format=json", s.worker)
	case "/ccx/api/staffing/v7/acme/workers":
		s.listWorkers(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *tenant) expectQuery(w http.ResponseWriter, r *http.Request, query, body string) {
	if r.Method != http.MethodGet || r.URL.RawQuery != query {
		s.t.Errorf("asked for %s %s", r.Method, r.URL.RawQuery)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	_, _ = w.Write([]byte(body))
}

func (s *tenant) giveToken(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	grant := r.PostFormValue("grant_type")
	if !ok || id != "client" || secret != clientSecret || grant == "refresh_token" && r.PostFormValue("refresh_token") != s.refresh {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	s.grants = append(s.grants, grant)
	reply := map[string]any{"access_token": accessToken, "expires_in": 3600, "token_type": "Bearer"}
	if s.rotate != "" {
		s.refresh = s.rotate
		reply["refresh_token"] = s.rotate
	}
	_ = json.NewEncoder(w).Encode(reply)
}

func (s *tenant) listWorkers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	offset, err2 := strconv.Atoi(q.Get("offset"))
	if err != nil || err2 != nil || limit > 100 || len(q) != 3 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	total := workers - 50
	if q.Get("includeTerminatedWorkers") == "true" {
		total = workers
	}
	data := []any{}
	for i := offset; i < min(offset+limit, total); i++ {
		data = append(data, map[string]any{
			"id": fmt.Sprintf("wid-%d", i), "workerId": strconv.Itoa(21000 + i), "descriptor": "Ada",
			"workerType": map[string]any{"id": "x", "descriptor": "Employee"},
			"person":     map[string]any{"email": workEmail},
			"primaryJob": map[string]any{"businessTitle": "Engineer", "location": map[string]any{"country": "x"}},
		})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"total": total, "data": data})
}

func options(url string) workday.Options {
	return workday.Options{
		BaseURL: url, Tenant: "acme", ClientID: "client", ClientSecret: clientSecret, RefreshToken: refreshToken,
		ReportOwner: "isu_gatehouse", RosterReport: "Roster Report", WorkerReport: "Worker_Report",
	}
}

func (s *tenant) start(adjust ...func(*workday.Options)) *workday.Client {
	s.t.Helper()
	server := httptest.NewServer(s)
	s.t.Cleanup(server.Close)
	o := options(server.URL)
	for _, a := range adjust {
		a(&o)
	}
	c, err := workday.New(o)
	require.NoError(s.t, err)
	return c
}
