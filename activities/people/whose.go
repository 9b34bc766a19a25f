package people

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy/match"
)

// OwnerOf is the key under which a person is looked at: the one given, or the one it stands for.
func OwnerOf(ctx context.Context, l *ledger.Ledger, key string) (string, error) {
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
	source, id, err := identity.SplitKey(key)
	if err != nil {
		return "", step.NonRetryable(api.ErrInvalid, err.Error())
	}
	if source == identity.SourceAccount {
		account, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return "", step.NonRetryable(api.ErrInvalid, fmt.Sprintf("%q does not end in a OneLogin user id", key))
		}
		row, found, err := l.Inventory().Account(ctx, identity.OneLoginRef(account))
		if err != nil || !found || !row.Belongs() {
			return key, err
		}
		return row.Person, nil
	}
	owner, linked, err := l.People().Resolve(ctx, source, id)
	if err != nil || !linked {
		return key, err
	}
	return owner, nil
}

// KeyOfAccount returns the key under which an account is dealt with: its person's, if it is the one on record for them or,
// where none is, certainly theirs; else onelogin-<id>, which stands for the account alone. It changes nothing. What is
// decided about an account by that key is done to this account and to no other.
func (p *Person) KeyOfAccount(ctx context.Context, accountID int64) (string, error) {
	if accountID <= 0 {
		return "", fmt.Errorf("%d is no OneLogin user id", accountID)
	}
	bare := identity.BareKey(accountID)
	row, found, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(accountID))
	if err != nil {
		return "", err
	}
	if found && row.Belongs() && row.Person != bare {
		if row.Use == identity.UsePrimary {
			return row.Person, nil
		}
		return bare, nil
	}
	u, there, err := Existing(ctx, p.OneLogin, accountID)
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

// MayBe lists the keys of everybody whom an account may be the account of: whom it is on record for, and whom its external
// id names. It is for questions where a possibility is reason enough to say no.
func (p *Person) MayBe(ctx context.Context, accountID int64) ([]string, error) {
	keys := []string{identity.BareKey(accountID)}
	row, found, err := p.Ledger.Inventory().Account(ctx, identity.OneLoginRef(accountID))
	if err != nil {
		return nil, err
	}
	if found && row.Belongs() {
		keys = append(keys, row.Person)
	}
	u, there, err := Existing(ctx, p.OneLogin, accountID)
	if err != nil || !there {
		return keys, err
	}
	named, err := p.keyOfExternalID(ctx, u.ExternalID, keys[0])
	return append(keys, named), err
}

// onlyAccountOf reports that an account which is on record for nobody is certainly that of a person who has none.
func (p *Person) onlyAccountOf(ctx context.Context, key string, u onelogin.User, row inventory.Account) (bool, error) {
	d, found, err := p.Ledger.Dossier(ctx, key)
	if err != nil || d.Person.AccountID != 0 {
		return false, err
	}
	if !found || len(d.Links) == 0 {
		source, id, err := identity.SplitKey(key)
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
	account, err := p.describe(ctx, u, persons.Person{})
	if err != nil {
		return false, err
	}
	tied, err := p.Tie(ctx, pol, h, *account, row)
	// An external id alone is whatever somebody typed: what is done about this account must not be done to another one.
	agrees := slices.Contains(tied.Reasons, match.ReasonName) || slices.Contains(tied.Reasons, match.ReasonWorkAddress)
	return tied.Tie == match.TieCertain && agrees, err
}

// keyOfExternalID reads an external id backwards. One that could be several people's names nobody.
func (p *Person) keyOfExternalID(ctx context.Context, externalID, otherwise string) (string, error) {
	keys := map[string]bool{}
	for _, read := range p.Policy().ReadExternalID(externalID) {
		switch {
		case read.Key != "":
			if source, _, err := identity.SplitKey(read.Key); err != nil || source == identity.SourceAccount {
				continue
			}
			owner, err := OwnerOf(ctx, p.Ledger, read.Key)
			if err != nil {
				return "", err
			}
			keys[owner] = true
		case read.EmployeeID != "":
			for source := range p.Sources {
				if read.Source != "" && read.Source != source {
					continue
				}
				owner, linked, err := p.Ledger.People().Resolve(ctx, source, read.EmployeeID)
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

// EmailOf returns the address of the account of a person, "" if they have no account that is in use.
func (p *Person) EmailOf(ctx context.Context, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	id, err := p.AccountOfKey(ctx, key)
	if err != nil || id == 0 {
		return "", err
	}
	u, err := p.OneLogin.User(ctx, id)
	if step.IsNotFound(err) {
		return "", nil
	}
	if err != nil || identity.AccountStatus(u.Status) != identity.AccountActive {
		return "", err
	}
	return u.Email, nil
}

// KeyOf returns the person behind an address: the one whose account has it and is in use. Two accounts with one address
// are nobody, because a decision must be somebody's.
func (p *Person) KeyOf(ctx context.Context, email string) (key string, accountID int64, err error) {
	users, err := p.OneLogin.UsersByEmail(ctx, email)
	if err != nil {
		return "", 0, err
	}
	var found []int64
	for _, u := range users {
		if identity.AccountStatus(u.Status) == identity.AccountActive {
			found = append(found, u.ID)
		}
	}
	if len(found) != 1 {
		return "", 0, nil
	}
	key, err = p.KeyOfAccount(ctx, found[0])
	return key, found[0], err
}
