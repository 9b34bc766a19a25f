package ldap

import (
	"context"
	"maps"
	"slices"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// WriteProfile implements target.ProfileWriter.
func (t *Target) WriteProfile(ctx context.Context, in target.ProfileRequest) (a target.Account, err error) {
	err = t.call(ctx, t.named("write profile of account", in.ID), func(s session) error {
		e, now, err := s.writable(in.Write)
		if err != nil {
			return err
		}
		swaps, err := s.swaps(e, in.Changes)
		if err != nil {
			return err
		}
		if len(swaps) == 0 {
			a = now
			return nil
		}
		req := goldap.NewModifyRequest(e.DN, nil)
		for _, w := range swaps {
			w.add(req)
		}
		err = s.conn.Modify(req)
		if is(err, goldap.LDAPResultNoSuchAttribute, goldap.LDAPResultAttributeOrValueExists) {
			return s.changed()
		}
		if err == nil {
			err = s.doubled(in.ID, swaps)
		}
		if err == nil {
			a, err = s.reread(in.ID)
		}
		return err
	})
	return a, err
}

func (s session) changed() error {
	return refused(s.op, connectors.KindConflict, CodeChanged, "somebody else has changed the value since it was read")
}

// swaps are the changes that are still to be made. A value that is neither what it was nor what it is to be is a conflict.
func (s session) swaps(e *goldap.Entry, changes []target.Change) (all []swap, err error) {
	for _, c := range changes {
		w := swap{attribute: s.attribute(c.Attribute), from: c.From, to: c.To}
		if w.attribute == "" {
			return nil, refused(s.op, connectors.KindInvalid, "", "the directory has no place for an attribute of this name")
		}
		if c.Attribute == target.AttributeManager {
			if w.from, w.to, err = s.managers(e, c); err != nil {
				return nil, err
			}
		}
		values := e.GetEqualFoldAttributeValues(w.attribute)
		same := func(want string) int {
			return slices.IndexFunc(values, func(v string) bool {
				return v == want || c.Attribute == target.AttributeManager && normalDN(v) == normalDN(want)
			})
		}
		there, was := same(w.to), same(w.from)
		switch {
		case w.to == "" && len(values) == 0, w.to != "" && there >= 0 && (was < 0 || was == there):
			continue
		case w.from == "" && len(values) > 0, w.from != "" && was < 0:
			return nil, s.changed()
		case w.from != "":
			w.from = values[was] // As the server writes it.
		}
		if there >= 0 {
			w.to = "" // It stands beside the old one already.
		}
		all = append(all, w)
	}
	return all, nil
}

// Attributes implements target.AttributeNamer.
func (t *Target) Attributes() []string {
	return slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(t.flavour.names)), target.AttributeExternalID)))
}

// attribute is the directory's name of an attribute, "" if it has none.
func (s session) attribute(name string) string {
	if name == target.AttributeExternalID {
		return s.t.client.o.ExternalID
	}
	return s.t.flavour.names[name]
}

// managers translates the ids of managers to their DNs. That of the old one is taken from the entry. A DN that is no entry's is that
// of a manager who is gone, and is replaced.
func (s session) managers(e *goldap.Entry, c target.Change) (from, to string, err error) {
	if c.To != "" {
		above, err := s.entry(c.To)
		if connectors.IsKind(err, connectors.KindNotFound) {
			return "", "", refused(s.op, connectors.KindInvalid, "", "the manager has no account of this id")
		}
		if err != nil {
			return "", "", err
		}
		to = above.DN
	}
	for _, dn := range e.GetEqualFoldAttributeValues("manager") {
		above, err := s.one(dn, []string{s.t.flavour.key.name})
		if err != nil {
			return "", "", err
		}
		if above == nil || c.From != "" && s.t.flavour.key.of(above) == c.From {
			return dn, to, nil
		}
	}
	if c.From == "" {
		return "", to, nil
	}
	return "nobody", to, nil
}

// doubled takes back a value that was added to an empty attribute which somebody else has filled at the same time: a
// directory lets most attributes have several.
func (s session) doubled(id string, swaps []swap) error {
	if !slices.ContainsFunc(swaps, func(w swap) bool { return w.from == "" }) {
		return nil
	}
	e, err := s.entry(id)
	if err != nil {
		return err
	}
	for _, w := range swaps {
		if w.from != "" || len(e.GetEqualFoldAttributeValues(w.attribute)) < 2 {
			continue
		}
		req := goldap.NewModifyRequest(e.DN, nil)
		req.Delete(w.attribute, []string{w.to})
		if err := s.conn.Modify(req); err != nil {
			return err
		}
		return s.changed()
	}
	return nil
}

// Delete implements target.Deleter. The groups go first: a directory may keep the DN of who is gone, and give its rights to
// the next who gets that name.
func (t *Target) Delete(ctx context.Context, in target.Write) error {
	defer t.indexes.forget()
	return t.call(ctx, t.named("delete account", in.ID), func(s session) error {
		e, _, err := s.writable(in)
		if err != nil {
			return err
		}
		if t.client.o.Kind != ActiveDirectory {
			groups, err := s.groups(s.holding(e), []string{"objectClass"})
			if err != nil {
				return err
			}
			for _, g := range groups {
				if err := s.leave(g, e); err != nil {
					return err
				}
			}
		}
		return s.conn.Del(goldap.NewDelRequest(e.DN, nil))
	})
}
