package api

import "context"

// Launcher starts runs and hints those that are open. When a method returns without an error, what it asked for is
// durable. Activities know it by this interface, so that they depend neither on workflows nor on Temporal's client.
type Launcher interface {
	// Send hints a person.
	Send(ctx context.Context, key string, hint Hint) (Sent, error)
	// Grace makes sure that a person's grace period runs. A signal, SignalEnrolled or SignalPoke, has it look at once; an empty one
	// leaves it alone.
	Grace(ctx context.Context, key string, account int64, signal string) error
	// Poke has OneLogin's events read soon.
	Poke(ctx context.Context) error
	// Incident tells the run about a case that it has changed, and starts it if there is none. Again says that there should be one.
	Incident(ctx context.Context, c CaseRef, again bool) error
	// Restore starts the run of a case that nothing is known of, and reports whether it did.
	Restore(ctx context.Context, c CaseRef) (started bool, err error)
	// Hold tells the run about a hold which list is held now, and starts it if there is none; an empty hash says that nobody
	// is held any more.
	Hold(ctx context.Context, ref HoldRef, hash string) error
	// Authorised tells the run about an authorised list that somebody has decided about it, and starts it if there is none.
	Authorised(ctx context.Context, in AuthorisedInput) error
	// AgentRequest starts the run of an agent's request, or finds that there is one.
	AgentRequest(ctx context.Context, id string) error
	// Review starts the run of a campaign, or finds that there is one.
	Review(ctx context.Context, campaign string) (ReviewStarted, error)
}

// Sent says how a hint was made durable.
type Sent struct {
	WorkflowID string `json:"workflow_id"`
	RunID      string `json:"run_id"`
	// Started is true if the hint started the run, false if it joined one that was open.
	Started bool `json:"started"`
}
