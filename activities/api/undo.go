package api

import (
	"time"

	"gatehouse/identity"
)

// NoticeRolesBack asks whether the roles that no rule gives come back to somebody whose termination HR has withdrawn.
const NoticeRolesBack = "roles_back"

// Undo is what is left to do about departures that were carried out and that HR has withdrawn since.
type Undo struct {
	// Hash names what would be given back, and by that the question about it.
	Hash string `json:"hash"`
	// At is when access ended, and BackAt when the account was opened again.
	At     time.Time `json:"at"`
	BackAt time.Time `json:"back_at"`
	// Tickets are those of the departures.
	Tickets []string `json:"tickets,omitempty"`
	// Roles are those that a departure took, that rules do not manage and that the account does not hold by now. Privileged says
	// that one of them is.
	Roles      []string `json:"roles,omitempty"`
	Privileged bool     `json:"privileged,omitempty"`
	// Gone are those that OneLogin has no more.
	Gone []string `json:"gone,omitempty"`
	// Unknown says that the evidence does not tell which roles a departure took.
	Unknown bool `json:"unknown,omitempty"`
	// Further are accounts of the human that a departure closed as well, and that stay closed.
	Further []identity.Ref `json:"further,omitempty"`
}

// GiveBackInput asks for the roles that a withdrawn departure took, once per OnceKey.
type GiveBackInput struct {
	AccountInput
	OnceKey string   `json:"once_key"`
	Roles   []string `json:"roles"`
}

// GivenBack says what came of each role.
type GivenBack struct {
	Given []string `json:"given,omitempty"`
	// Held are roles that the account has by now, Gone those that OneLogin has no more, Ruled those that rules decide about by now,
	// and Apart those that access.conflicts keeps apart from what the account holds.
	Held  []string `json:"held,omitempty"`
	Gone  []string `json:"gone,omitempty"`
	Ruled []string `json:"ruled,omitempty"`
	Apart []string `json:"apart,omitempty"`
	// Denied are those that an order denies.
	Denied []string `json:"denied,omitempty"`
}

// UndoneInput says that a withdrawn departure is dealt with.
type UndoneInput struct {
	Key     string `json:"key"`
	Episode int    `json:"episode"`
	// Outcome is a word or two: "given back", "refused", "nothing to give back".
	Outcome string `json:"outcome"`
}

// ConcludeInput asks for a comment on a ticket, and with Close for the ticket to be done.
type ConcludeInput struct {
	CommentInput
	// Of is the OnceKey of a ticket that was still to be opened, in place of the ticket's key.
	Of    string `json:"of,omitempty"`
	Close bool   `json:"close,omitempty"`
}

// Concluded is what a ticket looks like then.
type Concluded struct {
	// Gone says that the ticket is no more: somebody deleted it.
	Gone   bool   `json:"gone,omitempty"`
	Status string `json:"status,omitempty"`
}
