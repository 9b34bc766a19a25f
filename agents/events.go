package agents

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"gatehouse/activities/api"
	"gatehouse/ledger/incidents"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
	"gatehouse/policy/detect"
)

const (
	// usualSpan is how far back events are listed if nobody says, mostSpan at most.
	usualSpan = 24 * time.Hour
	mostSpan  = 7 * 24 * time.Hour
	// eventsAtOnce is how many events are read from the ledger at a time.
	eventsAtOnce = 200
)

type eventsIn struct {
	User  string `json:"user,omitempty" jsonschema:"a key, a work address or a username"`
	App   string `json:"app,omitempty" jsonschema:"the name or id of a OneLogin app"`
	Since string `json:"since,omitempty" jsonschema:"from when, like 2026-11-29T08:00:00Z; usually 24 hours before until"`
	Until string `json:"until,omitempty" jsonschema:"until when; usually now. At most 7 days after since"`
	After string `json:"after,omitempty" jsonschema:"next of the page before"`
	Fresh bool   `json:"fresh,omitempty" jsonschema:"have OneLogin's events read anew first; takes up to 20 seconds"`
}

type eventsOut struct {
	Key      string     `json:"key,omitempty" jsonschema:"the person"`
	Total    int        `json:"total" jsonschema:"how many events of this time are known, of those that this agent may know of"`
	Since    string     `json:"since"`
	Until    string     `json:"until"`
	Coverage []coverage `json:"coverage" jsonschema:"which events are known of which time; what is in none of these is unknown, and not absent"`
	Events   []event    `json:"events" jsonschema:"the latest first"`
	Next     string     `json:"next,omitempty" jsonschema:"pass as after for the next page"`
	Fresh    *freshness `json:"fresh,omitempty" jsonschema:"what came of fresh"`
}

type coverage struct {
	What   string `json:"what"`
	Since  string `json:"since"`
	Until  string `json:"until"`
	ReadAt string `json:"read_at"`
}

type event struct {
	At      string `json:"at"`
	ID      int64  `json:"id"`
	Event   string `json:"event"`
	Key     string `json:"key,omitempty" jsonschema:"whom it is about"`
	Name    string `json:"name,omitempty"`
	Account string `json:"account,omitempty"`
	By      string `json:"by" jsonschema:"self, other (another person), api or system"`
	App     string `json:"app,omitempty"`
	Role    string `json:"role,omitempty"`
	Group   string `json:"group,omitempty"`
	Address string `json:"address,omitempty"`
	Country string `json:"country,omitempty"`

	place incidents.EventPlace
}

func listEvents(ctx context.Context, a *asked, in eventsIn) (eventsOut, error) {
	out := eventsOut{Events: []event{}, Coverage: []coverage{}}
	between, err := a.span(in)
	if err != nil {
		return out, err
	}
	question := []string{in.User, in.App, in.Since, in.Until}
	text, err := a.place(in.After, question...)
	if err != nil {
		return out, err
	}
	after, err := eventPlace(text)
	if err != nil {
		return out, err
	}
	if given(question[:2]) != 1 {
		return out, wrong("name either a user or an app")
	}
	if !after.At.IsZero() && in.Until == "" {
		between.Since = after.Since // The time that the first page was about.
		if most := between.Since.Add(mostSpan); most.Before(between.Until) {
			between.Until = most
		}
	}
	about, seen, err := a.whose(ctx, in, between, &out)
	if err != nil {
		return out, err
	}
	if err := a.covered(ctx, about, between, &out); err != nil {
		return out, err
	}
	out.Since, out.Until = stamp(between.Since), stamp(between.Until)
	more, err := a.fill(ctx, about, between, after.EventPlace, seen, &out)
	if err != nil {
		return out, err
	}
	if n := len(out.Events); n > 0 && more {
		out.Next = a.next(eventsPlace{out.Events[n-1].place, between.Since}.String(), question...)
	}
	return out, nil
}

// eventsPlace is where a list of events goes on, and from when its first page was about.
type eventsPlace struct {
	incidents.EventPlace
	Since time.Time
}

func (p eventsPlace) String() string {
	return fmt.Sprintf("%d/%d/%d", p.At.UnixMicro(), p.ID, p.Since.UnixMicro())
}

func eventPlace(text string) (p eventsPlace, err error) {
	if text == "" {
		return p, nil
	}
	var at, since int64
	if _, err := fmt.Sscanf(text, "%d/%d/%d", &at, &p.ID, &since); err != nil {
		return p, fmt.Errorf("read where a list of events goes on: %w", err)
	}
	p.At, p.Since = time.UnixMicro(at).UTC(), time.UnixMicro(since).UTC()
	return p, nil
}

// span is the time that is asked about.
func (a *asked) span(in eventsIn) (incidents.Between, error) {
	until, since := a.at, time.Time{}
	for _, each := range []struct {
		text string
		into *time.Time
	}{{in.Until, &until}, {in.Since, &since}} {
		if each.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, each.text)
		if err != nil {
			return incidents.Between{}, wrong("write a time like 2026-11-29T08:00:00Z")
		}
		*each.into = at
	}
	if since.IsZero() {
		since = until.Add(-usualSpan)
	}
	switch {
	case !since.Before(until):
		return incidents.Between{}, wrong("since has to be before until, which is now if you do not say")
	case until.Sub(since) > mostSpan:
		return incidents.Between{}, wrong("events are listed of at most 7 days at a time")
	}
	return incidents.Between{Since: since, Until: until}, nil
}

// whose finds whom the events are about, and counts them. Seen are those whom the agent may know of.
func (a *asked) whose(ctx context.Context, in eventsIn, between incidents.Between, out *eventsOut) (incidents.About, map[int64]known, error) {
	if in.App != "" {
		return a.ofApp(ctx, in, between, out)
	}
	k, fresh, err := a.freshly(ctx, in.User, in.Fresh, func(accounts []int64) api.AgentReadRequest {
		return api.AgentReadRequest{Events: wanted(between, accounts, 0)}
	})
	if err != nil {
		return incidents.About{}, nil, err
	}
	out.Key, out.Fresh = k.Key, fresh
	about, seen := incidents.About{Users: k.OneLogin()}, map[int64]known{}
	for _, id := range about.Users {
		seen[id] = k
	}
	if len(seen) == 0 {
		return about, seen, wrong("this person has no OneLogin account, and OneLogin's events are all that is known")
	}
	counts, err := a.Ledger.Incidents().CountAbout(ctx, about, between)
	for _, n := range counts {
		out.Total += n
	}
	return about, seen, err
}

// wanted are the events to be read anew: the end is behind now, and the same for all who ask within a few seconds.
func wanted(between incidents.Between, users []int64, app int64) *api.AgentReadEvents {
	return &api.AgentReadEvents{
		Users: users, App: app, Since: between.Since.Truncate(sameRead), Until: between.Until.Truncate(sameRead).Add(sameRead),
	}
}

// ofApp finds whom the events of an app are about, and judges each of them. Events that name nobody are judged as about nobody.
func (a *asked) ofApp(ctx context.Context, in eventsIn, between incidents.Between, out *eventsOut) (incidents.About, map[int64]known, error) {
	if !a.agent.Sees(agent.FieldApps) {
		return incidents.About{}, nil, noField(agent.FieldApps)
	}
	app, err := a.oneNamed(ctx, inventory.CatalogApp, in.App)
	if err != nil {
		return incidents.About{}, nil, err
	}
	a.call.App, a.call.Fresh = app.Name, in.Fresh
	about := incidents.About{App: number(app.ID)}
	for again := in.Fresh; ; again = false {
		counts, err := a.Ledger.Incidents().CountAbout(ctx, about, between)
		if err != nil {
			return about, nil, err
		}
		seen, err := a.visibleUsers(ctx, counts)
		if err != nil {
			return about, nil, err
		}
		if len(seen) == 0 {
			if err := a.nobody(); err != nil {
				return about, nil, err
			}
		}
		if !again {
			out.Total = 0
			for id := range seen {
				out.Total += counts[id]
			}
			return about, seen, nil
		}
		if out.Fresh, err = a.anew(ctx, api.AgentReadRequest{Events: wanted(between, nil, about.App)}); err != nil {
			return about, nil, err
		}
	}
}

// visibleUsers are those of some OneLogin users whom the agent may know of. Who is not in the inventory cannot be judged.
func (a *asked) visibleUsers(ctx context.Context, counts map[int64]int) (map[int64]known, error) {
	var ids []string
	for id := range counts {
		if id != 0 {
			ids = append(ids, strconv.FormatInt(id, 10))
		}
	}
	c, err := a.crowdOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	people, err := a.visible(c)
	if err != nil {
		return nil, err
	}
	seen := map[int64]known{}
	for id, key := range c.whose {
		if k, visible := people[key]; visible {
			seen[number(id)] = k
		}
	}
	if counts[0] > 0 {
		allowed, err := a.judge(agent.Target{})
		if err != nil {
			return nil, err
		}
		if allowed {
			seen[0] = known{}
		}
	}
	return seen, nil
}

// fill reads events until the answer is full. More says that there are others behind the last.
func (a *asked) fill(
	ctx context.Context, about incidents.About, between incidents.Between, after incidents.EventPlace, seen map[int64]known, out *eventsOut,
) (more bool, err error) {
	for left := maxItems; ; {
		stored, err := a.Ledger.Incidents().EventsAbout(ctx, about, between, after, eventsAtOnce)
		if err != nil {
			return false, err
		}
		for _, s := range stored {
			after = incidents.EventPlace{At: s.At, ID: s.ID}
			k, visible := seen[s.UserID]
			if !visible {
				continue
			}
			e, err := a.event(s, k)
			if err != nil {
				return false, err
			}
			if left -= size(e); left < 0 && len(out.Events) > 0 {
				return true, nil
			}
			out.Events = append(out.Events, e)
			a.about(k.Key)
		}
		if len(stored) < eventsAtOnce {
			return false, nil
		}
	}
}

// event is an event as far as the agent may see it. What OneLogin writes in its own words is left out: it holds whatever there was.
func (a *asked) event(s incidents.StoredEvent, k known) (event, error) {
	var d detect.Event
	if len(s.Detail) > 0 {
		if err := json.Unmarshal(s.Detail, &d); err != nil {
			return event{}, fmt.Errorf("read event %d: %w", s.ID, err)
		}
	}
	e := event{
		At: stamp(s.At), ID: s.ID, Event: data(d.Type), Key: k.Key, Name: a.nameOf(k), By: by(d),
		App: a.shown(agent.FieldApps, d.App), Role: a.shown(agent.FieldRoles, d.Role), Group: a.shown(agent.FieldGroup, d.Group),
		Address: a.shown(agent.FieldAddresses, d.IP), place: incidents.EventPlace{At: s.At, ID: s.ID},
	}
	if e.Event == "" {
		e.Event = "type " + strconv.Itoa(s.Type)
	}
	if s.UserID != 0 {
		e.Account = strconv.FormatInt(s.UserID, 10)
	}
	if d.Place != nil {
		e.Country = a.shown(agent.FieldAddresses, d.Place.Country)
	}
	return e, nil
}

// by says who did it, without naming anybody.
func by(d detect.Event) string {
	switch {
	case d.ClientID != "":
		return "api"
	case d.ActorID != 0 && d.ActorID == d.UserID && d.AssumingID == 0:
		return "self"
	case d.ActorID != 0 || d.AssumingID != 0:
		return "other"
	}
	return "system"
}

// covered says which events are known of which part of the time.
func (a *asked) covered(ctx context.Context, about incidents.About, between incidents.Between, out *eventsOut) error {
	books := a.Ledger.Incidents()
	cursor, err := books.EventCursor(ctx, incidents.Watch)
	if err != nil {
		return err
	}
	old, err := books.KeptWithoutUser(ctx)
	if err != nil {
		return err
	}
	rules := a.policy.Detection()
	from := a.at.Add(-rules.Settings().Keep)
	if old.After(from) {
		from = old
	}
	if len(rules.All()) > 0 && !cursor.PolledAt.IsZero() {
		out.cover("events that a detection rule of the policy mentions, without what Gatehouse did itself", between,
			incidents.Between{Since: from, Until: cursor.PolledAt}, cursor.PolledAt)
	}
	readings, subjects := incidents.EventsReading{}, len(about.Users)
	if about.App != 0 {
		subjects = 1
	}
	for i := range subjects {
		of := incidents.EventsReading{App: about.App}
		if about.App == 0 {
			of.User = about.Users[i]
		}
		r, found, err := books.ReadingOf(ctx, of)
		if err != nil || !found {
			return err // Of one of the accounts nothing was read: nothing is complete.
		}
		if i == 0 {
			readings = r
		}
		if r.Since.After(readings.Since) {
			readings.Since = r.Since
		}
		if r.Until.Before(readings.Until) {
			readings.Until = r.Until
		}
		if r.ReadAt.Before(readings.ReadAt) {
			readings.ReadAt = r.ReadAt
		}
	}
	if readings.ReadAt.Before(readings.Until) {
		readings.Until = readings.ReadAt
	}
	out.cover(map[bool]string{false: "all events", true: "all events of the kinds that name an app"}[about.App != 0], between, readings.Between, readings.ReadAt)
	return nil
}

// cover adds what is known of a part of the time, if there is one.
func (out *eventsOut) cover(what string, asked, known incidents.Between, readAt time.Time) {
	if known.Since.Before(asked.Since) {
		known.Since = asked.Since
	}
	if known.Until.After(asked.Until) {
		known.Until = asked.Until
	}
	if known.Since.Before(known.Until) {
		out.Coverage = append(out.Coverage, coverage{What: what, Since: stamp(known.Since), Until: stamp(known.Until), ReadAt: stamp(readAt)})
	}
}
