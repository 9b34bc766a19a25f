package api

import "go.temporal.io/sdk/temporal"

// Registered workflow types. They are stored in histories and schedules and never change.
const (
	TypePerson      = "Person"
	TypeOnboarding  = "Onboarding"
	TypeOffboarding = "Offboarding"
	TypeRoleChange  = "RoleChange"
	TypeHRSync      = "HRSync"
	// TypeHold asks a person about what a safety budget keeps back, TypeTell tells what a run that has ended could not.
	TypeHold = "Hold"
	TypeTell = "Tell"
	// TypeAuthorised waits for the moment of a list that two people have approved.
	TypeAuthorised = "Authorised"

	TypeMFACompliance = "MFACompliance"
	TypeMFAGrace      = "MFAGrace"
	TypeAccessReview  = "AccessReview"
	TypeEventWatch    = "EventWatch"
	TypeAccountSweep  = "AccountSweep"
	TypeIncident      = "Incident"
	// TypeSystemSweep reads the accounts of a system beside OneLogin.
	TypeSystemSweep = "SystemSweep"
	// TypeReconcile compares everybody with their accounts and hints whoever was forgotten.
	TypeReconcile = "Reconcile"
	// TypeAgentRequest sees one request of an agent through.
	TypeAgentRequest = "AgentRequest"
	// TypeAgentRead reads anew what an agent asked for.
	TypeAgentRead = "AgentRead"
)

// ByGatehouse is in whose name Gatehouse gives and closes orders by itself.
const ByGatehouse = "gatehouse"

// Names of messages that runs understand.
const (
	SignalHint = "hint"
	// SignalCase tells an Incident that its case has changed.
	SignalCase = "case"
	// SignalEnrolled and SignalPoke have a grace period look at its account now. SignalPoke also tells EventWatch that there
	// may be new events.
	SignalEnrolled = "enrolled"
	SignalPoke     = "poke"
	// SignalPager carries an PagerUpdate from the gateway. SignalClick carries a Click of a gateway of before UpdatePress.
	SignalPager = "pager"
	SignalClick = "click"
	// UpdatePress carries a Click: somebody has pressed a button in Slack, and hears what came of it.
	UpdatePress = "press"
	// SignalHold tells a Hold the hash of the list as it is now, empty if nobody is held any more, or HoldGrown.
	SignalHold = "hold"
	// SignalAuthorised tells the run about an authorised list that somebody has decided about it.
	SignalAuthorised = "authorised"
	QueryState       = "state"
)

// Decisions, each an update of the same name.
const (
	VerbRetry    = "retry"
	VerbSkip     = "skip"
	VerbAbort    = "abort"
	VerbAllow    = "allow"
	VerbReject   = "reject"
	VerbLink     = "link"
	VerbSeparate = "separate"

	// Decisions about a grace period, with an end.
	VerbExtend = "extend"
	VerbExempt = "exempt"

	// Decisions of a second person about a response.
	VerbApprove = "approve"
	VerbDeny    = "deny"
)

// Stages a run can be in, as operators filter by them.
const (
	StageWaiting   = "waiting"
	StageAttention = "attention"
	StageWorking   = "working"
	StageWatching  = "watching"
	StageDone      = "done"
)

// Search attributes. The template is the workflow type, which Temporal lets operators search by itself. They hold opaque keys and states only, because no codec encrypts them.
var (
	AttrPersonKey = temporal.NewSearchAttributeKeyKeyword("PersonKey")
	AttrStage     = temporal.NewSearchAttributeKeyKeyword("Stage")
	AttrSource    = temporal.NewSearchAttributeKeyKeyword("Source")
)
