package app_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"gatehouse/activities/api"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/test/kit"
)

// TestGatewayNeedsNoVendor: what faces the internet holds no credential of any vendor, and hints all the same.
func TestGatewayNeedsNoVendor(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *config.Config) {
		*c = config.Config{Ledger: c.Ledger, Gateway: c.Gateway}
	})
	run := &mocks.WorkflowRun{}
	run.On("GetRunID").Return("run-1")
	b.temporal.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(run, nil)
	require.Equal(t, `202 {"status":"accepted"}`, webhook(true)(b, `{"employees":[{"id":"101"}]}`))
	require.Equal(t, "person/bamboohr-101", b.temporal.Calls[0].Arguments.Get(1).(client.StartWorkflowOptions).ID)
}

func TestReady(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	call := b.temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(&client.CheckHealthResponse{}, nil)
	require.NoError(t, b.app.Ready(t.Context()))
	call.Unset()
	b.temporal.On("CheckHealth", mock.Anything, mock.Anything).Return(nil, errors.New("connection refused"))
	require.EqualError(t, b.app.Ready(t.Context()), "temporal: connection refused")
}

// TestPolicyThatBecameInvalidChangesNothing: the last good policy stays in force.
func TestPolicyThatBecameInvalidChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	v, err := b.app.Vendors()
	require.NoError(t, err)
	hash := v.Policy.Current().Hash()
	for _, text := range []string{"", "company: {}", strings.Replace(smallPolicy, "# more", "leavr: x", 1), strings.Replace(smallPolicy, "Salesforce", "Salesfroce", 1)} {
		require.NoError(t, os.WriteFile(b.config.Policy, []byte(text), 0o600))
		require.Error(t, v.Policy.Reload(t.Context()))
		require.Equal(t, hash, v.Policy.Current().Hash())
	}
	require.NoError(t, os.Remove(b.config.Policy))
	require.Error(t, v.Policy.Reload(t.Context()))

	example, err := os.ReadFile(filepath.Join(kit.Root(), "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	edited := kit.Replace(t, string(example), "create_before: 7d", "create_before: 8d")
	require.NoError(t, os.WriteFile(b.config.Policy, []byte(edited), 0o600))
	require.NoError(t, v.Policy.Reload(t.Context()))
	require.NotEqual(t, hash, v.Policy.Current().Hash())
	a, err := v.Activities.Person.Assess(t.Context(), api.AssessInput{Key: "workday-21003"})
	require.NoError(t, err)
	require.Equal(t, v.Policy.Current().Hash(), a.Plan.PolicyHash, "the activities follow")
}

// TestDirectoryThatIsDownDelaysNobody: a policy can be taken up while OneLogin does not answer.
func TestDirectoryThatIsDownDelaysNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *config.Config) { c.OneLogin.BaseURL = "http://127.0.0.1:1" })
	v, err := b.app.Vendors()
	require.NoError(t, err)
	require.NoError(t, v.CheckTenant(t.Context()))
}

// TestRotatedRefreshToken: Workday may replace the token at every use, and the next process needs the new one.
func TestRotatedRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	require.NoError(t, b.sandbox.Workday(t.Context(), map[string]any{"rotate_refresh_tokens": true}))
	token := filepath.Join(t.TempDir(), "refresh")
	require.NoError(t, os.WriteFile(token, []byte("sandbox-workday-refresh\n"), 0o600))
	path := filepath.Join(t.TempDir(), "gatehouse.yaml")
	base := strings.TrimSuffix(b.config.Workday.BaseURL, "/workday")
	require.NoError(t, os.WriteFile(path, []byte(`
policy: `+b.config.Policy+`
ledger: {url: `+b.config.Ledger.URL.Reveal()+`}
onelogin: {base_url: `+base+`/onelogin, client_id: sandbox-onelogin, client_secret: sandbox-onelogin-secret, credential_owners: []}
workday:
  base_url: `+base+`/workday
  tenant: acme
  client_id: sandbox-workday
  client_secret: sandbox-workday-secret
  refresh_token: file:`+token+`
  report_owner: isu_gatehouse
  roster_report: Gatehouse_Roster
  worker_report: Gatehouse_Worker
slack: {base_url: `+base+`/slack/api, token: xoxb-sandbox, channels: {it: C0IT, security: C0SECURITY}}
jira: {base_url: `+base+`/jira, user: gatehouse@acme.example, token: sandbox-jira-token, project: IT}
`), 0o600))
	for range 3 {
		before, err := os.ReadFile(token)
		require.NoError(t, err)
		b.config, err = config.Load(path, config.Needs{Vendors: true})
		require.NoError(t, err)
		b.open()
		v, err := b.app.Vendors()
		require.NoError(t, err)
		_, err = v.Activities.Person.Assess(t.Context(), api.AssessInput{Key: "workday-21003"})
		require.NoError(t, err)
		after, err := os.ReadFile(token)
		require.NoError(t, err)
		require.NotEqual(t, string(before), string(after))
		info, err := os.Stat(token)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

// TestSlackURLWithoutSlash: how a URL ends makes no difference.
func TestSlackURLWithoutSlash(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *config.Config) { c.Slack.BaseURL = strings.TrimSuffix(c.Slack.BaseURL, "/") })
	v, err := b.app.Vendors()
	require.NoError(t, err)
	_, err = v.Activities.Slack.Post(t.Context(), api.Message{OnceKey: "a", Kind: api.MessageAttention, Audience: api.AudienceIT, Key: "workday-1"})
	require.NoError(t, err)
}

// TestBadKeysAreRefused when a process starts, not when the first payload is sealed.
func TestBadKeysAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key, active, want string
	}{
		"not base64": {"???", "a", `encryption key "a" is not base64`},
		"short":      {base64.StdEncoding.EncodeToString(make([]byte, 16)), "a", `encryption key "a" has 16 bytes: make one of 32 with openssl rand -base64 32`},
		"not there":  {base64.StdEncoding.EncodeToString(make([]byte, 32)), "b", `the active encryption key "b" is not in the keyring`},
	}
	for name, tt := range tests {
		c := &config.Config{}
		c.Ledger.URL = httpx.Secret(filepath.Join(t.TempDir(), "ledger.db"))
		c.Encryption = config.Encryption{Active: tt.active, Keys: map[string]httpx.Secret{"a": httpx.Secret(tt.key)}}
		_, err := app.Open(t.Context(), c, app.Options{Temporal: &mocks.Client{}})
		require.EqualError(t, err, tt.want, name)
	}
}

// TestOnlyWorkMakesALedger: in an empty ledger an order would be recorded that nobody ever sees.
func TestOnlyWorkMakesALedger(t *testing.T) {
	dir, cwd := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "gatehouse.yaml")
	require.NoError(t, os.WriteFile(path, []byte("ledger: {url: ledger.db}\n"), 0o600))
	t.Chdir(cwd)
	open := func(o app.Options) error {
		cfg, err := config.Load(path, config.Needs{})
		require.NoError(t, err)
		o.Temporal = &mocks.Client{}
		a, err := app.Open(t.Context(), cfg, o)
		if err != nil {
			return err
		}
		return a.Close()
	}
	want := "open ledger: there is no ledger at " + filepath.Join(dir, "ledger.db") + ". Nothing was done. The programs `worker` and " +
		"`starter serve` make the ledger when they first start; this command only steers: name the configuration that they run with " +
		"(--config), or correct ledger.url"
	require.EqualError(t, open(app.Options{Steering: true}), want)
	require.NoError(t, open(app.Options{NoLedger: true}))
	require.NoFileExists(t, filepath.Join(dir, "ledger.db"))

	// A ledger of the days in which the path was relative to the working directory is not replaced by an empty one.
	require.NoError(t, os.WriteFile("ledger.db", []byte("old"), 0o600))
	want = "open ledger: there is no ledger at " + filepath.Join(dir, "ledger.db") + ". Relative paths are relative to the configuration " +
		"file, and there is a file ledger.db in the working directory: move that one, or write its absolute path into ledger.url"
	require.EqualError(t, open(app.Options{}), want)
	require.EqualError(t, open(app.Options{Steering: true}), want)
	require.NoError(t, os.Remove("ledger.db"))

	require.NoError(t, open(app.Options{}), "a process that works makes it")
	require.NoError(t, open(app.Options{Steering: true}))
	entries, err := os.ReadDir(cwd)
	require.NoError(t, err)
	require.Empty(t, entries)
}
