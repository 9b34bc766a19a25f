package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/google"
	"gatehouse/sandbox/google/directory"
	"gatehouse/sandbox/server"
)

const (
	directoryBase = "/google/admin/directory/v1"
	authScope     = "https://www.googleapis.com/auth/"
)

// directoryScopes are those of the Directory API that write.
func directoryScopes() (all []string) {
	for _, s := range []string{"user", "user.security", "group", "orgunit", "rolemanagement"} {
		all = append(all, authScope+"admin.directory."+s)
	}
	return append(all, authScope+"apps.licensing", authScope+"admin.datatransfer")
}

// company is the directory as the sandbox has it.
func (s *sandbox) company() (d directory.State) {
	s.t.Helper()
	s.control("GET", "google/directory", "").json(s.t, &d)
	return d
}

// somebody is a user who is no administrator.
func (s *sandbox) somebody() directory.UserState {
	s.t.Helper()
	for _, u := range s.company().Users {
		if u.ExternalID != "" && u.CanSignIn {
			return u
		}
	}
	s.t.Fatal("nobody is there")
	return directory.UserState{}
}

func TestTheDirectoryRefuses(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(google.Admin, directoryScopes()...)
	robotAs := s.googleToken(robot, directoryScopes()...)
	reader := s.googleToken(google.Admin, authScope+"admin.directory.user.readonly")
	helper := s.googleToken(google.Delegated, directoryScopes()...)
	u := s.somebody()
	one, taken := directoryBase+"/users/"+u.ID, `{"primaryEmail":"`+u.Email+`","name":{"givenName":"A","familyName":"B"},"password":"long enough"}`
	fresh := func(email, more string) string {
		return `{"primaryEmail":"` + email + `","name":{"givenName":"A","familyName":"B"},"password":"long enough"` + more + `}`
	}
	for name, tc := range map[string]struct {
		method, path, body string
		as                 option
		status             int
		want               string
	}{
		"no administrator":        {"GET", one, "", robotAs, 403, "Not Authorized"},
		"scope":                   {"PUT", one, `{}`, reader, 403, "insufficient authentication scopes"},
		"another administrator":   {"PUT", directoryBase + "/users/" + google.Admin, `{"suspended":true}`, helper, 403, "Not Authorized"},
		"roles":                   {"GET", directoryBase + "/customer/my_customer/roles", "", helper, 403, "Not Authorized"},
		"oneself":                 {"PUT", directoryBase + "/users/" + google.Admin, `{"suspended":true}`, as, 403, "Not Authorized"},
		"of no company":           {"GET", directoryBase + "/users", "", as, 400, "Bad Request"},
		"of another company":      {"GET", directoryBase + "/users?customer=C0other", "", as, 400, "customer"},
		"of another domain":       {"GET", directoryBase + "/users?domain=elsewhere.example", "", as, 404, "Domain not found"},
		"nobody":                  {"GET", directoryBase + "/users/nobody@acme.example", "", as, 404, "Resource Not Found: userKey"},
		"somebody elsewhere":      {"GET", directoryBase + "/users/a@elsewhere.example", "", as, 403, "Not Authorized"},
		"page size":               {"GET", directoryBase + "/users?customer=my_customer&maxResults=501", "", as, 400, "[1, 500]"},
		"page token":              {"GET", directoryBase + "/users?customer=my_customer&pageToken=x", "", as, 400, "pageToken"},
		"parameter":               {"GET", directoryBase + "/users?customer=my_customer&page=2", "", as, 400, "page"},
		"projection":              {"GET", one + "?projection=whole", "", as, 400, "projection"},
		"query":                   {"GET", directoryBase + "/users?customer=my_customer&query=shoeSize%3D44", "", as, 400, "query"},
		"field mask":              {"GET", one + "?fields=titel", "", as, 400, "titel"},
		"field":                   {"PUT", one, `{"titel":"x"}`, as, 400, "titel"},
		"field of a list":         {"PUT", one, `{"phones":[{"number":"1"}]}`, as, 400, "phones"},
		"list that is none":       {"PUT", one, `{"phones":"1"}`, as, 400, "phones"},
		"long list":               {"PUT", one, `{"phones":[{"type":"work","value":"` + strings.Repeat("1", 1100) + `"}]}`, as, 400, "phones"},
		"custom schema":           {"PUT", one, `{"customSchemas":{"a":{"b":"c"}}}`, as, 400, "custom_schema"},
		"long name":               {"PUT", one, `{"name":{"givenName":"` + strings.Repeat("n", 61) + `"}}`, as, 400, "name"},
		"recovery phone":          {"PUT", one, `{"recoveryPhone":"0170 1234567"}`, as, 400, "recovery_phone"},
		"weak password":           {"PUT", one, `{"password":"short"}`, as, 400, "Invalid Password"},
		"unit":                    {"PUT", one, `{"orgUnitPath":"/Nowhere"}`, as, 400, "INVALID_OU_ID"},
		"archive":                 {"PUT", one, `{"archived":true}`, as, 412, "conditionNotMet"},
		"address of somebody":     {"POST", directoryBase + "/users", taken, as, 409, "duplicate"},
		"address of a group":      {"POST", directoryBase + "/users", fresh("all@acme.example", ""), as, 409, "duplicate"},
		"address elsewhere":       {"POST", directoryBase + "/users", fresh("a@elsewhere.example", ""), as, 404, "Domain not found"},
		"address that is none":    {"POST", directoryBase + "/users", fresh("a..b@acme.example", ""), as, 400, "primary_user_email"},
		"without a name":          {"POST", directoryBase + "/users", `{"primaryEmail":"x@acme.example","password":"long enough"}`, as, 400, "name"},
		"without a password":      {"POST", directoryBase + "/users", `{"primaryEmail":"x@acme.example","name":{"givenName":"A","familyName":"B"}}`, as, 400, "Invalid Password"},
		"no such group":           {"GET", directoryBase + "/groups/none@acme.example", "", as, 404, "groupKey"},
		"no such member":          {"DELETE", directoryBase + "/groups/all@acme.example/members/" + google.Admin, "", as, 404, "memberKey"},
		"a member who is nobody":  {"POST", directoryBase + "/groups/all@acme.example/members", `{"email":"nobody@acme.example"}`, as, 404, "memberKey"},
		"a member twice":          {"POST", directoryBase + "/groups/all@acme.example/members", `{"id":"` + u.ID + `"}`, as, 409, "Member already exists"},
		"a group in itself":       {"POST", directoryBase + "/groups/all@acme.example/members", `{"email":"all@acme.example"}`, as, 400, "memberKey"},
		"groups of whom and what": {"GET", directoryBase + "/groups?customer=my_customer&userKey=" + u.ID, "", as, 400, "Bad Request"},
		"no such token":           {"DELETE", one + "/tokens/none", "", as, 404, "clientId"},
		"licence of nobody":       {"GET", "/google/apps/licensing/v1/product/Google-Apps/sku/1010020020/user/nobody@acme.example", "", as, 404, "does not exist"},
		"licence by id":           {"GET", "/google/apps/licensing/v1/product/Google-Apps/sku/1010020020/user/" + u.ID, "", as, 404, "does not exist"},
		"licence of no product":   {"GET", "/google/apps/licensing/v1/product/Shoes/sku/1010020020/users?customerId=acme.example", "", as, 400, "productId"},
		"second licence":          {"POST", "/google/apps/licensing/v1/product/Google-Apps/sku/1010020027/user", `{"userId":"` + u.Email + `"}`, as, 412, "already has a license"},
		"transfer of nobody":      {"POST", "/google/admin/datatransfer/v1/transfers", `{"oldOwnerUserId":"1","newOwnerUserId":"` + u.ID + `"}`, as, 404, "oldOwnerUserId"},
		"unknown path":            {"GET", directoryBase + "/customer/my_customer/devices/mobile", "", as, 404, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.call(tc.method, tc.path, tc.body, tc.as)
			require.Equal(t, tc.status, a.status, a.body)
			require.Contains(t, a.body, tc.want)
		})
	}
}

// TestWhoTheServiceAccountActsFor: users who exist and are not suspended.
func TestWhoTheServiceAccountActsFor(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	u := s.somebody()
	as := s.googleToken(google.Admin, directoryScopes()...)
	mail := s.googleToken(u.Email, authScope+"gmail.settings.basic", authScope+"gmail.settings.sharing")
	const vacation = "/google/gmail/v1/users/me/settings/vacation"
	require.Equal(t, http.StatusOK, s.call("GET", vacation, "", mail).status)
	require.Equal(t, http.StatusOK, s.call("PUT", directoryBase+"/users/"+u.ID, `{"suspended":true}`, as).status)
	a := s.call("PUT", vacation, `{"enableAutoReply":true,"responseSubject":"Gone"}`, mail)
	require.Equal(t, http.StatusBadRequest, a.status)
	require.Contains(t, a.body, "Mail service not enabled")
	for _, sub := range []string{u.Email, "nobody@acme.example", "a@elsewhere.example"} {
		_, err := s.tryGoogleToken(sub, authScope+"gmail.settings.basic")
		require.ErrorContains(t, err, "invalid_grant", sub)
	}
}

// TestTheDirectoryLags: what is new shows by its key at once, and in lists after a while. Until then it cannot be changed.
func TestTheDirectoryLags(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(google.Admin, directoryScopes()...)
	a := s.call("POST", directoryBase+"/users", `{"primaryEmail":"new.one@acme.example","name":{"givenName":"New","familyName":"One"},"password":"long enough"}`, as)
	require.Equal(t, http.StatusOK, a.status, a.body)
	found := func() bool {
		return strings.Contains(s.call("GET", directoryBase+"/users?customer=my_customer&query=email%3Dnew.one@acme.example", "", as).body, `"users"`)
	}
	change := func() int {
		return s.call("PUT", directoryBase+"/users/new.one@acme.example", `{"suspended":true}`, as).status
	}
	require.Equal(t, http.StatusOK, s.call("GET", directoryBase+"/users/new.one@acme.example", "", as).status)
	require.False(t, found())
	require.Equal(t, http.StatusPreconditionFailed, change())
	s.control("POST", "clock", `{"advance":"1s"}`)
	require.True(t, found())
	require.Equal(t, http.StatusOK, change())
}

// TestConditionsOnTheETag: nobody's edit in between is lost.
func TestConditionsOnTheETag(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	as := s.googleToken(google.Admin, directoryScopes()...)
	one := directoryBase + "/users/" + s.somebody().ID
	var read struct {
		Etag string `json:"etag"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.call("GET", one, "", as).body), &read))
	require.Equal(t, http.StatusNotModified, s.call("GET", one, "", as, header("If-None-Match", read.Etag)).status)
	require.Equal(t, http.StatusOK, s.call("PUT", one, `{"orgUnitPath":"/"}`, as, header("If-Match", read.Etag)).status)
	require.Equal(t, http.StatusPreconditionFailed, s.call("PUT", one, `{"orgUnitPath":"/"}`, as, header("If-Match", read.Etag)).status)
	require.Equal(t, http.StatusOK, s.call("GET", one, "", as, header("If-None-Match", read.Etag)).status)
}

// TestLiesThatThereAreNot are refused, so that no test takes the truth for one.
func TestLiesThatThereAreNot(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	for _, body := range []string{`{"lies":{"users":"half"}}`, `{"lies":{"people":"empty"}}`, `{"lies":{"tokens":"yesterday"}}`, `{"lie":{}}`} {
		require.Equal(t, http.StatusBadRequest, s.call("POST", "/sandbox/google/directory", body).status, body)
	}
	for _, body := range []string{`{"do":"delete","user":"nobody@acme.example"}`, `{"do":"dance","user":"` + google.Admin + `"}`, `{"do":"add"}`} {
		require.Equal(t, http.StatusBadRequest, s.call("POST", "/sandbox/google/directory/hand", body).status, body)
	}
}

// TestThePageShowsTheDirectory as soon as somebody asks it, and not before.
func TestThePageShowsTheDirectory(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{})
	var o struct {
		Workspace struct {
			All   int                   `json:"all"`
			Users []directory.UserState `json:"users"`
		} `json:"workspace"`
	}
	s.control("GET", "overview", "").json(t, &o)
	require.Zero(t, o.Workspace.All)
	as := s.googleToken(google.Admin, directoryScopes()...)
	u := s.somebody()
	require.Equal(t, http.StatusOK, s.call("PUT", directoryBase+"/users/"+u.ID, `{"suspended":true}`, as).status)
	s.control("GET", "overview", "").json(t, &o)
	require.Equal(t, u.ID, o.Workspace.Users[0].ID, "who was changed comes first")
	require.True(t, o.Workspace.Users[0].Suspended)
	html, _, _ := s.pageScript()
	require.Contains(t, html, `id="google-panel" hidden`)
}
