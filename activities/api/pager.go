package api

import "time"

// What a pager is told to do with an alert.
const (
	PagerTrigger     = "trigger"
	PagerAcknowledge = "acknowledge"
	PagerResolve     = "resolve"
)

// The severities that a pager knows.
const (
	SeverityCritical = "critical"
	SeverityError    = "error"
	SeverityWarning  = "warning"
	SeverityInfo     = "info"
)

// PagerEvent is one event for the alert with a dedup key, sent at most once per OnceKey.
type PagerEvent struct {
	// Action is PagerTrigger, PagerAcknowledge or PagerResolve.
	Action string `json:"action"`
	// DedupKey identifies the alert. It is shown in the pager, so it is opaque.
	DedupKey string `json:"dedup_key"`
	// Summary is read out, pushed and texted to phones: it names nobody.
	Summary  string `json:"summary,omitempty"`
	Severity string `json:"severity,omitempty"`
	// Source is what the alert is about, by opaque key.
	Source string `json:"source,omitempty"`
	// Link leads to the run; empty links to the run of WorkflowID, if there is one.
	Link       string `json:"link,omitempty"`
	WorkflowID string `json:"workflow_id,omitempty"`
	// Details are shown beside the alert: opaque keys, counts and times.
	Details map[string]string `json:"details,omitempty"`
	// OnceKey is empty for the one event of its action that an alert ever gets. Whoever sends a second one, such as a
	// trigger with news about an open alert, gives it a key of its own.
	OnceKey string `json:"once_key,omitempty"`
}

// PagerSent says what came of an event.
type PagerSent struct {
	DedupKey string `json:"dedup_key"`
	// Found says that an earlier attempt had got through, so that nothing was sent again.
	Found bool `json:"found,omitempty"`
	// IncidentID is the pager's own id, known only if Found.
	IncidentID string `json:"incident_id,omitempty"`
}

// The statuses of an incident in a pager.
const (
	PagerTriggered    = "triggered"
	PagerAcknowledged = "acknowledged"
	PagerResolved     = "resolved"
	// PagerMerged says that an incident was merged into another one, where the work goes on.
	PagerMerged = "merged"
)

// PagerUpdate is the signal that tells an incident's run what people did in the pager, and what the pager answers when it
// is asked; an empty Status is no answer.
type PagerUpdate struct {
	// Status is PagerTriggered, PagerAcknowledged, PagerResolved or PagerMerged.
	Status     string    `json:"status"`
	IncidentID string    `json:"incident_id"`
	At         time.Time `json:"at"`
	// By is the pager's opaque id of the user who did it, empty if a machine did.
	By string `json:"by,omitempty"`
	// EventID is the pager's id of the delivery's event. A delivery that is repeated has the same.
	EventID string `json:"event_id,omitempty"`
	// MergedInto is the incident in which the work goes on after PagerMerged.
	MergedInto string `json:"merged_into,omitempty"`
	// Link is where people see the incident. Only an answer of the pager has it.
	Link string `json:"link,omitempty"`
}

// PagerQuery asks what people did about the incident with a dedup key.
type PagerQuery struct {
	DedupKey string `json:"dedup_key"`
}

// Click is the signal that tells a run that somebody pressed one of its buttons. It is no decision yet: whoever receives
// it asks Slack.WhoIs who that is and decides whether they may.
type Click struct {
	// Approval is the opaque id that the message was posted with, and Step what it asks about.
	Approval string `json:"approval"`
	Step     string `json:"step"`
	// Item is the question as the message showed it, empty for a message of before questions had names.
	Item string `json:"item,omitempty"`
	// Verb is the action of the button that was pressed.
	Verb string `json:"verb"`
	// UserID and TeamID are Slack's ids of who pressed it.
	UserID string    `json:"user_id"`
	TeamID string    `json:"team_id"`
	At     time.Time `json:"at"`
	// Channel and Timestamp are where the message with the button is, for Slack.Update.
	Channel   string `json:"channel,omitempty"`
	Timestamp string `json:"timestamp,omitempty"`
	// Vouch is the gateway's word that Slack has signed this press, by the secret that it shares with workers; empty for a
	// press of before there was one.
	Vouch []byte `json:"vouch,omitempty"`
}

// Pressed says what a press of a button has come to.
type Pressed struct {
	Outcome string `json:"outcome"`
}
