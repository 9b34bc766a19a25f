package lifecycle

import (
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// shown is the state with what proves it: what the latest assessment read, and what was done since that the ledger does
// not have yet. It holds no personal data.
func (r *run) shown() api.State {
	out := r.State
	if a := r.latest; !r.seenAt.IsZero() && a.ForwardTo == "" {
		out.Seen = &api.Seen{
			At: r.seenAt, Verdict: a.Plan.Verdict, Contain: orderID(a.Order), Suspend: orderID(a.Suspend),
			Reach: a.Reach, Searched: len(a.Searched) > 0,
		}
		if a.Account != nil {
			out.Seen.Accounts = append(out.Seen.Accounts, seenAccount(*a.Account))
		}
		for _, other := range a.Others {
			out.Seen.Accounts = append(out.Seen.Accounts, seenAccount(other))
		}
	}
	out.Systems = r.systemsShown()
	out.Unrecorded = stepsDone(r.evidence.unrecorded(), r.assessment.Account)
	return out
}

// earlier is the earlier of two moments of which the clocks may differ.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func orderID(o *identity.Order) string {
	if o == nil {
		return ""
	}
	return o.ID
}

func seenAccount(a identity.Account) api.SeenAccount {
	return api.SeenAccount{Ref: identity.OneLoginRef(a.ID), Status: a.Status.String()}
}

// stepsDone lists facts as steps. A step whose name does not end in an account is about the one that a fact before it
// has shown, or about the one that the assessment found.
func stepsDone(facts []api.Fact, found *identity.Account) []api.StepDone {
	var out []api.StepDone
	var about *identity.Ref
	if found != nil {
		ref := identity.OneLoginRef(found.ID)
		about = &ref
	}
	for _, f := range facts {
		if ref, ok := accountOf(f.Before); ok {
			about = &ref
		}
		done := api.StepDone{Step: f.Step, Outcome: api.Tell(f.Step, f.Outcome, left(f.After)), At: f.Finished}
		if strings.HasPrefix(f.Step, "onelogin.") {
			done.Account = about
		}
		if _, named, ok := strings.Cut(f.Step, "@"); ok {
			if ref, err := identity.ParseRef(named); err == nil {
				done.Account = &ref
			}
		}
		out = append(out, done)
	}
	return out
}

// left reads what a step left of an account.
func left(state any) api.AccountState {
	switch s := state.(type) {
	case api.AccountState:
		return s
	case *api.AccountState:
		if s != nil {
			return *s
		}
	case map[string]any:
		gone, _ := s["gone"].(bool)
		status, _ := s["status"].(string)
		return api.AccountState{Gone: gone, Status: status}
	}
	return api.AccountState{}
}

// accountOf reads which account a state is of: a fact that has travelled to another run is plain JSON.
func accountOf(state any) (identity.Ref, bool) {
	switch s := state.(type) {
	case *identity.Account:
		if s != nil {
			return identity.OneLoginRef(s.ID), true
		}
	case map[string]any:
		if id, ok := s["id"].(float64); ok && id > 0 {
			return identity.OneLoginRef(int64(id)), true
		}
	}
	return identity.Ref{}, false
}
