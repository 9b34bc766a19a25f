package activities

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/ledger"
)

// Orders gives and ends orders. Whoever wants something done to a person records it here; only the person's run does it.
type Orders struct {
	Ledger *ledger.Ledger
	Launch api.Launcher
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
	asked := in.Order.Key
	owner, err := ownerOf(ctx, o.Ledger, asked)
	if err != nil {
		return api.OrderGiven{}, err
	}
	in.Order.Key = owner
	if err := o.Ledger.PutOrder(ctx, in.Order); err != nil {
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
	released, err := o.Ledger.ReleaseOrder(ctx, in.ID, in.By, in.Reason)
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
		owner, found, err := l.PersonByAccount(ctx, account)
		if err != nil || !found {
			return key, err
		}
		return owner, nil
	}
	owner, linked, err := l.Resolve(ctx, source, id)
	if err != nil || !linked {
		return key, err
	}
	return owner, nil
}

// oneLine puts several problems into one sentence.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// KeyOfAccount returns the key of the person behind an account: whom the ledger has it on record for, else whom its
// external id names by the policy's formats, else onelogin-<id>, which stands for an account without a person. It
// changes nothing. An account that no longer exists has the last kind of key.
func (p *Person) KeyOfAccount(ctx context.Context, accountID int64) (string, error) {
	if accountID <= 0 {
		return "", fmt.Errorf("%d is no OneLogin user id", accountID)
	}
	bare := fmt.Sprintf("%s-%d", sourceAccount, accountID)
	owner, found, err := p.Ledger.PersonByAccount(ctx, accountID)
	if err != nil || found && owner != bare {
		return owner, err
	}
	u, err := p.OneLogin.User(ctx, accountID)
	if gone(err) {
		return bare, nil
	}
	if err != nil {
		return "", err
	}
	return p.keyOfExternalID(ctx, u.ExternalID, bare)
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
