package onelogin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/tenant"
)

// site is a small tenant behind its API.
type site struct {
	t    *testing.T
	url  string
	ol   *onelogin.OneLogin
	base *tenant.Tenant
	// ids are the users by their usernames, ada the first.
	ids   map[string]int64
	token string
}

// open makes a tenant of people in two groups and two roles.
func open(t *testing.T) *site {
	t.Helper()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	base := tenant.New(func() time.Time { return noon }, 1)
	s := &site{t: t, base: base, ol: onelogin.New(base, onelogin.Options{}), ids: map[string]int64{}}
	s.ol.AddGroup("Staff")
	s.ol.AddGroup("Contractors")
	s.ol.AddRole("Everyone", "Slack", "-Hidden")
	s.ol.AddRole("Auditors", "Ledger")
	for _, name := range []string{"ada", "ben", "cleo", "dora"} {
		s.ids[name] = s.ol.AddUser(onelogin.Account{
			Username: name, Email: name + "@acme.example", First: strings.ToUpper(name[:1]) + name[1:], Last: "Acme", Status: 1,
			Group: "Staff", Roles: []string{"Everyone"}, Password: true,
		})
	}
	server := httptest.NewServer(base.Handler(s.ol.Vendor()))
	t.Cleanup(func() {
		server.Close()
		s.ol.Close()
	})
	s.url = server.URL + "/onelogin"
	s.token = s.signIn("/auth/oauth2/v2/token", "sandbox-onelogin")["access_token"].(string)
	return s
}

// reply is an answer read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.body), into), r.body)
}

// data is what a v1 answer wraps.
func data[T any](t *testing.T, r reply) T {
	t.Helper()
	require.Equal(t, 200, r.status, r.body)
	var v struct {
		Data T `json:"data"`
	}
	r.decode(t, &v)
	return v.Data
}

func (s *site) send(method, path, body, authorization string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Authorization", authorization)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	raw, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
	return reply{resp.StatusCode, resp.Header, string(raw)}
}

// call is a call with the token of everything.
func (s *site) call(method, path, body string) reply {
	s.t.Helper()
	return s.send(method, path, body, "Bearer "+s.token)
}

// must is a call with an expected status.
func (s *site) must(status int, method, path, body string) reply {
	s.t.Helper()
	r := s.call(method, path, body)
	require.Equal(s.t, status, r.status, "%s %s: %s", method, path, r.body)
	return r
}

// signIn gets a token and returns what was said with it.
func (s *site) signIn(path, client string) map[string]any {
	s.t.Helper()
	r := s.send("POST", path, `{"grant_type":"client_credentials"}`, "client_id:"+client+",client_secret:"+client+"-secret")
	require.Equal(s.t, 200, r.status, r.body)
	var tok map[string]any
	r.decode(s.t, &tok)
	return tok
}

// user is the path of a user.
func (s *site) user(version int, name, rest string) string {
	return fmt.Sprintf("/api/%d/users/%d%s", version, s.ids[name], rest)
}

// types are the types of the events so far, oldest first.
func (s *site) types() []int {
	s.t.Helper()
	var out []int
	for _, e := range data[[]struct {
		Type int `json:"event_type_id"`
	}](s.t, s.call("GET", "/api/1/events?sort=%2Bid", "")) {
		out = append(out, e.Type)
	}
	return out
}
