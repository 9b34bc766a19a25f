package api

import (
	"time"

	"gatehouse/identity"
)

// SearchInput asks for every account of somebody whose access has to end.
type SearchInput struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	// Except are the accounts that the run deals with already.
	Except []identity.Ref `json:"except,omitempty"`
	// Order is the contain order that asks for it, Ruled says that a rule gave it; both empty for a departure in HR.
	Order string `json:"order,omitempty"`
	Ruled bool   `json:"ruled,omitempty"`
}

// Found is what a search by everything known of a human came to.
type Found struct {
	// Theirs are accounts that are certainly the human's, Doubts those that may be.
	Theirs []identity.Account `json:"theirs,omitempty"`
	Doubts []Doubt            `json:"doubts,omitempty"`
	// Suspended are accounts of theirs that were suspended before, and of whose sessions nobody is known to have ended them.
	Suspended []identity.Account `json:"suspended,omitempty"`
	// By is what was searched by, without the values.
	By []string `json:"by,omitempty"`
}

// Doubt is an account that a person has to decide about.
type Doubt struct {
	Account identity.Account `json:"account"`
	// Code says what is to be decided: NoticeLeaverDoubt, NoticeLeaverNamesake, NoticeNewOwner, NoticeProtectedLeaver or
	// NoticeBudgetContain.
	Code string `json:"code"`
	// Reasons say what speaks for and against, without personal data.
	Reasons []string `json:"reasons,omitempty"`
	// Privileged says that the account holds a privileged role or is protected.
	Privileged bool `json:"privileged,omitempty"`
	// Suspend says that the account is suspended until somebody has decided.
	Suspend bool `json:"suspend,omitempty"`
	// Evidence is a digest of what was shown: a refusal holds for as long as it stays the same.
	Evidence string `json:"evidence,omitempty"`
	// Also are further accounts of one decision, where so many carry a leaver's name that each for itself would be noise.
	Also []Shown `json:"also,omitempty"`
	// Digest says that nothing but a name speaks for it, and that another account of the human is known: it waits for the daily
	// digest, nobody is told at once, and it is never overdue.
	Digest bool `json:"digest,omitempty"`
}

// Shown is an account as it was shown for a decision.
type Shown struct {
	Ref      identity.Ref `json:"ref"`
	Evidence string       `json:"evidence"`
}

// Ref names the account in doubt.
func (d Doubt) Ref() identity.Ref { return identity.OneLoginRef(d.Account.ID) }

// OpenDoubt is an account that a run waits for somebody to decide about, as it was shown to them.
type OpenDoubt struct {
	Ref      identity.Ref `json:"ref"`
	Code     string       `json:"code"`
	Evidence string       `json:"evidence,omitempty"`
}

// SettledDoubt says what somebody said of an account without answering the question about it: VerbLink or VerbSeparate.
type SettledDoubt struct {
	Ref  identity.Ref `json:"ref"`
	Verb string       `json:"verb"`
}

// SettleInput carries somebody's word on an account in doubt.
type SettleInput struct {
	Key      string       `json:"key"`
	Episode  int          `json:"episode"`
	Ref      identity.Ref `json:"ref"`
	Code     string       `json:"code"`
	Evidence string       `json:"evidence,omitempty"`
	// Suspended says that the account was suspended until somebody had decided.
	Suspended bool     `json:"suspended,omitempty"`
	Decision  Decision `json:"decision"`
	// Also are further accounts that the decision is about.
	Also []Shown `json:"also,omitempty"`
	// Elsewhere says that the ledger has the word already.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// LiftedBy are the two people who lifted the protection of the account.
	LiftedBy []string `json:"lifted_by,omitempty"`
}

// ContainedAccount is an account whose loss of access was read back.
type ContainedAccount struct {
	Ref identity.Ref `json:"ref"`
	At  time.Time    `json:"at"`
}

// ReopenedBy says what gave access back to an account after it was taken away, by OneLogin's events.
type ReopenedBy struct {
	// What is a mapping, a directory or an actor by its id; empty if the events do not say.
	What string `json:"what,omitempty"`
}

// Codes of what has to be decided about an account.
const (
	// NoticeLeaverDoubt: an account may be a leaver's.
	NoticeLeaverDoubt = "leaver_doubt"
	// NoticeLeaverNamesake: nothing but a leaver's name is on an account.
	NoticeLeaverNamesake = "leaver_namesake"
	// NoticeNotCompared: no account of a leaver was found, and not every account could be compared with them.
	NoticeNotCompared = "accounts_not_compared"
	// NoticeNewOwner: a service, shared or break-glass account is a leaver's to look after.
	NoticeNewOwner = "new_owner"
	// NoticeProtectedLeaver: a protected account is a leaver's.
	NoticeProtectedLeaver = "protected_leaver"
	// NoticeCredentialOwner: an account of somebody whose departure is known owns an API credential.
	NoticeCredentialOwner = "credential_owner"
	// NoticeAccountDoubt: an account may be an employed person's.
	NoticeAccountDoubt = "account_doubt"
)
