package systems

import (
	"context"
	"maps"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
)

// mostNamed is how many accounts and groups a system may name as changed. If it names more, reading everything costs less.
const mostNamed = 500

// watch asks a system what may have changed since it was asked the last time, where it can say that, and returns what the reading is
// to read. What the system says is a hint: accounts are listed all the same, and without an answer the list alone decides.
func (sw *sweep) watch(ctx context.Context, kind inventory.SweepKind) (inventory.SweepKind, error) {
	able, can := sw.system.(target.Watcher)
	if !can {
		return kind, nil
	}
	cookie, err := sw.Ledger.Systems().Watched(ctx, sw.name)
	if err != nil || kind == inventory.SweepFull && cookie != "" {
		return kind, err // The next reading of changes goes on from there.
	}
	out, err := able.Changes(ctx, target.ChangesRequest{Cookie: cookie})
	if connectors.IsKind(err, connectors.KindInvalid) && cookie != "" {
		out, err = able.Changes(ctx, target.ChangesRequest{})
		out.Everything = true
	}
	if err != nil {
		if ctx.Err() == nil {
			step.Log(ctx).Info("a system did not say what may have changed", "system", sw.name, "error", err)
		}
		return kind, ctx.Err()
	}
	if kind == inventory.SweepFull || out.Everything || len(out.Accounts)+len(out.Groups) > mostNamed {
		// Where to go on is kept once everything is read: until then it is due.
		sw.at.Watch = out.Cookie
		return inventory.SweepFull, nil
	}
	sw.asked = &out
	return kind, nil
}

// named reads each account by itself that the system names as changed, and those that have come into a group which it names or gone
// from it. What it does not show is left to the next reading of everything: a name that leads nowhere proves nothing.
func (sw *sweep) named(ctx context.Context) error {
	if sw.asked == nil {
		return nil
	}
	ids := map[string]bool{}
	for _, id := range sw.asked.Accounts {
		ids[id] = true
	}
	if able, can := sw.system.(target.GroupManager); can && len(sw.asked.Groups) > 0 {
		if err := sw.inGroups(ctx, able, ids); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		step.Beat(ctx, id)
		if _, _, err := sw.look(ctx, id); err != nil {
			return err
		}
	}
	return sw.Ledger.Systems().PutWatched(ctx, sw.name, sw.asked.Cookie)
}

// inGroups adds those who are in a group that the system names and were not, or were and are not.
func (sw *sweep) inGroups(ctx context.Context, able target.GroupManager, ids map[string]bool) error {
	had, err := sw.Ledger.Systems().HeldBy(ctx, sw.name, identity.ObjectGroup)
	if err != nil {
		return err
	}
	known, err := sw.known(ctx, identity.ObjectGroup)
	if err != nil {
		return err
	}
	renew := false
	for _, group := range sw.asked.Groups {
		step.Beat(ctx, group)
		there, err := able.Members(ctx, target.MembersRequest{Group: group})
		if err != nil && !step.IsNotFound(err) {
			return err
		}
		renew = renew || err == nil && !slices.Contains(known, group)
		// What only one of them has is what has changed.
		for _, id := range slices.Concat(without(had[group], there.Accounts), without(there.Accounts, had[group])) {
			ids[id] = true
		}
	}
	if !renew {
		return nil
	}
	return sw.groups(ctx, able) // A group that is new has a name.
}

// without are the ids that others do not have.
func without(ids, others []string) []string {
	has := make(map[string]bool, len(others))
	for _, id := range others {
		has[id] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return has[id] })
}
