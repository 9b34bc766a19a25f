package systems

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
	"gatehouse/ledger/inventory"
)

// Row is an account of a system beside OneLogin as it was shown.
type Row struct {
	inventory.Account
	// Container is where it is in the system's tree, Manager the id of the manager's account there.
	Container, Manager string
	// ManagerUnknown says that the manager was not looked up: what is known of that stays.
	ManagerUnknown bool
	// Holds are the ids of what it holds. A kind that is absent was not shown; one with an empty list was, and there is nothing.
	Holds map[identity.SystemObjectKind][]string
	// HeldAt is when Holds was read, if that was before the rest was asked for.
	HeldAt time.Time
	// Keep is for how long what is not shown any more is believed at least, a day if it is zero.
	Keep time.Duration
	// Unconfirmed says that a reading of the account itself does not confirm yet that something is not there.
	Unconfirmed bool
}

const (
	// keptByDefault is the Keep of rows that say nothing.
	keptByDefault = 24 * time.Hour
	// maxObserved bounds how many accounts are observed at a time, and observedAtOnce how many of them are written in one
	// transaction.
	maxObserved    = 100
	observedAtOnce = 25
)

// Observe takes in what a sweep was shown by a request made at an instant: at most 100 accounts of one system. Only what has changed
// is written, and nothing that was read later is overwritten. A membership that is not shown any more becomes a tombstone and stays
// believed. It returns the accounts of which something is new, but for what Gatehouse itself wrote; [Store.News] has them until
// they are told.
func (s Store) Observe(ctx context.Context, at time.Time, rows []Row) (changed []identity.Ref, err error) {
	changed, err = s.observe(ctx, at, rows, false)
	return changed, engine.Wrapf(err, "observe %d accounts", len(rows))
}

// Reread is Observe for accounts that were each read by themselves: that something is not there is confirmed by it.
func (s Store) Reread(ctx context.Context, at time.Time, rows []Row) (changed []identity.Ref, err error) {
	changed, err = s.observe(ctx, at, rows, true)
	return changed, engine.Wrapf(err, "take in %d accounts", len(rows))
}

func (s Store) observe(ctx context.Context, at time.Time, rows []Row, whole bool) (changed []identity.Ref, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	system := rows[0].Ref.System
	byID := make(map[string]Row, len(rows))
	for _, row := range rows {
		if err := checkRef(row.Ref); err != nil {
			return nil, err
		}
		if row.Ref.System != system {
			return nil, fmt.Errorf("they are of several systems: %s and %s", system, row.Ref.System)
		}
		byID[row.Ref.ID] = row
	}
	if len(byID) > maxObserved {
		return nil, fmt.Errorf("%d at a time are too many: %d at most", len(byID), maxObserved)
	}
	news, err := s.newsOf(ctx, at, byID)
	if err != nil {
		return nil, err
	}
	had, err := s.extras(ctx, s.db.Reader(), system, keysOf(byID))
	if err != nil {
		return nil, err
	}
	var differ []string
	for id, row := range byID {
		x := had[id]
		if changed, _ := x.take(at, row, whole); changed || news[id] && x.news == 0 {
			differ = append(differ, id)
		}
	}
	slices.Sort(differ)
	fresh := map[string]bool{}
	for part := range slices.Chunk(differ, observedAtOnce) {
		if err := s.writeExtras(ctx, system, part, func(id string, x *extra) {
			_, fresh[id] = x.take(at, byID[id], whole)
			x.news = max(x.news, engine.Flag(news[id] || fresh[id]))
		}); err != nil {
			return nil, err
		}
	}
	// The documents come last: an attempt that is repeated finds them as they were, and tells the same.
	if err := s.documents(ctx, at, byID, whole); err != nil {
		return nil, err
	}
	for id := range byID {
		if news[id] || fresh[id] {
			changed = append(changed, identity.Ref{System: system, ID: id})
		}
	}
	slices.SortFunc(changed, func(a, b identity.Ref) int { return compareIDs(a.ID, b.ID) })
	return changed, nil
}

// FoundManagers notes the managers of accounts of which only an address was known. An account that has one keeps it.
func (s Store) FoundManagers(ctx context.Context, system string, of map[string]string) error {
	if len(of) == 0 {
		return nil
	}
	return s.writeExtras(ctx, system, keysOf(of), func(id string, x *extra) {
		if x.manager == "" && x.readAt != 0 {
			x.manager = of[id]
		}
	})
}

// Note takes in what was read of one account by a request made at an instant, with other work. It is for what Gatehouse has just
// written or decides by: it tells nobody. What the account does not hold by it goes once its tombstone is due.
func (s Store) Note(ctx context.Context, at time.Time, row Row) error {
	err := checkRef(row.Ref)
	if err == nil {
		err = s.accounts().NoteAccount(ctx, at, row.Account)
	}
	if err == nil {
		err = s.change(ctx, row.Ref, func(x *extra) { x.take(at, row, true) })
	}
	return engine.Wrapf(err, "note account %s", row.Ref)
}

// Differ compares rows with what the ledger has, writing nothing. Changed are the accounts that it knows otherwise, fresh those that it
// does not know, by id. A sign-in is no difference, and neither is that something was not known before.
func (s Store) Differ(ctx context.Context, at time.Time, rows []Row) (changed, fresh []string, err error) {
	byID := make(map[string]Row, len(rows))
	for _, row := range rows {
		byID[row.Ref.ID] = row
	}
	if len(byID) == 0 {
		return nil, nil, nil
	}
	system := rows[0].Ref.System
	had, err := s.extras(ctx, s.db.Reader(), system, keysOf(byID))
	if err != nil {
		return nil, nil, engine.Wrapf(err, "compare %d accounts", len(rows))
	}
	differ, err := s.accounts().Differ(ctx, at, inOrder(byID))
	if err != nil {
		return nil, nil, err
	}
	before, err := s.accounts().AccountDocuments(ctx, system, differ)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range keysOf(byID) {
		i := slices.IndexFunc(before, func(a inventory.Account) bool { return a.Ref.ID == id && !a.ObservedAt.IsZero() })
		hidden := had[id].differs(at, byID[id])
		switch {
		case slices.Contains(differ, id) && i < 0:
			fresh = append(fresh, id)
		case hidden, i >= 0 && s.isNews(before[i], byID[id].Document, ownPart{}):
			changed = append(changed, id)
		}
	}
	return changed, fresh, nil
}

// Held is what accounts of a system hold of one kind, by the account's id.
type Held struct {
	System string
	Kind   identity.SystemObjectKind
	At     time.Time
	IDs    map[string][]string
	// Keep is as that of a row.
	Keep time.Duration
	// Whole says that each account was asked by itself, which confirms what is absent.
	Whole bool
}

// ObserveHeld is Observe for a system that shows who is in a group rather than which groups an account is in.
func (s Store) ObserveHeld(ctx context.Context, h Held) (changed []identity.Ref, err error) {
	ids := make([]string, 0, len(h.IDs))
	for id := range h.IDs {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareIDs)
	r := func(id string) reading {
		return reading{at: engine.Micros(h.At), ids: h.IDs[id], keep: keepOf(h.Keep), whole: h.Whole}
	}
	for page := range slices.Chunk(ids, maxObserved) {
		had, err := s.extras(ctx, s.db.Reader(), h.System, page)
		if err != nil {
			return changed, engine.Wrapf(err, "observe what %d accounts hold", len(ids))
		}
		differ := slices.DeleteFunc(slices.Clone(page), func(id string) bool {
			changed, _ := had[id].holds.of(h.Kind).take(r(id))
			return !changed
		})
		fresh := map[string]bool{}
		for part := range slices.Chunk(differ, observedAtOnce) {
			err := s.writeExtras(ctx, h.System, part, func(id string, x *extra) {
				_, fresh[id] = x.holds.of(h.Kind).take(r(id))
				x.news = max(x.news, engine.Flag(fresh[id]))
			})
			if err != nil {
				return changed, engine.Wrapf(err, "observe what %d accounts hold", len(ids))
			}
		}
		for _, id := range page {
			if fresh[id] {
				changed = append(changed, identity.Ref{System: h.System, ID: id})
			}
		}
	}
	return changed, nil
}

// newsOf tells of which accounts a reading says something else about their people than the ledger.
func (s Store) newsOf(ctx context.Context, at time.Time, rows map[string]Row) (news map[string]bool, err error) {
	accounts := inOrder(rows)
	differ, err := s.accounts().Differ(ctx, at, accounts)
	if err != nil {
		return nil, err
	}
	system := accounts[0].Ref.System
	before, err := s.accounts().AccountDocuments(ctx, system, differ)
	if err != nil {
		return nil, err
	}
	had, err := s.extras(ctx, s.db.Reader(), system, differ)
	if err != nil {
		return nil, err
	}
	news = make(map[string]bool, len(differ))
	for _, id := range differ {
		i := slices.IndexFunc(before, func(a inventory.Account) bool { return a.Ref.ID == id && !a.ObservedAt.IsZero() })
		news[id] = i < 0 || s.isNews(before[i], rows[id].Document, had[id].ownPart)
	}
	return news, nil
}

// documents takes in what accounts say about their people.
func (s Store) documents(ctx context.Context, at time.Time, rows map[string]Row, whole bool) (err error) {
	if whole {
		_, err = s.accounts().Reread(ctx, at, inOrder(rows))
	} else {
		_, err = s.accounts().Observe(ctx, at, inOrder(rows))
	}
	return err
}

func inOrder(rows map[string]Row) []inventory.Account {
	accounts := make([]inventory.Account, 0, len(rows))
	for _, id := range keysOf(rows) {
		accounts = append(accounts, rows[id].Account)
	}
	return accounts
}

// isNews reports that an account says something else than before which Gatehouse did not write.
func (s Store) isNews(before inventory.Account, now identity.Account, ownPart ownPart) bool {
	if before.Document.Status != now.Status && (!before.SuspendedByUs || now.Status != identity.AccountSuspended) {
		return true
	}
	was, is := attributesOf(before.Document), attributesOf(now)
	for name, value := range is {
		if was[name] == value {
			continue
		}
		v, written := ownPart.Values[name]
		if !written || !s.db.SameValue(v.Written, value) && !s.db.SameValue(v.Seen, value) {
			return true
		}
	}
	return !before.MissingSince.IsZero()
}

func keepOf(keep time.Duration) time.Duration {
	if keep <= 0 {
		return keptByDefault
	}
	return keep
}

func keysOf[V any](m map[string]V) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// compareIDs orders ids that are numbers as such where they have no leading zeros.
func compareIDs(a, b string) int {
	if d := len(a) - len(b); d != 0 {
		return d
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
