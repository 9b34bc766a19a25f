package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/httpx"
	"gatehouse/test/kit"
)

// TestBadInput shows, for everything that people and systems get wrong, what they are told: where it is and what to do.
func TestBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		input string
		told  func(b *bench, input string) string
		want  string
	}{
		"policy: unknown key": {
			input: `leavr: {disable_at: "18:00"}`,
			told:  inPolicy(`# more`),
			want: `policy.yaml:14:1: unknown key "leavr" in the policy (did you mean "leaver"?); known keys: company, locations, ` +
				`naming, roles, accounts, access, joiner, mover, leaver, mfa, events, review, safety, modes, messages, deciders, agents, agents_canaries, sponsored, systems, attributes, tables, end`,
		},
		"policy: unknown key in a rule": {
			input: `role: [Sales]`,
			told:  inPolicy(`roles: [Sales, Salesforce]`),
			want: `policy.yaml:12:7: unknown key "role" in access.rules[1] (did you mean "roles"?); known keys: name, when, group, ` +
				`roles, accounts, groups, priority, keep_old_access`,
		},
		"policy: unknown field in a condition": {
			input: `person.departmnt == "Sales"`,
			told:  inPolicy(`person.department == "Sales"`),
			want: `policy.yaml:10:19: access.rules[1].when: person has no field "departmnt" (did you mean "department"?); known fields: ` +
				`key, source, employee_id, first_name, last_name, department, title, location, company, employment_type, standing, ` +
				`zone, manager_id, work_email`,
		},
		"policy: one = too few": {
			input: `person.department = "Sales"`,
			told:  inPolicy(`person.department == "Sales"`),
			want: `policy.yaml:10:31: access.rules[1].when: token recognition error at: '= ': to compare, write ==
policy.yaml:10:33: access.rules[1].when: Syntax error: extraneous input '"Sales"' expecting <EOF>`,
		},
		"policy: a condition that is none": {
			input: `person.title`,
			told:  inPolicy(`person.department == "Sales"`),
			want:  `policy.yaml:10:13: access.rules[1].when must answer true or false, but is of type string: compare it with something`,
		},
		"policy: a role that OneLogin does not have": {
			input: `roles: [Sales, Salesfroce]`,
			told:  inPolicy(`roles: [Sales, Salesforce]`),
			want:  `policy.yaml:12:22: OneLogin has no role "Salesfroce" (did you mean "Salesforce"?): create it there or correct the name`,
		},
		"policy: a group that OneLogin does not have": {
			input: `group: Sails`,
			told:  inPolicy(`group: Sales`),
			want:  `policy.yaml:11:14: OneLogin has no group "Sails" (did you mean "Sales"?): create it there or correct the name`,
		},
		"policy: external ids of two HR sources that look alike": {
			input: `naming: {match_external_ids: ["{key}", "emp-{employee_id}"]}`,
			told:  inPolicy(`# more`),
			want: `policy.yaml:14:40: naming.match_external_ids: "emp-{employee_id}" cannot tell workday and bamboohr apart, which may use one ` +
				`employee id for two people: use {key}, or put {source} in it`,
		},
		"policy: a review that nobody gets": {
			input: `review: {dormant_after: 90d}`,
			told:  inPolicy(`# more`),
			want:  `policy.yaml:14:9: review.compliance is missing: name the e-mail address that gets the finished review`,
		},
		"policy: a reviewer without an address": {
			input: `review: {compliance: compliance@acme.example, reviewers: [the auditors]}`,
			told:  inPolicy(`# more`),
			want:  `policy.yaml:14:59: review.reviewers[0]: "the auditors" is not an e-mail address`,
		},
		"policy: everybody is dormant": {
			input: `review: {compliance: compliance@acme.example, dormant_after: 0d}`,
			told:  inPolicy(`# more`),
			want:  `policy.yaml:14:62: review.dormant_after cannot be 0: write a duration like 15m or 7d`,
		},
		"policy: a privileged role that OneLogin does not have": {
			input: `review: {compliance: compliance@acme.example, privileged: [AWS Admn]}`,
			told:  inPolicy(`# more`),
			want:  `policy.yaml:14:60: OneLogin has no role "AWS Admn" (did you mean "AWS Admin"?): create it there or correct the name`,
		},
		"configuration: Google without a key": {
			input: goodConfig + "google: {subject: robot@acme.example, folder_id: 1Folder}\n",
			told:  configuration(config.Needs{Vendors: true}),
			want: `gatehouse.yaml:
  - 5:9: google.credentials is missing: write file:/path of a service account's JSON key, or remove the section google`,
		},
		"configuration: Google without a place": {
			input: goodConfig + "google: {credentials: x, subject: the robot, sender: it, per_minute: 1, index_lag: -1s}\n",
			told:  configuration(config.Needs{Vendors: true}),
			want: `gatehouse.yaml:
  - 5:35: google.subject is not an e-mail address
  - 5:54: google.sender is not an e-mail address
  - 5:9: google.folder_id is missing: the id of the Drive folder for spreadsheets, as in its URL
  - 5:84: google.index_lag is negative: write how long a new file may stay invisible to searches, such as 2m
  - 5:70: google.per_minute must be at least 3 and google.cell_limit at least 1000`,
		},
		"configuration: a Google key that is none": {
			input: `{"type": "authorized_user"}`,
			told:  googleKey,
			want:  `google: the credentials are not the JSON key of a service account: download one in the Google Cloud console and set google.credentials to file:/path`,
		},
		"configuration: missing credentials": {
			input: "onelogin: {base_url: \"https://acme.onelogin.com\", client_id: id}\nbamboohr: {base_url: \"https://acme.bamboohr.com\"}\n" +
				"slack: {token: t, channels: {it: C1, security: C2}}\njira: {base_url: \"https://acme.atlassian.net\", user: u, project: IT}\n",
			told: configuration(config.Needs{Vendors: true}),
			want: `gatehouse.yaml:
  - 1:11: onelogin.client_secret is missing: set ONELOGIN_CLIENT_SECRET or use file:/path
  - 1:11: onelogin.credential_owners is missing: list the OneLogin users that made API credentials, by id or username, this program's own among them: a credential dies with its user. Write [] if no person's account owns one
  - 2:11: bamboohr.api_key is missing: set BAMBOOHR_API_KEY or use file:/path
  - 4:7: jira.token is missing: set JIRA_TOKEN to an API token, or remove the section jira`,
		},
		"configuration: nothing to read before switching on": {
			input: "policy: policy.yaml\n",
			told:  configuration(config.Needs{Directory: true}),
			want: `gatehouse.yaml:
  - onelogin.base_url is missing: write it as https://<subdomain>.onelogin.com
  - onelogin.client_id is missing: create an API credential with scope Manage All in OneLogin
  - onelogin.client_secret is missing: set ONELOGIN_CLIENT_SECRET or use file:/path
  - no HR source: set workday.base_url or bamboohr.base_url`,
		},
		"configuration: a variable that is not set": {
			input: "gateway: {workday_keys: [\"${GATEHOUSE_TEST_NOT_SET}\"]}\n",
			told:  configuration(config.Needs{Gateway: true}),
			want: `gatehouse.yaml:
  - 1:26: gateway.workday_keys[0] is missing: the environment variable GATEHOUSE_TEST_NOT_SET is not set`,
		},
		"configuration: alerts that nobody can check": {
			input: goodConfig + "alerts: {url: \"https://alerts.example/in\", grace: -1s, check_every: 0s}\n",
			told:  configuration(config.Needs{Vendors: true}),
			want: `gatehouse.yaml:
  - 5:9: alerts.secret is missing: what the receiver checks signatures with; make one with: openssl rand -hex 32
  - 5:69: alerts.check_every must be longer than 0: write a duration such as 30s or 15m
  - 5:51: alerts.grace is negative: write how long a departure may be late before it is announced, such as 1m`,
		},
		"configuration: alerts without an address": {
			input: goodConfig + "alerts: {secret: x, ping_url: \"http://ping.example\"}\n",
			told:  configuration(config.Needs{Vendors: true}),
			want: `gatehouse.yaml:
  - 5:31: alerts.ping_url is plain http, where others can read and forge what is sent: use https
  - 5:18: alerts.secret is set and alerts.url is not: nobody would be alerted`,
		},
		"configuration: unknown key": {
			input: "onelogin:\n  client_secrte: x\n",
			told:  configuration(config.Needs{}),
			want: `gatehouse.yaml:2:3: unknown key "client_secrte" in onelogin (did you mean "client_secret"?); known keys: base_url, client_id, ` +
				`client_secret, timeout, credential_owners`,
		},
		"starter: no ledger where the configuration says": {
			input: "elsewhere/ledger.db",
			told:  steering,
			want: "open ledger: there is no ledger at DIR/elsewhere/ledger.db. Nothing was done. The programs `worker` and `starter serve` " +
				"make the ledger when they first start; this command only steers: name the configuration that they run with (--config), " +
				"or correct ledger.url",
		},
		"order: roles that OneLogin does not have": {
			input: "AWS admin, Rocketry, Jira",
			told:  ordered(false),
			want:  `OneLogin has no role "AWS admin" (did you mean "AWS Admin"?); OneLogin has no role "Rocketry"`,
		},
		"order: a group that OneLogin does not have": {
			input: "MFA require",
			told:  ordered(true),
			want:  `OneLogin has no group "MFA require" (did you mean "MFA required"?)`,
		},
		"webhook: malformed": {
			input: `{"employees": [`,
			told:  webhook(true),
			want:  `400 {"status":"bamboohr webhook: the body is not JSON; set the webhook's format to json"}`,
		},
		"webhook: an id that is none": {
			input: `{"employees": [{"id": "../../accounts"}]}`,
			told:  webhook(true),
			want:  `202 {"status":"accepted"}`,
		},
		"webhook: signed with another key": {
			input: `{"employees": [{"id": "101"}]}`,
			told:  webhook(false),
			want:  `401 {"status":"bamboohr webhook: the signature fits none of the configured keys; check the webhook's private key"}`,
		},
		"HR: no start date": {
			input: "hire_date",
			told:  withoutField("workday", false),
			want: "attention field_missing it@acme.example: the source did not send hire_date, without which nothing can be decided: " +
				"check the field and the permissions of the source's credential; if the person has left, order a containment",
		},
		"HR: no start date in BambooHR": {
			input: "hire_date",
			told:  withoutField("bamboohr", false),
			want: "attention field_missing it@acme.example: the source did not send hire_date, without which nothing can be decided: " +
				"check the field and the permissions of the source's credential; if the person has left, order a containment",
		},
		"HR: no department": {
			input: "department",
			told:  withoutField("workday", true),
			want: "join field_missing it@acme.example: the source did not send department: until it does, no role is taken and no group changed\n" +
				"no_department it@acme.example: no department is known, so that only rules for everyone apply: set one in the source",
		},
		"HR: no department in BambooHR": {
			input: "department",
			told:  withoutField("bamboohr", true),
			want: "join field_missing it@acme.example: the source did not send department: until it does, no role is taken and no group changed\n" +
				"no_department it@acme.example: no department is known, so that only rules for everyone apply: set one in the source",
		},
		"HR: no manager": {
			input: "manager_id",
			told:  withoutField("bamboohr", true),
			want:  "join no_manager it@acme.example: no manager is known: set one in the source, or whoever owns this is told instead",
		},
		"HR: active, and gone for weeks": {
			input: "today-40",
			told:  endingOn("workday-21003"),
			want: "attention status_contradicts_end it@acme.example: the source says that this person works here, but also that they left days ago: " +
				"remove the old end from the record, or terminate the person there; if they have left, order a containment",
		},
		"HR: an end before the first day": {
			input: "1999-12-31",
			told:  endingOn("workday-21003"),
			want:  "none dates_disagree it@acme.example: the record still carries an end before its first day, which does not count: remove it in the source",
		},
		"HR: an end that nobody will see": {
			input: "9999-12-31",
			told:  endingOn("workday-21003"),
			want:  "none ",
		},
		"HR: an end that is no date": {
			input: "raw:soon",
			told:  endingOn("workday-21003"),
			want: "attention field_missing it@acme.example: the source did not send last_day, without which nothing can be decided: " +
				"check the field and the permissions of the source's credential; if the person has left, order a containment",
		},
		"HR: a column taken out of the report": {
			input: "Hire_Date",
			told:  withoutColumn,
			want: "attention field_missing it@acme.example: the source did not send hire_date, without which nothing can be decided: " +
				"check the field and the permissions of the source's credential; if the person has left, order a containment",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.told(newBench(t), tt.input))
		})
	}
}

// ordered asks for roles or a group by name.
func ordered(group bool) func(*bench, string) string {
	return func(b *bench, input string) string {
		roles, groups := strings.Split(input, ", "), []string(nil)
		if group {
			roles, groups = nil, roles
		}
		unknown, asked, err := b.app.UnknownNames(b.t.Context(), roles, groups)
		require.NoError(b.t, err)
		require.True(b.t, asked)
		return strings.Join(unknown, "; ")
	}
}

// steering opens Gatehouse as a command of starter does, with a path of the ledger.
func steering(b *bench, path string) string {
	dir := b.t.TempDir()
	c := *b.config
	c.Ledger.URL = httpx.Secret(filepath.Join(dir, path))
	_, err := app.Open(b.t.Context(), &c, app.Options{Temporal: b.temporal, Steering: true})
	require.Error(b.t, err)
	return strings.ReplaceAll(err.Error(), dir, "DIR")
}

// smallPolicy is a policy that is valid for the sandbox's tenant.
const smallPolicy = `company: {zone: Europe/Berlin, domain: acme.example}
access:
  rules:
    - name: everyone
      when: "true"
      group: Default
      roles: [Everyone]
      priority: -10
    - name: sales
      when: person.department == "Sales"
      group: Sales
      roles: [Sales, Salesforce]
leaver: {fallback_owner: it@acme.example}
# more
safety: {protected: []}
modes: {}
end: policy
`

// goodConfig is a configuration that lacks nothing.
const goodConfig = "onelogin: {base_url: \"https://acme.onelogin.com\", client_id: id, client_secret: s, credential_owners: []}\n" +
	"bamboohr: {base_url: \"https://acme.bamboohr.com\", api_key: k}\nslack: {token: t, channels: {it: C1, security: C2}}\n" +
	"jira: {base_url: \"https://acme.atlassian.net\", user: u, token: t, project: IT}\n"

// googleKey starts Gatehouse with the input as the key of Google's service account.
func googleKey(b *bench, input string) string {
	b.config.Google = kit.Google("http://127.0.0.1:1")
	b.config.Google.Credentials = httpx.Secret(input)
	_, err := b.app.Vendors()
	require.Error(b.t, err)
	return err.Error()
}

// inPolicy starts Gatehouse with a policy in which the input stands in the place of old.
func inPolicy(old string) func(*bench, string) string {
	return func(b *bench, input string) string {
		start := func(text string) error {
			require.NoError(b.t, os.WriteFile(b.config.Policy, []byte(text), 0o600))
			v, err := b.app.Vendors()
			if err != nil {
				return err
			}
			return v.CheckTenant(b.t.Context())
		}
		require.NoError(b.t, start(smallPolicy))
		err := start(kit.Replace(b.t, smallPolicy, old, input))
		require.Error(b.t, err)
		return strings.ReplaceAll(err.Error(), b.config.Policy, "policy.yaml")
	}
}

// configuration starts a process with the input as its configuration.
func configuration(needs config.Needs) func(*bench, string) string {
	return func(b *bench, input string) string {
		path := filepath.Join(b.t.TempDir(), "gatehouse.yaml")
		require.NoError(b.t, os.WriteFile(path, []byte(input), 0o600))
		_, err := config.Load(path, needs)
		require.Error(b.t, err)
		return strings.ReplaceAll(err.Error(), path, "gatehouse.yaml")
	}
}
