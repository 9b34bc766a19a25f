package api

import "gatehouse/identity"

// TargetInput names an account of a person in any system.
type TargetInput struct {
	Key string       `json:"key"`
	Ref identity.Ref `json:"ref"`
	// Order is the suspend order that a suspension carries out; empty for a departure.
	Order string `json:"order,omitempty"`
	// Foreign says that somebody else had closed the account before: suspending it does not make it ours to open.
	Foreign bool `json:"foreign,omitempty"`
	// LogOut has a suspension end the sessions as well, if that succeeds at once.
	LogOut bool `json:"log_out,omitempty"`
	// Doubt says that nobody knows yet whether the account is the person's.
	Doubt bool `json:"doubt,omitempty"`
	// LiftedBy are the two people who lifted the protection of a protected account for this.
	LiftedBy []string `json:"lifted_by,omitempty"`
	// Lifted says that the ledger has the protection of the account as lifted.
	Lifted bool `json:"lifted,omitempty"`
	// Asked are the agents whose orders are carried out: nothing is written while one of them is switched off.
	Asked []identity.Asker `json:"asked,omitempty"`
}

// AskedBy are the agents that have asked for what is done.
func (in TargetInput) AskedBy() []identity.Asker { return in.Asked }

// TargetState is an account after a step, as its system reported it.
type TargetState struct {
	Ref      identity.Ref `json:"ref"`
	Username string       `json:"username,omitempty"`
	Email    string       `json:"email,omitempty"`
	Status   string       `json:"status,omitempty"`
	// Memberships are the ids of the roles or groups that the account has access by.
	Memberships []string `json:"memberships,omitempty"`
	Gone        bool     `json:"gone,omitempty"`
	// Changed is false when there was nothing to do.
	Changed bool `json:"changed"`
	// LoggedOut says that a suspension has ended the sessions too; if not, that is a step of its own.
	LoggedOut bool `json:"logged_out,omitempty"`
}

// TargetResponse asks for something that is done once.
type TargetResponse struct {
	TargetInput
	// Response is the order's id and keeps it from being carried out twice.
	Response string `json:"response"`
}

// RemovalInput names the memberships to take from an account, by ids as a read-back shows them.
type RemovalInput struct {
	TargetInput
	From []string `json:"from,omitempty"`
}

// Target is the account that the input names, as an account of OneLogin.
func (in AccountInput) Target() TargetInput {
	return TargetInput{
		Key: in.Key, Ref: identity.OneLoginRef(in.AccountID), Order: in.Order, Foreign: in.Foreign, LogOut: in.LogOut,
		Doubt: in.Doubt, LiftedBy: in.LiftedBy, Lifted: in.Lifted, Asked: in.Asked,
	}
}

// Response is the response that the input asks for, as one about an account of any system.
func (in ResponseInput) Response() TargetResponse {
	return TargetResponse{TargetInput: in.Target(), Response: in.Order}
}
