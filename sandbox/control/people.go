package control

import (
	"context"
	"time"
)

// HireAgain enters a new record about somebody who has one already, by the human that any record or account of theirs
// shows, without a webhook. It returns the employee id.
func (c *Client) HireAgain(ctx context.Context, source, human string, f Fields) (string, error) {
	var out struct {
		EmployeeID string `json:"employee_id"`
	}
	err := c.post(ctx, "/sandbox/hr", map[string]any{
		"source": source, "action": "hire", "human": human, "fields": f, "silent": true,
	}, &out)
	return out.EmployeeID, err
}

// HireAs enters a new record under an employee id of one's choosing, whatever letters it has, without a webhook.
func (c *Client) HireAs(ctx context.Context, source, id string, f Fields) error {
	_, err := c.HR(ctx, source, "hire", id, f, true)
	return err
}

// Renumber gives a Workday employee another id.
func (c *Client) Renumber(ctx context.Context, id, to string) error {
	return c.post(ctx, "/sandbox/hr", map[string]any{
		"source": "workday", "action": "renumber", "employee_id": id, "new_employee_id": to, "silent": true,
	}, nil)
}

// Bulk is one thing done to many: hire Count people whom nobody knows, or any other action to EmployeeIDs or to the first
// Count who work there.
type Bulk struct {
	Source      string   `json:"source"`
	Action      string   `json:"action"`
	Count       int      `json:"count,omitempty"`
	EmployeeIDs []string `json:"employee_ids,omitempty"`
	Fields      Fields   `json:"fields,omitempty"`
	Prefix      string   `json:"prefix,omitempty"`
	MailDomain  string   `json:"mail_domain,omitempty"`
	Silent      bool     `json:"silent"`
}

// HRBulk carries out a bulk order without webhooks and returns the employee ids afterwards.
func (c *Client) HRBulk(ctx context.Context, b Bulk) ([]string, error) {
	b.Silent = true
	var out struct {
		IDs []string `json:"employee_ids"`
	}
	err := c.post(ctx, "/sandbox/hr/bulk", b, &out)
	return out.IDs, err
}

// BambooHR changes how the simulated company behaves, by the sandbox's own setting names.
func (c *Client) BambooHR(ctx context.Context, settings map[string]any) error {
	return c.post(ctx, "/sandbox/bamboohr", settings, nil)
}

// Advance moves the tenant's clock on.
func (c *Client) Advance(ctx context.Context, by time.Duration) error {
	return c.post(ctx, "/sandbox/clock", map[string]string{"advance": by.String()}, nil)
}

// Channel makes or changes a channel in Slack.
type Channel struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Archived bool   `json:"archived,omitempty"`
	Private  bool   `json:"private,omitempty"`
	// Bot says that Gatehouse's bot is in it; left out, it is.
	Bot *bool `json:"bot,omitempty"`
	// Refuses is Slack's name of the error with which it refuses messages there, such as restricted_action.
	Refuses string `json:"refuses,omitempty"`
}

// SetChannel makes or changes a channel.
func (c *Client) SetChannel(ctx context.Context, ch Channel) error {
	return c.post(ctx, "/sandbox/slack/channel", ch, nil)
}
