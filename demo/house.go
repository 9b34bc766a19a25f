package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"gatehouse/demo/section"
	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/devserver"
	"gatehouse/sandbox/control"
)

// house is everything that runs during the demo.
type house struct {
	dir      string
	app      *app.App
	sandbox  *control.Client
	gateway  string
	agents   string
	temporal *devserver.Server
	// lock says that the directory is in use, for as long as this process lives.
	lock *os.File

	processes []*process
}

// process is a child of the demo.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *os.File
	done chan error
}

// The ports people know; a taken one is replaced by a free one.
const (
	portTemporal = 7233
	portUI       = 8233
	portSandbox  = 8484
	portGateway  = 8480
	portAgents   = 8485
	portLDAP     = 8389
)

// claim refuses a directory that another demo lives in: emptying it would take that one's ledger away.
func (h *house) claim() error {
	dir, err := filepath.Abs(h.dir)
	if err != nil {
		return fmt.Errorf("find %s: %w", h.dir, err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("prepare %s: %w", h.dir, err)
	}
	h.lock, err = os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("prepare %s: %w", h.dir, err)
	}
	if err := syscall.Flock(int(h.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("a demo is running in %s already: stop it with Ctrl-C, or play this one elsewhere with `go run ./demo --dir var/another`", h.dir)
	}
	return nil
}

// build starts Temporal, the sandbox and Gatehouse, each as a process of its own. The house is returned even if that
// fails, so that what did start can be stopped.
func build(ctx context.Context, dir string) (*house, error) {
	h := &house{dir: dir}
	if err := h.claim(); err != nil {
		return h, err
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return h, fmt.Errorf("prepare %s: %w", dir, err)
	}
	ports := map[int]int{}
	for _, want := range []int{portTemporal, portUI, portSandbox, portGateway, portAgents, portLDAP} {
		got, err := port(want)
		if err != nil {
			return h, err
		}
		ports[want] = got
	}
	if err := h.writeFiles(ports); err != nil {
		return h, err
	}
	var err error
	h.temporal, err = devserver.Start(ctx, devserver.Options{
		Port: ports[portTemporal], UIPort: ports[portUI],
		Database: filepath.Join(dir, "temporal.db"), Log: filepath.Join(dir, "temporal.log"),
	})
	if err != nil {
		return h, err
	}
	sandboxURL := "http://127.0.0.1:" + strconv.Itoa(ports[portSandbox])
	h.gateway = "http://127.0.0.1:" + strconv.Itoa(ports[portGateway])
	h.agents = "http://127.0.0.1:" + strconv.Itoa(ports[portAgents])
	h.sandbox = control.New(sandboxURL)
	if err := h.start(ctx, sandboxURL+"/sandbox/credentials", "sandbox", "--addr", "127.0.0.1:"+strconv.Itoa(ports[portSandbox]),
		"--ldap", "127.0.0.1:"+strconv.Itoa(ports[portLDAP])); err != nil {
		return h, err
	}
	if err := h.addSections(ctx); err != nil {
		return h, err
	}
	if err := h.startWorker(ctx); err != nil {
		return h, err
	}
	return h, h.connect(ctx)
}

func (h *house) configFile() string { return filepath.Join(h.dir, "gatehouse.yaml") }

func (h *house) startWorker(ctx context.Context) error {
	return h.start(ctx, h.gateway+"/readyz", "starter", "--config", h.configFile(), "serve", "--with-worker")
}

// connect opens the demo's own view of the house, applies the schedules and points the vendors' webhooks at the gateway.
func (h *house) connect(ctx context.Context) error {
	cfg, err := config.Load(h.configFile(), config.Needs{})
	if err != nil {
		return err
	}
	if err := os.Setenv("TEMPORAL_ADDRESS", h.temporal.Address); err != nil {
		return err
	}
	if h.app, err = app.Open(ctx, cfg, app.Options{}); err != nil {
		return err
	}
	if _, err := h.app.ApplySchedules(ctx); err != nil {
		return err
	}
	return errors.Join(
		h.sandbox.WebhookTarget(ctx, h.gateway+"/webhooks/bamboohr", "event"),
		h.sandbox.EventTarget(ctx, h.gateway+"/webhooks/onelogin", cfg.Gateway.OneLoginHeader, cfg.Gateway.OneLoginSecrets[0].Reveal(), 200*time.Millisecond, false),
		h.sandbox.PagerTarget(ctx, h.gateway+"/webhooks/pagerduty", 1),
		h.sandbox.Interactivity(ctx, h.gateway+"/slack/interactions"),
	)
}

// addSections does what a person does in the Cloud console, downloads a key of the service account, and adds the sections of the
// configuration that the file in the repository cannot have: the sandbox makes what they refer to.
func (h *house) addSections(ctx context.Context) error {
	key, err := h.sandbox.GoogleKey(ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(h.dir, section.GoogleKey), key, 0o600); err != nil {
		return fmt.Errorf("write the demo's files: %w", err)
	}
	systems, err := section.Systems(ctx, h.sandbox, h.dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(h.configFile())
	if err != nil {
		return fmt.Errorf("read the demo's files: %w", err)
	}
	text = fmt.Appendf(text, `google:
  credentials: "file:%s"
  subject: gatehouse-robot@acme.example
  sender: it-security@acme.example
  folder_id: 1AcmeAccessReports
  drive_id: 0AcmeSharedDrive
  base_url: %s/google
  index_lag: 3s
%s`, section.GoogleKey, h.sandbox.URL(), systems)
	if err := os.WriteFile(h.configFile(), text, 0o600); err != nil {
		return fmt.Errorf("write the demo's files: %w", err)
	}
	return nil
}

// writeFiles copies configuration and policy, with the ports that are really free.
func (h *house) writeFiles(ports map[int]int) error {
	for _, name := range []string{"gatehouse.yaml", "policy.yaml"} {
		data, err := os.ReadFile(filepath.Join("demo", name))
		if err != nil {
			return fmt.Errorf("read the demo's files: %w; run it from the repository's top", err)
		}
		text := string(data)
		for want, got := range ports {
			text = strings.ReplaceAll(text, "127.0.0.1:"+strconv.Itoa(want), "127.0.0.1:"+strconv.Itoa(got))
		}
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write the demo's files: %w", err)
		}
	}
	return nil
}

// start starts one of our programs and returns when it answers.
func (h *house) start(ctx context.Context, ready, name string, args ...string) error {
	return h.startAs(ctx, name, ready, name, args...)
}

// startAs is start for a program that runs as something else than itself.
func (h *house) startAs(ctx context.Context, name, ready, program string, args ...string) error {
	log, err := os.OpenFile(filepath.Join(h.dir, name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", name, err)
	}
	p := &process{name: name, log: log, done: make(chan error, 1)}
	// The process outlives the context on purpose: tearDown ends it in order.
	p.cmd = exec.Command(filepath.Join("bin", program), args...)
	p.cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+h.temporal.Address)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("start bin/%s: %w; `make demo` builds it", program, err)
	}
	h.processes = append(h.processes, p)
	go func() { p.done <- p.cmd.Wait() }()
	return p.await(ctx, ready)
}

func (p *process) await(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(ctx, url) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer; its log is %s", p.name, p.log.Name())
		case err := <-p.done:
			p.done <- err
			return fmt.Errorf("%s ended at once (%w):\n%s", p.name, err, tail(p.log.Name()))
		case <-tick.C:
		}
	}
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close()) == nil && resp.StatusCode == http.StatusOK
}

func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-2000):])
}

// tearDown stops everything in reverse order.
func (h *house) tearDown() error {
	var errs []error
	if h.app != nil {
		errs = append(errs, h.app.Close())
	}
	for i := len(h.processes) - 1; i >= 0; i-- {
		errs = append(errs, h.processes[i].stop())
	}
	if h.temporal != nil {
		errs = append(errs, h.temporal.Stop())
	}
	return errors.Join(errs...)
}

func (p *process) stop() error {
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	select {
	case <-p.done:
	case <-time.After(45 * time.Second):
		if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill %s: %w", p.name, err)
		}
		<-p.done
	}
	return p.log.Close()
}

// port returns the wanted port if it is free, else any free one.
func port(want int) (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(want))
	if err != nil {
		return devserver.FreePort()
	}
	return want, l.Close()
}
