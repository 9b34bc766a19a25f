// Package control is a client for the sandbox's control endpoints: what the HR department, the people and the weather
// do in a story, and what can be seen of it afterwards. The demo, the tests and the benchmark share it.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client controls one sandbox.
type Client struct {
	base string
	http *http.Client
}

// New returns a client of the sandbox at a base URL.
func New(base string) *Client {
	return &Client{base: strings.TrimSuffix(base, "/"), http: &http.Client{Timeout: 30 * time.Second}}
}

// URL is the sandbox's base URL.
func (c *Client) URL() string { return c.base }

// Fields are the particulars of an HR record in their canonical names. Dates may be "today" or "today+3".
type Fields map[string]any

// Person is an account as the sandbox shows it, with what stands behind it.
type Person struct {
	ID         int64  `json:"id"`
	Username   string `json:"username"`
	Email      string `json:"email"`
	Title      string `json:"title"`
	Department string `json:"department"`
	Phone      string `json:"phone"`
	ExternalID string `json:"external_id"`
	FirstName  string `json:"firstname"`
	LastName   string `json:"lastname"`
	// Owner is the human whose account it is, as the sandbox knows and no vendor shows; Kind is person, service or shared.
	Owner string `json:"owner"`
	Kind  string `json:"kind"`
	// DirectoryID is the directory that the account comes from, 0 if none.
	DirectoryID int64 `json:"directory_id"`
	CanSignIn   bool  `json:"can_sign_in"`
	// ManagerID is the manager's user, 0 if there is none.
	ManagerID int64    `json:"manager_user_id"`
	Status    int      `json:"status"`
	State     int      `json:"state"`
	Group     string   `json:"group"`
	Roles     []string `json:"roles"`
	Factors   []Factor `json:"factors"`
	Sessions  []any    `json:"sessions"`
}

// Factor is a registered second factor. One that is not verifiable, or not active yet, shows in the older API only.
type Factor struct {
	Name       string `json:"name"`
	Active     bool   `json:"active"`
	Verifiable bool   `json:"verifiable"`
}

// Entry is one call in the journal.
type Entry struct {
	Seq     uint64    `json:"seq"`
	At      time.Time `json:"at"`
	System  string    `json:"system"`
	Method  string    `json:"method"`
	Path    string    `json:"path"`
	Op      string    `json:"op"`
	Subject string    `json:"subject"`
	Effect  string    `json:"effect"`
	Status  int       `json:"status"`
	Client  string    `json:"client"`
	Fault   string    `json:"fault"`
	Unknown bool      `json:"unknown"`
}

// Fault makes matching calls go wrong on purpose; see the sandbox's documentation for the styles.
type Fault struct {
	System string `json:"system,omitempty"`
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Op     string `json:"op,omitempty"`
	// Query is a piece of the unescaped query string. Body takes the place of the vendor's words, as a gateway's does.
	Query       string `json:"query,omitempty"`
	Body        string `json:"body,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	When        string `json:"when,omitempty"`
	Style       string `json:"style,omitempty"`
	Status      int    `json:"status,omitempty"`
	RetryAfter  int    `json:"retry_after,omitempty"`
	DelayMS     int    `json:"delay_ms,omitempty"`
	URL         string `json:"url,omitempty"`
	Times       int    `json:"times,omitempty"`
	Skip        int    `json:"skip,omitempty"`
}

// HR has the HR department do something. Silent leaves out the webhook.
func (c *Client) HR(ctx context.Context, source, action, id string, fields Fields, silent bool) (string, error) {
	body := map[string]any{"source": source, "action": action, "silent": silent}
	if id != "" {
		body["employee_id"] = id
	}
	if len(fields) > 0 {
		body["fields"] = fields
	}
	var out struct {
		EmployeeID string `json:"employee_id"`
	}
	if err := c.post(ctx, "/sandbox/hr", body, &out); err != nil {
		return "", err
	}
	return out.EmployeeID, nil
}

// Hire enters a new record without a webhook and returns its employee id.
func (c *Client) Hire(ctx context.Context, source string, fields Fields) (string, error) {
	return c.HR(ctx, source, "hire", "", fields, true)
}

// ByExternalID returns the account with an external id; found is false if there is none.
func (c *Client) ByExternalID(ctx context.Context, external string) (p Person, found bool, err error) {
	return c.person(ctx, "external_id", external)
}

// ByUsername returns the account with a username; found is false if there is none.
func (c *Client) ByUsername(ctx context.Context, username string) (p Person, found bool, err error) {
	return c.person(ctx, "username", username)
}

// ByID returns the account with an id; found is false if there is none.
func (c *Client) ByID(ctx context.Context, id int64) (p Person, found bool, err error) {
	return c.person(ctx, "id", strconv.FormatInt(id, 10))
}

func (c *Client) person(ctx context.Context, by, value string) (Person, bool, error) {
	var p Person
	status, err := c.call(ctx, http.MethodGet, "/sandbox/state/user?"+by+"="+url.QueryEscape(value), nil, &p)
	if status == http.StatusNotFound {
		return Person{}, false, nil
	}
	return p, err == nil, err
}

// AcceptInvite has a person follow the invitation they were sent and set a password.
func (c *Client) AcceptInvite(ctx context.Context, username string) error {
	return c.post(ctx, "/sandbox/onelogin/accept-invite", map[string]string{"username": username}, nil)
}

// SignIn has a person try to sign in; reason says why they could not.
func (c *Client) SignIn(ctx context.Context, username string) (ok bool, reason string, err error) {
	var out struct {
		OK     bool   `json:"ok"`
		Reason string `json:"reason"`
	}
	err = c.post(ctx, "/sandbox/onelogin/sign-in", map[string]string{"username": username}, &out)
	return out.OK, out.Reason, err
}

// Enrol registers a second factor for a person.
func (c *Client) Enrol(ctx context.Context, username, factor string) error {
	return c.post(ctx, "/sandbox/onelogin/enrol", map[string]any{"username": username, "factor": factor, "active": true}, nil)
}

// EnrolUnused registers a second factor that the person does not use yet.
func (c *Client) EnrolUnused(ctx context.Context, username, factor string) error {
	return c.post(ctx, "/sandbox/onelogin/enrol", map[string]any{"username": username, "factor": factor, "active": false}, nil)
}

// RiskySignIn is a sign-in that OneLogin finds risky, 0 to 100.
func (c *Client) RiskySignIn(ctx context.Context, username string, score int) error {
	return c.post(ctx, "/sandbox/onelogin/event", map[string]any{"username": username, "event_type_id": 5, "risk_score": score}, nil)
}

// SetStatus changes an account's status in OneLogin behind Gatehouse's back.
func (c *Client) SetStatus(ctx context.Context, username string, status int) error {
	return c.post(ctx, "/sandbox/onelogin/status", map[string]any{"username": username, "status": status}, nil)
}

// AddFault makes calls go wrong; ClearFaults ends that.
func (c *Client) AddFault(ctx context.Context, f Fault) error {
	return c.post(ctx, "/sandbox/faults", f, nil)
}

// ClearFaults removes all faults.
func (c *Client) ClearFaults(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodDelete, "/sandbox/faults", nil, nil)
	return err
}

// Quota sets the OneLogin calls per hour and what is left of them.
func (c *Client) Quota(ctx context.Context, limit, remaining int) error {
	return c.post(ctx, "/sandbox/quota", map[string]int{"limit": limit, "remaining": remaining}, nil)
}

// Cut has OneLogin cut the texts of profiles to so many characters when they are written, 0 for not at all.
func (c *Client) Cut(ctx context.Context, characters int) error {
	return c.post(ctx, "/sandbox/onelogin/settings", map[string]int{"cut": characters}, nil)
}

// Workday changes how the simulated reports behave, by the sandbox's own setting names.
func (c *Client) Workday(ctx context.Context, settings map[string]any) error {
	return c.post(ctx, "/sandbox/workday", settings, nil)
}

// JiraRequires has Jira refuse every issue that lacks one of the fields.
func (c *Client) JiraRequires(ctx context.Context, fields ...string) error {
	return c.post(ctx, "/sandbox/jira", map[string]any{"require": append([]string{}, fields...)}, nil)
}

// JiraProject is what the administrator of a Jira project has decided for it.
type JiraProject struct {
	Key        string      `json:"key"`
	Archived   bool        `json:"archived"`
	NoPriority bool        `json:"no_priority"`
	Components []string    `json:"components"`
	Fields     []JiraField `json:"fields"`
	Required   []string    `json:"required"`
}

// JiraField is a custom field: of type string, text, number, date, datetime, option, option-with-child, user, group, team, or
// array, whose entries are of the type Items.
type JiraField struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Items    string   `json:"items"`
	Required bool     `json:"required"`
	Default  bool     `json:"default"`
	Options  []string `json:"options"`
}

// ChangeJiraProject has a project be as it is given.
func (c *Client) ChangeJiraProject(ctx context.Context, p JiraProject) error {
	return c.post(ctx, "/sandbox/jira", map[string]any{"project": p}, nil)
}

// Jira sets how long a new issue stays invisible to searches.
func (c *Client) Jira(ctx context.Context, lag time.Duration) error {
	return c.post(ctx, "/sandbox/jira", map[string]int64{"index_lag_ms": lag.Milliseconds()}, nil)
}

// WebhookTarget has BambooHR deliver its webhooks to a URL. Family is "event" or "fields".
func (c *Client) WebhookTarget(ctx context.Context, target, family string) error {
	return c.post(ctx, "/sandbox/bamboohr/webhook-target", map[string]string{"url": target, "family": family}, nil)
}

// Journal lists the calls after a sequence number; with effects only those that changed something.
func (c *Client) Journal(ctx context.Context, since uint64, effects bool) ([]Entry, error) {
	path := fmt.Sprintf("/sandbox/journal?since=%d&effects=%t", since, effects)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // a read to the end has no error left to report here
	var entries []Entry
	dec := json.NewDecoder(resp.Body)
	for {
		var e Entry
		err := dec.Decode(&e)
		if err == io.EOF {
			return entries, nil
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox: read the journal: %w", err)
		}
		entries = append(entries, e)
	}
}

// Mark is the sequence number of the newest call, for reading what comes after it.
func (c *Client) Mark(ctx context.Context) (uint64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/sandbox/journal?last=1", nil)
	if err != nil {
		return 0, fmt.Errorf("sandbox: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("sandbox: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // a read to the end has no error left to report here
	var e Entry
	if err := json.NewDecoder(resp.Body).Decode(&e); err == io.EOF {
		return 0, nil
	} else if err != nil {
		return 0, fmt.Errorf("sandbox: read the journal: %w", err)
	}

	return e.Seq, nil
}

// Counts is how often each operation of each system was called.
func (c *Client) Counts(ctx context.Context) (map[string]map[string]int, error) {
	var out map[string]map[string]int
	_, err := c.call(ctx, http.MethodGet, "/sandbox/journal/counts", nil, &out)
	return out, err
}

// State decodes the whole tenant's state into out.
func (c *Client) State(ctx context.Context, out any) error {
	_, err := c.call(ctx, http.MethodGet, "/sandbox/state", nil, out)
	return err
}

func (c *Client) post(ctx context.Context, path string, body, out any) error {
	_, err := c.call(ctx, http.MethodPost, path, body, out)
	return err
}

func (c *Client) call(ctx context.Context, method, path string, body, out any) (int, error) {
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return 0, fmt.Errorf("sandbox: %s: %w", path, err)
		}
		payload = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		return 0, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }() // a read to the end has no error left to report here
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("sandbox: %s: HTTP %d: %s", path, resp.StatusCode, bytes.TrimSpace(data))
	}
	if out == nil {
		return resp.StatusCode, nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return resp.StatusCode, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	return resp.StatusCode, nil
}
