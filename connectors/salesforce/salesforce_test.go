package salesforce_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/salesforce"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
	sandbox "gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/tenant"
)

func kindOf(t *testing.T, err error) *connectors.Error {
	t.Helper()
	var e *connectors.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, salesforce.System, e.System)
	return e
}

// What the org refuses is said with what to do, and the account lets nobody in all the same.
func TestADeactivationThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "DEPENDENCY_EXISTS", "INVALID_CROSS_REFERENCE_KEY"} {
		for why, todo := range map[string]string{
			"default lead owner": "Setup > Lead Settings", "default case owner": "Setup > Support Settings",
			"default workflow user": "Setup > Process Automation Settings", "web-to-lead creator": "Setup > Web-to-Lead",
			"approver": "Setup > Approval Processes", "hierarchy field": "empty that field", "email alert recipient": "Setup > Email Alerts",
			"assignment rule": "an assignment rule", "something undocumented": "open the user in Salesforce",
		} {
			o := newOrg(t)
			id := o.add("ada")
			require.NoError(t, o.site.SetSettings(sandbox.Settings{RefusalCode: code}))
			require.NoError(t, o.site.Hold("ada@acme.example.crm", why))
			for range 2 {
				a, err := o.target().Suspend(t.Context(), target.Write{ID: id})
				e := kindOf(t, err)
				require.Equal(t, [2]string{string(connectors.KindConflict), salesforce.CodeRefused}, [2]string{string(e.Kind), e.Code}, why)
				require.Contains(t, err.Error(), todo)
				require.NotContains(t, strings.ToLower(err.Error()), "lovelace", "the vendor's words can name people")
				require.Equal(t, id, a.Ref.ID)
				require.False(t, a.CanSignIn())
				state, _ := o.site.ByID(id)
				require.True(t, state.Frozen && state.Active && !state.CanSignIn)
			}
			require.NoError(t, o.site.Hold("ada@acme.example.crm"))
			_, err := o.target().Suspend(t.Context(), target.Write{ID: id})
			require.NoError(t, err)
			state, _ := o.site.ByID(id)
			require.False(t, state.Active)
		}
	}
}

// Whichever of the two writes fails, the other is made.
func TestASuspensionThatHalfFails(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	o.fault(tenant.Fault{Method: "PATCH", Path: "/services/data/*/sobjects/UserLogin/*", Style: "status", Status: 500})
	a, err := o.target().Suspend(t.Context(), target.Write{ID: id})
	require.NoError(t, err, "a deactivated user cannot sign in, frozen or not")
	require.False(t, a.CanSignIn())
	state, _ := o.site.ByID(id)
	require.True(t, !state.Active && !state.Frozen)

	other := o.add("grace")
	o.fault(tenant.Fault{Method: "PATCH", Path: "/services/data/*/sobjects/User/*", Style: "status", Status: 503})
	_, err = o.target().Suspend(t.Context(), target.Write{ID: other})
	require.Equal(t, connectors.KindUnavailable, kindOf(t, err).Kind, "to be repeated, for the licence")
	state, _ = o.site.ByID(other)
	require.True(t, state.Active && state.Frozen)
	_, err = o.target().Suspend(t.Context(), target.Write{ID: other})
	require.NoError(t, err)

	third := o.add("mary")
	require.NoError(t, o.site.Lock("mary@acme.example.crm", 2))
	_, err = o.target().Suspend(t.Context(), target.Write{ID: third})
	require.Equal(t, [2]string{string(connectors.KindUnavailable), "UNABLE_TO_LOCK_ROW"}, [2]string{string(kindOf(t, err).Kind), kindOf(t, err).Code})
	_, err = o.target().Suspend(t.Context(), target.Write{ID: third})
	require.NoError(t, err)

	// Neither is possible, and one of them for a reason that would stay: that sign-in goes on must not be taken for a refusal.
	fourth := o.add("joan")
	require.NoError(t, o.site.Hold("joan@acme.example.crm", "approver"))
	o.fault(tenant.Fault{Method: "PATCH", Path: "/services/data/*/sobjects/UserLogin/*", Style: "status", Status: 503})
	_, err = o.target().Suspend(t.Context(), target.Write{ID: fourth})
	require.Equal(t, connectors.KindUnavailable, kindOf(t, err).Kind)
	state, _ = o.site.ByID(fourth)
	require.True(t, state.CanSignIn)
}

// Reads answer from a copy in which the account is closed, and it is not any more.
func TestYesterdaysCopy(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	_, err := o.target().Suspend(t.Context(), target.Write{ID: id})
	require.NoError(t, err)
	require.NoError(t, o.site.SetSettings(sandbox.Settings{Yesterday: true}))
	_, err = o.target().Resume(t.Context(), target.Write{ID: id})
	require.NoError(t, err)
	state, _ := o.site.ByID(id)
	require.True(t, state.CanSignIn)
	_, err = o.target().Suspend(t.Context(), target.Write{ID: id})
	require.NoError(t, err)
	state, _ = o.site.ByID(id)
	require.False(t, state.CanSignIn)
}

func TestALicenceThatIsNotThere(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	_, err := o.target().Suspend(t.Context(), target.Write{ID: id})
	require.NoError(t, err)
	require.NoError(t, o.site.SetLicences("Salesforce", 1))
	_, err = o.target().Resume(t.Context(), target.Write{ID: id})
	e := kindOf(t, err)
	require.Equal(t, [2]string{string(connectors.KindConflict), "LICENSE_LIMIT_EXCEEDED"}, [2]string{string(e.Kind), e.Code})
	require.Contains(t, err.Error(), "free one or buy more")
	state, _ := o.site.ByID(id)
	require.False(t, state.CanSignIn)
	_, err = o.target().Create(t.Context(), target.CreateRequest{Document: o.newcomer()})
	require.Equal(t, "LICENSE_LIMIT_EXCEEDED", kindOf(t, err).Code)
	made, err := o.target().Create(t.Context(), target.CreateRequest{Document: o.newcomer(), Suspended: true})
	require.NoError(t, err, "who cannot sign in needs none")
	require.False(t, made.Account.CanSignIn())
}

func TestAUsernameOfAnotherOrg(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	d := o.newcomer()
	o.site.TakeElsewhere(d.Username)
	_, err := o.target().Create(t.Context(), target.CreateRequest{Document: d})
	e := kindOf(t, err)
	require.Equal(t, [2]string{string(connectors.KindConflict), "DUPLICATE_USERNAME"}, [2]string{string(e.Kind), e.Code})
	require.Contains(t, err.Error(), "choose another username")
	suffixed := salesforce.NewTarget(o.client(func(o *salesforce.Options) { o.New.UsernameSuffix = ".acme" }))
	made, err := suffixed.Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	require.Equal(t, d.Username+".acme", made.Account.Document.Username)
	again, err := suffixed.Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	require.False(t, again.Created)
}

func TestAnExternalIDOfTwo(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	require.NoError(t, o.site.SetSettings(sandbox.Settings{LooseIDs: true}))
	d := o.newcomer()
	for _, name := range []string{"one", "two"} {
		_, err := o.site.AddUser(sandbox.Person{Username: name + "@acme.example.crm", LastName: "Twin", ExternalID: d.ExternalID})
		require.NoError(t, err)
	}
	_, err := o.target().Create(t.Context(), target.CreateRequest{Document: d})
	require.Equal(t, salesforce.CodeSeveral, kindOf(t, err).Code)
	found, err := o.target().Find(t.Context(), target.FindRequest{ExternalID: d.ExternalID})
	require.NoError(t, err)
	require.Len(t, found, 2)
	// Between the search and the write another one came.
	hidden := salesforce.NewTarget(o.client(func(o *salesforce.Options) {
		o.HTTP = &http.Client{Transport: blind{http.DefaultTransport}}
	}))
	effects := o.count(true)
	_, err = hidden.Create(t.Context(), target.CreateRequest{Document: d})
	require.Equal(t, [2]any{salesforce.CodeSeveral, 300}, [2]any{kindOf(t, err).Code, kindOf(t, err).Status}, "300 is no success")
	require.Equal(t, effects, o.count(true))
}

// blind answers every query with no record.
type blind struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b blind) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/query") {
		return b.next.RoundTrip(r)
	}
	w := httptest.NewRecorder()
	_, err := w.WriteString(`{"totalSize":0,"done":true,"records":[]}`)
	return w.Result(), err
}

// What comes from HR is never a path or a query.
func TestWhatHRSendsIsText(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.add("ada")
	for _, id := range []string{"../x?y=1", "E 1", "a.inc", "a'b", "..", "%2e%2e", "a/b", strings.Repeat("x", 300)} {
		d := o.newcomer()
		d.ExternalID = id
		_, err := o.target().Create(t.Context(), target.CreateRequest{Document: d})
		require.Equal(t, connectors.KindInvalid, kindOf(t, err).Kind, id)
		_, err = o.target().Find(t.Context(), target.FindRequest{ExternalID: id})
		require.Equal(t, connectors.KindInvalid, kindOf(t, err).Kind, id)
	}
	require.Zero(t, o.count(false), "nothing is sent")
	for _, address := range []string{`o'neil@acme.example`, `x'--@acme.example`} {
		found, err := o.target().Find(t.Context(), target.FindRequest{Email: address})
		require.NoError(t, err)
		require.Empty(t, found)
	}
	d := o.newcomer()
	d.FirstName, d.LastName, d.Email = "Zoë", `O'Neil \ Søn`, `o'neil@acme.example`
	made, err := o.target().Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	require.Equal(t, d.LastName, made.Account.Document.LastName)
	found, err := o.target().Find(t.Context(), target.FindRequest{Email: d.Email})
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestProfilesOfSalesforce(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	before := o.look(id)
	from, to := o.site.ProfileID(sandbox.ProfileStandard), o.site.ProfileID(sandbox.ProfileSales)
	a, err := o.target().WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: id}, Changes: []target.Change{
		{Attribute: target.AttributeProfile, From: from, To: to}, {Attribute: target.AttributeFederationID, To: "ada@sso"},
	}})
	require.NoError(t, err)
	require.Equal(t, "ada@sso", a.Document.UserPrincipalName)
	require.True(t, a.Whole)
	state, _ := o.site.ByID(id)
	require.Equal(t, sandbox.ProfileSales, state.Profile)
	require.ElementsMatch(t, before.Memberships, a.Memberships, "a profile is no membership")
	for _, change := range []target.Change{
		{Attribute: target.AttributeProfile, From: to},
		{Attribute: target.AttributeProfile, From: to, To: "Standard User"},
		{Attribute: target.AttributeManager, To: to},
		{Attribute: target.AttributeLastName, From: "Lovelace"},
		{Attribute: target.AttributeEmail, To: "nobody"},
	} {
		_, err := o.target().WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: id}, Changes: []target.Change{change}})
		require.Equal(t, connectors.KindInvalid, kindOf(t, err).Kind, change.Attribute)
	}
}

func TestWhatARefusalDoesNotTell(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	secret := "Countess of " + strings.Repeat("Lovelace ", 20)
	_, err := o.target().WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: id}, Changes: []target.Change{
		{Attribute: target.AttributeTitle, From: "Analyst", To: secret},
	}})
	e := kindOf(t, err)
	require.Equal(t, [2]string{string(connectors.KindInvalid), "STRING_TOO_LONG"}, [2]string{string(e.Kind), e.Code})
	require.NotContains(t, err.Error(), "Lovelace")
	_, err = o.target().Read(t.Context(), target.ReadRequest{ID: "ada@acme.example.crm"})
	require.NotContains(t, err.Error(), "ada@", "what is no id is not shown")
	for _, lifted := range []bool{false, true} {
		_, err = o.target().Suspend(t.Context(), target.Write{ID: "ada@acme.example.crm", Lifted: lifted})
		require.NotContains(t, err.Error(), "ada@")
	}
}

func TestSessionsEndWithoutNotice(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	org := o.target()
	_, err := org.Read(t.Context(), target.ReadRequest{ID: id})
	require.NoError(t, err)
	o.site.EndSessions()
	_, err = org.Suspend(t.Context(), target.Write{ID: id})
	require.NoError(t, err, "it signs in again, once")
	state, _ := o.site.ByID(id)
	require.False(t, state.CanSignIn)
	// The run-as user is frozen: nothing helps but a person.
	integration := o.find(sandbox.Integration)
	o.freeze(integration)
	_, err = org.Read(t.Context(), target.ReadRequest{ID: id})
	e := kindOf(t, err)
	require.Equal(t, connectors.KindUnauthorized, e.Kind)
	require.Contains(t, err.Error(), "run-as user")
}

func (o *org) find(username string) string {
	o.t.Helper()
	for _, u := range o.site.State().Users {
		if u.Username == username {
			return u.ID
		}
	}
	o.t.Fatalf("no user %s", username)
	return ""
}

func (o *org) freeze(id string) {
	o.t.Helper()
	require.NoError(o.t, o.site.Freeze(id))
}

func TestSigningInWithAKey(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.add("ada")
	key, err := o.site.KeyPEM()
	require.NoError(t, err)
	signed := func(adjust ...func(*salesforce.Options)) error {
		org := salesforce.NewTarget(o.client(append([]func(*salesforce.Options){func(o *salesforce.Options) {
			o.ClientSecret, o.Key, o.Username = "", httpx.Secret(key), sandbox.Integration
		}}, adjust...)...))
		_, err := org.Read(t.Context(), target.ReadRequest{ID: id})
		return err
	}
	require.NoError(t, signed())
	require.Equal(t, "invalid_grant", kindOf(t, signed(func(o *salesforce.Options) { o.Username = "ada@acme.example.crm" })).Code)
	require.Equal(t, connectors.KindUnauthorized, kindOf(t, signed(func(o *salesforce.Options) {
		o.Clock = func() time.Time { return time.Now().Add(-time.Hour) }
	})).Kind, "an assertion that has ended")
}

func TestWhatIsWrongWithOptions(t *testing.T) {
	t.Parallel()
	_, err := salesforce.New(salesforce.Options{
		BaseURL: "acme", Key: "no key", Version: "60", ExternalIDField: "a b", New: salesforce.Defaults{ProfileID: "Standard"},
	})
	require.Error(t, err)
	for _, want := range []string{"base_url:", "client_id:", "key: is no key in PEM", "username:", "version:", "external_id_field:", "new.profile_id:"} {
		require.Contains(t, err.Error(), want)
	}
	_, err = salesforce.New(salesforce.Options{BaseURL: "https://acme.my.salesforce.com", ClientID: "a"})
	require.ErrorContains(t, err, "the app needs one of them")
	_, err = salesforce.New(salesforce.Options{BaseURL: "https://acme.my.salesforce.com", ClientID: "a", ClientSecret: "b", Key: "c"})
	require.ErrorContains(t, err, "use one of them")
}

// A token is shown to nobody but the org.
func TestAnInstanceElsewhere(t *testing.T) {
	t.Parallel()
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(elsewhere.Close)
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"access_token":"t","instance_url":"` + elsewhere.URL + `"}`)) // The client may be gone.
	}))
	t.Cleanup(login.Close)
	c, err := salesforce.New(salesforce.Options{BaseURL: login.URL, ClientID: "a", ClientSecret: "b"})
	require.NoError(t, err)
	_, err = salesforce.NewTarget(c).Licences(t.Context(), target.LicencesRequest{})
	require.Equal(t, connectors.KindRefused, kindOf(t, err).Kind)
	require.False(t, asked)
}
