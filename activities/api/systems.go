package api

import (
	"time"

	"gatehouse/identity"
)

// SystemInput asks for one step about an account in a system beside OneLogin.
type SystemInput struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	System  string `json:"system"`
	// Account is its id, "" for a person whose account has to be made.
	Account string              `json:"account,omitempty"`
	Step    identity.SystemStep `json:"step"`
	// Leaving says that the step ends access. Any other step is overtaken by a departure or an order that is known by now.
	Leaving bool `json:"leaving,omitempty"`
	// At is when the step was planned.
	At time.Time `json:"at,omitzero"`
}

// SystemState is what a step came to.
type SystemState struct {
	// Ref is the account: for one that was made, the new one.
	Ref    identity.Ref `json:"ref"`
	Status string       `json:"status,omitempty"`
	// Changed is false where there was nothing to do, Gone says that the account does not exist any more.
	Changed bool `json:"changed"`
	Gone    bool `json:"gone,omitempty"`
	// Pending says that the system is still at it: a transfer that has begun.
	Pending bool `json:"pending,omitempty"`
	// Recovery says that the person could have set another password by an address or a number for recovery.
	Recovery bool `json:"recovery,omitempty"`
	// Left is what the system refuses, or does not come to an end with, and what is left to do by hand because of that, in words without names
	// of people.
	Left []string `json:"left,omitempty"`
}

// Refused is what an error of a step about several objects carries beside its text. The others are done.
type Refused struct {
	// Objects names those that the system refused: groups and licences by their names, anything else by ids, and nobody.
	Objects string `json:"objects"`
}

// RefusedWord comes before the objects wherever words name them.
const RefusedWord = ": refused: "

// OweInput notes that a step could not be carried out for now, or that it was after all.
type OweInput struct {
	SystemInput
	// Why is the type of the error, and what was refused where the rest of the step is done. Since is when the step was first tried.
	Why   string    `json:"why,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// SystemReadBack asks what a leaver's account really looks like.
type SystemReadBack struct {
	Key     string `json:"key"`
	System  string `json:"system"`
	Account string `json:"account"`
}

// SystemSweepID is the workflow id of a reading of a system's accounts that is started by hand.
func SystemSweepID(system string) string { return "system-sweep-" + system }

// SystemSweepRequest starts one reading of a system's accounts and of what they hold.
type SystemSweepRequest struct {
	System string `json:"system"`
	// Every is how often everything is read. Full reads everything now.
	Every time.Duration `json:"every,omitempty"`
	Full  bool          `json:"full,omitempty"`
	// AcceptMissing says that an operator knows that what is not shown any more was really deleted. Everything is read.
	AcceptMissing bool `json:"accept_missing,omitempty"`
	// By says so, and Reason why. Proof shows who it was, where the policy names who may decide.
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
	Proof  *Proof `json:"proof,omitempty"`
}

// SystemSweepInput is one reading. Sweep is its id, by which an attempt goes on where the one before stopped.
type SystemSweepInput struct {
	SystemSweepRequest
	Sweep string `json:"sweep"`
}

// SystemSwept is what a reading came to.
type SystemSwept struct {
	System string `json:"system"`
	Kind   string `json:"kind"`
	Seen   int64  `json:"seen"`
	// Written counts accounts that looked other than before, Missing those that were not shown, Dropped those that are gone.
	Written int64 `json:"written"`
	Missing int64 `json:"missing,omitempty"`
	Dropped int64 `json:"dropped,omitempty"`
	// GoneOfLeavers counts those of them that were on record for somebody who has left, GoneOfOthers for somebody else.
	GoneOfLeavers int64 `json:"gone_of_leavers,omitempty"`
	GoneOfOthers  int64 `json:"gone_of_others,omitempty"`
	// Held counts memberships that were not shown and are believed until the day of their tombstone.
	Held     int64  `json:"held,omitempty"`
	Complete bool   `json:"complete"`
	Why      string `json:"why,omitempty"`
	// Linked, Asked and Unowned are how the accounts compare with everybody, Hinted who was told to look.
	Linked  int `json:"linked,omitempty"`
	Asked   int `json:"asked,omitempty"`
	Unowned int `json:"unowned,omitempty"`
	Hinted  int `json:"hinted,omitempty"`
}

// SystemSweepOutcome is the result of a run.
type SystemSweepOutcome struct {
	Swept  SystemSwept `json:"swept"`
	Result string      `json:"result"`
}

// SystemsProgress is what the runs of a chain tell each other about systems beside OneLogin.
type SystemsProgress struct {
	// Tried are the steps that were tried, as far as they are still due.
	Tried []SystemTried `json:"tried,omitempty"`
	// Allowed are steps that somebody has allowed where a template asks before it acts, by digests of what they say.
	Allowed []string `json:"allowed,omitempty"`
	// Unread are accounts that were being read back.
	Unread []identity.Ref `json:"unread,omitempty"`
	// Result is what the template came to whose work is followed by that in other systems.
	Result string `json:"result,omitempty"`
}

// SystemTried is what became of a step. Digest is of what it says.
type SystemTried struct {
	Digest  string    `json:"digest"`
	Outcome string    `json:"outcome"`
	Times   int       `json:"times,omitempty"`
	Since   time.Time `json:"since,omitzero"`
}

// What becomes of a step in a system beside OneLogin.
const (
	SystemDone    = "done"
	SystemOwed    = "owed"
	SystemSkipped = "skipped"
)

// SystemShown is how it stands with an account in a system beside OneLogin. The steps are named by their kinds.
type SystemShown struct {
	System  string   `json:"system"`
	Account string   `json:"account,omitempty"`
	Done    []string `json:"done,omitempty"`
	Owed    []string `json:"owed,omitempty"`
	Held    []string `json:"held,omitempty"`
	// Notices are the codes of what somebody should look at.
	Notices []string `json:"notices,omitempty"`
	Observe bool     `json:"observe,omitempty"`
}
