package server_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// start is noon on a Monday, so that days around it are easy to name.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// sandbox is a running tenant under test.
type sandbox struct {
	t    testing.TB
	base string
	http *http.Client
}

func run(t testing.TB, o server.Options) *sandbox {
	t.Helper()
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Clock == nil {
		o.Clock = func() time.Time { return start }
	}
	srv := server.New(o)
	ts := httptest.NewServer(srv.Handler())
	t.Cleanup(func() {
		ts.Close()
		srv.Close()
	})
	ts.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	return &sandbox{t: t, base: ts.URL, http: ts.Client()}
}

// answer is a reply read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// json decodes the body.
func (a answer) json(t testing.TB, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), into), "body: %s", a.body)
}

// option changes a request before it is sent.
type option func(r *http.Request)

func bearer(token string) option {
	return func(r *http.Request) { r.Header.Set("Authorization", "bearer "+token) }
}

func basic(user, password string) option {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func (s *sandbox) try(method, path, body string, options ...option) (answer, error) {
	req, err := http.NewRequest(method, s.base+path, strings.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	for _, o := range options {
		o(req)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	raw, err := io.ReadAll(resp.Body)
	if closed := resp.Body.Close(); err == nil {
		err = closed
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: string(raw)}, err
}

func (s *sandbox) call(method, path, body string, options ...option) answer {
	s.t.Helper()
	a, err := s.try(method, path, body, options...)
	require.NoError(s.t, err)
	return a
}

// control makes a control call that must succeed.
func (s *sandbox) control(method, path, body string) answer {
	s.t.Helper()
	a := s.call(method, "/sandbox/"+path, body)
	require.Equal(s.t, http.StatusOK, a.status, "body: %s", a.body)
	return a
}

// form makes a form-encoded call.
func (s *sandbox) form(path string, fields url.Values, options ...option) answer {
	s.t.Helper()
	options = append(options, header("Content-Type", "application/x-www-form-urlencoded"))
	return s.call("POST", path, fields.Encode(), options...)
}

// oneLoginToken signs an API client in.
func (s *sandbox) oneLoginToken(client string) option {
	s.t.Helper()
	a := s.call("POST", "/onelogin/auth/oauth2/v2/token", `{"grant_type":"client_credentials"}`, basic(client, client+"-secret"))
	var tok struct {
		Access string `json:"access_token"`
	}
	a.json(s.t, &tok)
	require.NotEmpty(s.t, tok.Access)
	return bearer(tok.Access)
}

// workdayToken gets an access token.
func (s *sandbox) workdayToken() option {
	s.t.Helper()
	a := s.form("/workday/ccx/oauth2/acme/token", url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {"sandbox-workday-refresh"},
	}, basic("sandbox-workday", "sandbox-workday-secret"))
	var tok struct {
		Access string `json:"access_token"`
	}
	a.json(s.t, &tok)
	require.NotEmpty(s.t, tok.Access)
	return header("Authorization", "Bearer "+tok.Access)
}

// entry is a journal line.
type entry struct {
	Seq     int    `json:"seq"`
	System  string `json:"system"`
	Op      string `json:"op"`
	Subject string `json:"subject"`
	Effect  string `json:"effect"`
	Status  int    `json:"status"`
	Fault   string `json:"fault"`
	Client  string `json:"client"`
	Unknown bool   `json:"unknown"`
}

func (s *sandbox) journal(query string) []entry {
	s.t.Helper()
	var out []entry
	lines := bufio.NewScanner(strings.NewReader(s.control("GET", "journal?"+query, "").body))
	for lines.Scan() {
		var e entry
		require.NoError(s.t, json.Unmarshal(lines.Bytes(), &e))
		out = append(out, e)
	}
	return out
}

// effects are the effects of the journal, oldest first.
func (s *sandbox) effects() []string {
	var out []string
	for _, e := range s.journal("effects=true") {
		out = append(out, e.Op+" "+e.Subject+": "+e.Effect)
	}
	return out
}

// user is what GET /sandbox/state/user says.
type user struct {
	ID        int64            `json:"id"`
	Username  string           `json:"username"`
	Status    int              `json:"status"`
	Group     string           `json:"group"`
	Roles     []string         `json:"roles"`
	Factors   []map[string]any `json:"factors"`
	Sessions  []map[string]any `json:"sessions"`
	Password  string           `json:"password"`
	CanSignIn bool             `json:"can_sign_in"`
	HR        []struct {
		Standing string `json:"standing"`
	} `json:"hr"`
}

func (s *sandbox) user(query string) user {
	s.t.Helper()
	var u user
	s.control("GET", "state/user?"+query, "").json(s.t, &u)
	return u
}
