package policyfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
)

// Options say which file is followed and with whose help. Path is enough to read it once.
type Options struct {
	Path string
	// Installed is what is configured: a policy has to tell the people of its HR sources apart, and knows no other system.
	Installed Installed
	Log       *slog.Logger
	// Ledger keeps what is in force and what is refused. Program is the process that says so.
	Ledger  *ledger.Ledger
	Program string
	Clock   func() time.Time
	// Check compares a policy with the tenant, at every reload.
	Check func(ctx context.Context, p *policy.Policy) error
	// Deciders says whether a signed acceptance counts.
	Deciders *decider.Judge
	// Launch hints whoever waits for another policy than the one in force; nil in a process that hints nobody.
	Launch api.Launcher
}

// File holds the policy in force and follows its file.
type File struct {
	Options
	// steady is the clock by which a file stays as it is: the machine's, whatever day it is for the policy.
	steady  func() time.Time
	current atomic.Pointer[policy.Policy]

	// busy is held by one poll or reload at a time; what follows belongs to it.
	busy  sync.Mutex
	state policies.PolicyState
	// reported is when the ledger was last told the state.
	reported time.Time
	// seen is the digest of the file at the latest polls, and since when it has been that; unsettled is since when it has been
	// another one than that in force without staying the same.
	seen      string
	since     time.Time
	unsettled time.Time
	// judged is what the file was when it was judged last, and judgedAt when that was.
	judged   string
	judgedAt time.Time
	// inForce is the digest of the file that the policy in force was read from.
	inForce string
	// meant is the last policy that somebody answers for: the one that the process began with, or that was accepted. Protection
	// that is given up in many small steps is counted from there.
	meant *policy.Policy

	// twice says that two people have to accept the policy that was refused, and noted what is known of who has.
	twice bool
	noted string
	// spent are the acceptances by which this process has taken up a policy: none counts a second time.
	spent map[string]bool
}

// Open reads the policy that is in force from now on.
func Open(o Options) (*File, error) {
	f := &File{Options: o, steady: time.Now, spent: map[string]bool{}}
	if f.Clock == nil {
		f.Clock = time.Now
	}
	f.state.Program = o.Program
	data, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, fmt.Errorf("read policy (set its path in the configuration or create the file): %w", err)
	}
	p, err := f.parse(data)
	if err != nil {
		return nil, err
	}
	f.take(p, digest(data))
	f.meant = p
	return f, nil
}

// ThisProcess tells the processes apart that share a ledger.
func ThisProcess() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// Load reads a policy and compares it with what is configured.
func Load(path string, installed Installed) (*policy.Policy, error) {
	p, err := policy.Load(path)
	if err != nil {
		return nil, err
	}
	return p, installed.compare(p)
}

// parse reads a policy and compares it with what is configured.
func (f *File) parse(data []byte) (*policy.Policy, error) {
	p, err := policy.Parse(f.Path, data)
	if err != nil {
		return nil, err
	}
	return p, f.Installed.compare(p)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Current is the policy in force.
func (f *File) Current() *policy.Policy { return f.current.Load() }

func (f *File) take(p *policy.Policy, digest string) {
	f.current.Store(p)
	f.inForce = digest
	f.state = policies.PolicyState{Program: f.state.Program, Hash: p.Hash(), TakenAt: f.Clock(), Deciders: namedBy(p)}
}

// refusal is why a policy file is not taken up: a kind of the ledger, the hash of the policy, and what is wrong.
type refusal struct {
	kind, hash string
	err        error
	// note is what whoever asks has to know beside; it may name people and goes into no log.
	note string
}

func (r *refusal) Error() string { return r.err.Error() }

func (r *refusal) Unwrap() error { return r.err }

// Reload takes up the file as it is now, if it is valid and does not protect less than the policy in force.
func (f *File) Reload(ctx context.Context) error {
	f.busy.Lock()
	defer f.busy.Unlock()
	data, err := os.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	return f.reload(ctx, data)
}

func (f *File) reload(ctx context.Context, data []byte) error {
	p, err := f.parse(data)
	if err != nil {
		return &refusal{kind: policies.PolicyInvalid, err: err}
	}
	if f.Check != nil {
		if err := f.Check(ctx, p); err != nil {
			return &refusal{kind: policies.PolicyInvalid, hash: p.Hash(), err: err}
		}
	}
	if p.Hash() == f.Current().Hash() {
		f.inForce = digest(data)
		return nil
	}
	if err := f.accepted(ctx, p); err != nil {
		return err
	}
	f.take(p, digest(data))
	f.Log.Info("policy reloaded", "hash", p.Hash())
	return nil
}

// accepted refuses a policy that protects less than the one in force or the last one that was meant, until somebody who may
// has accepted it.
func (f *File) accepted(ctx context.Context, p *policy.Policy) error {
	lost := p.WeakerThan(f.Current())
	for _, text := range p.WeakerThan(f.meant) {
		if !slices.Contains(lost, text) {
			lost = append(lost, text)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	f.twice = len(p.Unprotects(f.Current()))+len(p.Unprotects(f.meant)) > 0
	assent, err := f.assent(ctx, p.Hash())
	if err != nil {
		return err
	}
	if f.noted = assent.note; !assent.given {
		return &refusal{kind: policies.PolicyWeaker, hash: p.Hash(), note: assent.note, err: errors.New("it protects less than the policies before: " +
			strings.Join(lost, "; ") + ". If that is meant, say `starter policy accept --hash " + p.Hash() + " --reason WHY`, or restart")}
	}
	f.meant = p
	for _, id := range assent.words {
		f.spent[id] = true
	}
	return nil
}
