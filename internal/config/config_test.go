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
	return strings.Split(strings.TrimPrefix(strings.TrimSpace(rest), "- "), "\n  - ")
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
		"slack.token is missing: set SLACK_TOKEN to the bot token of your own Slack app",
		"slack.channels.it is missing: the id of the IT channel, C…",
		"slack.channels.security is missing: the id of the security channel, C…",
		"jira.base_url is missing: write it as https://<site>.atlassian.net",
		"jira.token is missing: set JIRA_TOKEN to an API token",
		"jira.project is missing: the key of the project for IT's tickets",
		"jira.user is missing: the e-mail address the API token belongs to",
		"gateway: no webhook key; set gateway.bamboohr_keys or gateway.workday_keys, or every webhook is refused",
	}, problems(t, "workday: {base_url: 'https://wd5.workday.com'}\nbamboohr: {base_url: 'https://acme.bamboohr.com'}\n", everything))

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

func TestBadSettings(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	short := base64.StdEncoding.EncodeToString([]byte("s3cr3t-too-short"))
	replace := func(old, new string) string {
		require.Contains(t, worker, old)
		return strings.Replace(worker, old, new, 1)
	}
	plain := func(name, example string) string {
		return name + " is plain http, which would send credentials and personal data in clear: write it as " + example
	}
	const oneloginURL = "https://<subdomain>.onelogin.com"
	tests := map[string]struct {
		text string
		want []string
	}{
		"unknown key":                      {"onelogin:\n  clientid: s3cr3t\n", []string{`line 2, column 3: unknown field "clientid": correct the name or remove it`}},
		"unknown key beside a secret":      {"onelogin:\n  client_secret: s3cr3t\n  bse_url: x\n  client_id: s3cr3t\n", []string{`line 3, column 3: unknown field "bse_url": correct the name or remove it`}},
		"unknown section":                  {"okta: {token: s3cr3t}\n", []string{`line 1, column 1: unknown field "okta": correct the name or remove it`}},
		"a key twice":                      {"slack:\n  token: s3cr3t-1\n  token: s3cr3t-2\n", []string{"line 3, column 3: the key is set twice: remove one of them"}},
		"not YAML":                         {"slack: {token: s3cr3t\n", []string{"line 1, column 8: not valid YAML: check indentation, colons and quotes"}},
		"not YAML either":                  {"token: b: s3cr3t\n", []string{"line 1, column 8: not valid YAML: check indentation, colons and quotes"}},
		"a list for a text":                {"slack: {token: [s3cr3t]}\n", []string{"line 1, column 16: the value is of the wrong kind: write a text, in quotes if it looks like something else"}},
		"a text for a list":                {"gateway: {bamboohr_keys: s3cr3t}\n", []string{"line 1, column 26: the value is of the wrong kind: write a list"}},
		"a text for a section":             {"slack: s3cr3t\n", []string{"line 1, column 8: the value is of the wrong kind: write a section with keys of its own"}},
		"a number for a duration":          {"schedules: {workday: 15}\n", []string{"line 1, column 22: the value is of the wrong kind: write a duration such as 30s or 15m"}},
		"no duration":                      {"schedules: {workday: s3cr3t}\n", []string{"a duration cannot be read: write a number and a unit, such as 30s or 15m"}},
		"empty":                            {"", []string{"the file is empty: copy gatehouse.example.yaml and edit it"}},
		"only a comment":                   {"# later\n", []string{"the file is empty: copy gatehouse.example.yaml and edit it"}},
		"two documents":                    {worker + "---\npolicy: s3cr3t.yaml\n", []string{"the file has more than one YAML document: keep one"}},
		"http to another host":             {replace("https://acme.onelogin.com", "http://acme.onelogin.com"), []string{plain("onelogin.base_url", oneloginURL)}},
		"http to an address":               {replace("https://acme.bamboohr.com", "http://10.0.0.7:8080"), []string{plain("bamboohr.base_url", "https://<company>.bamboohr.com")}},
		"http to a host called localhost":  {replace("https://acme.atlassian.net", "http://localhost.evil.example"), []string{plain("jira.base_url", "https://<site>.atlassian.net")}},
		"http to workday":                  {replace("https://wd5.workday.com", "http://wd5.workday.com"), []string{plain("workday.base_url", "https://<host>.workday.com")}},
		"http to slack":                    {replace("token: s3cr3t-slack", "base_url: 'http://slack.com/api/', token: s3cr3t-slack"), []string{plain("slack.base_url", "https://slack.com/api/")}},
		"not a URL":                        {replace("https://acme.onelogin.com", "acme.onelogin.com"), []string{"onelogin.base_url is not an absolute http or https URL: write it as " + oneloginURL}},
		"another scheme":                   {replace("https://acme.onelogin.com", "ftp://acme.onelogin.com"), []string{"onelogin.base_url is not an absolute http or https URL: write it as " + oneloginURL}},
		"a password in a URL":              {replace("https://acme.onelogin.com", "https://u:s3cr3t@acme.onelogin.com"), []string{"onelogin.base_url must not hold a user, a query or a fragment: write it as " + oneloginURL}},
		"half a variable":                  {replace("https://acme.onelogin.com", "https://${HOST}.onelogin.com"), []string{"onelogin.base_url is not an absolute http or https URL: write it as " + oneloginURL}},
		"no port":                          {worker + "temporal: {}\n", nil},
		"listen without port":              {replace("gateway: {", "gateway: {listen: localhost, "), []string{`gateway.listen: "localhost" is not host:port; write 127.0.0.1:8480`}},
		"a pager":                          {worker + "pagerduty: {routing_key: 5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f, token: s3cr3t-token}\n", nil},
		"a short routing key":              {worker + "pagerduty: {routing_key: s3cr3t}\n", []string{"pagerduty.routing_key does not have 32 characters: copy the integration key of an Events API v2 integration"}},
		"a pager that pages nobody":        {worker + "pagerduty: {token: s3cr3t}\n", []string{"pagerduty.token is set and pagerduty.routing_key is not: nobody would be paged"}},
		"a routing key that is not set":    {worker + "pagerduty: {routing_key: '${NOT_SET}'}\n", []string{"pagerduty.routing_key is missing: the environment variable NOT_SET is not set"}},
		"a pager in clear":                 {worker + "pagerduty: {routing_key: 5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f, events_url: 'http://pager'}\n", []string{"pagerduty.events_url is plain http, which would send credentials and personal data in clear: write it as https://events.pagerduty.com"}},
		"an empty events secret":           {replace("[s3cr3t-callback]", "[s3cr3t-callback], onelogin_secrets: ['']"), []string{"gateway.onelogin_secrets[0] is missing: what the event webhook sends in its header, or remove the entry"}},
		"no events header":                 {replace("[s3cr3t-callback]", "[s3cr3t-callback], onelogin_secrets: [s3cr3t], onelogin_header: ''"), []string{"gateway.onelogin_header is missing: the name of the header that the event webhook sends its secret in"}},
		"an empty pager secret":            {replace("[s3cr3t-callback]", "[s3cr3t-callback], pagerduty_secrets: [s3cr3t, '']"), []string{"gateway.pagerduty_secrets[1] is missing: the secret that the webhook subscription was created with, or remove the entry"}},
		"a signing secret that is not set": {replace("[s3cr3t-callback]", "[s3cr3t-callback], slack_signing_secret: '${NOT_SET}'"), []string{"gateway.slack_signing_secret is missing: the environment variable NOT_SET is not set"}},
		"an empty webhook key":             {replace("[s3cr3t-hook]", "[s3cr3t-hook, '']"), []string{"gateway.bamboohr_keys[1] is missing: the webhook's private key, or remove the entry"}},
		"a deployment of Jira":             {replace("project: IT", "project: IT, deployment: server"), []string{`jira.deployment: "server" is neither cloud nor datacenter`}},
		"no time to wait":                  {replace("api_key: s3cr3t-bamboohr", "api_key: s3cr3t-bamboohr, timeout: 0s"), []string{"bamboohr.timeout must be longer than 0: write a duration such as 30s or 15m"}},
		"schedules that cannot be kept": {worker + "schedules: {events: 0s, zone: Mars/Base, review: {day: 31, at: \"6am\"}, mfa: {weekday: someday, at: \"25:00\"}}\n", []string{
			"schedules.events must be longer than 0: write a duration such as 30s or 15m",
			`schedules.zone: "Mars/Base" is not a time zone: write one such as Europe/Berlin`,
			"schedules.review.day is 31: write a day that every month has, 1 to 28",
			`schedules.review.at: "6am" is not a time of day: write one such as 06:00`,
			`schedules.mfa.weekday: "someday" is not a weekday: write one such as monday`,
			`schedules.mfa.at: "25:00" is not a time of day: write one such as 06:00`,
		}},
		"owners that nobody named":   {strings.Replace(worker, ", credential_owners: [100001, it.admin@acme.example]", "", 1), []string{"onelogin.credential_owners is missing: list the OneLogin users that made API credentials, by id or username, this program's own among them: a credential dies with its user. Write [] if no person's account owns one"}},
		"an owner that is none":      {strings.Replace(worker, "100001", `"*"`, 1), []string{"onelogin.credential_owners: one of the entries is neither the id nor the username of a user"}},
		"owners of a variable":       {strings.Replace(worker, "100001", `"${GATEHOUSE_TEST_NOT_SET}"`, 1), []string{"onelogin.credential_owners[0] is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set"}},
		"accounts read all the time": {worker + "schedules: {accounts: 1m}\n", []string{"schedules.accounts is 1m0s: write how often every account is read, from 10m0s to 24h0m0s"}},
		"accounts hardly ever read":  {worker + "schedules: {accounts: 48h}\n", []string{"schedules.accounts is 48h0m0s: write how often every account is read, from 10m0s to 24h0m0s"}},
		"polling all the time":       {worker + "schedules: {workday: 0s, bamboohr: -1m}\n", []string{"schedules.workday must be longer than 0: write a duration such as 30s or 15m", "schedules.bamboohr must be longer than 0: write a duration such as 30s or 15m"}},
		"an index ahead of itself":   {replace("project: IT", "project: IT, index_lag: -1s"), []string{"jira.index_lag is negative: write how long a new issue may stay invisible to searches, such as 2m"}},
		"google without its key": {worker + "google: {subject: robot@example.com}\n", []string{
			"google.credentials is missing: write file:/path of a service account's JSON key, or remove the section google",
		}},
		"google half filled in": {worker + "google: {credentials: s3cr3t, sender: nobody, index_lag: -1s, timeout: 0s, per_minute: 1, base_url: 'http://google.example'}\n", []string{
			"google.subject is missing: the address of the user that owns the spreadsheets",
			"google.sender is not an e-mail address",
			"google.folder_id is missing: the id of the Drive folder for spreadsheets, as in its URL",
			"google.base_url is plain http, which would send credentials and personal data in clear: write it as https://www.googleapis.com, or leave it out",
			"google.timeout must be longer than 0: write a duration such as 30s or 15m",
			"google.index_lag is negative: write how long a new file may stay invisible to searches, such as 2m",
			"google.per_minute must be at least 3 and google.cell_limit at least 1000",
		}},
		"alerts to Slack":                 {worker + "alerts: {url: 'https://hooks.slack.com/services/T0/B0/s3cr3t'}\n", nil},
		"alerts to a receiver":            {worker + "alerts: {url: 'https://alerts.example/in?token=s3cr3t', secret: s3cr3t, ping_url: 'https://ping.example/s3cr3t'}\n", nil},
		"alerts that nobody can trust":    {worker + "alerts: {url: 'https://alerts.example/s3cr3t'}\n", []string{"alerts.secret is missing: what the receiver checks signatures with; make one with: openssl rand -hex 32"}},
		"alerts that nobody gets":         {worker + "alerts: {secret: s3cr3t}\n", []string{"alerts.secret is set and alerts.url is not: nobody would be alerted"}},
		"alerts whose address is not set": {worker + "alerts: {url: '${NOT_SET}', secret: '${NOT_SET_2}'}\n", []string{"alerts.secret is missing: the environment variable NOT_SET_2 is not set", "alerts.url is missing: the environment variable NOT_SET is not set"}},
		"alerts in clear": {worker + "alerts: {url: 'http://alerts.example/s3cr3t', secret: s3cr3t, ping_url: 'ftp://ping.example/s3cr3t'}\n", []string{
			"alerts.url is plain http, where others can read and forge what is sent: use https",
			"alerts.ping_url is not an absolute http or https URL",
		}},
		"alerts at no pace": {worker + "alerts: {url: 'https://u:s3cr3t@alerts.example', secret: s3cr3t, format: xml, check_every: 0s, repeat_every: -1h, grace: -1s}\n", []string{
			"alerts.url must not hold a user or a fragment",
			`alerts.format: "xml" is neither json nor slack`,
			"alerts.check_every must be longer than 0: write a duration such as 30s or 15m",
			"alerts.repeat_every must be longer than 0: write a duration such as 30s or 15m",
			"alerts.grace is negative: write how long a departure may be late before it is announced, such as 1m",
		}},
		"a ping faster than the watch":              {worker + "alerts: {ping_url: 'https://ping.example', ping_every: 10s}\n", []string{"alerts.ping_every is shorter than alerts.check_every, which is how often there is anything to say: lengthen it"}},
		"no active key":                             {worker + "encryption: {keys: {a: " + key + "}}\n", []string{`encryption.active: "" is not among encryption.keys`}},
		"another active key":                        {worker + "encryption: {active: b, keys: {a: " + key + "}}\n", []string{`encryption.active: "b" is not among encryption.keys`}},
		"an active key and no keys":                 {worker + "encryption: {active: a}\n", []string{`encryption.active: "a" is not among encryption.keys`}},
		"a short key":                               {worker + "encryption: {active: a, keys: {a: " + short + "}}\n", []string{"encryption.keys.a: not 32 bytes in base64; make one with: openssl rand -base64 32"}},
		"keys that are not base64":                  {worker + "encryption: {active: a, keys: {b: 's3cr3t!', a: 's3cr3t?'}}\n", []string{"encryption.keys.a: not 32 bytes in base64; make one with: openssl rand -base64 32", "encryption.keys.b: not 32 bytes in base64; make one with: openssl rand -base64 32"}},
		"a secret file that is not there":           {replace("s3cr3t-slack", "file:/nowhere/slack"), []string{"slack.token: the secret file cannot be read: no such file or directory"}},
		"a secret file that is not there, relative": {replace("s3cr3t-slack", "file:slack"), []string{"slack.token: the secret file cannot be read: no such file or directory; its path is relative to the directory of this file"}},
		"variables that are not set": {
			replace("s3cr3t-slack", "'${GATEHOUSE_TEST_UNSET}'") + "ledger: {url: '${GATEHOUSE_TEST_UNSET_1}', digest_key: '${GATEHOUSE_TEST_UNSET_2}'}\nencryption: {active: a, keys: {a: '${GATEHOUSE_TEST_UNSET_3}'}}\n",
			[]string{
				"ledger.url is missing: the environment variable GATEHOUSE_TEST_UNSET_1 is not set",
				"ledger.digest_key is missing: the environment variable GATEHOUSE_TEST_UNSET_2 is not set",
				"encryption.keys.a is missing: the environment variable GATEHOUSE_TEST_UNSET_3 is not set",
				"slack.token is missing: the environment variable GATEHOUSE_TEST_UNSET is not set",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.want == nil {
				_, err := config.Load(write(t, tt.text), everything)
				require.NoError(t, err)
				return
			}
			require.Equal(t, tt.want, problems(t, tt.text, everything))
		})
	}
	_, err := config.Load("testdata/nowhere.yaml", everything)
	require.EqualError(t, err, "read the configuration: open testdata/nowhere.yaml: no such file or directory; copy gatehouse.example.yaml and edit it")
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
