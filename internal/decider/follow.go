package decider

import (
	"context"
	"log/slog"
	"time"

	"gatehouse/ledger/policies"
)

// followEvery is how often it is looked who has signed in to decide.
const followEvery = 3 * time.Second

// Sessions are where sign-ins are read, and the identity provider that vouches for them.
type Sessions struct {
	Issuer, ClientID string
	Read             func(context.Context) ([]policies.DeciderSession, error)
	Log              *slog.Logger
}

// Follow tells a judge who has signed in for as long as the context lives. A provider that does not answer is asked again, and a
// problem is logged once.
func Follow(ctx context.Context, j *Judge, s Sessions) {
	var provider *Provider
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	told := ""
	for {
		problem := ""
		if provider == nil {
			var err error
			if provider, err = Discover(ctx, s.Issuer, s.ClientID); err != nil {
				problem = err.Error()
			}
		}
		if provider != nil {
			sessions, err := s.Read(ctx)
			if err != nil {
				problem = err.Error()
			} else if j.Learn(ctx, sessions, provider.Verify) > 0 {
				problem = "a sign-in in the ledger is not one that the identity provider vouches for; it counts for nothing"
			}
		}
		if problem != told && ctx.Err() == nil {
			told = problem
			if problem != "" {
				s.Log.Error("who has signed in to decide is not known", "error", problem)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
