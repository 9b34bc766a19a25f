// Package system is the sections systems, attributes and tables of a policy: what Gatehouse may do in the systems beside OneLogin, who
// owns which attribute, and what has to be done about a person's accounts there. Everything in it is pure: what is known of an account
// comes from the inventory.
package system

import (
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"

	"gatehouse/identity"
)

// Who makes and changes the accounts of a system.
const (
	ByGatehouse = "gatehouse"
	ByOneLogin  = "onelogin"
)

// How far Gatehouse may go in a system.
const (
	// ModeObserve plans and writes nothing. The default.
	ModeObserve = "observe"
	ModeEnforce = "enforce"
)

// What OneLogin does to an account of a system that it provisions.
const (
	FateNothing = "nothing"
	FateSuspend = "suspend"
	FateDelete  = "delete"
)

// When a joiner's account is made.
const (
	// CreateEarly is when OneLogin's is: joiner.create_before ahead of the first day. The default.
	CreateEarly    = "early"
	CreateFirstDay = "first_day"
)

// How sign-in of a leaver ends.
const (
	// SignInSuspend suspends the account at once.
	SignInSuspend = "suspend"
	// SignInLock leaves the account open to the system itself, so that mail is answered and handed over, and to nobody else.
	SignInLock = "lock"
)

// Manager stands for the account of a leaver's manager.
const Manager = "manager"

// System is an entry of the section systems.
type System struct {
	// Name is what gatehouse.yaml and the inventory call it.
	Name string
	// Mode is ModeObserve or ModeEnforce.
	Mode string
	// ProvisionedBy is ByGatehouse or ByOneLogin. Gatehouse writes nothing where OneLogin provisions.
	ProvisionedBy string
	// OnSuspend and OnRemove are what OneLogin does to an account when it suspends its user, and when the user loses the role that
	// carries the app: FateNothing, FateSuspend or FateDelete. Empty where Gatehouse provisions.
	OnSuspend, OnRemove string
	// CarriedBy are the OneLogin roles that carry the app.
	CarriedBy []string
	// MaxAge is how old the last whole reading may be: older ones give and take nothing. Default 24h.
	MaxAge time.Duration
	// KeepAbsent is how long what is not shown any more is believed. Default 24h.
	KeepAbsent time.Duration
	// Privileged are groups, roles and profiles of which a rule on another system's attribute gives none, and whose grants draw on a
	// budget of their own.
	Privileged []string
	// Limits are the budgets by their keys in the section safety.
	Limits map[string]Limit
	Joiner Joiner
	Leaver Leaver

	// ageAt is where the file says MaxAge, nil if nowhere.
	ageAt  ast.Node
	traits traits
	// usernames are the candidates for a record; nil leaves them to OneLogin's.
	usernames func(identity.Record) []string
	// overrides are what is said here about attributes.
	overrides map[string]attribute
}

// Limit bounds how many people one kind of change may touch within the safety window, as in the section safety.
type Limit struct {
	Count   int
	Percent float64
}

// Joiner says when an account is made.
type Joiner struct {
	// Create is CreateEarly or CreateFirstDay.
	Create string
	// BeforeInvitation has the invitation to OneLogin wait for the account, Wait for how long. Default 2h.
	BeforeInvitation bool
	Wait             time.Duration
}

// Leaver says what becomes of a leaver's account.
type Leaver struct {
	// SignIn is SignInSuspend or SignInLock.
	SignIn string
	// SuspendAfter is how long after the leave moment a locked account is suspended; zero is never.
	SuspendAfter time.Duration
	// Subject and Text are the auto-reply of a locked account, empty for none.
	Subject, Text string
	// DelegateTo and TransferTo are who gets the mailbox and what the account owns: Manager, an address, or "" for nobody.
	DelegateTo, TransferTo string
	// ReleaseLicencesAfter is how long after the leave moment licences are released; zero is never.
	ReleaseLicencesAfter time.Duration
	// MoveTo is where the account goes, "" for nowhere.
	MoveTo string
	// KeepGroups are groups that a leaver keeps.
	KeepGroups []string
}

// Object is something that a system has and a policy may name.
type Object struct {
	Kind identity.SystemObjectKind
	ID   string
	Name string
	// Formerly are the names that it had before, as far as they are known.
	Formerly []string
}

// Ours reports that Gatehouse makes and changes the system's accounts.
func (s System) Ours() bool { return s.ProvisionedBy == ByGatehouse }

// Deletes reports that OneLogin deletes an account of the system when its person leaves.
func (s System) Deletes() bool {
	return s.ProvisionedBy == ByOneLogin && slices.Contains([]string{s.OnSuspend, s.OnRemove}, FateDelete)
}

// DeletesSuspended reports that OneLogin deletes an account of the system when it suspends its user.
func (s System) DeletesSuspended() bool {
	return s.ProvisionedBy == ByOneLogin && s.OnSuspend == FateDelete
}

// Fresh reports that what a view shows counts at a moment: the system was read whole within its age limit.
func (s System) Fresh(v identity.SystemView, at time.Time) bool {
	return !v.ReadAt.IsZero() && at.Sub(v.ReadAt) <= s.MaxAge
}
