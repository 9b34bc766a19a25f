package kit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"gatehouse/activities/api"
	"gatehouse/connectors/ldap"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/google"
	"gatehouse/sandbox/salesforce"
	"gatehouse/sandbox/server"
)

// GoogleAdministrator is the user of the sandbox's Google that Gatehouse acts for.
const GoogleAdministrator = "gatehouse-admin@acme.example"

// Systems is the configuration of the systems beside OneLogin against a sandbox in this process, whose directory it starts.
func Systems(t testing.TB, tenant *server.Server, base string) config.Systems {
	t.Helper()
	require.NoError(t, tenant.ServeLDAP("127.0.0.1:0"))
	directory, err := control.New(base).LDAP(context.Background())
	require.NoError(t, err)
	ca := filepath.Join(t.TempDir(), "directory.pem")
	require.NoError(t, os.WriteFile(ca, []byte(directory.CA), 0o600))
	key, err := google.ServiceAccountKey(base)
	require.NoError(t, err)
	return config.Systems{
		Google: config.Workspace{
			Credentials: httpx.Secret(key), Subject: GoogleAdministrator, Licences: []string{"Google-Apps/1010020020"}, Handover: true,
			BaseURL: base + "/google", Timeout: 10 * time.Second,
		},
		Salesforce: config.Salesforce{
			BaseURL: base + "/salesforce", ClientID: salesforce.ClientID, ClientSecret: salesforce.ClientSecret, Timeout: 10 * time.Second,
		},
		LDAP: config.LDAP{
			Kind: string(ldap.OpenLDAP), URL: directory.URL, CAFile: ca, BindDN: directory.BindDN, Password: httpx.Secret(directory.Password),
			People: directory.People, Groups: directory.Groups, Timeout: 10 * time.Second,
		},
	}
}

// SystemsYAML is what gatehouse.yaml has of the systems of a stack, for a program of its own.
func (s *Stack) SystemsYAML() string {
	s.T.Helper()
	return SystemsYAML(s.T, s.App.Config.Systems)
}

// SystemsYAML is what gatehouse.yaml has of systems against a sandbox.
func SystemsYAML(t testing.TB, c config.Systems) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "directory-key.json")
	require.NoError(t, os.WriteFile(key, []byte(c.Google.Credentials.Reveal()), 0o600))
	return fmt.Sprintf(`systems:
  google: {credentials: "file:%s", subject: %s, licences: [%s], handover: true, base_url: "%s"}
  salesforce: {base_url: "%s", client_id: %s, client_secret: %s}
  ldap: {kind: openldap, url: "%s", ca_file: "%s", bind_dn: "%s", password: %s, people: "%s", groups: "%s"}
`, key, c.Google.Subject, c.Google.Licences[0], c.Google.BaseURL, c.Salesforce.BaseURL, c.Salesforce.ClientID, c.Salesforce.ClientSecret.Reveal(),
		c.LDAP.URL, c.LDAP.CAFile, c.LDAP.BindDN, c.LDAP.Password.Reveal(), c.LDAP.People, c.LDAP.Groups)
}

// Reconcile compares people with their accounts as its schedule would; whole compares everybody.
func (s *Stack) Reconcile(whole bool) api.ReconcileOutcome {
	s.T.Helper()
	ctx, cancel := context.WithTimeout(s.T.Context(), patience)
	defer cancel()
	run, err := s.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: api.ReconcileID, TaskQueue: api.QueueSweep},
		api.TypeReconcile, api.ReconcileRequest{Every: 24 * time.Hour, Whole: whole})
	require.NoError(s.T, err)
	var out api.ReconcileOutcome
	require.NoError(s.T, run.Get(ctx, &out))
	return out
}
