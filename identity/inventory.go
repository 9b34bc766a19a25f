package identity

// AccountLinkState says how an account of the inventory stands to a person.
type AccountLinkState string

// The states of an account. Only linked and disputed ones are a person's.
const (
	AccountLinked    AccountLinkState = "linked"
	AccountCandidate AccountLinkState = "candidate" // somebody's perhaps: a person has to say
	AccountUnowned   AccountLinkState = "unowned"   // nobody's that is known
	AccountRefused   AccountLinkState = "refused"   // a person has said that it is not whose it seemed to be
	AccountDisputed  AccountLinkState = "disputed"  // linked to one person, and now carries another's traces
)

// AccountKind says what an account is for.
type AccountKind string

// The kinds of accounts. Operators declare all but AccountPerson and AccountUnknown.
const (
	KindPerson     AccountKind = "person"
	KindService    AccountKind = "service"
	KindShared     AccountKind = "shared"
	KindBreakGlass AccountKind = "break_glass"
	KindUnknown    AccountKind = "unknown"
)

// AccountUse says what a person uses one of their accounts for. One account of a person and system is primary.
type AccountUse string

// The uses of accounts.
const (
	UsePrimary   AccountUse = "primary"
	UseAdmin     AccountUse = "admin"
	UseSecondary AccountUse = "secondary"
)
