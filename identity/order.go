package identity

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// OrderKind is what an order asks for.
type OrderKind string

// The kinds of order that stand until they are released or lapse, most restrictive first.
const (
	// OrderContain ends all access, as if the person had left.
	OrderContain OrderKind = "contain"
	// OrderSuspend ends sign-in and takes nothing else; when it ends, the account is activated again.
	OrderSuspend OrderKind = "suspend"
	// OrderRestrict moves the account to a group.
	OrderRestrict OrderKind = "restrict"
	// OrderFreeze forbids changes to the account.
	OrderFreeze OrderKind = "freeze"
	// OrderHold preserves what an account holds for a legal matter. It changes no sign-in: roles and factors are not
	// removed and the account is not deleted while it stands, whatever HR and other orders say.
	OrderHold OrderKind = "hold"
	// OrderDeny has roles not be held, whatever rules, mappings and grants say.
	OrderDeny OrderKind = "deny"
	// OrderExempt is a statement for others to read: Gatehouse does not ask this person for a second factor.
	OrderExempt OrderKind = "exempt"
	// OrderGrant gives roles on top of what the policy gives.
	OrderGrant OrderKind = "grant"
	// OrderSet has attributes of the account say something else than HR, until it ends.
	OrderSet OrderKind = "set"
)

// RuleOverlap is the rule behind grants that let somebody who moves keep old access for a while.
const RuleOverlap = "mover.keep_old_access"

// The kinds of response: they are carried out once and then closed.
const (
	// OrderLogOut ends the account's OneLogin sessions.
	OrderLogOut OrderKind = "log_out"
	// OrderResetPassword makes the password unknown to everybody and mails the person a link to set a new one.
	OrderResetPassword OrderKind = "reset_password"
	// OrderLock locks the account for some minutes. It opens again by itself, so it is no way to end access.
	OrderLock OrderKind = "lock"
	// OrderEnable opens an account that somebody else, or OneLogin itself, has locked or suspended.
	OrderEnable OrderKind = "enable"
)

// OrderKinds lists every kind, most restrictive first and the responses last.
func OrderKinds() []OrderKind {
	return []OrderKind{
		OrderContain, OrderSuspend, OrderRestrict, OrderFreeze, OrderHold, OrderDeny, OrderExempt, OrderGrant, OrderSet,
		OrderLogOut, OrderResetPassword, OrderLock, OrderEnable,
	}
}

// Known reports whether this version of Gatehouse knows what the kind asks for.
func (k OrderKind) Known() bool { return slices.Contains(OrderKinds(), k) }

// Response reports whether an order of this kind is carried out once and then closed.
func (k OrderKind) Response() bool {
	return k == OrderLogOut || k == OrderResetPassword || k == OrderLock || k == OrderEnable
}

// MaxLock is the longest lock in minutes: a week. Whoever has to stay out for longer is suspended.
const MaxLock = 7 * 24 * 60

// Order is a decision about a person that stands above HR until it is released, lapses or, a response, is carried out.
type Order struct {
	// ID is chosen by whoever gives the order and makes giving it idempotent.
	ID     string    `json:"id"`
	Key    string    `json:"key"`
	Kind   OrderKind `json:"kind"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	// Until is when the order lapses; zero means not before it is released.
	Until time.Time `json:"until,omitzero"`
	// Group is the OneLogin group a restrict order moves the account to; empty means the policy's mfa.restrict.group.
	Group string `json:"group,omitempty"`
	// Roles are what a grant order gives, or a deny order takes.
	Roles []string `json:"roles,omitempty"`
	// Attributes are what a set order has the account say, by [SetAttributes].
	Attributes map[string]string `json:"attributes,omitempty"`
	// Minutes is how long a lock order locks; 0 means the period of the user's policy in OneLogin.
	Minutes int `json:"minutes,omitempty"`
	// Rule names the rule that gave the order without anybody's word. Such orders draw on the safety budget and are held
	// when it is used up; an order without a rule is a named person's and is never held.
	Rule string `json:"rule,omitempty"`
	// Given are the roles that a grant order has added, by the ledger: the account did not hold them before.
	Given []string `json:"given,omitempty"`
	// Taken are the roles that a deny order has taken, by the ledger.
	Taken []Taken `json:"taken,omitempty"`
	// Before is what the account said before a set order changed it, by the ledger.
	Before map[string]string `json:"before,omitempty"`
	// Agent is the agent that asked for the order, by which tool and in which request; empty for every other order. While agent or
	// tool is switched off nothing is written to a vendor for such an order.
	Agent   string `json:"agent,omitempty"`
	Tool    string `json:"tool,omitempty"`
	Request string `json:"request,omitempty"`
}

// InForce reports whether the order has not lapsed at a moment. Whether it was released, only the ledger knows.
func (o Order) InForce(at time.Time) bool { return o.Until.IsZero() || o.Until.After(at) }

// Validate returns everything that is wrong with an order, or nil.
func (o Order) Validate() error {
	var problems []error
	wrong := func(when bool, format string, args ...any) {
		if when {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	wrong(o.ID == "", "an order needs an id: it makes giving the order idempotent")
	wrong(o.Key == "", "an order needs the key of the person it is about")
	wrong(o.By == "", "an order needs \"by\": who decides? It is recorded")
	wrong(!o.Kind.Known(), "%q is no kind of order: use one of %s", o.Kind, kindList())
	wrong(o.Kind == OrderGrant && len(o.Roles) == 0, "a grant order needs roles to give")
	wrong(o.Kind == OrderDeny && len(o.Roles) == 0, "a deny order needs roles that are not to be held")
	wrong(o.Kind != OrderGrant && o.Kind != OrderDeny && len(o.Roles) > 0, "only a grant order and a deny order have roles")
	wrong(slices.ContainsFunc(o.Roles, blank), "a role without a name cannot be given or taken")
	wrong(o.Kind != OrderRestrict && o.Group != "", "only a restrict order has a group")
	wrong(o.Kind != OrderLock && o.Minutes != 0, "only a lock order has minutes")
	wrong(o.Minutes < 0 || o.Minutes > MaxLock, "a lock of %d minutes: 0 is the policy's own period, and %d the longest; "+
		"use a suspend order for more", o.Minutes, MaxLock)
	wrong(!o.Until.IsZero() && !o.At.IsZero() && !o.Until.After(o.At), "the order lapses at %s, before it was given",
		o.Until.UTC().Format(time.RFC3339))
	return errors.Join(append(problems, o.wrongAttributes()...)...)
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

func kindList() string {
	var names []string
	for _, k := range OrderKinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
