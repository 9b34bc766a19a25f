package onelogin

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// Event is one entry of the tenant's event log. Texts are empty and numbers 0 where OneLogin says nothing.
// Source: onelogin-python-sdk docs/Event.md.
type Event struct {
	ID   int64
	Type int
	// At is when it happened, in OneLogin's clock. Events may become visible later than others that happened after them.
	At time.Time
	// User is who was acted upon, Actor who acted, AssumingUserID the administrator who acted as somebody else.
	UserID         int64
	UserName       string
	ActorUserID    int64
	ActorUserName  string
	ActorSystem    string
	AssumingUserID int64
	IP             string
	ProxyIP        string
	AppID          int64
	AppName        string
	RoleID         int64
	RoleName       string
	GroupID        int64
	GroupName      string
	PolicyName     string
	PrivilegeID    string
	PrivilegeName  string
	FactorID       int64
	FactorName     string
	// MappingID and DirectoryRunID name the mapping or the run of a directory's synchronisation that did it.
	MappingID      int64
	DirectoryRunID int64
	// ClientID is the API credential that did it, empty for what did not come over the API.
	ClientID string
	Notes    string
	Error    string
	// RiskScore is 0 to 100, and only meaningful where Scored says that OneLogin gave one.
	RiskScore   int
	Scored      bool
	RiskReasons string
}

// EventType is a kind of event.
type EventType struct {
	ID          int
	Name        string
	Description string
}

// EventFilter narrows a list of events. The zero value lists everything there is.
type EventFilter struct {
	// Since and Until bound when the events happened; both are exclusive, as OneLogin has it.
	Since, Until time.Time
	// Types are the ids of the event types wanted; none means all.
	Types []int
	// UserID lists what was done to one user only.
	UserID int64
	// Newest lists by descending id instead of ascending.
	Newest bool
}

// EventPage is a page of events by ascending id, or descending if the filter says so.
type EventPage struct {
	Events []Event
	// Unreadable counts entries without a usable id or time. They are left out, because one of them must not keep all
	// that came after it from being read.
	Unreadable int
	// Next is the cursor of the next page, empty on the last one.
	Next string
}

// eventPage is the documented page size. Source: developers.onelogin.com, 1/events/get-events.
const eventPage = "50"

// EventsPage reads one page of events; cursor is the Next of the page before, empty for the first. The filter has to
// be the same for all pages. Source: developers.onelogin.com, 1/events/get-events.
func (c *Client) EventsPage(ctx context.Context, f EventFilter, cursor string) (EventPage, error) {
	r := request{op: "list events", method: http.MethodGet, path: "/api/1/events", query: f.query()}
	if cursor != "" {
		r.query.Set("after_cursor", cursor)
	}
	var reply struct {
		Data       []json.RawMessage `json:"data"`
		Pagination struct {
			AfterCursor httpx.Text `json:"after_cursor"`
			NextLink    httpx.Text `json:"next_link"`
		} `json:"pagination"`
	}
	if _, err := c.call(ctx, r, &reply); err != nil {
		return EventPage{}, err
	}
	var page EventPage
	for _, raw := range reply.Data {
		var w wireEvent
		if err := json.Unmarshal(raw, &w); err != nil || w.ID.Value <= 0 || w.CreatedAt.IsZero() {
			page.Unreadable++
			continue
		}
		page.Events = append(page.Events, w.event())
	}
	// after_cursor can be set on a page that is empty and the last one. Source: airbnb/streamalert pull request 355.
	if next := string(reply.Pagination.AfterCursor); len(reply.Data) > 0 && reply.Pagination.NextLink != "" {
		if next == cursor && next != "" {
			return EventPage{}, connectors.Malformed(system, r.op, http.StatusOK, errRepeatedCursor)
		}
		page.Next = next
	}
	return page, nil
}

// Events walks the events that the filter leaves in its order, page by page as the caller goes on. Entries that
// cannot be read are left out. An error ends the walk.
func (c *Client) Events(ctx context.Context, f EventFilter) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		seen := map[string]bool{}
		for cursor := ""; ; {
			page, err := c.EventsPage(ctx, f, cursor)
			if err == nil && seen[page.Next] {
				err = connectors.Malformed(system, "list events", http.StatusOK, errRepeatedCursor)
			}
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range page.Events {
				if !yield(e, nil) {
					return
				}
			}
			if cursor = page.Next; cursor == "" {
				return
			}
			seen[cursor] = true
		}
	}
}

// query asks for an order in so many words, because the usual order is not documented.
func (f EventFilter) query() url.Values {
	q := url.Values{"sort": {"+id"}, "limit": {eventPage}}
	if f.Newest {
		q.Set("sort", "-id")
	}
	const layout = "2006-01-02T15:04:05.000Z"
	if !f.Since.IsZero() {
		q.Set("since", f.Since.UTC().Format(layout))
	}
	if !f.Until.IsZero() {
		q.Set("until", f.Until.UTC().Format(layout))
	}
	if len(f.Types) > 0 {
		ids := make([]string, len(f.Types))
		for i, id := range slices.Sorted(slices.Values(f.Types)) {
			ids[i] = strconv.Itoa(id)
		}
		q.Set("event_type_id", strings.Join(slices.Compact(ids), ","))
	}
	if f.UserID != 0 {
		q.Set("user_id", strconv.FormatInt(f.UserID, 10))
	}
	return q
}

// wireEvent is an event as OneLogin writes it: names of apps and groups come with a hyphen and with an underscore.
// Sources: onelogin-python-sdk docs/Event.md (hyphen), developers.onelogin.com 1/events/get-events (underscore).
type wireEvent struct {
	ID           httpx.Int  `json:"id"`
	Type         httpx.Int  `json:"event_type_id"`
	CreatedAt    httpx.Time `json:"created_at"`
	UserID       httpx.Int  `json:"user_id"`
	UserName     httpx.Text `json:"user_name"`
	ActorID      httpx.Int  `json:"actor_user_id"`
	ActorName    httpx.Text `json:"actor_user_name"`
	ActorSystem  httpx.Text `json:"actor_system"`
	AssumingID   httpx.Int  `json:"assuming_acting_user_id"`
	IP           httpx.Text `json:"ipaddr"`
	ProxyIP      httpx.Text `json:"proxy_ip"`
	AppID        httpx.Int  `json:"app_id"`
	AppName      httpx.Text `json:"app_name"`
	AppHyphen    httpx.Text `json:"app-name"`
	RoleID       httpx.Int  `json:"role_id"`
	RoleName     httpx.Text `json:"role_name"`
	GroupID      httpx.Int  `json:"group_id"`
	GroupName    httpx.Text `json:"group_name"`
	GroupHyphen  httpx.Text `json:"group-name"`
	PolicyName   httpx.Text `json:"policy_name"`
	PrivilegeID  httpx.Text `json:"privilege_id"`
	Privilege    httpx.Text `json:"privilege_name"`
	FactorID     httpx.Int  `json:"otp_device_id"`
	FactorName   httpx.Text `json:"otp_device_name"`
	MappingID    httpx.Int  `json:"mapping_id"`
	DirectoryRun httpx.Int  `json:"directory_sync_run_id"`
	ClientID     httpx.Text `json:"client_id"`
	Notes        httpx.Text `json:"notes"`
	ErrorText    httpx.Text `json:"error_description"`
	RiskScore    httpx.Int  `json:"risk_score"`
	RiskReasons  anyText    `json:"risk_reasons"`
	CustomReason httpx.Text `json:"custom_message"`
}

func (w wireEvent) event() Event {
	return Event{
		ID: w.ID.Value, Type: int(w.Type.Value), At: w.CreatedAt.Time,
		UserID: w.UserID.Value, UserName: string(w.UserName),
		ActorUserID: w.ActorID.Value, ActorUserName: string(w.ActorName), ActorSystem: string(w.ActorSystem),
		AssumingUserID: w.AssumingID.Value, IP: string(w.IP), ProxyIP: string(w.ProxyIP),
		AppID: w.AppID.Value, AppName: string(cmp.Or(w.AppName, w.AppHyphen)),
		RoleID: w.RoleID.Value, RoleName: string(w.RoleName),
		GroupID: w.GroupID.Value, GroupName: string(cmp.Or(w.GroupName, w.GroupHyphen)),
		PolicyName: string(w.PolicyName), PrivilegeID: string(w.PrivilegeID), PrivilegeName: string(w.Privilege),
		FactorID: w.FactorID.Value, FactorName: string(w.FactorName), MappingID: w.MappingID.Value,
		DirectoryRunID: w.DirectoryRun.Value, ClientID: string(w.ClientID),
		Notes: string(cmp.Or(w.Notes, w.CustomReason)), Error: string(w.ErrorText),
		RiskScore: int(w.RiskScore.Value), Scored: w.RiskScore.Sent && !w.RiskScore.Null, RiskReasons: string(w.RiskReasons),
	}
}

// anyText keeps a text as it is and anything else as JSON: reasons have been seen as a text only, and a list of them
// must not make the event unreadable.
type anyText string

// UnmarshalJSON implements json.Unmarshaler.
func (t *anyText) UnmarshalJSON(b []byte) error {
	var plain httpx.Text
	if plain.UnmarshalJSON(b) == nil {
		*t = anyText(plain)
		return nil
	}
	*t = anyText(b)
	return nil
}

// typesTTL is how long the list of event types is kept: the call is rate limited by itself.
// Source: developers.onelogin.com, 1/events/event-types.
const typesTTL = 24 * time.Hour

// typeCache is shared by all views of a client.
type typeCache struct {
	mu   sync.Mutex
	list []EventType
	at   time.Time
}

// EventTypes lists the kinds of event there are. The answer is up to 24 hours old.
// Source: developers.onelogin.com, 1/events/event-types.
func (c *Client) EventTypes(ctx context.Context) ([]EventType, error) {
	t := &c.types
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := c.clock(); len(t.list) > 0 && now.Sub(t.at) < typesTTL {
		return slices.Clone(t.list), nil
	}
	list, err := pagesV1[struct {
		wireNamed
		Description httpx.Text `json:"description"`
	}](ctx, c, request{op: "list event types", method: http.MethodGet, path: "/api/1/events/types"})
	if err != nil {
		return nil, err
	}
	t.list, t.at = nil, c.clock()
	for _, w := range list {
		t.list = append(t.list, EventType{ID: int(w.ID.Value), Name: string(w.Name), Description: string(w.Description)})
	}
	return slices.Clone(t.list), nil
}
