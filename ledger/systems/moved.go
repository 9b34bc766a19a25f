package systems

import (
	"context"
	"maps"
	"slices"

	"gatehouse/identity"
	"gatehouse/ledger/engine"
)

// movedWith is what somebody's account held at a change of position that could not be decided about then, by kind.
type movedWith struct {
	Key     string                                 `json:"key"`
	Episode int                                    `json:"episode"`
	IDs     map[identity.SystemObjectKind][]string `json:"ids"`
}

// before reports that it is of before the departure that an episode of somebody's came after.
func (m *movedWith) before(key string, episode int) bool {
	return m != nil && m.Key == key && m.Episode == episode-2
}

// NoteMoved writes down what somebody's account held when their position changed and what could not be decided about then, in the place of
// what was known of that.
func (s Store) NoteMoved(ctx context.Context, ref identity.Ref, ids map[identity.SystemObjectKind][]string, key string, episode int) error {
	err := s.change(ctx, ref, func(x *extra) {
		x.ownPart.Moved = nil
		if len(ids) > 0 {
			x.ownPart.Moved = &movedWith{Key: key, Episode: episode, IDs: ids}
		}
	})
	return engine.Wrapf(err, "write down what %s held when its person's position changed", ref)
}

// movedWith is that of somebody's account in an episode of theirs.
func (k known) movedWith(system string, x *extra, w Whose) (all map[identity.SystemObjectKind][]string) {
	if m := x.ownPart.Moved; m != nil && m.Key == w.Key && m.Episode == w.Episode {
		for kind, ids := range m.IDs {
			all = k.named(all, system, kind, ids)
		}
	}
	return all
}

// earlier are the names that what an account holds, or lost by a departure, had before, by kind and the name of now.
func (k known) earlier(system string, x *extra) (all map[identity.SystemObjectKind]map[string][]string) {
	of := map[identity.SystemObjectKind][]string{}
	for kind, sh := range x.holds {
		of[kind] = sh.believed(k.now)
	}
	for kind, lost := range x.ownPart.Lost {
		of[kind] = slices.Concat(of[kind], slices.Collect(maps.Keys(lost)))
	}
	for kind, ids := range of {
		for _, id := range ids {
			is := k.names[system][kind][id]
			if is.formerly == "" {
				continue
			}
			if all == nil {
				all = map[identity.SystemObjectKind]map[string][]string{}
			}
			if all[kind] == nil {
				all[kind] = map[string][]string{}
			}
			all[kind][is.name] = append(all[kind][is.name], Object{Formerly: is.formerly}.Before()...)
		}
	}
	return all
}
