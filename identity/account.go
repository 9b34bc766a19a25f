package identity

import "time"

// AccountStatus is OneLogin's user status. Only AccountActive can sign in.
// Source: onelogin-go-sdk models/user.go and the user resource of the OneLogin Terraform provider.
type AccountStatus int

// The statuses of a OneLogin user.
const (
	AccountUnactivated       AccountStatus = 0
	AccountActive            AccountStatus = 1
	AccountSuspended         AccountStatus = 2
	AccountLocked            AccountStatus = 3
	AccountPasswordExpired   AccountStatus = 4
	AccountAwaitingReset     AccountStatus = 5
	AccountPasswordPending   AccountStatus = 7
	AccountSecurityQuestions AccountStatus = 8
)

// String returns the status in OneLogin's own words.
func (s AccountStatus) String() string {
	switch s {
	case AccountUnactivated:
		return "unactivated"
	case AccountActive:
		return "active"
	case AccountSuspended:
		return "suspended"
	case AccountLocked:
		return "locked"
	case AccountPasswordExpired:
		return "password expired"
	case AccountAwaitingReset:
		return "awaiting password reset"
	case AccountPasswordPending:
		return "password pending"
	case AccountSecurityQuestions:
		return "security questions required"
	}
	return "unknown"
}

// Account is a OneLogin user as last read.
type Account struct {
	ID         int64  `json:"id"`
	Username   string `json:"username,omitempty"`
	Email      string `json:"email,omitempty"`
	FirstName  string `json:"first_name,omitempty"`
	LastName   string `json:"last_name,omitempty"`
	Title      string `json:"title,omitempty"`
	Department string `json:"department,omitempty"`
	Company    string `json:"company,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	// Aliases are further addresses that mail for the account comes under, as [Aliases] writes them.
	Aliases []string `json:"aliases,omitempty"`
	Phone   string   `json:"phone,omitempty"`
	// DisplayName, Mobile and Location are shown by other systems than OneLogin.
	DisplayName string `json:"display_name,omitempty"`
	Mobile      string `json:"mobile,omitempty"`
	Location    string `json:"location,omitempty"`
	// SAMAccountName and UserPrincipalName are what the directory behind the account calls it.
	SAMAccountName    string        `json:"samaccountname,omitempty"`
	UserPrincipalName string        `json:"userprincipalname,omitempty"`
	Status            AccountStatus `json:"status"`
	// Frozen says that a suspended account is not deactivated: it holds its licence, and one click of an administrator opens it.
	Frozen bool `json:"frozen,omitempty"`
	// State is OneLogin's licensing state; 1 is approved.
	State     int    `json:"state"`
	GroupID   int64  `json:"group_id,omitempty"`
	Group     string `json:"group,omitempty"`
	ManagerID int64  `json:"manager_id,omitempty"`
	// Roles are names in alphabetical order; a role id without a known name is written as "#<id>".
	Roles []string `json:"roles,omitempty"`

	CreatedAt        time.Time `json:"created_at,omitzero"`
	LastLogin        time.Time `json:"last_login,omitzero"`
	InvitationSentAt time.Time `json:"invitation_sent_at,omitzero"`
	// LockedUntil is when a lock ends by itself; zero if there is none, or if it stays until somebody lifts it.
	LockedUntil time.Time `json:"locked_until,omitzero"`

	// CreatedByUs, SuspendedByUs, SuspendedFor and LockedFor come from the ledger, not from OneLogin.
	CreatedByUs   bool `json:"created_by_us,omitempty"`
	SuspendedByUs bool `json:"suspended_by_us,omitempty"`
	// SuspendedFor is the suspend order that a suspension of ours carries out; empty if it is a departure's.
	SuspendedFor string `json:"suspended_for,omitempty"`
	// LockedFor is the lock order whose lock is on; empty for a lock of somebody else's.
	LockedFor string `json:"locked_for,omitempty"`
	// Given are the roles that Gatehouse gave in this employment. They come from the ledger.
	Given []string `json:"given,omitempty"`
	// Lifted says that two people have lifted the account's protection for the present departure. It comes from the ledger.
	Lifted bool `json:"lifted,omitempty"`
	// Kept are the values that the system keeps in place of what was written last. They come from the ledger, for planning only.
	Kept []Kept `json:"-"`
}
