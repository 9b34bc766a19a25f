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
	c, err = onelogin.New(onelogin.Options{
		BaseURL: cfg.BaseURL, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Timeout: cfg.Timeout, Clock: a.clock, Log: a.Log,
		Protected: func(onelogin.User) string { return "this program only reads" },
	})
	return c, err == nil, err
}

// AccountStatus reads in which status an account is. Ok is false where the process holds no credential or OneLogin did not
// answer.
func (a *App) AccountStatus(ctx context.Context, id int64) (status identity.AccountStatus, ok bool, err error) {
	c, ok, err := a.Reader()
	if err != nil || !ok {
		return 0, false, err
	}
	u, err := c.For(onelogin.Containment).User(ctx, id)
	return identity.AccountStatus(u.Status), err == nil, err
}

// AccountExists asks OneLogin for an account. Asked is false where the process holds no credential, or where OneLogin did
// not answer in time. One "not found" is no proof: it is asked twice.
func (a *App) AccountExists(ctx context.Context, id int64) (exists, asked bool, err error) {
	c, ok, err := a.Reader()
	if err != nil || !ok {
		return false, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, existsWithin)
	defer cancel()
	for range 2 {
		_, err = c.For(onelogin.Containment).User(ctx, id)
		if !connectors.IsKind(err, connectors.KindNotFound) {
			break
		}
	}
	switch {
	case err == nil:
		return true, true, nil
	case connectors.IsKind(err, connectors.KindNotFound):
		return false, true, nil
	}
	return false, false, fmt.Errorf("OneLogin could not be asked whether the account exists: %w", err)
}
