package onelogin

import (
	"time"
)

// NotStated is the Status or State of a user whose reply left it out. It is never a real status.
const NotStated = -1

// The statuses that Gatehouse sets itself. Only an active user can sign in.
// Source: onelogin-go-sdk models/user.go.
const (
	StatusActive    = 1
	StatusSuspended = 2
)

// StateApproved is the only licensing state in which a user counts as a licensed one. Source: as above.
const StateApproved = 1

// User is a OneLogin user. Times are zero where OneLogin has none.
// Source: onelogin-python-sdk docs/User.md.
type User struct {
	ID         int64
	Username   string
	Email      string
	FirstName  string
	LastName   string
	Title      string
	Department string
	Company    string
	ExternalID string
	Phone      string
	// SAMAccountName and UserPrincipalName are what the directory calls the user, empty where none is behind them.
	SAMAccountName    string
	UserPrincipalName string
	// Status says who can sign in (1 only); State is about licensing (1 is approved). Either is NotStated if the reply
	// did not say.
	Status int
	State  int
	// GroupID and ManagerUserID are 0 if unset. A user has at most one group; it carries the security policy.
	GroupID       int64
	ManagerUserID int64
	RoleIDs       []int64
	// DirectoryID is the directory that the user is synchronised from and TrustedIDP the identity provider that signs
	// them in, 0 if that is OneLogin itself.
	DirectoryID int64
	TrustedIDP  int64

	CreatedAt        time.Time
	UpdatedAt        time.Time
	LastLogin        time.Time
	ActivatedAt      time.Time
	InvitationSentAt time.Time
	LockedUntil      time.Time

	// Whole says that the reply told roles and group, and status: what is empty is empty.
	Whole bool

	// CustomAttributes holds every custom attribute of the tenant, nil where unset.
	CustomAttributes map[string]any
}

// NewUser is what a user is created with. Empty fields are not sent. A user without a password gets status 7
// (password pending) unless Status says otherwise, and no invitation. Source: developers.onelogin.com,
// 2/users/create-user.
type NewUser struct {
	Username      string
	Email         string
	FirstName     string
	LastName      string
	Title         string
	Department    string
	Company       string
	ExternalID    string
	Phone         string
	GroupID       int64
	ManagerUserID int64
	Status        *int
	State         *int
	RoleIDs       []int64
}

// UserChange names the fields to change: nil fields are not sent. A pointer to 0 in GroupID or ManagerUserID clears
// the field, and a pointer to "" empties a text.
type UserChange struct {
	Username      *string
	Email         *string
	FirstName     *string
	LastName      *string
	Title         *string
	Department    *string
	Company       *string
	ExternalID    *string
	Phone         *string
	Status        *int
	State         *int
	GroupID       *int64
	ManagerUserID *int64
}

// UserFilter narrows a list of users. The zero value lists everybody.
type UserFilter struct {
	// UpdatedSince lists users changed after this instant only.
	UpdatedSince time.Time
	// GroupID lists members of this group only.
	GroupID int64
	// Limit is the page size asked for (default 50, the documented maximum). It does not end the list: the caller
	// stops the iteration.
	Limit int
}

// UserList is a page of users.
type UserList struct {
	Users []User
	// Next is the cursor of the next page, "" after the last.
	Next string
	// Total is how many users the whole list has as OneLogin counts, NotStated if it did not say.
	Total int
}

// Role is a OneLogin role: the only way in which people get apps.
type Role struct {
	ID   int64
	Name string
}

// RoleUser is a member of a role, and since when and by whom.
type RoleUser struct {
	ID        int64
	Name      string
	Username  string
	AddedAt   time.Time
	AddedByID int64
}

// Group is a OneLogin group: it carries a security policy, not access.
type Group struct {
	ID   int64
	Name string
}

// App is an application of the tenant.
type App struct {
	ID          int64
	Name        string
	ConnectorID int64
	// RoleIDs are the roles that carry the app, where the reply names them.
	RoleIDs []int64
}

// Factor is a second factor that a user has registered.
type Factor struct {
	ID   string
	Name string
	// Kinds are the names of its kind: the type's, and the factor's, of which a tenant may choose its own.
	Kinds []string
	// Active is false for a factor that was registered but never used.
	Active bool
	// V1Only marks a factor that only the older API lists: the newer one hides what it cannot verify, and may not be
	// able to remove it either. Read back after removing.
	V1Only bool
}

// RateState is what OneLogin last said about the hourly quota.
type RateState struct {
	Limit     int
	Remaining int
	ResetAt   time.Time
	// Known is false until a reply carried the quota, and again once ResetAt has passed.
	Known bool
}
