package launch

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
)

// Signal sends a signal to the open run of a workflow. Found is false if there is none: a run that is over has nothing
// left to be told.
func (l *Launcher) Signal(ctx context.Context, workflowID, signal string, arg any) (found bool, err error) {
	err = l.client.SignalWorkflow(ctx, workflowID, "", signal, arg)
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("signal %s with %s: %w", workflowID, signal, err)
	}
	return true, nil
}
