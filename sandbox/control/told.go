package control

import (
	"context"
	"net/http"
	"time"
)

// Event is an event in OneLogin as a test wants it; see the sandbox's own description of the fields.
type Event struct {
	Type        int       `json:"event_type_id"`
	Usernames   []string  `json:"usernames,omitempty"`
	UserID      int64     `json:"user_id,omitempty"`
	Actor       string    `json:"actor,omitempty"`
	Assuming    string    `json:"assuming,omitempty"`
	Client      string    `json:"client_id,omitempty"`
	IP          string    `json:"ipaddr,omitempty"`
	ProxyIP     string    `json:"proxy_ip,omitempty"`
	RiskScore   *int      `json:"risk_score,omitempty"`
	RiskReasons string    `json:"risk_reasons,omitempty"`
	Note        string    `json:"notes,omitempty"`
	Error       string    `json:"error_description,omitempty"`
	Role        string    `json:"role_name,omitempty"`
	App         string    `json:"app_name,omitempty"`
	AppID       int64     `json:"app_id,omitempty"`
	Policy      string    `json:"policy_name,omitempty"`
	PrivilegeID string    `json:"privilege_id,omitempty"`
	Privilege   string    `json:"privilege_name,omitempty"`
	Factor      string    `json:"otp_device_name,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	HiddenUntil time.Time `json:"hidden_until,omitzero"`
	Times       int       `json:"times,omitempty"`
	EveryMS     int64     `json:"every_ms,omitempty"`
	Quiet       bool      `json:"quiet,omitempty"`
}

// Events writes events and returns the ids of the first and the last. Ids are given in the order of the list.
func (c *Client) Events(ctx context.Context, events ...Event) (first, last int64, err error) {
	var out struct {
		First int64 `json:"first"`
		Last  int64 `json:"last"`
	}
	err = c.post(ctx, "/sandbox/onelogin/events", events, &out)
	return out.First, out.Last, err
}

// EventTarget has OneLogin's event webhook go to a URL with a secret in a header, after events have been collected for
// so long.
func (c *Client) EventTarget(ctx context.Context, target, header, secret string, wait time.Duration, lines bool) error {
	return c.post(ctx, "/sandbox/onelogin/event-target", map[string]any{
		"url": target, "header": header, "secret": secret, "wait_ms": wait.Milliseconds(), "lines": lines,
	}, nil)
}

// Interactivity says where Slack sends presses of buttons.
func (c *Client) Interactivity(ctx context.Context, target string) error {
	return c.post(ctx, "/sandbox/slack/interactivity", map[string]string{"url": target}, nil)
}

// Click is somebody pressing a button in Slack. An empty TS presses it in the newest message that has it.
type Click struct {
	Email    string `json:"email,omitempty"`
	User     string `json:"user,omitempty"`
	Team     string `json:"team,omitempty"`
	Channel  string `json:"channel,omitempty"`
	TS       string `json:"ts,omitempty"`
	ActionID string `json:"action_id"`
	Value    string `json:"value,omitempty"`
	Times    int    `json:"times,omitempty"`
	Forged   bool   `json:"forged,omitempty"`
}

// Click presses a button and returns what the receiver answered to each delivery.
func (c *Client) Click(ctx context.Context, click Click) (statuses []int, err error) {
	var out struct {
		Statuses []int `json:"statuses"`
	}
	err = c.post(ctx, "/sandbox/slack/click", click, &out)
	return out.Statuses, err
}

// Whisper is a message in a channel that one person sees.
type Whisper struct {
	Channel string `json:"channel"`
	Email   string `json:"email"`
	User    string `json:"user"`
	Text    string `json:"text"`
}

// Whispers are the messages that one person sees, oldest first.
func (c *Client) Whispers(ctx context.Context) ([]Whisper, error) {
	var out []Whisper
	_, err := c.call(ctx, http.MethodGet, "/sandbox/slack/whispers", nil, &out)
	return out, err
}

// SlackDeactivate deactivates a member of the workspace.
func (c *Client) SlackDeactivate(ctx context.Context, email string) error {
	return c.post(ctx, "/sandbox/slack/deactivate", map[string]any{"email": email, "deleted": true}, nil)
}

// SlackKind makes a member a guest, or somebody from the workspace of another company.
func (c *Client) SlackKind(ctx context.Context, email string, guest bool, team string) error {
	return c.post(ctx, "/sandbox/slack/kind", map[string]any{"email": email, "guest": guest, "team": team}, nil)
}
