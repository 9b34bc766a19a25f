package agents

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy/agent"
)

// known is somebody as the ledger has them.
type known struct {
	key     string
	dossier ledger.Dossier
	// accounts are theirs with what was read of them, the primary one first.
	accounts []inventory.Account
}

// stamp is an instant as agents read it, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// find returns everybody whom a query leads to, by key.
func (a *asked) find(ctx context.Context, query string) ([]known, error) {
	query = strings.TrimSpace(query)
	if query == "" || len(query) > 320 {
		return nil, wrong("say whom: a work address, a username, a full name, an employee id or a key, of at most 320 characters")
	}
	keys, err := a.keysOf(ctx, query)
	if err != nil {
		return nil, err
	}
	found := make([]known, 0, len(keys))
	for _, key := range keys {
		k, there, err := a.known(ctx, key)
		if err != nil {
			return nil, err
		}
		if there {
			found = append(found, k)
		}
	}
	return found, nil
}

func (a *asked) keysOf(ctx context.Context, query string) ([]string, error) {
	if source, _, err := identity.SplitKey(query); err == nil && source != "" {
		return []string{query}, nil
	}
	looks := []func(context.Context, string) ([]ledger.Known, error){a.Ledger.FindByAddress, a.Ledger.FindByNumber, a.Ledger.FindByName}
	var keys []string
	for _, look := range looks {
		found, err := look(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			if !slices.Contains(keys, k.Key) {
				keys = append(keys, k.Key)
			}
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// known reads somebody. A key of an account that nobody stands behind is the account's; by one that is somebody's, or may be, they are
// known as a whole.
func (a *asked) known(ctx context.Context, key string) (known, bool, error) {
	d, found, err := a.Ledger.Dossier(ctx, key)
	if err != nil {
		return known{}, false, err
	}
	k := known{key: key, dossier: d}
	if found && d.Person.Forward != "" {
		return a.known(ctx, d.Person.Forward)
	}
	if !found {
		id, bare := strings.CutPrefix(key, identity.SystemOneLogin+"-")
		if _, err := strconv.ParseInt(id, 10, 64); !bare || err != nil {
			return known{}, false, nil
		}
		account, there, err := a.Ledger.Inventory().Account(ctx, identity.Ref{System: identity.SystemOneLogin, ID: id})
		if err == nil && account.Person != "" && account.Person != key {
			return a.known(ctx, account.Person)
		}
		k.accounts = []inventory.Account{account}
		return k, there, err
	}
	for _, linked := range d.Accounts {
		account, there, err := a.Ledger.Inventory().Account(ctx, linked.Ref)
		if err != nil {
			return known{}, false, err
		}
		if there {
			account.As(d.Person.Key, d.Person.Episode, d.Person.AccountID)
			k.accounts = append(k.accounts, account)
		}
	}
	return k, true, nil
}

// target is what conditions see of somebody: of all their accounts together, so that no rule is passed by way of a second one.
func (a *asked) target(k known) agent.Target {
	t := agent.Target{Key: k.key, Kind: string(identity.KindPerson), Employed: k.dossier.Person.Employed}
	for i, account := range k.accounts {
		d := account.Document
		if i == 0 {
			t.Username, t.Email, t.Title, t.Department = d.Username, d.Email, d.Title, d.Department
			t.Company, t.Group, t.Status = d.Company, d.Group, account.Status.String()
			t.Kind = string(cmp.Or(account.Kind, identity.KindUnknown))
		}
		roles := slices.Clone(d.Roles)
		for _, r := range account.Roles {
			if !slices.Contains(roles, r.Name) {
				roles = append(roles, r.Name)
			}
		}
		d.Roles = roles
		t.Roles = append(t.Roles, roles...)
		t.Protected = t.Protected || a.policy.Protected(d) != ""
		t.Privileged = t.Privileged || a.policy.Privileged(d)
	}
	return t
}

// shown lets an attribute through that the agent may see, cleaned; "" otherwise.
func (a *asked) shown(field, text string) string {
	if !a.agent.Sees(field) {
		return ""
	}
	return data(text)
}
