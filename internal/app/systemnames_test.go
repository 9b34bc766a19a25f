package app_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/ledger/worklist"
	"gatehouse/policy/system"
	"gatehouse/test/kit"
)

// withSystems has the systems of the sandbox configured.
func withSystems(b *bench) {
	b.config.Systems = kit.Systems(b.t, b.tenant, b.sandbox.URL())
	b.open()
}

// names are what objects of a kind are called.
func names(objects []system.Object, kind identity.SystemObjectKind) (found []string) {
	for _, o := range objects {
		if o.Kind == kind {
			found = append(found, o.Name)
		}
	}
	return found
}

// TestSystemsAreAskedWhatTheyHave: what a policy may name is what is there now.
func TestSystemsAreAskedWhatTheyHave(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	withSystems(b)
	v, err := b.app.Vendors()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"google", "salesforce", "ldap"}, v.Targets())
	objects, silent := v.Objects(t.Context(), "google", "salesforce", "ldap", "okta")
	require.Empty(t, silent)
	require.Contains(t, names(objects["google"], identity.ObjectGroup), "engineering@acme.example")
	require.Contains(t, names(objects["ldap"], identity.ObjectGroup), "Engineering")
	require.Contains(t, names(objects["salesforce"], identity.ObjectRole), "Export_Reports")
	require.NotEmpty(t, names(objects["google"], identity.ObjectLicence))
	require.NotContains(t, objects, "okta", "what is not configured has nothing")
}

// TestNoSystemIsThereUnlessItIsConfigured: a company that has none of them is asked for nothing.
func TestNoSystemIsThereUnlessItIsConfigured(t *testing.T) {
	t.Parallel()
	v, err := newBench(t).app.Vendors()
	require.NoError(t, err)
	require.Empty(t, v.Targets())
}

// TestSystemsThatHangKeepNobodyWaiting: a worker starts within seconds, whatever is down.
func TestSystemsThatHangKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	hangs := make(chan struct{})
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hangs:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(hangs); site.Close() })
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	b := newBench(t)
	b.config.Systems = kit.Systems(t, b.tenant, b.sandbox.URL())
	b.config.Systems.Salesforce.BaseURL, b.config.Systems.Salesforce.Timeout = site.URL, time.Hour
	b.config.Systems.LDAP.URL, b.config.Systems.LDAP.Timeout = "ldap://"+silent.Addr().String(), time.Hour
	b.open()
	v, err := b.app.Vendors()
	require.NoError(t, err)
	began := time.Now()
	objects, quiet := v.Objects(t.Context(), "google", "salesforce", "ldap")
	require.Less(t, time.Since(began), 20*time.Second)
	require.Len(t, quiet, 2)
	require.Contains(t, quiet, "salesforce")
	require.Contains(t, quiet, "ldap")
	require.NotEmpty(t, objects["google"], "the others are asked all the same")
}

// TestASystemThatIsNotComparedHasADeadline: an item without one is overdue for nobody.
func TestASystemThatIsNotComparedHasADeadline(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	text, err := os.ReadFile(b.config.Policy)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(b.config.Policy, []byte(kit.SystemsPolicy(t)(strings.TrimSuffix(string(text), kit.PolicyEnd))+kit.PolicyEnd), 0o600))
	withSystems(b)
	url := b.config.Systems.LDAP.URL
	b.config.Systems.LDAP.URL = "ldap://127.0.0.1:1"
	b.open()
	v, err := b.app.Vendors()
	require.NoError(t, err)
	require.NoError(t, v.CheckTenant(t.Context()))
	items := func() []worklist.Item {
		found, err := b.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{Class: "policy_not_compared"})
		require.NoError(t, err)
		return found
	}
	require.Len(t, items(), 1)
	require.Equal(t, "ldap", items()[0].System)
	require.True(t, items()[0].Deadline.Equal(monday.Add(24*time.Hour)))
	b.config.Systems.LDAP.URL = url
	b.open()
	v, err = b.app.Vendors()
	require.NoError(t, err)
	require.NoError(t, v.CheckTenant(t.Context()))
	require.Empty(t, items())
}

// TestSettingsThatOnlyTheSystemKnowsToBeWrong are told by their section, and none of them with what it holds.
func TestSettingsThatOnlyTheSystemKnowsToBeWrong(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*testing.T, *config.Systems){
		"systems.ldap: read ca_file: open": func(_ *testing.T, s *config.Systems) { s.LDAP.CAFile = filepath.Join("nowhere", "ca.pem") },
		"systems.ldap: ldap: ca holds no certificate": func(t *testing.T, s *config.Systems) {
			s.LDAP.CAFile = filepath.Join(t.TempDir(), "ca.pem")
			require.NoError(t, os.WriteFile(s.LDAP.CAFile, []byte("s3cr3t"), 0o600))
		},
		"systems.google: ": func(_ *testing.T, s *config.Systems) { s.Google.Credentials = "s3cr3t" },
		"systems.salesforce: salesforce: invalid options": func(_ *testing.T, s *config.Systems) {
			s.Salesforce.ClientSecret, s.Salesforce.Key, s.Salesforce.Username = "", httpx.Secret("s3cr3t"), "robot@acme.example"
		},
	} {
		b := newBench(t)
		b.config.Systems = kit.Systems(t, b.tenant, b.sandbox.URL())
		spoil(t, &b.config.Systems)
		b.open()
		_, err := b.app.Vendors()
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "s3cr3t")
	}
}
