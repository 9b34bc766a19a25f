package api

import (
	"strings"
	"time"

	"gatehouse/identity"
)

// ChainInput is the one argument of every run about a person. All but Key and Hint is carried over by
// continue-as-new.
type ChainInput struct {
	Key  string `json:"key"`
	Hint Hint   `json:"hint"`

	Assessment *Assessment `json:"assessment,omitempty"`
	Facts      []Fact      `json:"facts,omitempty"`
	// Check is the next read-back of an offboarding, counted from 0.
	Check int `json:"check,omitempty"`
	// Watching says that an offboarding's work is done and only its read-backs remain.
	Watching bool `json:"watching,omitempty"`
	// CheckAt is when the next read-back is due, where the run before had begun to wait for it.
	CheckAt time.Time `json:"check_at,omitzero"`
	// Hinted says that a hint arrived after the assessment was made.
	Hinted bool `json:"hinted,omitempty"`
	// Told are the attention codes whose owner knows already.
	Told []string `json:"told,omitempty"`
	// Stage is the one that the run before left in the search attributes.
	Stage string `json:"stage,omitempty"`
	// Approved is the kind of plan that a person has allowed, in runs whose assessment has no PlanHash. What is allowed
	// since then is used at once and not carried over.
	Approved string `json:"approved,omitempty"`
	// Overdue says that security has yet to be warned of a late containment.
	Overdue bool `json:"overdue,omitempty"`
	// Reconsidered counts plans in a row that were outdated when they were to be carried out.
	Reconsidered int `json:"reconsidered,omitempty"`
	// Ticket is the offboarding's Jira ticket.
	Ticket string `json:"ticket,omitempty"`
	// Words are what the run before has yet to tell somebody.
	Words []Word `json:"words,omitempty"`
	// Decided are the last decisions that the chain has taken.
	Decided []Decided `json:"decided,omitempty"`

	// Others are further accounts of the human that this offboarding has ended, or is ending; Doubts are accounts that
	// somebody has yet to decide about.
	Others []identity.Account `json:"others,omitempty"`
	Doubts []Doubt            `json:"doubts,omitempty"`
	// Returns counts how often access to an account came back after it was taken away, by its reference.
	Returns map[string]int `json:"returns,omitempty"`
	// Systems is how far the chain is with what is done in systems beside OneLogin.
	Systems *SystemsProgress `json:"systems,omitempty"`
}

// Word is what a run owes somebody: a message, a ticket or the end of one, an e-mail, a row of a sheet or a page, one of them. It is told beside the
// run's work and travels from run to run until it is delivered.
type Word struct {
	// Step is its activity id and Summary what the UI shows beside that.
	Step    string `json:"step"`
	Summary string `json:"summary"`
	// Template and Episode are of the run that gave it, for the evidence.
	Template string          `json:"template"`
	Episode  int             `json:"episode"`
	Message  *Message        `json:"message,omitempty"`
	Ticket   *TicketInput    `json:"ticket,omitempty"`
	Conclude *ConcludeInput  `json:"conclude,omitempty"`
	Letter   *MFALetterInput `json:"letter,omitempty"`
	Track    *MFATrackInput  `json:"track,omitempty"`
	Page     *PagerEvent     `json:"page,omitempty"`
	// Otherwise is told instead when this reaches nobody.
	Otherwise *Word `json:"otherwise,omitempty"`
}

// Outcome is the one result of every run about a person.
type Outcome struct {
	Key      string `json:"key"`
	Template string `json:"template"`
	Episode  int    `json:"episode"`
	// Result is a few words: "can sign in", "access ended", "nothing to do".
	Result string `json:"result"`
	Ticket string `json:"ticket,omitempty"`
}

// State is what the query "state" answers.
type State struct {
	Key      string    `json:"key"`
	Template string    `json:"template"`
	Stage    string    `json:"stage"`
	Doing    string    `json:"doing"`
	Episode  int       `json:"episode"`
	Due      time.Time `json:"due,omitzero"`
	Done     []string  `json:"done,omitempty"`
	// Attention is what the run waits for a person to decide.
	Attention []Attention `json:"attention,omitempty"`
	// Overdue is by when the person's sign-in had to be off; zero if nobody is late.
	Overdue time.Time `json:"overdue,omitzero"`

	// Seen is what the latest assessment read, and Unrecorded what was done that is not in the ledger yet. Only the query
	// answers with them.
	Seen       *Seen      `json:"seen,omitempty"`
	Unrecorded []StepDone `json:"unrecorded,omitempty"`
	// Systems is how it stands with accounts in systems beside OneLogin. Only the query answers with it.
	Systems []SystemShown `json:"systems,omitempty"`
}

// Seen is what an assessment read about a person, without personal data.
type Seen struct {
	At      time.Time        `json:"at"`
	Verdict identity.Verdict `json:"verdict"`
	// Contain and Suspend are the ids of orders in force.
	Contain  string        `json:"contain,omitempty"`
	Suspend  string        `json:"suspend,omitempty"`
	Accounts []SeenAccount `json:"accounts,omitempty"`
	// Reach is that of the assessment, and Searched says that it has searched for every account of the human.
	Reach    int  `json:"reach,omitempty"`
	Searched bool `json:"searched,omitempty"`
}

// SeenAccount is an account as an assessment read it.
type SeenAccount struct {
	Ref    identity.Ref `json:"ref"`
	Status string       `json:"status"`
}

// OutcomeGone is the outcome of a step about an account that no longer existed, and OutcomeNotSo that of one after which
// OneLogin's answer did not show what was asked for.
const (
	OutcomeGone  = "gone"
	OutcomeNotSo = "not so"
)

// Tell is the outcome of a step as far as what it left bears it out: it was told to suspend, and the account says so.
func Tell(step, outcome string, left AccountState) string {
	switch {
	case outcome != "done" || !strings.HasPrefix(step, "onelogin.suspend"):
	case left.Gone:
		return OutcomeGone
	case left.Status != "" && left.Status != identity.AccountSuspended.String():
		return OutcomeNotSo
	}
	return outcome
}

// StepDone is a step that was carried out, about an account if it was about one.
type StepDone struct {
	Step    string        `json:"step"`
	Outcome string        `json:"outcome"`
	Account *identity.Ref `json:"account,omitempty"`
	At      time.Time     `json:"at"`
}

// CodeApproval marks a response to an incident that waits for a second person.
const CodeApproval = "approval"

// Attention is one thing that a person has to decide.
type Attention struct {
	// Step is what the decision updates name.
	Step string `json:"step"`
	// Item names this question, as it is asked now. It changes with what the question is about, and once it was answered.
	Item string `json:"item,omitempty"`
	Code string `json:"code"`
	// Text says what is wrong and what to do, without personal data.
	Text string `json:"text"`
	// Plan are the steps that a decision lets happen, roles and groups by name.
	Plan []string `json:"plan,omitempty"`
	// PlanHash identifies those steps.
	PlanHash string `json:"plan_hash,omitempty"`
	// About is what the cause is about where it is not the person, and Policy the policy that it follows from. Neither is
	// shown.
	About  string `json:"-"`
	Policy string `json:"-"`
	// Shut says that the account which is asked about cannot sign in meanwhile. It is not shown.
	Shut    bool      `json:"-"`
	Owner   string    `json:"-"`
	Options []string  `json:"options"`
	Since   time.Time `json:"since"`
	// Overdue is by when a sign-in that waits for this had to be off; zero if it is not late.
	Overdue time.Time `json:"overdue,omitzero"`
	// AllowedBy are those who have allowed it so far, where it takes two.
	AllowedBy []string `json:"allowed_by,omitempty"`
	// Two says that two people have to allow it.
	Two bool `json:"two,omitempty"`
}
