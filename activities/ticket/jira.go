package ticket

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/jira"
	"gatehouse/ledger"
)

// Jira opens tickets. Jira takes no idempotency key and its search lags behind, so a ticket carries an opaque label,
// and an attempt that may be the second one searches for it before it creates, no sooner than the index allows.
type Jira struct {
	Client    *jira.Client
	Ledger    *ledger.Ledger
	Project   string
	IssueType string
	Assignee  string
	IndexLag  time.Duration
	UI        string
	Namespace string
	Clock     func() time.Time
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
	summary, description := j.Wording(in)
	key, err := j.Client.Create(ctx, jira.Issue{
		Project: j.Project, Type: j.IssueType, Summary: summary, Description: description,
		Labels: []string{"gatehouse", label}, Assignee: j.Assignee,
	})
	return api.Ticket{Key: key}, err
}

// find searches for the ticket an earlier attempt may have made; of several the oldest counts.
func (j *Jira) find(ctx context.Context, label string) (api.Ticket, bool, error) {
	key, found, err := j.Client.FindByLabel(ctx, j.Project, label)
	if err != nil || !found {
		return api.Ticket{}, false, err
	}
	return api.Ticket{Key: key, Adopted: true}, true, nil
}

// Wording writes a ticket. HR data is kept out of it, and what there is stands in {noformat}, where wiki markup and
// mentions have no effect.
func (j *Jira) Wording(in api.TicketInput) (summary, description string) {
	if in.Kind == api.TicketLeaver || in.Summary == "" {
		return j.leaverWording(in)
	}
	var b strings.Builder
	b.WriteString(block(in.Lines))
	fmt.Fprintf(&b, "{noformat}\nRun: %s\n{noformat}\n%s\n", noformat(in.WorkflowID), step.RunLink(j.UI, j.Namespace, in.WorkflowID))
	return flat(in.Summary, maxTicketSummary), b.String()
}

// leaverWording says what a person still has to do by hand.
func (j *Jira) leaverWording(in api.TicketInput) (summary, description string) {
	var b strings.Builder
	b.WriteString("Sign-in to OneLogin has ended and Gatehouse is removing what was given through it.\n\n")
	b.WriteString("Please do by hand what no system does: collect equipment, hand over mailbox and files, and close accounts that do not sign in through OneLogin.\n\n")
	b.WriteString("{noformat}\n")
	fmt.Fprintf(&b, "Person:           %s\n", in.Key)
	if in.Account != nil {
		fmt.Fprintf(&b, "OneLogin account: %d (%s)\n", in.Account.ID, noformat(in.Account.Username))
	}
	if len(in.Roles) > 0 {
		fmt.Fprintf(&b, "Roles held:       %s\n", noformat(strings.Join(in.Roles, ", ")))
	}
	fmt.Fprintf(&b, "Run:              %s\n{noformat}\n", in.WorkflowID)
	return "Offboarding: finish by hand for " + in.Key, b.String()
}

// noformat keeps a value from ending the block it stands in.
func noformat(s string) string { return strings.ReplaceAll(s, "{", "(") }
