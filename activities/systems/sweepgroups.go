package systems

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gatehouse/activities/step"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	ledgersystems "gatehouse/ledger/systems"
)

// objects reads what a system has: groups, roles, licences, places and kinds of user.
func (sw *sweep) objects(ctx context.Context) error {
	if able, can := sw.system.(target.GroupManager); can {
		if err := sw.groups(ctx, able); err != nil || sw.at.Why != "" {
			return err
		}
	}
	asked := sw.Clock()
	if able, can := sw.system.(target.RoleManager); can {
		list, err := able.Roles(ctx, target.RolesRequest{})
		if err != nil {
			return err
		}
		if err := put(ctx, sw, asked, identity.ObjectRole, list.Roles, func(r target.Role) (string, string) { return r.ID, r.Name }); err != nil {
			return err
		}
	}
	return sw.more(ctx, asked)
}

// more reads what is good to know. A credential that is not shown it stops nothing.
func (sw *sweep) more(ctx context.Context, asked time.Time) error {
	if able, can := sw.system.(target.LicenceReader); can {
		list, err := able.Licences(ctx, target.LicencesRequest{})
		if err == nil {
			err = put(ctx, sw, asked, identity.ObjectLicence, list.Licences, func(l target.Licence) (string, string) { return l.ID, l.Name })
		}
		if err != nil && !refused(err) {
			return err
		}
	}
	if able, can := sw.system.(target.Profiler); can {
		list, err := able.Profiles(ctx, target.ProfilesRequest{})
		if err == nil {
			err = put(ctx, sw, asked, identity.ObjectProfile, list.Profiles, func(p target.Profile) (string, string) { return p.ID, p.Name })
		}
		if err != nil && !refused(err) {
			return err
		}
	}
	if able, can := sw.system.(target.Placer); can {
		list, err := able.Containers(ctx, target.ContainersRequest{})
		if err == nil {
			err = put(ctx, sw, asked, identity.ObjectContainer, list.Containers, func(c target.Container) (string, string) { return c.ID, c.Name })
		}
		if err != nil && !refused(err) {
			return err
		}
	}
	return nil
}

// groups reads all groups. One that is known and not shown is asked for by itself: a list that passes over groups which exist is not
// believed.
func (sw *sweep) groups(ctx context.Context, able target.GroupManager) error {
	asked, shown := sw.Clock(), map[string]bool{}
	var all []target.Group
	for cursor := ""; ; {
		step.Beat(ctx, len(all))
		page, err := able.Groups(ctx, target.GroupsRequest{Cursor: cursor})
		if err != nil {
			return err
		}
		for _, g := range page.Groups {
			if !shown[g.ID] {
				all = append(all, g)
			}
			shown[g.ID] = true
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	known, err := sw.known(ctx, identity.ObjectGroup)
	if err != nil {
		return err
	}
	gone := slices.DeleteFunc(slices.Clone(known), func(id string) bool { return shown[id] })
	if !sw.accept && int64(len(gone)) > most(int64(len(known))) {
		sw.doubtMissing(fmt.Sprintf("%d of %d groups that are known were not shown", len(gone), len(known)))
		return nil
	}
	for _, id := range gone {
		_, err := able.Members(ctx, target.MembersRequest{Group: id})
		if err == nil {
			sw.doubt("groups were not shown although they exist")
			return nil
		}
		if !step.IsNotFound(err) {
			return err
		}
	}
	return put(ctx, sw, asked, identity.ObjectGroup, all, func(g target.Group) (string, string) { return g.ID, g.Name })
}

// known are the ids of the objects of a kind.
func (sw *sweep) known(ctx context.Context, kind identity.SystemObjectKind) (ids []string, err error) {
	objects, err := sw.Ledger.Systems().Objects(ctx, sw.name)
	for _, o := range objects {
		if o.Kind == kind {
			ids = append(ids, o.ID)
		}
	}
	return ids, err
}

// put keeps all objects of a kind. That there is none any more takes more than one reading.
func put[T any](ctx context.Context, sw *sweep, asked time.Time, kind identity.SystemObjectKind, all []T, named func(T) (id, name string)) error {
	if len(all) == 0 {
		known, err := sw.known(ctx, kind)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			sw.doubt(fmt.Sprintf("no %s is shown, and %d are known", kind, len(known)))
			return nil
		}
	}
	objects := make([]ledgersystems.Object, len(all))
	for i, one := range all {
		objects[i].Kind = kind
		objects[i].ID, objects[i].Name = named(one)
	}
	return sw.Ledger.Systems().PutObjects(ctx, sw.name, kind, asked, sw.keep, objects)
}

// members reads who is in which group, where the list of accounts does not show it.
func (sw *sweep) members(ctx context.Context) error {
	able, can := sw.system.(target.GroupManager)
	if !can || !sw.at.ByGroup {
		return nil
	}
	if sw.at.Began.IsZero() {
		sw.at.Began = sw.Clock()
	}
	groups, err := sw.known(ctx, identity.ObjectGroup)
	if err != nil {
		return err
	}
	holders, err := sw.Ledger.Systems().Holders(ctx, sw.name, identity.ObjectGroup)
	if err != nil {
		return err
	}
	for _, group := range groups {
		if group <= sw.at.After {
			continue
		}
		step.Beat(ctx, group)
		accounts, err := sw.membersOf(ctx, able, group, holders[group])
		if err != nil {
			return err
		}
		if err := sw.Ledger.Systems().PutMembers(ctx, sw.name, sw.rec.ID, group, accounts); err != nil {
			return err
		}
		sw.at.After = group
		if err := sw.save(ctx); err != nil {
			return err
		}
	}
	return sw.keepMembers(ctx)
}

// membersOf reads who is in a group. One that shows nobody although it had members is asked once more.
func (sw *sweep) membersOf(ctx context.Context, able target.GroupManager, group string, had int) ([]string, error) {
	in := target.MembersRequest{Group: group}
	out, err := able.Members(ctx, in)
	if err == nil && len(out.Accounts) == 0 && had > 0 {
		out, err = able.Members(ctx, in)
	}
	if step.IsNotFound(err) {
		return nil, nil
	}
	return out.Accounts, err
}

// keepMembers turns who is in a group into which groups an account is in.
func (sw *sweep) keepMembers(ctx context.Context) error {
	held := map[string][]string{}
	err := sw.Ledger.Inventory().EachStated(ctx, sw.name, func(a inventory.Account) error {
		if !a.ObservedAt.IsZero() {
			held[a.Ref.ID] = []string{}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = sw.Ledger.Systems().EachGroup(ctx, sw.name, sw.rec.ID, func(group string, accounts []string) error {
		for _, id := range accounts {
			if groups, known := held[id]; known {
				held[id] = append(groups, group)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	news, err := sw.Ledger.Systems().ObserveHeld(ctx, ledgersystems.Held{
		System: sw.name, Kind: identity.ObjectGroup, At: sw.at.Began, IDs: held, Keep: sw.keep,
	})
	sw.at.Written += int64(len(news))
	return err
}
