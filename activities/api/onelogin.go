package api

import (
	"time"

	"gatehouse/identity"
)

// AccountInput names the account of a person.
type AccountInput struct {
	Key       string `json:"key"`
	AccountID int64  `json:"account_id"`
	// Order is the suspend order that a suspension carries out; empty for a departure.
	Order string `json:"order,omitempty"`
	// Foreign says that somebody else had closed the account before: suspending it does not make it ours to open.
	Foreign bool `json:"foreign,omitempty"`
	// LogOut has a suspension end the sessions as well, if that succeeds at once.
	LogOut bool `json:"log_out,omitempty"`
	// Doubt says that nobody knows yet whether the account is the person's.
	Doubt bool `json:"doubt,omitempty"`
	// LiftedBy are the two people who lifted the protection of a protected account for this.
	LiftedBy []string `json:"lifted_by,omitempty"`
	// Lifted says that the ledger has the protection of the account as lifted.
	Lifted bool `json:"lifted,omitempty"`
}

// AccountState is an account after a step, as OneLogin reported it.
type AccountState struct {
	AccountID int64    `json:"account_id"`
	Username  string   `json:"username,omitempty"`
	Email     string   `json:"email,omitempty"`
	Status    string   `json:"status,omitempty"`
	Group     string   `json:"group,omitempty"`
	Roles     []string `json:"roles,omitempty"`
	Factors   int      `json:"factors,omitempty"`
	// FactorsByHand are those that only the older API lists and no API removes.
	FactorsByHand int  `json:"factors_by_hand,omitempty"`
	Gone          bool `json:"gone,omitempty"`
	// Protected is why an account that is open must not be written to, empty if it may be.
	Protected string `json:"protected,omitempty"`
	// Changed is false when there was nothing to do.
	Changed bool `json:"changed"`
	// LoggedOut says that a suspension has ended the sessions too; if not, that is a step of its own.
	LoggedOut bool `json:"logged_out,omitempty"`
	// Notices are what somebody has to be told of a write.
	Notices []identity.Notice `json:"notices,omitempty"`
}

// AccessEnded says which parts of a leaver's access were taken away at once. What was not is a step of its own.
type AccessEnded struct {
	Roles    bool `json:"roles,omitempty"`
	Password bool `json:"password,omitempty"`
	Factors  bool `json:"factors,omitempty"`
}

// EnsureAccountInput asks for an account with this profile and group, made if the person has none.
type EnsureAccountInput struct {
	Key        string           `json:"key"`
	Episode    int              `json:"episode"`
	Profile    identity.Profile `json:"profile"`
	Group      string           `json:"group,omitempty"`
	ManagerKey string           `json:"manager_key,omitempty"`
}

// EnsureProfileInput asks for what an existing account says about its person, and for its group.
type EnsureProfileInput struct {
	AccountInput
	Profile identity.Profile `json:"profile"`
	Group   string           `json:"group,omitempty"`
	// Manager is the manager's OneLogin user, 0 to leave it as it is.
	Manager int64 `json:"manager,omitempty"`
}

// RenameInput asks for a username, and the address that goes with it, of which the first that is free is taken.
type RenameInput struct {
	AccountInput
	Usernames []string `json:"usernames"`
}

// KeepRolesInput lets somebody who moves keep roles until a moment.
type KeepRolesInput struct {
	// OrderID is the idempotency key.
	OrderID string    `json:"order_id"`
	Key     string    `json:"key"`
	Roles   []string  `json:"roles"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`
}

// RolesInput asks for roles to be held, or not to be held.
type RolesInput struct {
	AccountInput
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
	// Keep are the roles that EnsureNoRoles leaves in place.
	Keep []string `json:"keep,omitempty"`
	// Held are the roles seen before, so that no call is spent on finding out.
	Held []string `json:"held,omitempty"`
	// Grants are the orders that give some of the roles to add; Ended those whose roles are taken back.
	Grants []string `json:"grants,omitempty"`
	Ended  []string `json:"ended,omitempty"`
	// Denies are the orders in force that deny some of the roles to remove, by the assessment of At.
	Denies []string  `json:"denies,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// InviteInput asks for one invitation per episode.
type InviteInput struct {
	AccountInput
	OnceKey string `json:"once_key"`
	// Email is the account's address exactly as OneLogin spells it; empty has the activity read it.
	Email         string `json:"email,omitempty"`
	PersonalEmail string `json:"personal_email,omitempty"`
}

// ReadBackInput asks what an account really looks like now.
type ReadBackInput struct {
	AccountInput
	Factors bool `json:"factors,omitempty"`
}
