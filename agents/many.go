package agents

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// crowd are the people behind some OneLogin accounts, each with all that they have: a rule about one account of theirs holds for all.
type crowd struct {
	// of are they by key, and whose the accounts by id.
	of    map[string]known
	whose map[string]string
	// strangers counts the accounts that the inventory does not have. Who they are nobody can judge, so that they are not shown.
	strangers int
}

// crowdOf reads who stands behind accounts, in a few statements however many there are.
func (a *asked) crowdOf(ctx context.Context, ids []string) (crowd, error) {
	c := crowd{of: map[string]known{}, whose: make(map[string]string, len(ids))}
	books := a.Ledger.Inventory()
	accounts, err := books.AccountDocuments(ctx, identity.SystemOneLogin, ids)
	if err != nil {
		return c, err
	}
	var keys []string
	for _, account := range accounts {
		key := identity.SystemOneLogin + "-" + account.Ref.ID
		if account.Belongs() {
			key = account.Person
			keys = append(keys, key)
		} else {
			c.of[key] = known{Key: key, Accounts: []inventory.Account{account}}
		}
		c.whose[account.Ref.ID] = key
	}
	c.strangers = len(ids) - len(c.whose)
	slices.Sort(keys)
	return c, a.people(ctx, slices.Compact(keys), c.of)
}

// people reads people of the ledger, with their accounts and the roles of these.
func (a *asked) people(ctx context.Context, keys []string, into map[string]known) error {
	some, err := a.Ledger.People().Some(ctx, keys)
	if err != nil {
		return err
	}
	books := a.Ledger.Inventory()
	theirs, err := books.AccountsOfPeople(ctx, keys)
	if err != nil {
		return err
	}
	here, err := a.Ledger.WorkHere(ctx, slices.Collect(maps.Values(some.People))...)
	if err != nil {
		return err
	}
	for _, key := range keys {
		k := known{Key: key, Employed: here[key], Accounts: theirs[key]}
		k.Dossier.Person = some.People[key]
		into[key] = k
	}
	var ids []string
	for _, k := range into {
		for _, account := range k.Accounts {
			if account.Ref.System == identity.SystemOneLogin {
				ids = append(ids, account.Ref.ID)
			}
		}
	}
	roles, err := books.RolesOf(ctx, identity.SystemOneLogin, ids)
	if err != nil {
		return err
	}
	for _, k := range into {
		for i, account := range k.Accounts {
			if account.Ref.System == identity.SystemOneLogin {
				k.Accounts[i].Roles = roles[account.Ref.ID]
			}
		}
	}
	return nil
}

// visible judges everybody and leaves those whom the agent may know of.
func (a *asked) visible(c crowd) (map[string]known, error) {
	seen := map[string]known{}
	for _, key := range slices.Sorted(maps.Keys(c.of)) {
		allowed, err := a.judge(a.target(c.of[key]))
		if err != nil {
			return nil, err
		}
		if allowed {
			seen[key] = c.of[key]
		}
	}
	return seen, nil
}

// oneNamed finds the role, group or app that is meant, by its name or id. What conditions see is the name that it has.
func (a *asked) oneNamed(ctx context.Context, kind inventory.CatalogKind, nameOrID string) (inventory.Named, error) {
	at, err := a.Ledger.Inventory().CatalogReadAt(ctx, identity.SystemOneLogin)
	if err != nil {
		return inventory.Named{}, err
	}
	what := string(kind)
	if at.IsZero() {
		return inventory.Named{}, wrong("the " + what + "s of OneLogin were never read, so that nothing is known of them yet: try again after the next sweep")
	}
	found, err := a.Ledger.Inventory().Named(ctx, identity.SystemOneLogin, kind, strings.TrimSpace(nameOrID))
	switch {
	case err != nil:
		return inventory.Named{}, err
	case len(found) == 0:
		return inventory.Named{}, wrong("OneLogin had no " + what + " of this name or id at " + stamp(at))
	case len(found) > 1:
		return inventory.Named{}, wrong("several " + what + "s have this name: name one by its id")
	}
	return found[0], nil
}
