package agentrequests_test

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/ledger/persons"
)

// launcher counts hints and starts nothing.
type launcher struct {
	api.Launcher
	hint func()
}

// Send counts a hint.
func (l launcher) Send(context.Context, string, api.Hint) (api.Sent, error) {
	l.hint()
	return api.Sent{}, nil
}

func assessed(key string, steps, holding []string) persons.Assessed {
	return persons.Assessed{Key: key, At: time.Now(), Verdict: "none", Steps: steps, Holding: holding}
}
