package inventory

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

const (
	// rolesEvery is how often the members of all roles are read, and rolesWithin how long that may take: the calls of a day
	// are spread over it.
	rolesEvery  = 24 * time.Hour
	rolesWithin = 20 * time.Hour
)

// rolesPlace is where a sweep of roles goes on.
type rolesPlace struct {
	// Role is the id of the role whose members are being read, Cursor where, Began since when, and From the number of the
	// first of its pages.
	Role   int64     `json:"role,omitempty"`
	Cursor string    `json:"cursor,omitempty"`
	Began  time.Time `json:"began,omitzero"`
	From   int64     `json:"from,omitempty"`
	Page   int64     `json:"page,omitempty"`
	// Written counts the memberships that were new or changed.
	Written int64 `json:"written,omitempty"`
}

// Roles reads a part of the members of all roles, with since when and by whom. All of them are read once a day; how much of
// that is due now follows from how many pages there were the last time. The first time, everything is.
func (a *Accounts) Roles(ctx context.Context, in api.SweepRolesInput) (api.SweptRoles, error) {
	s, allowed, err := a.beginRoles(ctx, in)
	if err != nil {
		return api.SweptRoles{}, err
	}
	if s.ID == "" {
		return api.SweptRoles{Idle: true}, a.readCatalog(ctx, catalogYoung)
	}
	if err := a.readCatalog(ctx, catalogYoung); err != nil {
		return api.SweptRoles{}, err
	}
	var place rolesPlace
	if err := step.ReadPlace(s.Place, &place); err != nil {
		return api.SweptRoles{}, err
	}
	list, err := a.OneLogin.For(onelogin.Sweep).Roles(ctx)
	if err != nil {
		return api.SweptRoles{}, err
	}
	slices.SortFunc(list, func(a, b onelogin.Role) int { return cmp.Compare(a.ID, b.ID) })
	var swept api.SweptRoles
	for swept.Pages < allowed {
		role, left := nextRole(list, place)
		if !left {
			return a.finishRoles(ctx, s, list, swept)
		}
		step.Beat(ctx, s.Seen)
		before, began := place.Written, time.Now()
		if err := a.rolePage(ctx, &s, &place, role); err != nil {
			return api.SweptRoles{}, err
		}
		swept.Pages, swept.Seen, swept.Written = swept.Pages+1, s.Seen, swept.Written+place.Written-before
		rest(ctx, began)
	}
	return swept, nil
}

// beginRoles returns the sweep that is under way or due, and how many pages of it may be read now. One without an id says
// that there is none.
func (a *Accounts) beginRoles(ctx context.Context, in api.SweepRolesInput) (s inventory.Sweep, allowed int64, err error) {
	last, found, err := a.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, inventory.SweepRoles, false)
	if err != nil {
		return s, 0, err
	}
	whole, once, err := a.Ledger.Inventory().LastSweep(ctx, identity.SystemOneLogin, inventory.SweepRoles, true)
	if err != nil {
		return s, 0, err
	}
	now := a.Clock()
	open := found && last.FinishedAt.IsZero() && now.Sub(last.StartedAt) < 2*rolesEvery
	switch {
	case open:
		s = last
	case found && !in.Full && !last.FinishedAt.IsZero() && now.Sub(last.StartedAt) < rolesEvery-rolesEvery/20:
		return s, 0, nil
	default:
		s, err = a.Ledger.Inventory().BeginSweep(ctx, inventory.Sweep{System: identity.SystemOneLogin, ID: in.Sweep, Kind: inventory.SweepRoles})
		if err != nil {
			return s, 0, err
		}
	}
	allowed = 1 << 32
	if once && !in.Full && in.Each > 0 {
		// A little more than the share, so that a day with more members ends in time too.
		allowed = 1 + whole.Total*int64(in.Each)/int64(rolesWithin)
	}
	return s, allowed, nil
}

// nextRole is the role to read a page of: the one that is being read, or the one after it.
func nextRole(list []onelogin.Role, place rolesPlace) (onelogin.Role, bool) {
	for _, role := range list {
		if role.ID == place.Role && place.Cursor != "" || role.ID > place.Role {
			return role, true
		}
	}
	return onelogin.Role{}, false
}

// rolePage reads a page of a role's members. After its last page those go who were not on any.
func (a *Accounts) rolePage(ctx context.Context, s *inventory.Sweep, place *rolesPlace, role onelogin.Role) error {
	asked := a.Clock()
	if place.Role != role.ID || place.Cursor == "" {
		place.Role, place.Cursor, place.Began, place.From = role.ID, "", asked, place.Page
	}
	page, next, err := a.OneLogin.For(onelogin.Sweep).RoleUserPage(ctx, role.ID, place.Cursor)
	if connectors.IsKind(err, connectors.KindInvalid) && place.Cursor != "" {
		place.Role, place.Cursor = role.ID-1, "" // The page is not known any more: the role is read from its beginning.
		return nil
	}
	if onelogin.Absent(err) {
		page, next, err = nil, "", nil // It was deleted meanwhile.
	}
	if err != nil {
		return err
	}
	members := inventory.RoleMembers{System: s.System, Role: role.Name, RequestedAt: asked}
	var ids []string
	for _, u := range page {
		m := inventory.RoleMember{ID: identity.OneLoginRef(u.ID).ID, AddedAt: u.AddedAt}
		if u.AddedByID != 0 {
			m.AddedBy = identity.OneLoginRef(u.AddedByID).ID
		}
		members.Members, ids = append(members.Members, m), append(ids, m.ID)
	}
	written, err := a.Ledger.Inventory().ObserveRole(ctx, members)
	if err != nil {
		return err
	}
	number := place.Page
	place.Cursor, place.Page, place.Written = next, number+1, place.Written+int64(written)
	s.Seen, s.Total = s.Seen+int64(len(ids)), place.Page
	text, err := json.Marshal(place)
	if err != nil {
		return err
	}
	s.Place = string(text)
	if next != "" {
		return a.Ledger.Inventory().SweepPage(ctx, *s, number, ids)
	}
	// The last page of a role: what follows from it comes first, so that an attempt that is killed here reads it again.
	seen, err := a.Ledger.Inventory().SweepSeen(ctx, s.System, s.ID, place.From)
	if err != nil {
		return err
	}
	for _, id := range ids {
		seen[id] = true
	}
	if _, err := a.Ledger.Inventory().KeepRoleMembers(ctx, s.System, role.Name, place.Began, seen); err != nil {
		return err
	}
	read := inventory.RoleRead{ID: numbered(role.ID), Name: role.Name, At: place.Began}
	if err := a.Ledger.Inventory().NoteRoleRead(ctx, s.System, read); err != nil {
		return err
	}
	return a.Ledger.Inventory().SweepPage(ctx, *s, number, ids)
}

// finishRoles ends a sweep of roles: nobody holds a role that does not exist any more.
func (a *Accounts) finishRoles(ctx context.Context, s inventory.Sweep, list []onelogin.Role, swept api.SweptRoles) (api.SweptRoles, error) {
	names := make([]string, len(list))
	for i, role := range list {
		names[i] = role.Name
	}
	if err := a.Ledger.Inventory().KeepRoles(ctx, s.System, s.StartedAt, names); err != nil {
		return swept, err
	}
	s.Complete, swept.Complete = true, true
	return swept, a.Ledger.Inventory().FinishSweep(ctx, s)
}
