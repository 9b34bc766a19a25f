package inventory

import (
	"context"
	"slices"
	"time"

	"gatehouse/activities/roll"
	"gatehouse/connectors/onelogin"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// catalogNow is the age up to which names count as just read.
const catalogNow = 10 * time.Second

// ReadNames reads what roles, groups and apps are called, unless that was done a moment ago.
func (a *Accounts) ReadNames(ctx context.Context) error { return a.readCatalog(ctx, catalogNow) }

// ReadAgain reads accounts into the inventory that somebody asks about, and forgets those that do not exist any more. It hints nobody:
// the readings that hint look at everybody.
func (a *Accounts) ReadAgain(ctx context.Context, ids []int64) (read int, err error) {
	for part := range slices.Chunk(ids, roll.IdsAtOnce) {
		there, err := a.reread(ctx, part)
		if err != nil {
			return read, err
		}
		read += len(there)
		for _, id := range part {
			if there[id] {
				continue
			}
			if _, err := a.verify(ctx, identity.OneLoginRef(id)); err != nil {
				return read, err
			}
		}
	}
	return read, nil
}

// ReadChanges reads the accounts that were changed since the last sweep, a page at a time while more says so. Whole reports that
// it has seen them all.
func (a *Accounts) ReadChanges(ctx context.Context, more func() bool) (read int, whole bool, err error) {
	since, err := a.lastSwept(ctx)
	if err != nil || since.IsZero() {
		return 0, false, err // Everybody was never read: a sweep does that.
	}
	for cursor := ""; more(); {
		asked := a.Clock()
		list, err := a.OneLogin.For(onelogin.Sweep).Inventory(ctx, since.Add(-changesOverlap), cursor)
		if err != nil {
			return read, false, err
		}
		accounts := make([]target.Account, len(list.Users))
		for i, u := range list.Users {
			accounts[i] = onelogin.AccountOf(u)
		}
		rows, _, err := a.rows(ctx, accounts)
		if err != nil {
			return read, false, err
		}
		if _, err := a.Ledger.Inventory().Reread(ctx, asked, rows); err != nil {
			return read, false, err
		}
		read += len(rows)
		if cursor = list.Next; cursor == "" {
			return read, true, nil
		}
	}
	return read, false, nil
}

// lastSwept is when the latest complete sweep of accounts began, of everybody or of changes.
func (a *Accounts) lastSwept(ctx context.Context) (since time.Time, err error) {
	for _, kind := range []inventory.SweepKind{inventory.SweepFull, inventory.SweepChanges} {
		last, found, err := a.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, kind, true)
		switch {
		case err != nil:
			return since, err
		case kind == inventory.SweepFull && !found:
			return since, nil
		case found && last.StartedAt.After(since):
			since = last.StartedAt
		}
	}
	return since, nil
}

// ReadRole reads the members of a role while more says so. Who has left it is known only after all of them, which whole reports. A role
// that was renamed takes its members along.
func (a *Accounts) ReadRole(ctx context.Context, id int64, more func() bool) (read int, whole bool, err error) {
	books := a.Ledger.Inventory()
	named, err := books.Named(ctx, identity.SystemOneLogin, inventory.CatalogRole, "#"+numbered(id))
	if err != nil || len(named) != 1 {
		return 0, false, err
	}
	began, seen := a.Clock(), map[string]bool{}
	for cursor := ""; more(); {
		asked := a.Clock()
		page, next, err := a.OneLogin.For(onelogin.Sweep).RoleUserPage(ctx, id, cursor)
		if onelogin.Absent(err) {
			return read, false, nil // It was deleted meanwhile: the next sweep takes it from everybody.
		}
		if err != nil {
			return read, false, err
		}
		members := membersOf(named[0].Name, asked, page)
		if _, err := books.ObserveRole(ctx, members); err != nil {
			return read, false, err
		}
		for _, m := range members.Members {
			seen[m.ID] = true
		}
		read = len(seen)
		if cursor = next; cursor == "" {
			return read, true, a.keepRole(ctx, named[0], began, seen)
		}
	}
	return read, false, nil
}

// membersOf are a page of a role's members as the inventory takes them.
func membersOf(role string, asked time.Time, page []onelogin.RoleUser) inventory.RoleMembers {
	members := inventory.RoleMembers{System: identity.SystemOneLogin, Role: role, RequestedAt: asked}
	for _, u := range page {
		m := inventory.RoleMember{ID: numbered(u.ID), AddedAt: u.AddedAt}
		if u.AddedByID != 0 {
			m.AddedBy = numbered(u.AddedByID)
		}
		members.Members = append(members.Members, m)
	}
	return members
}

// keepRole draws the conclusions from a complete reading of a role's members.
func (a *Accounts) keepRole(ctx context.Context, role inventory.Named, began time.Time, seen map[string]bool) error {
	books := a.Ledger.Inventory()
	if _, err := books.KeepRoleMembers(ctx, identity.SystemOneLogin, role.Name, began, seen); err != nil {
		return err
	}
	before, found, err := books.RoleReadOf(ctx, identity.SystemOneLogin, role.ID)
	if err != nil {
		return err
	}
	if found && before.Name != role.Name {
		others, err := books.Named(ctx, identity.SystemOneLogin, inventory.CatalogRole, before.Name)
		if err != nil {
			return err
		}
		if len(others) == 0 {
			if _, err := books.KeepRoleMembers(ctx, identity.SystemOneLogin, before.Name, began, nil); err != nil {
				return err
			}
		}
	}
	return books.NoteRoleRead(ctx, identity.SystemOneLogin, inventory.RoleRead{ID: role.ID, Name: role.Name, At: began})
}
