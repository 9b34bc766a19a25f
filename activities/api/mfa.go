package api

import (
	"time"

	"gatehouse/identity"
)

// MFAScanInput asks for one reading of everybody's second factors.
type MFAScanInput struct {
	// Scan identifies the reading; it is the run id of the first attempt, so that an interrupted one goes on.
	Scan string `json:"scan"`
	// Everybody reads everybody again instead of those who changed.
	Everybody bool `json:"everybody,omitempty"`
}

// MFAScanned is what a scan found. People stay in the ledger; only counts travel.
type MFAScanned struct {
	// Since is when the scan before was begun; zero if everybody was read.
	Since time.Time `json:"since,omitzero"`
	// Events are the enrolment events since then, Checked the accounts whose factors were read.
	Events  int `json:"events"`
	Checked int `json:"checked"`

	Active  int `json:"active"`
	Some    int `json:"some"`
	None    int `json:"none"`
	Exempt  int `json:"exempt"`
	Unknown int `json:"unknown"`

	// Unread are accounts whose factors could not be read; what was known of them stands.
	Unread int `json:"unread,omitempty"`
	// Misnamed are configured event types that OneLogin does not have. Everybody is read instead of those whom events name.
	Misnamed []string `json:"misnamed,omitempty"`
}

// MFAStarted counts the grace periods that run after a scan.
type MFAStarted struct {
	Courses  int `json:"courses"`
	Enrolled int `json:"enrolled"`
}

// MFACheckInput names the account to look at.
type MFACheckInput struct {
	Key       string `json:"key"`
	AccountID int64  `json:"account_id"`
}

// MFAVerdict says where a grace period stands.
type MFAVerdict string

// The verdicts.
const (
	// MFACourse: no factor, the clock runs.
	MFACourse MFAVerdict = "course"
	// MFAEnrolled: there is a factor.
	MFAEnrolled MFAVerdict = "enrolled"
	// MFAExempt: excused until Due.
	MFAExempt MFAVerdict = "exempt"
	// MFALeave: on leave, and the clock stands still.
	MFALeave MFAVerdict = "leave"
	// MFAEnded: there is nobody to ask any more.
	MFAEnded MFAVerdict = "ended"
	// MFAMoved: the account is another person's now, whose own grace period goes on with the clock.
	MFAMoved MFAVerdict = "moved"
)

// MFALook is what one look at an account found and what follows from it. Policy enters a grace period here and nowhere else.
type MFALook struct {
	Key       string     `json:"key"`
	AccountID int64      `json:"account_id"`
	Episode   int        `json:"episode"`
	Mode      Mode       `json:"mode"`
	Verdict   MFAVerdict `json:"verdict"`
	// Has are the kinds of factors of somebody who has none that counts, and Weak all kinds that do not count for them.
	Has  []string `json:"has,omitempty"`
	Weak []string `json:"weak,omitempty"`
	// Account says which account it is to those who are asked to help.
	Account *identity.Account `json:"account,omitempty"`
	// Reason is a few words without personal data.
	Reason string `json:"reason"`
	// Clock counts the grace clocks of the account: it is part of the key of every effect.
	Clock int    `json:"clock"`
	Stage string `json:"stage,omitempty"`

	Since      time.Time `json:"since,omitzero"`
	EscalateAt time.Time `json:"escalate_at,omitzero"`
	// RestrictAt is zero where nobody is restricted.
	RestrictAt time.Time `json:"restrict_at,omitzero"`
	// Redated says that another deadline was on record before this look, Sooner that it was a later one.
	Redated bool `json:"redated,omitempty"`
	Sooner  bool `json:"sooner,omitempty"`
	// Due is the next instant at which something is to be done.
	Due time.Time `json:"due,omitzero"`

	// What is due now. Reminder is the number of the reminder, 0 if none is due; Reminders is how many were sent.
	Reminder  int  `json:"reminder,omitempty"`
	Reminders int  `json:"reminders,omitempty"`
	Escalate  bool `json:"escalate,omitempty"`
	// Resume takes an escalation or a restriction back: the grace was extended.
	Resume bool `json:"resume,omitempty"`
	// Resumed is when an escalation was last taken back, zero if none was: the next one is another.
	Resumed time.Time `json:"resumed,omitzero"`
	// Order is the restriction to give now, Standing the ids of those in force.
	Order    *identity.Order `json:"order,omitempty"`
	Standing []string        `json:"standing,omitempty"`

	// ManagerKey is whom an escalation goes to, else Owner, an address.
	ManagerKey    string `json:"manager_key,omitempty"`
	Owner         string `json:"owner,omitempty"`
	FallbackOwner string `json:"fallback_owner,omitempty"`

	Rule         string `json:"rule,omitempty"`
	PolicyHash   string `json:"policy_hash"`
	Instructions string `json:"instructions,omitempty"`
}

// MFAMoveInput records one transition of a grace period, in the ledger and in the evidence.
type MFAMoveInput struct {
	AccountID int64       `json:"account_id"`
	Clock     int         `json:"clock"`
	Stage     string      `json:"stage"`
	Reminders int         `json:"reminders"`
	Deadline  time.Time   `json:"deadline,omitzero"`
	Record    RecordInput `json:"record"`
}

// MFADecision is an operator's exception.
type MFADecision struct {
	Key       string `json:"key,omitempty"`
	AccountID int64  `json:"account_id,omitempty"`
	// Verb is extend or exempt.
	Verb   string    `json:"verb,omitempty"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Until  time.Time `json:"until"`
	// Proof shows who has decided; workers have judged it.
	Proof *Proof `json:"proof,omitempty"`
}

// MFATrackInput names what to write into the tracking sheet: one account, or everybody who has a row if it is 0.
type MFATrackInput struct {
	AccountID int64 `json:"account_id,omitempty"`
}

// MFATracked says what was written.
type MFATracked struct {
	Rows int `json:"rows"`
	// Off says that no spreadsheets are configured.
	Off bool `json:"off,omitempty"`
	// URL is where the sheet is.
	URL string `json:"url,omitempty"`
	// Unshared are readers to whom Google refuses to give access. All other readers have it.
	Unshared []Unshared `json:"unshared,omitempty"`
}

// MFALetterInput asks for one mail to a person whom Slack does not reach.
type MFALetterInput struct {
	OnceKey   string      `json:"once_key"`
	Key       string      `json:"key"`
	AccountID int64       `json:"account_id"`
	Kind      MessageKind `json:"kind"`
	Text      string      `json:"text"`
}

// MFALettered says whether a mail was sent: there may be no mail configured, or no address.
type MFALettered struct {
	Sent bool `json:"sent"`
}
