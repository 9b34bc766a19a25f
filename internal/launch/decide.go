package launch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
)

// decideWithin bounds a decision, and a look at what waits for one, unless the caller does. A worker answers in much less.
const decideWithin = 15 * time.Second

var (
	// ErrUnanswered says that nobody has answered a decision in time. Temporal may deliver it as soon as somebody works.
	ErrUnanswered = errors.New("no worker has answered: it is not known whether the decision was accepted, and it may still take effect")
	// ErrUnfinished says that a run has accepted a decision and not yet done with it.
	ErrUnfinished = errors.New("the decision was accepted; whether it could be carried out is not known yet")
	// ErrUnread says that what a run waits for could not be read in time.
	ErrUnread = errors.New("no worker has answered, so that what waits for a decision could not be read")
	// ErrNoRun says that there is nothing to decide because no run is open.
	ErrNoRun = errors.New("no run of that name is open, so that nothing waits for a decision there")
)

// Decide carries a decision to the run that waits for it, and waits until the run has taken it, for a while. A decision that
// names its item may be given again where nobody answered: it counts once.
func (l *Launcher) Decide(ctx context.Context, workflowID string, d api.Decision) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	handle, err := l.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: d.Verb, Args: []any{d}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", d.Verb, workflowID, because(err, ErrUnanswered))
	}
	if err := handle.Get(ctx, nil); err != nil {
		return fmt.Errorf("%s %s: %w", d.Verb, workflowID, because(err, ErrUnfinished))
	}
	return nil
}

// ErrOlder says that a worker of an older version does not know what it was told.
var ErrOlder = errors.New("the worker is of an older version, which does not take presses of buttons like this")

// Press tells a run that somebody has pressed a button, and waits for what comes of it. The same press delivered again is one.
func (l *Launcher) Press(ctx context.Context, workflowID string, c api.Click) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	sum := sha256.Sum256([]byte(strings.Join([]string{c.Approval, c.Step, c.Item, c.Verb, c.UserID, c.At.Format(time.RFC3339Nano)}, "\x00")))
	handle, err := l.client.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: api.UpdatePress, UpdateID: "press-" + hex.EncodeToString(sum[:8]), Args: []any{c},
		WaitForStage: client.WorkflowUpdateStageAccepted,
	})
	if err != nil {
		return fmt.Errorf("tell %s of a press: %w", workflowID, because(err, ErrUnanswered))
	}
	var refused *temporal.ApplicationError
	switch err := handle.Get(ctx, nil); {
	case err == nil:
		return nil
	case errors.As(err, &refused) && strings.HasPrefix(refused.Message(), "unknown update "):
		return ErrOlder
	case errors.As(err, &refused):
		return Refused(refused.Message())
	default:
		return fmt.Errorf("tell %s of a press: %w", workflowID, because(err, ErrUnfinished))
	}
}

// Refused is why a run did not take what it was told, in words for whoever said it.
type Refused string

// Error implements error.
func (r Refused) Error() string { return string(r) }

// Waiting asks a run what it is at and what it waits for somebody to decide.
func (l *Launcher) Waiting(ctx context.Context, workflowID string) (api.State, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var state api.State
	value, err := l.client.QueryWorkflow(ctx, workflowID, "", api.QueryState)
	if err == nil {
		err = value.Get(&state)
	}
	if err != nil {
		return api.State{}, fmt.Errorf("ask %s what it waits for: %w", workflowID, because(err, ErrUnread))
	}
	return state, nil
}

// Waits reports whether the open run of that name still waits with a question. A run that has ended waits with none, whatever it
// waited with at last.
func (l *Launcher) Waits(ctx context.Context, workflowID, question string) (bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	found, err := l.client.DescribeWorkflowExecution(ctx, workflowID, "")
	if err = because(err, ErrUnread); errors.Is(err, ErrNoRun) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find out whether %s is open: %w", workflowID, err)
	}
	if found.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil
	}
	state, err := l.Waiting(ctx, workflowID)
	if errors.Is(err, ErrNoRun) {
		return false, nil
	}
	return slices.ContainsFunc(state.Attention, func(a api.Attention) bool { return a.Item == question }), err
}

func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, decideWithin)
}

// because puts what went wrong into words that do not claim more than is known.
func because(err, late error) error {
	var none *serviceerror.NotFound
	var slow *client.WorkflowUpdateServiceTimeoutOrCanceledError
	var over *serviceerror.DeadlineExceeded
	switch {
	case errors.As(err, &none):
		return ErrNoRun
	case errors.As(err, &slow), errors.As(err, &over), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return late
	}
	return err
}
