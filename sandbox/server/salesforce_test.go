package server_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/server"
)

// crmState is what the sandbox says of Salesforce.
type crmState struct {
	Users []struct {
		ID        string `json:"id"`
		Username  string `json:"username"`
		Active    bool   `json:"active"`
		CanSignIn bool   `json:"can_sign_in"`
	} `json:"users"`
}

func TestSalesforceStandsInTheCompany(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	var before, shown crmState
	s.control("GET", "salesforce", "").json(t, &before)
	require.Greater(t, len(before.Users), 5, "Sales is there")
	var page struct {
		CRM crmState `json:"crm"`
	}
	s.control("GET", "overview", "").json(t, &page)
	require.Empty(t, page.CRM.Users, "nobody has asked it yet")

	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"sandbox-salesforce"}, "client_secret": {"sandbox-salesforce-secret"}}
	signed := s.call("POST", "/salesforce/services/oauth2/token", form.Encode(), header("Content-Type", "application/x-www-form-urlencoded"))
	require.Equal(t, http.StatusOK, signed.status, signed.body)
	var token struct {
		Value string `json:"access_token"`
	}
	signed.json(t, &token)
	bearer := header("Authorization", "Bearer "+token.Value)
	someone := before.Users[len(before.Users)-1]
	r := s.call("PATCH", "/salesforce/services/data/v60.0/sobjects/User/"+someone.ID, `{"IsActive":false}`, bearer)
	require.Equal(t, http.StatusNoContent, r.status, r.body)
	s.control("GET", "salesforce", "").json(t, &shown)
	require.False(t, shown.Users[len(shown.Users)-1].CanSignIn)
	s.control("GET", "overview", "").json(t, &page)
	require.NotEmpty(t, page.CRM.Users)
	require.Contains(t, s.control("GET", "journal?system=salesforce&effects=true", "").body, "IsActive: true -> false")
	require.Contains(t, s.control("GET", "salesforce/key", "").body, "PRIVATE KEY")

	s.control("POST", "salesforce", `{"lost":["ManageUsers"]}`)
	require.Equal(t, http.StatusForbidden, s.call("PATCH", "/salesforce/services/data/v60.0/sobjects/User/"+someone.ID, `{"IsActive":true}`, bearer).status)
	s.control("POST", "salesforce", `{}`)
	s.control("POST", "salesforce/hand", `{"action":"hold","username":"`+someone.Username+`","why":["approver"]}`)
	s.control("POST", "salesforce/hand", `{"action":"end_sessions"}`)
	require.Equal(t, http.StatusUnauthorized, s.call("GET", "/salesforce/services/data/v60.0/limits", "", bearer).status)
	for _, body := range []string{`{"action":"dance"}`, `{"action":"hold","username":"nobody"}`, `{"action":"edit","id":"x"}`} {
		require.Equal(t, http.StatusBadRequest, s.call("POST", "/sandbox/salesforce/hand", body).status, body)
	}
	require.Equal(t, http.StatusBadRequest, s.call("POST", "/sandbox/salesforce", `{"empty":["Account"]}`).status)
	require.NotContains(t, s.control("GET", "credentials", "").body, "PRIVATE KEY")
}
