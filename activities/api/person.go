package api

import (
	"time"

	"gatehouse/identity"
)

// Hint says "look at this person". It carries no facts about them: the run reads those itself.
type Hint struct {
	// Source is who says so: "workday", "bamboohr", "operator", "sync", "run".
	Source string `json:"source"`
	// Cause is one word or two for the evidence: "webhook", "poll", "offboard", "forwarded".
	Cause string `json:"cause"`
}

// HintInventory is the source of hints about accounts that the inventory knows to be open.
const HintInventory = "onelogin"

// AssessInput names the person to look at.
type AssessInput struct {
	Key  string `json:"key"`
	Hint Hint   `json:"hint"`
	// Open are the accounts that the run waits for somebody to decide about.
	Open []OpenDoubt `json:"open,omitempty"`
}

// Assessment is what one look at a person found and what follows from it. It is the only place where policy enters a
// run, and it is stored in the run's history: a policy edited later changes the next look, never a replay.
type Assessment struct {
	Key string `json:"key"`
	// ForwardTo is another person's key when this record belongs to the same human; nothing else is set then.
	ForwardTo string `json:"forward_to,omitempty"`

	Episode int               `json:"episode"`
	Person  identity.Person   `json:"person"`
	Account *identity.Account `json:"account,omitempty"`
	Plan    identity.Plan     `json:"plan"`
	Source  string            `json:"source"`
	// Order is the contain order in force, Suspend the suspend order.
	Order   *identity.Order `json:"order,omitempty"`
	Suspend *identity.Order `json:"suspend,omitempty"`
	// Want is a digest of what the account should be. Two looks with the same Want call for the same work.
	Want string `json:"want,omitempty"`
	// PlanHash identifies what the plan would do; a person's word is good for one hash. Assessments that were recorded
	// before it was there have none.
	PlanHash string `json:"plan_hash,omitempty"`
	// Because is why access changes, and InStep what it is in step with once that is read back. Assessments of before that have
	// neither, and their runs say what they said.
	Because *Because `json:"because,omitempty"`
	InStep  *InStep  `json:"in_step,omitempty"`
	// Held are the steps of a plan that a safety budget holds, which Plan then has no more.
	Held []identity.Step `json:"held,omitempty"`
	// Mode is how the template that the verdict calls for may act: observe, approve or enforce.
	Mode Mode `json:"mode"`

	// Beside says that the run tells people beside its work and writes its evidence as it goes. Assessments of before that
	// do not have it, and their runs go on as they began.
	Beside bool `json:"beside,omitempty"`
	// Attended says that the run lists what it waits for. Assessments of before that do not have it.
	Attended bool `json:"attended,omitempty"`
	// Two are the budgets whose questions two people have to allow, by the policy.
	Two []string `json:"two,omitempty"`

	// ContainBy is when a leaver's containment is overdue; zero for everybody else.
	ContainBy time.Time `json:"contain_by,omitzero"`
	// OverdueAt is when security is told that somebody who must be out is not, whatever holds it up: a decision, a budget,
	// an ambiguity. Zero for everybody else, and where offboarding only observes.
	OverdueAt time.Time `json:"overdue_at,omitzero"`
	// VerifyAfter are the waits between a leaver's read-backs.
	VerifyAfter []time.Duration `json:"verify_after,omitempty"`
	KeepRoles   []string        `json:"keep_roles,omitempty"`
	// StripAfter is how long after the leave moment roles, password and factors are taken; zero if with the sign-in.
	StripAfter time.Duration `json:"strip_after,omitempty"`
	// ManagerKey is the manager's own key, empty if HR names none or one that Gatehouse does not know.
	ManagerKey    string `json:"manager_key,omitempty"`
	FallbackOwner string `json:"fallback_owner,omitempty"`

	// Pages says that what is urgent wakes somebody: there is a pager, or an address for alerts, and the template does not
	// only observe.
	Pages bool `json:"pages,omitempty"`
	// Preserve says that a hold order keeps what the accounts hold: roles, factors and the account itself.
	Preserve bool `json:"preserve,omitempty"`
	// Reach is 1 where ending access covers every account of the human, and 2 where what was said of an account elsewhere
	// settles an open item about it. With 3, a protection that was lifted stays so for the departure, and access that keeps
	// returning is taken away at once, each time. Assessments of older versions have none.
	Reach int `json:"reach,omitempty"`
	// Returned is set where access has to end once more in a departure: when it was found, or, where nobody has written that
	// down, when it was last thought to have ended.
	Returned time.Time `json:"returned,omitzero"`
	// Others are further accounts of the human whose access has to end.
	Others []identity.Account `json:"others,omitempty"`
	// Delete are accounts of somebody who left long ago, which are deleted. Each gives no access any more.
	Delete []identity.Account `json:"delete,omitempty"`
	// Suspended are accounts of theirs that somebody else has suspended, and of whose sessions nobody is known to have ended
	// them. There is nothing else to do about them.
	Suspended []identity.Account `json:"suspended,omitempty"`
	// Doubts are accounts that may be theirs. Searched says by what all accounts were searched for.
	Doubts   []Doubt  `json:"doubts,omitempty"`
	Searched []string `json:"searched,omitempty"`
	// Owned are accounts of somebody whose departure is known, ahead or not, that own an API credential of OneLogin.
	Owned []identity.Ref `json:"owned,omitempty"`
	// OwnedIn is the episode of that departure.
	OwnedIn int `json:"owned_in,omitempty"`
	// Agents are those of somebody who must be out that are not switched off yet. Assessments of before have none.
	Agents []string `json:"agents,omitempty"`
	// Undo is what is left to do about a departure that HR has withdrawn. Assessments of before that have none.
	Undo *Undo `json:"undo,omitempty"`
	// Systems is what is to be done in systems beside OneLogin. Assessments of before have none, and neither has one of a company
	// with OneLogin alone.
	Systems []identity.SystemPlan `json:"systems,omitempty"`
	// Settled are those of the accounts asked about of which somebody has said otherwise whose they are.
	Settled []SettledDoubt `json:"settled,omitempty"`
}

// InStep is what somebody's access is in step with: digests of the position and of what the rules give, and the policy's hash.
type InStep struct {
	Position string `json:"position"`
	Rules    string `json:"rules"`
	Policy   string `json:"policy"`
}

// DepartureInput asks the ledger by when a person has to be out.
type DepartureInput struct {
	Key string `json:"key"`
}

// Departure is what the ledger knows of a departure that is not known to be complete.
type Departure struct {
	Episode int `json:"episode,omitempty"`
	// OverdueAt is by when sign-in has to be off; zero if nobody wants the person out.
	OverdueAt time.Time `json:"overdue_at,omitzero"`
}

// Mode is how far a template may go.
type Mode string

// The modes, in the order in which a new install takes them up.
const (
	// ModeObserve plans into the ledger and writes nothing anywhere else.
	ModeObserve Mode = "observe"
	// ModeApprove waits for a person to allow each plan.
	ModeApprove Mode = "approve"
	// ModeEnforce acts.
	ModeEnforce Mode = "enforce"
)

// ForwardInput sends a hint on to the person that a record really belongs to.
type ForwardInput struct {
	Key  string `json:"key"`
	Hint Hint   `json:"hint"`
}

// Decision is what a person decided about a parked run.
type Decision struct {
	// Verb is one of retry, skip, abort, allow, reject, link, separate.
	Verb   string `json:"verb"`
	By     string `json:"by"`
	Reason string `json:"reason,omitempty"`
	// Step is the parked step it answers.
	Step string `json:"step,omitempty"`
	// Item is the question it answers, as it was asked. A decision without one is taken if it can only mean one question.
	Item string `json:"item,omitempty"`
	// Code is what kind of question that is. A decision that names it answers no other.
	Code string `json:"code,omitempty"`
	// Proof shows who has decided. A run that sees one can rely on it: workers have judged it before.
	Proof *Proof `json:"proof,omitempty"`
}

// Proof is a signature of a decision.
type Proof struct {
	// Key is the short name of the key that made it.
	Key       string    `json:"key"`
	At        time.Time `json:"at"`
	Signature []byte    `json:"signature"`
	// Cause is set where the signature is of one decision for everybody who waits because of an item.
	Cause *CauseProof `json:"cause,omitempty"`
	// Press is set instead of a signature where somebody has pressed a button under a message about an item.
	Press *Click `json:"press,omitempty"`
}

// CauseProof shows that a question is among those that a decision about a cause was signed for.
type CauseProof struct {
	// Item is the cause, and Questions how many were signed for.
	Item      string `json:"item"`
	Questions int    `json:"questions"`
	// Path leads from the question to what was signed.
	Path [][]byte `json:"path,omitempty"`
}

// Decided is a decision that a run has taken, kept so that none is taken twice.
type Decided struct {
	// ID is the id of the update that brought it.
	ID   string `json:"id,omitempty"`
	Item string `json:"item"`
	// First is who has allowed it, where a second person has to as well.
	First string `json:"first,omitempty"`
}

// DecideInput carries a decision that changes the ledger: a budget exceeded on purpose, a link made or refused.
type DecideInput struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	Code    string `json:"code"`
	// Source is the HR source whose budget the decision is about.
	Source   string   `json:"source,omitempty"`
	Decision Decision `json:"decision"`
	// Want is the assessment's, which tells one change of position from the next.
	Want string `json:"want,omitempty"`
}

// Fact is one row of evidence: what a step found and what it left behind.
type Fact struct {
	Step     string `json:"step"`
	Template string `json:"template"`
	// Episode is the one that the step belongs to, 0 if that is the record's.
	Episode int `json:"episode,omitempty"`

	Outcome  string    `json:"outcome"`
	Cause    string    `json:"cause,omitempty"`
	Actor    string    `json:"actor,omitempty"`
	Before   any       `json:"before,omitempty"`
	After    any       `json:"after,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
}

// RecordInput writes evidence about one person's episode.
type RecordInput struct {
	Key        string `json:"key"`
	Episode    int    `json:"episode"`
	RunID      string `json:"run_id"`
	PolicyHash string `json:"policy_hash"`
	Facts      []Fact `json:"facts"`
	// Contained is when a leaver's loss of access was read back from OneLogin; zero if it was not.
	Contained time.Time `json:"contained,omitzero"`
	// Closed are the further accounts of the human that were read back so.
	Closed []ContainedAccount `json:"closed,omitempty"`
	// InStep is what the person's access was read back as in step with.
	InStep *InStep `json:"in_step,omitempty"`
	// Over is when the last account of the leaver was, with nothing left to decide; zero if that is not so.
	Over time.Time `json:"over,omitzero"`
}

// Codes of notices that the activities add to a plan.
const (
	// NoticeBudgetContain and the like: that safety budget is used up.
	NoticeBudgetContain = "budget_contain"
	// NoticeColumnHidden is the policy's: an HR source shows a field of nobody any more.
	NoticeColumnHidden     = "column_hidden"
	NoticeBudgetReactivate = "budget_reactivate"
	NoticeBudgetRemove     = "budget_remove"
	NoticeBudgetPrivileged = "budget_grant_privileged"
	NoticeBudgetRespond    = "budget_respond"
	// BudgetNotice begins them all. Those that are decided as a batch have no constant of their own.
	BudgetNotice = "budget_"
	// NoticePossibleDuplicate: another record may be the same human, and that cannot be proven.
	NoticePossibleDuplicate = "possible_duplicate"
	// NoticeReusedID: a record carries another name and other addresses than before; its id may be another human's by now.
	NoticeReusedID = "reused_id"
	// NoticeAmbiguousAccount: more than one account could be the person's.
	NoticeAmbiguousAccount = "ambiguous_account"
	// NoticeNothingToContain: a contain order stands, and no account of the person can be found.
	NoticeNothingToContain = "nothing_to_contain"
	// NoticeProvisioningDeletes: OneLogin deletes an account in another system when its person leaves.
	NoticeProvisioningDeletes = "provisioning_deletes"
	// NoticeNotHandedOver: what an account of a leaver owns cannot be handed over, and the roles that carry its app stay until it is.
	NoticeNotHandedOver = "not_handed_over"
	// NoticeAccountVanished: the account on record no longer exists in OneLogin.
	NoticeAccountVanished = "account_vanished"
)
