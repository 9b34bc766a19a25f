package salesforce_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/tenant"
	"gatehouse/sandbox/tenant/tenanttest"
)

const api = "/services/data/v60.0"

// site is an org and a client that is signed in to it.
type site struct {
	t     *testing.T
	org   *salesforce.Salesforce
	base  *tenant.Tenant
	at    string
	token string
}

func open(t *testing.T) *site {
	t.Helper()
	base := tenanttest.New()
	s := &site{t: t, base: base, org: salesforce.New(base, salesforce.Key{})}
	s.at = tenanttest.Serve(t, base, s.org.Vendor(), func() {})
	s.token = s.signIn(salesforce.ClientID, salesforce.ClientSecret)
	return s
}

func (s *site) signIn(id, secret string) string {
	s.t.Helper()
	r := s.form("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
	require.Equal(s.t, http.StatusOK, r.Status, r.Body)
	var out struct {
		Token    string `json:"access_token"`
		Instance string `json:"instance_url"`
	}
	r.Decode(s.t, &out)
	require.Equal(s.t, s.at, out.Instance)
	return out.Token
}

func (s *site) form(path string, v url.Values) tenanttest.Reply {
	s.t.Helper()
	return tenanttest.Send(s.t, "POST", s.at+path, v.Encode(), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
}

func (s *site) call(method, path, body string) tenanttest.Reply {
	s.t.Helper()
	return tenanttest.Send(s.t, method, s.at+path, body, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+s.token)
		r.Header.Set("Content-Type", "application/json")
	})
}

// page is the answer to a query.
type page struct {
	Total   int              `json:"totalSize"`
	Done    bool             `json:"done"`
	Next    string           `json:"nextRecordsUrl"`
	Records []map[string]any `json:"records"`
}

func (s *site) query(soql string) page {
	s.t.Helper()
	r := s.call("GET", api+"/query?q="+url.QueryEscape(soql), "")
	require.Equal(s.t, http.StatusOK, r.Status, r.Body)
	var p page
	r.Decode(s.t, &p)
	return p
}

// refusal expects an error and returns its code and message.
func (s *site) refusal(r tenanttest.Reply, status int) (code, message string) {
	s.t.Helper()
	require.Equal(s.t, status, r.Status, r.Body)
	var out []struct{ ErrorCode, Message string }
	r.Decode(s.t, &out)
	require.Len(s.t, out, 1)
	return out[0].ErrorCode, out[0].Message
}

func (s *site) add(name string, adjust ...func(*salesforce.Person)) string {
	s.t.Helper()
	p := salesforce.Person{Username: name + "@acme.example.crm", FirstName: "Ada", LastName: name, Sets: []string{"Export Reports", "View Forecasts"}}
	for _, a := range adjust {
		a(&p)
	}
	id, err := s.org.AddUser(p)
	require.NoError(s.t, err)
	return id
}

func (s *site) login(user string) string {
	s.t.Helper()
	p := s.query("SELECT Id FROM UserLogin WHERE UserId = '" + user + "'")
	require.Len(s.t, p.Records, 1)
	return p.Records[0]["Id"].(string)
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := open(t)
	for secret, want := range map[string]string{"wrong": "invalid_client", "": "invalid_client"} {
		r := s.form("/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {salesforce.ClientID}, "client_secret": {secret}})
		require.Equal(t, http.StatusBadRequest, r.Status)
		require.Contains(t, r.Body, want)
	}
	require.Equal(t, http.StatusOK, s.call("GET", api+"/limits", "").Status)
	s.org.EndSessions()
	code, _ := s.refusal(s.call("GET", api+"/limits", ""), http.StatusUnauthorized)
	require.Equal(t, "INVALID_SESSION_ID", code)
	s.token = s.signIn(salesforce.ClientID, salesforce.ClientSecret)
	require.Equal(t, http.StatusOK, s.call("GET", api+"/limits", "").Status)
	s.base.Advance(3 * time.Hour)
	code, _ = s.refusal(s.call("GET", api+"/limits", ""), http.StatusUnauthorized)
	require.Equal(t, "INVALID_SESSION_ID", code)
	require.NoError(t, s.org.Hold(salesforce.Integration))
}

func TestVersions(t *testing.T) {
	t.Parallel()
	s := open(t)
	for version, status := range map[string]int{
		"v60.0": http.StatusOK, "v31.0": http.StatusOK, "v30.0": http.StatusGone, "v69.0": http.StatusNotFound, "60.0": http.StatusNotFound, "v60": http.StatusNotFound,
	} {
		require.Equal(t, status, s.call("GET", "/services/data/"+version+"/limits", "").Status, version)
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, grace := s.add("Lovelace"), s.add("Hopper", func(p *salesforce.Person) { p.FirstName, p.Profile = "Grace", salesforce.ProfileSales })
	require.NoError(t, s.org.Edit(grace, map[string]any{"ManagerId": ada}))
	p := s.query("SELECT Id, name, Profile.UserLicense.Name, Manager.Username FROM user WHERE Username = 'HOPPER@acme.example.crm'")
	require.Equal(t, 1, p.Total)
	require.Equal(t, "Grace Hopper", p.Records[0]["Name"])
	require.Equal(t, "Salesforce", p.Records[0]["Profile"].(map[string]any)["UserLicense"].(map[string]any)["Name"])
	require.Equal(t, "lovelace@acme.example.crm", strings.ToLower(p.Records[0]["Manager"].(map[string]any)["Username"].(string)))
	p = s.query("SELECT Id, Manager.Username FROM User WHERE Id = '" + ada[:15] + "'")
	require.Nil(t, p.Records[0]["Manager"])
	for soql, want := range map[string]int{
		"SELECT COUNT() FROM User": 5,
		"SELECT Id FROM User WHERE LastName LIKE 'lov%' OR LastName LIKE '_opper'":                                           2,
		"SELECT Id FROM User WHERE NOT (IsActive = true)":                                                                    0,
		"SELECT Id FROM User WHERE ManagerId != null":                                                                        1,
		"SELECT Id FROM User WHERE Id > '" + ada + "' ORDER BY Id LIMIT 1":                                                   1,
		"SELECT Id FROM User WHERE LastModifiedDate > 2026-11-23T12:00:00Z":                                                  0,
		"SELECT Id FROM User WHERE LastModifiedDate >= 2026-11-23T12:00:00.000+00:00":                                        5,
		"SELECT Id FROM User WHERE Profile.Name IN ('Sales User', 'Standard User')":                                          2,
		"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '" + ada + "'":                                            3,
		"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '" + ada + "' AND PermissionSet.IsOwnedByProfile = false": 2,
	} {
		require.Equal(t, want, s.query(soql).Total, soql)
	}
	for soql, want := range map[string][2]string{
		"SELECT Id FORM User":                             {"MALFORMED_QUERY", "unexpected token: 'FORM'"},
		"SELECT Id, Nam FROM User":                        {"INVALID_FIELD", "No such column 'Nam' on entity 'User'"},
		"SELECT Id FROM Usr":                              {"INVALID_TYPE", "sObject type 'Usr' is not supported"},
		"SELECT Id, Boss.Name FROM User":                  {"INVALID_FIELD", "Didn't understand relationship 'Boss'"},
		"SELECT Id FROM User WHERE IsActive = 'true'":     {"INVALID_FIELD", "must be of type boolean and should not be enclosed in quotes"},
		"SELECT Id FROM User WHERE Name = 5":              {"INVALID_FIELD", "must be of type string and should be enclosed in quotes"},
		"SELECT Id FROM User WHERE Id = 'nobody'":         {"INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: nobody"},
		"SELECT Id, Id FROM User":                         {"INVALID_FIELD", "duplicate field selected: Id"},
		"SELECT Id FROM User LIMIT 1 OFFSET 3000":         {"NUMBER_OUTSIDE_VALID_RANGE", "2000"},
		"SELECT Id FROM User WHERE Name = 'a' 'b'":        {"MALFORMED_QUERY", "unexpected token"},
		"SELECT Id FROM User WHERE IsActive > true":       {"INVALID_QUERY_FILTER_OPERATOR", "invalid operator"},
		"SELECT Id FROM User WHERE ManagerId LIKE '005%'": {"INVALID_QUERY_FILTER_OPERATOR", "invalid operator"},
	} {
		code, message := s.refusal(s.call("GET", api+"/query?q="+url.QueryEscape(soql), ""), http.StatusBadRequest)
		require.Equal(t, want[0], code, soql)
		require.Contains(t, message, want[1], soql)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := open(t)
	for i := range 7 {
		s.add(fmt.Sprint("user", i))
	}
	walk := func() (ids []string, last page) {
		p := s.query("SELECT Id FROM User ORDER BY Id")
		for {
			for _, r := range p.Records {
				ids = append(ids, r["Id"].(string))
			}
			if p.Done {
				return ids, p
			}
			r := s.call("GET", p.Next, "")
			p = page{}
			r.Decode(t, &p)
		}
	}
	require.NoError(t, s.org.SetSettings(salesforce.Settings{PageSize: 4}))
	ids, last := walk()
	require.Len(t, ids, 10)
	require.Equal(t, 10, last.Total)
	code, _ := s.refusal(s.call("GET", api+"/query/01gAc0000000001AAA-2000", ""), http.StatusBadRequest)
	require.Equal(t, "INVALID_QUERY_LOCATOR", code)

	require.NoError(t, s.org.SetSettings(salesforce.Settings{PageSize: 4, FirstPage: true}))
	ids, last = walk()
	require.Len(t, ids, 4)
	require.Equal(t, 10, last.Total)
	require.NoError(t, s.org.SetSettings(salesforce.Settings{PageSize: 4, FirstPage: true, Silent: true}))
	_, last = walk()
	require.Equal(t, 4, last.Total)
	require.NoError(t, s.org.SetSettings(salesforce.Settings{PageSize: 4, Doubled: true}))
	ids, _ = walk()
	require.Equal(t, ids[0], ids[4])
	require.NoError(t, s.org.SetSettings(salesforce.Settings{Empty: []string{salesforce.User}}))
	ids, last = walk()
	require.Empty(t, ids)
	require.Zero(t, last.Total)
}

func TestYesterdaysCopy(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := s.add("Lovelace")
	require.NoError(t, s.org.SetSettings(salesforce.Settings{Yesterday: true}))
	require.Equal(t, http.StatusNoContent, s.call("PATCH", api+"/sobjects/User/"+ada, `{"Title":"Countess"}`).Status)
	require.Nil(t, s.query("SELECT Title FROM User WHERE Id = '" + ada + "'").Records[0]["Title"])
	require.NoError(t, s.org.SetSettings(salesforce.Settings{}))
	require.Equal(t, "Countess", s.query("SELECT Title FROM User WHERE Id = '" + ada + "'").Records[0]["Title"])
}

func TestWhatARightIsWorth(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := s.add("Lovelace")
	patch := func() tenanttest.Reply { return s.call("PATCH", api+"/sobjects/User/"+ada, `{"Title":"Countess"}`) }
	lost := func(what ...string) { require.NoError(t, s.org.SetSettings(salesforce.Settings{Lost: what})) }

	lost(salesforce.ManageUsers)
	code, _ := s.refusal(patch(), http.StatusForbidden)
	require.Equal(t, "INSUFFICIENT_ACCESS_OR_READONLY", code)
	code, _ = s.refusal(s.call("GET", api+"/query?q="+url.QueryEscape("SELECT Id FROM UserLogin"), ""), http.StatusBadRequest)
	require.Equal(t, "INVALID_TYPE", code)

	lost(salesforce.ViewAllUsers)
	require.Equal(t, 1, s.query("SELECT Id FROM User").Total, "only oneself")
	s.refusal(s.call("GET", api+"/sobjects/User/"+ada, ""), http.StatusNotFound)

	lost(salesforce.ViewSetup)
	require.Zero(t, s.query("SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '"+ada+"'").Total)

	lost("User.FederationIdentifier")
	r := s.call("GET", api+"/sobjects/User/"+ada, "")
	require.Equal(t, http.StatusOK, r.Status)
	require.NotContains(t, r.Body, "FederationIdentifier", "it vanishes")
	code, _ = s.refusal(s.call("GET", api+"/sobjects/User/"+ada+"?fields=FederationIdentifier", ""), http.StatusBadRequest)
	require.Equal(t, "INVALID_FIELD", code)
	require.Error(t, s.org.SetSettings(salesforce.Settings{Lost: []string{"Everything"}}))

	lost()
	require.Equal(t, http.StatusNoContent, patch().Status)
	s.token = s.signIn(salesforce.ReadOnlyID, salesforce.ReadOnlySecret)
	s.refusal(patch(), http.StatusForbidden)
}

func TestFreezingAndDeactivating(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := s.add("Lovelace")
	login := s.login(ada)
	reason, err := s.org.SignIn("lovelace@acme.example.crm")
	require.NoError(t, err)
	require.Empty(t, reason)
	require.Equal(t, http.StatusNoContent, s.call("PATCH", api+"/sobjects/UserLogin/"+login, `{"IsFrozen":true}`).Status)
	state, _ := s.org.ByID(ada)
	require.False(t, state.CanSignIn)
	require.Equal(t, 1, state.Sessions, "freezing ends no session")
	require.Equal(t, 2, s.org.State().Licences[0].Used, "a frozen user keeps the licence")

	for why, want := range map[string]string{"default lead owner": "default owner of leads", "approver": "approver", "hierarchy field": "value of a hierarchy field"} {
		require.NoError(t, s.org.Hold("lovelace@acme.example.crm", why))
		code, message := s.refusal(s.call("PATCH", api+"/sobjects/User/"+ada, `{"IsActive":false}`), http.StatusBadRequest)
		require.Equal(t, "FIELD_INTEGRITY_EXCEPTION", code)
		require.Contains(t, message, want)
	}
	require.NoError(t, s.org.Hold("lovelace@acme.example.crm"))
	require.NoError(t, s.org.Lock("lovelace@acme.example.crm", 1))
	code, _ := s.refusal(s.call("PATCH", api+"/sobjects/User/"+ada, `{"IsActive":false}`), http.StatusBadRequest)
	require.Equal(t, "UNABLE_TO_LOCK_ROW", code)
	require.Equal(t, http.StatusNoContent, s.call("PATCH", api+"/sobjects/User/"+ada, `{"IsActive":false}`).Status)
	require.Equal(t, 1, s.org.State().Licences[0].Used, "a deactivated user does not")
	s.refusal(s.call("DELETE", api+"/sobjects/User/"+ada, ""), http.StatusBadRequest)

	require.NoError(t, s.org.SetLicences("Salesforce", 1))
	code, _ = s.refusal(s.call("PATCH", api+"/sobjects/User/"+ada, `{"IsActive":true}`), http.StatusBadRequest)
	require.Equal(t, "LICENSE_LIMIT_EXCEEDED", code)
	admin := s.query("SELECT Id FROM User WHERE Username = '" + salesforce.Administrator + "'").Records[0]["Id"].(string)
	code, _ = s.refusal(s.call("PATCH", api+"/sobjects/User/"+admin, `{"IsActive":false}`), http.StatusBadRequest)
	require.Equal(t, "CANNOT_DISABLE_LAST_ADMIN", code)
	code, _ = s.refusal(s.call("PATCH", api+"/sobjects/UserLogin/"+login, `{"IsPasswordLocked":true}`), http.StatusBadRequest)
	require.Equal(t, "INVALID_FIELD_FOR_INSERT_UPDATE", code)
}
