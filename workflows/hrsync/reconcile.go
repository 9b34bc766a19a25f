package hrsync

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// Reconcile compares people with their accounts, whatever hints were lost, rejected or only observed, and hints whoever was
// forgotten: those who have left and those of whom something is due each time, everybody once a day. Who is found stays in
// the ledger, so that its history is as short for a hundred thousand people as for ten. It writes to no vendor.
func Reconcile(ctx workflow.Context, in api.ReconcileRequest) (api.ReconcileOutcome, error) {
	d, err := step.Open(ctx, api.TypeReconcile, "Comparing people with their accounts")
	if err != nil {
		return api.ReconcileOutcome{}, err
	}
	r := &reconcile{Console: d, run: workflow.GetInfo(ctx).FirstRunID}
	err = r.compare(ctx, in)
	if errors.Is(err, step.ErrAborted) {
		r.out.Result, err = step.ErrAborted.Error(), nil
	}
	if err != nil {
		return api.ReconcileOutcome{}, err
	}
	if err := d.SetStage(ctx, api.StageDone); err != nil {
		return api.ReconcileOutcome{}, err
	}
	return r.out, d.Settle(ctx)
}

// reconcile is one run of Reconcile.
type reconcile struct {
	*step.Console
	run string
	out api.ReconcileOutcome
}

func (r *reconcile) compare(ctx workflow.Context, in api.ReconcileRequest) error {
	input := api.ReconcileInput{Run: r.run, Every: in.Every, Whole: in.Whole}
	compare := api.Call.ReconcileCompare(input, &r.out.Found)
	if err := r.runSweep(ctx, step.Step{ID: "reconcile.compare", Activity: compare, Summary: "compare people with their accounts"}); err != nil {
		return err
	}
	found := r.out.Found
	for _, s := range found.Unread {
		r.Log(ctx, fmt.Sprintf("%s was quarantined, nothing but departures follows from it: %s", s.Source, s.Why))
	}
	r.SetStatus(ctx, "Asking the budgets")
	var admitted api.ReconcileAdmitted
	admit := api.Call.ReconcileAdmit(input, &admitted)
	if err := r.runSweep(ctx, step.Step{ID: "reconcile.admit", Activity: admit, Summary: "reserve each kind on its budget"}); err != nil {
		return err
	}
	r.out.Held = admitted.Held
	r.SetStatus(ctx, "Hinting whoever was forgotten")
	var sent api.BatchSent
	hint := api.Call.ReconcileHint(input, &sent)
	if err := r.runSweep(ctx, step.Step{ID: "reconcile.hint", Activity: hint, Summary: "hint whoever was forgotten, leavers first"}); err != nil {
		return err
	}
	r.out.Hinted = sent.Sent
	who := "those who have left or are due"
	if found.Whole {
		who = "everybody"
	}
	r.out.Result = fmt.Sprintf("%s compared (%d people): %d hinted, %d held", who, found.People, sent.Sent, admitted.Held)
	r.Log(ctx, r.out.Result)
	return nil
}

// runSweep carries out a part. Where it cannot go on, it parks and looks again by itself.
func (r *reconcile) runSweep(ctx workflow.Context, st step.Step) error {
	_, err := r.RunAgain(step.SweepOptions(ctx, st), st, quarantineLook, api.VerbRetry, api.VerbAbort)
	return err
}
