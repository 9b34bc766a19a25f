package systems

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// Whose is a person of whom a view is wanted, in an episode of theirs. Manager is the key of their manager, "" if nobody is known.
type Whose struct {
	Key     string
	Episode int
	Manager string
}

// Views returns what is known of somebody's accounts in some systems, in the order of the systems. ManagerKey is the key of their
// manager, "" if nobody is known. Compared are the objects that conditions name.
func (s Store) Views(ctx context.Context, key string, episode int, managerKey string, systems []string, compared ...identity.SystemObject) ([]identity.SystemView, error) {
	all, err := s.ViewsOf(ctx, []Whose{{Key: key, Episode: episode, Manager: managerKey}}, systems, compared...)
	return all[key], err
}

// ViewsOf is Views of many people, by their keys: a few statements however many they are.
func (s Store) ViewsOf(ctx context.Context, whose []Whose, systems []string, compared ...identity.SystemObject) (map[string][]identity.SystemView, error) {
	all := make(map[string][]identity.SystemView, len(whose))
	if len(whose) == 0 || len(systems) == 0 {
		return all, nil
	}
	k, err := s.know(ctx, whose, systems)
	if err == nil {
		k.unclear, k.renewed, err = s.unclear(ctx, compared)
	}
	if err != nil {
		return nil, engine.Wrapf(err, "read the accounts of %d people in %s", len(whose), strings.Join(systems, ", "))
	}
	for _, w := range whose {
		for _, system := range systems {
			all[w.Key] = append(all[w.Key], s.view(k, w, system))
		}
	}
	return all, nil
}

// known is what views are made of.
type known struct {
	now      int64
	readAt   map[string]time.Time
	accounts map[string][]inventory.Account
	// managers are the open primary accounts of managers who stay, by key and system.
	managers map[string]map[string]string
	extras   map[identity.Ref]*extra
	names    names
	unclear  []identity.SystemObject
	renewed  []identity.SystemObject
	owed     map[string]map[string][]identity.SystemStepKind
}

func (s Store) know(ctx context.Context, whose []Whose, systems []string) (k known, err error) {
	k = known{now: engine.Micros(s.db.Now()), extras: map[identity.Ref]*extra{}}
	if k.readAt, err = s.readAt(ctx, systems); err != nil {
		return k, err
	}
	var keys, managers []string
	for _, w := range whose {
		keys = append(keys, w.Key)
		if w.Manager != "" && !slices.Contains(managers, w.Manager) {
			managers = append(managers, w.Manager)
		}
	}
	if k.accounts, err = s.accounts().AccountsIn(ctx, systems, keys, true); err != nil {
		return k, err
	}
	if k.managers, err = s.heirs(ctx, systems, managers); err != nil {
		return k, err
	}
	ids := map[string][]string{}
	for _, accounts := range k.accounts {
		for _, a := range accounts {
			ids[a.Ref.System] = append(ids[a.Ref.System], a.Ref.ID)
		}
	}
	wanted := map[string][]string{}
	for system, of := range ids {
		found, err := s.extras(ctx, s.db.Reader(), system, of)
		if err != nil {
			return k, err
		}
		for id, x := range found {
			k.extras[identity.Ref{System: system, ID: id}] = x
			wanted[system] = append(wanted[system], x.objects()...)
		}
	}
	if k.names, err = s.namesOf(ctx, wanted); err != nil {
		return k, err
	}
	k.owed, err = s.owed(ctx, keys)
	return k, err
}

// objects are the ids of all that an account holds, was given or is to lose.
func (x *extra) objects() (ids []string) {
	for _, sh := range x.holds {
		ids = append(ids, sh.IDs...)
	}
	for _, by := range x.ownPart.Given {
		ids = slices.AppendSeq(ids, maps.Keys(by))
	}
	for _, taking := range x.ownPart.Taking {
		ids = append(ids, taking...)
	}
	if x.ownPart.Untaken != nil {
		for _, untaken := range x.ownPart.Untaken.IDs {
			ids = append(ids, untaken...)
		}
	}
	if x.ownPart.Moved != nil {
		for _, moved := range x.ownPart.Moved.IDs {
			ids = append(ids, moved...)
		}
	}
	for _, taken := range x.ownPart.Lost {
		ids = slices.AppendSeq(ids, maps.Keys(taken))
	}
	return ids
}

// readAt is when the last complete reading of each system began.
func (s Store) readAt(ctx context.Context, systems []string) (map[string]time.Time, error) {
	at := make(map[string]time.Time, len(systems))
	return at, engine.Each(ctx, s.db.Reader(), `SELECT system, MAX(started_at) FROM account_sweeps WHERE kind = 'full' AND complete = 1 AND system IN `+
		engine.List(1, len(systems))+" GROUP BY system", engine.Anys(systems), func(scan func(...any) error) error {
		var system string
		var began int64
		err := scan(&system, &began)
		at[system] = engine.Instant(began)
		return err
	})
}

// primaries are the ids of people's primary accounts, by key and system, of those accounts that count.
func (s Store) primaries(ctx context.Context, systems, keys []string, counts func(inventory.Account) bool) (map[string]map[string]string, error) {
	accounts, err := s.accounts().AccountsIn(ctx, systems, keys, false)
	all := make(map[string]map[string]string, len(accounts))
	for key, theirs := range accounts {
		all[key] = map[string]string{}
		for _, system := range systems {
			if first := primary(theirs, system); first != nil && counts(*first) {
				all[key][system] = first.Ref.ID
			}
		}
	}
	return all, err
}

// primary is the account of a person's in a system that rules touch: what a person has called so, or else what Gatehouse made, or
// else what was linked first. It stays so while it is disputed or not shown: no other account takes its place on a doubt.
func primary(accounts []inventory.Account, system string) *inventory.Account {
	var mine []*inventory.Account
	for i := range accounts {
		a := &accounts[i]
		person := a.Kind == identity.KindPerson || a.Kind == identity.KindUnknown
		if a.Ref.System == system && a.Belongs() && person && a.Use != identity.UseAdmin {
			mine = append(mine, a)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	return slices.MinFunc(mine, func(a, b *inventory.Account) int {
		return cmp.Or(
			first(a.Use == identity.UsePrimary, b.Use == identity.UsePrimary),
			first(a.CreatedByUs, b.CreatedByUs),
			a.MatchedAt.Compare(b.MatchedAt), compareIDs(a.Ref.ID, b.Ref.ID))
	})
}

// first puts what is so before what is not.
func first(a, b bool) int { return int(engine.Flag(b) - engine.Flag(a)) }

// owed are the kinds of steps that people owe, by key and system.
func (s Store) owed(ctx context.Context, keys []string) (map[string]map[string][]identity.SystemStepKind, error) {
	all := map[string]map[string][]identity.SystemStepKind{}
	err := engine.Chunks(keys, func(part []string) error {
		part = engine.Padded(part)
		in := engine.List(1, len(part))
		found, err := s.debts(ctx, debtSelect+"(d.person_key IN "+in+" OR p.forward <> '' AND p.forward IN "+in+")", engine.Anys(part)...)
		for _, d := range found {
			if all[d.Key] == nil {
				all[d.Key] = map[string][]identity.SystemStepKind{}
			}
			if !slices.Contains(all[d.Key][d.System], d.Step) {
				all[d.Key][d.System] = append(all[d.Key][d.System], d.Step)
			}
		}
		return err
	})
	return all, err
}

// view is what is known of one person in one system.
func (s Store) view(k known, w Whose, system string) identity.SystemView {
	v := identity.SystemView{
		System: system, ReadAt: k.readAt[system], Manager: k.managers[w.Manager][system], Owed: k.owed[w.Key][system], Digest: s.db.ValueDigest, Same: s.db.SameValue,
	}
	elsewhere := func(o identity.SystemObject) bool { return o.System != system }
	v.Unclear = slices.DeleteFunc(slices.Clone(k.unclear), elsewhere)
	v.Renewed = slices.DeleteFunc(slices.Clone(k.renewed), elsewhere)
	first := primary(k.accounts[w.Key], system)
	for _, a := range k.accounts[w.Key] {
		if a.Ref.System != system {
			continue
		}
		account := k.account(a, w)
		if !a.Belongs() {
			v.Candidates = append(v.Candidates, account)
			continue
		}
		for _, kind := range account.Waiting {
			if !slices.Contains(v.Owed, kind) {
				v.Owed = append(slices.Clip(v.Owed), kind)
			}
		}
		switch {
		case first != nil && a.Ref == first.Ref:
			account.Use = identity.UsePrimary
			v.Accounts = slices.Insert(v.Accounts, 0, account)
			continue
		case a.Use == identity.UsePrimary || a.Use == "":
			account.Use = identity.UseSecondary
		}
		v.Accounts = append(v.Accounts, account)
	}
	return v
}

// account is one account of a view.
func (k known) account(a inventory.Account, w Whose) identity.SystemAccount {
	x := k.extras[a.Ref]
	if x == nil {
		x = &extra{}
	}
	system := a.Ref.System
	profile := strings.Join(k.held(system, x, identity.ObjectProfile), "")
	out := identity.SystemAccount{
		ID: a.Ref.ID, Use: a.Use, Kind: a.Kind, Disputed: a.State == identity.AccountDisputed, Missing: !a.MissingSince.IsZero(), Document: a.Document,
		Container: x.container, Manager: x.manager, Profile: profile, SuspendedByUs: a.SuspendedByUs, ObservedAt: a.ObservedAt,
		Groups:   k.held(system, x, identity.ObjectGroup),
		Roles:    k.held(system, x, identity.ObjectRole),
		Licences: k.held(system, x, identity.ObjectLicence),
		Given:    map[identity.SystemObjectKind][]string{}, Taking: map[identity.SystemObjectKind][]string{},
		Values: map[string]identity.SystemValue{}, Done: map[identity.SystemStepKind]time.Time{},
	}
	if a.CreatedByUs && a.MatchedBy == matchedByMaking {
		out.MadeAt = a.MatchedAt
	}
	for kind, by := range x.ownPart.Given {
		var ids []string
		for id, g := range by {
			out.GivenBefore = out.GivenBefore || g.before(w.Key, w.Episode)
			if g.counts(kind, w) {
				ids = append(ids, id)
				k.formerly(&out.GivenAs, system, kind, id, g.Name)
			}
		}
		if len(ids) > 0 {
			out.Given[kind] = k.names.of(system, kind, ids)
		}
	}
	out.GivenBefore = out.GivenBefore || x.ownPart.Moved.before(w.Key, w.Episode)
	for kind, ids := range x.ownPart.Taking {
		out.Taking[kind] = k.names.of(system, kind, ids)
	}
	for name, v := range x.ownPart.Values {
		out.Values[name] = identity.SystemValue{Written: v.Written, Seen: v.Seen, At: engine.Instant(v.At), Form: v.Form}
	}
	for _, d := range x.ownPart.Done {
		if d.Key == w.Key && d.Episode == w.Episode && !d.Over {
			out.Done[d.Step] = engine.Instant(d.At)
		}
	}
	out.HandingOver = slices.ContainsFunc(x.ownPart.Begun, func(b begun) bool { return b.Key == w.Key && b.Episode == w.Episode })
	out.MovedWith, out.Formerly = k.movedWith(system, x, w), k.earlier(system, x)
	out.Departure, out.Waiting = k.departure(system, x, w), x.ownPart.Waiting.of(w)
	return out
}

// formerly keeps under which name something was done to an object that is called otherwise now.
func (k known) formerly(to *map[identity.SystemObjectKind]map[string]string, system string, kind identity.SystemObjectKind, id, name string) {
	now := k.names.of(system, kind, []string{id})[0]
	if name == "" || name == now {
		return
	}
	if *to == nil {
		*to = map[identity.SystemObjectKind]map[string]string{}
	}
	if (*to)[kind] == nil {
		(*to)[kind] = map[string]string{}
	}
	(*to)[kind][now] = name
}

// held are the names of what an account holds of a kind, nil if the system does not show it.
func (k known) held(system string, x *extra, kind identity.SystemObjectKind) []string {
	sh := x.holds[kind]
	if sh == nil {
		return nil
	}
	return k.names.of(system, kind, sh.believed(k.now))
}
