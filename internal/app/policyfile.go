package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/policy"
)

const (
	// policyLook is how often the policy file is looked at for changes.
	policyLook = 2 * time.Second
	// policyStable is for how long a changed file has to stay as it is before it is taken up: whoever writes it in several
	// steps, or by a copy that takes its time, is not overtaken.
	policyStable = 4 * time.Second
	// policySettles is how long a file may go on changing before somebody is told that it is not taken up.
	policySettles = time.Minute
	// policyAgain is how often a file that was refused is judged again although it has not changed: OneLogin may have by now
	// the role that it names.
	policyAgain = 5 * time.Minute
	// policySaid is how often a process says which policy it has in force.
	policySaid = 30 * time.Second
)

// PolicyHeard is for how long it is believed what a process said of the policy that it has in force.
const PolicyHeard = 2 * time.Minute

// PolicyFile holds the policy in force and follows its file. A file that is invalid, cut off, gone, or that protects less
// changes nothing: the last good policy stays in force, and the ledger says what is wrong with the new one.
type PolicyFile struct {
	path    string
	sources []string
	check   func(ctx context.Context, p *policy.Policy) error
	ledger  *ledger.Ledger
	clock   func() time.Time
	// steady is the clock by which a file stays as it is: the machine's, whatever day it is for the policy.
	steady  func() time.Time
	log     *slog.Logger
	current atomic.Pointer[policy.Policy]

	// waiting hints whoever waits for another policy than the one in force; nil in a process that hints nobody.
	waiting func(ctx context.Context, hash string) error

	// looking is held by one look at a time; what follows belongs to it.
	looking sync.Mutex
	state   policies.PolicyState
	said    time.Time
	// seen is the digest of the file at the latest looks, and since when it has been that; unsettled is since when it has been
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

	// deciders says whether a signed acceptance counts; nil in a process that only checks a file.
	deciders *decider.Judge
	// twice says that two people have to accept the policy that was refused, and noted what is known of who has.
	twice bool
	noted string
	// spent are the acceptances by which this process has taken up a policy: none counts a second time.
	spent map[string]bool
}

// OpenPolicy loads the policy that a configuration names. Check, if not nil, compares it with the tenant; it is asked at
// every reload.
func OpenPolicy(cfg *config.Config, log *slog.Logger) (*PolicyFile, error) {
	f := &PolicyFile{path: cfg.Policy, sources: cfg.Sources(), log: log, clock: time.Now, steady: time.Now, spent: map[string]bool{}}
	data, err := os.ReadFile(f.path)
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

// processName tells the processes apart that share a ledger.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s/%d", host, os.Getpid())
}

// parse reads a policy and compares it with the HR sources.
func (f *PolicyFile) parse(data []byte) (*policy.Policy, error) {
	p, err := policy.Parse(f.path, data)
	if err != nil {
		return nil, err
	}
	return p, p.CheckSources(f.sources)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Current is the policy in force.
func (f *PolicyFile) Current() *policy.Policy { return f.current.Load() }

func (f *PolicyFile) take(p *policy.Policy, digest string) {
	f.current.Store(p)
	f.inForce = digest
	f.state = policies.PolicyState{Program: f.state.Program, Hash: p.Hash(), TakenAt: f.clock(), Deciders: named(p)}
}

// refusal is why a policy file is not taken up: a kind of the ledger, the hash of the policy, and what is wrong.
type refusal struct {
	kind, hash string
	err        error
	// note is what somebody who looks has to know beside; it may name people and goes into no log.
	note string
}

func (r *refusal) Error() string { return r.err.Error() }

func (r *refusal) Unwrap() error { return r.err }

// Reload takes up the file as it is now, if it is valid and does not protect less than the policy in force.
func (f *PolicyFile) Reload(ctx context.Context) error {
	f.looking.Lock()
	defer f.looking.Unlock()
	data, err := os.ReadFile(f.path)
	if err != nil {
		return fmt.Errorf("read policy: %w", err)
	}
	return f.reload(ctx, data)
}

func (f *PolicyFile) reload(ctx context.Context, data []byte) error {
	p, err := f.parse(data)
	if err != nil {
		return &refusal{kind: policies.PolicyInvalid, err: err}
	}
	if f.check != nil {
		if err := f.check(ctx, p); err != nil {
			return &refusal{kind: policies.PolicyInvalid, hash: p.Hash(), err: err}
		}
	}
	if p.Hash() == f.Current().Hash() {
		f.inForce = digest(data)
		return nil
	}
	lost := p.WeakerThan(f.Current())
	for _, text := range p.WeakerThan(f.meant) {
		if !slices.Contains(lost, text) {
			lost = append(lost, text)
		}
	}
	if len(lost) > 0 {
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
	}
	f.take(p, digest(data))
	f.log.Info("policy reloaded", "hash", p.Hash())
	return nil
}

// Watch follows the file until the context ends.
func (f *PolicyFile) Watch(ctx context.Context) {
	tick := time.NewTicker(policyLook)
	defer tick.Stop()
	for {
		f.Look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Look looks at the file once. A change is taken up, or refused, when it has stayed the same for a while.
func (f *PolicyFile) Look(ctx context.Context) {
	f.looking.Lock()
	defer f.looking.Unlock()
	before := f.state
	data, err := os.ReadFile(f.path)
	now, seen := f.steady(), "gone"
	if err == nil {
		seen = digest(data)
	}
	if seen != f.seen {
		f.seen, f.since = seen, now
	}
	stable := now.Sub(f.since) >= policyStable
	if stable {
		f.unsettled = time.Time{}
	} else if f.unsettled.IsZero() {
		f.unsettled = now
	}
	switch {
	case !stable && now.Sub(f.unsettled) >= policySettles:
		f.note(&refusal{kind: policies.PolicyUnsettled, err: errors.New("the file goes on changing: it is taken up when it has stayed the same for " + policyStable.String())})
	case !stable:
	case err == nil && seen == f.inForce:
		f.note(nil)
	case errors.Is(err, fs.ErrNotExist):
		f.note(&refusal{kind: policies.PolicyGone, err: err})
	case err != nil:
		f.note(&refusal{kind: policies.PolicyUnreadable, err: err})
	case seen != f.judged || f.worthJudging(ctx, now):
		f.judged, f.judgedAt = seen, now
		f.judge(f.reload(ctx, data))
	}
	f.say(ctx, before)
}

// worthJudging reports that a file which has not changed since it was judged may come to something else by now. Judging one
// asks OneLogin.
func (f *PolicyFile) worthJudging(ctx context.Context, now time.Time) bool {
	if now.Sub(f.judgedAt) >= policyAgain || f.state.Refused == "" {
		return true
	}
	if f.state.Refused != policies.PolicyWeaker {
		return false
	}
	assent, err := f.assent(ctx, f.state.RefusedHash)
	return err == nil && (assent.given || assent.note != f.noted)
}

// judge notes what came of a changed file. What is no refusal, such as a ledger that does not answer, is asked again.
func (f *PolicyFile) judge(err error) {
	var r *refusal
	if err != nil && !errors.As(err, &r) {
		f.log.Error("it is not known whether the policy may be taken up; the last good one stays in force", "error", err)
		return
	}
	f.note(r)
}

// note keeps why the file is not in force, if it is not, and says so once.
func (f *PolicyFile) note(r *refusal) {
	s := f.state
	s.Refused, s.RefusedHash, s.Detail = "", "", ""
	if r != nil {
		s.Refused, s.RefusedHash, s.Detail = r.kind, r.hash, r.Error()+r.note
	}
	if s.Refused == f.state.Refused && s.RefusedHash == f.state.RefusedHash && s.Detail == f.state.Detail {
		return
	}
	s.RefusedAt = time.Time{}
	if r != nil {
		s.RefusedAt = f.clock()
		f.log.Error("policy not taken up; the last good one stays in force", "why", r.kind, "error", r.Error())
	}
	f.state = s
}

// say writes into the ledger which policy is in force and which one is refused: at once when that changes, and else now
// and then, so that others know it still is.
func (f *PolicyFile) say(ctx context.Context, before policies.PolicyState) {
	now := f.steady()
	if f.ledger == nil || f.state.Program == "" || f.state == before && now.Sub(f.said) < policySaid && !f.said.IsZero() {
		return
	}
	err := f.ledger.Policies().NotePolicy(ctx, f.state)
	if err == nil {
		err = f.ledger.Policies().ForgetPolicies(ctx, f.clock().Add(-time.Hour))
	}
	if err == nil && (f.state.Refused != "" || before.Refused != "" || f.said.IsZero()) {
		err = attendPolicy(ctx, f.ledger, f.state, f.clock())
	}
	if err != nil && ctx.Err() == nil {
		f.log.Error("the ledger does not know which policy is in force", "error", err)
		return
	}
	f.said = now
	if f.waiting == nil {
		return
	}
	if err := f.waiting(ctx, f.state.Hash); err != nil && ctx.Err() == nil {
		f.log.Error("whoever waits for another policy is not looked at again yet", "error", err)
	}
}
