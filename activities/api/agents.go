package api

import "time"

// Activities of requests of agents.
const (
	AgentRequestJudge = "AgentRequest.Judge"
	AgentRequestCarry = "AgentRequest.Carry"
	AgentRequestWatch = "AgentRequest.Watch"
	AgentRequestEnd   = "AgentRequest.End"
)

// CodeAgentRequest marks the request of an agent that waits for a person.
const CodeAgentRequest = "agent_request"

// The states of a request of an agent.
const (
	RequestFiled    = "filed"    // it is kept, and its run is to begin
	RequestWaiting  = "waiting"  // people are asked
	RequestHeld     = "held"     // it may be carried out, and the agent or the tool is switched off
	RequestWorking  = "working"  // the orders are given
	RequestDone     = "done"     // it is so
	RequestDenied   = "denied"   // the policy refuses it
	RequestRejected = "rejected" // a person does
	RequestExpired  = "expired"  // nobody decided in time
	RequestNotDone  = "not_done" // the orders ended without what was asked for
)

// AgentRequestID is the workflow id of the run about a request: of an agent, and of a digest of what the agent calls it by.
func AgentRequestID(agent, digest string) string {
	return "agent-request/" + agent + "/" + digest[:min(24, len(digest))]
}

// AgentRequestInput is the argument of the run about a request. What is asked for is in the ledger.
type AgentRequestInput struct {
	ID string `json:"id"`
	// Stage is the one that the run before left in the search attributes, Words are what it has yet to tell somebody, Decided the last
	// decisions that it took, and Told what it has told already.
	Stage   string    `json:"stage,omitempty"`
	Words   []Word    `json:"words,omitempty"`
	Decided []Decided `json:"decided,omitempty"`
	Told    []string  `json:"told,omitempty"`
	// Began is when the first run of the request began, zero in that.
	Began time.Time `json:"began,omitzero"`
}

// AgentRequestRef names a request.
type AgentRequestRef struct {
	ID string `json:"id"`
}

// AgentJudged is what a request comes to.
type AgentJudged struct {
	// State is that of the ledger, Over that the request goes no further, and Result what came of it.
	State  string `json:"state"`
	Over   bool   `json:"over,omitempty"`
	Result string `json:"result,omitempty"`
	// Ask says that people have to approve, two if Two.
	Ask bool `json:"ask,omitempty"`
	Two bool `json:"two,omitempty"`
	// Key is whom it is about, Agent and Tool who asks for what.
	Key   string `json:"key"`
	Agent string `json:"agent"`
	Tool  string `json:"tool"`
	// Plan are the steps, and Hash identifies them with everything that they were judged by.
	Plan []string `json:"plan,omitempty"`
	Hash string   `json:"hash,omitempty"`
	// Barred are names under which nobody may decide.
	Barred []string `json:"barred,omitempty"`
	// Lines are what the one who decides has to know besides.
	Lines []Line `json:"lines,omitempty"`
}

// AgentCarry has a request carried out as it was judged.
type AgentCarry struct {
	ID string `json:"id"`
	// Hash is that of the plan that may be carried out, By who has approved it, empty if a rule of the policy allows it.
	Hash string `json:"hash"`
	By   string `json:"by,omitempty"`
	// Reason is why they have, and Proof shows who it was.
	Reason string `json:"reason,omitempty"`
	Proof  *Proof `json:"proof,omitempty"`
}

// AgentCarried is what came of carrying a request out.
type AgentCarried struct {
	State string `json:"state"`
	Over  bool   `json:"over,omitempty"`
	// Changed says that the plan is another one by now, so that nothing was done.
	Changed bool   `json:"changed,omitempty"`
	Result  string `json:"result,omitempty"`
}

// AgentSeen says how far the orders of a request have got.
type AgentSeen struct {
	State  string `json:"state"`
	Over   bool   `json:"over,omitempty"`
	Result string `json:"result,omitempty"`
}

// AgentEnd ends a request without anything being done.
type AgentEnd struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	By     string `json:"by,omitempty"`
	Result string `json:"result"`
}

// AgentRequestOutcome is the result of the run about a request.
type AgentRequestOutcome struct {
	ID     string `json:"id"`
	State  string `json:"state"`
	Result string `json:"result"`
}
