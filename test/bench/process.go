package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"gatehouse/internal/devserver"
)

const (
	// startTimeout bounds how long a program may take until it answers. A simulated company of a hundred thousand is made first.
	startTimeout = 3 * time.Minute
	// baselineTimeout bounds the first readings of both HR sources: BambooHR is read one employee at a time.
	baselineTimeout = 10 * time.Minute
	// stopTimeout bounds a stop; after it the process is killed.
	stopTimeout = 10 * time.Second
)

// process is a child. It is the leader of a process group, so that a stop reaches what it started itself.
type process struct {
	name  string
	cmd   *exec.Cmd
	log   *os.File
	ended chan struct{}
	// err is how it ended, valid once ended is closed.
	err error
}

// spec says what to start.
type spec struct {
	name string
	path string
	args []string
	env  []string
	// dir is where the log goes.
	dir string
	// as is the user to run as; nil for our own.
	as *syscall.Credential
}

// start starts a child, which outlives any context: stop ends it.
func start(s spec) (*process, error) {
	log, err := os.Create(filepath.Join(s.dir, s.name+".log"))
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", s.name, err)
	}
	p := &process{name: s.name, log: log, ended: make(chan struct{})}
	p.cmd = exec.Command(s.path, s.args...)
	p.cmd.Env = append(os.Environ(), s.env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.as}
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", s.name, err), log.Close())
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop ends the child and waits until it is gone. One that was stopped before stays so.
func (p *process) stop(with syscall.Signal) error {
	if err := p.signal(with); err != nil {
		return err
	}
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		if err := p.signal(syscall.SIGKILL); err != nil {
			return err
		}
		<-p.ended
	}
	if err := p.log.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func (p *process) signal(s syscall.Signal) error {
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop %s: %w", p.name, err)
	}
	return nil
}

// await asks until the child is ready, has ended, or the time is up.
func (p *process) await(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	last := errors.New("not asked yet")
	err := poll(ctx, 25*time.Millisecond, func() (bool, error) {
		select {
		case <-p.ended:
			return false, fmt.Errorf("it ended at once (%w)", p.err)
		default:
		}
		last = ready(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for %s: %w (last answer: %w)\n%s", p.name, err, last, tail(p.log.Name()))
	}
	return nil
}

// answers asks a URL for status 200.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("HTTP %d", resp.StatusCode)
		}
		return errors.Join(err, resp.Body.Close())
	}
}

// poll calls done every so often until it says true or fails, or the context ends.
func poll(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// tail is the end of a log, for an error.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-2000):])
}

// run runs a program to its end and shows what it printed if it fails.
func run(ctx context.Context, path string, args ...string) error {
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %v: %w\n%s", filepath.Base(path), args, err, out[max(0, len(out)-2000):])
	}
	return nil
}

// freeAddress is a loopback address that was free a moment ago.
func freeAddress() (string, error) {
	port, err := devserver.FreePort()
	if err != nil {
		return "", err
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
}
