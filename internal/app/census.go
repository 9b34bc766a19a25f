package app

import (
	"errors"
	"fmt"
	"time"

	"gatehouse/activities/hrsync"
	"gatehouse/activities/people"
	"gatehouse/connectors/hr"
	"gatehouse/internal/census"
	"gatehouse/internal/policyfile"
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
	_, sweepers, err := a.HR()
	if err != nil {
		return nil, err
	}
	return &census.Reader{
		Sweepers: sweepers, OneLogin: client, Ledger: a.Ledger, Clock: a.clock, MaxAge: maxAge, Tell: tell,
	}, nil
}

// HR connects the HR sources that are configured: for one record, and for all of them.
func (a *App) HR() (map[string]hr.Source, map[string]hr.Sweeper, error) {
	person := &people.Person{Sources: map[string]hr.Source{}}
	sync := &hrsync.Sync{Sweepers: map[string]hr.Sweeper{}}
	err := a.sources(person, sync)
	return person.Sources, sync.Sweepers, err
}

// LoadPolicy reads a policy file and compares it with what is configured.
func (a *App) LoadPolicy(path string) (*policy.Policy, error) {
	return policyfile.Load(path, Installed(a.Config))
}
