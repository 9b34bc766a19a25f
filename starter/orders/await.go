package orders

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/codec"
	"gatehouse/starter/cmdline"
)

const (
	// lookEvery is how often a command that waits asks again.
	lookEvery = 250 * time.Millisecond
	// otherAccounts is for how long a run that waits for a decision may go on with what needs none.
	otherAccounts = 3 * time.Second
)

// vigil waits for proof that an order has ended somebody's access.
type vigil struct {
	cmd   *cobra.Command
	app   *app.App
	order identity.Order
	// key is whom the run is about by now: an order about an account moves to the person behind it.
	key  string
	last sight
	run  runSeen
	// warned says that the operator knows of the missing worker.
	warned bool
	// stuckSince is when the run was first seen to wait for a decision.
	stuckSince time.Time
	// read are accounts that were read besides, unreadable is why one could not be.
	read       map[identity.Ref]reading
	unreadable error
}

func newVigil(cmd *cobra.Command, a *app.App, o identity.Order, key string) *vigil {
	return &vigil{cmd: cmd, app: a, order: o, key: key, read: map[identity.Ref]reading{}}
}

// runSeen is what Temporal says of the person's latest run.
type runSeen struct {
	there    bool
	status   enumspb.WorkflowExecutionStatus
	pending  []*workflowpb.PendingActivityInfo
	problem  error // why Temporal or the run could not be asked
	answered bool
}

// await returns nil once it is proven that access has ended, and else an error with what is known and what to do.
func (v *vigil) await(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		if err := v.poll(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		if v.last.over() {
			v.report("")
			return nil
		}
		if why, final := v.hopeless(); final {
			return v.unproven(why)
		}
		v.warnOfNoWorker(ctx)
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return v.unproven("interrupted")
			}
			return v.unproven(fmt.Sprintf("there is no proof after %s", within))
		case <-time.After(lookEvery):
		}
	}
}

// poll asks the ledger, Temporal and the run.
func (v *vigil) poll(ctx context.Context) error {
	l := v.app.Ledger
	owner, err := people.OwnerOf(ctx, l, v.key)
	if err != nil {
		return err
	}
	v.key = owner
	// The run is asked first: what it says that it has searched for is in the ledger by then.
	run, state := v.ask(ctx)
	if ctx.Err() != nil {
		return ctx.Err() // What was known before is better than a question cut short.
	}
	d, _, err := l.Dossier(ctx, v.key)
	if err != nil {
		return err
	}
	rows, err := l.Journal().EvidenceOf(ctx, v.key)
	if err != nil {
		return err
	}
	var first *identity.Ref
	if len(d.Accounts) > 0 {
		first = &d.Accounts[0].Ref
	}
	next := sight{
		order: v.order.ID, since: v.order.At, accounts: d.Accounts, steps: recorded(rows, d.Person.Episode, first),
		contained: d.Person.ContainedAt, named: named(v.key), state: state,
	}
	if next.state != nil {
		next.steps = append(next.steps, next.state.Unrecorded...)
	}
	v.last, v.run = next, run
	return v.readUnread(ctx)
}

// readUnread reads accounts on record that the run has no more to do with, where this program holds a credential: one that
// was suspended long ago is nothing that the run tells of. The rest of what was read stays for the next time.
func (v *vigil) readUnread(ctx context.Context) error {
	v.last.read = v.read
	if !v.last.fresh() || !v.last.searched() {
		return nil
	}
	for _, ref := range v.last.unread() {
		id, _ := ref.OneLogin()
		account, exists, _, err := v.app.ReadAccount(ctx, id)
		if err != nil {
			v.unreadable = err
		}
		if exists {
			v.read[ref] = reading{status: account.Status.String(), at: time.Now()}
		}
	}
	return nil
}

// named is the account that a key names, none for the key of a person.
func named(key string) identity.Ref {
	source, id, err := identity.SplitKey(key)
	if err != nil || source != identity.SystemOneLogin {
		return identity.Ref{}
	}
	return identity.Ref{System: source, ID: id}
}

// ask asks Temporal for the run and the run for its state.
func (v *vigil) ask(ctx context.Context) (runSeen, *api.State) {
	ctx, cancel := context.WithTimeout(ctx, cmdline.AskWithin)
	defer cancel()
	id := api.PersonID(v.key)
	found, err := v.app.Temporal.DescribeWorkflowExecution(ctx, id, "")
	var none *serviceerror.NotFound
	switch {
	case errors.As(err, &none):
		return runSeen{}, nil
	case err != nil:
		return runSeen{problem: err}, nil
	}
	run := runSeen{there: true, status: found.GetWorkflowExecutionInfo().GetStatus(), pending: found.GetPendingActivities()}
	value, err := v.app.Temporal.QueryWorkflow(ctx, id, "", api.QueryState)
	if err != nil {
		run.problem = err
		return run, nil
	}
	var state api.State
	if run.problem = value.Get(&state); run.problem != nil {
		return run, nil
	}
	run.answered = true
	return run, &state
}

// hopeless reports that waiting longer proves nothing: somebody has to decide, or the run is over.
func (v *vigil) hopeless() (why string, final bool) {
	stuck := v.last.stuck()
	if len(stuck) == 0 {
		v.stuckSince = time.Time{}
	} else if v.stuckSince.IsZero() {
		v.stuckSince = time.Now()
	}
	switch {
	case len(stuck) > 0 && (v.settled() || time.Since(v.stuckSince) > otherAccounts):
		return "the run waits for a decision", true
	case !v.run.there || v.run.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || v.run.status == enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return "", false
	case v.run.status != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return "the run has ended as " + strings.ToLower(v.run.status.String()), true
	case v.last.fresh():
		return "the run is over: " + v.last.state.Doing, true
	}
	return "", false
}

// settled reports that nothing is under way beside what waits for a decision.
func (v *vigil) settled() bool {
	for _, e := range v.last.ends() {
		if !e.proven() {
			return len(v.run.pending) == 0
		}
	}
	return true
}

// warnOfNoWorker tells the operator at once that nobody is there to carry the order out.
func (v *vigil) warnOfNoWorker(ctx context.Context) {
	if v.warned || v.run.answered {
		return
	}
	p := Polled(ctx, v.app, api.QueuePeople)
	if p.Asked && !p.Polls {
		v.warned = true
		v.cmd.PrintErrf("no worker works on people's runs (%s). The order is carried out as soon as one does; waiting\n", p.Since())
	}
}

// report prints what is known of each account.
func (v *vigil) report(why string) {
	all := v.last.ends()
	for _, e := range all {
		v.cmd.Println(e)
	}
	if len(all) == 0 {
		v.cmd.Printf("no account of %s is known\n", v.key)
	}
	for _, a := range v.last.accounts {
		if !v.last.covers(a) {
			v.cmd.Printf("%s: a %s account, which is not contained; it needs a new owner and a new secret\n", a.Ref, a.Kind)
		}
	}
	if why == "" && v.last.state != nil && len(v.last.state.Attention) > 0 {
		v.cmd.Printf("besides that the run waits for a decision:%s\n", Waits(v.last.state.Attention))
	}
}

// unproven is the error with everything that is known.
func (v *vigil) unproven(why string) error {
	v.report(why)
	lines := []string{fmt.Sprintf("it is NOT proven that the access of %s has ended: %s", v.key, why)}
	id := api.PersonID(v.key)
	p := Polled(context.WithoutCancel(v.cmd.Context()), v.app, api.QueuePeople)
	switch {
	case p.Asked && !p.Polls:
		lines = append(lines, "no worker works on people's runs ("+p.Since()+"): start one, it carries the order out")
	case !v.run.there && v.run.problem == nil:
		lines = append(lines, id+" has no run: give the order again")
	case errors.Is(v.run.problem, context.DeadlineExceeded) || isDeadline(v.run.problem):
		lines = append(lines, fmt.Sprintf("%s did not answer within %s: no worker is at work, or it is busy (%s)", id, cmdline.AskWithin, p.Since()))
	case v.run.problem != nil:
		lines = append(lines, fmt.Sprintf("%s could not be asked: %v", id, v.run.problem))
	}
	if s := v.last.state; s != nil {
		if stuck := v.last.stuck(); len(stuck) > 0 {
			lines = append(lines, id+" waits for a decision:"+Waits(stuck))
			for _, a := range stuck {
				for _, verb := range a.Options {
					lines = append(lines, fmt.Sprintf("starter decide --person %s --item %s --verb %s --reason WHY", v.key, a.Item, verb))
				}
			}
		} else {
			lines = append(lines, fmt.Sprintf("%s is %s: %s", id, s.Stage, s.Doing))
		}
	}
	if v.last.fresh() && !v.last.searched() && len(v.last.stuck()) == 0 {
		lines = append(lines, "whether the person has further accounts is not known: the search for them has not come to an end")
	}
	if v.unreadable != nil {
		lines = append(lines, "an account on record could not be read: "+v.unreadable.Error())
	}
	for _, a := range v.run.pending {
		lines = append(lines, fmt.Sprintf("%s is being tried, attempt %d%s", a.GetActivityId(), a.GetAttempt(), v.failure(a)))
	}
	lines = append(lines, fmt.Sprintf("order %s stands until it is released: starter release --person %s --order %s --reason ...", v.order.ID, v.key, v.order.ID),
		"until there is proof, suspend the account in OneLogin by hand")
	return errors.New(strings.Join(lines, "\n  "))
}

// isDeadline reports that Temporal gave up waiting for an answer.
func isDeadline(err error) bool {
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &late)
}

// failure is why a pending step failed last.
func (v *vigil) failure(a *workflowpb.PendingActivityInfo) string {
	if a.GetLastFailure() == nil {
		return ""
	}
	_, failures := codec.Converters(v.app.Codec())
	return ": " + Plain(failures.FailureToError(a.GetLastFailure())).Error()
}

// Poll says whether a worker asks for work of a queue.
type Poll struct {
	Asked, Polls bool
	Last         time.Time
}

// quiet is how long a worker that is alive may not have asked for work: a poll lasts a minute.
const quiet = 90 * time.Second

// Since says when a worker last asked for work.
func (p Poll) Since() string {
	if p.Last.IsZero() {
		return "none has asked for work in the last minutes"
	}
	return "the last one asked for work " + cli.Ago(p.Last)
}

// Polled asks Temporal who works on a queue.
func Polled(ctx context.Context, a *app.App, queue string) Poll {
	ctx, cancel := context.WithTimeout(ctx, cmdline.AskWithin)
	defer cancel()
	var p Poll
	for i, kind := range []enumspb.TaskQueueType{enumspb.TASK_QUEUE_TYPE_WORKFLOW, enumspb.TASK_QUEUE_TYPE_ACTIVITY} {
		found, err := a.Temporal.DescribeTaskQueue(ctx, queue, kind)
		if err != nil {
			return Poll{}
		}
		var last time.Time
		for _, each := range found.GetPollers() {
			last = latest(last, each.GetLastAccessTime().AsTime())
		}
		if i == 0 || last.Before(p.Last) {
			p.Last = last
		}
	}
	p.Asked, p.Polls = true, time.Since(p.Last) < quiet
	return p
}

// Plain is the error of an activity that Temporal keeps, as a person reads it.
func Plain(err error) error {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return errors.New(app.Message())
	}
	return err
}
