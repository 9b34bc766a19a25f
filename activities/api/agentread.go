package api

import (
	"errors"
	"time"
)

// ErrReadNotStarted says that no reading could be started: Temporal does not answer.
var ErrReadNotStarted = errors.New("the reading could not be started")

// AgentReadWithin is how long an agent waits for what it wants to have read anew.
const AgentReadWithin = 20 * time.Second

// AgentReadID is the workflow id of a reading that an agent asked for. The digest says what is read, and when to a few seconds.
func AgentReadID(agent, digest string) string { return "agent-read/" + agent + "/" + digest }

// AgentReadRequest is what an agent wants to have read anew, by ids of OneLogin: nothing in it says anything about anybody.
type AgentReadRequest struct {
	Agent string `json:"agent"`
	// Accounts are read again, Role with all of its members. Changes reads which accounts were changed since the last sweep,
	// Catalog the names of roles, groups and apps.
	Accounts []int64          `json:"accounts,omitempty"`
	Role     int64            `json:"role,omitempty"`
	Changes  bool             `json:"changes,omitempty"`
	Catalog  bool             `json:"catalog,omitempty"`
	Events   *AgentReadEvents `json:"events,omitempty"`
}

// AgentReadEvents are the events about some users, or about an app, of a time.
type AgentReadEvents struct {
	Users []int64   `json:"users,omitempty"`
	App   int64     `json:"app,omitempty"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
}

// AgentReadOutcome counts what was read. What was read stays in the ledger.
type AgentReadOutcome struct {
	Accounts int `json:"accounts,omitempty"`
	Members  int `json:"members,omitempty"`
	Events   int `json:"events,omitempty"`
	// Complete says that all of it was read, Why what kept it from that.
	Complete bool   `json:"complete"`
	Why      string `json:"why,omitempty"`
}
