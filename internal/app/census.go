package app

import (
	"errors"
	"fmt"
	"time"

	"gatehouse/activities"
	"gatehouse/internal/census"
	"gatehouse/policy"
)

// Census returns what reads all people and accounts, without being able to change any. Accounts are taken from an inventory
// that is not older than maxAge, if there is one. Tell is told of progress.
func (a *App) Census(maxAge time.Duration, tell func(text string)) (*census.Reader, error) {
	client, ok, err := a.Reader()
	if err == nil && !ok {
		err = errors.New("this machine holds no credential of OneLogin")
	}
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	sync := &activities.Sync{Sweepers: map[string]activities.Sweeper{}}
	if err := a.sources(&activities.Person{Sources: map[string]activities.Source{}}, sync); err != nil {
		return nil, err
	}
	return &census.Reader{
		Sweepers: sync.Sweepers, OneLogin: client, Ledger: a.Ledger, Clock: a.clock, MaxAge: maxAge, Tell: tell,
	}, nil
}

// LoadPolicy reads a policy file and compares it with the HR sources that are configured.
func (a *App) LoadPolicy(path string) (*policy.Policy, error) {
	p, err := policy.Load(path)
	if err != nil {
		return nil, err
	}
	return p, p.CheckSources(a.Config.Sources())
}
