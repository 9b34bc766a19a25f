package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
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

// byGatehouse is who closes an order that was carried out.
const byGatehouse = "gatehouse"

// Give records an order under the caller's id and hints the person. Repeating it changes nothing more: an order that is
// over stays so, and the person is only looked at again. An id that stands for an order about somebody else is refused.
func (o *Orders) Give(ctx context.Context, in api.GiveOrder) (api.OrderGiven, error) {
	given, err := o.give(ctx, in)
	return given, fail(err)
}

func (o *Orders) give(ctx context.Context, in api.GiveOrder) (api.OrderGiven, error) {
	if err := in.Order.Validate(); err != nil {
		return api.OrderGiven{}, final(api.ErrInvalid, "order "+in.Order.ID+": "+oneLine(err))
	}
	if _, _, err := SplitKey(in.Order.Key); err != nil {
		return api.OrderGiven{}, final(api.ErrInvalid, "order "+in.Order.ID+": "+err.Error())
	}
	if err := o.mayHold(in.Order, in.Order.By); err != nil {
		return api.OrderGiven{}, err
	}
	if err := o.mayGrant(in.Order); err != nil {
		return api.OrderGiven{}, err
	}
	asked := in.Order.Key
	owner, err := ownerOf(ctx, o.Ledger, asked)
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
	if err := o.Ledger.PutSignedOrder(ctx, in.Order, proof); err != nil {
		return api.OrderGiven{}, err
	}
	stored, found, err := o.Ledger.OrderByID(ctx, in.Order.ID)
	if err != nil {
		return api.OrderGiven{}, err
	}
	if found && stored.Key != owner && stored.Key != asked {
		// It may have been given under a key that stands for this person by now.
		now, err := ownerOf(ctx, o.Ledger, stored.Key)
		if err != nil {
			return api.OrderGiven{}, err
		}
		if now != owner {
			return api.OrderGiven{}, final(api.ErrConflict, "order "+in.Order.ID+" is about another person: choose an id of its own for each order")
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
		return final(api.ErrInvalid, "order "+order.ID+": only those whom deciders.hold in policy.yaml names give and release hold orders: have one of "+
			"them do it, with --by and their e-mail address")
	}
	return nil
}

// mayGrant refuses an order for a role that the catalogue has rules give, and nobody else.
func (o *Orders) mayGrant(order identity.Order) error {
	for _, role := range order.Roles {
		if order.Kind == identity.OrderGrant && o.Requestable != nil && !o.Requestable(role) {
			return final(api.ErrInvalid, fmt.Sprintf("order %s: role %q is not requestable by roles in policy.yaml: have a rule give it, "+
				"or have its entry say requestable: true", order.ID, role))
		}
	}
	return nil
}

// actsOn is the key of an order that names an account: the owner's if it is the one on record for them, else the
// account's own, because only a contain order covers every account of a human.
func (o *Orders) actsOn(ctx context.Context, asked, owner string) (string, error) {
	if source, _, err := SplitKey(asked); err != nil || source != sourceAccount {
		return owner, nil
	}
	d, _, err := o.Ledger.Dossier(ctx, owner)
	if err == nil && bareKey(d.Person.AccountID) != asked {
		return asked, nil
	}
	return owner, err
}

// Release ends an order and hints the person, so that what it held back goes on. Repeating it changes nothing.
func (o *Orders) Release(ctx context.Context, in api.ReleaseOrder) (api.OrderReleased, error) {
	released, err := o.release(ctx, in)
	return released, fail(err)
}

func (o *Orders) release(ctx context.Context, in api.ReleaseOrder) (api.OrderReleased, error) {
	if in.ID == "" || in.By == "" {
		return api.OrderReleased{}, final(api.ErrInvalid, "releasing an order needs its id and \"by\": who decides?")
	}
	stored, found, err := o.Ledger.OrderByID(ctx, in.ID)
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
	released, err := o.Ledger.ReleaseSignedOrder(ctx, in.ID, in.By, in.Reason, proof)
	if err != nil {
		return api.OrderReleased{}, err
	}
	owner, err := ownerOf(ctx, o.Ledger, stored.Key)
	if err != nil {
		return api.OrderReleased{}, err
	}
	// An attempt that released it may not have got to the hint.
	_, err = o.Launch.Send(ctx, owner, api.Hint{Source: "order", Cause: "release"})
	return api.OrderReleased{Released: released}, err
}

// Close ends a response with what was done. It hints nobody: the person's own run closes it.
func (o *Orders) Close(ctx context.Context, in api.CloseOrder) (api.OrderReleased, error) {
	closed, err := o.Ledger.ReleaseOrder(ctx, in.ID, byGatehouse, in.Outcome)
	return api.OrderReleased{Released: closed}, fail(err)
}

// OwnerOf is the key under which a person is assessed: the one given, or the one it stands for.
func OwnerOf(ctx context.Context, l *ledger.Ledger, key string) (string, error) {
	return ownerOf(ctx, l, key)
}

// ownerOf is the key under which a person is looked at: the one given, or the one it stands for.
func ownerOf(ctx context.Context, l *ledger.Ledger, key string) (string, error) {
	d, _, err := l.Dossier(ctx, key)
	if err != nil {
		return "", err
	}
	if d.Person.Forward != "" {
		return d.Person.Forward, nil
	}
	if len(d.Links) > 0 {
		return key, nil
	}
	source, id, err := SplitKey(key)
	if err != nil {
		return "", final(api.ErrInvalid, err.Error())
	}
	if source == sourceAccount {
		account, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return "", final(api.ErrInvalid, fmt.Sprintf("%q does not end in a OneLogin user id", key))
		}
		row, found, err := l.Account(ctx, identity.OneLoginRef(account))
		if err != nil || !found || !row.Belongs() {
			return key, err
		}
		return row.Person, nil
	}
	owner, linked, err := l.Resolve(ctx, source, id)
	if err != nil || !linked {
		return key, err
	}
	return owner, nil
}

// oneLine puts several problems into one sentence.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// KeyOfAccount returns the key under which an account is dealt with: its person's, if it is the one on record for them or,
// where none is, certainly theirs; else onelogin-<id>, which stands for the account alone. It changes nothing. What is
// decided about an account by that key is done to this account and to no other.
func (p *Person) KeyOfAccount(ctx context.Context, accountID int64) (string, error) {
	if accountID <= 0 {
		return "", fmt.Errorf("%d is no OneLogin user id", accountID)
	}
	bare := bareKey(accountID)
	row, found, err := p.Ledger.Account(ctx, identity.OneLoginRef(accountID))
	if err != nil {
		return "", err
	}
	if found && row.Belongs() && row.Person != bare {
		if row.Use == identity.UsePrimary {
			return row.Person, nil
		}
		return bare, nil
	}
	u, there, err := existing(ctx, p.OneLogin, accountID)
	if err != nil || !there {
		return bare, err
	}
	key, err := p.keyOfExternalID(ctx, u.ExternalID, bare)
	if err != nil || key == bare {
		return bare, err
	}
	theirs, err := p.onlyAccountOf(ctx, key, u, row)
	if err != nil || !theirs {
		return bare, err
	}
	return key, nil
}

// mayBe lists the keys of everybody whom an account may be the account of: whom it is on record for, and whom its external
// id names. It is for questions where a possibility is reason enough to say no.
func (p *Person) mayBe(ctx context.Context, accountID int64) ([]string, error) {
	keys := []string{bareKey(accountID)}
	row, found, err := p.Ledger.Account(ctx, identity.OneLoginRef(accountID))
	if err != nil {
		return nil, err
	}
	if found && row.Belongs() {
		keys = append(keys, row.Person)
	}
	u, there, err := existing(ctx, p.OneLogin, accountID)
	if err != nil || !there {
		return keys, err
	}
	named, err := p.keyOfExternalID(ctx, u.ExternalID, keys[0])
	return append(keys, named), err
}

// onlyAccountOf reports that an account which is on record for nobody is certainly that of a person who has none.
func (p *Person) onlyAccountOf(ctx context.Context, key string, u onelogin.User, row ledger.Account) (bool, error) {
	d, found, err := p.Ledger.Dossier(ctx, key)
	if err != nil || d.Person.AccountID != 0 {
		return false, err
	}
	if !found || len(d.Links) == 0 {
		source, id, err := SplitKey(key)
		if err != nil {
			return false, nil // An external id that names no HR source names nobody.
		}
		if d, _, err = p.dryDossier(ctx, d, key, source, id); err != nil {
			return false, err
		}
	}
	pol := p.Policy()
	h, _, err := p.asKnown(ctx, pol, &d)
	if err != nil {
		return false, err
	}
	account, err := p.describe(ctx, u, ledger.Person{})
	if err != nil {
		return false, err
	}
	tied, err := p.tie(ctx, pol, h, *account, row)
	// An external id alone is whatever somebody typed: what is done about this account must not be done to another one.
	agrees := slices.Contains(tied.Reasons, policy.ReasonName) || slices.Contains(tied.Reasons, policy.ReasonWorkAddress)
	return tied.Tie == policy.TieCertain && agrees, err
}

// keyOfExternalID reads an external id backwards. One that could be several people's names nobody.
func (p *Person) keyOfExternalID(ctx context.Context, externalID, otherwise string) (string, error) {
	keys := map[string]bool{}
	for _, read := range p.Policy().ReadExternalID(externalID) {
		switch {
		case read.Key != "":
			if source, _, err := SplitKey(read.Key); err != nil || source == sourceAccount {
				continue
			}
			owner, err := ownerOf(ctx, p.Ledger, read.Key)
			if err != nil {
				return "", err
			}
			keys[owner] = true
		case read.EmployeeID != "":
			for source := range p.Sources {
				if read.Source != "" && read.Source != source {
					continue
				}
				owner, linked, err := p.Ledger.Resolve(ctx, source, read.EmployeeID)
				if err != nil {
					return "", err
				}
				if linked {
					keys[owner] = true
				}
			}
		}
	}
	if len(keys) != 1 {
		return otherwise, nil
	}
	for key := range keys {
		otherwise = key
	}
	return otherwise, nil
}
