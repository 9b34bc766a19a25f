package api

import "time"

// Activities that keep the list of what needs a person.
const (
	AttentionHold = "Attention.Hold"
	AttentionDrop = "Attention.Drop"
)

// Parked is a question of a run, as the list of what needs a person keeps it.
type Parked struct {
	Workflow string `json:"workflow"`
	FirstRun string `json:"first_run"`
	// Key is the person whom the run is about, empty if it is about none.
	Key  string `json:"key,omitempty"`
	Step string `json:"step"`
	Item string `json:"item"`
	Code string `json:"code"`
	Text string `json:"text"`
	// About is what the cause is about where it is not the person: a department, an HR source.
	About    string    `json:"about,omitempty"`
	Options  []string  `json:"options,omitempty"`
	PlanHash string    `json:"plan_hash,omitempty"`
	Policy   string    `json:"policy,omitempty"`
	At       time.Time `json:"at"`
	Overdue  time.Time `json:"overdue,omitzero"`
	// Shut says that the account which is asked about cannot sign in meanwhile.
	Shut bool `json:"shut,omitempty"`
}

// AboutDigest is what a question is about that nobody has to answer today: all of its kind are one item of the daily digest.
const AboutDigest = "digest"

// Listed is what came of listing a question.
type Listed struct {
	// Shared says that others wait because of the same cause, and that it is told once for all of them.
	Shared bool `json:"shared,omitempty"`
}
