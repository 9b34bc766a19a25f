package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

func TestOneLoginToken(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	const path = "/onelogin/auth/oauth2/v2/token"
	const grant = `{"grant_type":"client_credentials"}`
	var values []string
	for name, a := range map[string]answer{
		"header": s.call("POST", path, grant, header("Authorization", "client_id:sandbox-onelogin, client_secret:sandbox-onelogin-secret")),
		"basic":  s.call("POST", path, grant, basic("sandbox-onelogin", "sandbox-onelogin-secret")),
		"form": s.form(path, map[string][]string{
			"grant_type": {"client_credentials"}, "client_id": {"sandbox-onelogin"}, "client_secret": {"sandbox-onelogin-secret"},
		}),
	} {
		require.Equal(t, http.StatusOK, a.status, name)
		var tok struct {
			Access  string `json:"access_token"`
			Created string `json:"created_at"`
			Expires int    `json:"expires_in"`
		}
		a.json(t, &tok)
		require.Equal(t, 36000, tok.Expires)
		require.Equal(t, "2026-11-23T12:00:00.000Z", tok.Created)
		values = append(values, tok.Access)
	}
	require.Equal(t, values[0], values[1], "the same credential gets the same token")
	require.Equal(t, values[0], values[2])

	require.Equal(t, http.StatusUnauthorized, s.call("POST", path, grant, basic("sandbox-onelogin", "wrong")).status)
	require.Equal(t, http.StatusBadRequest, s.call("POST", path, `{"grant_type":"password"}`, basic("sandbox-onelogin", "sandbox-onelogin-secret")).status)

	get := func() int { return s.call("GET", "/onelogin/api/2/users/100001", "", bearer(values[0])).status }
	require.Equal(t, http.StatusOK, get())
	s.control("POST", "clock", `{"advance":"10h"}`)
	require.Equal(t, http.StatusUnauthorized, get(), "a token lasts ten hours")
}

func TestOneLoginRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	all, users, readOnly := s.oneLoginToken("sandbox-onelogin"), s.oneLoginToken("sandbox-onelogin-users"), s.oneLoginToken("sandbox-onelogin-read")
	taken := s.user("id=100002").Username
	for name, tc := range map[string]struct {
		method, path, body string
		as                 option
		status             int
		want               string
	}{
		"no token":            {"GET", "/api/2/users/100001", "", header("X-None", ""), 401, `"name":"UnauthorizedError"`},
		"scope too small":     {"PUT", "/api/2/users/100001", `{"status":2}`, readOnly, 401, "Insufficient Permission"},
		"scope on v1":         {"PUT", "/api/1/users/100001/set_state", `{"state":0}`, users, 401, `"code":401`},
		"unknown path v2":     {"GET", "/api/2/nothing", "", all, 404, `"name":"NotFoundError"`},
		"unknown path v1":     {"GET", "/api/1/nothing", "", all, 404, `"status":{"error":true`},
		"wrong method":        {"POST", "/api/1/users/100001/logout", "", all, 405, `"error":true`},
		"unknown parameter":   {"GET", "/api/2/users?status=1", "", all, 400, "Unknown query parameter: status"},
		"unknown user":        {"GET", "/api/2/users/7", "", all, 404, "could not be found"},
		"unknown body field":  {"PUT", "/api/2/users/100001", `{"stauts":2}`, all, 200, `"status":1`},
		"read-only field":     {"PUT", "/api/2/users/100001", `{"id":7,"created_at":"0001-01-01T00:00:00Z"}`, all, 200, `"id":100001`},
		"status of no kind":   {"PUT", "/api/2/users/100001", `{"status":6}`, all, 422, "UnprocessableEntityError"},
		"group of no kind":    {"PUT", "/api/2/users/100001", `{"group_id":9}`, all, 422, "Group with id 9"},
		"username taken":      {"PUT", "/api/2/users/100001", fmt.Sprintf(`{"username":%q}`, strings.ToUpper(taken)), all, 422, "Username must be unique within acme"},
		"cursor and limit":    {"GET", "/api/2/users?cursor=abc&limit=2", "", all, 400, "cursor xor pagination"},
		"cursor of no kind":   {"GET", "/api/2/users?cursor=100001", "", all, 400, `"description":"Invalid pagination cursor"`},
		"limit too large":     {"GET", "/api/2/users?limit=101", "", all, 400, "BadRequestError"},
		"role users, object":  {"DELETE", "/api/2/roles/501/users", `{"user_id":[100001]}`, all, 400, "Expected array in request"},
		"role users, unknown": {"POST", "/api/2/roles/501/users", `[7]`, all, 422, "User with id 7"},
		"unknown role":        {"GET", "/api/2/roles/9", "", all, 404, "NotFoundError"},
		"state as it is":      {"PUT", "/api/1/users/100001/set_state", `{"state":1}`, all, 400, "already in this state"},
		"unlock the unlocked": {"POST", "/api/2/users/100001/unlock", "", all, 400, `{"message":"User cannot be unlocked"}`},
		"mapping mode":        {"PUT", "/api/2/users/100001?mappings=no", `{}`, all, 400, "mappings"},
		"invite, other case":  {"POST", "/api/1/invites/send_invite_link", fmt.Sprintf(`{"email":%q}`, strings.ToUpper(taken)), all, 404, "User not found"},
		"events limit":        {"GET", "/api/1/events?limit=1000", "", all, 400, "limit"},
		"password mismatch":   {"PUT", "/api/1/users/set_password_clear_text/100001", `{"password":"a","password_confirmation":"b"}`, all, 400, `"attribute":"password_confirmation"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.call(tc.method, "/onelogin"+tc.path, tc.body, tc.as)
			require.Equal(t, tc.status, a.status, "body: %s", a.body)
			require.Contains(t, a.body, tc.want)
		})
	}
	t.Cleanup(func() { require.Empty(t, s.effects(), "a refused call changes nothing") })
}

func TestOneLoginUserLife(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	created := s.call("POST", "/onelogin/api/2/users?mappings=disabled",
		`{"username":"ada.l@acme.example","email":"ada.l@acme.example","firstname":"Ada","external_id":"workday-99","department":"IT"}`, as)
	require.Equal(t, http.StatusCreated, created.status)
	var u struct {
		ID     int64 `json:"id"`
		Status int   `json:"status"`
	}
	created.json(t, &u)
	require.Equal(t, 7, u.Status, "no password: pending")
	one := fmt.Sprintf("/onelogin/api/2/users/%d", u.ID)
	signIn := func() string {
		return s.control("POST", "onelogin/sign-in", `{"username":"ada.l@acme.example"}`).body
	}

	refused := s.call("POST", "/sandbox/onelogin/accept-invite", `{"username":"ada.l@acme.example"}`)
	require.Equal(t, http.StatusConflict, refused.status, "no invitation was sent")
	require.Equal(t, 200, s.call("POST", "/onelogin/api/1/invites/send_invite_link", `{"email":"ada.l@acme.example","personal_email":"a@home.example"}`, as).status)
	s.control("POST", "onelogin/accept-invite", `{"username":"ada.l@acme.example"}`)
	require.Contains(t, signIn(), `"ok":true`)

	require.Equal(t, 200, s.call("PUT", one+"?mappings=disabled", `{"status":2}`, as).status)
	require.Contains(t, signIn(), "status is 2")
	require.Len(t, s.user("external_id=workday-99").Sessions, 1, "suspending does not end a session")
	require.Equal(t, 200, s.call("PUT", fmt.Sprintf("/onelogin/api/1/users/%d/logout", u.ID), "", as).status)
	require.Empty(t, s.user("external_id=workday-99").Sessions, "logging out does")

	before := len(s.effects())
	require.Equal(t, 200, s.call("PUT", one+"?mappings=disabled", `{"status":2}`, as).status)
	require.Len(t, s.effects(), before, "the same status again has no effect")

	require.Equal(t, 200, s.call("PUT", one+"?mappings=disabled", `{"status":1}`, as).status)
	scramble := `{"password":"x9-long-enough","password_confirmation":"x9-long-enough"}`
	require.Equal(t, 200, s.call("PUT", fmt.Sprintf("/onelogin/api/1/users/set_password_clear_text/%d", u.ID), scramble, as).status)
	require.Contains(t, signIn(), "set by an administrator")

	require.Equal(t, 204, s.call("DELETE", one, "", as).status)
	require.Equal(t, 404, s.call("GET", one, "", as).status)
	want := []string{
		"onelogin.create_user user:100061: created with status 7",
		"onelogin.send_invite_link user:100061: invitation 1 sent",
		"onelogin.update_user user:100061: status 1 -> 2",
		"onelogin.logout user:100061: sessions 1 -> 0",
		"onelogin.update_user user:100061: status 2 -> 1",
		"onelogin.set_password user:100061: password set",
		"onelogin.delete_user user:100061: deleted",
	}
	require.Empty(t, cmp.Diff(want, s.effects()))
}

func TestOneLoginMappings(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	roles := func() []string { return s.user("id=100003").Roles }
	require.Equal(t, []string{"Everyone", "Sales", "Salesforce"}, roles())

	update := func(mode, department string) string {
		a := s.call("PUT", "/onelogin/api/2/users/100003?mappings="+mode, fmt.Sprintf(`{"department":%q}`, department), as)
		require.Equal(t, 200, a.status)
		var u struct {
			Roles []int64 `json:"role_ids"`
		}
		a.json(t, &u)
		return fmt.Sprint(u.Roles)
	}
	shown := update("disabled", "Finance")
	require.Equal(t, []string{"Everyone", "Sales", "Salesforce"}, roles(), "disabled leaves roles alone")
	require.Equal(t, shown, update("async", "Marketing"), "async shows the roles from before")
	require.Equal(t, []string{"Everyone", "Marketing"}, roles(), "and changes them")
	require.NotEqual(t, shown, update("sync", "Support"))

	require.Equal(t, 204, s.call("DELETE", "/onelogin/api/2/roles/501/users", `[100003]`, as).status)
	require.NotContains(t, roles(), "Everyone")
	s.control("POST", "onelogin/run-mappings", "")
	require.Contains(t, roles(), "Everyone", "a mapped role comes back")
	events := s.call("GET", "/onelogin/api/1/events?user_id=100003&event_type_id=149,150", "", as)
	require.Contains(t, events.body, `"event_type_id":149`)
	require.Contains(t, events.body, `"actor_system":"Mapping"`)
}

func TestOneLoginPaging(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	var ids []int64
	path := "/onelogin/api/2/users?limit=25&email=*@acme.example"
	for range 10 {
		a := s.call("GET", path, "", as)
		require.Equal(t, 200, a.status, a.body)
		var page []map[string]any
		a.json(t, &page)
		for _, u := range page {
			require.NotContains(t, u, "role_ids")
			require.NotContains(t, u, "custom_attributes")
			ids = append(ids, int64(u["id"].(float64)))
		}
		require.Equal(t, "3", a.header.Get("Total-Pages"))
		next := a.header.Get("After-Cursor")
		if next == "" {
			break
		}
		path = "/onelogin/api/2/users?email=*@acme.example&cursor=" + next
	}
	require.Len(t, ids, 60)
	require.IsIncreasing(t, ids)

	first := s.call("GET", "/onelogin/api/2/users?limit=25&email=*@acme.example", "", as).header.Get("After-Cursor")
	require.Equal(t, 400, s.call("GET", "/onelogin/api/2/users?cursor="+first, "", as).status, "a cursor belongs to its filters")
	fields := s.call("GET", "/onelogin/api/2/users?external_id=workday-21001&fields=id,role_ids", "", as)
	require.JSONEq(t, `[{"id":100001,"role_ids":[501,511]}]`, fields.body)
	require.Equal(t, "[]", s.call("GET", "/onelogin/api/2/users?external_id=workday-1", "", as).body)
}

func TestOneLoginQuota(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Quota: 2})
	as := s.oneLoginToken("sandbox-onelogin")
	get := func() answer { return s.call("GET", "/onelogin/api/2/users/100001", "", as) }
	require.Equal(t, "1", get().header.Get("X-RateLimit-Remaining"))
	require.Equal(t, 200, get().status)
	a := get()
	require.Equal(t, 429, a.status)
	require.Equal(t, "3600", a.header.Get("X-RateLimit-Reset"), "seconds that remain, no epoch")

	s.control("POST", "onelogin/settings", `{"rate_limit_status":400}`)
	a = get()
	require.Equal(t, 400, a.status)
	require.Contains(t, a.body, `"message":"rate_limit_exceeded"`)

	s.control("POST", "clock", `{"advance":"1h"}`)
	require.Equal(t, 200, get().status, "a new window")
	s.control("POST", "quota", `{"limit":10,"remaining":0}`)
	require.Equal(t, 400, get().status)
	require.Contains(t, s.call("GET", "/onelogin/auth/rate_limit", "", as).body, `"X-RateLimit-Limit":10`)
}

func TestOneLoginFactors(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	id := s.user("username=breakglass-1@acme.example").ID
	v2 := fmt.Sprintf("/onelogin/api/2/mfa/users/%d/devices", id)
	v1 := fmt.Sprintf("/onelogin/api/1/users/%d/otp_devices", id)
	require.Equal(t, "[]", s.call("GET", v2, "", as).body, "v2 does not see every factor")
	require.Contains(t, s.call("GET", v1, "", as).body, `"auth_factor_name":"WebAuthn"`)

	s.control("POST", "onelogin/enrol", `{"username":"breakglass-1@acme.example","factor":"OneLogin SMS"}`)
	var devices []struct {
		ID string `json:"device_id"`
	}
	s.call("GET", v2, "", as).json(t, &devices)
	require.Len(t, devices, 1)
	require.Equal(t, 204, s.call("DELETE", v2+"/"+devices[0].ID, "", as).status)
	require.Equal(t, 404, s.call("DELETE", v2+"/"+devices[0].ID, "", as).status)
	require.Contains(t, s.call("GET", "/onelogin/api/1/events?event_type_id=22,24", "", as).body, `"event_type_id":24`)
}

func TestOneLoginEvents(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	s.control("POST", "onelogin/event", `{"username":"breakglass-1@acme.example","event_type_id":6,"times":60}`)
	type list struct {
		Data []struct {
			ID int64 `json:"id"`
		} `json:"data"`
		Pagination struct {
			After *string `json:"after_cursor"`
			Next  *string `json:"next_link"`
		} `json:"pagination"`
	}
	page := func(query string) (l list) {
		a := s.call("GET", "/onelogin/api/1/events?sort=%2Bid"+query, "", as)
		require.Equal(t, 200, a.status, a.body)
		a.json(t, &l)
		return l
	}
	first := page("")
	require.Len(t, first.Data, 50)
	require.NotNil(t, first.Pagination.Next)
	second := page("&after_cursor=" + *first.Pagination.After)
	require.Len(t, second.Data, 10)
	require.Nil(t, second.Pagination.Next)
	require.Nil(t, second.Pagination.After, "the last page has none: a client that goes on until it is null ends")
	third := page("&after_cursor=" + *first.Pagination.After + "&until=2026-11-23T11:00:00.000Z")
	require.Empty(t, third.Data)
	require.Nil(t, third.Pagination.Next)
	require.Empty(t, page("&since=2026-11-23T12:00:00.000Z").Data, "since is exclusive")
	require.Greater(t, first.Data[1].ID, first.Data[0].ID)
}

func TestOneLoginRolesAndGroups(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	require.JSONEq(t, `{"id":501,"name":"Everyone"}`, s.call("GET", "/onelogin/api/2/roles/501", "", as).body, "no members here")
	a := s.call("GET", "/onelogin/api/2/roles/501/users?limit=1", "", as)
	require.Contains(t, a.body, `"added_at"`)
	require.NotEmpty(t, a.header.Get("After-Cursor"))
	require.Contains(t, s.call("GET", "/onelogin/api/1/groups", "", as).body, `"name":"MFA required"`)
	require.Contains(t, s.call("GET", "/onelogin/api/1/users/100001/roles", "", as).body, `"data":[[501,511]]`)
	require.Equal(t, 200, s.call("PUT", "/onelogin/api/1/users/100001/add_roles", `{"role_id_array":[516]}`, as).status)
	require.Contains(t, s.user("id=100001").Roles, "Super admin")

	hidden := "Directory Sync"
	require.NotContains(t, s.call("GET", "/onelogin/api/2/users/100001/apps", "", as).body, hidden)
	require.Contains(t, s.call("GET", "/onelogin/api/2/users/100001/apps?ignore_visibility=true", "", as).body, hidden)
}
