package systems

import (
	"context"
	"maps"
	"slices"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
)

const (
	// rowsAtOnce is how many rows the ledger takes at a time.
	rowsAtOnce = 100
	// sampled is how many accounts of a page that look otherwise than before are read by themselves.
	sampled = 5
	// fewStale is how many accounts a list may show otherwise than they are: an index lags.
	fewStale = 1
)

// accounts reads the list of accounts.
func (sw *sweep) accounts(ctx context.Context) error {
	for {
		step.Beat(ctx, sw.rec.Seen)
		began := time.Now()
		more, err := sw.page(ctx)
		if err != nil || !more || sw.at.Why != "" {
			return err
		}
		rest(ctx, began)
	}
}

// page reads one page. A cursor that the system does not take any more has the list read from its beginning.
func (sw *sweep) page(ctx context.Context) (more bool, err error) {
	asked := sw.Clock()
	list, err := sw.lister.List(ctx, target.ListRequest{Since: sw.rec.Since, Cursor: sw.at.Cursor})
	switch {
	case connectors.IsKind(err, connectors.KindInvalid) && sw.at.Cursor != "":
		sw.at.Cursor, sw.at.Page, sw.rec.Seen = "", 0, 0
		return true, sw.save(ctx)
	case connectors.IsKind(err, connectors.KindInvalid) && !sw.rec.Since.IsZero():
		// It lists no changes. Its first page shows that it answers.
		if list, err = sw.lister.List(ctx, target.ListRequest{}); err == nil {
			list.Next = ""
		}
	}
	if err != nil {
		return false, err
	}
	if sw.at.Cursor == "" {
		sw.at.First = int64(list.Total)
		if err := sw.shape(ctx, list.Accounts); err != nil {
			return false, err
		}
	}
	sw.at.Answered = true
	if list.Total >= 0 {
		sw.at.Last = int64(list.Total)
	}
	rows, err := sw.rows(ctx, list.Accounts)
	if err != nil {
		return false, err
	}
	for i := range rows {
		rows[i].HeldAt = list.AsOf
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.Ref.ID
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		if err := sw.observe(ctx, asked, some); err != nil || sw.at.Why != "" {
			return false, err
		}
	}
	number := sw.at.Page
	sw.at.Cursor, sw.at.Page = list.Next, number+1
	sw.rec.Seen += int64(len(ids))
	if sw.rec.Kind != inventory.SweepFull {
		ids = nil // Nothing follows from not having changed.
	}
	return list.Next != "", sw.savePage(ctx, number, ids)
}

// shape finds out whether the list shows what accounts hold. Where it never does, an account that is read by itself does.
func (sw *sweep) shape(ctx context.Context, accounts []target.Account) error {
	_, groups := sw.system.(target.GroupManager)
	sw.at.ByGroup = false
	if !groups || slices.ContainsFunc(accounts, func(a target.Account) bool { return a.Whole }) {
		return nil
	}
	for _, a := range accounts {
		read, err := sw.system.Read(ctx, target.ReadRequest{ID: a.Ref.ID})
		if step.IsNotFound(err) {
			continue
		}
		sw.at.ByGroup = err == nil && read.Whole
		return err
	}
	return nil
}

// observe takes in some rows of a list that was asked for at an instant. Accounts that look otherwise than before are read by
// themselves, some of them at least, so that a list of yesterday changes nothing.
func (sw *sweep) observe(ctx context.Context, asked time.Time, rows []ledgersystems.Row) error {
	changed, fresh, err := sw.Ledger.Systems().Differ(ctx, asked, rows)
	if err != nil {
		return err
	}
	suspects := changed
	if sw.at.Known {
		suspects = append(suspects, fresh...)
	}
	byID := make(map[string]ledgersystems.Row, len(rows))
	for _, row := range rows {
		byID[row.Ref.ID] = row
	}
	sample := spread(suspects, sampled)
	stale := sw.at.Stale
	for _, id := range sample {
		if err := sw.check(ctx, byID, id); err != nil {
			return err
		}
	}
	for _, id := range suspects {
		if sw.at.Stale == stale || sw.stale() {
			break // The sample is as it was shown; or nothing of the list is believed.
		}
		if _, open := byID[id]; !open {
			continue
		}
		if err := sw.check(ctx, byID, id); err != nil {
			return err
		}
	}
	if sw.stale() {
		sw.doubt("the list shows accounts otherwise than they are: it is an old one")
		return nil
	}
	left := make([]ledgersystems.Row, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		left = append(left, byID[id])
	}
	news, err := sw.Ledger.Systems().Observe(ctx, asked, left)
	sw.at.Written += int64(len(news))
	return err
}

// stale reports that the list is an old one.
func (sw *sweep) stale() bool {
	return sw.at.Stale > fewStale && toleratedShare*sw.at.Stale > sw.at.Checked
}

// check reads one account by itself, takes that in and takes its row out.
func (sw *sweep) check(ctx context.Context, byID map[string]ledgersystems.Row, id string) error {
	shown := byID[id]
	delete(byID, id)
	sw.at.Checked++
	read, there, err := sw.look(ctx, id)
	if err != nil {
		return err
	}
	if !there || !agrees(shown, read) {
		sw.at.Stale++
	}
	return nil
}

// reread reads an account by itself into the ledger, and reports whether it is there. What it does not hold is confirmed by that.
func (sw *sweep) reread(ctx context.Context, id string) (row ledgersystems.Row, there bool, err error) {
	return sw.readOne(ctx, id, false)
}

// look is reread before it is known how much was not shown: what the account does not hold is confirmed later, if at all.
func (sw *sweep) look(ctx context.Context, id string) (row ledgersystems.Row, there bool, err error) {
	return sw.readOne(ctx, id, true)
}

func (sw *sweep) readOne(ctx context.Context, id string, unconfirmed bool) (row ledgersystems.Row, there bool, err error) {
	asked := sw.Clock()
	a, there, err := step.Existing(ctx, sw.system, target.ReadRequest{ID: id})
	if err != nil || !there {
		return row, false, err
	}
	rows, err := sw.rows(ctx, []target.Account{a})
	if err != nil {
		return row, true, err
	}
	rows[0].Unconfirmed = unconfirmed
	row = rows[0]
	take := sw.Ledger.Systems().Reread
	if !a.Whole {
		take = sw.Ledger.Systems().Observe
	}
	news, err := take(ctx, asked, rows)
	sw.at.Written += int64(len(news))
	return row, true, err
}

// agrees reports that a list shows an account as it is.
func agrees(shown, read ledgersystems.Row) bool {
	a, b := shown.Document, read.Document
	if a.Username != b.Username || a.Email != b.Email || a.Status != b.Status || a.ExternalID != b.ExternalID || a.Title != b.Title ||
		a.Department != b.Department || a.FirstName != b.FirstName || a.LastName != b.LastName || a.Phone != b.Phone || a.Mobile != b.Mobile ||
		a.Company != b.Company || a.Location != b.Location || a.DisplayName != b.DisplayName || shown.Container != read.Container {
		return false
	}
	for kind, ids := range shown.Holds {
		if others, known := read.Holds[kind]; known && !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(others))) {
			return false
		}
	}
	return true
}

// rows are accounts as the ledger takes them.
func (sw *sweep) rows(ctx context.Context, accounts []target.Account) ([]ledgersystems.Row, error) {
	managers, err := sw.managers(ctx, accounts)
	if err != nil {
		return nil, err
	}
	kind, can := sw.membershipKind(sw.name)
	rows := make([]ledgersystems.Row, 0, len(accounts))
	for _, a := range accounts {
		row := ledgersystems.Row{
			Account: inventory.Account{
				Ref: a.Ref, DirectoryID: a.DirectoryID, TrustedIDP: a.TrustedIDP, Document: a.Document, Status: a.Document.Status,
			},
			Container: a.Container, Manager: a.Manager, Keep: sw.keep,
		}
		if a.Manager == "" && a.ManagerAddress != "" {
			row.Manager = managers[a.ManagerAddress]
			if row.ManagerUnknown = row.Manager == ""; row.ManagerUnknown {
				sw.unknown[a.Ref.ID] = a.ManagerAddress
			}
		}
		switch {
		case a.Whole && can:
			row.Holds = map[identity.SystemObjectKind][]string{kind: a.Memberships}
		case !a.Whole && !sw.at.ByGroup:
			sw.at.NotWhole++
		}
		if a.Profile != "" {
			if row.Holds == nil {
				row.Holds = map[identity.SystemObjectKind][]string{}
			}
			row.Holds[identity.ObjectProfile] = []string{a.Profile}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// listedLater finds managers whose accounts came later in the list than those of the people they manage. A reading that was interrupted
// leaves some of them to the next one.
func (sw *sweep) listedLater(ctx context.Context) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(sw.unknown)), rowsAtOnce) {
		step.Beat(ctx, part[0])
		var addresses []string
		for _, id := range part {
			addresses = append(addresses, sw.unknown[id])
		}
		found, err := sw.byAddress(ctx, addresses)
		if err != nil {
			return err
		}
		of := map[string]string{}
		for _, id := range part {
			if manager := found[sw.unknown[id]]; manager != "" {
				of[id] = manager
			}
		}
		if err := sw.Ledger.Systems().FoundManagers(ctx, sw.name, of); err != nil {
			return err
		}
	}
	return nil
}

// managers are the ids of accounts by those addresses by which others call them their manager's.
func (sw *sweep) managers(ctx context.Context, accounts []target.Account) (map[string]string, error) {
	var addresses []string
	for _, a := range accounts {
		if a.Manager == "" && a.ManagerAddress != "" {
			addresses = append(addresses, a.ManagerAddress)
		}
	}
	return sw.byAddress(ctx, addresses)
}

// byAddress are the ids of accounts by their addresses. Where an address is one account's own and another one's alias, it is the first
// one's.
func (sw *sweep) byAddress(ctx context.Context, addresses []string) (map[string]string, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	books, of := sw.Ledger.Inventory(), map[string]string{}
	for _, address := range addresses {
		of[books.AddressDigest(address)] = address
	}
	digests := slices.Sorted(maps.Keys(of))
	found, err := books.Find(ctx, inventory.Traces{Usernames: digests, Emails: digests, Further: digests})
	found = slices.DeleteFunc(found, func(a inventory.Account) bool { return a.Ref.System != sw.name })
	ids := map[string]string{}
	for _, a := range found {
		for _, alias := range a.Document.Aliases {
			ids[of[books.AddressDigest(alias)]] = a.Ref.ID
		}
	}
	for _, a := range found {
		ids[of[a.Digests.Username]], ids[of[a.Digests.Email]] = a.Ref.ID, a.Ref.ID
	}
	delete(ids, "")
	return ids, err
}

// spread are at most n of some ids, from the first to the last.
func spread(ids []string, n int) []string {
	if len(ids) <= n {
		return slices.Clone(ids)
	}
	some := make([]string, n)
	for i := range some {
		some[i] = ids[i*(len(ids)-1)/(n-1)]
	}
	return some
}
