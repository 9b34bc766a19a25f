package api

import "gatehouse/identity"

// Audience is who a message is for. The activity knows the channel; a history never names it.
type Audience string

// The audiences.
const (
	AudienceIT       Audience = "it"
	AudienceSecurity Audience = "security"
	AudienceManager  Audience = "manager"
	AudienceOwner    Audience = "owner"
	// AudiencePerson is the person with the key themselves, in a direct message.
	AudiencePerson Audience = "person"
)

// MessageKind chooses the wording.
type MessageKind string

// The kinds of message.
const (
	MessageJoinerIT       MessageKind = "joiner_it"
	MessageJoinerManager  MessageKind = "joiner_manager"
	MessageJoinerUndone   MessageKind = "joiner_undone"
	MessageLeaverSecurity MessageKind = "leaver_security"
	MessageContainOverdue MessageKind = "contain_overdue"
	// MessageDepartureOverdue: somebody who must be out is not known to be, and something holds that up.
	MessageDepartureOverdue MessageKind = "departure_overdue"
	// MessageHoldOverdue: people who must be out are held by the safety budget beyond their deadline.
	MessageHoldOverdue  MessageKind = "hold_overdue"
	MessageLeaverDrift  MessageKind = "leaver_drift"
	MessageLeaverByHand MessageKind = "leaver_by_hand"
	MessageLeaverDoubt  MessageKind = "leaver_doubt"
	// MessageSystemsLeft says what is left to do in a system beside OneLogin.
	MessageSystemsLeft MessageKind = "systems_left"
	MessageLeaverOwner MessageKind = "leaver_owner"
	// MessageCredentialOwner says that an API credential has to get another owner.
	MessageCredentialOwner MessageKind = "credential_owner"
	// MessageLeaverDoubtPrivileged is MessageLeaverDoubt about an account that is privileged or protected.
	MessageLeaverDoubtPrivileged MessageKind = "leaver_doubt_privileged"
	MessageAttention             MessageKind = "attention"
	MessageMFARemind             MessageKind = "mfa_remind"
	MessageMFAEscalate           MessageKind = "mfa_escalate"
	MessageMFARestricted         MessageKind = "mfa_restricted"
	MessageMFALifted             MessageKind = "mfa_lifted"
	MessageMoverPerson           MessageKind = "mover_person"
	MessageMoverManager          MessageKind = "mover_manager"
	MessageMoverIT               MessageKind = "mover_it"
	MessageSyncQuarantine        MessageKind = "sync_quarantine"
	MessageSyncHeld              MessageKind = "sync_held"
	MessageSyncVanished          MessageKind = "sync_vanished"
	MessageSyncSetAside          MessageKind = "sync_set_aside"
	MessageReviewUnshared        MessageKind = "review_unshared"
	// MessageContractEnds goes to the manager: an extension that HR enters late costs somebody their access.
	MessageContractEnds MessageKind = "contract_ends"
	// MessageSponsoredEnds is MessageContractEnds of a sponsored person, and goes to whoever answers for them.
	MessageSponsoredEnds MessageKind = "sponsored_ends"
	// MessageSponsorGone goes to whoever inherits a sponsored person, who has to confirm that they stay.
	MessageSponsorGone MessageKind = "sponsor_gone"
	MessageIncident    MessageKind = "incident"
	// MessageItem is about one cause that needs a person, MessageDigest counts all that do.
	MessageItem     MessageKind = "item"
	MessageDigest   MessageKind = "attention_digest"
	MessageApproval MessageKind = "approval"
	MessageRefused  MessageKind = "refused"
	// MessageAgentRequest asks about a request of an agent.
	MessageAgentRequest MessageKind = "agent_request"
	// MessageTicket stands for a ticket, or for news of one, where a company has no Jira.
	MessageTicket MessageKind = "ticket"
)

// Cause is why somebody's access changes.
type Cause string

// The causes. Only CausePosition is a change of position.
const (
	CausePosition Cause = "position"
	// CauseRecord: HR has changed something else that a rule looks at.
	CauseRecord Cause = "record"
	CausePolicy Cause = "policy"
	// CauseRepair: somebody or something else had changed what the rules give.
	CauseRepair Cause = "repair"
	// CauseInStep: what the rules give is given for the first time since Gatehouse knows the account.
	CauseInStep  Cause = "in_step"
	CauseGranted Cause = "granted"
	CauseEnded   Cause = "ended"
	// CauseOverlap: what stayed for a while after a move has gone.
	CauseOverlap    Cause = "overlap"
	CauseRestricted Cause = "restricted"
	// CauseDenied: an order denies roles that are held.
	CauseDenied       Cause = "denied"
	CauseUnrestricted Cause = "unrestricted"
	CauseName         Cause = "name"
	// CauseAddress: HR has another work address.
	CauseAddress Cause = "address"
)

// Because is why the access of somebody changes.
type Because struct {
	Cause Cause `json:"cause"`
	// Lines are the reasons of orders, as far as the person and their manager may know them.
	Lines []Line `json:"lines,omitempty"`
}

// Line is one labelled line of a message.
type Line struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Message is one message to one audience, at most once per OnceKey.
type Message struct {
	OnceKey  string      `json:"once_key"`
	Kind     MessageKind `json:"kind"`
	Audience Audience    `json:"audience"`
	Key      string      `json:"key,omitempty"`
	// ManagerKey or Owner (an e-mail address) say who is meant by AudienceManager and AudienceOwner.
	ManagerKey string `json:"manager_key,omitempty"`
	Owner      string `json:"owner,omitempty"`
	// Former is the address that the person had until now: Slack may not know the new one yet.
	Former string `json:"former,omitempty"`

	Account *identity.Account `json:"account,omitempty"`
	Person  *identity.Person  `json:"person,omitempty"`
	Notices []identity.Notice `json:"notices,omitempty"`
	Roles   []string          `json:"roles,omitempty"`
	// Text is one neutral sentence from the run.
	Text string `json:"text,omitempty"`
	// Lines are what there is to say, in order. Their values may hold personal data and are shown as plain text.
	Lines []Line `json:"lines,omitempty"`
	// WorkflowID lets the message link to the run, Ticket, which is a ticket's key, to that, and Page is the address of a page.
	WorkflowID string `json:"workflow_id,omitempty"`
	Ticket     string `json:"ticket,omitempty"`
	Page       string `json:"page,omitempty"`
	// Cause is why somebody's access has changed. Messages of before that have none.
	Cause Cause `json:"cause,omitempty"`
	// NotReady are the systems for whose accounts a joiner's invitation did not wait any longer.
	NotReady []string `json:"not_ready,omitempty"`
	// Strict says that nobody else is told if the person meant has no usable Slack account.
	Strict bool `json:"strict,omitempty"`
	// Instead says that its reader is not whom it was meant for. Whoever delivers it finds that out.
	Instead bool `json:"-"`

	// Asked is the question that the message is about, if it is about one.
	Asked *Asked `json:"asked,omitempty"`

	// Buttons are offered under the message. Pressing one signals the run WorkflowID with a Click.
	Buttons []Button `json:"buttons,omitempty"`
	// Approval is the opaque id that the buttons carry, and Step what they are about. A message with buttons has both. Of an
	// item, and of a digest, Step is what to do next.
	Approval string `json:"approval,omitempty"`
	Step     string `json:"step,omitempty"`
}

// Asked shows a reader what a decision would be about.
type Asked struct {
	// Item names the question. A decision that names it counts for nothing else.
	Item    string   `json:"item"`
	Options []string `json:"options,omitempty"`
	// Plan are the steps that a decision lets happen, roles and groups by name.
	Plan []string `json:"plan,omitempty"`
	// Step is the one that waits.
	Step string `json:"step,omitempty"`
}

// BlockDecision is the id of the block of buttons under a question; its item follows.
const BlockDecision = "decision"

// Button is one thing that a reader can choose to do.
type Button struct {
	// Action is the verb that comes back when it is pressed.
	Action string `json:"action"`
	// Label is what the button says. It is ours, never data.
	Label string `json:"label"`
	// Style is "", "primary" or "danger".
	Style string `json:"style,omitempty"`
	// Confirm is asked before the press counts, empty if nothing is asked.
	Confirm string `json:"confirm,omitempty"`
}

// MessageUpdate changes a message that was posted.
type MessageUpdate struct {
	Channel   string `json:"channel"`
	Timestamp string `json:"timestamp"`
	// Message is the message as it should be now. Buttons that it does not have are taken away.
	Message Message `json:"message"`
	// Outcome is one line below the message, such as what was decided and by whom.
	Outcome string `json:"outcome,omitempty"`
	// Unverified says that nobody has shown to be the person whom the outcome names.
	Unverified bool `json:"unverified,omitempty"`
}

// Updated says what came of changing a message.
type Updated struct {
	// Closed says that the message cannot be changed any more: it was deleted, or the workspace forbids edits by now.
	Closed bool `json:"closed,omitempty"`
}

// WhoIsInput names a user as Slack did.
type WhoIsInput struct {
	UserID string `json:"user_id"`
	// TeamID is the team the user acted from, empty if nobody said.
	TeamID string `json:"team_id,omitempty"`
}

// SlackPerson is who stands behind a Slack user.
type SlackPerson struct {
	UserID string `json:"user_id"`
	Email  string `json:"email,omitempty"`
	// Key is the person's key, and AccountID their account in OneLogin; empty if Gatehouse knows nobody with that address
	// whose account is in use.
	Key       string `json:"key,omitempty"`
	AccountID int64  `json:"account_id,omitempty"`
	// Unfit says why nobody may decide anything as this user: "unknown", "deleted", "bot", "guest" or "foreign". It is
	// empty for a full member of the workspace.
	Unfit string `json:"unfit,omitempty"`
}

// Reasons why a Slack user decides nothing.
const (
	UnfitUnknown = "unknown"
	UnfitDeleted = "deleted"
	UnfitBot     = "bot"
	// UnfitGuest is a guest with access to some channels only.
	UnfitGuest = "guest"
	// UnfitForeign is a user of another team, who sees a channel that is shared.
	UnfitForeign = "foreign"
)

// Posted is where a message ended up.
type Posted struct {
	Channel   string `json:"channel,omitempty"`
	Timestamp string `json:"timestamp,omitempty"`
	// Fallback says that the person meant could not be found and somebody else was told.
	Fallback bool `json:"fallback,omitempty"`
	// Unreachable says that nobody was told, because a strict message found no usable Slack account.
	Unreachable bool `json:"unreachable,omitempty"`
}

// TicketInput asks for one ticket per OnceKey.
type TicketInput struct {
	OnceKey string `json:"once_key"`
	// Kind chooses the wording: TicketLeaver writes its own, every other kind uses Summary and Lines.
	Kind       string            `json:"kind"`
	Key        string            `json:"key"`
	Account    *identity.Account `json:"account,omitempty"`
	Roles      []string          `json:"roles,omitempty"`
	WorkflowID string            `json:"workflow_id"`
	// Summary is the ticket's title and Lines its text, for kinds without a wording of their own. Both are neutral:
	// opaque keys, counts and times.
	Summary string   `json:"summary,omitempty"`
	Lines   []string `json:"lines,omitempty"`
	// Severity is the policy's word for how bad it is, empty where nothing says so.
	Severity string `json:"severity,omitempty"`
}

// Kinds of ticket.
const (
	TicketLeaver   = "leaver"
	TicketIncident = "incident"
	// TicketSystems is about a departure that is not complete in systems beside OneLogin.
	TicketSystems = "systems"
)

// Ticket is a ticket that exists.
type Ticket struct {
	Key string `json:"key"`
	// Adopted says that an earlier attempt had made it.
	Adopted bool `json:"adopted,omitempty"`
}

// Mailed is a letter that was sent.
type Mailed struct {
	// ID is Gmail's id of the message, or the Message-ID of one that went by SMTP. It is "" if an earlier attempt sent it and never
	// learnt it.
	ID string `json:"id,omitempty"`
	// Adopted says that an earlier attempt had sent it.
	Adopted bool `json:"adopted,omitempty"`
}

// CommentInput asks for one comment per OnceKey.
type CommentInput struct {
	OnceKey string `json:"once_key"`
	Ticket  string `json:"ticket"`
	// Lines are neutral text.
	Lines []string `json:"lines"`
}

// Commented is a comment that exists.
type Commented struct {
	ID string `json:"id"`
	// Adopted says that an earlier attempt had made it.
	Adopted bool `json:"adopted,omitempty"`
}

// TransitionInput asks for a ticket to be in a status.
type TransitionInput struct {
	Ticket string `json:"ticket"`
	// Status is the name of the status wanted, as the project's workflow calls it. If it is empty, any status counts
	// that Jira regards as done.
	Status string `json:"status,omitempty"`
}

// Transitioned is the status of a ticket after a step.
type Transitioned struct {
	Status string `json:"status"`
	// Changed is false when there was nothing to do.
	Changed bool `json:"changed"`
}
