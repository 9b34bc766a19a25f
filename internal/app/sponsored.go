package app

import (
	"context"

	"gatehouse/activities/hrsync"
	"gatehouse/activities/people"
	"gatehouse/activities/reading"
	"gatehouse/activities/sponsored"
	"gatehouse/connectors/hr"
	"gatehouse/identity"
	"gatehouse/policy"
)

// ownSource connects the HR source that the ledger itself is. Whoever is there is read to the end, also where there are to be no more.
func (a *App) ownSource(person *people.Person, sync *hrsync.Sync) {
	if a.Ledger == nil {
		return
	}
	own := sponsored.Source{Ledger: a.Ledger, Clock: a.clock}
	person.Sources[identity.SourceSponsored] = own
	if a.Config.Schedules.Sponsored > 0 {
		sync.Sweepers[identity.SourceSponsored] = own
	}
}

// keepSponsored has the polls of the ledger's own source, where there are any, see to those who answer for people.
func (a *App) keepSponsored(person *people.Person, sync *hrsync.Sync) *sponsored.Sponsored {
	own := a.sponsoredBy(person)
	if _, there := sync.Sweepers[identity.SourceSponsored]; there {
		sync.Upkeep = map[string]func(context.Context) error{identity.SourceSponsored: own.Upkeep}
	}
	return own
}

func (a *App) sponsoredBy(person *people.Person) *sponsored.Sponsored {
	return &sponsored.Sponsored{Ledger: a.Ledger, Person: person, Launch: a.Launch, Policy: person.Policy, Clock: a.clock}
}

// Sponsored adds people whom HR does not have, and carries out what is said about them. It asks HR, and OneLogin nothing.
func (a *App) Sponsored(pol func() *policy.Policy) (*sponsored.Sponsored, error) {
	person := &people.Person{
		Ledger: a.Ledger, Launch: a.Launch, Policy: pol, Clock: a.clock, Sources: map[string]hr.Source{},
		Records: &reading.Reader{Ledger: a.Ledger, Policy: pol, Clock: a.clock},
	}
	if err := a.sources(person, &hrsync.Sync{Sweepers: map[string]hr.Sweeper{}}); err != nil {
		return nil, err
	}
	return a.sponsoredBy(person), nil
}
