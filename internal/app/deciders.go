package app

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"go.temporal.io/sdk/interceptor"

	"gatehouse/internal/decider"
	"gatehouse/ledger/policies"
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

// named writes down whom a policy names to decide, for those who have to know without its file.
func named(p *policy.Policy) string {
	people := p.Deciders()
	if people == nil {
		people = []policy.Decider{}
	}
	text, err := json.Marshal(people)
	if err != nil {
		return "" // Texts can always be written; who reads nothing reads the file.
	}
	return string(text)
}

// Deciding are those who may decide, by the policy that workers have in force or, where none has said so, by the file here.
// A machine that has neither takes everybody's word, unverified.
func (a *App) Deciding(ctx context.Context) ([]policy.Decider, error) {
	said, err := a.Ledger.Policies().States(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	var latest policies.PolicyState
	for _, s := range said {
		if s.Deciders != "" && s.SeenAt.After(latest.SeenAt) {
			latest = s
		}
	}
	if latest.Deciders != "" {
		var people []policy.Decider
		if err := json.Unmarshal([]byte(latest.Deciders), &people); err != nil {
			return nil, fmt.Errorf("read who may decide by the policy in force: %w", err)
		}
		return people, nil
	}
	pol, err := policy.Load(a.Config.Policy)
	if err != nil {
		return nil, nil //nolint:nilerr // Without the file the worker is who knows, and refuses.
	}
	return pol.Deciders(), nil
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
