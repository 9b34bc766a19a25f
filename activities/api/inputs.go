package api

import "time"

// SyncRequest starts one comparison of an HR source with the ledger.
type SyncRequest struct {
	Source string `json:"source"`
	// Decided are the last decisions that the runs before this one have taken.
	Decided []Decided `json:"decided,omitempty"`
	// Every is how often the source is polled, to tell when it is behind.
	Every time.Duration `json:"every,omitempty"`
}

// SyncOutcome is what a comparison came to.
type SyncOutcome struct {
	Source string     `json:"source"`
	Report SyncReport `json:"report"`
	Hinted int        `json:"hinted"`
	// Held are leavers beyond the safety budget, who wait for a decision.
	Held   int    `json:"held,omitempty"`
	Result string `json:"result"`
}

// SyncState is what the query "state" answers in a HRSync run.
type SyncState struct {
	Source    string      `json:"source"`
	Stage     string      `json:"stage"`
	Doing     string      `json:"doing"`
	Report    SyncReport  `json:"report"`
	Hinted    int         `json:"hinted"`
	Held      int         `json:"held,omitempty"`
	Attention []Attention `json:"attention,omitempty"`
}

// ReviewRequest asks for an access review.
type ReviewRequest struct {
	// Campaign names it, such as 2026-11 or 2026-11-merger. Empty means the month that the run was scheduled for.
	Campaign string `json:"campaign,omitempty"`
	// Zone is the time zone in which the month is told, the one of the schedule; empty means the company's.
	Zone string `json:"zone,omitempty"`
	// Own says that this is the campaign's own run, which has the id ReviewID. Any other run only starts that one.
	Own bool `json:"own,omitempty"`
}

// ReviewOutcome is what a review came to.
type ReviewOutcome struct {
	Campaign string         `json:"campaign"`
	Result   string         `json:"result"`
	Snapshot ReviewSnapshot `json:"snapshot"`
	Link     string         `json:"link,omitempty"`
	Mailed   ReviewMailed   `json:"mailed"`
}

// ScanRequest starts one reading of everybody's second factors.
type ScanRequest struct {
	// Everybody reads everybody again, instead of those who changed since the scan before.
	Everybody bool `json:"everybody,omitempty"`
}

// ScanOutcome is what a reading came to.
type ScanOutcome struct {
	Scanned MFAScanned `json:"scanned"`
	Started MFAStarted `json:"started"`
	Tracked MFATracked `json:"tracked"`
	Result  string     `json:"result"`
}

// GraceInput is the one argument of a grace period. All but the key and the account is carried over by continue-as-new.
type GraceInput struct {
	Key       string `json:"key"`
	AccountID int64  `json:"account_id"`
	// Until is the moment that the run before has left to be waited for.
	Until time.Time `json:"until,omitzero"`
	// Stage is the one that the run before left in the search attributes, Doing what it was waiting for.
	Stage string `json:"stage,omitempty"`
	Doing string `json:"doing,omitempty"`
	// Allowed is the restriction that somebody has allowed.
	Allowed string `json:"allowed,omitempty"`
	// Poked says that a signal has arrived that no look has answered yet.
	Poked bool `json:"poked,omitempty"`
	// Beside says that the course tells people beside its work. Courses that began before that do not have it.
	Beside bool `json:"beside,omitempty"`
	// Words are what the run before has yet to tell somebody.
	Words []Word `json:"words,omitempty"`
	// Decided are the last decisions that the course has taken.
	Decided []Decided `json:"decided,omitempty"`
	// Explained are the kinds of factors of which the person was told that they do not count.
	Explained []string `json:"explained,omitempty"`
}

// GraceOutcome is what a course came to.
type GraceOutcome struct {
	Key    string `json:"key"`
	Clock  int    `json:"clock"`
	Result string `json:"result"`
}

// WatchInput starts a reading of OneLogin's events.
type WatchInput struct {
	// Scheduled is set by a schedule: it gives its runs names of their own.
	Scheduled bool `json:"scheduled,omitempty"`
	// Rounds counts the readings of the runs before this one.
	Rounds int `json:"rounds,omitempty"`
	// Beside says that the run tells people beside its readings, and stays open while a rule cannot be used. Runs that were
	// started before that do not have it.
	Beside bool `json:"beside,omitempty"`
	// Stage is the one that the run before left in the search attributes, PutAway the rules that an operator wants to hear no
	// more of as they are.
	Stage   string      `json:"stage,omitempty"`
	PutAway []UnfitRule `json:"put_away,omitempty"`
	// Decided are the last decisions that the runs before this one have taken.
	Decided []Decided `json:"decided,omitempty"`
}

// WatchOutcome is what a run came to.
type WatchOutcome struct {
	Rounds int    `json:"rounds"`
	New    int    `json:"new"`
	Opened int    `json:"opened"`
	Result string `json:"result"`
}

// IncidentInput names the case that the run is about.
type IncidentInput struct {
	Case CaseRef `json:"case"`
	// Stage is the one that the run before left in the search attributes.
	Stage string `json:"stage,omitempty"`
	// Round is the reopening since which the run before asked for decisions, empty if there was none.
	Round string `json:"round,omitempty"`
	// Beside says that a click waits for no other click, and a ticket's update for no refused one. Runs that began before
	// that do not have it.
	Beside bool `json:"beside,omitempty"`
	// Decided are the last decisions that the runs before this one have taken.
	Decided []Decided `json:"decided,omitempty"`
	// News says that the case may have changed since the run before last looked.
	News bool `json:"news,omitempty"`
	// Listed says that the run lists the responses that wait for approval. Runs that began before that do not have it.
	Listed bool `json:"listed,omitempty"`
	// Again says that the case was open and had no run: Temporal has lost it, or somebody has ended it. The pager is asked first what
	// people did, and what nobody decided is asked anew.
	Again bool `json:"again,omitempty"`
	// Linked says that the run has the message to security link to ticket and page once there are any. Runs that began before that do
	// not have it.
	Linked bool `json:"linked,omitempty"`
}

// IncidentOutcome is what a run came to.
type IncidentOutcome struct {
	Case   CaseRef `json:"case"`
	Ticket string  `json:"ticket,omitempty"`
	Events int     `json:"events"`
	Result string  `json:"result"`
}
