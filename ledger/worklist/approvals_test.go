package worklist_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
)

func testApprovals(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	first := c.Now()
	a := worklist.Approval{ID: "a1", WorkflowID: "incident/x", Step: "incident.answer"}
	require.NoError(t, l.Worklist().PutApproval(ctx, a))
	c.Advance(time.Hour)
	require.NoError(t, l.Worklist().PutApproval(ctx, a), "a message is posted again after a crash")

	got, found, err := l.Worklist().Approval(ctx, "a1")
	require.NoError(t, err)
	require.True(t, found)
	a.CreatedAt = first
	require.Empty(t, cmp.Diff(a, got))

	_, found, err = l.Worklist().Approval(ctx, "a2")
	require.NoError(t, err)
	require.False(t, found)

	for name, other := range map[string]worklist.Approval{
		"another run":  {ID: "a1", WorkflowID: "incident/y", Step: "incident.answer"},
		"another step": {ID: "a1", WorkflowID: "incident/x", Step: "incident.close"},
		"no id":        {WorkflowID: "incident/x", Step: "s"},
		"no run":       {ID: "a3", Step: "s"},
		"no step":      {ID: "a3", WorkflowID: "incident/x"},
	} {
		require.Error(t, l.Worklist().PutApproval(ctx, other), name)
	}
	got, _, err = l.Worklist().Approval(ctx, "a1")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(a, got), "what an id means never changes")
}
