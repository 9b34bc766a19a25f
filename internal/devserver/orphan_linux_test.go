package devserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// server stands in for the temporal CLI: it says who it is and never answers.
const server = `#!/bin/sh
echo $$ > "$PID_FILE.new" && mv "$PID_FILE.new" "$PID_FILE"
exec sleep 600
`

// TestStartAndBeKilled is the process of TestServerDiesWithItsProcess.
func TestStartAndBeKilled(t *testing.T) {
	if os.Getenv("PID_FILE") == "" {
		t.Skip("only TestServerDiesWithItsProcess runs this, in a process of its own")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := Start(ctx, Options{NoUI: true})
	require.Error(t, err, "nothing answers")
}

// TestServerDiesWithItsProcess: a test binary that is killed, or ended by its time limit, stops nothing any more.
func TestServerDiesWithItsProcess(t *testing.T) {
	dir := t.TempDir()
	cli, file := filepath.Join(dir, "temporal"), filepath.Join(dir, "pid")
	require.NoError(t, os.WriteFile(cli, []byte(server), 0o700))
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestStartAndBeKilled$")
	child.Env = append(os.Environ(), "TEMPORAL_CLI="+cli, "PID_FILE="+file)
	require.NoError(t, child.Start())
	var pid int
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file)
		if err != nil {
			return false
		}
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	}, time.Minute, 10*time.Millisecond, "the server was not started")
	require.True(t, running(pid))
	t.Cleanup(func() {
		if running(pid) {
			require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		}
	})
	require.NoError(t, child.Process.Kill())
	require.Error(t, child.Wait())
	require.Eventually(t, func() bool { return !running(pid) }, 10*time.Second, 10*time.Millisecond, "the server is still there")
}

// running reports whether a process is there and has not ended, as one that nobody has waited for yet has.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}
