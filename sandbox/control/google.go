package control

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Spreadsheet is a spreadsheet as the sandbox shows it.
type Spreadsheet struct {
	ID            string            `json:"id"`
	Title         string            `json:"title"`
	Folder        string            `json:"folder"`
	AppProperties map[string]string `json:"app_properties"`
	// Shared is who has which role, by address.
	Shared map[string]string `json:"shared"`
	// Cells counts the cells of all grids, empty ones too.
	Cells int64 `json:"cells"`
	Tabs  []Tab `json:"tabs"`
}

// Tab is a tab with its values: strings, float64 and bool, and "" for an empty cell before one that is not.
type Tab struct {
	ID         int64           `json:"id"`
	Title      string          `json:"title"`
	Rows       int64           `json:"rows"`
	Columns    int64           `json:"columns"`
	FrozenRows int64           `json:"frozen_rows"`
	Filter     bool            `json:"filter"`
	Protected  []string        `json:"protected"`
	Choices    []string        `json:"choices"`
	Charts     []string        `json:"charts"`
	Widths     map[int64]int64 `json:"widths"`
	// Formulas are the cells that hold one, such as B7.
	Formulas []string `json:"formulas"`
	Values   [][]any  `json:"values"`
}

// Tab returns a tab by its title; nil if there is none.
func (s Spreadsheet) Tab(title string) *Tab {
	for i := range s.Tabs {
		if s.Tabs[i].Title == title {
			return &s.Tabs[i]
		}
	}
	return nil
}

// Mail is a mail that was sent, taken apart.
type Mail struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	From    string            `json:"from"`
	To      []string          `json:"to"`
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
	Headers map[string]string `json:"headers"`
}

// GoogleSettings are the limits of the simulated Workspace. A zero value is Google's own.
type GoogleSettings struct {
	// PerMinute is how many reads, and how many writes, of Sheets a user has in a minute.
	PerMinute int `json:"per_minute"`
	// CellLimit is how many cells a spreadsheet may have.
	CellLimit int64 `json:"cell_limit"`
	// IndexLagMS is how long a new file stays invisible to searches; negative: not at all.
	IndexLagMS int `json:"index_lag_ms"`
	// Scopes are what the Admin console grants; empty: everything.
	Scopes []string `json:"scopes"`
	// RefusedReaders are addresses that Drive does not share with, and RefusedRecipients those that Gmail does not send to, each
	// with Google's reason: invalidSharingRequest and invalidArgument come with 400, everything else with 403.
	RefusedReaders    map[string]string `json:"refused_readers"`
	RefusedRecipients map[string]string `json:"refused_recipients"`
}

// Google sets limits.
func (c *Client) Google(ctx context.Context, s GoogleSettings) error {
	return c.post(ctx, "/sandbox/google", s, nil)
}

// GoogleKey fetches the service account's key, as a person would from the Cloud console.
func (c *Client) GoogleKey(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/sandbox/google/key", nil)
	if err != nil {
		return nil, fmt.Errorf("sandbox: fetch the Google key: %w", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("sandbox: fetch the Google key: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // a read to the end has no error left to report here
	key, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("sandbox: fetch the Google key: HTTP %d: %w", resp.StatusCode, err)
	}
	return key, nil
}

// ExpireGoogleTokens ends every access token.
func (c *Client) ExpireGoogleTokens(ctx context.Context) error {
	return c.post(ctx, "/sandbox/google/expire-tokens", nil, nil)
}

// Spreadsheets lists all spreadsheets with everything in them.
func (c *Client) Spreadsheets(ctx context.Context) ([]Spreadsheet, error) {
	var out []Spreadsheet
	_, err := c.call(ctx, http.MethodGet, "/sandbox/google/sheets", nil, &out)
	return out, err
}

// Mails lists all mails, oldest first.
func (c *Client) Mails(ctx context.Context) ([]Mail, error) {
	var out []Mail
	_, err := c.call(ctx, http.MethodGet, "/sandbox/google/mails", nil, &out)
	return out, err
}

// EditSheet has a person write into cells by hand; protected ranges and choices hold for them.
func (c *Client) EditSheet(ctx context.Context, spreadsheet, at, who string, values [][]any) error {
	return c.post(ctx, "/sandbox/google/edit", map[string]any{
		"spreadsheet": spreadsheet, "range": at, "as": who, "values": values,
	}, nil)
}
