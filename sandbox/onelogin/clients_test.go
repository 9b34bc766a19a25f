package onelogin_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokenOfVersionOneEndsTheOthers(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must(200, "GET", "/api/2/users", "")
	first := s.signIn("/auth/oauth2/token", "sandbox-onelogin")["data"].([]any)[0].(map[string]any)["access_token"].(string)
	s.must(401, "GET", "/api/2/users", "")
	require.Equal(t, 200, s.send("GET", "/api/2/users", "", "bearer:"+first).Status)
	second := s.signIn("/auth/oauth2/token", "sandbox-onelogin")["data"].([]any)[0].(map[string]any)["access_token"].(string)
	require.NotEqual(t, first, second)
	require.Equal(t, 401, s.send("GET", "/api/2/users", "", "bearer:"+first).Status)
	require.Equal(t, second, s.signIn("/auth/oauth2/v2/token", "sandbox-onelogin")["access_token"], "version 2 gives the same again")
}

func TestRoleIdsAsTexts(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := s.must(200, "PUT", s.user(2, "ben", ""), `{"role_ids":["501","502"]}`)
	require.Contains(t, r.Body, `"role_ids":[501,502]`)
	s.must(200, "PUT", s.user(1, "ben", "/remove_roles"), `{"role_id_array":["502"]}`)
	require.Equal(t, [][]int64{{501}}, data[[][]int64](t, s.call("GET", s.user(1, "ben", "/roles"), "")))
	s.must(400, "PUT", s.user(2, "ben", ""), `{"role_ids":["five"]}`)
	s.must(400, "PUT", s.user(2, "ben", ""), `{"role_ids":null}`)
	s.must(422, "PUT", s.user(2, "ben", ""), `{"role_ids":["9"]}`)
	require.Contains(t, s.must(200, "GET", s.user(2, "ben", ""), "").Body, `"role_ids":[501]`, "what was refused changed nothing")
}

func TestMembersWhoAreNotInTheRole(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.must(200, "POST", "/api/2/roles/502/users", fmt.Sprintf(`["%d"]`, s.ids["cleo"]))
	type member struct {
		ID       int64           `json:"id"`
		Assigned bool            `json:"assigned"`
		AddedAt  *string         `json:"added_at"`
		AddedBy  json.RawMessage `json:"added_by"`
	}
	var list []member
	s.must(200, "GET", "/api/2/roles/502/users", "").Decode(t, &list)
	require.Len(t, list, 1)
	s.must(200, "GET", "/api/2/roles/502/users?include_unassigned=true", "").Decode(t, &list)
	require.Len(t, list, 4)
	for _, m := range list {
		require.Equal(t, m.ID == s.ids["cleo"], m.Assigned)
		require.Equal(t, m.Assigned, m.AddedAt != nil)
	}
	s.must(200, "GET", "/api/2/roles/502/users?include_unassigned=true&name=dora", "").Decode(t, &list)
	require.Len(t, list, 1)
	require.False(t, list[0].Assigned)
	s.must(400, "GET", "/api/2/roles/502/users?include_unassigned=maybe", "")
}

func TestListsOfVersionOneEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	walk := func(path string) (names []string, pages int) {
		for cursor := ""; pages < 10; pages++ {
			r := s.must(200, "GET", path+"limit=2"+cursor, "")
			var page struct {
				Pagination struct {
					After *string `json:"after_cursor"`
					Next  *string `json:"next_link"`
				} `json:"pagination"`
				Data []struct {
					Name     string `json:"name"`
					Username string `json:"username"`
				} `json:"data"`
			}
			r.Decode(t, &page)
			for _, d := range page.Data {
				names = append(names, d.Name+d.Username)
			}
			require.Equal(t, page.Pagination.After == nil, page.Pagination.Next == nil)
			if page.Pagination.After == nil {
				return names, pages + 1
			}
			cursor = "&after_cursor=" + *page.Pagination.After
		}
		return names, pages
	}
	names, pages := walk("/api/1/groups?")
	require.Equal(t, []string{"Staff", "Contractors"}, names)
	require.Equal(t, 1, pages, "a full last page has no cursor")
	names, pages = walk("/api/1/users?")
	require.Equal(t, []string{"ada", "ben", "cleo", "dora"}, names)
	require.Equal(t, 2, pages)
	names, _ = walk("/api/1/users?sort=-id&")
	require.Equal(t, []string{"dora", "cleo", "ben", "ada"}, names)
	names, _ = walk("/api/1/roles?name=*s&")
	require.Equal(t, []string{"Auditors"}, names)
	s.must(400, "GET", "/api/1/users?sort=email", "")
	s.must(400, "GET", "/api/1/users?limit=51", "")
	s.must(400, "GET", "/api/1/users?status=1", "")
	s.must(400, "GET", "/api/1/groups?before_cursor=djE6MzAx", "")
	require.Contains(t, s.must(422, "GET", "/api/2/users?sort=%2Bcreated_at", "").Body, "Invalid sort field: created_at")
	s.must(200, "GET", "/api/2/users?sort=-username", "")
}

func TestReadsOfVersionOne(t *testing.T) {
	t.Parallel()
	s := open(t)
	type user map[string]json.RawMessage
	one := data[[]user](t, s.call("GET", s.user(1, "ada", ""), ""))[0]
	require.JSONEq(t, "[501]", string(one["role_id"]))
	require.NotContains(t, one, "role_ids")
	for _, name := range []string{"openid_name", "locale_code", "notes", "custom_attributes"} {
		require.Contains(t, one, name)
	}
	s.must(200, "PUT", s.user(1, "ada", "/remove_roles"), `{"role_id_array":[501]}`)
	one = data[[]user](t, s.call("GET", s.user(1, "ada", ""), ""))[0]
	require.Equal(t, "null", string(one["role_id"]), "no roles are null")
	require.Contains(t, s.call("GET", s.user(1, "ada", "/apps"), "").Body, `"data":[[]]`, "no apps are an array within the array")

	list := data[[]user](t, s.call("GET", "/api/1/users?email=*@acme.example&fields=username,%20status", ""))
	require.Len(t, list, 4)
	require.Len(t, list[0], 3, "the id is always shown")
	require.Len(t, data[[]user](t, s.call("GET", "/api/1/users?role_id=501", "")), 3)
	require.Empty(t, data[[]user](t, s.call("GET", "/api/1/users?since=2026-11-24T00:00:00.000Z", "")))
	s.must(400, "GET", "/api/1/users?since=today", "")
	s.must(404, "GET", "/api/1/users/7", "")
	apps := data[[]map[string]any](t, s.call("GET", s.user(1, "ben", "/apps"), ""))
	require.Len(t, apps, 1, "what the portal does not show is left out")
	require.Equal(t, "Auditors", data[[]map[string]any](t, s.call("GET", "/api/1/roles/502", ""))[0]["name"])
	s.must(404, "GET", "/api/1/roles/9", "")
	s.must(405, "POST", "/api/1/users", `{"username":"x"}`)
}

func TestSaltedPassword(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := fmt.Sprintf("/api/1/users/set_password_using_salt/%d", s.ids["ada"])
	hash := strings.Repeat("ab", 32)
	body := func(password, confirmation, algorithm, salt string) string {
		return fmt.Sprintf(`{"password":%q,"password_confirmation":%q,"password_algorithm":%q,"password_salt":%q}`, password, confirmation, algorithm, salt)
	}
	for name, wrong := range map[string]string{
		"no hash":        body("secret", "secret", "salt+sha256", ""),
		"another hash":   body(hash, strings.Repeat("cd", 32), "salt+sha256", ""),
		"algorithm":      body(hash, hash, "bcrypt", ""),
		"salt too long":  body(hash, hash, "salt+sha256", strings.Repeat("x", 41)),
		"unknown member": `{"password":"` + hash + `","validate_policy":true}`,
		"nothing":        `null`,
	} {
		require.Equal(t, 400, s.call("PUT", path, wrong).Status, name)
	}
	s.must(200, "PUT", path, body(hash, hash, "salt+sha256", "pepper"))
	require.Equal(t, []int{510}, s.types())
	reason, err := s.ol.SignIn("ada")
	require.NoError(t, err)
	require.Contains(t, reason, "not known to the person")
}

func TestTemporaryToken(t *testing.T) {
	t.Parallel()
	s := open(t)
	path := fmt.Sprintf("/api/2/mfa/users/%d/mfa_token", s.ids["ada"])
	var tok struct {
		Token    string `json:"mfa_token"`
		Reusable bool   `json:"reusable"`
		Expires  string `json:"expires_at"`
		Device   string `json:"device_id"`
	}
	s.must(201, "POST", path, `{"expires_in":3600,"reusable":true}`).Decode(t, &tok)
	require.NotEmpty(t, tok.Token)
	require.NotEmpty(t, tok.Device)
	require.True(t, tok.Reusable)
	require.Equal(t, "2026-11-23T13:00:00Z", tok.Expires)
	s.must(201, "POST", path, "")
	s.must(422, "POST", path, `{"expires_in":259201}`)
	s.must(404, "POST", "/api/2/mfa/users/7/mfa_token", `{}`)
	readOnly := s.signIn("/auth/oauth2/v2/token", "sandbox-onelogin-users")["access_token"].(string)
	require.Equal(t, 401, s.send("POST", path, `{}`, "Bearer "+readOnly).Status)
	require.Equal(t, []int{1100, 1100}, s.types())
}
