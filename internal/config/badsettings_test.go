package config_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
)

func TestBadSettings(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(make([]byte, 32))
	short := base64.StdEncoding.EncodeToString([]byte("s3cr3t-too-short"))
	replace := func(old, new string) string {
		require.Contains(t, worker, old)
		return strings.Replace(worker, old, new, 1)
	}
	plain := func(name, example string) string {
		return name + " is plain http, which would send credentials and personal data in the clear: write it as " + example
	}
	const oneloginURL = "https://<subdomain>.onelogin.com"
	tests := map[string]struct {
		text string
		want []string
	}{
		"unknown key":                 {"onelogin:\n  clientid: s3cr3t\n", []string{`2:3: unknown key "clientid" in onelogin (did you mean "client_id"?); known keys: base_url, client_id, client_secret, timeout, credential_owners`}},
		"unknown key beside a secret": {"onelogin:\n  client_secret: s3cr3t\n  bse_url: x\n  client_id: s3cr3t\n", []string{`3:3: unknown key "bse_url" in onelogin (did you mean "base_url"?); known keys: base_url, client_id, client_secret, timeout, credential_owners`}},
		"unknown section":             {"okta: {token: s3cr3t}\n", []string{`1:1: unknown key "okta" in the configuration; known keys: policy, ledger, temporal, gateway, onelogin, workday, bamboohr, slack, mail, jira, google, systems, pagerduty, events, encryption, schedules, alerts, deciders, agents`}},
		"a key twice":                 {"slack:\n  token: s3cr3t-1\n  token: s3cr3t-2\n", []string{"3:3: slack.token is set twice, first on line 2: remove one of them"}},
		"not YAML":                    {"slack: {token: s3cr3t\n", []string{"1:8: not valid YAML: check indentation, colons and quotes"}},
		"everything at once": {"slack: {token: [s3cr3t], tokn: s3cr3t}\nokta: s3cr3t\nschedules: {workday: s3cr3t, mfa: {at: 08:00}}\n", []string{
			"1:16: slack.token must be a text, not a list",
			`1:26: unknown key "tokn" in slack (did you mean "token"?); known keys: base_url, token, channels`,
			`2:1: unknown key "okta" in the configuration; known keys: policy, ledger, temporal, gateway, onelogin, workday, bamboohr, slack, mail, jira, google, systems, pagerduty, events, encryption, schedules, alerts, deciders, agents`,
			"3:22: schedules.workday: the value is not a duration: write a number and a unit, like 15m, 12h or 7d",
		}},
		"a number that would not stay":     {"jira: {project: 0123}\n", []string{"1:17: jira.project is a number to YAML and would not stay as it is written: put it in quotes"}},
		"an anchor":                        {"slack: {token: &a s3cr3t}\n", []string{"1:16: slack.token must be a text, not a YAML anchor, alias or tag"}},
		"no number":                        {"google: {per_minute: s3cr3t}\n", []string{"1:22: google.per_minute must be a whole number, not a text"}},
		"a column of no variable":          {replace("worker_report: Worker", "worker_report: Worker\n  columns: {status: '${GATEHOUSE_TEST_NOT_SET}'}"), []string{"workday.columns.status is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set"}},
		"a spreadsheet of no variable":     {worker + "google: {credentials: s3cr3t, subject: robot@example.com, spreadsheets: {mfa: '${GATEHOUSE_TEST_NOT_SET}'}}\n", []string{"google.spreadsheets.mfa is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set"}},
		"not YAML either":                  {"token: b: s3cr3t\n", []string{"1:8: not valid YAML: check indentation, colons and quotes"}},
		"a list for a text":                {"slack: {token: [s3cr3t]}\n", []string{"1:16: slack.token must be a text, not a list"}},
		"a text for a list":                {"gateway: {bamboohr_keys: s3cr3t}\n", []string{"1:26: gateway.bamboohr_keys must be a list, not a text"}},
		"a text for a section":             {"slack: s3cr3t\n", []string{"1:8: slack must be a mapping of keys to values, not a text"}},
		"a number for a duration":          {"schedules: {workday: 15}\n", []string{"1:22: schedules.workday must be a duration with a unit, like 15m or 7d, not a number"}},
		"no duration":                      {"schedules: {workday: s3cr3t}\n", []string{"1:22: schedules.workday: the value is not a duration: write a number and a unit, like 15m, 12h or 7d"}},
		"empty":                            {"", []string{"1:1: the file is empty: copy gatehouse.example.yaml and edit it"}},
		"only a comment":                   {"# later\n", []string{"1:1: the file is empty: copy gatehouse.example.yaml and edit it"}},
		"two documents":                    {worker + "---\npolicy: s3cr3t.yaml\n", []string{"18:7: the file has more than one YAML document: keep one"}},
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
		"listen without port":              {replace("gateway: {", "gateway: {listen: localhost, "), []string{`gateway.listen is not host:port: write 127.0.0.1:8480`}},
		"listen on no port":                {replace("gateway: {", "gateway: {listen: '127.0.0.1:99999', "), []string{"gateway.listen has a port that there is not: write one from 1 to 65535"}},
		"listen on a word":                 {replace("gateway: {", "gateway: {listen: '127.0.0.1:web', "), []string{"gateway.listen has a port that there is not: write one from 1 to 65535"}},
		"listen on any port":               {replace("gateway: {", "gateway: {listen: '127.0.0.1:0', "), nil},
		"a ledger in MySQL":                {worker + "ledger: {url: 'mysql://gatehouse:s3cr3t@db/gatehouse'}\n", []string{"ledger.url has a scheme in which no ledger is kept: write a file name, or a postgres:// URL"}},
		"a ledger nowhere":                 {worker + "ledger: {url: 'mysql://'}\n", []string{"ledger.url has a scheme in which no ledger is kept: write a file name, or a postgres:// URL"}},
		"a ledger in no file":              {worker + "ledger: {url: 'sqlite://'}\n", []string{"ledger.url says nothing behind its scheme: write a file name, or a postgres:// URL"}},
		"a ledger behind no port":          {worker + "ledger: {url: 'postgres://gatehouse:s3cr3t@db:99999/gatehouse'}\n", []string{"ledger.url has a port that there is not: write one from 1 to 65535"}},
		"a ledger in PostgreSQL":           {worker + "ledger: {url: 'postgres://gatehouse:s3cr3t@db:5432/gatehouse'}\n", nil},
		"a vendor behind no port":          {replace("https://acme.onelogin.com", "https://acme.onelogin.com:99999"), []string{"onelogin.base_url has a port that there is not: write it as " + oneloginURL}},
		"alerts behind no port":            {worker + "alerts: {url: 'https://alerts.example:99999/s3cr3t', secret: s3cr3t}\n", []string{"alerts.url has a port that there is not: write one from 1 to 65535"}},
		"a pager":                          {worker + "pagerduty: {routing_key: 5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f, token: s3cr3t-token}\n", nil},
		"a short routing key":              {worker + "pagerduty: {routing_key: s3cr3t}\n", []string{"pagerduty.routing_key does not have 32 characters: copy the integration key of an Events API v2 integration"}},
		"a pager that pages nobody":        {worker + "pagerduty: {token: s3cr3t}\n", []string{"pagerduty.token is set and pagerduty.routing_key is not: nobody would be paged"}},
		"a routing key that is not set":    {worker + "pagerduty: {routing_key: '${NOT_SET}'}\n", []string{"pagerduty.routing_key is missing: the environment variable NOT_SET is not set"}},
		"a pager in clear":                 {worker + "pagerduty: {routing_key: 5a6d70c0ffee4b0d8e6f1a2b3c4d5e6f, events_url: 'http://pager'}\n", []string{"pagerduty.events_url is plain http, which would send credentials and personal data in the clear: write it as https://events.pagerduty.com"}},
		"an empty events secret":           {replace("[s3cr3t-callback]", "[s3cr3t-callback], onelogin_secrets: ['']"), []string{"gateway.onelogin_secrets[0] is missing: what the event webhook sends in its header, or remove the entry"}},
		"no events header":                 {replace("[s3cr3t-callback]", "[s3cr3t-callback], onelogin_secrets: [s3cr3t], onelogin_header: ''"), []string{"gateway.onelogin_header is missing: the name of the header that the event webhook sends its secret in"}},
		"an empty pager secret":            {replace("[s3cr3t-callback]", "[s3cr3t-callback], pagerduty_secrets: [s3cr3t, '']"), []string{"gateway.pagerduty_secrets[1] is missing: the secret that the webhook subscription was created with, or remove the entry"}},
		"a signing secret that is not set": {replace("[s3cr3t-callback]", "[s3cr3t-callback], slack_signing_secret: '${NOT_SET}'"), []string{"gateway.slack_signing_secret is missing: the environment variable NOT_SET is not set"}},
		"an empty webhook key":             {replace("[s3cr3t-hook]", "[s3cr3t-hook, '']"), []string{"gateway.bamboohr_keys[1] is missing: the webhook's private key, or remove the entry"}},
		"a deployment of Jira":             {replace("project: IT", "project: IT, deployment: server"), []string{`jira.deployment is neither cloud nor datacenter`}},
		"no time to wait":                  {replace("api_key: s3cr3t-bamboohr", "api_key: s3cr3t-bamboohr, timeout: 0s"), []string{"bamboohr.timeout must be longer than 0: write a duration such as 30s or 15m"}},
		"schedules that cannot be kept": {worker + "schedules: {events: 0s, zone: Mars/Base, review: {day: 31, at: \"6am\"}, mfa: {weekday: someday, at: \"25:00\"}}\n", []string{
			"schedules.events must be longer than 0: write a duration such as 30s or 15m",
			`schedules.zone is not a time zone: write one such as Europe/Berlin`,
			"schedules.review.day is 31: write a day that every month has, 1 to 28",
			`schedules.review.at: not a time of day: write one such as 06:00`,
			`schedules.mfa.weekday is not a weekday: write one such as monday`,
			`schedules.mfa.at: not a time of day: write one such as 06:00`,
		}},
		"sponsors that are never looked at": {worker + "schedules: {sponsored: 48h}\n", []string{"schedules.sponsored is 48h0m0s: write how often sponsored people are compared, from 1m0s to 24h0m0s, or leave it out if there are none"}},
		"sponsors looked at all the time":   {worker + "schedules: {sponsored: 1s}\n", []string{"schedules.sponsored is 1s: write how often sponsored people are compared, from 1m0s to 24h0m0s, or leave it out if there are none"}},
		"owners that nobody named":          {strings.Replace(worker, ", credential_owners: [100001, it.admin@acme.example]", "", 1), []string{"onelogin.credential_owners is missing: list the OneLogin users that made API credentials, by id or username, this program's own among them: a credential dies with its user. Write [] if no person's account owns one"}},
		"an owner that is none":             {strings.Replace(worker, "100001", `"*"`, 1), []string{"onelogin.credential_owners: one of the entries is neither the id nor the username of a user"}},
		"owners of a variable":              {strings.Replace(worker, "100001", `"${GATEHOUSE_TEST_NOT_SET}"`, 1), []string{"onelogin.credential_owners[0] is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set"}},
		"accounts read all the time":        {worker + "schedules: {accounts: 1m}\n", []string{"schedules.accounts is 1m0s: write how often every account is read, from 10m0s to 24h0m0s"}},
		"accounts hardly ever read":         {worker + "schedules: {accounts: 48h}\n", []string{"schedules.accounts is 48h0m0s: write how often every account is read, from 10m0s to 24h0m0s"}},
		"systems read all the time":         {worker + "schedules: {systems: 10s}\n", []string{"schedules.systems is 10s: write how often each system beside OneLogin is read, from 1m0s to 12h0m0s"}},
		"systems hardly ever read":          {worker + "schedules: {systems: 24h}\n", []string{"schedules.systems is 24h0m0s: write how often each system beside OneLogin is read, from 1m0s to 12h0m0s"}},
		"comparing all the time":            {worker + "schedules: {reconcile: 10s}\n", []string{"schedules.reconcile is 10s: write how often those who have left are compared with their accounts, from 1m0s to 1h0m0s"}},
		"hardly ever comparing":             {worker + "schedules: {reconcile: 6h}\n", []string{"schedules.reconcile is 6h0m0s: write how often those who have left are compared with their accounts, from 1m0s to 1h0m0s"}},
		"everybody once a month":            {worker + "schedules: {everybody: 720h}\n", []string{"schedules.everybody is 720h0m0s: write how often everybody is compared with their account, from schedules.reconcile to 168h0m0s"}},
		"everybody before the few":          {worker + "schedules: {everybody: 10m}\n", []string{"schedules.everybody is 10m0s: write how often everybody is compared with their account, from schedules.reconcile to 168h0m0s"}},
		"polling all the time":              {worker + "schedules: {workday: 0s, bamboohr: -1m}\n", []string{"schedules.workday must be longer than 0: write a duration such as 30s or 15m", "schedules.bamboohr must be longer than 0: write a duration such as 30s or 15m"}},
		"an index ahead of itself":          {replace("project: IT", "project: IT, index_lag: -1s"), []string{"jira.index_lag is negative: write how long a new issue may stay invisible to searches, such as 2m"}},
		"google without its key": {worker + "google: {subject: robot@example.com}\n", []string{
			"google.credentials is missing: write file:/path of a service account's JSON key, or remove the section google",
		}},
		"google half filled in": {worker + "google: {credentials: s3cr3t, sender: nobody, index_lag: -1s, timeout: 0s, per_minute: 1, base_url: 'http://google.example'}\n", []string{
			"google.subject is missing: the address of the user that owns the spreadsheets",
			"google.sender is not an e-mail address",
			"google.folder_id is missing: the id of the Drive folder for spreadsheets, as in its URL",
			"google.base_url is plain http, which would send credentials and personal data in the clear: write it as https://www.googleapis.com, or leave it out",
			"google.timeout must be longer than 0: write a duration such as 30s or 15m",
			"google.index_lag is negative: write how long a new file may stay invisible to searches, such as 2m",
			"google.per_minute must be at least 3 and google.cell_limit at least 1000",
		}},
		"alerts to Slack":                 {worker + "alerts: {url: 'https://hooks.slack.com/services/T0/B0/s3cr3t'}\n", nil},
		"alerts to a receiver":            {worker + "alerts: {url: 'https://alerts.example/in?token=s3cr3t', secret: s3cr3t, ping_url: 'https://ping.example/s3cr3t'}\n", nil},
		"alerts that nobody can trust":    {worker + "alerts: {url: 'https://alerts.example/s3cr3t'}\n", []string{"alerts.secret is missing: what the receiver checks signatures with; make one with: openssl rand -hex 32"}},
		"deciders who sign in":            {worker + "deciders: {issuer: 'https://acme.onelogin.com/oidc/2', client_id: gatehouse}\n", nil},
		"deciders without a client":       {worker + "deciders: {issuer: 'https://acme.onelogin.com/oidc/2'}\n", []string{"deciders.client_id is missing: the id of a public client that may use the device flow"}},
		"alerts that nobody gets":         {worker + "alerts: {secret: s3cr3t}\n", []string{"alerts.secret is set and alerts.url is not: nobody would be alerted"}},
		"alerts whose address is not set": {worker + "alerts: {url: '${NOT_SET}', secret: '${NOT_SET_2}'}\n", []string{"alerts.secret is missing: the environment variable NOT_SET_2 is not set", "alerts.url is missing: the environment variable NOT_SET is not set"}},
		"alerts in clear": {worker + "alerts: {url: 'http://alerts.example/s3cr3t', secret: s3cr3t, ping_url: 'ftp://ping.example/s3cr3t'}\n", []string{
			"alerts.url is plain http, where others can read and forge what is sent: use https",
			"alerts.ping_url is not an absolute http or https URL",
		}},
		"alerts at no pace": {worker + "alerts: {url: 'https://u:s3cr3t@alerts.example', secret: s3cr3t, format: xml, check_every: 0s, repeat_every: -1h, grace: -1s}\n", []string{
			"alerts.url must not hold a user or a fragment",
			`alerts.format is neither json nor slack`,
			"alerts.check_every must be longer than 0: write a duration such as 30s or 15m",
			"alerts.repeat_every must be longer than 0: write a duration such as 30s or 15m",
			"alerts.grace is negative: write how long a departure may be late before it is announced, such as 1m",
		}},
		"a ping faster than the watch":              {worker + "alerts: {ping_url: 'https://ping.example', ping_every: 10s}\n", []string{"alerts.ping_every is shorter than alerts.check_every, which is how often there is anything to say: make it longer"}},
		"no active key":                             {worker + "encryption: {keys: {a: " + key + "}}\n", []string{`encryption.active is not the name of one of encryption.keys`}},
		"another active key":                        {worker + "encryption: {active: b, keys: {a: " + key + "}}\n", []string{`encryption.active is not the name of one of encryption.keys`}},
		"an active key and no keys":                 {worker + "encryption: {active: a}\n", []string{`encryption.active is not the name of one of encryption.keys`}},
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

// TestNoValueIsQuoted: a secret that was put where it does not belong is not shown for it.
func TestNoValueIsQuoted(t *testing.T) {
	t.Parallel()
	const secret = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
	for _, name := range []string{
		"encryption.active", "jira.deployment", "schedules.zone", "schedules.mfa.weekday", "schedules.mfa.at", "schedules.review.at", "alerts.format", "gateway.listen",
		"jira.url", "onelogin.base_url", "temporal.address", "log.level", "ledger.url",
	} {
		section, key, _ := strings.Cut(name, ".")
		text := section + ":\n  " + key + ": " + secret + "\n"
		if outer, inner, deeper := strings.Cut(key, "."); deeper {
			text = section + ":\n  " + outer + ": {" + inner + ": " + secret + "}\n"
		}
		_, err := config.Load(write(t, text), everything)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), secret, name)
	}
}
