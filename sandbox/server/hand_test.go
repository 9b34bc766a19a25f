package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// account is what a control call about an account answers.
type account struct {
	ID         int64    `json:"id"`
	Username   string   `json:"username"`
	Email      string   `json:"email"`
	Lastname   string   `json:"lastname"`
	ExternalID string   `json:"external_id"`
	Directory  int64    `json:"directory_id"`
	Status     int      `json:"status"`
	Roles      []string `json:"roles"`
	Owner      string   `json:"owner"`
	Kind       string   `json:"kind"`
}

func (s *sandbox) byHand(format string, args ...any) (a account) {
	s.t.Helper()
	s.control("POST", "onelogin/account", fmt.Sprintf(format, args...)).json(s.t, &a)
	return a
}

func TestAccountByHand(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	before := s.byHand(`{"action":"edit","id":100003}`)
	require.NotEmpty(t, before.Owner)
	edited := s.byHand(`{"action":"edit","id":100003,"fields":{"external_id":"S-1-5-21-1-2-3-1104","directory_id":77,"lastname":"Married","roles":["Finance"],"status":2}}`)
	require.Equal(t, account{
		ID: 100003, Username: before.Username, Email: before.Email, Lastname: "Married", ExternalID: "S-1-5-21-1-2-3-1104",
		Directory: 77, Status: 2, Roles: []string{"Finance"}, Owner: before.Owner, Kind: "person",
	}, edited)
	events := s.call("GET", "/onelogin/api/1/events?user_id=100003", "", as).body
	for _, kind := range []string{`"event_type_id":21`, `"event_type_id":147`, `"event_type_id":148`} {
		require.Contains(t, events, kind)
	}
	require.NotContains(t, s.call("GET", "/onelogin/api/2/users/100003", "", as).body, before.Owner, "no vendor shows whose it is")

	second := s.byHand(`{"action":"copy","id":100003,"quiet":true}`)
	require.Equal(t, "adm-"+before.Username, second.Username)
	require.Equal(t, []any{before.Email, "Married", before.Owner, "", 1}, []any{second.Email, second.Lastname, second.Owner, second.ExternalID, second.Status})
	anew := s.byHand(`{"action":"recreate","id":100003}`)
	require.NotEqual(t, edited.ID, anew.ID)
	require.Equal(t, []any{edited.Username, edited.ExternalID, edited.Roles, before.Owner}, []any{anew.Username, anew.ExternalID, anew.Roles, anew.Owner})
	require.Equal(t, 404, s.call("GET", "/onelogin/api/2/users/100003", "", as).status)
	s.byHand(`{"action":"delete","id":%d}`, anew.ID)
	require.Contains(t, s.call("GET", "/onelogin/api/1/events", "", as).body, `"event_type_id":17`)
	require.Equal(t, "service", s.byHand(`{"action":"create","fields":{"username":"svc-x","kind":"service","roles":["AWS Admin"]}}`).Kind)

	for name, body := range map[string]string{
		"action":      `{"action":"rename","id":100001}`,
		"nobody":      `{"action":"edit","id":1}`,
		"field":       `{"action":"edit","id":100001,"fields":{"salary":1}}`,
		"role":        `{"action":"edit","id":100001,"fields":{"roles":["Kings"]}}`,
		"group":       `{"action":"edit","id":100001,"fields":{"group":"Kings"}}`,
		"kind":        `{"action":"edit","id":100001,"fields":{"kind":"robot"}}`,
		"no username": `{"action":"create"}`,
		"taken":       fmt.Sprintf(`{"action":"create","fields":{"username":%q}}`, second.Username),
	} {
		require.Equal(t, 400, s.call("POST", "/sandbox/onelogin/account", body).status, name)
	}
}

// TestLeftWithAccessGoesByHuman: what an account says of itself decides nothing.
func TestLeftWithAccessGoesByHuman(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	open := func() (ids []int64) {
		var list []struct {
			AccountID int64 `json:"account_id"`
		}
		s.control("GET", "state/left-with-access", "").json(t, &list)
		for _, o := range list {
			ids = append(ids, o.AccountID)
		}
		return ids
	}
	require.Empty(t, open())
	s.byHand(`{"action":"edit","id":100002,"fields":{"external_id":"5f0c1b2e-0000-4000-8000-000000000001","lastname":"Else","email":"x@acme.example"}}`)
	second := s.byHand(`{"action":"copy","id":100002,"fields":{"roles":["AWS Admin"]}}`)
	s.byHand(`{"action":"copy","id":100002,"fields":{"username":"box","kind":"shared"}}`)
	s.control("POST", "hr", `{"source":"workday","action":"terminate","employee_id":"21002","fields":{"involuntary":true}}`)
	require.Equal(t, []int64{100002, second.ID}, open(), "both of hers, and not the mailbox")
	s.byHand(`{"action":"edit","id":100002,"fields":{"status":2,"roles":[]}}`)
	require.Equal(t, []int64{second.ID}, open())

	human := s.byHand(`{"action":"edit","id":100002}`).Owner
	s.control("POST", "hr", `{"source":"bamboohr","action":"hire","human":"`+human+`","fields":{"first_name":"A","last_name":"B"}}`)
	require.Empty(t, open(), "whoever works here under another record has not left")
}

// events are the events about a user, as the API shows them.
func (s *sandbox) events(as option, query string) (out []map[string]any) {
	s.t.Helper()
	var list struct {
		Data []map[string]any `json:"data"`
	}
	a := s.call("GET", "/onelogin/api/1/events?"+query, "", as)
	require.Equal(s.t, 200, a.status, a.body)
	a.json(s.t, &list)
	return list.Data
}

func TestMappingsThatReopen(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	var all []struct {
		ID       int64 `json:"id"`
		Position *int  `json:"position"`
		Actions  []struct {
			Action string   `json:"action"`
			Value  []string `json:"value"`
		} `json:"actions"`
	}
	s.call("GET", "/onelogin/api/2/mappings", "", as).json(t, &all)
	require.Len(t, all, 7)
	require.Equal(t, []string{"501", "502", "503", "504"}, all[0].Actions[0].Value, "role ids are texts")

	s.control("POST", "onelogin/mappings", `{"name":"everybody is active","conditions":[{"source":"email","operator":"~","value":"@acme.example"},{"source":"title","operator":"!=","value":"Nobody"}],"actions":[{"action":"set_status","value":["1"]},{"action":"add_role","value":["AWS Admin"]}]}`)
	s.byHand(`{"action":"edit","id":100003,"fields":{"status":2,"roles":[]}}`)
	mark := s.events(as, "event_type_id=149&user_id=100003")
	require.Empty(t, mark)
	require.Equal(t, 200, s.call("PUT", "/onelogin/api/2/users/100003?mappings=disabled", `{"title":"Left"}`, as).status)
	require.Equal(t, 2, s.user("id=100003").Status, "disabled runs none")
	s.control("POST", "onelogin/run-mappings", "")
	u := s.user("id=100003")
	require.Equal(t, 1, u.Status)
	require.Contains(t, u.Roles, "AWS Admin")
	require.Contains(t, u.Roles, "Everyone")
	back := s.events(as, "event_type_id=32&user_id=100003")
	require.Len(t, back, 1)
	require.EqualValues(t, 60501, back[0]["mapping_id"])
	require.Equal(t, "Mapping", back[0]["actor_system"])
	for _, e := range s.events(as, "event_type_id=149&user_id=100003") {
		require.NotNil(t, e["mapping_id"])
	}
	s.control("POST", "onelogin/mappings/enable", `{"enabled":false}`)
	s.byHand(`{"action":"edit","id":100003,"fields":{"status":2}}`)
	s.control("POST", "onelogin/run-mappings", "")
	require.Equal(t, 2, s.user("id=100003").Status)

	a := s.call("GET", "/onelogin/api/2/mappings?enabled=false", "", as)
	require.Contains(t, a.body, `"position":null`)
	require.Equal(t, 200, s.call("GET", "/onelogin/api/2/mappings/60501", "", as).status)
	require.Equal(t, 404, s.call("GET", "/onelogin/api/2/mappings/7", "", as).status)
	require.Equal(t, 401, s.call("GET", "/onelogin/api/2/mappings", "", s.oneLoginToken("sandbox-onelogin-read")).status, "Manage All")
	s.call("GET", "/onelogin/api/2/mappings?has_condition=department:Sal*&has_action=set_role:*", "", as).json(t, &all)
	require.Len(t, all, 1)
	require.Equal(t, 400, s.call("GET", "/onelogin/api/2/mappings?limit=2", "", as).status, "there are no pages")
	for _, bad := range []string{
		`{"name":"x","actions":[]}`, `{"name":"x","actions":[{"action":"delete_user","value":["1"]}]}`,
		`{"name":"x","actions":[{"action":"add_role","value":["Kings"]}]}`, `{"name":"x","actions":[{"action":"set_group","value":["Kings"]}]}`,
		`{"name":"x","conditions":[{"source":"shoe_size","operator":"=","value":"1"}],"actions":[{"action":"set_status","value":["1"]}]}`,
	} {
		require.Equal(t, 400, s.call("POST", "/sandbox/onelogin/mappings", bad).status, bad)
	}
}

func TestDirectoryThatReopens(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	s.control("POST", "onelogin/directory-entry", `{"directory_id":77,"id":100003,"fields":{"external_id":"S-1-5-21-9"}}`)
	s.control("POST", "onelogin/directory-entry", `{"directory_id":77,"id":100004,"disabled":true}`)
	s.byHand(`{"action":"edit","id":100003,"fields":{"status":2}}`)
	for night := 1; night <= 2; night++ {
		s.control("POST", "onelogin/directory-sync", `{"directory_id":77}`)
		require.Equal(t, 1, s.user("id=100003").Status)
		require.Equal(t, 2, s.user("id=100004").Status)
		back := s.events(as, "event_type_id=32&user_id=100003")
		require.Len(t, back, night)
		require.EqualValues(t, 40000+night, back[night-1]["directory_sync_run_id"])
		require.EqualValues(t, 77, back[night-1]["service_directory_id"])
		s.byHand(`{"action":"edit","id":100003,"fields":{"status":2}}`)
	}
	require.Len(t, s.events(as, "directory_id=77"), 3)
	require.Equal(t, int64(100003), s.user("external_id=S-1-5-21-9").ID)
	require.JSONEq(t, `[{"id":100003},{"id":100004}]`, s.call("GET", "/onelogin/api/2/users?directory_id=77&fields=id", "", as).body)
	require.Equal(t, 400, s.call("POST", "/sandbox/onelogin/directory-sync", `{"directory_id":5}`).status)
	require.Equal(t, 400, s.call("POST", "/sandbox/onelogin/directory-entry", `{"directory_id":77,"id":100003,"fields":{"roles":["IT"]}}`).status)
}

func TestCredentialSwitchedOff(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as, other := s.oneLoginToken("sandbox-onelogin"), s.oneLoginToken("sandbox-onelogin-read")
	s.control("POST", "onelogin/credential", `{"disabled":true}`)
	require.Equal(t, 401, s.call("GET", "/onelogin/api/2/users/100001", "", as).status)
	require.Equal(t, 401, s.call("POST", "/onelogin/auth/oauth2/v2/token", `{"grant_type":"client_credentials"}`, basic("sandbox-onelogin", "sandbox-onelogin-secret")).status)
	require.Equal(t, 200, s.call("GET", "/onelogin/api/2/users/100001", "", other).status, "only that one")
	s.control("POST", "onelogin/credential", `{"disabled":false}`)
	require.Equal(t, 200, s.call("GET", "/onelogin/api/2/users/100001", "", as).status)
	require.Len(t, s.events(other, "event_type_id=181,182"), 2)
	require.Equal(t, 404, s.call("POST", "/sandbox/onelogin/credential", `{"client_id":"nobody"}`).status)
}

// TestWhatClientsSend are requests of the official SDKs, the Terraform provider and baton-onelogin.
func TestWhatClientsSend(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.oneLoginToken("sandbox-onelogin")
	require.Equal(t, 201, s.call("POST", "/onelogin/api/2/roles", `{"id":0,"name":"Fresh","apps":[7001],"users":["100003"],"admins":[100004]}`, as).status)
	require.Contains(t, s.user("id=100003").Roles, "Fresh")
	require.Equal(t, 200, s.call("PUT", "/onelogin/api/2/roles/517", `{"name":"Fresher","users":[100005],"apps":[],"admins":[]}`, as).status)
	require.Contains(t, s.user("id=100005").Roles, "Fresher")
	require.NotContains(t, s.user("id=100003").Roles, "Fresher")
	require.Equal(t, 200, s.call("PUT", "/onelogin/api/2/roles/517", `{"users":[]}`, as).status)
	require.Contains(t, s.user("id=100005").Roles, "Fresher", "an empty list empties nothing")

	members := "/onelogin/api/2/roles/501/users"
	require.Equal(t, 200, s.call("GET", members+"?limit=100&include_unassigned=true", "", as).status)
	require.Equal(t, 400, s.call("GET", members+"?limit=101", "", as).status)
	require.Contains(t, s.call("GET", members+"?name="+s.user("id=100003").Username, "", as).body, `"id":100003`)
	require.Equal(t, 200, s.call("GET", "/onelogin/api/2/users?sort=%2Bfirstname&limit=5", "", as).status)
	s.control("POST", "onelogin/event", `{"username":"breakglass-1@acme.example","event_type_id":6}`)
	one := s.events(as, "fields=id,event_type_id&resolution=&user_id="+fmt.Sprint(s.user("username=breakglass-1@acme.example").ID))
	require.Len(t, one, 1)
	require.Len(t, one[0], 2)
}

// TestLegacyCompany: the same people, and accounts as companies have them; nobody who has left gets in.
func TestLegacyCompany(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 120, Legacy: true})
	var state struct {
		OneLogin struct {
			Users []account `json:"users"`
		} `json:"onelogin"`
	}
	s.control("GET", "state", "").json(t, &state)
	kinds, humans, external := map[string]int{}, map[string]int{}, map[string]int{}
	for _, u := range state.OneLogin.Users {
		kinds[u.Kind]++
		if u.Kind == "person" && u.Owner != "" {
			humans[u.Owner]++
		}
		switch {
		case strings.HasPrefix(u.ExternalID, "S-1-5-"):
			external["sid"]++
		case strings.HasPrefix(u.ExternalID, "workday-"), strings.HasPrefix(u.ExternalID, "bamboohr-"):
			external["key"]++
		case strings.Count(u.ExternalID, "-") == 4:
			external["guid"]++
		case u.ExternalID != "":
			external["number"]++
		}
	}
	second := 0
	for _, n := range humans {
		if n > 1 {
			second++
		}
	}
	require.Greater(t, second, 10)
	require.Greater(t, kinds["service"], 4)
	require.Greater(t, kinds["shared"], 4)
	for _, kind := range []string{"sid", "key", "guid", "number"} {
		require.Greater(t, external[kind], 5, kind)
	}
	var open []any
	s.control("GET", "state/left-with-access", "").json(t, &open)
	require.Empty(t, open)
	s.control("POST", "reset", `{"legacy":false}`)
	s.control("GET", "state", "").json(t, &state)
	require.Len(t, state.OneLogin.Users, 120)
}

// TestForgottenLeavers: so many people who have left get in, and nobody else who should not.
func TestForgottenLeavers(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{People: 120, Legacy: true, Forgotten: 4})
	var open []any
	s.control("GET", "state/left-with-access", "").json(t, &open)
	require.Len(t, open, 4)
}
