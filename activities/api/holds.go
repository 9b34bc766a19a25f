package api

import "time"

// BatchAdmitted says who of a batch may be hinted now. People who are held wait for a decision, and the poll does not.
type BatchAdmitted struct {
	// Admitted and Held are leavers.
	Admitted int `json:"admitted"`
	Held     int `json:"held"`
	// HeldJoins are people who are new, HeldDeletions hires who do not come and whose accounts stay for now.
	HeldJoins     int `json:"held_joins,omitempty"`
	HeldDeletions int `json:"held_deletions,omitempty"`
	// HeldAhead are people whose departure is dated ahead, on days that exceed the budget.
	HeldAhead int `json:"held_ahead,omitempty"`
}

// HoldGrown is said of a hold to which runs add one person after the other: the list is read once they have done so.
const HoldGrown = "grown"

// Kinds of hold. A kind that is not among them is as old as the leavers of a poll.
const (
	HoldLeaver     = "leaver"
	HoldJoin       = "join"
	HoldDelete     = "delete"
	HoldRemove     = "remove"
	HoldGrant      = "grant"
	HoldPrivileged = "privileged"
	HoldGroup      = "group"
	HoldProfile    = "profile"
	HoldReactivate = "reactivate"
	// HoldAhead begins the kind of departures that are dated ahead; the day of the first of them follows, as 2006-01-02.
	HoldAhead = "leavers-"
)

// HoldInput names what a run about a hold is about.
type HoldInput struct {
	Source string `json:"source"`
	Kind   string `json:"kind"`
	// Stage is the one that the run before left in the search attributes, Told the list that it has told of last and when.
	Stage  string    `json:"stage,omitempty"`
	Told   string    `json:"told,omitempty"`
	ToldAt time.Time `json:"told_at,omitzero"`
	// Overdue is the list of which security was told that it is overdue.
	Overdue string `json:"overdue,omitempty"`
	// Words are what the run before has yet to tell somebody.
	Words []Word `json:"words,omitempty"`
	// Decided are the last decisions that the runs before this one have taken.
	Decided []Decided `json:"decided,omitempty"`
}

// HoldRef names a hold.
type HoldRef struct {
	Source string `json:"source"`
	Kind   string `json:"kind"`
}

// HoldShown is what there is to decide about. Who is in it stays in the ledger; only counts travel.
type HoldShown struct {
	// Found is false if nothing is held any more.
	Found bool `json:"found"`
	// Hash is of the list. A decision is about this list and no other.
	Hash       string    `json:"hash,omitempty"`
	People     int       `json:"people,omitempty"`
	Used       int       `json:"used,omitempty"`
	Allowed    int       `json:"allowed,omitempty"`
	Since      time.Time `json:"since,omitzero"`
	Rejected   bool      `json:"rejected,omitempty"`
	RejectedBy string    `json:"rejected_by,omitempty"`
	RejectedAt time.Time `json:"rejected_at,omitzero"`
	// OverdueAt is when security is told that people who must be out are held: the deadline of the first of them. Zero
	// where offboarding only observes.
	OverdueAt time.Time `json:"overdue_at,omitzero"`
	// Pages says that somebody is woken when people who must be out are still held.
	Pages bool `json:"pages,omitempty"`
	// PagedApart says that the page has a name of its own. Before, it was taken for the message to security and left out.
	PagedApart bool `json:"paged_apart,omitempty"`
	// LeaveAt is the first moment at which somebody of the list must be out, if all of it was known ahead.
	LeaveAt time.Time `json:"leave_at,omitzero"`
	// Changes are how many people each kind of change is about, of a hold whose people may need several at once.
	Changes []HeldChange `json:"changes,omitempty"`
	// Two are the budgets whose questions two people have to allow, by the policy.
	Two []string `json:"two,omitempty"`
}

// HeldChange counts people by what is held of them.
type HeldChange struct {
	Kind   string `json:"kind"`
	People int    `json:"people"`
}

// HoldDecision is what a person decided about a list.
type HoldDecision struct {
	Source string    `json:"source"`
	Kind   string    `json:"kind"`
	Hash   string    `json:"hash"`
	Verb   string    `json:"verb"`
	By     string    `json:"by"`
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
}

// HoldDecided says what came of a decision.
type HoldDecided struct {
	// Current is false if the list was another one by then: nothing was done.
	Current bool `json:"current"`
	People  int  `json:"people"`
}

// HoldOutcome is what a run about a hold came to.
type HoldOutcome struct {
	Source string `json:"source"`
	Kind   string `json:"kind"`
	Result string `json:"result"`
}

// TellInput is one thing that a run which has ended could not tell.
type TellInput struct {
	Word Word `json:"word"`
	// Stage is the one that the run before left in the search attributes.
	Stage string `json:"stage,omitempty"`
	// Decided are the last decisions that the runs before this one have taken.
	Decided []Decided `json:"decided,omitempty"`
}

// Told is what came of it.
type Told struct {
	Result string `json:"result"`
}
