package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/identity"
)

// Known is somebody whom an address or a name leads to.
type Known struct {
	// Key stands for them, "onelogin-<id>" for an account that no person is behind.
	Key string
	// Sources are where the trace was found: HR sources, and "account" for what an account carries.
	Sources []string
}

// sourceAccounts is where a trace was found on an account.
const sourceAccounts = "account"

// FindByAddress returns whom an e-mail address or a username leads to: by the addresses of HR records, by those that
// accounts carry, and by usernames that were given out. Accounts that nobody is behind count only where no person does.
func (l *Ledger) FindByAddress(ctx context.Context, address string) ([]Known, error) {
	digest := l.Digest(address)
	found, err := l.known(ctx, `
SELECT COALESCE(NULLIF(p.forward, ''), l.person_key), l.source FROM links l LEFT JOIN people p ON p.person_key = l.person_key
	WHERE (l.work_digest <> '' AND l.work_digest = $1) OR (l.personal_digest <> '' AND l.personal_digest = $1)
UNION
SELECT COALESCE(NULLIF(p.forward, ''), u.person_key), 'account' FROM usernames u LEFT JOIN people p ON p.person_key = u.person_key
	WHERE u.digest = $1`, digest, AccountTraces{Emails: []string{l.AddressDigest(address)}, Usernames: []string{l.AddressDigest(address)}})
	if err != nil {
		return nil, fmt.Errorf("find a person by an address: %w", err)
	}
	return found, nil
}

// FindByName returns everybody of a full name, as HR records and accounts write it. Accounts that nobody is behind count
// only where no person does.
func (l *Ledger) FindByName(ctx context.Context, name string) ([]Known, error) {
	words := strings.Fields(name)
	if len(words) < 2 {
		return nil, nil
	}
	found, err := l.known(ctx, `
SELECT COALESCE(NULLIF(p.forward, ''), l.person_key), l.source FROM links l LEFT JOIN people p ON p.person_key = l.person_key
	WHERE l.name_digest <> '' AND l.name_digest = $1`, l.Digest(strings.Join(words, " ")),
		AccountTraces{Names: []string{l.NameDigest(words[0], strings.Join(words[1:], " "))}})
	if err != nil {
		return nil, fmt.Errorf("find a person by a name: %w", err)
	}
	return found, nil
}

func (l *Ledger) known(ctx context.Context, query, digest string, traces AccountTraces) ([]Known, error) {
	if digest == "" {
		return nil, nil
	}
	sources := map[string][]string{}
	add := func(key, source string) {
		if !slices.Contains(sources[key], source) {
			sources[key] = append(sources[key], source)
		}
	}
	err := each(ctx, l.engine.reader(), query, []any{digest}, func(scan func(...any) error) error {
		var key, source string
		err := scan(&key, &source)
		add(key, source)
		return err
	})
	if err != nil {
		return nil, err
	}
	accounts, err := l.FindAccounts(ctx, traces)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if a.Belongs() {
			add(a.Person, sourceAccounts)
		}
	}
	if len(sources) == 0 {
		for _, a := range accounts {
			if a.Ref.System == identity.SystemOneLogin {
				add(identity.SystemOneLogin+"-"+a.Ref.ID, sourceAccounts)
			}
		}
	}
	var found []Known
	for _, key := range slices.Sorted(maps.Keys(sources)) {
		slices.Sort(sources[key])
		found = append(found, Known{Key: key, Sources: sources[key]})
	}
	return found, nil
}
