// Package doctor looks for what would keep a leaver from being shut out, before it does: credentials and what they may do,
// owners of credentials who leave, mappings and directories that give access back, HR reports with holes, channels that
// nobody can be told in, schedules and workers that are not there, clocks that disagree.
//
// It changes nothing. A code never changes its meaning, so that a monitor may go by it.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/policy"
)

// State is what a check came to.
type State string

// The states, the best first.
const (
	Fine State = "fine"
	// Warning: nothing is stopped today, and something will be.
	Warning State = "warning"
	// Unknown: it could not be checked.
	Unknown State = "unknown"
	// Failure: it keeps a leaver from being shut out, or somebody from hearing of it.
	Failure State = "failure"
)

// Result is one finding.
type Result struct {
	Code  string `json:"code"`
	What  string `json:"what"`
	State State  `json:"state"`
	Found string `json:"found"`
	// Mend is what to do, a command where there is one.
	Mend string `json:"mend,omitempty"`
}

// Exit codes of a program that reports results.
const (
	ExitFine     = cli.ExitDone
	ExitWarnings = cli.ExitFailed
	ExitFailures = cli.ExitLeaverMayStay
)

// Exit is the exit code for results: a check that could not be made counts as a warning.
func Exit(all []Result) int {
	code := ExitFine
	for _, r := range all {
		switch r.State {
		case Failure:
			return ExitFailures
		case Warning, Unknown:
			code = ExitWarnings
		case Fine:
		}
	}
	return code
}

// Doctor checks one installation.
type Doctor struct {
	// App is nil where the configuration cannot be used, and Broken says why.
	App    *app.App
	Broken error
	Now    func() time.Time
	// Incomplete says what the configuration lacks for a process that acts; nil if nothing.
	Incomplete error
	// Tell is told of progress; it may be nil.
	Tell func(text string)

	// silent says that Temporal does not answer.
	silent bool
	policy *policy.Policy
	hr     map[string]reading
	out    []Result
}

// check is one check: what it asks, under a code.
type check struct {
	code, what string
	run        func(ctx context.Context, r *report)
}

// report collects what a check finds. A check that finds nothing to say is fine.
type report struct {
	code, what string
	all        []Result
}

func (r *report) add(state State, found, mend string) {
	r.all = append(r.all, Result{Code: r.code, What: r.what, State: state, Found: found, Mend: mend})
}

func (r *report) fine(format string, args ...any) { r.add(Fine, fmt.Sprintf(format, args...), "") }

func (r *report) warn(mend, format string, args ...any) {
	r.add(Warning, fmt.Sprintf(format, args...), mend)
}

func (r *report) failure(mend, format string, args ...any) {
	r.add(Failure, fmt.Sprintf(format, args...), mend)
}

func (r *report) unknown(mend, format string, args ...any) {
	r.add(Unknown, fmt.Sprintf(format, args...), mend)
}

// within bounds one check, except for reading HR in full.
const within = 20 * time.Second

// Examine runs all checks.
func (d *Doctor) Examine(ctx context.Context) []Result {
	if d.Broken != nil {
		return d.unexamined()
	}
	d.readHR(ctx)
	for _, c := range d.checks() {
		r := &report{code: c.code, what: c.what}
		c.run(ctx, r)
		if ctx.Err() != nil && len(r.all) == 0 {
			r.unknown("", "interrupted")
		}
		d.out = append(d.out, r.all...)
	}
	return d.out
}

// SeeConfiguration is what to do about a check that was not made because the configuration cannot be used.
const SeeConfiguration = "see GH-D01"

// unexamined is what can be said where the configuration cannot be used: that, and that nothing else was asked.
func (d *Doctor) unexamined() []Result {
	for i, c := range d.checks() {
		r := &report{code: c.code, what: c.what}
		if i == 0 {
			d.configuration(context.Background(), r)
		} else {
			r.unknown(SeeConfiguration, "not asked: the configuration cannot be used")
		}
		d.out = append(d.out, r.all...)
	}
	return d.out
}

// checks are all checks in the order of their codes. A new one gets the next code.
func (d *Doctor) checks() []check {
	return slices.Concat(d.ownChecks(), d.oneloginChecks(), d.hrChecks(), d.wordChecks(), d.systemChecks())
}

// Codes lists every check with what it is about.
func Codes() [][2]string {
	var out [][2]string
	for _, c := range (&Doctor{}).checks() {
		out = append(out, [2]string{c.code, c.what})
	}
	return out
}

// bounded gives a check's questions a time in which to be answered.
func bounded(ctx context.Context, ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := ask(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %s", within)
	}
	return err
}

// noCredential is what is said of a system that this machine cannot ask.
const noCredential = "this machine holds no credential of it"

// elsewhere is what to do then.
const elsewhere = "run starter doctor where the worker runs"
