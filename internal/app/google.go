package app

import (
	"gatehouse/activities/gsuite"
	"gatehouse/connectors/google"
)

// google connects Google Workspace where it is configured. Without it both work as far as saying what to configure.
func (a *App) google() (*gsuite.Sheets, *gsuite.Gmail, error) {
	cfg := a.Config.Google
	table := &gsuite.Sheets{
		Ledger: a.Ledger, Folder: cfg.FolderID, Drive: cfg.DriveID, Known: cfg.Spreadsheets, IndexLag: cfg.IndexLag,
		CellLimit: cfg.CellLimit, Web: cfg.BaseURL, Clock: a.clock,
	}
	letters := &gsuite.Gmail{Ledger: a.Ledger, Sender: cfg.Sender, Name: cfg.SenderName, Clock: a.clock}
	if letters.Sender == "" {
		letters.Sender = cfg.Subject
	}
	if !cfg.Configured() {
		return table, letters, nil
	}
	c, err := google.New(google.Options{
		Credentials: cfg.Credentials, Subject: cfg.Subject, Sender: letters.Sender, BaseURL: cfg.BaseURL, TokenURL: cfg.TokenURL,
		Timeout: cfg.Timeout, PerMinute: cfg.PerMinute, Clock: a.clock,
	})
	if err != nil {
		return nil, nil, err
	}
	table.Client, letters.Client = c, c
	return table, letters, nil
}
