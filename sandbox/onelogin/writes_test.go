package onelogin_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGroupsOfVersionTwo(t *testing.T) {
	t.Parallel()
	s := open(t)
	var g struct {
		ID        int64           `json:"id"`
		Name      string          `json:"name"`
		Reference json.RawMessage `json:"reference"`
	}
	s.must(201, "POST", "/api/2/groups", `{"name":"Field","reference":"X1"}`).Decode(t, &g)
	require.Equal(t, "null", string(g.Reference), "a reference is not kept")
	one := fmt.Sprintf("/api/2/groups/%d", g.ID)
	s.must(200, "PUT", s.user(2, "ada", ""), fmt.Sprintf(`{"group_id":%d}`, g.ID))
	s.must(200, "PUT", one, `{"id":7,"name":"Field staff"}`)
	s.must(422, "PUT", one, `{"name":"Staff"}`)
	s.must(422, "POST", "/api/2/groups", `{}`)
	s.must(200, "GET", one, "").Decode(t, &g)
	require.Equal(t, "Field staff", g.Name)
	require.Contains(t, s.must(200, "GET", "/api/2/groups", "").Body, `"Field staff"`)
	s.must(204, "DELETE", one, "")
	s.must(404, "GET", one, "")
	s.must(404, "DELETE", one, "")
	require.Contains(t, s.must(200, "GET", s.user(2, "ada", ""), "").Body, `"group_id":null`)
	require.Contains(t, s.must(200, "GET", s.user(2, "ben", ""), "").Body, `"group_id":301`)
	s.must(201, "POST", "/api/2/groups", `{"name":"Later"}`).Decode(t, &g)
	require.Greater(t, g.ID, int64(303), "an id is not used twice")
}

func TestCustomAttributes(t *testing.T) {
	t.Parallel()
	s := open(t)
	const all = "/api/2/users/custom_attributes"
	attributes := func(name string) map[string]*string {
		var u struct {
			Values map[string]*string `json:"custom_attributes"`
		}
		s.must(200, "GET", s.user(2, name, ""), "").Decode(t, &u)
		return u.Values
	}
	var a struct {
		ID       int64 `json:"id"`
		Position *int  `json:"position"`
	}
	s.must(400, "POST", all, `{"name":"Desk","shortname":"desk"}`)
	s.must(422, "POST", all, `{"user_field":{"name":"Desk"}}`)
	s.must(422, "POST", all, `{"user_field":{"name":"Desk","shortname":"cost_center"}}`)
	s.must(201, "POST", all, `{"user_field":{"name":"Desk","shortname":"desk"}}`).Decode(t, &a)
	require.Nil(t, a.Position)
	require.Contains(t, attributes("ada"), "desk", "everybody has every attribute")
	s.must(200, "PUT", s.user(2, "ada", ""), `{"custom_attributes":{"desk":"3.14"}}`)

	one := fmt.Sprintf("%s/%d", all, a.ID)
	s.must(422, "PUT", one, `{"position":4}`)
	s.must(200, "PUT", one, `{"name":"Seat","shortname":"seat","position":4}`).Decode(t, &a)
	require.Equal(t, 4, *a.Position)
	require.Equal(t, "3.14", *attributes("ada")["seat"])
	require.NotContains(t, attributes("ada"), "desk")
	s.must(200, "PUT", one, `{"name":"Seat","shortname":"seat"}`).Decode(t, &a)
	require.Equal(t, 4, *a.Position, "a position that is left out stays")

	require.Equal(t, [][]string{{"cost_center", "start_date", "badge_id", "seat"}}, data[[][]string](t, s.call("GET", "/api/1/users/custom_attributes", "")))
	s.must(200, "PUT", s.user(1, "ada", "/set_custom_attributes"), `{"custom_attributes":{"badge_id":"B7"}}`)
	require.Equal(t, "B7", *attributes("ada")["badge_id"])
	require.Equal(t, "3.14", *attributes("ada")["seat"], "the others stay")
	s.must(200, "PUT", s.user(1, "ada", "/set_custom_attributes"), `{"custom_attributes":{"badge_id":""}}`)
	require.Nil(t, attributes("ada")["badge_id"])
	s.must(400, "PUT", s.user(1, "ada", "/set_custom_attributes"), `{"custom_attributes":{"shoe_size":"44"}}`)

	s.must(204, "DELETE", one, "")
	require.NotContains(t, attributes("ada"), "seat")
	s.must(404, "DELETE", one, "")
	s.must(422, "PUT", s.user(2, "ada", ""), `{"custom_attributes":{"seat":"1"}}`)
}

func TestAppsAndConnectors(t *testing.T) {
	t.Parallel()
	s := open(t)
	var connectors []struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	s.must(200, "GET", "/api/2/connectors?name=amazon", "").Decode(t, &connectors)
	require.Len(t, connectors, 1, "a part of the name is enough")
	s.must(422, "GET", "/api/2/connectors?auth_method=5", "")
	limited := s.signIn("/auth/oauth2/v2/token", "sandbox-onelogin-read")["access_token"].(string)
	require.Equal(t, 401, s.send("GET", "/api/2/connectors", "", "Bearer "+limited).Status, "Manage All alone")

	var a struct {
		ID   int64   `json:"id"`
		Name string  `json:"name"`
		Role []int64 `json:"role_ids"`
	}
	s.must(422, "POST", "/api/2/apps", `{"name":"AWS"}`)
	s.must(422, "POST", "/api/2/apps", `{"name":"AWS","connector_id":7}`)
	s.must(422, "POST", "/api/2/apps", fmt.Sprintf(`{"connector_id":%d}`, connectors[0].ID))
	s.must(201, "POST", "/api/2/apps", fmt.Sprintf(`{"name":"AWS","connector_id":%d,"role_ids":["502"],"parameters":{}}`, connectors[0].ID)).Decode(t, &a)
	require.Equal(t, []int64{502}, a.Role)
	one := fmt.Sprintf("/api/2/apps/%d", a.ID)
	s.must(200, "PUT", one, `{"name":"AWS main"}`).Decode(t, &a)
	require.Equal(t, []int64{502}, a.Role, "roles that are left out stay")
	s.must(200, "PUT", one, `{"role_ids":[501]}`)
	require.Contains(t, s.must(200, "GET", s.user(2, "ada", "/apps"), "").Body, `"AWS main"`)
	require.JSONEq(t, fmt.Sprintf(`[{"id":%d,"name":"AWS main"}]`, a.ID), s.must(200, "GET", "/api/2/apps?name=AWS*&fields=id,name", "").Body)
	s.must(400, "GET", "/api/2/apps?fields=shape", "")
	s.must(204, "DELETE", one, "")
	s.must(404, "GET", one, "")
	require.NotContains(t, s.must(200, "GET", s.user(2, "ada", "/apps"), "").Body, "AWS")
	require.Equal(t, []int{1300, 1302, 1302, 1304}, s.types())
}

func TestWhatStaysOut(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, path := range []string{
		"/api/1/privileges", "/api/2/policies", "/api/2/hooks", "/api/2/risk/rules", "/api/2/api_authorizations", "/api/2/branding/brands",
		"/api/2/mappings/conditions/x", s.user(1, "ada", "/auth_factor"), "/api/2/apps/7001/rules",
	} {
		require.Contains(t, []int{404, 405}, s.call("GET", path, "").Status, path)
	}
}
