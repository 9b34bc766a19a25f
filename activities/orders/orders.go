package orders

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
)

// Orders gives and ends orders. Whoever wants something done to a person records it here; only the person's run does it.
type Orders struct {
	Ledger *ledger.Ledger
	// HoldDeciders are who may give and release hold orders, by the policy; nil is nobody.
	HoldDeciders func() []string
	// Requestable says which roles an order may give, by the policy's catalogue; nil is all.
	Requestable func(role string) bool
	Launch      api.Launcher
}

// Give records an order under the caller's id and hints the person. Repeating it changes nothing more: an order that is
// over stays so, and the person is only looked at again. An id that stands for an order about somebody else is refused.
func (o *Orders) Give(ctx context.Context, in api.GiveOrder) (api.OrderGiven, error) {
	if err := in.Order.Validate(); err != nil {
		return api.OrderGiven{}, step.NonRetryable(api.ErrInvalid, "order "+in.Order.ID+": "+oneLine(err))
	}
	if _, _, err := identity.SplitKey(in.Order.Key); err != nil {
		return api.OrderGiven{}, step.NonRetryable(api.ErrInvalid, "order "+in.Order.ID+": "+err.Error())
	}
	if err := o.mayHold(in.Order, in.Order.By); err != nil {
		return api.OrderGiven{}, err
	}
	if err := o.mayGrant(in.Order); err != nil {
		return api.OrderGiven{}, err
	}
	asked := in.Order.Key
	owner, err := people.OwnerOf(ctx, o.Ledger, asked)
	if err != nil {
		return api.OrderGiven{}, err
	}
	if owner != asked && in.Order.Kind != identity.OrderContain {
		if owner, err = o.actsOn(ctx, asked, owner); err != nil {
			return api.OrderGiven{}, err
		}
	}
	in.Order.Key = owner
	proof, err := proofText(in.Proof)
	if err != nil {
		return api.OrderGiven{}, err
	}
	if err := o.Ledger.Orders().PutSigned(ctx, in.Order, proof); err != nil {
		return api.OrderGiven{}, err
	}
	stored, found, err := o.Ledger.Orders().ByID(ctx, in.Order.ID)
	if err != nil {
		return api.OrderGiven{}, err
	}
	if found && stored.Key != owner && stored.Key != asked {
		// It may have been given under a key that stands for this person by now.
		now, err := people.OwnerOf(ctx, o.Ledger, stored.Key)
		if err != nil {
			return api.OrderGiven{}, err
		}
		if now != owner {
			return api.OrderGiven{}, step.NonRetryable(api.ErrConflict, "order "+in.Order.ID+" is about another person: choose an id of its own for each order")
		}
	}
	_, err = o.Launch.Send(ctx, owner, in.Hint)
	return api.OrderGiven{ID: in.Order.ID, Key: owner}, err
}

// proofText is a proof as the ledger keeps it, nil for none.
func proofText(p *api.Proof) ([]byte, error) {
	if p == nil {
		return nil, nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write down who has decided: %w", err)
	}
	return text, nil
}

// mayHold refuses a hold order, or its end, by anybody who is not named for that.
func (o *Orders) mayHold(order identity.Order, by string) error {
	if order.Kind != identity.OrderHold {
		return nil
	}
	var named []string
	if o.HoldDeciders != nil {
		named = o.HoldDeciders()
	}
	if !slices.ContainsFunc(named, func(d string) bool { return strings.EqualFold(d, by) }) {
		return step.NonRetryable(api.ErrInvalid, "order "+order.ID+": only those whom deciders.hold in policy.yaml names give and release hold orders: have one of "+
			"them do it, with --by and their e-mail address")
	}
	return nil
}

// mayGrant refuses an order for a role that the catalogue has rules give, and nobody else.
func (o *Orders) mayGrant(order identity.Order) error {
	for _, role := range order.Roles {
		if order.Kind == identity.OrderGrant && o.Requestable != nil && !o.Requestable(role) {
			return step.NonRetryable(api.ErrInvalid, fmt.Sprintf("order %s: role %q is not requestable by roles in policy.yaml: have a rule give it, "+
				"or have its entry say requestable: true", order.ID, role))
		}
	}
	return nil
}

// actsOn is the key of an order that names an account: the owner's if it is the one on record for them, else the
// account's own, because only a contain order covers every account of a human.
func (o *Orders) actsOn(ctx context.Context, asked, owner string) (string, error) {
	if source, _, err := identity.SplitKey(asked); err != nil || source != identity.SourceAccount {
		return owner, nil
	}
	d, _, err := o.Ledger.Dossier(ctx, owner)
	if err == nil && identity.BareKey(d.Person.AccountID) != asked {
		return asked, nil
	}
	return owner, err
}

// Release ends an order and hints the person, so that what it held back goes on. Repeating it changes nothing.
func (o *Orders) Release(ctx context.Context, in api.ReleaseOrder) (api.OrderReleased, error) {
	if in.ID == "" || in.By == "" {
		return api.OrderReleased{}, step.NonRetryable(api.ErrInvalid, "releasing an order needs its id and \"by\": who decides?")
	}
	stored, found, err := o.Ledger.Orders().ByID(ctx, in.ID)
	if err != nil || !found {
		return api.OrderReleased{}, err
	}
	if err := o.mayHold(stored.Order, in.By); err != nil {
		return api.OrderReleased{}, err
	}
	proof, err := proofText(in.Proof)
	if err != nil {
		return api.OrderReleased{}, err
	}
	released, err := o.Ledger.Orders().ReleaseSigned(ctx, in.ID, in.By, in.Reason, proof)
	if err != nil {
		return api.OrderReleased{}, err
	}
	owner, err := people.OwnerOf(ctx, o.Ledger, stored.Key)
	if err != nil {
		return api.OrderReleased{}, err
	}
	// An attempt that released it may not have got to the hint.
	_, err = o.Launch.Send(ctx, owner, api.Hint{Source: "order", Cause: "release"})
	return api.OrderReleased{Released: released}, err
}

// Close ends a response with what was done. It hints nobody: the person's own run closes it.
func (o *Orders) Close(ctx context.Context, in api.CloseOrder) (api.OrderReleased, error) {
	closed, err := o.Ledger.Orders().Release(ctx, in.ID, api.ByGatehouse, in.Outcome)
	return api.OrderReleased{Released: closed}, err
}

// oneLine puts several problems into one sentence.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
