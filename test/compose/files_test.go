package compose_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/config"
	"gatehouse/policy"
	"gatehouse/sandbox/google"
)

// TestConfigurationsLoad holds that every configuration in the repository is one that the programs accept, each with
// the needs of the process it is for, and that the policy it names is valid.
func TestConfigurationsLoad(t *testing.T) {
	everything := config.Needs{Vendors: true, Gateway: true}
	for _, c := range []struct {
		file  string
		env   string
		needs config.Needs
	}{
		{file: "gatehouse.example.yaml", needs: everything},
		{file: "demo/gatehouse.yaml", needs: everything},
		{file: "deploy/gatehouse.yaml", env: "sandbox.env", needs: config.Needs{Vendors: true}},
		{file: "deploy/gateway.yaml", env: "sandbox.env", needs: config.Needs{Gateway: true}},
	} {
		t.Run(c.file, func(t *testing.T) {
			path := filepath.Join(root, c.file)
			setVariables(t, path)
			if c.env != "" {
				for name, value := range envFile(t, c.env) {
					t.Setenv(name, value)
				}
				t.Setenv("LEDGER_URL", "postgres://gatehouse:secret@postgres:5432/gatehouse")
				t.Setenv("GOOGLE_CREDENTIALS", "file:"+googleKey(t))
			}
			cfg, err := config.Load(path, c.needs)
			require.NoError(t, err)
			if !c.needs.Vendors {
				require.Empty(t, cfg.OneLogin.BaseURL+cfg.Slack.Token.Reveal()+cfg.Jira.BaseURL, "the gateway knows no vendor")
				return
			}
			if c.file == "gatehouse.example.yaml" {
				cfg.Policy = filepath.Join(root, "policy.example.yaml")
			}
			_, err = policy.Load(cfg.Policy)
			require.NoError(t, err)
		})
	}
}

// TestNobodyNeedsAPager holds that a worker without a routing key starts, as compose starts it.
func TestNobodyNeedsAPager(t *testing.T) {
	t.Setenv("LEDGER_URL", "postgres://gatehouse:secret@postgres:5432/gatehouse")
	env := envFile(t, "sandbox.env")
	t.Setenv("GOOGLE_CREDENTIALS", "file:"+googleKey(t))
	delete(env, "GOOGLE_CREDENTIALS")
	for _, name := range []string{"PAGERDUTY_BASE_URL", "PAGERDUTY_EVENTS_URL", "PAGERDUTY_ROUTING_KEY", "PAGERDUTY_TOKEN"} {
		delete(env, name)
	}
	for name, value := range mustLoad(t, env, "sandbox").Services["worker"].Environment {
		if value != nil && name != "LEDGER_URL" && name != "GOOGLE_CREDENTIALS" {
			t.Setenv(name, *value)
		}
	}
	cfg, err := config.Load(filepath.Join(root, "deploy", "gatehouse.yaml"), config.Needs{Vendors: true})
	require.NoError(t, err)
	require.Empty(t, cfg.PagerDuty.RoutingKey)
}

// TestNobodyNeedsGoogle holds that a worker without Google starts, as compose starts it, and that one with a key from a
// file has it.
func TestNobodyNeedsGoogle(t *testing.T) {
	t.Setenv("LEDGER_URL", "postgres://gatehouse:secret@postgres:5432/gatehouse")
	env := envFile(t, "sandbox.env")
	for name := range env {
		if strings.HasPrefix(name, "GOOGLE_") {
			delete(env, name)
		}
	}
	for name, value := range mustLoad(t, env, "sandbox").Services["worker"].Environment {
		if value != nil && name != "LEDGER_URL" {
			t.Setenv(name, *value)
		}
	}
	load := func() config.Google {
		cfg, err := config.Load(filepath.Join(root, "deploy", "gatehouse.yaml"), config.Needs{Vendors: true})
		require.NoError(t, err)
		return cfg.Google
	}
	require.False(t, load().Configured())
	t.Setenv("GOOGLE_CREDENTIALS", "file:"+googleKey(t))
	t.Setenv("GOOGLE_SUBJECT", "robot@acme.example")
	t.Setenv("GOOGLE_FOLDER_ID", "1Folder")
	require.Contains(t, load().Credentials.Reveal(), "service_account")
}

// googleKey is a file as the sandbox makes it.
func googleKey(t *testing.T) string {
	t.Helper()
	key, err := google.ServiceAccountKey("http://127.0.0.1:8484")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "google.json")
	require.NoError(t, os.WriteFile(path, key, 0o600))
	return path
}

// setVariables gives every variable that a configuration mentions a value.
func setVariables(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`\$\{([A-Z0-9_]+)\}`).FindAllStringSubmatch(string(data), -1) {
		t.Setenv(m[1], "https://example.com")
	}
}

// TestNewInstallsObserve holds that a new install of either kind only observes.
func TestNewInstallsObserve(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"policy.example.yaml", "deploy/policy/policy.yaml"} {
		p, err := policy.Load(filepath.Join(root, file))
		require.NoError(t, err)
		require.Equal(t, policy.Modes{
			Onboarding: policy.ModeObserve, Offboarding: policy.ModeObserve, RoleChange: policy.ModeObserve, MFA: policy.ModeObserve,
		}, p.Modes(), file)
	}
}

// instruction is one line of a Dockerfile, continuations joined.
type instruction struct{ name, rest string }

func dockerfile(t *testing.T) []instruction {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	var out []instruction
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\\\n", " ")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		out = append(out, instruction{strings.ToUpper(name), strings.TrimSpace(rest)})
	}
	return out
}

// TestDockerfile holds that the image is built in one stage and shipped from another, that it holds static programs
// only, and that they do not run as root.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	var stages []string
	var user, build string
	built := map[string]bool{}
	env := ""
	for _, in := range dockerfile(t) {
		switch in.name {
		case "FROM":
			stages = append(stages, in.rest)
			user = ""
		case "USER":
			user = in.rest
		case "ENV":
			env += " " + in.rest
		case "RUN":
			if strings.HasPrefix(in.rest, "go build") {
				build = in.rest
			}
		}
	}
	require.Len(t, stages, 2)
	require.Regexp(t, `^golang:`+goVersion(t)+`[\w.-]* AS build$`, stages[0], "the toolchain must be the one of go.mod")
	require.Equal(t, "scratch", stages[1])
	require.Equal(t, "65532:65532", user)
	require.Contains(t, env, "CGO_ENABLED=0")
	require.Contains(t, build, "-trimpath")
	for field := range strings.FieldsSeq(build) {
		if path, ok := strings.CutPrefix(field, "./"); ok {
			_, err := os.Stat(filepath.Join(root, path, "main.go"))
			require.NoError(t, err)
			built["/bin/"+filepath.Base(path)] = true
		}
	}
	for name, s := range mustLoad(t, filled(t), "sandbox").Services {
		if s.Build == nil {
			continue
		}
		require.Contains(t, built, s.Command[0], name)
		if s.HealthCheck != nil {
			require.Contains(t, built, s.HealthCheck.Test[1], name)
		}
	}
}

// goVersion is the version of Go that go.mod asks for.
func goVersion(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(data))
	require.NotNil(t, m)
	return regexp.QuoteMeta(m[1]) + `\.`
}
