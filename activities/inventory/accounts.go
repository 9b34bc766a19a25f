package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/catalog"
	"gatehouse/activities/people"
	"gatehouse/activities/roll"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
)

// Accounts keeps the inventory of OneLogin's accounts: what a sweep is shown goes into the ledger a page at a time, and
// absence is believed only when everything else was seen.
type Accounts struct {
	OneLogin *onelogin.Client
	// Target lists the accounts.
	Target  target.Lister
	Catalog *catalog.Catalog
	Ledger  *ledger.Ledger
	// Person is asked whose an account is.
	Person *people.Person
	Clock  func() time.Time
}

const (
	// changesOverlap is how far a reading of changes looks back behind the one before: clocks differ, and a page may be
	// served from a copy that lags.
	changesOverlap = 10 * time.Minute
	// fullEvery is how often every account is read if nobody says.
	fullEvery = 6 * time.Hour
	// tolerated is how many known accounts may be missing from one sweep however few there are, and toleratedShare the part
	// of them above that: more is no change of a few hours but a reading that cannot be believed.
	tolerated      = 50
	toleratedShare = 10
)

// sweepPlace is where a sweep of accounts goes on.
type sweepPlace struct {
	Cursor string `json:"cursor,omitempty"`
	Page   int64  `json:"page,omitempty"`
	// First is the total that the first page told, Last the latest one; -1 if none was told.
	First   int64 `json:"first"`
	Last    int64 `json:"last"`
	Written int64 `json:"written,omitempty"`
	// Read says that all pages have been.
	Read bool `json:"read,omitempty"`
}

// Sweep reads every account, or, if that was done not long ago, those that were changed since the reading before. It goes
// on where an earlier attempt stopped. A call that the sweeps' share of the quota does not allow comes back with how long
// to wait.
func (a *Accounts) Sweep(ctx context.Context, in api.SweepAccountsInput) (api.SweptAccounts, error) {
	s, err := a.begin(ctx, in)
	if err != nil {
		return api.SweptAccounts{}, err
	}
	place := sweepPlace{First: onelogin.NotStated, Last: onelogin.NotStated}
	if err := step.ReadPlace(s.Place, &place); err != nil {
		return api.SweptAccounts{}, err
	}
	for s.FinishedAt.IsZero() && !place.Read {
		step.Beat(ctx, s.Seen)
		began := time.Now()
		if err := a.page(ctx, &s, &place); err != nil {
			return api.SweptAccounts{}, err
		}
		rest(ctx, began)
	}
	swept := api.SweptAccounts{
		Kind: string(s.Kind), Since: s.Since, Seen: s.Seen, Total: s.Total, Written: place.Written, Complete: s.Complete,
	}
	if !s.FinishedAt.IsZero() {
		return swept, nil
	}
	s.Complete = true
	if s.Kind == inventory.SweepFull {
		if err := a.settle(ctx, &s, place, &swept); err != nil {
			return api.SweptAccounts{}, err
		}
	}
	if err := a.Person.HintOpen(ctx, nil, people.OpenBySweep); err != nil {
		return api.SweptAccounts{}, err
	}
	swept.Complete = s.Complete
	if s.Complete && s.Kind == inventory.SweepFull {
		if err := a.clearNotCompared(ctx); err != nil {
			return api.SweptAccounts{}, err
		}
	}
	return swept, a.Ledger.Inventory().FinishSweep(ctx, s)
}

// leastRest is how long a sweep rests at least between two pages.
const leastRest = 100 * time.Millisecond

// rest waits as long as the page that was begun took, so that a sweep leaves the machine to others half of the time: nobody
// waits for a sweep, and somebody may be waiting for a containment. An end that came meanwhile shows in the next call.
func rest(ctx context.Context, began time.Time) {
	timer := time.NewTimer(max(leastRest, time.Since(began)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// begin finds out what the sweep is to read.
func (a *Accounts) begin(ctx context.Context, in api.SweepAccountsInput) (inventory.Sweep, error) {
	every := in.Every
	if every <= 0 {
		every = fullEvery
	}
	now := a.Clock()
	s := inventory.Sweep{System: identity.SystemOneLogin, ID: in.Sweep, Kind: inventory.SweepFull}
	full, found, err := a.Ledger.Inventory().LastSweep(ctx, s.System, inventory.SweepFull, true)
	if err != nil {
		return s, err
	}
	// A schedule does not fire to the second: what is nearly due is due.
	if found && !in.Full && now.Sub(full.StartedAt) < every-every/20 {
		s.Kind, s.Since = inventory.SweepChanges, full.StartedAt
		changes, found, err := a.Ledger.Inventory().LastSweep(ctx, s.System, inventory.SweepChanges, true)
		if err != nil {
			return s, err
		}
		if found && changes.StartedAt.After(s.Since) {
			s.Since = changes.StartedAt
		}
		s.Since = s.Since.Add(-changesOverlap)
	}
	return a.Ledger.Inventory().BeginSweep(ctx, s)
}

// page reads one page. What was asked for at a moment is known as of that moment. A cursor that OneLogin does not take any
// more has the list read from its beginning.
func (a *Accounts) page(ctx context.Context, s *inventory.Sweep, place *sweepPlace) error {
	asked := a.Clock()
	list, err := a.Target.List(ctx, target.ListRequest{Since: s.Since, Cursor: place.Cursor})
	if connectors.IsKind(err, connectors.KindInvalid) && place.Cursor != "" {
		step.Log(ctx).Warn("a page of the sweep is not known any more: reading from the beginning", "error", err)
		place.Cursor, place.Page, s.Seen = "", 0, 0
		return nil
	}
	if err != nil {
		return err
	}
	rows, ids, err := a.rows(ctx, list.Accounts)
	if err != nil {
		return err
	}
	written, err := a.Ledger.Inventory().Observe(ctx, asked, rows)
	if err != nil {
		return err
	}
	if written > 0 {
		if err := a.Person.HintRefs(ctx, ids, people.OpenBySweep); err != nil {
			return err
		}
	}
	number := place.Page
	if place.Cursor == "" {
		place.First = int64(list.Total)
	}
	if list.Total != onelogin.NotStated {
		place.Last = int64(list.Total)
	}
	place.Cursor, place.Page, place.Read = list.Next, number+1, list.Next == ""
	place.Written += int64(written)
	s.Seen, s.Total = s.Seen+int64(len(ids)), max(0, place.Last)
	text, err := json.Marshal(place)
	if err != nil {
		return err
	}
	s.Place = string(text)
	if s.Kind != inventory.SweepFull {
		ids = nil // Nothing follows from not having changed.
	}
	return a.Ledger.Inventory().SweepPage(ctx, *s, number, ids)
}

// rows turns accounts into entries of the inventory.
func (a *Accounts) rows(ctx context.Context, accounts []target.Account) (rows []inventory.Account, ids []string, err error) {
	for _, account := range accounts {
		row, err := a.Entry(ctx, account)
		if err != nil {
			return nil, nil, err
		}
		rows, ids = append(rows, row), append(ids, row.Ref.ID)
	}
	return rows, ids, nil
}

// Entry turns an account into an entry of the inventory.
func (a *Accounts) Entry(ctx context.Context, account target.Account) (inventory.Account, error) {
	document, err := a.Catalog.Describe(ctx, account)
	if err != nil {
		return inventory.Account{}, err
	}
	return inventory.Account{
		Ref: account.Ref, DirectoryID: account.DirectoryID, TrustedIDP: account.TrustedIDP, Document: *document,
	}, nil
}

// settle judges the coverage of a full sweep and draws conclusions from it. Accounts that were not shown are asked for by
// their ids, because one that is deleted between two pages hides another. What two complete sweeps have not shown is read
// by itself, and goes if OneLogin says that it does not exist.
func (a *Accounts) settle(ctx context.Context, s *inventory.Sweep, place sweepPlace, swept *api.SweptAccounts) error {
	unseen, err := a.Ledger.Inventory().Unseen(ctx, *s)
	if err != nil {
		return err
	}
	known, err := a.Ledger.Inventory().Count(ctx, s.System)
	if err != nil {
		return err
	}
	if most := max(tolerated, known/toleratedShare); int64(len(unseen)) > most {
		s.Complete, swept.Why = false, fmt.Sprintf("%d of %d accounts that are known were not shown, and more than %d at a time "+
			"are quarantined to be gone", len(unseen), known, most)
		return nil
	}
	missing, err := a.askFor(ctx, *s, place.Page, unseen)
	if err != nil {
		return err
	}
	seen, err := a.Ledger.Inventory().SweepSeen(ctx, s.System, s.ID, 0)
	if err != nil {
		return err
	}
	s.Seen = int64(len(seen))
	swept.Seen, swept.Missing = s.Seen, int64(len(missing))
	if swept.Why = covers(s.Seen, place); swept.Why != "" {
		s.Complete = false
		return nil
	}
	again, err := a.Ledger.Inventory().MissAccounts(ctx, *s, missing)
	if err != nil {
		return err
	}
	for _, ref := range again {
		step.Beat(ctx, s.Seen)
		gone, err := a.verify(ctx, ref)
		if err != nil {
			return err
		}
		if gone {
			swept.Dropped++
		}
	}
	return nil
}

// covers says what speaks against a sweep's having seen everybody; nothing if it has. OneLogin counts its accounts on every
// page: fewer may have been seen only by as many as were deleted meanwhile.
func covers(seen int64, place sweepPlace) string {
	if place.First < 0 || place.Last < 0 {
		return "OneLogin did not say how many accounts it has"
	}
	if fewest := min(place.First, place.Last); seen < fewest {
		return fmt.Sprintf("%d accounts were seen, and OneLogin counted %d", seen, fewest)
	}
	return ""
}

// askFor asks for accounts by their ids, notes those that are there on pages of the sweep from a number on, and returns the
// others.
func (a *Accounts) askFor(ctx context.Context, s inventory.Sweep, page int64, refs []identity.Ref) (missing []identity.Ref, err error) {
	var ids []int64
	for _, ref := range refs {
		if id, ok := ref.OneLogin(); ok {
			ids = append(ids, id)
		} else {
			missing = append(missing, ref)
		}
	}
	for part := range slices.Chunk(ids, roll.IdsAtOnce) {
		step.Beat(ctx, s.Seen)
		there, err := a.reread(ctx, part)
		if err != nil {
			return nil, err
		}
		var found []string
		for _, id := range part {
			if ref := identity.OneLoginRef(id); there[id] {
				found = append(found, ref.ID)
			} else {
				missing = append(missing, ref)
			}
		}
		if err := a.Ledger.Inventory().SweepPage(ctx, s, page, found); err != nil {
			return nil, err
		}
		page++
	}
	return missing, nil
}

// reread reads accounts by their ids into the inventory and returns those that are there.
func (a *Accounts) reread(ctx context.Context, ids []int64) (there map[int64]bool, err error) {
	asked := a.Clock()
	users, err := a.OneLogin.For(onelogin.Sweep).InventoryOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	there = map[int64]bool{}
	var accounts []target.Account
	for _, u := range users {
		there[u.ID] = true
		accounts = append(accounts, onelogin.AccountOf(u))
	}
	rows, _, err := a.rows(ctx, accounts)
	if err != nil {
		return nil, err
	}
	_, err = a.Ledger.Inventory().Reread(ctx, asked, rows)
	return there, err
}

// verify reads an account that lists do not show and reports whether it is gone: then the inventory forgets it.
func (a *Accounts) verify(ctx context.Context, ref identity.Ref) (gone bool, err error) {
	id, ok := ref.OneLogin()
	if !ok {
		return true, a.Ledger.Inventory().DropAccount(ctx, ref)
	}
	asked := a.Clock()
	u, err := a.OneLogin.For(onelogin.Sweep).User(ctx, id)
	if onelogin.Absent(err) {
		return true, a.Ledger.Inventory().DropAccount(ctx, ref)
	}
	if err != nil {
		return false, err
	}
	row, err := a.Entry(ctx, onelogin.AccountOf(u))
	if err != nil {
		return false, err
	}
	return false, a.Ledger.Inventory().NoteAccount(ctx, asked, row)
}

// Mappings reads the rules by which OneLogin itself changes accounts. A tenant or a credential that does not show them stops
// nothing.
func (a *Accounts) Mappings(ctx context.Context, _ api.Nothing) (api.SweptMappings, error) {
	asked := a.Clock()
	list, err := a.OneLogin.For(onelogin.Sweep).Mappings(ctx)
	if connectors.IsKind(err, connectors.KindUnauthorized) || connectors.IsKind(err, connectors.KindNotFound) {
		return api.SweptMappings{Refused: true}, nil
	}
	if err != nil {
		return api.SweptMappings{}, err
	}
	return api.SweptMappings{Read: len(list)}, a.Ledger.Inventory().PutMappings(ctx, identity.SystemOneLogin, asked, list)
}
