package events

import (
	"errors"
	"fmt"
	"time"

	"gatehouse/sandbox/onelogin/wire"
)

// Injection is an event of any type, as a test wants it to be.
type Injection struct {
	Type int `json:"event_type_id"`
	// Usernames are whom it happened to; of several the events of a series take turns. UserID names somebody who has no
	// account any more.
	Usernames []string `json:"usernames,omitempty"`
	UserID    int64    `json:"user_id,omitempty"`
	// Actor is who did it, the user it happened to if empty. Assuming is who acted as the actor.
	Actor    string `json:"actor,omitempty"`
	Assuming string `json:"assuming,omitempty"`
	// Client is the API credential that did it.
	Client      string `json:"client_id,omitempty"`
	IP          string `json:"ipaddr,omitempty"`
	ProxyIP     string `json:"proxy_ip,omitempty"`
	RiskScore   *int   `json:"risk_score,omitempty"`
	RiskReasons string `json:"risk_reasons,omitempty"`
	Note        string `json:"notes,omitempty"`
	Error       string `json:"error_description,omitempty"`
	Role        string `json:"role_name,omitempty"`
	App         string `json:"app_name,omitempty"`
	AppID       int64  `json:"app_id,omitempty"`
	Policy      string `json:"policy_name,omitempty"`
	PrivilegeID string `json:"privilege_id,omitempty"`
	Privilege   string `json:"privilege_name,omitempty"`
	Factor      string `json:"otp_device_name,omitempty"`
	// CreatedAt is when it says it happened, now if it is not set. It gets the next id all the same: in the past, it is an
	// event that arrives late.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// HiddenUntil keeps an event with its id and time out of every answer until then: events that are newer are read
	// before it.
	HiddenUntil time.Time `json:"hidden_until,omitzero"`
	// Times makes a series, 1 if 0, each event EveryMS after the one before; 0 gives all of them the same time.
	Times   int   `json:"times,omitempty"`
	EveryMS int64 `json:"every_ms,omitempty"`
	// Quiet leaves the webhooks out.
	Quiet bool `json:"quiet,omitempty"`
}

// Find gives the account that a username names now.
type Find func(username string) (*User, error)

// detail is what injected events have beyond the others.
type detail struct {
	userID      int64
	actor       *User
	assuming    *User
	ip, proxyIP string
	reasons     string
	err         string
	app         string
	appID       int64
	policy      string
	privilegeID string
	privilege   string
	factor      string
	hidden      time.Time
}

// maxSeries bounds what one call may make.
const maxSeries = 1_000_000

// Inject writes events and returns the ids of the first and the last. Find knows the accounts by their usernames.
func (l *Log) Inject(list []Injection, find Find) (first, last int64, err error) {
	var batch []Event
	quiet := 0
	for n, in := range list {
		made, err := l.expand(in, find)
		if err != nil {
			return 0, 0, fmt.Errorf("event %d: %w", n+1, err)
		}
		if len(batch)+len(made) > maxSeries {
			return 0, 0, fmt.Errorf("no more than %d events at once", maxSeries)
		}
		batch = append(batch, made...)
		if in.Quiet {
			quiet++
		}
	}
	if len(batch) == 0 {
		return 0, 0, errors.New("there is no event to write")
	}
	return l.addAll(batch, quiet == len(list))
}

// expand makes the events of a series.
func (l *Log) expand(in Injection, find Find) ([]Event, error) {
	if in.Type <= 0 || in.Times < 0 || in.EveryMS < 0 || in.Times > maxSeries {
		return nil, errors.New("event_type_id must be positive, times and every_ms not negative")
	}
	users := make([]*User, 0, len(in.Usernames))
	for _, name := range in.Usernames {
		u, err := find(name)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	d := &detail{
		userID: in.UserID, ip: in.IP, proxyIP: in.ProxyIP, reasons: in.RiskReasons, err: in.Error, app: in.App, appID: in.AppID,
		policy: in.Policy, privilegeID: in.PrivilegeID, privilege: in.Privilege, factor: in.Factor, hidden: in.HiddenUntil,
	}
	for name, into := range map[string]**User{in.Actor: &d.actor, in.Assuming: &d.assuming} {
		if name == "" {
			continue
		}
		u, err := find(name)
		if err != nil {
			return nil, err
		}
		*into = u
	}
	at := in.CreatedAt
	if at.IsZero() {
		at = l.now()
	}
	out := make([]Event, max(1, in.Times))
	for i := range out {
		out[i] = Event{
			Type: in.Type, Note: in.Note, Client: in.Client, Risk: in.RiskScore, RoleName: in.Role, more: d,
			at: at.UTC().Add(time.Duration(i) * time.Duration(in.EveryMS) * time.Millisecond).Truncate(time.Millisecond),
		}
		if len(users) > 0 {
			out[i].User = users[i%len(users)]
		}
	}
	return out, nil
}

// addAll writes many events at once, with the times they have.
func (l *Log) addAll(batch []Event, quiet bool) (first, last int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first = l.next
	for i := range batch {
		batch[i].id = l.next
		l.next++
	}
	list := l.list
	if over := len(list) + len(batch) - maxEvents; over > 0 {
		over = min(len(list), max(over, maxEvents/10))
		list = append(make([]Event, 0, maxEvents), list[over:]...)
	}
	l.list = append(list, batch...)
	if !quiet {
		l.out.tell(batch...)
	}
	return first, l.next - 1, nil
}

// visible reports whether the API shows an event yet.
func (e *Event) visible(now time.Time) bool { return e.more == nil || !now.Before(e.more.hidden) }

// show adds to a view what an injected event has beyond the others.
func (d *detail) show(v *view) {
	if d.userID != 0 {
		v.UserID = &d.userID
	}
	if d.actor != nil {
		v.ActorUserID, v.ActorUserName = &d.actor.ID, wire.Text(d.actor.Name)
	}
	if d.assuming != nil {
		v.AssumingID = &d.assuming.ID
	}
	if d.ip != "" {
		v.IPAddr = d.ip
	}
	if d.appID != 0 {
		v.AppID = &d.appID
	}
	v.ProxyIP, v.RiskReasons, v.Error, v.AppName = wire.Text(d.proxyIP), wire.Text(d.reasons), wire.Text(d.err), wire.Text(d.app)
	v.Policy, v.PrivilegeID, v.Privilege, v.Factor = wire.Text(d.policy), wire.Text(d.privilegeID), wire.Text(d.privilege), wire.Text(d.factor)
}
