package ldap

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// holding finds the groups that hold an entry.
func (s session) holding(e *goldap.Entry) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, attribute := range s.t.flavour.members {
		b.WriteString(equals(attribute, e.DN))
	}
	if name := e.GetEqualFoldAttributeValue(s.t.flavour.username); s.t.flavour.byName != "" && name != "" {
		b.WriteString(equals(s.t.flavour.byName, name))
	}
	if sid := primaryGroup(e); sid != "" {
		b.WriteString(equals("objectSid", sid))
	}
	return b.String() + ")"
}

// primaryGroup is the security identifier of an Active Directory account's primary group, which holds it in no list.
func primaryGroup(e *goldap.Entry) string {
	sid, id := e.GetEqualFoldRawAttributeValue("objectSid"), number(e, "primaryGroupID")
	if len(sid) < 12 || id <= 0 {
		return ""
	}
	group := slices.Clone(sid)
	binary.LittleEndian.PutUint32(group[len(group)-4:], uint32(id))
	return string(group)
}

func (s session) memberships(e *goldap.Entry) (ids []string, shown bool, err error) {
	found, err := s.groups(s.holding(e), []string{s.t.flavour.key.name})
	if err != nil {
		return nil, false, err
	}
	for _, g := range found {
		ids = append(ids, s.t.flavour.key.of(g))
	}
	if len(ids) > 0 {
		slices.Sort(ids)
		return ids, true, nil
	}
	shown, err = s.visible(s.t.client.o.Groups, s.t.flavour.groups)
	return nil, shown, err
}

func (s session) groups(filter string, attributes []string) ([]*goldap.Entry, error) {
	return s.search(s.t.client.o.Groups, "(&"+s.t.flavour.groups+filter+")", attributes, s.t.client.o.PageSize)
}

// namedGroups finds groups by their keys. One that is not there is left out, but only where the directory shows others.
func (s session) namedGroups(ids []string) ([]*goldap.Entry, error) {
	for _, id := range ids {
		if !s.t.flavour.key.valid(id) {
			return nil, refused(s.op, connectors.KindInvalid, "", "a group's id is its "+s.t.flavour.key.name+", in lower case")
		}
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	found, err := s.groups(s.t.flavour.key.anyOf(ids), []string{s.t.flavour.key.name, "objectClass", "objectSid"})
	if err != nil || len(found) == len(ids) {
		return found, err
	}
	shown, err := s.visible(s.t.client.o.Groups, s.t.flavour.groups)
	if err != nil {
		return nil, err
	}
	if !shown {
		return nil, s.nothing()
	}
	return s.groups(s.t.flavour.key.anyOf(ids), []string{s.t.flavour.key.name, "objectClass", "objectSid"})
}

// holders are the attributes by which a group can hold an account, and the value that stands for it there.
func (s session) holders(g, e *goldap.Entry) (all []swap) {
	classes := strings.ToLower(" " + strings.Join(g.GetEqualFoldAttributeValues("objectClass"), " ") + " ")
	has := func(class string) bool { return strings.Contains(classes, " "+class+" ") }
	if has("groupofnames") || has("groupofmembers") || has("group") {
		all = append(all, swap{attribute: "member", to: e.DN})
	}
	if has("groupofuniquenames") {
		all = append(all, swap{attribute: "uniqueMember", to: e.DN})
	}
	if has("posixgroup") {
		all = append(all, swap{attribute: "memberUid", to: e.GetEqualFoldAttributeValue(s.t.flavour.username)})
	}
	return all
}

// Remove implements target.Remover. A group whose schema demands a member, and the primary group of Active Directory, keep the account in
// no other.
func (t *Target) Remove(ctx context.Context, in target.RemoveRequest) error {
	if len(in.From) == 0 {
		return nil
	}
	defer t.indexes.forget()
	return t.call(ctx, t.named("remove memberships of account", in.ID), func(s session) error {
		e, _, err := s.writable(in.Write)
		if err != nil {
			return err
		}
		groups, err := s.namedGroups(in.From)
		if err != nil {
			return err
		}
		return s.eachGroup(groups, func(g *goldap.Entry) error { return s.leave(g, e) })
	})
}

// eachGroup does something to each of several groups, which errors name by their keys. One that is refused keeps it from none of the others.
func (s session) eachGroup(groups []*goldap.Entry, do func(*goldap.Entry) error) error {
	var all connectors.Several
	for _, g := range groups {
		all.Do(s.t.flavour.key.of(g), func() error { return fault(s.op, do(g)) })
	}
	return all.Err()
}

// leave takes an account out of a group.
func (s session) leave(g, e *goldap.Entry) error {
	if sid := primaryGroup(e); sid != "" && string(g.GetEqualFoldRawAttributeValue("objectSid")) == sid {
		return refused(s.op, connectors.KindConflict, CodePrimaryGroup, "the group is the account's primary group: give it another primary group first")
	}
	for _, h := range s.holders(g, e) {
		shown, err := s.conn.Search(goldap.NewSearchRequest(
			g.DN, goldap.ScopeBaseObject, goldap.NeverDerefAliases, 0, 0, false, equals(h.attribute, h.to), none, nil))
		if err != nil {
			return err
		}
		if len(shown.Entries) == 0 {
			continue
		}
		req := goldap.NewModifyRequest(g.DN, nil)
		req.Delete(h.attribute, []string{h.to})
		err = s.conn.Modify(req)
		if is(err, goldap.LDAPResultObjectClassViolation) {
			err = s.leaveLast(g, h)
		}
		if err != nil && !is(err, goldap.LDAPResultNoSuchAttribute) {
			return err
		}
	}
	return nil
}

// leaveLast takes the last member out of a group whose schema demands one.
func (s session) leaveLast(g *goldap.Entry, h swap) error {
	empty := s.t.client.o.EmptyMember
	if empty == "" || h.attribute == s.t.flavour.byName {
		return refused(s.op, connectors.KindConflict, CodeLastMember,
			"the account is the last member of a group that must have one: set empty_member, put somebody else in, or delete the group")
	}
	req := goldap.NewModifyRequest(g.DN, nil)
	req.Delete(h.attribute, []string{h.to})
	req.Add(h.attribute, []string{empty})
	return s.conn.Modify(req)
}

// Add implements target.GroupManager.
func (t *Target) Add(ctx context.Context, in target.AddRequest) error {
	if len(in.To) == 0 {
		return nil
	}
	defer t.indexes.forget()
	return t.call(ctx, t.named("add memberships of account", in.ID), func(s session) error {
		e, _, err := s.writable(in.Write)
		if err != nil {
			return err
		}
		groups, err := s.namedGroups(in.To)
		if err != nil {
			return err
		}
		return connectors.Each(in.To, func(id string) error {
			i := slices.IndexFunc(groups, func(g *goldap.Entry) bool { return t.flavour.key.of(g) == id })
			if i < 0 {
				return refused(s.op, connectors.KindNotFound, "", "the group is not there")
			}
			return fault(s.op, s.join(groups[i], e))
		})
	})
}

// join puts an account into a group, by its DN where the group can hold one.
func (s session) join(g, e *goldap.Entry) error {
	if sid := primaryGroup(e); sid != "" && string(g.GetEqualFoldRawAttributeValue("objectSid")) == sid {
		return nil
	}
	holders := s.holders(g, e)
	if len(holders) == 0 {
		return refused(s.op, connectors.KindInvalid, "", "the group is of a class that holds no accounts")
	}
	req := goldap.NewModifyRequest(g.DN, nil)
	req.Add(holders[0].attribute, []string{holders[0].to})
	err := s.conn.Modify(req)
	// Active Directory says that the entry exists where others say it of the value.
	if is(err, goldap.LDAPResultAttributeOrValueExists, goldap.LDAPResultEntryAlreadyExists) {
		return nil
	}
	return err
}
