package onelogin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/connectors/onelogin"
)

const (
	clientID     = "client-1"
	clientSecret = "s3cr3t-client-value"
	adaEmail     = "ada.lovelace@example.com"
)

// tenant is a OneLogin account that is as strict as the documentation: unknown parameters and fields, wrong body shapes
// and a cursor together with a limit are refused.
type tenant struct {
	t *testing.T

	mu       sync.Mutex
	users    map[int64]map[string]any
	nextID   int64
	journal  []string
	tokens   int
	token    string
	created  time.Time
	v1Token  bool
	pageSize int
	// quota is put into response headers if it is set: limit, remaining, seconds to reset.
	quota []int
	// hook may answer instead.
	hook func(w http.ResponseWriter, r *http.Request, body []byte) bool
}

func newTenant(t *testing.T) *tenant {
	return &tenant{
		t: t, nextID: 100, token: "tok-0", created: time.Now(), pageSize: 2,
		users: map[int64]map[string]any{
			1: user(1, "ada", adaEmail, "workday-1", []int64{7}),
			2: user(2, "breakglass-1", "bg@example.com", "", []int64{9}),
			3: user(3, "grace", "grace@example.com", "workday-3", nil),
			4: user(4, "adam", "adam@example.com", "workday-12", nil),
			5: user(5, "alan", "alan@example.com", "workday-5", nil),
		},
	}
}

func user(id int64, username, email, externalID string, roles []int64) map[string]any {
	return map[string]any{
		"id": id, "username": username, "email": email, "external_id": externalID, "status": 1, "state": 1,
		"role_ids": append([]int64{}, roles...), "group_id": nil, "manager_user_id": "1",
		"created_at": "2026-01-02T03:04:05.678Z", "last_login": nil, "firstname": "F", "lastname": "L",
	}
}

// start serves the tenant and returns a client of it.
func (s *tenant) start(adjust ...func(*onelogin.Options)) *onelogin.Client {
	s.t.Helper()
	server := httptest.NewServer(s)
	s.t.Cleanup(server.Close)
	o := onelogin.Options{BaseURL: server.URL, ClientID: clientID, ClientSecret: clientSecret}
	for _, a := range adjust {
		a(&o)
	}
	c, err := onelogin.New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func protectBreakglass(o *onelogin.Options) {
	o.Protected = func(u onelogin.User) string {
		if strings.HasPrefix(u.Username, "breakglass-") {
			return "rule breakglass"
		}
		return ""
	}
}

// calls returns what was asked so far, and forgets it.
func (s *tenant) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.journal
	s.journal = nil
	return out
}

func (s *tenant) set(change func(*tenant)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read request: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/auth/oauth2/v2/token" {
		s.giveToken(w, r, body)
		return
	}
	entry := r.Method + " " + r.URL.Path
	if len(body) > 0 {
		entry += " " + string(body)
	}
	s.journal = append(s.journal, entry)
	if s.quota != nil {
		for i, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
			w.Header().Set(name, strconv.Itoa(s.quota[i]))
		}
	}
	if s.hook != nil && s.hook(w, r, body) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.token {
		v2Error(w, 401, "UnauthorizedError", "Unauthorized")
		return
	}
	s.route(w, r, body)
}

func (s *tenant) giveToken(w http.ResponseWriter, r *http.Request, body []byte) {
	id, secret, ok := r.BasicAuth()
	if !ok || id != clientID || secret != clientSecret || r.Method != http.MethodPost ||
		string(body) != `{"grant_type":"client_credentials"}` {
		v2Error(w, 401, "UnauthorizedError", "Authentication Failure")
		return
	}
	s.tokens++
	token := map[string]any{
		"access_token": s.token, "created_at": s.created.UTC().Format("2006-01-02T15:04:05.000Z"), "expires_in": 36000,
		"token_type": "bearer", "account_id": 5, "refresh_token": "unused",
	}
	if s.v1Token {
		reply(w, 200, map[string]any{"status": map[string]any{"error": false, "code": 200}, "data": []any{token}})
		return
	}
	reply(w, 200, token)
}

func (s *tenant) route(w http.ResponseWriter, r *http.Request, body []byte) {
	p := r.URL.Path
	switch {
	case p == "/auth/rate_limit":
		v1(w, map[string]any{"X-RateLimit-Limit": 5000, "X-RateLimit-Remaining": "4321", "X-RateLimit-Reset": 1800})
	case p == "/api/2/users" && r.Method == http.MethodGet:
		s.listUsers(w, r)
	case p == "/api/2/users" && r.Method == http.MethodPost:
		s.createUser(w, r, body)
	case p == "/api/2/roles":
		s.page(w, r, nil, []any{named(7, "Everyone"), named(8, "Engineering"), named(9, "Admins")})
	case p == "/api/2/apps":
		s.page(w, r, nil, []any{named(70, "GitHub"), named(71, "AWS"), named(72, "Jira")})
	case strings.HasPrefix(p, "/api/2/users/"):
		s.oneUser(w, r, body)
	default:
		reply(w, 404, map[string]any{"message": "no such path", "name": "NotFoundError", "statusCode": 404})
	}
}

func named(id int64, name string) map[string]any { return map[string]any{"id": id, "name": name} }

var knownFields = []string{
	"username", "email", "firstname", "lastname", "title", "department", "company", "external_id", "status", "state",
	"group_id", "manager_user_id", "role_ids",
}

// readBody checks a create or update.
func readBody(w http.ResponseWriter, r *http.Request, body []byte) (map[string]any, bool) {
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil || r.Header.Get("Content-Type") != "application/json" {
		v2Error(w, 400, "BadRequestError", "Expected object")
		return nil, false
	}
	if r.URL.Query().Get("mappings") != "disabled" {
		v2Error(w, 400, "BadRequestError", "this test wants mappings=disabled")
		return nil, false
	}
	for name := range in {
		if !slices.Contains(knownFields, name) {
			v2Error(w, 400, "BadRequestError", "unknown field "+name)
			return nil, false
		}
	}
	return in, true
}

func (s *tenant) createUser(w http.ResponseWriter, r *http.Request, body []byte) {
	in, ok := readBody(w, r, body)
	if !ok {
		return
	}
	for _, u := range s.users {
		if u["username"] == in["username"] {
			v2Error(w, 422, "UnprocessableEntityError", "Username must be unique within example")
			return
		}
	}
	s.nextID++
	created := user(s.nextID, "", "", "", nil)
	created["status"] = 7
	maps.Copy(created, in)
	s.users[s.nextID] = created
	reply(w, 201, created)
}

func (s *tenant) oneUser(w http.ResponseWriter, r *http.Request, body []byte) {
	id, err := strconv.ParseInt(path.Base(r.URL.Path), 10, 64)
	u, ok := s.users[id]
	if err != nil || !ok {
		v2Error(w, 404, "NotFoundError", "user not found")
		return
	}
	switch r.Method {
	case http.MethodGet:
		reply(w, 200, u)
	case http.MethodPut:
		in, ok := readBody(w, r, body)
		if !ok {
			return
		}
		maps.Copy(u, in)
		reply(w, 200, u)
	case http.MethodDelete:
		delete(s.users, id)
		w.WriteHeader(http.StatusNoContent)
	}
}

// listUsers filters as OneLogin does: case does not matter and "*" is a wildcard, so external_id=workday-1 with a sloppy
// server could give more than was meant. To prove that clients compare again, every filter matches prefixes too.
func (s *tenant) listUsers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !strings.Contains(q.Get("fields"), "role_ids") {
		v2Error(w, 400, "BadRequestError", "this test wants explicit fields")
		return
	}
	var all []any
	for _, id := range slices.Sorted(maps.Keys(s.users)) {
		u, keep := s.users[id], true
		for _, f := range []string{"external_id", "email", "username"} {
			value := strings.ToLower(fmt.Sprint(u[f]))
			keep = keep && (q.Get(f) == "" || strings.HasPrefix(value, strings.ToLower(q.Get(f))))
		}
		if keep {
			all = append(all, u)
		}
	}
	s.page(w, r, []string{"fields", "external_id", "email", "username", "updated_since", "group_id"}, all)
}

// page answers a version 2 list: limit xor cursor, cursors in headers.
func (s *tenant) page(w http.ResponseWriter, r *http.Request, filters []string, all []any) {
	q := r.URL.Query()
	for name := range q {
		if !slices.Contains(append([]string{"limit", "cursor"}, filters...), name) {
			v2Error(w, 400, "BadRequestError", "unknown parameter "+name)
			return
		}
	}
	start := 0
	if cursor := q.Get("cursor"); cursor != "" {
		if q.Has("limit") {
			reply(w, 400, map[string]any{
				"status": 400, "error": "BadRequestError", "description": "Requests can only have cursor xor pagination arguments",
			})
			return
		}
		n, err := strconv.Atoi(strings.TrimPrefix(cursor, "after-"))
		if err != nil {
			reply(w, 400, map[string]any{"status": 400, "error": "BadRequestError", "description": "Invalid pagination cursor"})
			return
		}
		start = n
	}
	end := min(start+s.pageSize, len(all))
	if end < len(all) {
		w.Header().Set("After-Cursor", fmt.Sprintf("after-%d", end))
	}
	reply(w, 200, append([]any{}, all[start:end]...))
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // The client may be gone.
}

func v1(w http.ResponseWriter, data any) {
	reply(w, 200, map[string]any{
		"status": map[string]any{"error": false, "code": 200, "type": "success", "message": "Success"}, "data": data,
	})
}

func v1Error(w http.ResponseWriter, httpStatus, code int, message any) {
	reply(w, httpStatus, map[string]any{
		"status": map[string]any{"error": true, "code": code, "type": "bad request", "message": message},
	})
}

func v2Error(w http.ResponseWriter, status int, name, message string) {
	reply(w, status, map[string]any{"message": message, "name": name, "statusCode": status})
}

// answerWith lets every request but those for tokens be answered by f.
func (s *tenant) answerWith(f func(w http.ResponseWriter, r *http.Request)) {
	s.set(func(s *tenant) {
		s.hook = func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			f(w, r)
			return true
		}
	})
}
