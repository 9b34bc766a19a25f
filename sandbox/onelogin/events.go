package onelogin

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/sandbox/tenant"
)

// The kinds of event that the sandbox records.
const (
	evLogin              = 5
	evLoginFailed        = 6
	evCreatedByHand      = 13
	evUpdatedByHand      = 14
	evActivatedByHand    = 16
	evDeletedByHand      = 17
	evLockedByHand       = 19
	evSuspendedByHand    = 21
	evUnlocked           = 12
	evDeviceAdded        = 22
	evDeviceRemoved      = 24
	evReactivated        = 32
	evInvited            = 115
	evAPIAuthFailed      = 123
	evRoleAddedByHand    = 147
	evRoleRemovedByHand  = 148
	evRoleMapped         = 149
	evRoleUnmapped       = 150
	evCredentialEnabled  = 181
	evCredentialDisabled = 182
	evMappingsApplied    = 202
	evPasswordSetByAPI   = 511
	evRoleAddedByAPI     = 513
	evRoleRemovedByAPI   = 514
	evLoggedOutByAPI     = 516
	evUpdatedByAPI       = 529
	evDeletedByAPI       = 530
	evLockedByAPI        = 531
	evCreatedByAPI       = 533
	evSuspendedByAPI     = 551
)

// maxEvents bounds memory; beyond it the oldest tenth is forgotten.
const maxEvents = 200_000

// event is what the rest of the package says happened.
type event struct {
	Type int
	User *User
	Role int64
	// Note is what a person may have to know, such as why a sign-in failed.
	Note string
	// Mapping, Run and Directory are what did it, if it was a mapping or the run of a directory's synchronisation.
	Mapping, Run, Directory int64
	// Client is the API credential that did it, empty for what did not come over the API.
	Client string
	// Risk is the score of a sign-in, nil for what has none.
	Risk *int

	id   int64
	at   time.Time
	role string
	// more is nil for an event that came about by itself.
	more *detail
}

// eventLog is the tenant's events by ascending id.
type eventLog struct {
	mu   sync.RWMutex
	list []event
	next int64
	now  func() time.Time
	// tell hears of events that are new.
	tell func(events ...event)
}

func newEventLog(now func() time.Time) *eventLog {
	return &eventLog{next: 5_000_001, now: now, tell: func(...event) {}}
}

func (l *eventLog) add(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.id, e.at = l.next, l.now().Truncate(time.Millisecond)
	l.next++
	if len(l.list) >= maxEvents {
		l.list = append(make([]event, 0, maxEvents), l.list[maxEvents/10:]...)
	}
	l.list = append(l.list, e)
	l.tell(e)
}

// all returns the events so far. Appending never changes them, so they can be read without the lock.
func (l *eventLog) all() []event {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.list
}

// record writes an event that an API call caused. The store's lock must be held.
func (o *OneLogin) record(c *tenant.Call, e event) {
	e.Client = c.ClientName()
	o.note(e)
}

// note writes an event. The store's lock must be held.
func (o *OneLogin) note(e event) {
	if e.Role != 0 {
		e.role = o.s.roleName(e.Role)
	}
	o.events.add(e)
}

func (o *OneLogin) eventRoutes() []tenant.Route {
	filters := []string{
		"client_id", "created_at", "directory_id", "event_type_id", "id", "resolution", "since", "until", "user_id",
		"limit", "sort", "fields", "after_cursor",
	}
	return []tenant.Route{
		{Method: "GET", Path: "/api/1/events", Op: "onelogin.list_events", Scope: readUsers, Query: filters, Handle: o.listEvents},
		{Method: "GET", Path: "/api/1/events/types", Op: "onelogin.list_event_types", Scope: readUsers, Query: []string{}, Handle: o.listEventTypes},
		{Method: "GET", Path: "/api/1/events/{id}", Op: "onelogin.get_event", Scope: readUsers, Query: []string{}, Handle: o.getEvent},
	}
}

// eventView is an event as the API shows it. Source: onelogin-python-sdk docs/Event.md.
type eventView struct {
	ID            int64   `json:"id"`
	CreatedAt     string  `json:"created_at"`
	AccountID     int64   `json:"account_id"`
	EventTypeID   int     `json:"event_type_id"`
	UserID        *int64  `json:"user_id"`
	UserName      *string `json:"user_name"`
	ActorUserID   *int64  `json:"actor_user_id"`
	ActorUserName *string `json:"actor_user_name"`
	ActorSystem   string  `json:"actor_system"`
	ClientID      *string `json:"client_id"`
	RoleID        *int64  `json:"role_id"`
	RoleName      *string `json:"role_name"`
	GroupID       *int64  `json:"group_id"`
	AppID         *int64  `json:"app_id"`
	IPAddr        string  `json:"ipaddr"`
	Notes         *string `json:"notes"`
	RiskScore     *int    `json:"risk_score"`
	RiskReasons   *string `json:"risk_reasons"`
	AssumingID    *int64  `json:"assuming_acting_user_id"`
	ProxyIP       *string `json:"proxy_ip"`
	Error         *string `json:"error_description"`
	// The names of apps are written with a hyphen.
	AppName     *string `json:"app-name"`
	Mapping     *int64  `json:"mapping_id"`
	Run         *int64  `json:"directory_sync_run_id"`
	Directory   *int64  `json:"service_directory_id"`
	Policy      *string `json:"policy_name"`
	PrivilegeID *string `json:"privilege_id"`
	Privilege   *string `json:"privilege_name"`
	Factor      *string `json:"otp_device_name"`
}

func (o *OneLogin) view(e *event) eventView {
	v := eventView{
		ID: e.id, CreatedAt: e.at.Format(eventTime), AccountID: 4242, EventTypeID: e.Type,
		IPAddr: "198.51.100.7", ClientID: pointer(e.Client), Notes: pointer(e.Note), RoleName: pointer(e.role),
		RiskScore: e.Risk,
	}
	if e.User != nil {
		v.UserID, v.UserName = &e.User.ID, pointer(e.User.name())
	}
	if e.Role != 0 {
		v.RoleID = &e.Role
	}
	switch {
	case e.Client != "":
		v.ActorSystem, v.ActorUserName = "API", pointer(e.Client)
	case e.Mapping != 0 || e.Type == evMappingsApplied:
		v.ActorSystem, v.Mapping = "Mapping", pointerID(e.Mapping)
	case e.Run != 0:
		v.ActorSystem, v.Run, v.Directory = "Directory", &e.Run, pointerID(e.Directory)
	case e.User != nil:
		v.ActorUserID, v.ActorUserName = v.UserID, v.UserName
	}
	if e.more != nil {
		e.more.show(&v)
	}
	return v
}

// eventTime is how events write times.
const eventTime = "2006-01-02T15:04:05.000Z"

// chosen leaves of each event the named fields.
func chosen(items []eventView, names []string) []map[string]json.RawMessage {
	out := make([]map[string]json.RawMessage, 0, len(items))
	for _, item := range items {
		var all map[string]json.RawMessage
		// A view always encodes, and what json writes json reads.
		if body, err := json.Marshal(item); err != nil || json.Unmarshal(body, &all) != nil {
			panic("onelogin: an event does not encode")
		}
		maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool { return !slices.Contains(names, name) })
		out = append(out, all)
	}
	return out
}

// eventsPerPage is the documented page size; whether more is honoured is not known, so it is not.
// Source: developers.onelogin.com, 1/events/get-events.
const eventsPerPage = 50

func (o *OneLogin) listEvents(c *tenant.Call) tenant.Reply {
	limit, after, refused := v1Window(c, eventsPerPage, eventsPerPage)
	if refused != nil {
		return *refused
	}
	down := strings.HasPrefix(c.Query().Get("sort"), "-")
	if s := strings.TrimLeft(c.Query().Get("sort"), "+- "); s != "" && s != "id" {
		return *badRequest("sort must be +id or -id")
	}
	keep, complaint := eventFilter(c)
	if complaint != "" {
		return *badRequest(complaint)
	}
	list, now := o.events.all(), o.t.Now()
	from, _ := slices.BinarySearchFunc(list, after+1, func(e event, id int64) int { return int(e.id - id) })
	step, end := 1, len(list)
	if down {
		step, end = -1, -1
		if after == 0 {
			from = len(list) - 1
		} else {
			from = from - 2
		}
	}
	var items []eventView
	more := false
	for i := from; i != end && i >= 0 && i < len(list); i += step {
		if !list[i].visible(now) || !keep(&list[i]) {
			continue
		}
		if len(items) == limit {
			more = true
			break
		}
		items = append(items, o.view(&list[i]))
	}
	next := ""
	if more {
		next = v1Cursor(items[len(items)-1].ID)
	}
	if fields := c.Query().Get("fields"); fields != "" {
		return v1List(c, chosen(items, strings.Split(fields, ",")), more, next)
	}
	return v1List(c, items, more, next)
}

// eventFilter reads the parameters that select events. since and until are exclusive.
func eventFilter(c *tenant.Call) (keep func(e *event) bool, complaint string) {
	q := c.Query()
	times := map[string]time.Time{}
	for _, name := range []string{"since", "until"} {
		if q.Has(name) {
			at, err := time.Parse(time.RFC3339, q.Get(name))
			if err != nil {
				return nil, name + " must be a time such as 2006-01-02T15:04:05.000Z"
			}
			times[name] = at
		}
	}
	if created := q.Get("created_at"); created != "" {
		if _, err := time.Parse(time.RFC3339, created); err != nil {
			return nil, "created_at must be a time such as 2006-01-02T15:04:05.000Z"
		}
	}
	var kinds []string
	if q.Get("event_type_id") != "" {
		kinds = strings.Split(q.Get("event_type_id"), ",")
	}
	since, hasSince := times["since"]
	until, hasUntil := times["until"]
	byUser := q.Has("user_id")
	return func(e *event) bool {
		return (!hasSince || e.at.After(since)) && (!hasUntil || e.at.Before(until)) &&
			(kinds == nil || slices.Contains(kinds, strconv.Itoa(e.Type))) &&
			(!byUser || q.Get("user_id") == e.userID()) &&
			(!q.Has("directory_id") || q.Get("directory_id") == itoa(e.Directory)) &&
			(!q.Has("created_at") || q.Get("created_at") == e.at.Format(eventTime)) &&
			// Events that something has still to come of are the only ones with a resolution, and the sandbox has none.
			(!q.Has("resolution") || q.Get("resolution") == "") &&
			(!q.Has("client_id") || q.Get("client_id") == e.Client) &&
			(!q.Has("id") || q.Get("id") == itoa(e.id))
	}, ""
}

func (o *OneLogin) getEvent(c *tenant.Call) tenant.Reply {
	id, _ := pathID(c, "id")
	list := o.events.all()
	i, found := slices.BinarySearchFunc(list, id, func(e event, id int64) int { return int(e.id - id) })
	if !found || !list[i].visible(o.t.Now()) {
		return v1Error(http.StatusNotFound, "Event not found")
	}
	return v1OK([]eventView{o.view(&list[i])})
}

// userID is whom an event happened to, "" if nobody.
func (e *event) userID() string {
	switch {
	case e.more != nil && e.more.userID != 0:
		return itoa(e.more.userID)
	case e.User != nil:
		return itoa(e.User.ID)
	}
	return ""
}

func v1Cursor(id int64) string { return base64.URLEncoding.EncodeToString([]byte("v1:" + itoa(id))) }

func readV1Cursor(s string) (int64, bool) {
	raw, err := base64.URLEncoding.DecodeString(s)
	rest, ok := strings.CutPrefix(string(raw), "v1:")
	if err != nil || !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(rest, 10, 64)
	return id, err == nil
}

func lower(s string) string { return strings.ToLower(s) }
