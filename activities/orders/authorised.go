package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/policy"
)

// Authorised carries out lists that two people have approved ahead.
type Authorised struct {
	Ledger *ledger.Ledger
	Orders *Orders
	Launch api.Launcher
	Policy func() *policy.Policy
	Clock  func() time.Time
	// Paging says that somebody can be woken.
	Paging bool
}

// Carry carries a list out if two people have approved it, nobody has withdrawn it and its moment has come, and says how it
// stands. Repeating it does nothing twice: each order has an id of its own.
func (a *Authorised) Carry(ctx context.Context, in api.AuthorisedInput) (api.AuthorisedState, error) {
	found, err := a.Ledger.Budgets().Authorised(ctx, in.ID)
	if err != nil {
		return api.AuthorisedState{}, err
	}
	if in.ID == "" || len(found) == 0 {
		return api.AuthorisedState{}, step.NonRetryable(api.ErrInvalid, fmt.Sprintf("there is no authorised list %q", in.ID))
	}
	list := found[0]
	state := api.AuthorisedState{
		Source: list.Source, Kind: list.Kind, People: list.People, Withdrawn: !list.WithdrawnAt.IsZero(), Done: !list.DoneAt.IsZero(), Pages: a.Paging,
	}
	state.Approvals = a.approvals(list)
	if list.Over() || state.Approvals < 2 || list.DueAt.After(a.Clock()) {
		return state, nil
	}
	listed, err := a.Ledger.Budgets().AuthorisedPeople(ctx, in.ID)
	if err != nil {
		return state, err
	}
	if err := a.makeRoom(ctx, list, listed); err != nil {
		return state, err
	}
	var failed error
	for i, key := range listed {
		// One who cannot be told now does not stop the others; the attempt that follows tells all of them once more.
		failed = errors.Join(failed, a.tell(ctx, list, key))
		step.Beat(ctx, i)
	}
	if failed != nil {
		return state, failed
	}
	state.Done = true
	return state, a.Ledger.Budgets().ListDone(ctx, in.ID)
}

// approvals counts those who have approved a list and still may. Where the policy names deciders that is whom it names now.
func (a *Authorised) approvals(list budgets.Authorised) (n int) {
	listed := a.Policy().Deciders()
	for _, each := range []struct {
		by     string
		at     time.Time
		signed bool
	}{{list.First, list.FirstAt, list.FirstSigned}, {list.Second, list.SecondAt, list.SecondSigned}} {
		may := len(listed) == 0 || each.signed && slices.ContainsFunc(listed, func(d policy.Decider) bool {
			return identity.BareAddress(d.Address) == identity.BareAddress(each.by) && d.MayAbout(policy.MayList)
		})
		if !each.at.IsZero() && may {
			n++
		}
	}
	return n
}

// makeRoom has the budgets let everybody of a list through without taking room from anybody else.
func (a *Authorised) makeRoom(ctx context.Context, list budgets.Authorised, listed []string) error {
	drawnOn := []string{budgeting.Contain}
	if list.Kind == api.AuthoriseMove {
		drawnOn = []string{budgeting.Remove, budgeting.Grant, budgeting.Group, budgeting.Profile}
	}
	keys := make([]string, len(listed))
	for i, key := range listed {
		keys[i] = key + "/0/authorised-" + list.ID
		if list.Kind != api.AuthoriseContain {
			continue
		}
		d, _, err := a.Ledger.Dossier(ctx, key)
		if err != nil {
			return err
		}
		keys[i] = budgeting.Key(budgeting.Contain, d.Person.Key, d.Person.Departing(), "")
	}
	for _, budget := range drawnOn {
		if _, err := a.Ledger.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: budgeting.OfSource(budget, list.Source), Keys: keys, Override: true, Foreseen: true, At: a.Clock(), By: list.First + " and " + list.Second,
		}); err != nil {
			return err
		}
	}
	return nil
}

// tell orders what the list says about one person, or has them looked at.
func (a *Authorised) tell(ctx context.Context, list budgets.Authorised, key string) error {
	hint := api.Hint{Source: "operator", Cause: "authorised"}
	if list.Kind == api.AuthoriseMove {
		_, err := a.Launch.Send(ctx, key, hint)
		return err
	}
	_, err := a.Orders.Give(ctx, api.GiveOrder{Hint: hint, Order: identity.Order{
		ID: strings.Join([]string{"authorised", list.ID, key}, "/"), Key: key, Kind: identity.OrderContain,
		By: list.First + " and " + list.Second, Reason: list.Reason, At: list.DueAt,
	}})
	return err
}
