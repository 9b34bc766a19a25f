package policy

import (
	"time"
)

// Limit bounds how many people one kind of change may touch within the safety window. Whichever of the two is reached
// first applies.
type Limit struct {
	// Count is a number of people.
	Count int
	// Percent is a share of the source's active people, 0 to 100.
	Percent float64
}

// Safety bounds the blast radius of automation.
type Safety struct {
	// Window is the period over which the limits count. Default 24h.
	Window time.Duration
	// Contain, Reactivate, Remove and GrantPrivileged default to 20 people or 5 percent.
	Contain         Limit
	Reactivate      Limit
	Remove          Limit
	GrantPrivileged Limit
	// Grant is for roles that rules give to people who have an account, Group for moves to another group. Both default to
	// 40 people or 10 percent.
	Grant Limit
	Group Limit
	// Profile is for changes of what an account says about its person. Default 100 people or 20 percent.
	Profile Limit
	// Join is for accounts that are made or opened for somebody who had none. Default 50 people or 10 percent.
	Join Limit
	// Delete is for accounts that are deleted: of a hire who does not come, or of somebody who left long ago. Default 10
	// people or 5 percent.
	Delete Limit
	// Protected are the CEL expressions over account that Policy.Protected evaluates.
	Protected []string
}

// What happens to a managed role that somebody holds although no rule gives it to them, that Gatehouse did not give, and
// whose holder HR has not moved.
const (
	// DriftReport writes it down and leaves it. The default.
	DriftReport = "report"
	// DriftRemove takes it at the next assessment.
	DriftRemove = "remove"
)

// Joiner says when a new account comes to life.
type Joiner struct {
	// CreateBefore is how long before activation the account is created. Default 7 days.
	CreateBefore time.Duration
	// ActivateAt is a time of day in the person's zone, "15:04". Default "08:00".
	ActivateAt string
	// EarlyRoles are given at creation; the account cannot sign in before it is activated.
	EarlyRoles []string
	// Credential is CredentialInvite, the default, or CredentialNone.
	Credential string
}

// How a person gets a first credential.
const (
	// CredentialInvite has OneLogin mail an invitation.
	CredentialInvite = "invite"
	// CredentialNone leaves it to somebody else, such as a directory or an identity provider in front of OneLogin.
	CredentialNone = "none"
)

// Mover says how access changes hands.
type Mover struct {
	// KeepOldAccess is how long roles that no longer apply stay with somebody who moves, unless the rule that gave them
	// says otherwise. Default 0.
	KeepOldAccess time.Duration
	// Rename is what happens to an account when its person's name changes in HR: RenameDisplay, the default,
	// RenameAttention or RenameAccount.
	Rename string
}

// What a new name in HR does to the account.
const (
	// RenameDisplay changes first and last name and leaves username and address.
	RenameDisplay = "display"
	// RenameAttention changes nothing and asks a person.
	RenameAttention = "attention"
	// RenameAccount gives username and address by the naming rule too.
	RenameAccount = "rename"
)

// Leaver says how access ends.
type Leaver struct {
	// DisableAt is a time of day in the person's zone on the last day of work, "15:04". Default "18:00".
	DisableAt string
	// ContainWithin is how long after the leave moment sign-in may still work before somebody is paged. Default 15m.
	ContainWithin time.Duration
	// VerifyAfter are the waits before the account is read back once more, each from the one before; at least one. Default 1m, 15m, 24h.
	VerifyAfter []time.Duration
	// FallbackOwner is the e-mail address that attention goes to where no better owner is known. Required.
	FallbackOwner string
	// KeepRoles are not taken from a leaver.
	KeepRoles []string
	// StripAfter is how long after the leave moment roles, password and factors are taken. Sign-in ends at the moment
	// itself, and with an order or an involuntary end everything does. Default 0.
	StripAfter time.Duration
	// DeleteAfter is how long after the leave moment accounts are deleted. Zero, the default, is never.
	DeleteAfter time.Duration
	// UndoWithin is for how long after access ended a termination that HR withdraws counts as a mistake. Default 30 days; 0 for
	// never.
	UndoWithin time.Duration
	// WarnBefore are how long before the end of a contract it is warned of. Default 14, 7 and 1 days.
	WarnBefore []time.Duration
	// Doubt says what happens at once to an account that may be a leaver's: DoubtAsk, the default, or DoubtSuspend.
	Doubt string
}

// What happens to an account that may be a leaver's while nobody has said whose it is. Password, factors, roles and
// deletion wait for the answer in either case.
const (
	// DoubtAsk asks IT and tells security, and changes nothing.
	DoubtAsk = "ask"
	// DoubtSuspend suspends the account as well, which the answer "not theirs" takes back.
	DoubtSuspend = "suspend"
)

// Mode says how far a template may go.
type Mode string

// The modes, the most careful first.
const (
	// ModeObserve plans into the ledger and writes nothing. The default.
	ModeObserve Mode = "observe"
	// ModeApprove waits for a person to allow each plan.
	ModeApprove Mode = "approve"
	// ModeEnforce carries plans out.
	ModeEnforce Mode = "enforce"
)

// Modes are the modes of the templates.
type Modes struct {
	Onboarding  Mode
	Offboarding Mode
	RoleChange  Mode
	// MFA restrains what people without a second factor are told and what is done to their accounts.
	MFA Mode
}
