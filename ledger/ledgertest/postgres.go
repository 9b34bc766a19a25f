package ledgertest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// startTimeout bounds initdb and the server's start.
	startTimeout = time.Minute
	// stopTimeout is how long a fast shutdown may take before the server is killed.
	stopTimeout = 10 * time.Second
	superuser   = "gatehouse"
)

// Postgres starts a server that lives as long as the test and returns the URL of an empty database on it. The test is
// skipped where PostgreSQL is not installed. Starting takes one to two seconds: share one server among subtests, each
// with a database of its own from [Database].
func Postgres(t testing.TB) (url string) {
	t.Helper()
	if _, ok := FindPostgres(); !ok {
		t.Skip("PostgreSQL is not installed: initdb and postgres found neither in PATH nor in /usr/lib/postgresql")
	}
	// Not t.TempDir: its parent is closed to the user that the server runs as. Short, for the socket's sake.
	dir, err := os.MkdirTemp("", "gatehouse-pg-")
	if err != nil {
		t.Fatalf("create a directory for PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("remove PostgreSQL's directory: %v", err)
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	url, stop, err := StartPostgres(ctx, dir)
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(stop)
	return url
}

// Database creates an empty database on the server at serverURL and returns its URL. The name must be a plain
// lower-case identifier.
func Database(t testing.TB, serverURL, name string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Fatalf("create database %s: %v", name, err)
	}
	u, err := neturl.Parse(serverURL)
	if err != nil {
		t.Fatalf("parse PostgreSQL's URL: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

// FindPostgres returns the directory that holds both initdb and postgres: from PATH, or the newest version among the
// places where packages put them.
func FindPostgres() (binDir string, ok bool) {
	for _, name := range []string{"initdb", "postgres"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if path, err = filepath.EvalSymlinks(path); err == nil && complete(filepath.Dir(path)) {
			return filepath.Dir(path), true
		}
	}
	var dirs []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, err := filepath.Glob(pattern)
		if err == nil {
			dirs = append(dirs, found...)
		}
	}
	dirs = slices.DeleteFunc(dirs, func(d string) bool { return !complete(d) })
	if len(dirs) == 0 {
		return "", false
	}
	return slices.MaxFunc(dirs, func(a, b string) int { return version(a) - version(b) }), true
}

func complete(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// version is the number in a path such as /usr/lib/postgresql/15/bin, 0 if there is none.
func version(dir string) int {
	digits := strings.FieldsFunc(dir, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, err := strconv.Atoi(digits[0])
	if err != nil {
		return 0
	}
	return n
}

// StartPostgres creates a server in dir, which must be empty, and starts it. It listens on a socket in dir only, so dir
// must have fewer than about 80 bytes. Run by root, the server runs as the user postgres or nobody, who must be able to
// reach dir; dir itself is given to them. stop shuts the server down and may be called more than once.
func StartPostgres(ctx context.Context, dir string) (url string, stop func(), err error) {
	bin, ok := FindPostgres()
	if !ok {
		return "", nil, errors.New("PostgreSQL is not installed: initdb and postgres were not found")
	}
	attr, err := processAttributes(dir)
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+data, "--username="+superuser,
		"--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = dir, attr
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}

	var log output
	// The server must outlive ctx, which bounds the start only.
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200",
		"-c", "log_min_messages=fatal", "-c", "log_min_error_statement=panic")
	server.Dir, server.SysProcAttr = dir, attr
	server.Stdout, server.Stderr = &log, &log
	exited, err := run(server)
	if err != nil {
		return "", nil, fmt.Errorf("start postgres: %w", err)
	}
	stop = sync.OnceFunc(func() { shutDown(server.Process, exited) })
	url = "postgres://" + superuser + "@/postgres?host=" + neturl.QueryEscape(dir)
	if err := awaitReady(ctx, url, exited); err != nil {
		stop()
		return "", nil, fmt.Errorf("start postgres: %w: %s", err, log.String())
	}
	return url, stop, nil
}

// shutDown asks for a fast shutdown, which ends open sessions, and kills the server if that takes too long.
func shutDown(p *os.Process, exited <-chan error) {
	if err := p.Signal(syscall.SIGINT); err != nil {
		return // It has already exited.
	}
	select {
	case <-exited:
	case <-time.After(stopTimeout):
		_ = p.Signal(syscall.SIGQUIT) // An immediate shutdown ends the server's children too; it may have exited by now.
		<-exited
	}
}

// awaitReady connects until the server answers, has exited, or ctx ends.
func awaitReady(ctx context.Context, url string, exited <-chan error) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg)
	defer func() { _ = db.Close() }() // Nothing depends on how the probe's connections end.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := probe(ctx, db); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case err := <-exited:
			return fmt.Errorf("the server exited: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func probe(ctx context.Context, db *sql.DB) error {
	var n int
	return db.QueryRowContext(ctx, "SELECT 1").Scan(&n)
}

// output collects what a process prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(o.buf.String())
}
