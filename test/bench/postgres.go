package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/durationpb"

	"gatehouse/activities/api"
	"gatehouse/internal/devserver"
	"gatehouse/ledger/ledgertest"
)

const (
	pgUser  = "gatehouse"
	shards  = 64
	pgTools = "tools/server"
)

// dynamicConfig is the development server's settings as the file of any other.
func dynamicConfig() string {
	var text strings.Builder
	for _, setting := range devserver.Settings() {
		fmt.Fprintf(&text, "%s: [{value: %s}]\n", setting[0], setting[1])
	}
	return text.String()
}

// postgresServer is a PostgreSQL server of the bench's own, on loopback, with PostgreSQL's default durability: every
// commit is on disk before it is answered.
type postgresServer struct {
	process *process
	dir     string
	port    int
	version string
	schema  string
	opened  int
	// programs is where the Temporal server and its SQL tool are.
	programs string
}

// postgres starts a server. Why says why that cannot be done on this machine.
func postgres(ctx context.Context, programs string) (p *postgresServer, why string, err error) {
	bin, ok := ledgertest.FindPostgres()
	if !ok {
		return nil, "initdb and postgres are not installed", nil
	}
	for _, name := range []string{"temporal-server", "temporal-sql-tool"} {
		if _, err := os.Stat(filepath.Join(programs, name)); err != nil {
			return nil, "", fmt.Errorf("%s is missing: run `make bin/temporal-server`", filepath.Join(programs, name))
		}
	}
	p = &postgresServer{programs: programs}
	if p.schema, err = schemaDir(ctx); err != nil {
		return nil, "", err
	}
	// Not in var/: the user that PostgreSQL runs as may not be let into the checkout.
	if p.dir, err = os.MkdirTemp("", "gatehouse-bench-"); err != nil {
		return nil, "", fmt.Errorf("make a directory for PostgreSQL: %w", err)
	}
	if err := p.start(ctx, bin); err != nil {
		return nil, "", errors.Join(err, p.stop())
	}
	return p, "", nil
}

// schemaDir is where the server's module keeps its schemas.
func schemaDir(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "go.temporal.io/server")
	cmd.Dir = pgTools
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("find the Temporal server's schemas with go list in %s: %w", pgTools, err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "schema", "postgresql", "v12"), nil
}

func (p *postgresServer) start(ctx context.Context, bin string) error {
	as, err := unprivileged(p.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(p.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+data, "--username="+pgUser,
		"--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions")
	initdb.Dir, initdb.SysProcAttr = p.dir, &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	if p.port, err = devserver.FreePort(); err != nil {
		return err
	}
	p.process, err = start(spec{name: "postgres", dir: p.dir, path: filepath.Join(bin, "postgres"), as: as, args: []string{
		"-D", data, "-k", p.dir, "-p", strconv.Itoa(p.port), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200",
		"-c", "log_min_messages=fatal", "-c", "log_min_error_statement=panic",
	}})
	if err != nil {
		return err
	}
	err = p.process.await(ctx, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, p.url("postgres"))
		if err != nil {
			return err
		}
		err = conn.QueryRow(ctx, "SHOW server_version").Scan(&p.version)
		return errors.Join(err, conn.Close(ctx))
	})
	p.version, _, _ = strings.Cut(p.version, " ") // the distribution's name follows
	return err
}

func (p *postgresServer) url(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", pgUser, p.port, database)
}

// stop asks for a fast shutdown and removes what there was.
func (p *postgresServer) stop() error {
	var err error
	if p.process != nil {
		err = p.process.stop(syscall.SIGINT)
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

// unprivileged gives dir to the user that PostgreSQL is to run as: it refuses to be root.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, fmt.Errorf("find a user to run PostgreSQL as, root may not: %w", err)
		}
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, fmt.Errorf("read the ids of user %s: %w", u.Username, err)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		return nil, fmt.Errorf("give PostgreSQL its directory: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// engine is Temporal and ledger on this server, in fresh databases each time.
func (p *postgresServer) engine() engine {
	return engine{
		name: fmt.Sprintf("Temporal server on PostgreSQL %s (%d shards, synchronous commits), ledger there too", p.version, shards), prefix: "pg_",
		open: p.open,
	}
}

func (p *postgresServer) open(ctx context.Context, dir string) (*temporalServer, error) {
	p.opened++
	store, index, ledger := fmt.Sprintf("temporal_%d", p.opened), fmt.Sprintf("visibility_%d", p.opened), fmt.Sprintf("ledger_%d", p.opened)
	for database, schema := range map[string]string{store: "temporal", index: "visibility"} {
		if err := p.prepare(ctx, database, filepath.Join(p.schema, schema, "versioned")); err != nil {
			return nil, err
		}
	}
	conn, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{ledger}.Sanitize())
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return nil, fmt.Errorf("create the ledger's database: %w", err)
	}
	// A server that starts with the search attributes in its database knows them at once. One that is told of them while
	// it runs takes a minute, or asks its database again and again.
	env, address, err := p.settings(dir, store, index)
	if err != nil {
		return nil, err
	}
	server, err := p.ready(ctx, dir, env, address, prepareNamespace)
	if err != nil {
		return nil, err
	}
	if err := server.stop(syscall.SIGTERM); err != nil {
		return nil, err
	}
	// On the ports of the first one: it takes a server a minute to believe that others in its database are gone.
	server, err = p.ready(ctx, dir, env, address, usable)
	if err != nil {
		return nil, err
	}
	return &temporalServer{
		address: address, ledger: p.url(ledger), stop: func() error { return server.stop(syscall.SIGTERM) },
	}, nil
}

// ready starts a server and waits until a check of it passes.
func (p *postgresServer) ready(ctx context.Context, dir string, env []string, address string, check func(context.Context, client.Client) error) (*process, error) {
	template := filepath.Join(filepath.Dir(filepath.Dir(filepath.Dir(p.schema))), "common", "config", "config_template_embedded.yaml")
	server, err := start(spec{name: "temporal", dir: dir, path: filepath.Join(p.programs, "temporal-server"), env: env, args: []string{
		"--config-file", template, "--allow-no-auth", "start",
	}})
	if err != nil {
		return nil, err
	}
	err = server.await(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		c, err := client.DialContext(ctx, client.Options{
			HostPort: address, Namespace: "default", Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
		})
		if err != nil {
			return err
		}
		defer c.Close()
		return check(ctx, c)
	})
	if err != nil {
		return nil, errors.Join(err, server.stop(syscall.SIGTERM))
	}
	return server, nil
}

// prepare makes a database with Temporal's schema.
func (p *postgresServer) prepare(ctx context.Context, database, schema string) error {
	for _, args := range [][]string{{"create"}, {"setup-schema", "-v", "0.0"}, {"update-schema", "-d", schema}} {
		all := append([]string{
			"--plugin", "postgres12_pgx", "--ep", "127.0.0.1", "-p", strconv.Itoa(p.port), "-u", pgUser, "--db", database,
		}, args...)
		if err := run(ctx, filepath.Join(p.programs, "temporal-sql-tool"), all...); err != nil {
			return err
		}
	}
	return nil
}

// settings are the environment of a Temporal server, every port of it on loopback and free, and where it answers.
func (p *postgresServer) settings(dir, store, index string) (env []string, address string, err error) {
	settings := filepath.Join(dir, "dynamic.yaml")
	if err := os.WriteFile(settings, []byte(dynamicConfig()), 0o600); err != nil {
		return nil, "", fmt.Errorf("write the Temporal server's settings: %w", err)
	}
	env = []string{
		"DB=postgres12_pgx", "DB_PORT=" + strconv.Itoa(p.port), "POSTGRES_USER=" + pgUser, "POSTGRES_PWD=", "POSTGRES_SEEDS=127.0.0.1",
		"DBNAME=" + store, "VISIBILITY_DBNAME=" + index, "BIND_ON_IP=127.0.0.1", "NUM_HISTORY_SHARDS=" + strconv.Itoa(shards),
		"DYNAMIC_CONFIG_FILE_PATH=" + settings, "LOG_LEVEL=error",
	}
	taken := map[int]bool{}
	for _, name := range []string{
		"FRONTEND_GRPC_PORT", "FRONTEND_HTTP_PORT", "FRONTEND_MEMBERSHIP_PORT", "MATCHING_GRPC_PORT", "MATCHING_MEMBERSHIP_PORT",
		"HISTORY_GRPC_PORT", "HISTORY_MEMBERSHIP_PORT", "WORKER_GRPC_PORT", "WORKER_MEMBERSHIP_PORT",
	} {
		port, err := lowPort(taken)
		if err != nil {
			return nil, "", err
		}
		taken[port] = true
		env = append(env, name+"="+strconv.Itoa(port))
		if name == "FRONTEND_GRPC_PORT" {
			address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		}
	}
	return env, address, nil
}

// lowPort finds a free port besides those taken that fits a signed 16-bit number, which is how Temporal's PostgreSQL schema stores ports.
func lowPort(taken map[int]bool) (int, error) {
	for range 100 {
		port := 20_000 + rand.IntN(12_000)
		if taken[port] {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 32000 for the Temporal server")
}

// prepareNamespace makes the namespace and the search attributes that runs use.
func prepareNamespace(ctx context.Context, c client.Client) error {
	_, err := c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: "default", WorkflowExecutionRetentionPeriod: durationpb.New(72 * time.Hour),
	})
	var there *serviceerror.NamespaceAlreadyExists
	if err != nil && !errors.As(err, &there) {
		return err
	}
	attributes := map[string]enumspb.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{api.AttrPersonKey, api.AttrStage, api.AttrSource} {
		attributes[key.GetName()] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: "default", SearchAttributes: attributes,
	})
	var known *serviceerror.AlreadyExists
	if err != nil && !errors.As(err, &known) {
		return err
	}
	return usable(ctx, c)
}

// usable reports whether a frontend sees the namespace, which takes it a moment.
func usable(ctx context.Context, c client.Client) error {
	_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: "WorkflowType = 'none'"})
	return err
}
