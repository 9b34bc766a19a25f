// Package compose_test holds the deployment to its promises without a container engine: what docker-compose.yml and
// the Dockerfile say, and that every configuration file in the repository can be loaded.
package compose_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// root is the top of the repository.
const root = "../.."

// ours are the services that run a program of this repository; jobs end by themselves.
var (
	ours = []string{"gateway", "sandbox", "sandbox-key", "schedules", "worker"}
	jobs = []string{"sandbox-key", "schedules", "temporal-namespace", "temporal-schema"}
)

// load reads docker-compose.yml with an environment, as compose would.
func load(t *testing.T, env map[string]string, profiles ...string) (*types.Project, error) {
	t.Helper()
	var pairs []string
	for name, value := range env {
		pairs = append(pairs, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root), cli.WithEnv(pairs), cli.WithProfiles(profiles), cli.WithResolvedPaths(false))
	require.NoError(t, err)
	return options.LoadProject(context.Background())
}

func mustLoad(t *testing.T, env map[string]string, profiles ...string) *types.Project {
	t.Helper()
	project, err := load(t, env, profiles...)
	require.NoError(t, err)
	return project
}

// envFile reads a file of environment variables from deploy/.
func envFile(t *testing.T, name string) map[string]string {
	t.Helper()
	env, err := dotenv.Read(filepath.Join(root, "deploy", name))
	require.NoError(t, err)
	return env
}

// filled is the example environment with something in every empty place.
func filled(t *testing.T) map[string]string {
	t.Helper()
	env := envFile(t, "compose.env.example")
	for name, value := range env {
		if value == "" {
			env[name] = "https://" + strings.ToLower(strings.ReplaceAll(name, "_", "-")) + ".example.com"
		}
	}
	return env
}

// TestExampleEnvironmentIsComplete holds that whoever fills in the example gets a project, and needs nothing else.
func TestExampleEnvironmentIsComplete(t *testing.T) {
	t.Parallel()
	project := mustLoad(t, filled(t))
	require.ElementsMatch(t, []string{
		"gateway", "postgres", "schedules", "temporal", "temporal-namespace", "temporal-schema", "temporal-ui", "worker",
	}, project.ServiceNames())
	mustLoad(t, envFile(t, "sandbox.env"), "sandbox")
}

// TestMissingVariableIsNamed holds that every variable without a default stops the start and says its name.
func TestMissingVariableIsNamed(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	needed := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{([A-Z0-9_]+):\?`).FindAllStringSubmatch(string(source), -1) {
		needed[m[1]] = true
	}
	require.Greater(t, len(needed), 10)
	for name := range needed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := filled(t)
			require.Contains(t, env, name, "the example does not mention it")
			delete(env, name)
			_, err := load(t, env)
			require.ErrorContains(t, err, name)
			env[name] = ""
			_, err = load(t, env)
			require.ErrorContains(t, err, name, "an empty value must not pass")
		})
	}
}

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[a-z./-]+:\d+\.\d+[\w.-]*$`)
	for name, s := range mustLoad(t, filled(t), "sandbox").Services {
		if s.Build != nil {
			require.Equal(t, "gatehouse:dev", s.Image, name)
			continue
		}
		require.Regexp(t, pinned, s.Image, name)
	}
	p := mustLoad(t, filled(t))
	require.Equal(t, tag(p, "temporal"), tag(p, "temporal-schema"), "the schema must be the server's")
	require.Equal(t, tag(p, "temporal"), tag(p, "temporal-namespace"))
}

func tag(p *types.Project, service string) string {
	_, version, _ := strings.Cut(p.Services[service].Image, ":")
	return version
}

// TestServicesAreCheckedAndRestarted holds that what stays up has a health check and comes back, and what ends is
// repeated when it fails and not when it succeeds.
func TestServicesAreCheckedAndRestarted(t *testing.T) {
	t.Parallel()
	for name, s := range mustLoad(t, filled(t), "sandbox").Services {
		if slices.Contains(jobs, name) {
			require.True(t, strings.HasPrefix(s.Restart, "on-failure"), name)
			continue
		}
		require.Equal(t, "unless-stopped", s.Restart, name)
		require.NotNil(t, s.HealthCheck, name)
		require.NotEmpty(t, s.HealthCheck.Test, name)
		require.False(t, s.HealthCheck.Disable, name)
		require.NotNil(t, s.HealthCheck.Interval, name)
		require.NotNil(t, s.HealthCheck.Timeout, name)
	}
}

func TestPortsAreBoundToLoopback(t *testing.T) {
	t.Parallel()
	published := 0
	for name, s := range mustLoad(t, filled(t), "sandbox").Services {
		for _, port := range s.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, name)
			published++
		}
	}
	require.Equal(t, 4, published)
}

// TestDependenciesAreConditions holds the order of the start: nobody waits for a container that merely exists.
func TestDependenciesAreConditions(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, filled(t))
	healthy, done := types.ServiceConditionHealthy, types.ServiceConditionCompletedSuccessfully
	for service, want := range map[string]map[string]string{
		"temporal-schema":    {"postgres": healthy},
		"temporal":           {"postgres": healthy, "temporal-schema": done},
		"temporal-namespace": {"temporal": healthy},
		"temporal-ui":        {"temporal": healthy},
		"schedules":          {"postgres": healthy, "temporal-namespace": done},
		"worker":             {"postgres": healthy, "temporal-namespace": done},
		"gateway":            {"postgres": healthy, "temporal-namespace": done},
	} {
		got := map[string]string{}
		for name, d := range p.Services[service].DependsOn {
			if d.Required {
				got[name] = d.Condition
			}
		}
		require.Equal(t, want, got, service)
	}
}

// TestGatewayHasNoVendorCredential holds that breaking into the front door opens nothing but the front door.
func TestGatewayHasNoVendorCredential(t *testing.T) {
	t.Parallel()
	gateway := mustLoad(t, filled(t)).Services["gateway"]
	require.Equal(t, []string{
		"ALERTS_PING_URL", "ALERTS_SECRET", "ALERTS_URL", "BAMBOOHR_WEBHOOK_KEY", "LEDGER_URL", "ONELOGIN_EVENTS_SECRET",
		"PAGERDUTY_WEBHOOK_SECRET", "SLACK_SIGNING_SECRET", "TEMPORAL_ADDRESS", "WORKDAY_CALLBACK_KEY",
	}, slices.Sorted(maps.Keys(gateway.Environment)))
	require.Len(t, gateway.Volumes, 1)
	require.Equal(t, "deploy/gateway.yaml", filepath.Clean(gateway.Volumes[0].Source))
	require.True(t, gateway.Volumes[0].ReadOnly)
}

// TestNoSecretIsWrittenDown holds that whatever is called a secret comes from the environment, as a whole or, in a
// URL, where the password stands.
func TestNoSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	secretive := regexp.MustCompile(`(?i)^\s*([A-Z0-9_]*(?:PASSWORD|PWD|SECRET|TOKEN|KEY|CLIENT_ID))\s*:\s*(.*)$`)
	withPassword := regexp.MustCompile(`://[^:/\s]+:([^@\s]+)@`)
	found := 0
	for line := range strings.Lines(string(source)) {
		line = strings.TrimSpace(line)
		if m := secretive.FindStringSubmatch(line); m != nil {
			require.True(t, strings.HasPrefix(m[2], "${"), "%s is written down", m[1])
			found++
		}
		if m := withPassword.FindStringSubmatch(line); m != nil {
			require.True(t, strings.HasPrefix(m[1], "${"), "a password is written down")
			found++
		}
	}
	require.Greater(t, found, 10)
	for name, value := range envFile(t, "compose.env.example") {
		require.True(t, value == "" || name == "TEMPORAL_RETENTION", "the example has a value for %s", name)
	}
}

// TestOurContainersHoldNoPrivilege holds that what runs our code can change nothing on its machine.
func TestOurContainersHoldNoPrivilege(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, filled(t), "sandbox")
	for name, s := range p.Services {
		require.False(t, s.Privileged, name)
		require.Contains(t, s.SecurityOpt, "no-new-privileges:true", name)
		if !slices.Contains(ours, name) {
			continue
		}
		require.Equal(t, "65532:65532", s.User, name)
		require.True(t, s.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, s.CapDrop, name)
		require.Empty(t, s.CapAdd, name)
	}
	require.True(t, p.Networks["inside"].Internal)
	require.NotContains(t, p.Services["postgres"].Networks, "edge")
}

// stopTimeout is what a worker gives running activities to finish: internal/app.
const stopTimeout = 35 * time.Second

func TestWorkerIsGivenTimeToStop(t *testing.T) {
	t.Parallel()
	worker := mustLoad(t, filled(t)).Services["worker"]
	require.NotNil(t, worker.StopGracePeriod)
	require.Greater(t, time.Duration(*worker.StopGracePeriod), stopTimeout)
}

func TestSandboxIsOnlyInItsProfile(t *testing.T) {
	t.Parallel()
	require.NotContains(t, mustLoad(t, filled(t)).ServiceNames(), "sandbox")
	sandbox := mustLoad(t, filled(t), "sandbox").Services["sandbox"]
	require.Equal(t, []string{"sandbox"}, sandbox.Profiles)
	require.Empty(t, sandbox.Environment)
}

// TestWorkerReadsTheKeyThatTheSandboxMakes holds that with the sandbox the worker has a Google to write to, and that
// without it nothing is waited for.
func TestWorkerReadsTheKeyThatTheSandboxMakes(t *testing.T) {
	t.Parallel()
	p := mustLoad(t, envFile(t, "sandbox.env"), "sandbox")
	worker, key, sandbox := p.Services["worker"], p.Services["sandbox-key"], p.Services["sandbox"]
	path, ok := strings.CutPrefix(*worker.Environment["GOOGLE_CREDENTIALS"], "file:")
	require.True(t, ok)
	require.Contains(t, key.Command, "--make-google-key")
	for name, s := range map[string]types.ServiceConfig{"worker": worker, "sandbox-key": key, "sandbox": sandbox} {
		mounted := slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Source == "sandbox-keys" && v.Target == filepath.Dir(path) && v.ReadOnly == (name != "sandbox-key")
		})
		require.True(t, mounted, name)
		require.True(t, name == "worker" || slices.Contains(s.Command, path), name)
	}
	require.Equal(t, types.ServiceConditionCompletedSuccessfully, worker.DependsOn["sandbox-key"].Condition)
	require.False(t, worker.DependsOn["sandbox-key"].Required, "nobody makes it without the profile")
}

// TestMountedFilesExist holds that no container starts with an empty directory where a file should be.
func TestMountedFilesExist(t *testing.T) {
	t.Parallel()
	for name, s := range mustLoad(t, filled(t)).Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			require.True(t, v.ReadOnly, name)
			_, err := os.Stat(filepath.Join(root, v.Source))
			require.NoError(t, err, name)
		}
	}
}
