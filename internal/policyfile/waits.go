package policyfile

import (
	"context"
	"fmt"
	"time"

	"gatehouse/activities/api"
)

const (
	// waitsAtOnce is how many people are hinted in a round because the policy has changed.
	waitsAtOnce = 500
	// waitsRest is how long somebody is left alone who was found to wait: two processes with different policies do not hint
	// them to and fro.
	waitsRest = 10 * time.Second
	// waitsLease is for how long one process has the task.
	waitsLease = time.Minute
)

// hintWaiting hints whoever is parked because an earlier policy could not decide about them: with this one, it may.
// Somebody who still waits is written down anew by their assessment.
func (f *File) hintWaiting(ctx context.Context, hash string) error {
	keys, err := f.Ledger.Policies().PolicyWaits(ctx, hash, f.Clock().Add(-waitsRest), waitsAtOnce)
	if err != nil || len(keys) == 0 {
		return err
	}
	ours, err := f.Ledger.Journal().Lease(ctx, "policy-waits", f.Program, waitsLease)
	if err != nil || !ours {
		return err
	}
	for i, key := range keys {
		if _, err := f.Launch.Send(ctx, key, api.Hint{Source: "policy", Cause: "policy"}); err != nil {
			return fmt.Errorf("%d of %d hinted: %w", i, len(keys), err)
		}
		// The hint is durable: what it finds is written down anew.
		if err := f.Ledger.Policies().WaitedForPolicy(ctx, key, hash); err != nil {
			return err
		}
	}
	f.Log.Info("the policy has changed: people who waited for that are assessed again", "people", len(keys), "hash", hash)
	return nil
}
