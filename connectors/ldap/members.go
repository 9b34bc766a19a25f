package ldap

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	goldap "github.com/go-ldap/ldap/v3"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// Members implements target.GroupManager.
func (t *Target) Members(ctx context.Context, in target.MembersRequest) (out target.MembersResponse, err error) {
	err = t.call(ctx, t.named("list members of group", in.Group), func(s session) error {
		groups, err := s.namedGroups([]string{in.Group})
		if err != nil {
			return err
		}
		if len(groups) == 0 {
			return &connectors.Error{System: System, Op: s.op, Kind: connectors.KindNotFound}
		}
		w := descent{session: s, in: in, accounts: map[string]bool{}, groups: map[string]bool{}, under: map[string]bool{}}
		if err := w.into(groups[0].DN, in.Group); err != nil {
			return err
		}
		out = target.MembersResponse{Accounts: sorted(w.accounts), Groups: sorted(w.groups), Unknown: w.unknown, Cycle: w.cycle}
		return nil
	})
	return out, err
}

func sorted(set map[string]bool) []string {
	var all []string
	for one := range set {
		all = append(all, one)
	}
	slices.Sort(all)
	return all
}

// descent collects members, from a group to those within it.
type descent struct {
	session
	in               target.MembersRequest
	accounts, groups map[string]bool
	// under are the groups that are being read, from the first down: one that comes again makes a cycle.
	under   map[string]bool
	unknown int
	cycle   bool
	// index knows entries by DN, once it is worth reading all of them.
	index map[string]known
}

// known is what an entry is.
type known struct {
	id    string
	group bool
}

func (w *descent) into(dn, id string) error {
	w.under[id] = true
	defer delete(w.under, id)
	values, names, err := w.held(dn)
	if err != nil {
		return err
	}
	for _, value := range values {
		if value == "" || normalDN(value) == normalDN(w.t.client.o.EmptyMember) {
			continue
		}
		entry, err := w.whose(value, len(values))
		switch {
		case err != nil:
			return err
		case entry.id == "":
			w.unknown++
		case !entry.group:
			w.accounts[entry.id] = true
		case w.under[entry.id]:
			w.cycle = true
		case !w.groups[entry.id]:
			w.groups[entry.id] = true
			if w.in.Nested {
				if err := w.into(value, entry.id); err != nil {
					return err
				}
			}
		}
	}
	return w.byName(names)
}

// held are the values of a group's members: DNs, and usernames of those that Unix holds.
func (w *descent) held(dn string) (dns, names []string, err error) {
	f := w.t.flavour
	if f.ranged {
		dns, err = w.ranges(dn, "member")
		return dns, nil, err
	}
	g, err := w.one(dn, append([]string{f.byName}, f.members...))
	if err != nil || g == nil {
		return nil, nil, err
	}
	for _, attribute := range f.members {
		dns = append(dns, g.GetEqualFoldAttributeValues(attribute)...)
	}
	return dns, g.GetEqualFoldAttributeValues(f.byName), nil
}

// ranges reads all values of an attribute that the server shows in pieces (MS-ADTS 3.1.1.3.1.3.3).
func (s session) ranges(dn, attribute string) (all []string, err error) {
	for from := 0; ; {
		to := "*"
		if s.t.pieces > 0 {
			to = strconv.Itoa(from + s.t.pieces - 1)
		}
		e, err := s.one(dn, []string{fmt.Sprintf("%s;range=%d-%s", attribute, from, to)})
		if err != nil {
			return nil, err
		}
		if e == nil {
			return all, nil
		}
		piece, last, found := pieceOf(e, attribute)
		all = append(all, piece...)
		if !found || last || len(piece) == 0 {
			return all, nil
		}
		from += len(piece)
	}
}

// pieceOf is the piece of a list that an entry shows, and whether it is the last.
func pieceOf(e *goldap.Entry, attribute string) (values []string, last, found bool) {
	for _, a := range e.Attributes {
		name, option, ranged := strings.Cut(strings.ToLower(a.Name), ";range=")
		if name != strings.ToLower(attribute) || !ranged && len(a.Values) == 0 {
			continue
		}
		if !ranged {
			return a.Values, true, true
		}
		_, to, _ := strings.Cut(option, "-")
		_, err := strconv.Atoi(to)
		return a.Values, err != nil, true
	}
	return nil, true, false
}

// few is how many entries are read one by one before it is quicker to read all.
const few = 50

// whose says whose a DN is. Members of large groups are looked up in an index of all accounts and groups.
func (w *descent) whose(dn string, among int) (known, error) {
	if w.index == nil && among > few {
		w.index = map[string]known{}
		for base, every := range map[string]string{w.t.client.o.People: w.t.flavour.people, w.t.client.o.Groups: w.t.flavour.groups} {
			found, err := w.search(base, every, []string{w.t.flavour.key.name, "objectClass"}, w.t.client.o.PageSize)
			if err != nil {
				return known{}, err
			}
			for _, e := range found {
				w.index[normalDN(e.DN)] = w.known(e)
			}
		}
	}
	if w.index != nil {
		return w.index[normalDN(dn)], nil
	}
	for base, every := range map[string]string{w.t.client.o.People: w.t.flavour.people, w.t.client.o.Groups: w.t.flavour.groups} {
		if !below(dn, base) {
			continue
		}
		e, err := w.oneOf(dn, every, []string{w.t.flavour.key.name, "objectClass"})
		if err != nil || e != nil {
			return w.known(e), err
		}
	}
	return known{}, nil
}

func (w *descent) known(e *goldap.Entry) known {
	if e == nil {
		return known{}
	}
	k := known{id: w.t.flavour.key.of(e)}
	for _, class := range e.GetEqualFoldAttributeValues("objectClass") {
		switch strings.ToLower(class) {
		case "groupofnames", "groupofmembers", "groupofuniquenames", "posixgroup", "group":
			k.group = true
		}
	}
	return k
}

// byName finds the accounts of usernames.
func (w *descent) byName(names []string) error {
	for _, name := range names {
		found, err := w.search(w.t.client.o.People, "(&"+w.t.flavour.people+equals(w.t.flavour.username, name)+")", []string{w.t.flavour.key.name}, w.t.client.o.PageSize)
		if err != nil {
			return err
		}
		for _, e := range found {
			w.accounts[w.t.flavour.key.of(e)] = true
		}
		if len(found) == 0 {
			w.unknown++
		}
	}
	return nil
}
