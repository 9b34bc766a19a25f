package arrows_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"gatehouse/internal/arrows"
)

const root = "../.."

func TestThePictureIsOfToday(t *testing.T) {
	t.Parallel()
	want, err := arrows.Written(root)
	require.NoError(t, err)
	have, err := os.ReadFile(filepath.Join(root, arrows.Page))
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "run make arrows")
}

// breaches has for each rule an import that it forbids: where, and what.
var breaches = map[string][2]string{
	"identity-is-the-bottom":                 {"identity", "gatehouse/ledger"},
	"workflows-step-is-shared":               {"workflows/step", "gatehouse/workflows/mfa"},
	"workflows-know-no-other-workflow":       {"workflows/lifecycle", "gatehouse/workflows/incident"},
	"workflows-are-known-to-their-entries":   {"internal/app", "gatehouse/workflows/step"},
	"arrows-api":                             {"activities/api", "gatehouse/activities/step"},
	"arrows-step":                            {"activities/step", "gatehouse/activities/people"},
	"arrows-catalog-and-letters":             {"activities/letters", "gatehouse/activities/people"},
	"arrows-gsuite":                          {"activities/gsuite", "gatehouse/activities/people"},
	"arrows-outcome":                         {"activities/outcome", "gatehouse/activities/people"},
	"arrows-people":                          {"activities/people", "gatehouse/activities/account"},
	"arrows-inventory":                       {"activities/inventory", "gatehouse/activities/hrsync"},
	"arrows-delivery":                        {"activities/notify", "gatehouse/activities/ticket"},
	"arrows-domain":                          {"activities/mfa", "gatehouse/activities/notify"},
	"arrows-agentread":                       {"activities/agentread", "gatehouse/activities/account"},
	"only-the-registration-knows-temporal":   {"activities/account", "go.temporal.io/sdk/activity"},
	"activities-start-runs-by-an-interface":  {"activities/incidents", "gatehouse/internal/launch"},
	"senders-know-the-contract-only":         {"internal/launch", "gatehouse/workflows"},
	"commands-know-no-other-commands":        {"starter/orders", "gatehouse/starter/show"},
	"connectors-stand-alone":                 {"connectors/onelogin", "gatehouse/policy"},
	"connectors-know-no-other-connector":     {"connectors/slack", "gatehouse/connectors/jira"},
	"google-services-go-in-by-google":        {"connectors/google/workspace", "gatehouse/connectors/slack"},
	"target-is-a-contract":                   {"connectors/target", "gatehouse/connectors/onelogin"},
	"libraries-stay-in-their-connectors":     {"activities/ticket", "github.com/andygrunwald/go-jira"},
	"slack-speaks-through-its-connector":     {"activities/pager", "github.com/slack-go/slack"},
	"sandbox-stands-alone":                   {"sandbox/onelogin", "gatehouse/connectors/onelogin"},
	"command-lines-know-no-work":             {"internal/cli", "gatehouse/ledger"},
	"ledger-stands-alone":                    {"ledger", "gatehouse/policy"},
	"ledger-engine-knows-no-store":           {"ledger/engine", "gatehouse/ledger/persons"},
	"ledger-stores-stand-on-the-engine":      {"ledger/budgets", "gatehouse/ledger/persons"},
	"ledger-inventory-stands-on-persons":     {"ledger/inventory", "gatehouse/ledger/budgets"},
	"ledger-systems-stands-on-the-inventory": {"ledger/systems", "gatehouse/ledger/budgets"},
	"stores-are-reached-through-the-ledger":  {"activities/people", "gatehouse/ledger/engine"},
	"gateway-hands-over":                     {"gateway", "gatehouse/ledger"},
	"agents-hold-no-credential":              {"agents", "gatehouse/connectors/onelogin"},
	"policy-is-pure":                         {"policy", "gatehouse/policy/match"},
	"policy-conditions-know-no-subject":      {"policy/condition", "gatehouse/identity"},
	"policy-detection-stands-apart":          {"policy/detect", "gatehouse/policy"},
	"agents-request-plans-only":              {"agents/request", "gatehouse/connectors/onelogin"},
	"arrows-agent-requests":                  {"activities/agentrequests", "gatehouse/activities/orders"},
	"policy-agents-stand-apart":              {"policy/agent", "gatehouse/identity"},
	"policy-systems-stand-apart":             {"policy/system", "gatehouse/policy/detect"},
	"policy-matching-asks-the-policy":        {"policy/match", "gatehouse/policy/detect"},
	"policyfile-holds-the-policy":            {"internal/policyfile", "gatehouse/internal/app"},
	"killswitch-is-a-row-and-its-item":       {"internal/killswitch", "gatehouse/internal/launch"},
	"oncall-tells-runs-by-functions":         {"internal/oncall", "gatehouse/internal/launch"},
	"keyring-is-the-bottom":                  {"internal/keyring", "gatehouse/ledger"},
	"queues-know-names-only":                 {"internal/queues", "gatehouse/internal/templates"},
	"yamlfile-is-the-bottom":                 {"internal/yamlfile", "gatehouse/identity"},
	"wording-is-the-bottom":                  {"internal/wording", "gatehouse/identity"},
	"test-support-is-for-tests":              {"activities/people", "gatehouse/test/golden"},
	"golden-is-the-bottom":                   {"test/golden", "gatehouse/identity"},
	"require-only":                           {"identity", "github.com/stretchr/testify/assert"},
}

// more are further breaches of rules about several packages.
var more = map[string][][2]string{
	"connectors-know-no-other-connector": {
		{"connectors/jira", "gatehouse/connectors/pagerduty"},
		{"connectors/pagerduty", "gatehouse/connectors/slack"},
		{"connectors/onelogin", "gatehouse/connectors/workday"},
	},
	"test-support-is-for-tests":          {{"sandbox/server", "gatehouse/sandbox/tenant/tenanttest"}},
	"libraries-stay-in-their-connectors": {{"internal/app", "github.com/PagerDuty/go-pagerduty"}, {"internal/app", "github.com/go-ldap/ldap/v3"}},
	"sandbox-stands-alone":               {{"sandbox/ldap", "github.com/go-ldap/ldap/v3"}},
}

// Every rule about imports is broken once, in a module of two packages with nothing else in them.
func TestEachRuleIsHeld(t *testing.T) {
	t.Parallel()
	linter, err := filepath.Abs(filepath.Join(root, "bin/golangci-lint"))
	require.NoError(t, err)
	if _, err := os.Stat(linter); err != nil {
		t.Skip("the linter is not built: run make bin/golangci-lint first")
	}
	config, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	require.NoError(t, err)
	rules := ruleNames(t)
	require.ElementsMatch(t, rules, slices.Collect(maps.Keys(breaches)), "each rule has a breach")
	for _, rule := range rules {
		for _, breach := range append(more[rule], breaches[rule]) {
			t.Run(rule+"/"+breach[0], func(t *testing.T) {
				lint := exec.Command(linter, "run", "--enable-only", "depguard", "--allow-parallel-runners", "./...")
				lint.Dir = broken(t, rule, breach, string(config))
				out, err := lint.CombinedOutput()
				require.Error(t, err)
				require.Contains(t, string(out), "from list '"+rule+"'", "its breach is found")
			})
		}
	}
}

// foreign are modules that breaches import a package of, and where in the module it is.
var foreign = map[string]string{
	"go.temporal.io/sdk": "activity", "github.com/stretchr/testify": "assert",
	"github.com/andygrunwald/go-jira": "", "github.com/PagerDuty/go-pagerduty": "", "github.com/slack-go/slack": "",
	"github.com/go-ldap/ldap/v3": "",
}

// broken is a module in which a rule is broken.
func broken(t *testing.T, rule string, breach [2]string, config string) string {
	t.Helper()
	dir, from, to := t.TempDir(), breach[0], breach[1]
	files := map[string]string{".golangci.yml": config, "go.mod": "module gatehouse\n\ngo 1.26\n"}
	for module, inside := range foreign {
		version := "v1.0.0"
		if strings.HasSuffix(module, "/v3") {
			version = "v3.0.0"
		}
		files["go.mod"] += fmt.Sprintf("\nrequire %s %s\n\nreplace %s => ./foreign/%s\n", module, version, module, module)
		files["foreign/"+module+"/go.mod"] = "module " + module + "\n"
		files["foreign/"+module+"/"+inside+"/stub.go"] = "package " + cmp.Or(inside, "stub") + "\n"
	}
	if name, ours := strings.CutPrefix(to, "gatehouse/"); ours {
		files[name+"/stub.go"] = "package " + filepath.Base(name) + "\n"
	}
	name := map[string]string{"require-only": "breach_test.go"}[rule]
	files[from+"/"+cmp.Or(name, "breach.go")] = fmt.Sprintf("package %s\n\nimport _ %q\n", filepath.Base(from), to)
	for path, content := range files {
		path = filepath.Join(dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func ruleNames(t *testing.T) (all []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	require.NoError(t, err)
	var c struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]any
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(data, &c))
	for name := range c.Linters.Settings.Depguard.Rules {
		all = append(all, name)
	}
	require.NotEmpty(t, all)
	return all
}
