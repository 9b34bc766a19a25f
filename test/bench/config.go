package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gatehouse/demo/section"
)

// Keys that sign the webhooks of a bench, and where the files it derives its own from are.
const (
	bambooKey      = "bench-bamboohr-webhook"
	workdayKey     = "bench-workday-webhook"
	policyFile     = "policy/testdata/policy.yaml"
	policyEnd      = "end: policy\n"
	noAddress      = "127.0.0.1:0" // of what is not served
	containBudget  = 100_000
	callsPerHour   = 10_000_000
	configTemplate = `policy: policy.yaml
ledger: {url: %[1]q}
temporal: {namespace: default}
gateway:
  listen: %[2]s
  bamboohr_keys: [` + bambooKey + `]
  workday_keys: [` + workdayKey + `]
agents: {listen: %[5]s}
onelogin:
  base_url: %[3]s/onelogin
  client_id: sandbox-onelogin
  client_secret: sandbox-onelogin-secret
  credential_owners: [breakglass-1@acme.example]
workday:
  base_url: %[3]s/workday
  tenant: acme
  client_id: sandbox-workday
  client_secret: sandbox-workday-secret
  refresh_token: sandbox-workday-refresh
  report_owner: isu_gatehouse
  roster_report: Gatehouse_Roster
  worker_report: Gatehouse_Worker
  worker_prompt: Employee_ID
bamboohr:
  base_url: %[3]s/bamboohr
  api_key: sandbox-bamboohr-key
slack:
  base_url: %[3]s/slack/api/
  token: xoxb-sandbox
  channels: {it: C0IT, security: C0SECURITY}
jira:
  base_url: %[3]s/jira
  deployment: cloud
  user: gatehouse@acme.example
  token: sandbox-jira-token
  project: IT
  index_lag: 3s
google:
  credentials: "file:%[4]s"
  subject: gatehouse-robot@acme.example
  sender: it-security@acme.example
  folder_id: 1AcmeAccessReports
  drive_id: 0AcmeSharedDrive
  base_url: %[3]s/google
  index_lag: 3s
`
)

// files are what the files of a stack say.
type files struct {
	ledger, gateway, agents, sandbox string
	// readBack is how long after a departure its account is read back first, "" for the default.
	readBack string
	// policy is added to the policy.
	policy string
	// systems is the section about systems beside OneLogin, and mode theirs; without a section there are none.
	systems, mode string
	googleKey     []byte
}

// writeFiles writes gatehouse.yaml, policy.yaml and the key of Google's service account into dir and returns the path of
// the first.
func writeFiles(dir string, f files) (string, error) {
	text, err := os.ReadFile(policyFile)
	if err != nil {
		return "", fmt.Errorf("read the example policy: %w; run the bench from the repository's top", err)
	}
	pairs := []string{
		// The budgets are there to stop exactly what a mass run does.
		"contain: {count: 20, percent: 5}", fmt.Sprintf("contain: {count: %d, percent: 100}", containBudget),
		"join: {count: 400, percent: 0}", fmt.Sprintf("join: {count: %d, percent: 100}", containBudget),
		// A joiner is to be measured at any hour of the day.
		`activate_at: "08:00"`, `activate_at: "00:00"`,
		policyEnd, f.policy + policyEnd,
	}
	if f.readBack != "" {
		pairs = append(pairs, "contain_within: 15m,", "contain_within: 15m, verify_after: ["+f.readBack+"],")
	}
	if f.systems != "" {
		pairs = append(pairs, systemsRules()...)
		pairs = append(pairs, "# A file without", fmt.Sprintf(systemsPolicy, f.mode, allowed)+"# A file without")
	}
	policy, err := edit(string(text), pairs...)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policy), 0o600); err != nil {
		return "", fmt.Errorf("write the policy: %w", err)
	}
	keyFile := filepath.Join(dir, section.GoogleKey)
	if err := os.WriteFile(keyFile, f.googleKey, 0o600); err != nil {
		return "", fmt.Errorf("write the key of Google's service account: %w", err)
	}
	path := filepath.Join(dir, "gatehouse.yaml")
	config := fmt.Sprintf(configTemplate, f.ledger, f.gateway, f.sandbox, filepath.Base(keyFile), f.agents) + f.systems
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return "", fmt.Errorf("write the configuration: %w", err)
	}
	return path, nil
}

// edit replaces pairs of old and new text, each of which must be there.
func edit(text string, pairs ...string) (string, error) {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			return "", fmt.Errorf("%s no longer contains %q: adapt the bench to it", policyFile, pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text, nil
}
