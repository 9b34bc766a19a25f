package identity

import "time"

// Verdict says which process a plan calls for.
type Verdict string

// The verdicts.
const (
	// VerdictNone: the account is as it should be and no moment is awaited.
	VerdictNone Verdict = "none"
	// VerdictWait: nothing to do before Plan.Due.
	VerdictWait Verdict = "wait"
	// VerdictJoin: an account has to be created, prepared, activated or brought back.
	VerdictJoin Verdict = "join"
	// VerdictChange: an active account differs from what it should be.
	VerdictChange Verdict = "change"
	// VerdictLeave: sign-in must end now.
	VerdictLeave Verdict = "leave"
	// VerdictSuspend: an order ends sign-in for a while and takes nothing else.
	VerdictSuspend Verdict = "suspend"
	// VerdictLift: the order that suspended the account is over.
	VerdictLift Verdict = "lift"
	// VerdictRespond: orders that are carried out once, or closed because they no longer can be.
	VerdictRespond Verdict = "respond"
	// VerdictUndo: a rescinded hire whose account Gatehouse made and nobody ever used.
	VerdictUndo Verdict = "undo"
	// VerdictDelete: somebody left so long ago that their accounts, which give no access any more, are deleted.
	VerdictDelete Verdict = "delete"
	// VerdictAttention: a person has to decide first; Plan.Notices say what.
	VerdictAttention Verdict = "attention"
)

// StepKind is one absolute statement that a step makes true.
type StepKind string

// The kinds of step, in the order in which they are carried out.
const (
	StepSuspend          StepKind = "suspend"
	StepLogOut           StepKind = "log_out"
	StepCreate           StepKind = "create"
	StepRename           StepKind = "rename"
	StepSetProfile       StepKind = "set_profile"
	StepSetGroup         StepKind = "set_group"
	StepKeepRoles        StepKind = "keep_roles"
	StepRemoveRoles      StepKind = "remove_roles"
	StepAddRoles         StepKind = "add_roles"
	StepActivate         StepKind = "activate"
	StepInvite           StepKind = "invite"
	StepScramblePassword StepKind = "scramble_password"
	StepRemoveFactors    StepKind = "remove_factors"
	StepDelete           StepKind = "delete"
	// What an order asks for once. StepCloseOrder does nothing but say why.
	StepEndSessions   StepKind = "end_sessions"
	StepResetPassword StepKind = "reset_password"
	StepLock          StepKind = "lock"
	StepEnable        StepKind = "enable"
	StepCloseOrder    StepKind = "close_order"
)

// Step is one difference between the desired and the actual account.
type Step struct {
	Kind StepKind `json:"kind"`
	// Names are the roles or the one group that the step is about, or the accounts that are deleted.
	Names []string `json:"names,omitempty"`
	// Orders are the orders that the step carries out, or whose end it does.
	Orders []string `json:"orders,omitempty"`
	// Denies are the deny orders because of which roles are taken.
	Denies []string `json:"denies,omitempty"`
	// Minutes is how long a lock lasts; 0 means the period of the user's policy.
	Minutes int `json:"minutes,omitempty"`
	// Until is how long roles that no longer apply stay, and for what is taken from a leaver, until when it waits; zero
	// if it does not.
	Until time.Time `json:"until,omitzero"`
	// Why is the reason for closing an order without doing anything.
	Why string `json:"why,omitempty"`
}

// Profile is what an account says about its person.
type Profile struct {
	// Usernames are the candidates of the naming rule, best first. The first that is free is taken at creation.
	Usernames  []string `json:"usernames,omitempty"`
	FirstName  string   `json:"first_name,omitempty"`
	LastName   string   `json:"last_name,omitempty"`
	Title      string   `json:"title,omitempty"`
	Department string   `json:"department,omitempty"`
	Company    string   `json:"company,omitempty"`
	Phone      string   `json:"phone,omitempty"`
	// Email is the address that the account is to have instead of its own; empty if that stays.
	Email      string `json:"email,omitempty"`
	ExternalID string `json:"external_id,omitempty"`
	// Clear are fields that are to be empty, although an empty value takes nothing away otherwise.
	Clear []FieldName `json:"clear,omitempty"`
	// PersonalEmail is where an invitation goes before the first day's mailbox exists.
	PersonalEmail string `json:"personal_email,omitempty"`
}

// Desired is what the account should be now.
type Desired struct {
	Exists  bool     `json:"exists"`
	SignIn  bool     `json:"sign_in"`
	Group   string   `json:"group,omitempty"`
	Roles   []string `json:"roles,omitempty"`
	Profile Profile  `json:"profile,omitzero"`
	// Rules are the names of the access rules that matched: the reason why each role is there.
	Rules []string `json:"rules,omitempty"`
}

// Plan is the difference between what a person's account should be and what it is.
type Plan struct {
	Verdict Verdict `json:"verdict"`
	// Reason is one neutral sentence for operators: no personal data, and nothing that gives a planned leaver away.
	Reason  string  `json:"reason"`
	Desired Desired `json:"desired"`
	Steps   []Step  `json:"steps,omitempty"`
	// Due is the next instant at which the plan may change by itself; zero if none.
	Due time.Time `json:"due,omitzero"`
	// DeleteAt is when an account of somebody who has left is deleted; zero if never. It is no Due: nobody's run waits for it.
	DeleteAt time.Time `json:"delete_at,omitzero"`
	// Found are managed roles that the account holds although no rule gives them, and that this plan does not take because
	// Gatehouse did not give them and HR has not changed the position.
	Found []string `json:"found,omitempty"`
	// Notices are the things a person should look at, blocking ones among them.
	Notices []Notice `json:"notices,omitempty"`
	// PolicyHash identifies the policy file that produced the plan.
	PolicyHash string `json:"policy_hash"`
}

// Step returns the plan's step of a kind, if it has one.
func (p Plan) Step(kind StepKind) (Step, bool) {
	for _, s := range p.Steps {
		if s.Kind == kind {
			return s, true
		}
	}
	return Step{}, false
}

// Has reports whether the plan has a step of a kind.
func (p Plan) Has(kind StepKind) bool {
	_, ok := p.Step(kind)
	return ok
}

// Notice returns the plan's notice of a code, if it has one.
func (p Plan) Notice(code string) (Notice, bool) {
	for _, n := range p.Notices {
		if n.Code == code {
			return n, true
		}
	}
	return Notice{}, false
}
