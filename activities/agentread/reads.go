package agentread

import (
	"context"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/incidents"
	"gatehouse/activities/inventory"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/ledger"
	ledgerincidents "gatehouse/ledger/incidents"
)

// Reads reads OneLogin anew, within the sweeps' share of the quota.
type Reads struct {
	OneLogin *onelogin.Client
	Accounts *inventory.Accounts
	Ledger   *ledger.Ledger
	Clock    func() time.Time
}

const (
	// leftFor is how long before the end of its time a reading stops, to store what it has.
	leftFor = 3 * time.Second
	// mostPages bounds the pages of events about one user or app.
	mostPages = 20
)

// appEvents are the ids of the types of events that name an app. OneLogin lists events by type and by user, and not by app.
// Source: onelogin-event-types.
var appEvents = []int{1, 2, 8, 9, 29, 35, 51, 52, 53, 54, 55, 59, 61, 62, 63, 64, 65, 85, 90}

// why a reading is not complete.
const (
	whyTime = "there is more than could be read in time"
	whyMore = "there is more than is read at once"
)

// Again reads accounts anew, whatever asked for it, with the names of what they hold.
func (r *Reads) Again(ctx context.Context, accounts []int64) error {
	_, err := r.Read(ctx, api.AgentReadRequest{Accounts: accounts})
	return err
}

// Read reads what is asked for as far as its time goes. Doing it twice reads twice and changes nothing else.
func (r *Reads) Read(ctx context.Context, in api.AgentReadRequest) (out api.AgentReadOutcome, err error) {
	more := func() bool {
		ends, bounded := ctx.Deadline()
		return !bounded || time.Until(ends) > leftFor
	}
	whole := true
	if in.Catalog || len(in.Accounts) > 0 || in.Role != 0 || in.Changes {
		if err := r.Accounts.ReadNames(ctx); err != nil {
			return out, err
		}
	}
	if len(in.Accounts) > 0 {
		if out.Accounts, err = r.Accounts.ReadAgain(ctx, in.Accounts); err != nil {
			return out, err
		}
	}
	if in.Changes {
		n, all, err := r.Accounts.ReadChanges(ctx, more)
		if out.Accounts, whole = out.Accounts+n, whole && all; err != nil {
			return out, err
		}
	}
	if in.Role != 0 {
		n, all, err := r.Accounts.ReadRole(ctx, in.Role, more)
		if out.Members, whole = n, whole && all; err != nil {
			return out, err
		}
	}
	if !whole {
		out.Why = whyTime
	}
	if in.Events != nil {
		if err := r.events(ctx, *in.Events, more, &out); err != nil {
			return out, err
		}
	}
	out.Complete = out.Why == ""
	return out, nil
}

// events reads the events about each user, or about the app.
func (r *Reads) events(ctx context.Context, in api.AgentReadEvents, more func() bool, out *api.AgentReadOutcome) error {
	list, err := r.OneLogin.For(onelogin.Sweep).EventTypes(ctx)
	if err != nil {
		return err
	}
	names := map[int]string{}
	for _, t := range list {
		names[t.ID] = t.Name
	}
	of := ledgerincidents.Between{Since: in.Since, Until: in.Until}
	if in.App != 0 {
		return r.eventsOf(ctx, ledgerincidents.EventsReading{App: in.App, Between: of}, names, more, out)
	}
	for _, user := range in.Users {
		if err := r.eventsOf(ctx, ledgerincidents.EventsReading{User: user, Between: of}, names, more, out); err != nil {
			return err
		}
	}
	return nil
}

// eventsOf reads the latest events first, so that what time does not allow is the oldest.
func (r *Reads) eventsOf(
	ctx context.Context, reading ledgerincidents.EventsReading, names map[int]string, more func() bool, out *api.AgentReadOutcome,
) error {
	// The bounds are exclusive, and OneLogin keeps milliseconds.
	f := onelogin.EventFilter{Since: reading.Since.Add(-time.Millisecond), Until: reading.Until, UserID: reading.User, Newest: true}
	if reading.App != 0 {
		f.Types = appEvents
	}
	reading.ReadAt = r.Clock()
	var found []ledgerincidents.StoredEvent
	cursor, oldest := "", reading.Until
	for n := 0; ; n++ {
		if n == mostPages || !more() {
			out.Why = whyMore
			if n < mostPages {
				out.Why = whyTime
			}
			reading.Since = oldest
			break
		}
		page, err := r.OneLogin.For(onelogin.Sweep).EventsPage(ctx, f, cursor)
		if err != nil {
			return err
		}
		step.Beat(ctx, n)
		for _, e := range page.Events {
			if e.At.Before(oldest) {
				oldest = e.At
			}
			if reading.App != 0 && e.AppID != reading.App || reading.User != 0 && e.UserID != reading.User {
				continue
			}
			found = append(found, incidents.Stored(e, incidents.EventOf(e, names[e.Type])))
		}
		if cursor = page.Next; cursor == "" {
			reading.Complete = true
			break
		}
	}
	out.Events += len(found)
	found = slices.CompactFunc(found, func(a, b ledgerincidents.StoredEvent) bool { return a.ID == b.ID })
	return r.Ledger.Incidents().PutReading(ctx, reading, found)
}
