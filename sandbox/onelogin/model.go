package onelogin

import (
	"slices"
	"time"
)

// The user statuses that the simulation itself gives meaning to; only active can sign in.
const (
	statusActive          = 1
	statusSuspended       = 2
	statusLocked          = 3
	statusPasswordExpired = 4
	statusAwaitingReset   = 5
	statusPasswordPending = 7
)

// stateApproved is the licensing state of a user who may use the product.
const stateApproved = 1

// The ways a user can have come by a password.
const (
	passwordNone = ""
	passwordOwn  = "own"
	passwordSet  = "set by an administrator"
)

// User is a user as the v2 API shows it. Source: onelogin-python-sdk docs/User.md.
type User struct {
	ID                   int64              `json:"id"`
	Username             *string            `json:"username"`
	Email                string             `json:"email"`
	Firstname            *string            `json:"firstname"`
	Lastname             *string            `json:"lastname"`
	Title                *string            `json:"title"`
	Department           *string            `json:"department"`
	Company              *string            `json:"company"`
	Comment              *string            `json:"comment"`
	Phone                *string            `json:"phone"`
	GroupID              *int64             `json:"group_id"`
	RoleIDs              []int64            `json:"role_ids"`
	State                int                `json:"state"`
	Status               int                `json:"status"`
	DirectoryID          *int64             `json:"directory_id"`
	TrustedIDPID         *int64             `json:"trusted_idp_id"`
	ManagerADID          *int64             `json:"manager_ad_id"`
	ManagerUserID        *int64             `json:"manager_user_id"`
	Samaccountname       *string            `json:"samaccountname"`
	MemberOf             *string            `json:"member_of"`
	Userprincipalname    *string            `json:"userprincipalname"`
	DistinguishedName    *string            `json:"distinguished_name"`
	ExternalID           *string            `json:"external_id"`
	ActivatedAt          *time.Time         `json:"activated_at"`
	LastLogin            *time.Time         `json:"last_login"`
	InvitationSentAt     *time.Time         `json:"invitation_sent_at"`
	UpdatedAt            *time.Time         `json:"updated_at"`
	CreatedAt            *time.Time         `json:"created_at"`
	PreferredLocaleCode  *string            `json:"preferred_locale_code"`
	InvalidLoginAttempts int                `json:"invalid_login_attempts"`
	LockedUntil          *time.Time         `json:"locked_until"`
	PasswordChangedAt    *time.Time         `json:"password_changed_at"`
	CustomAttributes     map[string]*string `json:"custom_attributes"`

	// What the API does not show. owner is the human whose account it is, "" for nobody's, and kind what it is for.
	owner, kind string
	password    string
	factors     []Factor
	sessions    []Session
	invitations int
}

// clone returns a copy whose slices and maps can be changed.
func (u *User) clone() *User {
	c := *u
	c.RoleIDs = slices.Clone(u.RoleIDs)
	c.factors = slices.Clone(u.factors)
	c.sessions = slices.Clone(u.sessions)
	c.CustomAttributes = make(map[string]*string, len(u.CustomAttributes))
	for k, v := range u.CustomAttributes {
		c.CustomAttributes[k] = v
	}
	return &c
}

func (u *User) hasRole(id int64) bool {
	_, found := slices.BinarySearch(u.RoleIDs, id)
	return found
}

// name is how the user appears in role lists and events.
func (u *User) name() string {
	n := text(u.Firstname) + " " + text(u.Lastname)
	if n == " " {
		return text(u.Username)
	}
	return n
}

// Factor is an enrolled authentication factor.
type Factor struct {
	ID     int64  `json:"id"`
	Type   string `json:"type"`
	Name   string `json:"name"`
	Active bool   `json:"active"`
	// Default marks the factor that is asked for first.
	Default bool `json:"default"`
	// Verifiable says that the factor can be verified over the API; the v2 device list shows no other.
	Verifiable bool `json:"verifiable"`
}

// Session is a portal session.
type Session struct {
	ID        int64     `json:"id"`
	StartedAt time.Time `json:"started_at"`
}

// Role is a role. Apps come to people only through roles.
type Role struct {
	ID   int64
	Name string
	// apps and members are in ascending order of id.
	apps    []int64
	members []int64
	admins  []int64
	grants  map[int64]grant
}

// grant says how a user came to have a role.
type grant struct {
	at     time.Time
	byID   int64
	byName string
}

// Group carries the security policy; a user has at most one.
type Group struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	Reference *string `json:"reference"`
}

// App is an application. It is never changed in place. Source: developers.onelogin.com, 2/apps/overview.
type App struct {
	ID                 int64      `json:"id"`
	Name               string     `json:"name"`
	Description        *string    `json:"description"`
	Notes              *string    `json:"notes"`
	Connector          int64      `json:"connector_id"`
	AuthMethod         int        `json:"auth_method"`
	Visible            bool       `json:"visible"`
	IconURL            *string    `json:"icon_url"`
	PolicyID           *int64     `json:"policy_id"`
	TabID              *int64     `json:"tab_id"`
	AllowAssumedSignin bool       `json:"allow_assumed_signin"`
	CreatedAt          *time.Time `json:"created_at"`
	UpdatedAt          *time.Time `json:"updated_at"`
	RoleIDs            []int64    `json:"role_ids"`
}

// text returns what p points to, or "".
func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// number returns what p points to, or 0.
func number(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}

// insertID adds id to an ascending list; added is false if it was there.
func insertID(list []int64, id int64) (out []int64, added bool) {
	i, found := slices.BinarySearch(list, id)
	if found {
		return list, false
	}
	return slices.Insert(list, i, id), true
}

// removeID takes id out of an ascending list; removed is false if it was not there.
func removeID(list []int64, id int64) (out []int64, removed bool) {
	i, found := slices.BinarySearch(list, id)
	if !found {
		return list, false
	}
	return slices.Delete(list, i, i+1), true
}
