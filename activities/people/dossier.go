package people

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
)

// dossier loads what the ledger knows, and makes the person known to it. A record that belongs to another person's key
// is forwarded there.
func (p *Person) dossier(ctx context.Context, key string) (ledger.Dossier, string, error) {
	d, found, err := p.Ledger.Dossier(ctx, key)
	if err != nil {
		return ledger.Dossier{}, "", err
	}
	if found && d.Person.Forward != "" {
		return d, d.Person.Forward, nil
	}
	source, id, err := identity.SplitKey(key)
	if err != nil {
		return ledger.Dossier{}, "", step.NonRetryable(api.ErrInvalid, err.Error())
	}
	known := len(d.Links) > 0 || (source == identity.SourceAccount && d.Person.AccountID != 0)
	if found && known {
		return d, "", nil
	}
	if p.dry {
		return p.dryDossier(ctx, d, key, source, id)
	}
	if !found && source != identity.SourceAccount {
		link, fresh, err := p.Ledger.People().AdmitNew(ctx, key, source, id)
		if err != nil || fresh {
			return d.Admitted(link), "", err
		}
	}
	owner, err := p.admit(ctx, key, source, id)
	if err == nil && owner != "" && source == identity.SourceAccount && ContainOrder(d.Orders, p.Clock()) == nil {
		// What is ordered about somebody's further account is about that account. Only the end of all access covers the human.
		apart, err := p.apart(ctx, owner, key)
		if err != nil || apart {
			return d, "", err
		}
	}
	if err != nil || owner != "" {
		return d, owner, errors.Join(err, p.moveOrders(ctx, key, owner))
	}
	d, _, err = p.Ledger.Dossier(ctx, key)
	return d, d.Person.Forward, err
}

// apart reports that an account's key names an account of a person that is not their primary one.
func (p *Person) apart(ctx context.Context, owner, key string) (bool, error) {
	d, _, err := p.Ledger.Dossier(ctx, owner)
	return err == nil && identity.BareKey(d.Person.AccountID) != key, err
}

// dryDossier is the dossier that admit would have led to.
func (p *Person) dryDossier(ctx context.Context, d ledger.Dossier, key, source, id string) (ledger.Dossier, string, error) {
	d.Person.Key = key
	if source == identity.SourceAccount {
		return d, "", nil
	}
	owner, linked, err := p.Ledger.People().Resolve(ctx, source, id)
	if err != nil || (linked && owner != key) {
		return d, owner, err
	}
	now := p.Clock()
	d.Links = []persons.Link{{Source: source, EmployeeID: id, Key: key, FirstSeen: now}}
	return d, "", nil
}

// admit makes a person known. Owner is the key of another person whom the record or the account belongs to.
func (p *Person) admit(ctx context.Context, key, source, id string) (owner string, err error) {
	if source == identity.SourceAccount {
		account, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return "", step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%q does not end in a OneLogin user id", key))
		}
		err = p.Ledger.Inventory().SetAccount(ctx, key, account, false)
		var taken inventory.ErrAccountTaken
		if errors.As(err, &taken) {
			return taken.Key, nil
		}
		return "", err
	}
	_, err = p.Ledger.People().Admit(ctx, key, source, id, persons.Digests{})
	var elsewhere persons.ErrLinkedElsewhere
	if errors.As(err, &elsewhere) {
		return elsewhere.Key, nil
	}
	return "", err
}

// moveOrders hands orders over to the person they are really about.
func (p *Person) moveOrders(ctx context.Context, from, to string) error {
	if to == "" {
		return nil
	}
	return p.Ledger.Orders().Move(ctx, from, to)
}
