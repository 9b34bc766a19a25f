package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// Known is somebody whom an address or a name leads to.
type Known struct {
	// Key stands for them, "onelogin-<id>" for an account that no person is behind.
	Key string
	// Sources are where the trace was found: HR sources, and SourceAccounts for what an account carries.
	Sources []string
}

// SourceAccounts is where a trace was found on an account.
const SourceAccounts = "account"

// FindByAddress returns whom an e-mail address or a username leads to: by the addresses of HR records, by those that
// accounts carry, and by usernames that were given out. Accounts that nobody is behind count only where no person does, and further
// addresses of accounts only where nothing else has it.
func (l *Ledger) FindByAddress(ctx context.Context, address string) ([]Known, error) {
	digest, own := l.db.Digest(address), []string{l.Inventory().AddressDigest(address)}
	found, err := l.known(ctx, `
SELECT COALESCE(NULLIF(p.forward, ''), l.person_key), l.source FROM links l LEFT JOIN people p ON p.person_key = l.person_key
	WHERE (l.work_digest <> '' AND l.work_digest = $1) OR (l.personal_digest <> '' AND l.personal_digest = $1)
UNION
SELECT COALESCE(NULLIF(p.forward, ''), u.person_key), 'account' FROM usernames u LEFT JOIN people p ON p.person_key = u.person_key
	WHERE u.digest = $1`, digest, inventory.Traces{Emails: own, Usernames: own, Further: own})
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
	traces := inventory.Traces{Names: []string{l.Inventory().NameDigest(words[0], strings.Join(words[1:], " "))}}
	for _, spelt := range spellings(strings.Join(words, " ")) {
		found, err := l.known(ctx, `
SELECT COALESCE(NULLIF(p.forward, ''), l.person_key), l.source FROM links l LEFT JOIN people p ON p.person_key = l.person_key
	WHERE l.name_digest <> '' AND l.name_digest = $1`, l.db.Digest(spelt), traces)
		if err != nil {
			return nil, fmt.Errorf("find a person by a name: %w", err)
		}
		if len(found) > 0 {
			return found, nil
		}
		traces = inventory.Traces{}
	}
	return nil, nil
}

// FindByNumber returns everybody whose record has an employee id, in any source.
func (l *Ledger) FindByNumber(ctx context.Context, id string) ([]Known, error) {
	records, err := l.People().RecordsNumbered(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find a person by an employee id: %w", err)
	}
	var found []Known
	for _, r := range records {
		at := slices.IndexFunc(found, func(k Known) bool { return k.Key == r.Key })
		if at < 0 {
			found, at = append(found, Known{Key: r.Key}), len(found)
		}
		found[at].Sources = append(found[at].Sources, r.Source)
	}
	return found, nil
}

// mostSpellings bounds in how many spellings a name is looked for.
const mostSpellings = 64

// spellings are a name as it was given, and as HR may write it where whoever typed it could not: with ü for ue or u.
func spellings(name string) []string {
	out := []string{name}
	for _, pair := range [][2]string{
		{"ae", "ä"}, {"oe", "ö"}, {"ue", "ü"}, {"aa", "å"}, {"oe", "ø"}, {"Ae", "Ä"}, {"Oe", "Ö"}, {"Ue", "Ü"}, {"a", "ä"}, {"o", "ö"}, {"u", "ü"}, {"o", "ø"},
	} {
		for _, spelt := range slices.Clone(out) {
			if other := strings.ReplaceAll(spelt, pair[0], pair[1]); len(out) < mostSpellings && !slices.Contains(out, other) {
				out = append(out, other)
			}
		}
	}
	return out
}

func (l *Ledger) known(ctx context.Context, query, digest string, traces inventory.Traces) ([]Known, error) {
	if digest == "" {
		return nil, nil
	}
	sources := map[string][]string{}
	add := func(key, source string) {
		if !slices.Contains(sources[key], source) {
			sources[key] = append(sources[key], source)
		}
	}
	err := engine.Each(ctx, l.db.Reader(), query, []any{digest}, func(scan func(...any) error) error {
		var key, source string
		err := scan(&key, &source)
		add(key, source)
		return err
	})
	if err != nil {
		return nil, err
	}
	further := traces.Further
	traces.Further = nil
	accounts, err := l.Inventory().Find(ctx, traces)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if a.Belongs() {
			add(a.Person, SourceAccounts)
		}
	}
	if len(sources) == 0 {
		for _, a := range accounts {
			if a.Ref.System == identity.SystemOneLogin {
				add(identity.SystemOneLogin+"-"+a.Ref.ID, SourceAccounts)
			}
		}
	}
	if len(sources) == 0 && len(further) > 0 {
		// An address that was handed over leads to whoever has it now only where it is nobody's own.
		if accounts, err = l.Inventory().Find(ctx, inventory.Traces{Further: further}); err != nil {
			return nil, err
		}
		for _, a := range accounts {
			if a.Belongs() {
				add(a.Person, SourceAccounts)
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
