package onelogin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/onelogin"
	"gatehouse/sandbox/tenant/tenanttest"
)

// site is a small tenant behind its API.
type site struct {
	t   *testing.T
	url string
	ol  *onelogin.OneLogin
	// ids are the users by their usernames, ada the first.
	ids   map[string]int64
	token string
}

// open makes a tenant of people in two groups and two roles.
func open(t *testing.T) *site {
	t.Helper()
	base := tenanttest.New()
	s := &site{t: t, ol: onelogin.New(base, onelogin.Options{}), ids: map[string]int64{}}
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
	s.url = tenanttest.Serve(t, base, s.ol.Vendor(), s.ol.Close)
	s.token = s.signIn("/auth/oauth2/v2/token", "sandbox-onelogin")["access_token"].(string)
	return s
}

// data is what a v1 answer wraps.
func data[T any](t *testing.T, r tenanttest.Reply) T {
	t.Helper()
	require.Equal(t, 200, r.Status, r.Body)
	var v struct {
		Data T `json:"data"`
	}
	r.Decode(t, &v)
	return v.Data
}

func (s *site) send(method, path, body, authorization string) tenanttest.Reply {
	s.t.Helper()
	return tenanttest.Send(s.t, method, s.url+path, body, func(r *http.Request) {
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Content-Type", "application/json")
	})
}

// call is a call with the token of everything.
func (s *site) call(method, path, body string) tenanttest.Reply {
	s.t.Helper()
	return s.send(method, path, body, "Bearer "+s.token)
}

// must is a call with an expected status.
func (s *site) must(status int, method, path, body string) tenanttest.Reply {
	s.t.Helper()
	r := s.call(method, path, body)
	require.Equal(s.t, status, r.Status, "%s %s: %s", method, path, r.Body)
	return r
}

// signIn gets a token and returns what was said with it.
func (s *site) signIn(path, client string) map[string]any {
	s.t.Helper()
	r := s.send("POST", path, `{"grant_type":"client_credentials"}`, "client_id:"+client+",client_secret:"+client+"-secret")
	require.Equal(s.t, 200, r.Status, r.Body)
	var tok map[string]any
	r.Decode(s.t, &tok)
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
