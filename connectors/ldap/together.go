package ldap

import (
	"hash/maphash"
	"slices"
	"sync"
	"time"

	goldap "github.com/go-ldap/ldap/v3"
)

// indexFor is how long it is remembered who is in which group. A list says as of when it is; what Gatehouse writes itself ends it.
const indexFor = 30 * time.Second

// groupsAtATime is how many groups are asked for with their members, who may be many.
const groupsAtATime = 20

// dnHash stands for a DN in large maps, which would be several times as large with the texts. That two are the same by chance is not
// to be expected: there are 2^128, and the seeds are of this process alone.
type dnHash [2]uint64

var dnSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func hashDN(dn string) dnHash {
	dn = normalDN(dn)
	return dnHash{maphash.String(dnSeeds[0], dn), maphash.String(dnSeeds[1], dn)}
}

// index knows the groups of every entry. Asking for those of one entry at a time takes longer than all of them, once a list is long.
type index struct {
	at time.Time
	// ids are those of the groups. The others hold places in it, by DN, by username, and by the security identifier of a primary group.
	ids            []string
	byDN           map[dnHash][]int32
	byName         map[string][]int32
	byPrimaryGroup map[string]int32
}

// indexes remembers the index.
type indexes struct {
	mu   sync.Mutex
	last *index
	// writes counts what has ended an index.
	writes int
}

func (x *indexes) get(now time.Time) (*index, int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.last != nil && now.Sub(x.last.at) < indexFor {
		return x.last, x.writes
	}
	return nil, x.writes
}

// put keeps an index unless something was written while it was read.
func (x *indexes) put(read *index, writes int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.writes == writes {
		x.last = read
	}
}

// forget ends the index, because groups are about to change.
func (x *indexes) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.last, x.writes = nil, x.writes+1
}

// groupIndex reads who is in which group.
func (s session) groupIndex() (*index, error) {
	now := s.t.client.o.Clock()
	known, writes := s.t.indexes.get(now)
	if known != nil {
		return known, nil
	}
	f := s.t.flavour
	x := &index{at: now, byDN: map[dnHash][]int32{}, byName: map[string][]int32{}, byPrimaryGroup: map[string]int32{}}
	shown, err := s.visible(s.t.client.o.Groups, f.groups)
	if err != nil || !shown {
		return x, err
	}
	seen := map[string]bool{}
	attributes := append([]string{"objectSid", f.byName}, f.members...)
	_, err = s.keys(s.t.client.o.Groups, f.groups, "", attributes, min(groupsAtATime, s.t.client.o.PageSize), func(g *goldap.Entry) error {
		id := f.key.of(g)
		if seen[id] {
			return nil
		}
		seen[id] = true
		dns, names, err := s.membersOf(g)
		if err != nil {
			return err
		}
		x.add(id, dns, names, string(g.GetEqualFoldRawAttributeValue("objectSid")))
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.t.indexes.put(x, writes)
	return x, nil
}

// membersOf are the members of a group that was read with them, of whom the server may have shown the first piece only.
func (s session) membersOf(g *goldap.Entry) (dns, names []string, err error) {
	f := s.t.flavour
	if f.ranged {
		piece, last, _ := pieceOf(g, "member")
		if last && s.t.pieces == 0 {
			return piece, nil, nil
		}
		dns, err = s.ranges(g.DN, "member")
		return dns, nil, err
	}
	for _, attribute := range f.members {
		dns = append(dns, g.GetEqualFoldAttributeValues(attribute)...)
	}
	return dns, g.GetEqualFoldAttributeValues(f.byName), nil
}

func (x *index) add(id string, dns, names []string, sid string) {
	at := int32(len(x.ids)) //nolint:gosec // No directory has so many groups.
	x.ids = append(x.ids, id)
	for _, dn := range dns {
		hash := hashDN(dn)
		x.byDN[hash] = append(x.byDN[hash], at)
	}
	for _, name := range names {
		x.byName[name] = append(x.byName[name], at)
	}
	if sid != "" {
		x.byPrimaryGroup[sid] = at
	}
}

// together are the surroundings of entries that are listed, with the keys of all accounts by DN.
type together struct {
	session
	groups *index
	names  map[dnHash]string
}

func (s together) memberships(e *goldap.Entry) (ids []string, shown bool, err error) {
	x := s.groups
	held := slices.Clone(x.byDN[hashDN(e.DN)])
	held = append(held, x.byName[e.GetEqualFoldAttributeValue(s.t.flavour.username)]...)
	if at, ok := x.byPrimaryGroup[primaryGroup(e)]; ok {
		held = append(held, at)
	}
	for _, at := range held {
		ids = append(ids, x.ids[at])
	}
	slices.Sort(ids)
	return slices.Compact(ids), len(x.ids) > 0, nil
}

func (s together) keyOf(dn string) (string, error) {
	if key := s.names[hashDN(dn)]; key != "" {
		return key, nil
	}
	return s.session.keyOf(dn)
}
