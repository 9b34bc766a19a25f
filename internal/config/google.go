package config

import (
	"maps"
	"net/mail"
	"slices"
	"time"

	"gatehouse/internal/httpx"
)

// Google is Google Workspace: spreadsheets and letters. It is used when credentials is set; reviews and reminders that
// need it say so where it is not.
type Google struct {
	// Credentials is the JSON key of a service account with domain-wide delegation.
	Credentials httpx.Secret `yaml:"credentials"`
	// Subject is the robot that owns the spreadsheets.
	Subject string `yaml:"subject"`
	// Sender is the mailbox that letters are sent from (default: the subject), SenderName what stands beside the address
	// (default "Gatehouse").
	Sender     string `yaml:"sender"`
	SenderName string `yaml:"sender_name"`
	// FolderID is the Drive folder that spreadsheets are created in, DriveID the shared drive that it is on.
	FolderID string `yaml:"folder_id"`
	DriveID  string `yaml:"drive_id"`
	// Spreadsheets are the ids of spreadsheets that somebody made beforehand, by what they are for.
	Spreadsheets map[string]string `yaml:"spreadsheets"`
	// BaseURL and TokenURL replace Google's addresses; for tests.
	BaseURL  string `yaml:"base_url"`
	TokenURL string `yaml:"token_url"`
	// Timeout of one call (default 60s).
	Timeout time.Duration `yaml:"timeout"`
	// IndexLag is how long a new file may stay invisible to searches (default 2m).
	IndexLag time.Duration `yaml:"index_lag"`
	// PerMinute is Google's quota of reads, and of writes, of one user of Sheets (default 60).
	PerMinute int `yaml:"per_minute"`
	// CellLimit is how many cells one spreadsheet may have (default 10,000,000).
	CellLimit int64 `yaml:"cell_limit"`
}

// Configured reports whether Google is to be used.
func (g Google) Configured() bool { return g.Credentials != "" }

func (g *Google) defaults() {
	g.SenderName = "Gatehouse"
	g.Timeout, g.IndexLag = time.Minute, 2*time.Minute
	g.PerMinute, g.CellLimit = 60, 10_000_000
}

func (c *Config) checkGoogle(p *problems) {
	g := c.Google
	if !g.Configured() {
		if p.variable("google.credentials") {
			return
		}
		if g.Subject != "" || g.Sender != "" || g.FolderID != "" || len(g.Spreadsheets) > 0 {
			p.add("google.credentials is missing: write file:/path of a service account's JSON key, or remove the section google")
		}
		return
	}
	p.text("google.subject", g.Subject, "the address of the user that owns the spreadsheets")
	p.address("google.subject", g.Subject)
	p.address("google.sender", g.Sender)
	if g.FolderID == "" && len(g.Spreadsheets) == 0 && !p.variable("google.folder_id") {
		p.add("google.folder_id is missing: the id of the Drive folder for spreadsheets, as in its URL")
	}
	for _, use := range slices.Sorted(maps.Keys(g.Spreadsheets)) {
		p.variable("google.spreadsheets." + use)
	}
	if g.BaseURL != "" {
		p.url("google.base_url", g.BaseURL, "https://www.googleapis.com, or leave it out")
	}
	if g.TokenURL != "" {
		p.url("google.token_url", g.TokenURL, "https://oauth2.googleapis.com/token, or leave it out")
	}
	p.positive("google.timeout", g.Timeout)
	if g.IndexLag < 0 {
		p.add("google.index_lag is negative: write how long a new file may stay invisible to searches, such as 2m")
	}
	if g.PerMinute < 3 || g.CellLimit < 1000 {
		p.add("google.per_minute must be at least 3 and google.cell_limit at least 1000")
	}
}

// address checks an e-mail address that may be left out.
func (p *problems) address(name, value string) {
	if _, err := mail.ParseAddress(value); value != "" && err != nil {
		p.add("%s is not an e-mail address", name)
	}
}
