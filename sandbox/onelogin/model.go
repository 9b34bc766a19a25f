package onelogin

import (
	"slices"
	"time"

	"gatehouse/sandbox/onelogin/profile"
	"gatehouse/sandbox/onelogin/wire"
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

// User is a user: what the API shows of one, and what it does not.
type User struct {
	profile.Profile

	// owner is the human whose account it is, "" for nobody's, and kind what it is for.
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

// name is how the user appears in role lists and events.
func (u *User) name() string {
	n := wire.TextOf(u.Firstname) + " " + wire.TextOf(u.Lastname)
	if n == " " {
		return wire.TextOf(u.Username)
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
