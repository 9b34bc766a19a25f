package people

import (
	"context"
	"time"

	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/persons"
)

// noteBegun remembers by which record somebody works here, so that a first day which moves into the future later is a question
// and no joiner. It writes nothing about whoever leaves.
func (p *Person) noteBegun(row persons.Person, link *persons.Link, e identity.Engagement, now time.Time, seen *outcome.Notes) {
	episode := row.Episode
	if episode == 0 || !row.Employed {
		episode++
	}
	if link.BegunEpisode >= episode || !p.Policy().AtWork(e, now) {
		return
	}
	source, id := link.Source, link.EmployeeID
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return l.People().NoteBegun(ctx, source, id, episode)
	})
}
