package kit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// program builds the real starter once, where Main removes it.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gatehouse-starter")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "starter")
	build := exec.Command("go", "build", "-o", path, "gatehouse/starter")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the starter: %w\n%s", err, out)
	}
	built = dir
	return path, nil
})

// built is the directory to remove.
var built string

// Desk is the real program starter with a configuration of its own beside a stack: the same Temporal namespace, ledger
// and tenant.
type Desk struct {
	stack  *Stack
	binary string
	// Config is the path of its configuration, Env what its environment has besides.
	Config string
	Env    []string
}

// Desk writes a configuration for the real starter. Edit, if there is one, changes its text.
func (s *Stack) Desk(edit func(string) string) *Desk {
	s.T.Helper()
	binary, err := program()
	require.NoError(s.T, err)
	data, err := os.ReadFile(filepath.Join(Root(), "demo", "gatehouse.yaml"))
	require.NoError(s.T, err)
	text := Replace(s.T, string(data), "policy: policy.yaml", "policy: "+s.PolicyPath, "namespace: default", "namespace: "+s.Namespace,
		"url: ledger.db", "url: "+s.App.Config.Ledger.URL.Reveal(), "workday: 15m, bamboohr: 10m", "workday: 1h, bamboohr: 1h")
	text = strings.ReplaceAll(text, "http://127.0.0.1:8484", s.Sandbox.URL())
	if edit != nil {
		text = edit(text)
	}
	d := &Desk{stack: s, binary: binary, Config: filepath.Join(s.T.TempDir(), "gatehouse.yaml")}
	require.NoError(s.T, os.WriteFile(d.Config, []byte(text), 0o600))
	return d
}

// Printed is what a command came to.
type Printed struct {
	Code     int
	Out, Err string
	// Took is how long the command ran.
	Took time.Duration
}

// Run runs a command of starter, whatever it comes to.
func (d *Desk) Run(args ...string) Printed { return d.RunIn("", args...) }

// RunIn runs a command of starter in a working directory.
func (d *Desk) RunIn(dir string, args ...string) Printed { return d.Start(dir, args...)() }

// Start starts a command of starter and returns a function that waits for its end.
func (d *Desk) Start(dir string, args ...string) func() Printed {
	d.stack.T.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.stack.T.Context()), 2*patience)
	cmd := exec.CommandContext(ctx, d.binary, append([]string{"--config", d.Config}, args...)...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+temporal.Address, "TEMPORAL_NAMESPACE="+d.stack.Namespace)
	cmd.Env = append(cmd.Env, d.Env...)
	began := time.Now()
	require.NoError(d.stack.T, cmd.Start())
	var once sync.Once
	var p Printed
	wait := func() Printed {
		d.stack.T.Helper()
		once.Do(func() {
			defer cancel()
			var exit *exec.ExitError
			if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
				require.NoError(d.stack.T, err)
			}
			p = Printed{Code: cmd.ProcessState.ExitCode(), Out: out.String(), Err: errs.String(), Took: time.Since(began)}
			d.stack.T.Logf("starter %s\nexit %d after %v\n%s%s", strings.Join(args, " "), p.Code, p.Took.Round(time.Millisecond), p.Out, p.Err)
		})
		return p
	}
	d.stack.T.Cleanup(func() { wait() })
	return wait
}

// MustRun runs a command of starter that has to succeed, and returns what it printed.
func (d *Desk) MustRun(args ...string) string {
	d.stack.T.Helper()
	p := d.Run(args...)
	require.Zero(d.stack.T, p.Code, "starter %s: %s", strings.Join(args, " "), p.Err)
	return p.Out
}

// Kill starts a command of starter, kills it once it has printed so many lines, or after a while if it prints fewer, and
// returns what it had printed.
func (d *Desk) Kill(lines int, after time.Duration, args ...string) string {
	d.stack.T.Helper()
	cmd := exec.CommandContext(d.stack.T.Context(), d.binary, append([]string{"--config", d.Config}, args...)...)
	cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+temporal.Address, "TEMPORAL_NAMESPACE="+d.stack.Namespace)
	cmd.Env = append(cmd.Env, d.Env...)
	out, err := cmd.StdoutPipe()
	require.NoError(d.stack.T, err)
	require.NoError(d.stack.T, cmd.Start())
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // It may be over already.
	defer timer.Stop()
	var printed []string
	for scanner := bufio.NewScanner(out); len(printed) < lines && scanner.Scan(); {
		printed = append(printed, scanner.Text())
	}
	_, _ = cmd.Process.Kill(), cmd.Wait() // It was killed, which is its end.
	return strings.Join(printed, "\n")
}
