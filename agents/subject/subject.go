// Package subject reads whom a call of an agent is about from the ledger, and makes of it what the policy judges.
package subject

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/agent"
)

// Subject is somebody as the ledger has them.
type Subject struct {
	Key     string
	Dossier ledger.Dossier
	// Employed says that HR has them: by the last look at them, or, of somebody whom nobody has looked at yet, by the last poll.
	Employed bool
	// Accounts are theirs with what was read of them, the primary one first.
	Accounts []inventory.Account
}

// Read reads somebody. A key that stands for another record is that one's, and that of an account which nobody stands behind is the
// account's; by one that is somebody's, or may be, they are known as a whole. Found is false where the ledger knows neither.
func Read(ctx context.Context, l *ledger.Ledger, key string) (s Subject, found bool, err error) {
	d, known, err := l.Dossier(ctx, key)
	if err != nil {
		return Subject{}, false, err
	}
	s = Subject{Key: key, Dossier: d}
	if known && d.Person.Forward != "" {
		return Read(ctx, l, d.Person.Forward)
	}
	if !known {
		id, bare := strings.CutPrefix(key, identity.SystemOneLogin+"-")
		if _, err := strconv.ParseInt(id, 10, 64); !bare || err != nil {
			return Subject{}, false, nil
		}
		account, there, err := l.Inventory().Account(ctx, identity.Ref{System: identity.SystemOneLogin, ID: id})
		if there && account.Belongs() && account.Person != key {
			return Read(ctx, l, account.Person) // Whoever has it is judged with all that they have.
		}
		s.Accounts = []inventory.Account{account}
		return s, there, err
	}
	here, err := l.WorkHere(ctx, d.Person)
	if err != nil {
		return Subject{}, false, err
	}
	s.Employed = here[d.Person.Key]
	for _, linked := range d.Accounts {
		account, there, err := l.Inventory().Account(ctx, linked.Ref)
		if err != nil {
			return Subject{}, false, err
		}
		if there {
			account.As(d.Person.Key, d.Person.Episode, d.Person.AccountID)
			s.Accounts = append(s.Accounts, account)
		}
	}
	return s, true, nil
}

// OneLogin are the ids of their accounts there.
func (s Subject) OneLogin() (ids []int64) {
	for _, account := range s.Accounts {
		if id, ok := account.Ref.OneLogin(); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// RolesOf are the roles of an account, as its document and the last sweep of roles have them.
func RolesOf(a inventory.Account) []string {
	roles := slices.Clone(a.Document.Roles)
	for _, r := range a.Roles {
		if !slices.Contains(roles, r.Name) {
			roles = append(roles, r.Name)
		}
	}
	return roles
}

// Target is what conditions see of somebody: of all their accounts together, so that no rule is passed by way of a second one.
func (s Subject) Target(p *policy.Policy) agent.Target {
	t := agent.Target{Key: s.Key, Kind: string(identity.KindPerson), Employed: s.Employed}
	for i, account := range s.Accounts {
		d := account.Document
		if i == 0 {
			t.Username, t.Email, t.Title, t.Department = d.Username, d.Email, d.Title, d.Department
			t.Company, t.Group, t.Status = d.Company, d.Group, account.Status.String()
			t.Kind = string(cmp.Or(account.Kind, identity.KindUnknown))
		}
		d.Roles = RolesOf(account)
		t.Roles = append(t.Roles, d.Roles...)
		t.Protected = t.Protected || p.Protected(d) != ""
		t.Privileged = t.Privileged || p.Privileged(d)
	}
	return t
}
