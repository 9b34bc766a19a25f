// Package devserver runs Temporal's development server for the demo, the tests and the benchmark: one process on
// loopback, a file for a database, with the settings under which its queues are as fast as its database.
package devserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// Options choose how the server runs.
type Options struct {
	// Port and UIPort are the ports to listen on; 0 takes free ones. NoUI leaves the UI out.
	Port, UIPort int
	NoUI         bool
	// Database is a file; empty keeps everything in memory.
	Database string
	// Namespaces are made besides "default".
	Namespaces []string
	// Log is the file that gets the server's output.
	Log string
	// Settings are dynamic configuration besides the usual, by name and JSON value.
	Settings [][2]string
}

// Server is a running development server.
type Server struct {
	// Address is host:port of the frontend, UI the base URL of the web page.
	Address string
	UI      string

	cmd  *exec.Cmd
	done chan error
	log  *os.File
	// wal is nil without a database file.
	wal *checkpointer
}

// ErrNoCLI says that the temporal CLI is not installed and has not been built.
var ErrNoCLI = errors.New("the temporal CLI is neither in bin/ nor on the PATH: run `make bin/temporal`, which builds it from tools/go.mod")

// Find returns the path of the temporal CLI: the one the repository pins if it is built, else an installed one.
func Find() (string, error) {
	if path := os.Getenv("TEMPORAL_CLI"); path != "" {
		return path, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the temporal CLI: %w", err)
	}
	for {
		path := filepath.Join(dir, "bin", "temporal")
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	path, err := exec.LookPath("temporal")
	if err != nil {
		return "", ErrNoCLI
	}
	return path, nil
}

// attempts is how often a server is started whose ports are nobody's wish: one that was free a moment ago may have been
// given to a connection of another process since.
const attempts = 3

// Start starts the server and returns when it answers.
func Start(ctx context.Context, o Options) (*Server, error) {
	cli, err := Find()
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		s, err := startOnce(ctx, cli, o)
		if err == nil || o.Port != 0 || n == attempts || ctx.Err() != nil {
			return s, err
		}
	}
}

func startOnce(ctx context.Context, cli string, o Options) (_ *Server, err error) {
	if o.Port == 0 {
		if o.Port, err = FreePort(); err != nil {
			return nil, err
		}
	}
	if o.UIPort == 0 {
		if o.UIPort, err = FreePort(); err != nil {
			return nil, err
		}
	}
	s := &Server{Address: "127.0.0.1:" + strconv.Itoa(o.Port), UI: "http://127.0.0.1:" + strconv.Itoa(o.UIPort), done: make(chan error, 1)}
	if err := keepPrivate(o); err != nil {
		return nil, err
	}
	// The process outlives the context on purpose: Stop ends it after everything that still talks to it.
	s.cmd = exec.Command("/bin/sh", append([]string{"-c", private, cli}, arguments(o)...)...)
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	endWithParent(s.cmd.SysProcAttr)
	// The server's memory is small and its garbage much: collecting a quarter as often saves a tenth of its time.
	s.cmd.Env = append([]string{"GOGC=400"}, os.Environ()...)
	if o.Log != "" {
		if s.log, err = os.OpenFile(o.Log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
			return nil, fmt.Errorf("open the log of the Temporal server: %w", err)
		}
		s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cli, err)
	}
	go func() { s.done <- s.cmd.Wait() }()
	if err := s.await(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if o.Database != "" {
		if s.wal, err = startCheckpointer(o.Database); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// private has the CLI make files that only their owner can read: histories hold personal data, and its database is not
// encrypted. It takes no flag for that.
const private = `umask 077 && exec "$0" "$@"`

// keepPrivate takes the files that are there already from everybody but their owner.
func keepPrivate(o Options) error {
	files := []string{o.Log}
	if o.Database != "" {
		files = append(files, o.Database, o.Database+"-wal", o.Database+"-shm")
	}
	for _, path := range files {
		if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("keep the Temporal server's files private: %w", err)
		}
	}
	return nil
}

// arguments are the flags of the server. Its history shard is polled 20 times a second by default, so that every hop
// through a queue waits for the next tick; the higher rates take that wait away.
func arguments(o Options) []string {
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(o.Port), "--log-level", "error",
	}
	if o.NoUI {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-ip", "127.0.0.1", "--ui-port", strconv.Itoa(o.UIPort))
	}
	if o.Database != "" {
		args = append(args, "--db-filename", o.Database,
			"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL",
			// One connection does all the work, with 2 MB for pages by default. -65536 is 64 MB; 2 is memory.
			"--sqlite-pragma", "cache_size=-65536", "--sqlite-pragma", "temp_store=2",
			// The checkpointer copies the log back. In pages: above 64 MB the server does.
			"--sqlite-pragma", "wal_autocheckpoint=16000")
	}
	for _, name := range []string{"PersonKey", "Stage", "Source"} {
		// Known from the start, so that the server need not read the names again with every request.
		args = append(args, "--search-attribute", name+"=Keyword")
	}
	for _, name := range o.Namespaces {
		args = append(args, "--namespace", name)
	}
	if n := len(o.Namespaces); n > 0 {
		// Each namespace has a worker of the server's own, which its schedules wait for. They are started ten a second by
		// default, in no order: the last of 200 was there after 20 seconds, and its schedules answered nothing until then.
		args = append(args, "--dynamic-config-value", "worker.perNamespaceWorkerStartRate="+strconv.Itoa(10+n))
	}
	for _, setting := range append(Settings(), o.Settings...) {
		args = append(args, "--dynamic-config-value", setting[0]+"="+setting[1])
	}
	for _, setting := range []string{
		"system.forceSearchAttributesCacheRefreshOnRead=false",
		// Tasks that come back from a process which did not get to them in time were seen to wait until the polls that were
		// open then had expired, a minute by default.
		`matching.longPollExpirationInterval="5s"`,
	} {
		args = append(args, "--dynamic-config-value", setting)
	}
	return args
}

// Settings are the names and values, in JSON, of what makes a Temporal server on one machine as fast as its database,
// whichever that is.
func Settings() [][2]string {
	return [][2]string{
		{"history.transferProcessorMaxPollRPS", "2000"},
		{"history.timerProcessorMaxPollRPS", "2000"},
		{"history.visibilityProcessorMaxPollRPS", "2000"},
		// What people see in lists costs a write six times as long as any other. One at a time leaves the database to what runs wait for.
		{"history.visibilityProcessorSchedulerWorkerCount", "1"},
		// A run that continues as new within a second of its start waits for the rest of it otherwise.
		{"history.workflowIdReuseMinimalInterval", `"1ms"`},
		// Off by default before server 1.32: the worker that schedules an activity gets it with the answer.
		{"system.enableActivityEagerExecution", "true"},
		{"matching.useNewMatcher", "true"},
		{"frontend.namespaceRPS.visibility", "500"},
	}
}

// await returns when the server is healthy, or has ended, or the context has.
func (s *Server) await(ctx context.Context) error {
	quiet := sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := client.DialContext(ctx, client.Options{HostPort: s.Address, Logger: quiet})
		if err == nil {
			c.Close()
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the Temporal server at %s: %w", s.Address, ctx.Err())
		case err := <-s.done:
			s.done <- err
			return fmt.Errorf("the Temporal server ended at once (%w); see its log, or is the port taken?", err)
		case <-tick.C:
		}
	}
}

// Stop ends the server and waits until it is gone.
func (s *Server) Stop() (err error) {
	if s.wal != nil {
		// Before the server, so that it is the last to close the database and tidies up.
		err = s.wal.close()
	}
	return errors.Join(err, s.end())
}

func (s *Server) end() error {
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the Temporal server: %w", err)
	}
	select {
	case <-s.done: // how it ended does not matter any more
	case <-time.After(10 * time.Second):
		if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill the Temporal server: %w", err)
		}
		<-s.done
	}
	if s.log != nil {
		return s.log.Close()
	}
	return nil
}

// Kill ends the server at once, as a crash would, and waits until it is gone. What it had committed is in its database.
func (s *Server) Kill() error {
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill the Temporal server: %w", err)
	}
	<-s.done
	var err error
	if s.wal != nil {
		err = s.wal.close()
	}
	if s.log != nil {
		err = errors.Join(err, s.log.Close())
	}
	return err
}

// FreePort returns a loopback port that was free a moment ago.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return port, nil
}
