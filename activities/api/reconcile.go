package api

import "time"

// ReconcileID is the workflow id of a comparison that is started by hand.
const ReconcileID = "reconcile"

// Kinds of gaps between where people should be and where they are.
const (
	// GapLeft: somebody has left and may sign in, or is not known to be out.
	GapLeft = "left"
	// GapLeftBefore: the same of somebody who had left before the first reading of HR.
	GapLeftBefore = "left_before"
	// GapOrdered: an order is not carried out, or its end is not.
	GapOrdered = "ordered"
	// GapDue: a moment has come at which something happens by itself, or comes within the hour.
	GapDue = "due"
	// GapDelete: accounts of somebody who left long ago are due to be deleted.
	GapDelete = "delete"
	// GapJoin: somebody who began since the first reading has no account.
	GapJoin = "join"
	// GapChange: HR has changed something that was not carried out.
	GapChange = "change"
	// GapMissing: access that Gatehouse gave is gone.
	GapMissing = "missing"
	// GapAsked: somebody has to decide, and only a run can ask.
	GapAsked = "asked"
	// GapPolicy: a change of the policy or of a mode calls for it.
	GapPolicy = "policy"
	// GapPlanned: a template that only observes would do it.
	GapPlanned = "planned"
	// GapAdded: roles that no rule gives, and who gave them.
	GapAdded = "added"
	// GapDiffers: what else differs from policy, and neither HR nor Gatehouse has made.
	GapDiffers = "differs"
	// GapSystemsLeft: somebody has left, and what ends their access in a system beside OneLogin is due.
	GapSystemsLeft = "systems_left"
	// GapSystems: what else is due in a system beside OneLogin is not done.
	GapSystems = "systems"
	// GapSystemsPlanned: a system that is only observed would be changed.
	GapSystemsPlanned = "systems_planned"
	// GapNoAccount: somebody who worked here before the first reading has no account.
	GapNoAccount = "no_account"
)

// ReconcileRequest starts a comparison of people with their accounts.
type ReconcileRequest struct {
	// Every is how often everybody is compared; between that, those who have left or of whom something is due.
	Every time.Duration `json:"every,omitempty"`
	// Whole compares everybody now.
	Whole bool `json:"whole,omitempty"`
}

// ReconcileInput names a comparison. Repeating it goes on with what the first attempt decided.
type ReconcileInput struct {
	Run   string        `json:"run"`
	Every time.Duration `json:"every,omitempty"`
	Whole bool          `json:"whole,omitempty"`
}

// ReconcileFound is what a comparison found. People stay in the ledger; only counts travel.
type ReconcileFound struct {
	Whole  bool       `json:"whole,omitempty"`
	People int        `json:"people"`
	Gaps   []GapCount `json:"gaps,omitempty"`
	// Unread are the sources that were quarantined, with the reason.
	Unread []UnreadSource `json:"unread,omitempty"`
	// Hints is how many people are to be hinted, unless a budget holds them.
	Hints int `json:"hints"`
}

// GapCount is how many people have a gap of a kind.
type GapCount struct {
	Kind   string `json:"kind"`
	State  string `json:"state"`
	People int    `json:"people"`
}

// UnreadSource is an HR source of which nothing but departures was believed.
type UnreadSource struct {
	Source string `json:"source"`
	Why    string `json:"why"`
}

// ReconcileAdmitted counts who may be hinted, and who waits for a decision.
type ReconcileAdmitted struct {
	Admitted int `json:"admitted"`
	Held     int `json:"held"`
}

// ReconcileOutcome is how a comparison ended.
type ReconcileOutcome struct {
	Found  ReconcileFound `json:"found"`
	Held   int            `json:"held,omitempty"`
	Hinted int            `json:"hinted"`
	Result string         `json:"result"`
}
