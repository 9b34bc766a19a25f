package app

import (
	"context"

	"go.temporal.io/sdk/interceptor"

	"gatehouse/internal/decider"
	"gatehouse/internal/policyfile"
	"gatehouse/policy"
)

// deciders is what judges decisions in a worker. Where an identity provider is configured it follows who has signed in for as
// long as the context lives. A provider that does not answer at the start is asked again: nobody's work waits for it.
func (a *App) deciders(ctx context.Context, v *Vendors) interceptor.WorkerInterceptor {
	if a.Config.Deciders.Issuer != "" {
		go decider.Follow(ctx, v.Deciders, decider.Sessions{
			Issuer: a.Config.Deciders.Issuer, ClientID: a.Config.Deciders.ClientID, Read: a.Ledger.Policies().DeciderSessions, Log: a.Log,
		})
	}
	return decider.Interceptor(v.Deciders)
}

// Deciding are those who may decide, by the policy that workers have in force or, where none has said so, by the file here.
func (a *App) Deciding(ctx context.Context) ([]policy.Decider, error) {
	return policyfile.Deciding(ctx, a.Ledger, a.Config.Policy)
}

// DecidersJudge judges what is said here and not carried to a run. It reads who has signed in where the key is of a sign-in.
func (a *App) DecidersJudge(ctx context.Context, people []policy.Decider, signedIn bool) (*decider.Judge, error) {
	j := &decider.Judge{People: func() []policy.Decider { return people }, Clock: a.clock}
	if !signedIn {
		return j, nil
	}
	provider, err := decider.Discover(ctx, a.Config.Deciders.Issuer, a.Config.Deciders.ClientID)
	if err != nil {
		return nil, err
	}
	sessions, err := a.Ledger.Policies().DeciderSessions(ctx)
	if err != nil {
		return nil, err
	}
	j.Learn(ctx, sessions, provider.Verify)
	return j, nil
}
