// Package budgeting says what a safety budget counts, and how much it lets through.
package budgeting

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/policy"
)

// Budgets of the ledger, and what the notice codes of a used-up one begin with.
const (
	Contain    = "contain"
	Reactivate = "reactivate"
	Remove     = "remove"
	Privileged = "grant_privileged"
	// Respond is as large as the one for containments and beside it: incidents must not use up the leavers' room.
	Respond = "respond"
	Join    = "join"
	Delete  = "delete"
	Grant   = "grant"
	Group   = "group"
	Profile = "profile"
	Prefix  = api.BudgetNotice
)

// OfSource is a budget of one HR source: a wrong export is wrong for one source at a time.
func OfSource(budget, source string) string { return budget + "/" + source }

// Key is one change to one person as a budget counts it. Somebody has one departure in an episode, and any number
// of changes of position, which differ in what they want.
func Key(budget, key string, episode int, want string) string {
	if OfMoves(budget) {
		return key + "/" + strconv.Itoa(episode) + "/" + want
	}
	return key + "/" + strconv.Itoa(episode)
}

// OfMoves reports whether a budget is about changes of position.
func OfMoves(budget string) bool {
	switch budget {
	case Remove, Privileged, Grant, Group, Profile:
		return true
	}
	return false
}

// Weights are the budgets in the order in which a change that fits none of several of them is named after one: the graver
// comes first, so that changes of one cause stand in one batch.
var Weights = []string{
	Contain, Respond, Privileged, Join, Reactivate, Delete, Remove, Grant, Group, Profile,
}

// ByWeight are the budgets of limits, the graver first.
func ByWeight(limits map[string]policy.Limit) []string {
	return slices.SortedFunc(maps.Keys(limits), func(a, b string) int {
		return cmp.Compare(slices.Index(Weights, a), slices.Index(Weights, b))
	})
}

// HoldKind is what the hold of a budget is called.
func HoldKind(budget string) string {
	if budget == Privileged {
		return "privileged"
	}
	return budget
}

// LimitOf is the limit of a budget by the policy.
func LimitOf(s policy.Safety, budget string) policy.Limit {
	switch budget {
	case Contain, Respond:
		return s.Contain
	case Reactivate:
		return s.Reactivate
	case Remove:
		return s.Remove
	case Privileged:
		return s.GrantPrivileged
	case Join:
		return s.Join
	case Delete:
		return s.Delete
	case Grant:
		return s.Grant
	case Group:
		return s.Group
	case Profile:
		return s.Profile
	}
	return policy.Limit{}
}
