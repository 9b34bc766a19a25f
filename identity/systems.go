package identity

import (
	"strings"
	"time"
)

// SystemView is what is known of one person's accounts in one system beside OneLogin. It comes from the inventory: nothing is read
// for it.
type SystemView struct {
	System string
	// ReadAt is when the reading began that last showed the whole system; zero if there was none.
	ReadAt time.Time
	// Accounts are those on record for the person, the primary one first. What is disputed is among them.
	Accounts []SystemAccount
	// Candidates are the accounts there that may be theirs, which nobody has decided: none is made meanwhile, and nothing is done about these.
	Candidates []SystemAccount
	// Manager is the id of their manager's account there, "" where there is none that can sign in, the manager leaves, or nobody knows.
	Manager string
	// Owed are the steps that could not be carried out so far, and those of Waiting of their accounts.
	Owed []SystemStepKind
	// Held says that a departure of theirs waits there for room in a budget.
	Held bool
	// Unclear are the objects that conditions name and that the system does not have, or has more than once.
	Unclear []SystemObject
	// Renewed are those of them that the system has, and whose name another object had before that is there yet, under a name that the policy
	// does not have.
	Renewed []SystemObject `json:"-"`
	// Digest makes a value comparable as SystemValue has it, and Same reports that one of those is of a value.
	Digest func(value string) string
	Same   func(digest, value string) bool
}

// Primary is the account that rules touch, nil if there is none.
func (v SystemView) Primary() *SystemAccount {
	for i := range v.Accounts {
		if v.Accounts[i].Use == UsePrimary {
			return &v.Accounts[i]
		}
	}
	return nil
}

// SystemAccount is an account as the inventory shows it.
type SystemAccount struct {
	ID  string
	Use AccountUse
	// Kind is what the account is for. Rules and departures touch those of people only.
	Kind AccountKind
	// Disputed says that the account carries another employed person's traces.
	Disputed bool
	// Missing says that the last reading did not show the account.
	Missing bool `json:"-"`
	// Document is what the account says about its person. Its Status is AccountActive if it can sign in.
	Document Account
	// Container is where it is in the system's tree, Manager the id of the manager's account there.
	Container, Manager string
	// Profile is what kind of user it is, by name; "" where the system has no kinds or has not shown it.
	Profile string `json:"-"`
	// Groups, Roles and Licences are what it holds by name; nil where the system has none of that kind or does not show it.
	Groups, Roles, Licences []string
	// Given is what Gatehouse gave in this employment, Taking what it has decided to take, by kind and name.
	Given, Taking map[SystemObjectKind][]string
	// GivenBefore says that before a departure Gatehouse gave it something, or had yet to decide what a change of position takes: that counts
	// again where the departure is withdrawn.
	GivenBefore bool `json:"-"`
	// GivenAs is under which name something of Given was given that is called otherwise now, by kind and the name of now.
	GivenAs map[SystemObjectKind]map[string]string `json:"-"`
	// MovedWith is what it held when HR changed the position and what could not be decided about then, by kind and name.
	MovedWith map[SystemObjectKind][]string `json:"-"`
	// Formerly are the names that what it holds, or a departure took, had before, by kind and the name of now.
	Formerly map[SystemObjectKind]map[string][]string `json:"-"`
	// Values are what Gatehouse wrote last, or found to be as it should be, by the attribute's name (target.Attribute...).
	Values map[string]SystemValue
	// MadeAt is when Gatehouse made the account for the person; zero if it did not.
	MadeAt time.Time `json:"-"`
	// SuspendedByUs says that its suspension is ours to lift.
	SuspendedByUs bool
	// Done are the steps that were carried out in this episode of which the account itself shows nothing, and when.
	Done map[SystemStepKind]time.Time
	// HandingOver says that a departure in this episode has begun to hand over what the account owns, and that access was not back since.
	HandingOver bool `json:"-"`
	// Waiting are the steps that the departure of this episode or the one before waited with for room in a budget, and that are not carried out
	// since, with or without room.
	Waiting []SystemStepKind `json:"-"`
	// Departure is what departures of theirs have left on the account, nil for nothing.
	Departure *SystemDeparture
	// ObservedAt is when the account was last read.
	ObservedAt time.Time
}

// SystemDeparture is what departures of somebody's have left on an account.
type SystemDeparture struct {
	// Done are the steps that were carried out in this episode or an earlier one, and when. What lasts is among them until it was taken
	// back.
	Done map[SystemStepKind]time.Time
	// Delegates are the ids of the accounts that the mailbox was delegated to.
	Delegates []string
	// Place is where the account was before it was moved to MovedTo, "" where that is not known. PlaceBack says that it goes back there, as
	// the departure was withdrawn.
	Place, MovedTo string
	PlaceBack      bool
	// Took is what the departure before this episode took and no rule had given, by kind and name, and Back what of that is to be given
	// back, as the departure was withdrawn.
	Took, Back map[SystemObjectKind][]string
	// TookAs is under which name something was taken that is called otherwise now, by kind and the name of now.
	TookAs map[SystemObjectKind]map[string]string `json:"-"`
	// Untaken is what the departure of this episode or the one before has decided to take and has not taken yet, by kind and name, and
	// Decided when it has.
	Untaken map[SystemObjectKind][]string
	Decided time.Time
}

// SystemValue says what became of an attribute that was written, or was as it should be without: digests of normal forms.
type SystemValue struct {
	// Written is what was to be there, Seen what the system showed after it.
	Written, Seen string
	// At is when it was written, zero for never.
	At time.Time
	// Form is the normal form that the policy had for it then, "" for none.
	Form string
}

// SystemObject is a thing of a system by its name.
type SystemObject struct {
	System string
	Kind   SystemObjectKind
	Name   string
}

// unnamed begins what stands for a name that nobody knows. No name in the ledger begins so.
const unnamed = "#id:"

// Unnamed stands for the name of an object of which only the id is known.
func Unnamed(id string) string { return unnamed + id }

// UnnamedID is the id in what [Unnamed] returns. ok is false for a name.
func UnnamedID(name string) (id string, ok bool) { return strings.CutPrefix(name, unnamed) }

// SystemObjectKind is a kind of thing that an account holds.
type SystemObjectKind string

// The kinds of objects. A permission set is a role.
const (
	ObjectGroup   SystemObjectKind = "group"
	ObjectRole    SystemObjectKind = "role"
	ObjectLicence SystemObjectKind = "licence"
	// ObjectContainer is a place in the tree, such as an organizational unit, and ObjectProfile what an account is made with.
	ObjectContainer SystemObjectKind = "container"
	ObjectProfile   SystemObjectKind = "profile"
)

// SystemStepKind is one absolute statement about an account in a system.
type SystemStepKind string

// The kinds of step.
const (
	SystemCreate          SystemStepKind = "create"
	SystemResume          SystemStepKind = "resume"
	SystemWriteProfile    SystemStepKind = "write_profile"
	SystemMove            SystemStepKind = "move"
	SystemRemoveGroups    SystemStepKind = "remove_groups"
	SystemAddGroups       SystemStepKind = "add_groups"
	SystemRemoveRoles     SystemStepKind = "remove_roles"
	SystemAddRoles        SystemStepKind = "add_roles"
	SystemAssignLicences  SystemStepKind = "assign_licences"
	SystemReleaseLicences SystemStepKind = "release_licences"
	// What ends access. SystemResetPassword sets one that nobody knows.
	SystemSuspend       SystemStepKind = "suspend"
	SystemResetPassword SystemStepKind = "reset_password"
	SystemEndSessions   SystemStepKind = "end_sessions"
	SystemRevokeGrants  SystemStepKind = "revoke_grants"
	SystemDemote        SystemStepKind = "demote"
	// What hands over. SystemTransfer is done when the system says that it is.
	SystemAutoReply SystemStepKind = "auto_reply"
	SystemDelegate  SystemStepKind = "delegate"
	SystemTransfer  SystemStepKind = "transfer"
	// What takes that back for somebody who is here again.
	SystemEndReply   SystemStepKind = "end_reply"
	SystemUndelegate SystemStepKind = "undelegate"
)

// SystemStep is one difference between what an account should be and what it is.
type SystemStep struct {
	Kind SystemStepKind `json:"kind"`
	// Names are the groups, roles or licences.
	Names []string `json:"names,omitempty"`
	// Back says that they are given back after a departure that was withdrawn: no rule gives them.
	Back bool `json:"back,omitempty"`
	// Changes are the attributes to write.
	Changes []SystemChange `json:"changes,omitempty"`
	// To is where a move leads, or the id of the account that something is handed over to.
	To string `json:"to,omitempty"`
	// Account is what an account is made of, and Usernames what it may be called instead where that is taken, best first. Profile is what
	// kind of user it becomes, where the system has kinds.
	Account   *Account `json:"account,omitempty"`
	Usernames []string `json:"usernames,omitempty"`
	Profile   string   `json:"profile,omitempty"`
	// Subject and Text are an auto-reply.
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	// After is a moment before which the step is not due; zero if it is due now.
	After time.Time `json:"after,omitzero"`
}

// SystemChange replaces the value of an attribute.
type SystemChange struct {
	Attribute string `json:"attribute"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	// Normal is the normal form of To, by which it is compared.
	Normal string `json:"normal,omitempty"`
}

// SystemPlan is what is to be done about one account of a person in one system.
type SystemPlan struct {
	System string `json:"system"`
	// Account is its id, "" for one that has to be made.
	Account string `json:"account,omitempty"`
	// Leaving says that the steps end access. They are carried out whatever else is unclear.
	Leaving bool `json:"leaving,omitempty"`
	// Returned is when sign-in had been ended before, where it was opened again since; zero otherwise.
	Returned time.Time `json:"returned,omitzero"`
	// Before says that the steps come before the invitation to OneLogin, and Wait for how long that waits for them.
	Before bool          `json:"before,omitempty"`
	Wait   time.Duration `json:"wait,omitempty"`
	// Steps are due now, in this order. Held are steps for which there is no room in a budget.
	Steps []SystemStep `json:"steps,omitempty"`
	Held  []SystemStep `json:"held,omitempty"`
	// Due is when the next step becomes due; zero if none will.
	Due time.Time `json:"due,omitzero"`
	// Observe says that the system only observes: the steps are planned and not carried out.
	Observe bool `json:"observe,omitempty"`
	// Asks says that somebody has to allow the steps first.
	Asks bool `json:"asks,omitempty"`
	// Waits says that an account is due there and waits for OneLogin's.
	Waits bool `json:"waits,omitempty"`
	// Carried are OneLogin roles that may be taken only once the account's transfer has been read back.
	Carried []string `json:"carried,omitempty"`
	// Notices are what a person should look at: a drift, a value that is not kept, a conflict. They stop nothing of OneLogin's.
	Notices []Notice `json:"notices,omitempty"`
	// Agreed are attributes that are as they should be without having been written so, with what is to be known of them in the place of
	// what was written before.
	Agreed map[string]SystemValue `json:"-"`
}

// Ref names the account.
func (p SystemPlan) Ref() Ref { return Ref{System: p.System, ID: p.Account} }

// Has reports that a step of a kind is due.
func (p SystemPlan) Has(kind SystemStepKind) bool {
	for _, s := range p.Steps {
		if s.Kind == kind {
			return true
		}
	}
	return false
}
