package incidents

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/inventory"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/incidents"
	"gatehouse/policy"
	"gatehouse/policy/detect"
)

// Events reads OneLogin's events and works out what they amount to.
type Events struct {
	Client *onelogin.Client
	// ClientID is Gatehouse's own credential: what it did itself is no incident.
	ClientID string
	Ledger   *ledger.Ledger
	Person   *people.Person
	Launch   api.Launcher
	Policy   func() *policy.Policy
	// Locate says where an address is, from the configured database; nil if there is none.
	Locate func(netip.Addr) (detect.Place, bool)
	// Accounts, if it is set, reads the accounts again that events tell of.
	Accounts *inventory.Accounts
	// Paging says that a pager is configured.
	Paging bool
	Clock  func() time.Time

	tidied   tidied
	restored restored
}

// watcher is the name of the cursor.
const watcher = incidents.Watch

// EventReader is the name under which the ledger keeps how far the security events were read.
const EventReader = watcher

// batchOfEvents is how many events are stored in one transaction.
const batchOfEvents = 500

// collection is one reading under way. It is what an attempt leaves behind for the next.
type collection struct {
	// Policy is the hash of the policy it began under: under another one it would ask for other events.
	Policy string `json:"policy"`
	// Began is when its first page was asked for. What happened after that does not move the cursor: something older may
	// have become visible on pages that were read by then.
	Began  time.Time         `json:"began"`
	Since  time.Time         `json:"since"`
	Known  time.Time         `json:"known"`
	Newest time.Time         `json:"newest"`
	Next   string            `json:"next"`
	Report api.CollectReport `json:"report"`
}

// Collect reads the events that have become visible since the last reading, and a stretch before it once more: an event
// counts once however often it is read, and one that became visible late is found. The cursor moves when all that was
// to be read is stored, so that a crash has the same stretch read again.
// Long because pages, cursor and report belong to one loop.
func (e *Events) Collect(ctx context.Context, _ api.Nothing) (api.CollectReport, error) {
	if err := e.restore(ctx); err != nil {
		step.Log(ctx).Warn("not every incident that is open was seen to have a run: the next reading looks again", "error", err)
	}
	p := e.Policy()
	if err := e.tidyHabits(ctx, p, e.Clock(), false); err != nil {
		return api.CollectReport{}, err
	}
	if len(p.Detection().All()) == 0 && e.Accounts == nil {
		return api.CollectReport{Off: true}, e.nothingToRead(ctx)
	}
	known, err := e.Client.EventTypes(ctx)
	if err != nil {
		return api.CollectReport{}, err
	}
	names, ids, unfit := e.types(p, known)
	if len(ids) == 0 && e.Accounts == nil {
		return api.CollectReport{Off: true, Unfit: unfit}, e.nothingToRead(ctx)
	}
	now := e.Clock()
	c, err := e.begin(ctx, p, now)
	if err != nil {
		return api.CollectReport{}, err
	}
	c.Report.Unfit = unfit
	filter := onelogin.EventFilter{Since: c.Since, Types: ids}
	changed, factors := inventory.Touched{}, listen(p, known)
	if e.Accounts != nil {
		filter.Types = slices.Compact(slices.Sorted(slices.Values(slices.Concat(ids, inventory.AccountEvents, factors.types))))
	}
	var batch []judged
	saved := c
	for {
		step.Beat(ctx, saved)
		page, err := e.Client.EventsPage(ctx, filter, c.Next)
		if err != nil {
			return api.CollectReport{}, err
		}
		c.Report.Calls++
		c.Report.Read += len(page.Events)
		c.Report.Unreadable += page.Unreadable
		for _, event := range page.Events {
			if event.At.After(c.Newest) && !event.At.After(c.Began) {
				c.Newest = event.At
			}
			changed.Add(event)
			factors.add(event)
			if names[event.Type] == "" {
				continue // No rule mentions it.
			}
			if stored, wanted := e.judge(p, event, names, now, &c.Report); wanted {
				batch = append(batch, stored)
			}
		}
		c.Next = page.Next
		if len(batch) < batchOfEvents && page.Next != "" {
			continue
		}
		if err := e.store(ctx, p, batch, &c, now); err != nil {
			return api.CollectReport{}, err
		}
		if page.Next == "" {
			if err := e.finish(ctx, p, c, now); err != nil || e.Accounts == nil {
				return c.Report, err
			}
			c.Report.Reread = e.Accounts.Refresh(ctx, changed)
			// All of them and not only those with an event: whoever was hinted a moment ago is left out until the next reading.
			if err := e.Person.HintOpen(ctx, nil, people.OpenByEvent); err != nil {
				step.Log(ctx).Warn("who must be out and has an open account was not hinted: the next reading does so", "error", err)
			}
			e.wake(ctx, p, factors)
			return c.Report, nil
		}
		batch, saved = batch[:0], c
	}
}

// nothingToRead notes that nothing is late: no rule is there to read events for. How far they were read stays.
func (e *Events) nothingToRead(ctx context.Context) error {
	cursor, err := e.Ledger.Incidents().EventCursor(ctx, watcher)
	if err != nil || cursor.PolledAt.IsZero() {
		return err
	}
	cursor.PolledAt = e.Clock()
	return e.Ledger.Incidents().PutEventCursor(ctx, watcher, cursor)
}

// types are the event types that rules mention: names by id, and the ids. A rule with a name that OneLogin does not know
// is for a person to correct, and left out.
func (e *Events) types(p *policy.Policy, list []onelogin.EventType) (names map[int]string, ids []int, unfit []api.UnfitRule) {
	known := make([]string, len(list))
	for i, t := range list {
		known[i] = t.Name
	}
	var out []string
	for _, r := range p.Detection().Unfit(known, e.Locate != nil) {
		unfit = append(unfit, api.UnfitRule{Rule: r.Rule, Why: r.Why})
		out = append(out, r.Rule)
	}
	wanted := p.Detection().Types(out...)
	names = map[int]string{}
	for _, t := range list {
		if slices.Contains(wanted, t.Name) {
			names[t.ID] = t.Name
			ids = append(ids, t.ID)
		}
	}
	return names, ids, unfit
}

// begin takes up what an earlier attempt has read, or says from where to read.
func (e *Events) begin(ctx context.Context, p *policy.Policy, now time.Time) (collection, error) {
	var c collection
	if step.Resume(ctx, &c) && c.Next != "" && c.Policy == p.Hash() {
		return c, nil
	}
	cursor, err := e.Ledger.Incidents().EventCursor(ctx, watcher)
	if err != nil {
		return c, err
	}
	settings := p.Detection().Settings()
	known := cursor.Newest
	if known.IsZero() {
		// A new install does not raise what happened before it.
		known = now
	}
	c = collection{Policy: p.Hash(), Began: now, Since: known.Add(-settings.Overlap), Known: cursor.Newest, Newest: cursor.Newest}
	if !cursor.Newest.IsZero() && now.Sub(cursor.RereadAt) >= settings.RereadEvery {
		c.Report.Wide = true
		c.Since = known.Add(-settings.Reread)
	}
	// The bound is exclusive, and OneLogin keeps milliseconds.
	c.Since = c.Since.Add(-time.Millisecond)
	return c, nil
}

// judge turns an event into what is stored of it. What Gatehouse did itself, and what is too old to be known again, is
// left out.
func (e *Events) judge(p *policy.Policy, in onelogin.Event, names map[int]string, now time.Time, report *api.CollectReport) (judged, bool) {
	if in.ClientID != "" && in.ClientID == e.ClientID || in.At.Before(now.Add(-p.Detection().Settings().Keep)) {
		return judged{}, false
	}
	event := EventOf(in, names[in.Type])
	event.Place = e.place(p, in.IP)
	matches, failed := p.Detection().Match(&event)
	for _, rule := range failed {
		if !slices.Contains(report.Failed, rule) {
			report.Failed = append(report.Failed, rule)
		}
	}
	j := judged{
		StoredEvent: Stored(in, event),
		kept:        !p.Detection().OnlyForHabits(event.Type),
	}
	for _, m := range matches {
		if slices.ContainsFunc(report.Unfit, func(r api.UnfitRule) bool { return r.Rule == m.Rule }) {
			continue
		}
		match := incidents.EventMatch{Rule: m.Rule, Subject: e.subject(m)}
		switch {
		case m.Place != nil:
			match.Place = encode(m.Place)
		case m.Spot != detect.Spot{}:
			match.Place = encode(spotted(m.Spot))
		}
		j.matches, j.Matches = append(j.matches, m), append(j.Matches, match)
	}
	if sighting, found := p.Detection().Sighting(&event); found {
		j.sighting = &sighting
	}
	return j, true
}

// EventOf is an event of OneLogin's as rules and people read it, without where its address is.
func EventOf(in onelogin.Event, name string) detect.Event {
	return detect.Event{
		ID: in.ID, Type: name, TypeID: in.Type, At: in.At, UserID: in.UserID, UserName: in.UserName,
		ActorID: in.ActorUserID, ActorName: in.ActorUserName, ActorSystem: in.ActorSystem, AssumingID: in.AssumingUserID,
		IP: in.IP, ProxyIP: in.ProxyIP, App: in.AppName, Role: in.RoleName, Group: in.GroupName, Policy: in.PolicyName,
		Privilege: in.PrivilegeID, PrivilegeName: in.PrivilegeName, Factor: in.FactorName, ClientID: in.ClientID, Notes: in.Notes, Error: in.Error,
		RiskScore: in.RiskScore, Scored: in.Scored, RiskReasons: in.RiskReasons,
	}
}

// Stored is what the ledger keeps of an event.
func Stored(in onelogin.Event, event detect.Event) incidents.StoredEvent {
	return incidents.StoredEvent{ID: in.ID, Type: in.Type, UserID: in.UserID, AppID: in.AppID, At: in.At, Detail: encode(event)}
}

// encode never fails: what it is given are plain structs.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return data
}

// place says where an address is: the policy's own list comes first.
func (e *Events) place(p *policy.Policy, ip string) *detect.Place {
	addr, err := netip.ParseAddr(strings.TrimSpace(ip))
	if err != nil {
		return nil
	}
	if place, found := p.Detection().Network(addr); found {
		return &place
	}
	if e.Locate == nil {
		return nil
	}
	if place, found := e.Locate(addr); found {
		return &place
	}
	return nil
}

// subject is what stands for somebody in ids: the key of their account, or a digest of what there is instead.
func (e *Events) subject(m detect.Match) string {
	if m.Account != 0 {
		return identity.SourceAccount + "-" + strconv.FormatInt(m.Account, 10)
	}
	kind := "name"
	if m.Kind == detect.SubjectIP {
		kind = "ip"
	}
	return kind + "-" + e.Ledger.Digest(kind + "/" + m.Text)[:20]
}

// accountOf is the account behind a subject, 0 if it stands for something else.
func accountOf(subject string) int64 {
	id, found := strings.CutPrefix(subject, identity.SourceAccount+"-")
	if !found {
		return 0
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (e *Events) store(ctx context.Context, p *policy.Policy, batch []judged, c *collection, now time.Time) error {
	if len(batch) == 0 {
		return nil
	}
	events, err := e.compare(ctx, p, batch, now)
	if err != nil || len(events) == 0 {
		return err
	}
	added, err := e.Ledger.Incidents().PutEvents(ctx, events)
	c.Report.New += added
	return err
}

// finish moves the cursor, and clears away what is too old when there was a wide reading anyway.
func (e *Events) finish(ctx context.Context, p *policy.Policy, c collection, now time.Time) error {
	cursor := incidents.EventCursor{Newest: c.Newest, PolledAt: now}
	if cursor.Newest.IsZero() {
		cursor.Newest = c.Began
	}
	if c.Report.Wide || c.Known.IsZero() {
		cursor.RereadAt = now
	}
	if err := e.Ledger.Incidents().PutEventCursor(ctx, watcher, cursor); err != nil || !c.Report.Wide {
		return err
	}
	if err := e.tidyHabits(ctx, p, now, true); err != nil {
		return err
	}
	// An event reaches back by its rule's window, and a case goes on for the quiet time after its last event.
	var reach time.Duration
	for _, r := range p.Detection().All() {
		window, quiet := r.Reach()
		reach = max(reach, 2*window+quiet)
	}
	_, err := e.Ledger.Incidents().PruneEvents(ctx, now.Add(-p.Detection().Settings().Keep-reach))
	return err
}
