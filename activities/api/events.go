package api

import "time"

// Nothing is the input of an activity that needs none.
type Nothing struct{}

// CollectReport is what one reading of OneLogin's events came to. The events stay in the ledger; only counts travel.
type CollectReport struct {
	// Read counts the events read, those known already included, New those that were not.
	Read int `json:"read"`
	New  int `json:"new"`
	// Calls counts the pages asked for.
	Calls int `json:"calls"`
	// Wide says that the reading went back further than usual.
	Wide bool `json:"wide,omitempty"`
	// Unreadable counts entries without a usable id or time.
	Unreadable int `json:"unreadable,omitempty"`
	// Failed are the rules whose condition could not be evaluated for some event.
	Failed []string `json:"failed,omitempty"`
	// Reread counts the accounts that were read again because events tell of them.
	Reread int `json:"reread,omitempty"`
	// Unfit are the rules that cannot be used in this tenant. They count nothing until somebody has corrected them, and hold
	// up no other rule.
	Unfit []UnfitRule `json:"unfit,omitempty"`
	// Off says that the policy has no event rules that can be used, so that nothing was read.
	Off bool `json:"off,omitempty"`
}

// UnfitRule is an event rule that cannot be used, and why.
type UnfitRule struct {
	Rule string `json:"rule"`
	Why  string `json:"why"`
}

// EvaluateReport is what came of the new events.
type EvaluateReport struct {
	// Subjects counts those looked at, Opened and Changed the cases, Told the incidents that were told of theirs.
	Subjects int `json:"subjects"`
	Opened   int `json:"opened"`
	Changed  int `json:"changed"`
	Told     int `json:"told"`
	// Unjudged are the subjects, each behind its rule, whose events could not be judged. They are tried again at the next
	// reading.
	Unjudged []string `json:"unjudged,omitempty"`
}

// CaseRef names a case. Subject says nothing about anybody.
type CaseRef struct {
	Rule    string `json:"rule"`
	Subject string `json:"subject"`
	Number  int    `json:"number"`
}

// CaseState is what the ledger knows of a case, and what the policy wants done about it.
type CaseState struct {
	DedupKey string    `json:"dedup_key"`
	Status   string    `json:"status"`
	Revision int       `json:"revision"`
	Events   int       `json:"events"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	// MergedInto is the number of the case that this one turned out to be part of, 0 if none.
	MergedInto int `json:"merged_into,omitempty"`
	// StatusAt is when somebody gave it this status; zero if nobody did.
	StatusAt time.Time `json:"status_at,omitzero"`
	// Shown is the revision that the ticket shows, 0 if none does.
	Shown int `json:"shown,omitempty"`

	// Also are other rules that count an event of the case: its incident is about theirs as well.
	Also []string `json:"also,omitempty"`
	// PersonKey is who the case is about, empty if that is an address or a name that nobody has.
	PersonKey string `json:"person_key,omitempty"`
	AccountID int64  `json:"account_id,omitempty"`
	// Severity is the policy's word, Pager the pager's or "none".
	Severity string `json:"severity"`
	Pager    string `json:"pager"`
	// Ticket is the case's ticket, if there is one.
	Ticket string `json:"ticket,omitempty"`
	// Latest are the ids of the last events in OneLogin, oldest first.
	Latest []int64 `json:"latest,omitempty"`
	// Happened is what these events say.
	Happened CaseShown `json:"happened,omitzero"`
	// Respond are the responses that the rule asks for and nobody has decided about.
	Respond []Response `json:"respond,omitempty"`
	// UpdateEvery is the shortest time between two updates, Quiet how long a case goes on after its last event.
	UpdateEvery time.Duration `json:"update_every"`
	Quiet       time.Duration `json:"quiet"`
}

// CaseShown is what the latest events of a case say, as far as the policy lets each place know it.
type CaseShown struct {
	Page    []Line `json:"page,omitempty"`
	Ticket  []Line `json:"ticket,omitempty"`
	Message []Line `json:"message,omitempty"`
}

// Response is one order that a case asks for.
type Response struct {
	Order     string `json:"order"`
	Automatic bool   `json:"automatic,omitempty"`
	Minutes   int    `json:"minutes,omitempty"`
}

// NoteCase records what became of a case; empty fields change nothing.
type NoteCase struct {
	CaseRef
	// Status is a status that somebody gave it at At.
	Status string    `json:"status,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Ticket string    `json:"ticket,omitempty"`
	// Shown is the revision that the ticket shows.
	Shown int `json:"shown,omitempty"`
	// Answered is a response that was given or decided about.
	Answered string `json:"answered,omitempty"`
}

// ApproverInput asks whether a person may decide about a response.
type ApproverInput struct {
	CaseRef
	// Email is who they are.
	Email string `json:"email"`
	// Slack is the id of the user whose press it is, if a worker has judged the press; Proven says that their word is signed.
	Slack  string `json:"slack,omitempty"`
	Proven bool   `json:"proven,omitempty"`
}

// ApproverVerdict says whether they may.
type ApproverVerdict struct {
	Allowed bool `json:"allowed"`
	// Why is the reason if they may not, in words for them.
	Why string `json:"why,omitempty"`
	// By is the address under which the policy names whoever pressed.
	By string `json:"by,omitempty"`
}
