package salesforce_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/salesforce"
)

// body is a user as a client creates one, with fields changed.
func (s *site) body(name string, adjust map[string]any) string {
	s.t.Helper()
	values := map[string]any{
		"Username": name + "@acme.example.crm", "Email": name + "@acme.example", "LastName": "Hopper", "Alias": "hopper",
		"ProfileId": s.org.ProfileID(salesforce.ProfileStandard), "TimeZoneSidKey": "Europe/London", "LocaleSidKey": "en_GB",
		"EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
	}
	for k, v := range adjust {
		if v == "leave out" {
			delete(values, k)
			continue
		}
		values[k] = v
	}
	raw, err := json.Marshal(values)
	require.NoError(s.t, err)
	return string(raw)
}

func TestWhatAUserCanBe(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := s.add("Lovelace", func(p *salesforce.Person) { p.FederationID, p.ExternalID = "ada@sso", "workday-1" })
	require.Equal(t, http.StatusCreated, s.call("POST", api+"/sobjects/User", s.body("grace", nil)).Status)
	for what, adjust := range map[string]map[string]any{
		"REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]":               {"LastName": "leave out"},
		"REQUIRED_FIELD_MISSING: Required fields are missing: [Email]":                  {"Email": ""},
		"INVALID_EMAIL_ADDRESS: Email: invalid email address: nobody":                   {"Email": "nobody"},
		"INVALID_EMAIL_ADDRESS: Username: invalid email address: grace":                 {"Username": "grace"},
		"DUPLICATE_USERNAME: Duplicate Username.<br>The username already":               {"Username": "GRACE@acme.example.crm"},
		"DUPLICATE_USERNAME: Duplicate Username.<br>":                                   {"Username": "taken@elsewhere.example"},
		"DUPLICATE_VALUE: duplicate value found: FederationIdentifier duplicates value": {"FederationIdentifier": "ADA@sso"},
		"DUPLICATE_VALUE: duplicate value found: Gatehouse_Id__c duplicates value":      {"Gatehouse_Id__c": "workday-1"},
		"STRING_TOO_LONG: Alias: data value too large: ninelette":                       {"Alias": "ninelette"},
		"INVALID_CROSS_REFERENCE_KEY: invalid cross reference id":                       {"ProfileId": "00eAc0009999999IAA"},
		"MALFORMED_ID: ManagerId: id value of incorrect type: nobody":                   {"ManagerId": "nobody"},
		"INVALID_FIELD: No such column 'Nickname' on sobject of type User":              {"Nickname": "x"},
		"INVALID_FIELD_FOR_INSERT_UPDATE: Unable to create/update fields: Name.":        {"Name": "x"},
		"JSON_PARSER_ERROR: Cannot deserialize instance of boolean":                     {"IsActive": "yes"},
	} {
		name := "mary"
		code, message := s.refusal(s.call("POST", api+"/sobjects/User", s.body(name, adjust)), http.StatusBadRequest)
		require.True(t, strings.HasPrefix(code+": "+message, what), "%s: %s", code, message)
	}
	code, _ := s.refusal(s.call("PATCH", api+"/sobjects/User/"+ada, `{"ManagerId":"`+ada+`"}`), http.StatusBadRequest)
	require.Equal(t, "CIRCULAR_DEPENDENCY", code)
	require.Equal(t, http.StatusNoContent, s.call("PATCH", api+"/sobjects/User/"+ada, `{"Title":"Countess","FirstName":null}`).Status)
	require.Equal(t, "Lovelace", s.query("SELECT Name FROM User WHERE Id = '" + ada + "'").Records[0]["Name"])
	s.refusal(s.call("PATCH", api+"/sobjects/User/"+ada, `{`), http.StatusBadRequest)
	s.refusal(s.call("PATCH", api+"/sobjects/User/005Ac0009999999IAA", `{}`), http.StatusNotFound)
	s.refusal(s.call("PATCH", api+"/sobjects/Profile/"+s.org.ProfileID(salesforce.ProfileStandard), `{"Name":"x"}`), http.StatusBadRequest)
	s.refusal(s.call("PUT", api+"/sobjects/User/"+ada, `{}`), http.StatusMethodNotAllowed)
}

func TestUpserts(t *testing.T) {
	t.Parallel()
	s := open(t)
	at := api + "/sobjects/User/Gatehouse_Id__c/"
	require.Equal(t, http.StatusNotFound, s.call("PATCH", at+"workday-7?updateOnly=true", s.body("grace", nil)).Status)
	made := s.call("PATCH", at+"workday-7", s.body("grace", nil))
	require.Equal(t, http.StatusCreated, made.Status, made.Body)
	again := s.call("PATCH", at+"workday-7", `{"Title":"Admiral"}`)
	require.Equal(t, http.StatusOK, again.Status)
	var first, second struct{ ID string }
	made.Decode(t, &first)
	again.Decode(t, &second)
	require.Equal(t, first, second)
	code, _ := s.refusal(s.call("PATCH", at+"workday-7", `{"Gatehouse_Id__c":"workday-7"}`), http.StatusBadRequest)
	require.Equal(t, "INVALID_FIELD", code)
	s.refusal(s.call("PATCH", api+"/sobjects/User/Title/Admiral", `{}`), http.StatusNotFound)
	s.refusal(s.call("PATCH", at+"grace@acme.inc", s.body("mary", nil)), http.StatusNotFound)

	for _, name := range []string{"one", "two"} {
		s.add(name, func(p *salesforce.Person) { p.LegacyID = "L-7" })
	}
	several := s.call("PATCH", api+"/sobjects/User/Legacy_Id__c/L-7", `{"Title":"Twin"}`)
	require.Equal(t, http.StatusMultipleChoices, several.Status)
	var places []string
	several.Decode(t, &places)
	require.Len(t, places, 2)
	require.Zero(t, s.query("SELECT Id FROM User WHERE Title = 'Twin'").Total, "nothing was done")
	require.Equal(t, http.StatusMultipleChoices, s.call("GET", api+"/sobjects/User/Legacy_Id__c/L-7", "").Status)
	require.Equal(t, http.StatusOK, s.call("GET", at+"workday-7?fields=Title", "").Status)
}

func TestPermissionSets(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada, sets := s.add("Lovelace"), s.org.SetIDs()
	give := func(set string) (status int, code string) {
		r := s.call("POST", api+"/sobjects/PermissionSetAssignment", fmt.Sprintf(`{"AssigneeId":%q,"PermissionSetId":%q}`, ada, set))
		if r.Status == http.StatusCreated {
			return r.Status, ""
		}
		code, _ = s.refusal(r, r.Status)
		return r.Status, code
	}
	status, _ := give(sets["Edit Opportunities"])
	require.Equal(t, http.StatusCreated, status)
	_, code := give(sets["Edit Opportunities"])
	require.Equal(t, "DUPLICATE_VALUE", code)
	profile := s.query("SELECT Id, PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '" + ada + "' AND PermissionSet.IsOwnedByProfile = true").Records[0]
	_, code = give(profile["PermissionSetId"].(string))
	require.Equal(t, "INVALID_CROSS_REFERENCE_KEY", code)
	s.refusal(s.call("DELETE", api+"/sobjects/PermissionSetAssignment/"+profile["Id"].(string), ""), http.StatusBadRequest)
	require.Equal(t, http.StatusNoContent, s.call("PATCH", api+"/sobjects/User/"+ada, `{"ProfileId":"`+s.org.ProfileID(salesforce.ProfileSales)+`"}`).Status)
	require.Equal(t, 4, s.query("SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '"+ada+"'").Total, "one profile at a time")
}

func TestCompositeRequests(t *testing.T) {
	t.Parallel()
	s := open(t)
	ada := s.add("Lovelace")
	sub := func(method, path, ref, body string) string {
		if body == "" {
			body = "null"
		}
		return fmt.Sprintf(`{"method":%q,"url":%q,"referenceId":%q,"body":%s}`, method, api+path, ref, body)
	}
	send := func(allOrNone bool, subs ...string) (statuses []int, bodies string) {
		r := s.call("POST", api+"/composite", fmt.Sprintf(`{"allOrNone":%t,"compositeRequest":[%s]}`, allOrNone, strings.Join(subs, ",")))
		if r.Status != http.StatusOK {
			return []int{r.Status}, r.Body
		}
		var out struct {
			Responses []struct {
				Status int `json:"httpStatusCode"`
			} `json:"compositeResponse"`
		}
		r.Decode(t, &out)
		for _, one := range out.Responses {
			statuses = append(statuses, one.Status)
		}
		return statuses, r.Body
	}
	login := sub("GET", "/query?q="+url.QueryEscape("SELECT Id FROM UserLogin WHERE UserId = '"+ada+"'"), "login", "")
	freeze := sub("PATCH", "/sobjects/UserLogin/@{login.records[0].Id}", "freeze", `{"IsFrozen":true}`)
	bad := sub("PATCH", "/sobjects/User/"+ada, "bad", `{"Alias":"much too long"}`)
	frozen := func() bool { u, _ := s.org.ByID(ada); return u.Frozen }

	statuses, bodies := send(true, login, freeze, bad)
	require.Equal(t, []int{400, 400, 400}, statuses)
	require.Contains(t, bodies, "PROCESSING_HALTED")
	require.False(t, frozen(), "all of it is undone")
	statuses, _ = send(false, login, freeze, bad)
	require.Equal(t, []int{200, 204, 400}, statuses)
	require.True(t, frozen())
	statuses, _ = send(false, login, sub("GET", "/sobjects/User/@{login.records[7].Id}", "x", ""))
	require.Equal(t, []int{200, 400}, statuses)
	statuses, bodies = send(false, login, login)
	require.Equal(t, []int{400}, statuses)
	require.Contains(t, bodies, "Invalid reference Id")
	var many []string
	for i := range 26 {
		many = append(many, sub("GET", "/limits", fmt.Sprint("r", i), ""))
	}
	_, bodies = send(false, many...)
	require.Contains(t, bodies, "LIMIT_EXCEEDED")
	var queries []string
	for i := range 6 {
		queries = append(queries, sub("GET", "/query?q=SELECT+Id+FROM+Profile", fmt.Sprint("r", i), ""))
	}
	_, bodies = send(false, queries...)
	require.Contains(t, bodies, "Query or Collection")
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	s := open(t)
	require.NoError(t, s.org.SetSettings(salesforce.Settings{DailyRequests: 3}))
	for i := range 3 {
		r := s.call("GET", api+"/limits", "")
		require.Equal(t, http.StatusOK, r.Status)
		require.Equal(t, fmt.Sprintf("api-usage=%d/3", i+1), r.Header.Get("Sforce-Limit-Info"))
	}
	code, _ := s.refusal(s.call("GET", api+"/limits", ""), http.StatusForbidden)
	require.Equal(t, "REQUEST_LIMIT_EXCEEDED", code)
}

func TestAssertions(t *testing.T) {
	t.Parallel()
	s := open(t)
	raw, err := s.org.KeyPEM()
	require.NoError(t, err)
	block, _ := pem.Decode(raw)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	key := parsed.(*rsa.PrivateKey)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	now := s.base.WallClock().Unix()
	ask := func(key *rsa.PrivateKey, adjust map[string]any) (status int, body string) {
		claims := map[string]any{"iss": salesforce.ClientID, "sub": salesforce.Integration, "aud": s.at, "exp": now + 180}
		for k, v := range adjust {
			claims[k] = v
		}
		payload, err := json.Marshal(claims)
		require.NoError(t, err)
		signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
		digest := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		require.NoError(t, err)
		r := s.form("/services/oauth2/token", url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed + "." + base64.RawURLEncoding.EncodeToString(signature)},
		})
		return r.Status, r.Body
	}
	status, body := ask(key, nil)
	require.Equal(t, http.StatusOK, status, body)
	for want, adjust := range map[string]map[string]any{
		"audience is invalid": {"aud": "https://test.salesforce.com"}, "expired authorization code": {"exp": now - 1},
		"user hasn't approved this consumer": {"sub": salesforce.Administrator}, "client identifier invalid": {"iss": "nobody"},
		"invalid assertion": {"exp": now + int64(time.Hour/time.Second)},
	} {
		status, body := ask(key, adjust)
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, body, want)
	}
	_, body = ask(other, nil)
	require.Contains(t, body, "invalid assertion")
}
