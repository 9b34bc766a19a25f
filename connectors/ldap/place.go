package ldap

import (
	"context"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Move implements target.Mover. A container is its DN.
func (t *Target) Move(ctx context.Context, in target.MoveRequest) (a target.Account, err error) {
	defer t.indexes.forget()
	err = t.call(ctx, t.named("move account", in.ID), func(s session) error {
		e, now, err := s.writable(in.Write)
		if err != nil {
			return err
		}
		own, parent := splitDN(e.DN)
		if normalDN(parent) == normalDN(in.To) {
			a = now
			return nil
		}
		if err := s.canHold(in.To); err != nil {
			return err
		}
		groups, err := s.groups(s.holding(e), []string{"objectClass"})
		if err != nil {
			return err
		}
		moved := &goldap.Entry{DN: own + "," + in.To}
		if err := s.follow(groups, e, moved, true); err != nil {
			return err
		}
		if err := s.conn.ModifyDN(goldap.NewModifyDNRequest(e.DN, own, true, in.To)); err != nil {
			return err
		}
		if err := s.follow(groups, e, moved, false); err != nil {
			return err
		}
		a, err = s.reread(in.ID)
		return err
	})
	return a, err
}

// follow has groups that hold an entry by its DN hold it by the new one. The new one is added before the entry moves and the
// old one removed after it, so that it is never in none. Active Directory, and overlays of others, do so by themselves.
func (s session) follow(groups []*goldap.Entry, from, to *goldap.Entry, before bool) error {
	if s.t.client.o.Kind == ActiveDirectory {
		return nil
	}
	for _, g := range groups {
		for _, h := range s.holders(g, to) {
			if h.attribute == s.t.flavour.byName {
				continue
			}
			req := goldap.NewModifyRequest(g.DN, nil)
			if before {
				req.Add(h.attribute, []string{to.DN})
			} else {
				req.Delete(h.attribute, []string{from.DN})
			}
			if err := s.conn.Modify(req); err != nil && !is(err, goldap.LDAPResultNoSuchAttribute, goldap.LDAPResultAttributeOrValueExists) {
				return err
			}
		}
	}
	return nil
}

// canHold refuses what accounts cannot be put into: a container that is not there, or out of which they could not be read any more.
func (s session) canHold(dn string) error {
	there, err := s.one(dn, none)
	switch {
	case err != nil:
		return err
	case dn == "" || there == nil:
		return refused(s.op, connectors.KindInvalid, "", "the container is not there: create it, or let the bind account read it")
	case !below(dn, s.t.client.o.People):
		return refused(s.op, connectors.KindInvalid, "", "the container is not below the people's DN: the account would be lost from sight")
	}
	return nil
}

// containers finds what accounts are put into by convention. A directory lets any entry be above another.
const containers = "(|(objectClass=organizationalUnit)(objectClass=organization)(objectClass=dcObject)(objectClass=domain)(objectClass=container))"

// Containers implements target.Placer. They are the people's DN, and the units, organizations and containers below it.
func (t *Target) Containers(ctx context.Context, _ target.ContainersRequest) (out target.ContainersResponse, err error) {
	err = t.call(ctx, "list containers", func(s session) error {
		top, err := s.one(t.client.o.People, none)
		if err != nil {
			return err
		}
		if top == nil {
			return s.nothing()
		}
		found, err := s.search(t.client.o.People, containers, none, t.client.o.PageSize)
		if err != nil {
			return err
		}
		for _, e := range append(found, top) {
			out.Containers = append(out.Containers, target.Container{ID: e.DN, Name: e.DN})
		}
		slices.SortFunc(out.Containers, func(a, b target.Container) int { return strings.Compare(a.ID, b.ID) })
		out.Containers = slices.Compact(out.Containers)
		return nil
	})
	return out, err
}
