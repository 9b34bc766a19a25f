package schema_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/schema"
	"gatehouse/policy"
)

const root = "../.."

// TestSchemasAreUpToDate holds that the files are what the code and the pages say now.
func TestSchemasAreUpToDate(t *testing.T) {
	t.Parallel()
	files, err := schema.Files(root)
	require.NoError(t, err)
	require.Len(t, files, 2)
	for _, f := range files {
		have, err := os.ReadFile(filepath.Join(root, f.Path))
		require.NoError(t, err)
		require.True(t, bytes.Equal(have, f.Data), "%s is older than the code or its page: make schema", f.Path)
	}
}

// compiled is a schema as a foreign implementation reads it.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "docs", "schema", name+".json"))
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(name+".json", doc))
	s, err := c.Compile(name + ".json")
	require.NoError(t, err)
	return s
}

// refused judges a text. What is no YAML is for the parser of the editor and not for a schema.
func refused(t *testing.T, s *jsonschema.Schema, text string) (yes, readable bool) {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return false, false
	}
	data, err := json.Marshal(value)
	require.NoError(t, err)
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	return s.Validate(plain) != nil, true
}

// TestFilesThatWorkAreAccepted holds it of every configuration and policy of the repository.
func TestFilesThatWorkAreAccepted(t *testing.T) {
	t.Parallel()
	for file, name := range map[string]string{
		"policy.example.yaml": "policy", "demo/policy.yaml": "policy", "deploy/policy/policy.yaml": "policy", "policy/testdata/policy.yaml": "policy",
		"gatehouse.example.yaml": "gatehouse", "demo/gatehouse.yaml": "gatehouse", "deploy/gatehouse.yaml": "gatehouse",
	} {
		data, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		yes, readable := refused(t, compiled(t, name), string(data))
		require.True(t, readable, file)
		require.False(t, yes, file)
	}
}

// beyond are the mistakes of policy/testdata/bad that no schema of one file can see: what a condition or template means, what
// contradicts something else in the file, what a word is. Everything else there is refused.
var beyond = strings.Fields(`
	agents-twice attributes-circle-of-systems attributes-circle attributes-nowhere attributes-onelogins bad-domain bad-owner cel-account-in-a-rule cel-bad-pattern cel-fails-on-empty cel-not-a-condition cel-protected cel-syntax
	cel-unknown-field-on-second-line cel-unknown-field-quoted cel-unknown-field cel-unknown-name cel-wrong-type contracts-unknown-field
	cut-off-in-the-end cut-off delete-after-hours delete-after-zero duration-zero end-not-last escalate-to-nobody event-habits-keep event-names-nothing event-show event-times
	event-unknown-field
	external-id-unknown-field group-twice-for-everyone group-twice-same-condition location-twice messages-kind mfa-exempt-unknown-name mfa-restrict-both
	mfa-rule-unknown-field reserve-departed-false restrict-without-group role-never-taken rule-gives-nothing rule-name-twice sponsored-too-long
	systems-carried systems-circle-of-attributes systems-fields systems-leaver-google systems-leaver systems-of-onelogin systems-privileged systems-rules unknown-company-zone
	unknown-location-zone username-bad-character username-none username-open-brace username-same-for-everyone username-unknown-field
	warn-before-zero`)

func TestPoliciesThatAreWrongAreRefused(t *testing.T) {
	t.Parallel()
	s := compiled(t, "policy")
	files, err := filepath.Glob(filepath.Join(root, "policy", "testdata", "bad", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var unseen []string
	readables := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		yes, readable := refused(t, s, whole(name, string(data)))
		if readable {
			readables++
		}
		if readable && !yes {
			unseen = append(unseen, name)
		}
	}
	require.Greater(t, readables, 2*len(unseen), "the schema is to know most mistakes")
	require.Equal(t, beyond, unseen)
}

// whole adds what a policy has to have, but for what the file of that name is there to lack.
func whole(name, text string) string {
	lacks := map[string]string{"no-safety": "safety", "no-modes": "modes", "no-company": "company", "no-rules": "access", "no-fallback-owner": "leaver"}[name]
	if name == "not-a-mapping" || name == "empty" {
		return text
	}
	for _, part := range []string{
		"safety: {protected: []}", "modes: {}", "company: {zone: UTC, domain: example.com}",
		"leaver: {fallback_owner: it@example.com}", `access: {rules: [{name: a, when: "true", roles: [A]}]}`, "end: policy",
	} {
		key, _, _ := strings.Cut(part, ":")
		if key != lacks && !strings.HasPrefix(text, key+":") && !strings.Contains(text, "\n"+key+":") {
			text = strings.TrimSuffix(text, "\n") + "\n" + part + "\n"
		}
	}
	return text
}

func TestSettingsThatAreWrongAreRefused(t *testing.T) {
	t.Parallel()
	s := compiled(t, "gatehouse")
	for _, text := range []string{
		"onelogin: {clientid: x}", "okta: {token: x}", "slack: {token: [x]}", "gateway: {bamboohr_keys: x}", "slack: x",
		"schedules: {workday: 15}", "schedules: {workday: soon}", "jira: {deployment: server}",
		"alerts: {format: xml}", `schedules: {mfa: {at: "25:00"}}`, "schedules: {review: {day: 31}}", "schedules: {review: {at: 6am}}",
		"google: {per_minute: 1}", "encryption: {keys: [a]}", "slack: {channels: {hr: C1}}", "workday: {columns: {a: [b]}}",
	} {
		yes, readable := refused(t, s, text)
		require.True(t, readable, text)
		require.True(t, yes, text)
	}
	for _, text := range []string{
		"jira: {project: 12, deployment: '${DEPLOYMENT}'}", "jira:", "jira: {index_lag: }", "schedules: {everybody: 1d}", "schedules: {everybody: 1d12h}", "schedules: {events: 1m30s, mfa: {at: '${AT}'}}",
		"onelogin: {credential_owners: [12, a]}", "encryption: {keys: {a: 1}}", "workday: {columns: {a: }}",
	} {
		yes, readable := refused(t, s, text)
		require.True(t, readable, text)
		require.False(t, yes, text)
	}
}

// TestDurationsAreReadAsThePolicyReadsThem holds that the schema refuses no duration that the policy takes.
func TestDurationsAreReadAsThePolicyReadsThem(t *testing.T) {
	t.Parallel()
	s := compiled(t, "policy")
	for text, works := range map[string]bool{
		"0": false, `"0"`: true, "0s": true, "15m": true, "1d12h": true, "7d": true, "1h30m": true, "1.5h": true, ".5h": true, "+5m": true, "0d": true,
		"100ms": true, "1µs": true, "d": false, "1w": false, "-5m": false, "5": false, `"5"`: false, "soon": false, "1d 2h": false, `""`: false, "never": false,
	} {
		file := whole("", "mover: {keep_old_access: "+text+"}\n")
		_, err := policy.Parse("policy.yaml", []byte(file))
		require.Equal(t, works, err == nil, "the policy about %s: %v", text, err)
		yes, readable := refused(t, s, file)
		require.True(t, readable, text)
		require.Equal(t, works, !yes, "the schema about %s", text)
	}
	yes, _ := refused(t, s, whole("", "mfa: {restrict_after: never}\n"))
	require.False(t, yes)
}
