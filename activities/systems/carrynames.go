package systems

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/connectors"
	"gatehouse/identity"
)

// byID began what stood for a name that nobody knew, in steps that earlier versions planned. Names may begin so too.
const byID = "#"

// idsOf are the ids of objects by their names. A name that the system does not have, or that several objects share, is a question for a
// person: unknown names it, as what a system refuses of several is named.
func (s *Systems) idsOf(ctx context.Context, system string, kind identity.SystemObjectKind, names []string) (ids []string, unknown, err error) {
	found, now := map[string][]string{}, map[string]string{}
	for _, name := range names {
		if found[name], err = s.candidates(ctx, system, kind, name, false); err == nil && len(found[name]) == 0 {
			now[name], err = s.renamedTo(ctx, system, kind, name)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	unknown = connectors.Each(names, func(name string) error {
		if n := len(found[name]); n != 1 {
			return unknownName(system, kind, name, now[name], n)
		}
		ids = append(ids, found[name][0])
		return nil
	})
	slices.Sort(ids)
	return slices.Compact(ids), unknown, nil
}

// idOf is the id of the only object of a name.
func (s *Systems) idOf(ctx context.Context, system string, kind identity.SystemObjectKind, name string) (string, error) {
	ids, unknown, err := s.idsOf(ctx, system, kind, []string{name})
	if err = cmp.Or(err, unknown); err != nil {
		return "", err
	}
	return ids[0], nil
}

// renamedTo is what an object is called now that had a name before, "" if none is known.
func (s *Systems) renamedTo(ctx context.Context, system string, kind identity.SystemObjectKind, name string) (string, error) {
	all, err := s.Ledger.Systems().Objects(ctx, system)
	for _, o := range all {
		if o.Kind == kind && slices.Contains(o.Before(), name) {
			return o.Name, err
		}
	}
	return "", err
}

func unknownName(system string, kind identity.SystemObjectKind, name, now string, n int) error {
	why := fmt.Errorf("there is no %s called %q: create it there, or correct the name in policy.yaml; it is known here once the system has been read again "+
		"(starter sweep --system %s), then retry", kind, name, system)
	switch {
	case now != "":
		why = fmt.Errorf("there is no %s called %q, it was renamed to %q: write that name into policy.yaml, or rename it back there and read the system again "+
			"(starter sweep --system %s), then retry", kind, name, now, system)
	case n > 1:
		why = fmt.Errorf("%d objects of the kind %s are called %q: rename all but one there, read the system again (starter sweep --system %s), then retry",
			n, kind, name, system)
	}
	return &connectors.Error{System: system, Op: "find what is to be given", Kind: connectors.KindInvalid, Err: why}
}

// objectsOf are the ids of all objects that have one of the names, those that are gone among them: they may be held yet. A name that is
// nothing's any more is held by nobody.
func (s *Systems) objectsOf(ctx context.Context, system string, kind identity.SystemObjectKind, names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		found, err := s.candidates(ctx, system, kind, name, true)
		if err != nil {
			return nil, err
		}
		if id, old := strings.CutPrefix(name, byID); old && len(found) == 0 {
			found = []string{id}
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// candidates are the ids of the objects that have a name, with or without those that the system does not show any more.
func (s *Systems) candidates(ctx context.Context, system string, kind identity.SystemObjectKind, name string, gone bool) ([]string, error) {
	if id, unnamed := identity.UnnamedID(name); unnamed {
		return []string{id}, nil
	}
	found, err := s.Ledger.Systems().Named(ctx, system, kind, name)
	var ids []string
	for _, o := range found {
		if gone || !o.Gone {
			ids = append(ids, o.ID)
		}
	}
	return ids, err
}

// place is where an account is to be, as its system writes it: by the name of a container, or as the policy writes it.
func (s *Systems) place(ctx context.Context, system, name string) (string, error) {
	found, err := s.candidates(ctx, system, identity.ObjectContainer, name, false)
	if err != nil || len(found) != 1 {
		return name, err
	}
	return found[0], nil
}
