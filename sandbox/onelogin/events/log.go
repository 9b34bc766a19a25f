package events

import (
	"sync"
	"time"

	"gatehouse/sandbox/onelogin/wire"
)

// The types of event that the sandbox records.
const (
	Login              = 5
	LoginFailed        = 6
	CreatedByHand      = 13
	UpdatedByHand      = 14
	ActivatedByHand    = 16
	DeletedByHand      = 17
	LockedByHand       = 19
	SuspendedByHand    = 21
	Unlocked           = 12
	DeviceAdded        = 22
	DeviceRemoved      = 24
	Reactivated        = 32
	Invited            = 115
	APIAuthFailed      = 123
	RoleAddedByHand    = 147
	RoleRemovedByHand  = 148
	RoleMapped         = 149
	RoleUnmapped       = 150
	CredentialEnabled  = 181
	CredentialDisabled = 182
	MappingsApplied    = 202
	SaltedSetByAPI     = 510
	PasswordSetByAPI   = 511
	AttributesSetByAPI = 512
	RoleAddedByAPI     = 513
	RoleRemovedByAPI   = 514
	LoggedOutByAPI     = 516
	UpdatedByAPI       = 529
	DeletedByAPI       = 530
	LockedByAPI        = 531
	CreatedByAPI       = 533
	SuspendedByAPI     = 551
	TokenGenerated     = 1100
	AppCreatedByAPI    = 1300
	AppUpdatedByAPI    = 1302
	AppDeletedByAPI    = 1304
)

// maxEvents bounds memory; beyond it the oldest tenth is forgotten.
const maxEvents = 200_000

// User is an account as it was when something happened to it.
type User struct {
	ID   int64
	Name string
}

// Event is what happened in the tenant.
type Event struct {
	Type int
	User *User
	Role int64
	// RoleName is the role's name at that time.
	RoleName string
	// Note is what a person may have to know, such as why a sign-in failed.
	Note string
	// Mapping, Run and Directory are what did it, if it was a mapping or the run of a directory's synchronisation.
	Mapping, Run, Directory int64
	// Client is the API credential that did it, empty for what did not come over the API.
	Client string
	// Risk is the score of a sign-in, nil for what has none.
	Risk *int

	id int64
	at time.Time
	// more is nil for an event that came about by itself.
	more *detail
}

// Log is the tenant's events by ascending id, and where they are told.
type Log struct {
	mu   sync.RWMutex
	list []Event
	next int64
	now  func() time.Time
	out  *sender
}

// New returns a log without events.
func New(now func() time.Time) *Log {
	l := &Log{next: 5_000_001, now: now}
	l.out = newSender(l)
	return l
}

// Add writes an event that happens now.
func (l *Log) Add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.id, e.at = l.next, l.now().Truncate(time.Millisecond)
	l.next++
	if len(l.list) >= maxEvents {
		l.list = append(make([]Event, 0, maxEvents), l.list[maxEvents/10:]...)
	}
	l.list = append(l.list, e)
	l.out.tell(e)
}

// all returns the events so far. Appending never changes them, so they can be read without the lock.
func (l *Log) all() []Event {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.list
}

// view is an event as the API shows it. Source: onelogin-python-sdk docs/Event.md.
type view struct {
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

func (e *Event) view() view {
	v := view{
		ID: e.id, CreatedAt: e.at.Format(eventTime), AccountID: 4242, EventTypeID: e.Type,
		IPAddr: "198.51.100.7", ClientID: wire.Text(e.Client), Notes: wire.Text(e.Note), RoleName: wire.Text(e.RoleName),
		RiskScore: e.Risk,
	}
	if e.User != nil {
		v.UserID, v.UserName = &e.User.ID, wire.Text(e.User.Name)
	}
	if e.Role != 0 {
		v.RoleID = &e.Role
	}
	switch {
	case e.Client != "":
		v.ActorSystem, v.ActorUserName = "API", wire.Text(e.Client)
	case e.Mapping != 0 || e.Type == MappingsApplied:
		v.ActorSystem, v.Mapping = "Mapping", wire.ID(e.Mapping)
	case e.Run != 0:
		v.ActorSystem, v.Run, v.Directory = "Directory", &e.Run, wire.ID(e.Directory)
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
