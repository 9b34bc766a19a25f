package systems

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// Listed is an account with what it holds, whoever's it is.
type Listed struct {
	inventory.Account
	// Manager is the id of the manager's account there.
	Manager string
	// Things are what it holds by kind and name. Shown says that the system has shown what it holds: without it, nothing is known.
	Things []Thing
	Shown  bool
	// Second says that its person works by another account there.
	Second bool
	// LockedFor is whose departure it was locked for, and LockedIn the episode of theirs, if Gatehouse has set a password that nobody
	// knows.
	LockedFor string
	LockedIn  int
}

// Thing is something that an account holds.
type Thing struct {
	Object
	// Given says that Gatehouse gave it.
	Given bool
}

// listedKinds are the kinds of things that accounts hold, in the order in which they are listed.
var listedKinds = []identity.SystemObjectKind{identity.ObjectGroup, identity.ObjectRole, identity.ObjectProfile, identity.ObjectLicence}

// List returns up to limit accounts of a system by id, those after an id, with their documents and what they hold. There are no more
// after an empty page: one that is not full may be because accounts went meanwhile.
func (s Store) List(ctx context.Context, system, after string, limit int) ([]Listed, error) {
	ids, err := engine.Texts(ctx, s.db.Reader(), "SELECT account_id FROM accounts WHERE system = $1 AND account_id > $2 ORDER BY account_id LIMIT $3",
		system, after, limit)
	if err != nil || len(ids) == 0 {
		return nil, engine.Wrapf(err, "list accounts of %s", system)
	}
	rows, err := s.accounts().AccountDocuments(ctx, system, ids)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return s.List(ctx, system, ids[len(ids)-1], limit)
	}
	// As the statement has it: engines order texts differently.
	at := make(map[string]int, len(ids))
	for i, id := range ids {
		at[id] = i
	}
	slices.SortFunc(rows, func(a, b inventory.Account) int { return at[a.Ref.ID] - at[b.Ref.ID] })
	var keys []string
	for _, a := range rows {
		if a.Belongs() && !slices.Contains(keys, a.Person) {
			keys = append(keys, a.Person)
		}
	}
	had, err := s.extras(ctx, s.db.Reader(), system, ids)
	if err != nil {
		return nil, engine.Wrapf(err, "read what %d accounts of %s hold", len(ids), system)
	}
	var objects []string
	for _, x := range had {
		objects = append(objects, x.objects()...)
	}
	names, err := s.namesOf(ctx, map[string][]string{system: objects})
	if err != nil {
		return nil, err
	}
	primaries, err := s.primaries(ctx, []string{system}, keys, inventory.Account.Belongs)
	if err != nil {
		return nil, err
	}
	out, now := make([]Listed, len(rows)), engine.Micros(s.db.Now())
	for i, a := range rows {
		x := had[a.Ref.ID]
		works := primaries[a.Person][system]
		out[i] = Listed{
			Account: a, Manager: x.manager, Shown: len(x.holds) > 0, Things: x.things(names[system], now),
			Second: a.Belongs() && works != "" && works != a.Ref.ID,
		}
		out[i].LockedFor, out[i].LockedIn = x.lockedFor()
	}
	return out, nil
}

// things are what an account holds as far as anybody knows at an instant.
func (x *extra) things(names map[identity.SystemObjectKind]map[string]called, now int64) (all []Thing) {
	for _, kind := range listedKinds {
		sh := x.holds[kind]
		if sh == nil {
			continue
		}
		first := len(all)
		for _, id := range sh.believed(now) {
			_, given := x.ownPart.Given[kind][id]
			name := cmp.Or(names[kind][id].name, identity.Unnamed(id))
			all = append(all, Thing{Object: Object{Kind: kind, ID: id, Name: name}, Given: given})
		}
		slices.SortFunc(all[first:], func(a, b Thing) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	}
	return all
}

// lockedFor is whose password was reset last, and in which of their episodes.
func (x *extra) lockedFor() (key string, episode int) {
	var at int64
	for _, d := range x.ownPart.Done {
		if d.Step == identity.SystemResetPassword && d.At > at {
			key, episode, at = d.Key, d.Episode, d.At
		}
	}
	return key, episode
}

// ShowsSignIns reports that a system tells when accounts were last used: it does so about one of them at least.
func (s Store) ShowsSignIns(ctx context.Context, system string) (bool, error) {
	var n int64
	_, err := engine.QueryRow(ctx, s.db.Reader(), "SELECT COUNT(*) FROM (SELECT 1 FROM accounts WHERE system = $1 AND last_login > 0 LIMIT 1) AS used",
		[]any{system}, &n)
	return n > 0, engine.Wrapf(err, "read whether %s tells when accounts were used", system)
}
