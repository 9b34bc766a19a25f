package control

import (
	"context"
	"net/http"
	"time"
)

// Incident is an incident in the pager.
type Incident struct {
	ID       string         `json:"id"`
	Service  string         `json:"service"`
	DedupKey string         `json:"dedup_key"`
	Status   string         `json:"status"`
	Summary  string         `json:"summary"`
	Severity string         `json:"severity"`
	Source   string         `json:"source"`
	Events   int            `json:"events"`
	Details  map[string]any `json:"details"`
	Link     string         `json:"link"`
	Created  time.Time      `json:"created"`
	Changed  time.Time      `json:"changed"`
	By       string         `json:"by"`
	// MergedInto is the incident that it was merged into.
	MergedInto string `json:"merged_into"`
	Alerts     []struct {
		Key    string `json:"alert_key"`
		Status string `json:"status"`
	} `json:"alerts"`
}

// Incidents returns every incident in the order in which they were opened.
func (c *Client) Incidents(ctx context.Context) ([]Incident, error) {
	var state struct {
		PagerDuty struct {
			Incidents []Incident `json:"incidents"`
		} `json:"pagerduty"`
	}
	err := c.State(ctx, &state)
	return state.PagerDuty.Incidents, err
}

// Ticket is an issue in Jira.
type Ticket struct {
	Key         string   `json:"key"`
	Project     string   `json:"project"`
	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Status      string   `json:"status"`
	Labels      []string `json:"labels"`
	// Assignee is an account id. Fields are the custom fields by id: an option as its text, a user or a team as its id.
	Assignee   string         `json:"assignee"`
	Priority   string         `json:"priority"`
	Components []string       `json:"components"`
	Fields     map[string]any `json:"fields"`
	Comments   []struct {
		Body string `json:"body"`
	} `json:"comments"`
}

// Tickets returns every issue in Jira.
func (c *Client) Tickets(ctx context.Context) ([]Ticket, error) {
	var state struct {
		Jira struct {
			Issues []Ticket `json:"issues"`
		} `json:"jira"`
	}
	err := c.State(ctx, &state)
	return state.Jira.Issues, err
}

// PagerAct has the person on call acknowledge or resolve ("acknowledged", "resolved") the open incident of a dedup key.
func (c *Client) PagerAct(ctx context.Context, dedupKey, status string) error {
	return c.post(ctx, "/sandbox/pagerduty/act", map[string]string{"dedup_key": dedupKey, "status": status}, nil)
}

// PagerMerge has the person on call merge the open incident of a dedup key into that of another one.
func (c *Client) PagerMerge(ctx context.Context, dedupKey, into string) error {
	return c.post(ctx, "/sandbox/pagerduty/merge", map[string]string{"dedup_key": dedupKey, "into": into}, nil)
}

// PagerWithoutAlerts has the pager's services make incidents without alerts from now on, or with them again.
func (c *Client) PagerWithoutAlerts(ctx context.Context, without bool) error {
	return c.post(ctx, "/sandbox/pagerduty/alerts", map[string]bool{"without": without}, nil)
}

// PagerLimit sets how many events a minute an integration may send; 0 goes back to the usual number.
func (c *Client) PagerLimit(ctx context.Context, perMinute int) error {
	return c.post(ctx, "/sandbox/pagerduty", map[string]int{"events_per_minute": perMinute}, nil)
}

// PagerTarget has the pager deliver its webhooks to a URL, each so many times, signed with its usual secret.
func (c *Client) PagerTarget(ctx context.Context, target string, copies int) error {
	return c.post(ctx, "/sandbox/pagerduty/webhook-target", map[string]any{"url": target, "copies": copies}, nil)
}

// PagerTargetSigned is PagerTarget with another secret.
func (c *Client) PagerTargetSigned(ctx context.Context, target, secret string) error {
	return c.post(ctx, "/sandbox/pagerduty/webhook-target", map[string]any{"url": target, "secrets": []string{secret}}, nil)
}

// Delivered is a webhook that a vendor has tried to deliver.
type Delivered struct {
	URL     string `json:"url"`
	Type    string `json:"type"`
	Attempt int    `json:"attempt"`
	Status  int    `json:"status"`
	Error   string `json:"error"`
	// Incident, WebhookID and Dropped are the pager's.
	Incident  string `json:"incident"`
	EventID   string `json:"event_id"`
	WebhookID string `json:"webhook_id"`
	Dropped   bool   `json:"dropped"`
}

// PagerDeliveries returns the pager's latest deliveries, oldest first.
func (c *Client) PagerDeliveries(ctx context.Context) ([]Delivered, error) {
	var out []Delivered
	_, err := c.call(ctx, http.MethodGet, "/sandbox/pagerduty/webhook-log", nil, &out)
	return out, err
}
