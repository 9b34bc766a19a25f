package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"gatehouse/internal/config"
	"gatehouse/policy"
)

// policyLook is how often the policy file is looked at for changes.
const policyLook = 2 * time.Second

// PolicyFile holds the policy in force and follows its file. A file that has become invalid changes nothing: the last
// good policy stays in force and the log says what is wrong with the new one.
type PolicyFile struct {
	path    string
	sources []string
	check   func(ctx context.Context, p *policy.Policy) error
	log     *slog.Logger
	current atomic.Pointer[policy.Policy]
	stamp   time.Time
}

// OpenPolicy loads the policy that a configuration names. Check, if not nil, compares it with the tenant; it is asked at
// every reload.
func OpenPolicy(cfg *config.Config, log *slog.Logger) (*PolicyFile, error) {
	f := &PolicyFile{path: cfg.Policy, sources: cfg.Sources(), log: log}
	p, err := f.load()
	if err != nil {
		return nil, err
	}
	f.current.Store(p)
	if info, err := os.Stat(f.path); err == nil {
		f.stamp = info.ModTime()
	}
	return f, nil
}

// load reads the file and compares it with the HR sources.
func (f *PolicyFile) load() (*policy.Policy, error) {
	p, err := policy.Load(f.path)
	if err != nil {
		return nil, err
	}
	return p, p.CheckSources(f.sources)
}

// Current is the policy in force.
func (f *PolicyFile) Current() *policy.Policy { return f.current.Load() }

// Reload takes up the file as it is now, if it is valid.
func (f *PolicyFile) Reload(ctx context.Context) error {
	p, err := f.load()
	if err != nil {
		return err
	}
	if f.check != nil {
		if err := f.check(ctx, p); err != nil {
			return err
		}
	}
	if p.Hash() != f.Current().Hash() {
		f.current.Store(p)
		f.log.Info("policy reloaded", "hash", p.Hash())
	}
	return nil
}

// Watch reloads the file whenever it changes, until the context ends.
func (f *PolicyFile) Watch(ctx context.Context) {
	tick := time.NewTicker(policyLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		info, err := os.Stat(f.path)
		if err != nil || info.ModTime().Equal(f.stamp) {
			continue
		}
		f.stamp = info.ModTime()
		if err := f.Reload(ctx); err != nil {
			f.log.Error("policy not taken up; the last good one stays in force", "error", fmt.Sprint(err))
		}
	}
}
