package salesforce

import (
	"fmt"
	"slices"
)

// Order is what somebody does in the org by hand, or what happens to it.
type Order struct {
	// Action is add, edit, vanish, hold, freeze, lock, sign_in, licences, taken, end_sessions or used.
	Action string `json:"action"`
	// ID and Username name a user.
	ID       string `json:"id"`
	Username string `json:"username"`
	// Person is for add, Fields for edit.
	Person Person         `json:"person"`
	Fields map[string]any `json:"fields"`
	// Why is what the org needs a user for, for hold. Nothing lets go of them.
	Why []string `json:"why"`
	// Times is how many writes find the user's row locked, for lock; how many requests are used up, for used; and how many licences
	// there are of the name in Licence.
	Times   int    `json:"times"`
	Licence string `json:"licence"`
}

// Hand carries out an order. It returns the id of a user who was added, or why a sign-in was refused.
func (s *Salesforce) Hand(o Order) (result string, err error) {
	switch o.Action {
	case "add":
		return s.AddUser(o.Person)
	case "edit":
		return o.ID, s.Edit(o.ID, o.Fields)
	case "vanish":
		s.Vanish(o.ID)
	case "hold":
		return "", s.Hold(o.Username, o.Why...)
	case "freeze":
		return "", s.Freeze(o.ID)
	case "lock":
		return "", s.Lock(o.Username, o.Times)
	case "sign_in":
		return s.SignIn(o.Username)
	case "licences":
		return "", s.SetLicences(o.Licence, o.Times)
	case "taken":
		s.TakeElsewhere(o.Username)
	case "end_sessions":
		s.EndSessions()
	case "used":
		s.SetUsed(o.Times)
	default:
		return "", fmt.Errorf("salesforce: the action is %q; it can be add, edit, vanish, hold, freeze, lock, sign_in, licences, taken, end_sessions or used", o.Action)
	}
	return "", nil
}

// Overview is the org as a page shows it, with the users who changed last first. It has none before anybody asked the org.
func (s *Salesforce) Overview(users int) State {
	out := s.State()
	if out.Used == 0 {
		return State{Users: []UserState{}, Licences: []LicenceState{}}
	}
	slices.SortStableFunc(out.Users, func(a, b UserState) int { return b.Changed.Compare(a.Changed) })
	out.Users = out.Users[:min(users, len(out.Users))]
	return out
}
