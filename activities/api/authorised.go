package api

import "time"

// Kinds of authorised list.
const (
	// AuthoriseContain ends everybody's access, as a contain order does.
	AuthoriseContain = "contain"
	// AuthoriseMove lets the changes of position that HR has for everybody through the budgets, privileged roles excepted.
	AuthoriseMove = "move"
)

// AuthorisedInput names an authorised list and its moment. Who is on it stays in the ledger.
type AuthorisedInput struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Stage is the one that the run before left in the search attributes.
	Stage string `json:"stage,omitempty"`
	// Told is the day on which it was last told that nobody has approved.
	Told string `json:"told,omitempty"`
	// Words are what the run before has yet to tell somebody.
	Words []Word `json:"words,omitempty"`
}

// AuthorisedState is how a list stands. Only counts travel.
type AuthorisedState struct {
	Source    string `json:"source"`
	Kind      string `json:"kind"`
	People    int    `json:"people"`
	Approvals int    `json:"approvals"`
	Withdrawn bool   `json:"withdrawn,omitempty"`
	// Done says that everybody's run has been told, Pages that somebody is woken where it cannot be done.
	Done  bool `json:"done,omitempty"`
	Pages bool `json:"pages,omitempty"`
}

// AuthorisedOutcome is what a run about a list came to.
type AuthorisedOutcome struct {
	ID     string `json:"id"`
	Result string `json:"result"`
}

// AuthorisedID is the workflow id of the run about a list.
func AuthorisedID(id string) string { return "authorised/" + id }
