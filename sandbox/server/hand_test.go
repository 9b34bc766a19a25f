package server_test

import (
	"fmt"
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
