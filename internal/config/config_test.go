package config_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
)

// worker is the configuration of a process that does everything.
const worker = `
policy: policy.yaml
onelogin: {base_url: "https://acme.onelogin.com", client_id: id, client_secret: s3cr3t-onelogin, credential_owners: [100001, it.admin@acme.example]}
workday:
  base_url: https://wd5.workday.com
  tenant: acme
  client_id: id
  client_secret: s3cr3t-workday
  refresh_token: s3cr3t-refresh
  report_owner: isu
  roster_report: Roster
  worker_report: Worker
bamboohr: {base_url: "https://acme.bamboohr.com", api_key: s3cr3t-bamboohr}
slack: {token: s3cr3t-slack, channels: {it: C1, security: C2}}
jira: {base_url: "https://acme.atlassian.net", user: bot@acme.example, token: s3cr3t-jira, project: IT}
gateway: {bamboohr_keys: [s3cr3t-hook], workday_keys: [s3cr3t-callback]}
`

var everything = config.Needs{Vendors: true, Gateway: true}

// write stores a configuration and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gatehouse.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// problems loads a configuration that must not load and returns what is said, the path of the file left out.
func problems(t *testing.T, text string, needs config.Needs) []string {
	t.Helper()
	path := write(t, text)
	_, err := config.Load(path, needs)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "s3cr3t")
	rest, found := strings.CutPrefix(err.Error(), path+":")
	require.True(t, found, "the message does not say which file: %v", err)
	if list, whole := strings.CutPrefix(rest, "\n"); whole {
		// Where a setting is, TestProblemsHavePlaces holds.
		rest = regexp.MustCompile(`(?m)^  - \d+:\d+: `).ReplaceAllString(list, "  - ")
	}
	return strings.Split(strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(rest), "- "), "\n"+path+":", "\n  - "), "\n  - ")
}

// TestProblemsHavePlaces: what is wrong with a setting is said with its line and column, and what is missing with those of its section.
func TestProblemsHavePlaces(t *testing.T) {
	t.Parallel()
	text := "slack:\n  token: s3cr3t\n  base_url: http://slack.example\njira:\n  fields: {Cost centre: [a, ' '], Cost: ''}\n  index_lag: -1s\nledger: {url: }\n"
	path := write(t, text)
	_, err := config.Load(path, everything)
	require.Error(t, err)
	for _, want := range []string{
		"  - 3:13: slack.base_url is plain http", "  - 5:29: jira.fields.Cost centre[1] is missing", "  - 5:41: jira.fields.Cost[0] is missing",
		"  - 6:14: jira.index_lag is negative", "  - 5:3: jira.project is missing", "  - 2:3: slack.channels.it is missing",
		"  - no HR source", "  - onelogin.client_id is missing",
	} {
		require.Contains(t, err.Error(), want)
	}
}

func TestWholeConfiguration(t *testing.T) {
	t.Parallel()
	path := write(t, worker)
	c, err := config.Load(path, everything)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(filepath.Dir(path), "policy.yaml"), c.Policy, "relative to the file, not to whoever starts it")
	require.Equal(t, "s3cr3t-onelogin", c.OneLogin.ClientSecret.Reveal())
	require.Equal(t, []string{"100001", "it.admin@acme.example"}, c.OneLogin.Owners())
	require.Equal(t, filepath.Join(filepath.Dir(path), "var", "ledger.db"), c.Ledger.URL.Reveal(), "relative to the file as well")
	require.Equal(t, "127.0.0.1:8480", c.Gateway.Listen)
	require.Equal(t, 10*time.Second, c.OneLogin.Timeout)
	require.Equal(t, 2*time.Minute, c.Jira.IndexLag)
	require.Equal(t, 15*time.Minute, c.Schedules.Workday)
	require.Equal(t, "https://slack.com/api/", c.Slack.BaseURL)
	require.Equal(t, "cloud", c.Jira.Deployment)

	absolute := filepath.Join(t.TempDir(), "elsewhere.yaml")
	c, err = config.Load(write(t, strings.Replace(worker, "policy.yaml", absolute, 1)), everything)
	require.NoError(t, err)
	require.Equal(t, absolute, c.Policy)
}

// TestEveryMissingCredentialAtOnce: one start tells everything that has to be done, each with how.
func TestEveryMissingCredentialAtOnce(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"onelogin.base_url is missing: write it as https://<subdomain>.onelogin.com",
		"onelogin.client_id is missing: create an API credential with scope Manage All in OneLogin",
		"onelogin.client_secret is missing: set ONELOGIN_CLIENT_SECRET or use file:/path",
		"onelogin.credential_owners is missing: list the OneLogin users that made API credentials, by id or username, this program's own among them: a credential dies with its user. Write [] if no person's account owns one",
		"workday.tenant is missing: the tenant's name in its URLs",
		"workday.client_id is missing: register an API client for integrations in Workday",
		"workday.client_secret is missing: set WORKDAY_CLIENT_SECRET or use file:/path",
		"workday.refresh_token is missing: generate one for the integration system user",
		"workday.report_owner is missing: the account that owns the reports, as in their URLs",
		"workday.roster_report is missing: the web-service report that lists everybody",
		"workday.worker_report is missing: the web-service report that takes one worker as a prompt",
		"bamboohr.api_key is missing: set BAMBOOHR_API_KEY or use file:/path",
		"slack.token is missing: set SLACK_TOKEN to the bot token of your own Slack app, or remove the section slack",
		"slack.channels.security is missing: the id of the security channel, C…",
		"jira.base_url is missing: write it as https://<site>.atlassian.net",
		"jira.token is missing: set JIRA_TOKEN to an API token, or remove the section jira",
		"jira.user is missing: the e-mail address the API token belongs to",
		"gateway: no webhook key; set gateway.bamboohr_keys or gateway.workday_keys, or every webhook is refused",
	}, problems(t, "workday: {base_url: 'https://wd5.workday.com'}\nbamboohr: {base_url: 'https://acme.bamboohr.com'}\n"+
		"slack: {channels: {it: C1}}\njira: {project: IT}\n", everything))

	require.Contains(t, problems(t, "policy: p.yaml\n", config.Needs{Vendors: true}), "no HR source: set workday.base_url or bamboohr.base_url")
}

// TestProcessesNeedOnlyTheirOwn: a gateway faces the internet without any vendor's credential, and a tool that only
// hints needs neither.
func TestProcessesNeedOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	_, err := config.Load(write(t, "gateway: {bamboohr_keys: [key]}\n"), config.Needs{Gateway: true})
	require.NoError(t, err)
	_, err = config.Load(write(t, "temporal: {namespace: prod}\n"), config.Needs{})
	require.NoError(t, err)
	_, err = config.Load(write(t, worker+"  listen: 127.0.0.1:1\n"), config.Needs{Vendors: true})
	require.Error(t, err, "a broken file is broken for everybody")

	// The variables of a worker are not there where the gateway runs.
	text := "onelogin: {client_secret: '${GATEHOUSE_TEST_NOT_SET}'}\ngateway: {workday_keys: [key]}\n"
	_, err = config.Load(write(t, text), config.Needs{Gateway: true})
	require.NoError(t, err)
}

// TestLoopback: what stays on this machine may go without TLS.
func TestLoopback(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1:8490", "127.1.2.3", "localhost:8490", "[::1]:8490"} {
		_, err := config.Load(write(t, strings.Replace(worker, "https://acme.onelogin.com", "http://"+host+"/onelogin", 1)), everything)
		require.NoError(t, err, host)
	}
}

// TestEverySettingCanComeFromTheEnvironment walks the configuration, so that a new setting is not forgotten.
func TestEverySettingCanComeFromTheEnvironment(t *testing.T) {
	t.Setenv("GATEHOUSE_TEST_VALUE", "https://from.the.environment")
	c := &config.Config{}
	c.Gateway.BambooHRKeys, c.Gateway.WorkdayKeys = make([]httpx.Secret, 1), make([]httpx.Secret, 2)
	c.Gateway.OneLoginSecrets, c.Gateway.PagerDutySecrets = make([]httpx.Secret, 1), make([]httpx.Secret, 2)
	c.Encryption.Keys = map[string]httpx.Secret{"a": ""}
	require.Greater(t, fill(reflect.ValueOf(c).Elem()), 30)
	data, err := yaml.Marshal(plainly(reflect.ValueOf(c).Elem()))
	require.NoError(t, err)
	_, err = config.Load(write(t, string(data)), config.Needs{})
	require.Error(t, err, "that is no address, no key and no file")
	require.NotContains(t, err.Error(), "${")

	// A ledger is a file, or in a database.
	t.Setenv("GATEHOUSE_TEST_FILE", "from.the.environment")
	data = regexp.MustCompile(`(?m)(^ledger:\n(?: .*\n)*? +url: )\$\{GATEHOUSE_TEST_VALUE\}`).ReplaceAll(data, []byte("${1}$${GATEHOUSE_TEST_FILE}"))
	require.Contains(t, string(data), "${GATEHOUSE_TEST_FILE}")

	loaded, err := config.Load(write(t, strings.NewReplacer(
		"listen: ${GATEHOUSE_TEST_VALUE}", "listen: 127.0.0.1:1",
		"zone: ${GATEHOUSE_TEST_VALUE}", "zone: UTC", " at: ${GATEHOUSE_TEST_VALUE}", ` at: "06:00"`,
		"weekday: ${GATEHOUSE_TEST_VALUE}", "weekday: monday", "format: ${GATEHOUSE_TEST_VALUE}", "format: json",
		"active: ${GATEHOUSE_TEST_VALUE}", "active: a", "a: ${GATEHOUSE_TEST_VALUE}", "a: "+base64.StdEncoding.EncodeToString(make([]byte, 32)),
	).Replace(string(data))), config.Needs{})
	require.NoError(t, err)
	require.Empty(t, unexpanded(t, loaded), "these settings ignore ${NAME}")
}

// unexpanded lists the texts that still are what the file says.
func unexpanded(t *testing.T, c *config.Config) []string {
	t.Helper()
	data, err := yaml.Marshal(plainly(reflect.ValueOf(c).Elem()))
	require.NoError(t, err)
	var out []string
	for line := range strings.SplitSeq(string(data), "\n") {
		if strings.Contains(line, "${") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// fill sets every text to a variable and counts them.
func fill(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.String:
		v.SetString("${GATEHOUSE_TEST_VALUE}")
		n = 1
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += fill(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += fill(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			item := reflect.New(v.Type().Elem()).Elem()
			n += fill(item)
			v.SetMapIndex(key, item)
		}
	}
	return n
}

// plainly is a configuration as maps and texts, secrets included.
func plainly(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Struct:
		out := yaml.MapSlice{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if value := plainly(v.Field(i)); f.IsExported() && value != nil {
				out = append(out, yaml.MapItem{Key: f.Tag.Get("yaml"), Value: value})
			}
		}
		return out
	case reflect.String:
		return v.String()
	case reflect.Slice:
		out := []any{}
		for i := range v.Len() {
			out = append(out, plainly(v.Index(i)))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[key.String()] = plainly(v.MapIndex(key))
		}
		return out
	}
	return nil
}

// TestSecretsFromFiles: a secret may stand in a file of its own, and a rotated one has a place to go.
func TestSecretsFromFiles(t *testing.T) {
	t.Setenv("GATEHOUSE_TEST_TOKEN", "s3cr3t-from-the-environment")
	dir := t.TempDir()
	path := filepath.Join(dir, "refresh")
	require.NoError(t, os.WriteFile(path, []byte("s3cr3t-from-a-file\n"), 0o600))
	text := strings.Replace(worker, "s3cr3t-refresh", "file:"+path, 1)
	text = strings.Replace(text, "s3cr3t-slack", "'${GATEHOUSE_TEST_TOKEN}'", 1)
	c, err := config.Load(write(t, text), everything)
	require.NoError(t, err)
	require.Equal(t, "s3cr3t-from-a-file", c.Workday.RefreshToken.Reveal(), "without the line break")
	require.Equal(t, path, c.Workday.RefreshTokenFile())
	require.Equal(t, "s3cr3t-from-the-environment", c.Slack.Token.Reveal())

	c, err = config.Load(write(t, worker), everything)
	require.NoError(t, err)
	require.Empty(t, c.Workday.RefreshTokenFile())
	c, err = config.Load(write(t, strings.Replace(worker, "client_id: id,", "client_id: 'file:/etc/passwd',", 1)), everything)
	require.NoError(t, err)
	require.Equal(t, "file:/etc/passwd", c.OneLogin.ClientID, "only secrets are read from files")
}

// TestPathsAreRelativeToTheFile: who steers from another directory steers the same Gatehouse.
func TestPathsAreRelativeToTheFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "etc", "secrets"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "etc", "secrets", "refresh"), []byte("s3cr3t-beside\n"), 0o600))
	text := strings.Replace(worker, "s3cr3t-refresh", "file:secrets/refresh", 1) + "events: {geoip: geo/city.mmdb}\n"
	t.Setenv("GATEHOUSE_TEST_LEDGER", "data/ledger.db")
	outside := filepath.Join(t.TempDir(), "elsewhere.db")
	for written, want := range map[string]string{
		"":                         filepath.Join(dir, "etc", "var", "ledger.db"),
		"ledger.db":                filepath.Join(dir, "etc", "ledger.db"),
		"../ledger.db":             filepath.Join(dir, "ledger.db"),
		"sqlite://ledger.db":       "sqlite://" + filepath.Join(dir, "etc", "ledger.db"),
		"${GATEHOUSE_TEST_LEDGER}": filepath.Join(dir, "etc", "data", "ledger.db"),
		outside:                    outside,
		"sqlite://" + outside:      "sqlite://" + outside,
		"postgres://u@host/db":     "postgres://u@host/db",
		":memory:":                 ":memory:",
	} {
		file := text
		if written != "" {
			file += "ledger: {url: '" + written + "'}\n"
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "etc", "gatehouse.yaml"), []byte(file), 0o600))
		for _, cwd := range []string{dir, filepath.Join(dir, "etc"), t.TempDir()} {
			t.Chdir(cwd)
			path, err := filepath.Rel(cwd, filepath.Join(dir, "etc", "gatehouse.yaml"))
			require.NoError(t, err)
			c, err := config.Load(path, everything)
			require.NoError(t, err)
			require.Equal(t, want, c.Ledger.URL.Reveal(), written)
			require.Equal(t, filepath.Join(dir, "etc", "policy.yaml"), c.Policy)
			require.Equal(t, filepath.Join(dir, "etc", "geo", "city.mmdb"), c.Events.GeoIP)
			require.Equal(t, "s3cr3t-beside", c.Workday.RefreshToken.Reveal())
			require.Equal(t, filepath.Join(dir, "etc", "secrets", "refresh"), c.Workday.RefreshTokenFile())
		}
	}
}

// TestLedgerGoneAstray: a ledger of the days in which paths were relative to where a program was started is noticed.
func TestLedgerGoneAstray(t *testing.T) {
	dir, cwd := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, "gatehouse.yaml")
	load := func(url string) config.Ledger {
		require.NoError(t, os.WriteFile(path, []byte("ledger: {url: '"+url+"'}\n"), 0o600))
		c, err := config.Load(path, config.Needs{})
		require.NoError(t, err)
		return c.Ledger
	}
	t.Chdir(cwd)
	require.Empty(t, load("ledger.db").Astray(), "there is none")
	require.NoError(t, os.WriteFile(filepath.Join(cwd, "ledger.db"), nil, 0o600))
	require.Equal(t, "ledger.db", load("ledger.db").Astray())
	require.Equal(t, "ledger.db", load("sqlite://ledger.db").Astray())
	require.Empty(t, load(filepath.Join(dir, "ledger.db")).Astray(), "an absolute path never meant another file")
	require.Empty(t, load("postgres://u@host/db").Astray())
	require.NoError(t, os.Symlink(filepath.Join(cwd, "ledger.db"), filepath.Join(dir, "ledger.db")))
	require.Empty(t, load("ledger.db").Astray(), "it is the same file")
}

// TestSecretsThatLookLikeNumbers arrive as they are written.
func TestSecretsThatLookLikeNumbers(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"0123", "1e3", "12_34", "0x1F", "1234567890123456789012", "true", "0.10", "2026-01-01", "no", "+1"} {
		c, err := config.Load(write(t, strings.Replace(worker, "s3cr3t-slack", token, 1)), everything)
		if err == nil {
			require.Equal(t, token, c.Slack.Token.Reveal())
			continue
		}
		require.ErrorContains(t, err, "quotes")
	}
}

// TestSecretsAreNotPrinted, whatever a configuration is printed with.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte("s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr"))
	c, err := config.Load(write(t, worker+"encryption: {active: a, keys: {a: "+key+"}}\nledger: {url: 'postgres://u:s3cr3t@db/x', digest_key: s3cr3t}\n"), everything)
	require.NoError(t, err)
	asJSON, err := json.Marshal(c)
	require.NoError(t, err)
	asYAML, err := yaml.Marshal(c)
	require.NoError(t, err)
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("config", "config", c, "ledger", c.Ledger)
	for _, shown := range []string{
		fmt.Sprint(c), fmt.Sprintf("%v %+v %#v", *c, *c, *c), fmt.Sprintf("%s %q %x", c.Slack.Token, c.Slack.Token, c.Slack.Token),
		string(asJSON), string(asYAML), logged.String(),
	} {
		require.NotContains(t, shown, "s3cr3t")
		require.NotContains(t, shown, key)
		require.NotContains(t, shown, "733363723374", "in hexadecimal")
	}
}

// TestShippedConfigurations: what people copy has to load once its variables are set.
func TestShippedConfigurations(t *testing.T) {
	root := filepath.Join("..", "..")
	env, err := os.ReadFile(filepath.Join(root, "deploy", "sandbox.env"))
	require.NoError(t, err)
	for line := range strings.SplitSeq(string(env), "\n") {
		if name, value, found := strings.Cut(line, "="); found && !strings.HasPrefix(line, "#") {
			t.Setenv(name, value)
		}
	}
	t.Setenv("LEDGER_URL", "postgres://gatehouse:x@postgres:5432/gatehouse")
	// A secret may also be in a file that the variable names.
	key := filepath.Join(t.TempDir(), "google.json")
	require.NoError(t, os.WriteFile(key, []byte("{}\n"), 0o600))
	t.Setenv("GOOGLE_CREDENTIALS", "file:"+key)
	variable := regexp.MustCompile(`\$\{([A-Z0-9_]+)\}`)
	for name, needs := range map[string]config.Needs{
		"deploy/gatehouse.yaml": {Vendors: true}, "deploy/gateway.yaml": {Gateway: true}, "gatehouse.example.yaml": everything,
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, found := range variable.FindAllStringSubmatch(string(data), -1) {
			if _, set := os.LookupEnv(found[1]); !set {
				t.Setenv(found[1], base64.StdEncoding.EncodeToString(make([]byte, 32)))
			}
		}
		c, err := config.Load(path, needs)
		require.NoError(t, err, name)
		if strings.HasPrefix(name, "deploy/") && needs.Vendors {
			require.FileExists(t, c.Policy, name)
			require.Equal(t, "{}", c.Google.Credentials.Reveal(), name)
		}
	}
}
