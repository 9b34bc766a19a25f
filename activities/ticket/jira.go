package ticket

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/andygrunwald/go-jira"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/internal/httpx"
	"gatehouse/ledger"
)

// Jira opens tickets. Jira takes no idempotency key and its search lags behind, so a ticket carries an opaque label,
// and an attempt that may be the second one searches for it before it creates, no sooner than the index allows.
type Jira struct {
	Client *jira.Client
	Ledger *ledger.Ledger
	// Cloud says that the site is Jira Cloud; Data Center searches by another API.
	Cloud     bool
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
	fields := &jira.IssueFields{
		Project: jira.Project{Key: j.Project}, Type: jira.IssueType{Name: j.IssueType},
		Summary: summary, Description: description, Labels: []string{"gatehouse", label},
	}
	if j.Assignee != "" {
		fields.Assignee = &jira.User{Name: j.Assignee}
		if j.Cloud {
			fields.Assignee = &jira.User{AccountID: j.Assignee}
		}
	}
	issue, resp, err := j.Client.Issue.CreateWithContext(ctx, &jira.Issue{Fields: fields})
	if err != nil {
		return api.Ticket{}, JiraError("create a ticket", resp, err, j.Clock())
	}
	if issue.Key == "" {
		return api.Ticket{}, &connectors.Error{System: "jira", Op: "create a ticket", Kind: connectors.KindMalformed}
	}
	return api.Ticket{Key: issue.Key}, nil
}

// find searches for the ticket an earlier attempt may have made; of several the oldest counts.
func (j *Jira) find(ctx context.Context, label string) (api.Ticket, bool, error) {
	jql := fmt.Sprintf(`project = "%s" AND labels = "%s" ORDER BY created ASC`, quoted(j.Project), label)
	var issues []jira.Issue
	var resp *jira.Response
	var err error
	if j.Cloud {
		issues, resp, err = j.Client.Issue.SearchV2JQLWithContext(ctx, jql, &jira.SearchOptionsV2{MaxResults: 10, Fields: []string{"summary"}})
	} else {
		issues, resp, err = j.Client.Issue.SearchWithContext(ctx, jql, &jira.SearchOptions{MaxResults: 10, Fields: []string{"summary"}})
	}
	if err != nil {
		return api.Ticket{}, false, JiraError("search for a ticket", resp, err, j.Clock())
	}
	if len(issues) == 0 {
		return api.Ticket{}, false, nil
	}
	return api.Ticket{Key: issues[0].Key, Adopted: true}, true, nil
}

// quoted makes a value safe inside a JQL string.
func quoted(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

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

// JiraError sorts the library's errors into ours.
func JiraError(op string, resp *jira.Response, err error, now time.Time) error {
	e := &connectors.Error{System: "jira", Op: op, Kind: connectors.KindUnavailable}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("jira: %s: %w", op, context.Canceled)
	}
	if resp == nil || resp.Response == nil {
		return e
	}
	// Create leaves the body open. It may quote what was sent, so it is not read.
	e.Err = resp.Body.Close()
	e.Status = resp.StatusCode
	e.RetryAfter = httpx.RetryAfter(resp.Header, now)
	switch {
	case resp.StatusCode == http.StatusTooManyRequests || (resp.StatusCode == http.StatusServiceUnavailable && e.RetryAfter > 0):
		e.Kind = connectors.KindRateLimited
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		e.Kind = connectors.KindUnauthorized
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		e.Kind = connectors.KindNotFound
	case resp.StatusCode >= 400 && resp.StatusCode < 500:
		e.Kind = connectors.KindInvalid
	case resp.StatusCode < 300:
		e.Kind = connectors.KindMalformed
	}
	return e
}
