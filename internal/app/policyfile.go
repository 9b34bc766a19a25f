package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"gatehouse/policy"
)

// policyLook is how often the policy file is looked at for changes.
const policyLook = 2 * time.Second

// PolicyFile holds the policy in force and follows its file. A file that has become invalid changes nothing: the last
// good policy stays in force and the log says what is wrong with the new one.
type PolicyFile struct {
	path    string
	check   func(ctx context.Context, p *policy.Policy) error
	log     *slog.Logger
	current atomic.Pointer[policy.Policy]
	stamp   time.Time
}

// OpenPolicy loads a policy. Check, if not nil, compares it with the tenant; it is asked at every reload.
func OpenPolicy(path string, log *slog.Logger) (*PolicyFile, error) {
	f := &PolicyFile{path: path, log: log}
	p, err := policy.Load(path)
	if err != nil {
		return nil, err
	}
	f.current.Store(p)
	if info, err := os.Stat(path); err == nil {
		f.stamp = info.ModTime()
	}
	return f, nil
}

// Current is the policy in force.
func (f *PolicyFile) Current() *policy.Policy { return f.current.Load() }

// Reload takes up the file as it is now, if it is valid.
func (f *PolicyFile) Reload(ctx context.Context) error {
	p, err := policy.Load(f.path)
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
