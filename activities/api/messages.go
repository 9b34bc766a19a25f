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
	MessageLeaverDrift    MessageKind = "leaver_drift"
	MessageLeaverByHand   MessageKind = "leaver_by_hand"
	MessageAttention      MessageKind = "attention"
	MessageMFARemind      MessageKind = "mfa_remind"
	MessageMFAEscalate    MessageKind = "mfa_escalate"
	MessageMFARestricted  MessageKind = "mfa_restricted"
	MessageMFALifted      MessageKind = "mfa_lifted"
	MessageSyncQuarantine MessageKind = "sync_quarantine"
	MessageSyncHeld       MessageKind = "sync_held"
	MessageSyncVanished   MessageKind = "sync_vanished"
)

// Message is one message to one audience, at most once per OnceKey.
type Message struct {
	OnceKey  string      `json:"once_key"`
	Kind     MessageKind `json:"kind"`
	Audience Audience    `json:"audience"`
	Key      string      `json:"key,omitempty"`
	// ManagerKey or Owner (an e-mail address) say who is meant by AudienceManager and AudienceOwner.
	ManagerKey string `json:"manager_key,omitempty"`
	Owner      string `json:"owner,omitempty"`

	Account *identity.Account `json:"account,omitempty"`
	Person  *identity.Person  `json:"person,omitempty"`
	Notices []identity.Notice `json:"notices,omitempty"`
	Roles   []string          `json:"roles,omitempty"`
	// Text is one neutral sentence from the run.
	Text string `json:"text,omitempty"`
	// WorkflowID lets the message link to the run.
	WorkflowID string `json:"workflow_id,omitempty"`
	// Strict says that nobody else is told if the person meant has no usable Slack account.
	Strict bool `json:"strict,omitempty"`
}

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
	// Kind chooses the wording: "leaver" or "attention".
	Kind       string            `json:"kind"`
	Key        string            `json:"key"`
	Account    *identity.Account `json:"account,omitempty"`
	Roles      []string          `json:"roles,omitempty"`
	WorkflowID string            `json:"workflow_id"`
}

// Ticket is a ticket that exists.
type Ticket struct {
	Key string `json:"key"`
	// Adopted says that an earlier attempt had made it.
	Adopted bool `json:"adopted,omitempty"`
}

// Mailed is a letter that was sent.
type Mailed struct {
	// ID is Gmail's id of the message, "" if an earlier attempt sent it and never learnt it.
	ID string `json:"id,omitempty"`
	// Adopted says that an earlier attempt had sent it.
	Adopted bool `json:"adopted,omitempty"`
}
