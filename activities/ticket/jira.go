package ticket

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/jira"
	"gatehouse/ledger"
)

// Jira opens tickets. Jira takes no idempotency key and its search lags behind, so a ticket carries an opaque label,
// and an attempt that may be the second one searches for it before it creates, no sooner than the index allows.
type Jira struct {
	Client *jira.Client
	Ledger *ledger.Ledger
	// Issue is what every ticket has: project, type, assignee, components, team and the tenant's own constants.
	Issue jira.Issue
	// Priorities are the names of Jira's priorities by the policy's severities.
	Priorities map[string]string
	IndexLag   time.Duration
	UI         string
	Namespace  string
	Clock      func() time.Time
}

// EnsureTicket makes one ticket per OnceKey.
func (j *Jira) EnsureTicket(ctx context.Context, in api.TicketInput) (api.Ticket, error) {
	label := "gatehouse-" + step.Mark(in.OnceKey)
	ticket, err := step.Once(ctx, j.Ledger, j.Clock, step.Creation[api.Ticket]{
		Key: in.OnceKey, Lag: j.IndexLag,
		Find: func(ctx context.Context, _ time.Time) (api.Ticket, bool, error) { return j.find(ctx, label) },
		Make: func(ctx context.Context) (api.Ticket, error) { return j.create(ctx, label, in) },
	})
	return ticket, err
}

func (j *Jira) create(ctx context.Context, label string, in api.TicketInput) (api.Ticket, error) {
	summary, description, err := j.Wording(in)
	if err != nil {
		return api.Ticket{}, err
	}
	issue := j.Issue
	issue.Summary, issue.Description, issue.Labels = summary, description, []string{"gatehouse", label}
	issue.Priority = j.Priorities[in.Severity]
	key, err := j.Client.Create(ctx, issue)
	return api.Ticket{Key: key}, err
}

// find searches for the ticket an earlier attempt may have made; of several the oldest counts.
func (j *Jira) find(ctx context.Context, label string) (api.Ticket, bool, error) {
	key, found, err := j.Client.FindByLabel(ctx, j.Issue.Project, label)
	if err != nil || !found {
		return api.Ticket{}, false, err
	}
	return api.Ticket{Key: key, Adopted: true}, true, nil
}
