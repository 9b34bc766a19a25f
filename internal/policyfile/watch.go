package policyfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"gatehouse/ledger/policies"
)

const (
	// pollEvery is how often the policy file is read to see whether it has changed.
	pollEvery = 2 * time.Second
	// stableFor is for how long a changed file has to stay as it is before it is taken up: whoever writes it in several
	// steps, or by a copy that takes its time, is not overtaken.
	stableFor = 4 * time.Second
	// unsettledAfter is how long a file may go on changing before somebody is told that it is not taken up.
	unsettledAfter = time.Minute
	// retryEvery is how often a file that was refused is judged again although it has not changed: OneLogin may have by now
	// the role that it names.
	retryEvery = 5 * time.Minute
	// reportEvery is how often a process says which policy it has in force.
	reportEvery = 30 * time.Second
)

// Heard is for how long it is believed what a process said of the policy that it has in force.
const Heard = 2 * time.Minute

// Watch follows the file until the context ends.
func (f *File) Watch(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		f.Poll(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Poll reads the file once. A change is taken up, or refused, when it has stayed the same for a while.
func (f *File) Poll(ctx context.Context) {
	f.busy.Lock()
	defer f.busy.Unlock()
	before := f.state
	data, err := os.ReadFile(f.Path)
	now, seen := f.steady(), "gone"
	if err == nil {
		seen = digest(data)
	}
	if seen != f.seen {
		f.seen, f.since = seen, now
	}
	stable := now.Sub(f.since) >= stableFor
	if stable {
		f.unsettled = time.Time{}
	} else if f.unsettled.IsZero() {
		f.unsettled = now
	}
	switch {
	case !stable && now.Sub(f.unsettled) >= unsettledAfter:
		f.note(&refusal{kind: policies.PolicyUnsettled, err: errors.New("the file goes on changing: it is taken up when it has stayed the same for " + stableFor.String())})
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
	f.report(ctx, before)
}

// worthJudging reports that a file which has not changed since it was judged may come to something else by now. Judging one
// asks OneLogin.
func (f *File) worthJudging(ctx context.Context, now time.Time) bool {
	if now.Sub(f.judgedAt) >= retryEvery || f.state.Refused == "" {
		return true
	}
	if f.state.Refused != policies.PolicyWeaker {
		return false
	}
	assent, err := f.assent(ctx, f.state.RefusedHash)
	return err == nil && (assent.given || assent.note != f.noted)
}

// judge notes what came of a changed file. What is no refusal, such as a ledger that does not answer, is asked again.
func (f *File) judge(err error) {
	var r *refusal
	if err != nil && !errors.As(err, &r) {
		f.Log.Error("it is not known whether the policy may be taken up; the last good one stays in force", "error", err)
		return
	}
	f.note(r)
}

// note keeps why the file is not in force, if it is not, and says so once.
func (f *File) note(r *refusal) {
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
		s.RefusedAt = f.Clock()
		f.Log.Error("policy not taken up; the last good one stays in force", "why", r.kind, "error", r.Error())
	}
	f.state = s
}

// report writes into the ledger which policy is in force and which one is refused: at once when that changes, and else now
// and then, so that others know it still is.
func (f *File) report(ctx context.Context, before policies.PolicyState) {
	now := f.steady()
	if f.Ledger == nil || f.state.Program == "" || f.state == before && now.Sub(f.reported) < reportEvery && !f.reported.IsZero() {
		return
	}
	err := f.Ledger.Policies().NotePolicy(ctx, f.state)
	if err == nil {
		err = f.Ledger.Policies().ForgetPolicies(ctx, f.Clock().Add(-time.Hour))
	}
	if err == nil && (f.state.Refused != "" || before.Refused != "" || f.reported.IsZero()) {
		err = raise(ctx, f.Ledger, f.state, f.Clock())
	}
	if err != nil && ctx.Err() == nil {
		f.Log.Error("the ledger does not know which policy is in force", "error", err)
		return
	}
	f.reported = now
	if f.Launch == nil {
		return
	}
	if err := f.hintWaiting(ctx, f.state.Hash); err != nil && ctx.Err() == nil {
		f.Log.Error("whoever waits for another policy is not assessed again yet", "error", err)
	}
}
