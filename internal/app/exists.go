package app

import (
	"context"
	"fmt"
	"time"

	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
)

// existsWithin bounds a question that somebody waits for in a hurry.
const existsWithin = 3 * time.Second

// Reader returns a OneLogin client that refuses every write. Ok is false where the process holds no credential of OneLogin.
func (a *App) Reader() (c *onelogin.Client, ok bool, err error) {
	cfg := a.Config.OneLogin
	if cfg.BaseURL == "" || cfg.ClientID == "" || cfg.ClientSecret == "" {
		return nil, false, nil
	}
	a.reading.Lock()
	defer a.reading.Unlock()
	if a.reader == nil {
		a.reader, err = onelogin.New(onelogin.Options{
			BaseURL: cfg.BaseURL, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Timeout: cfg.Timeout, Clock: a.clock, Log: a.Log,
			Protected: func(onelogin.User) string { return "this program only reads" },
		})
	}
	return a.reader, err == nil, err
}

// ReadAccount reads what an account is recognised by. Ok is false where the process holds no credential. One "not found" is
// no proof: it is asked twice.
func (a *App) ReadAccount(ctx context.Context, id int64) (account identity.Account, exists, ok bool, err error) {
	c, ok, err := a.Reader()
	if err != nil || !ok {
		return identity.Account{}, false, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, existsWithin)
	defer cancel()
	var u onelogin.User
	for range 2 {
		u, err = c.For(onelogin.Containment).User(ctx, id)
		if !connectors.IsKind(err, connectors.KindNotFound) {
			break
		}
	}
	switch {
	case connectors.IsKind(err, connectors.KindNotFound):
		return identity.Account{}, false, true, nil
	case err != nil:
		return identity.Account{}, false, false, fmt.Errorf("OneLogin could not be asked about account %d: %w", id, err)
	}
	return identity.Account{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, ExternalID: u.ExternalID,
		Status: identity.AccountStatus(u.Status),
	}, true, true, nil
}
