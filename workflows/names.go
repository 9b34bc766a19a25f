package workflows

import (
	"strings"

	"go.temporal.io/sdk/temporal"
)

// Registered workflow types. They are stored in histories and schedules and never change.
const (
	TypePerson      = "Person"
	TypeOnboarding  = "Onboarding"
	TypeOffboarding = "Offboarding"
	TypeRoleChange  = "RoleChange"
	TypeHRSync      = "HRSync"

	TypeMFACompliance = "MFACompliance"
	TypeMFAGrace      = "MFAGrace"
	TypeAccessReview  = "AccessReview"
)

// Names of messages that runs understand.
const (
	SignalHint = "hint"
	QueryState = "state"
	// SignalEnrolled and SignalPoke have a grace course look at its account now.
	SignalEnrolled = "enrolled"
	SignalPoke     = "poke"
	// SignalPager carries an api.PagerUpdate and SignalClick an api.Click, both from the gateway.
	SignalPager = "pager"
	SignalClick = "click"
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

	// Decisions about a grace course, with an end.
	VerbExtend = "extend"
	VerbExempt = "exempt"
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

// PersonID is the workflow id of every run about a person.
func PersonID(key string) string { return "person/" + key }

// MFAGraceID is the workflow id of a person's grace course.
func MFAGraceID(key string) string { return "mfa-grace/" + key }

// PersonKeyOf returns the person a workflow id is about, empty if it is about something else.
func PersonKeyOf(workflowID string) string {
	key, ok := strings.CutPrefix(workflowID, "person/")
	if !ok {
		return ""
	}
	return key
}
