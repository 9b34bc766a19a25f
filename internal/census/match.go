package census

import (
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gatehouse/activities"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

// Census is all people and accounts, compared by one policy.
type Census struct {
	*Data
	Policy *policy.Policy
	Humans []*Human
	// Owned says whose each account is, in the order of Accounts.
	Owned []Owned

	byKey  map[string]*Human
	index  index
	byID   map[int64]int
	byExt  map[string][]int
	byMail map[string][]int
}

// Owned says whose an account is, and why.
type Owned struct {
	// Tie is how closely it is tied to Human; TieNone says that it is nobody's, and Human is nil.
	Tie     policy.Tie
	Human   *Human
	Reasons []string
	// Others are further humans whom it may belong to.
	Others []*Human
	// Row is what the ledger has of it.
	Row ledger.Account
}

// Declared reports that somebody has said that the account is no person's own.
func (o Owned) Declared() bool { return activities.Nobodys(o.Row.Kind) }

// index finds humans by the digests of their handles.
type index struct {
	seed          maphash.Seed
	strong, names map[uint64][]int32
}

// New compares everything by a policy.
func New(d *Data, pol *policy.Policy) *Census {
	c := &Census{
		Data: d, Policy: pol, Humans: people(d, pol), byKey: map[string]*Human{},
		byID: map[int64]int{}, byExt: map[string][]int{}, byMail: map[string][]int{},
		index: index{seed: maphash.MakeSeed(), strong: map[uint64][]int32{}, names: map[uint64][]int32{}},
	}
	for i, h := range c.Humans {
		h.at = int32(i)
		for _, key := range h.Keys {
			c.byKey[key] = h
		}
		c.index.add(pol, int32(i), h)
	}
	for i, a := range d.Accounts {
		c.byID[a.ID] = i
		c.byExt[a.ExternalID] = append(c.byExt[a.ExternalID], i)
		mail := identity.FoldAddress(a.Email)
		c.byMail[mail] = append(c.byMail[mail], i)
	}
	c.Owned = make([]Owned, len(d.Accounts))
	c.sideBySide(len(d.Accounts), func(i int) { c.Owned[i] = c.whose(d.Accounts[i]) })
	return c
}

// sideBySide does n independent pieces of work on all processors.
func (c *Census) sideBySide(n int, do func(i int)) {
	const batch = 64
	var group sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for from := range next {
				for i := from; i < min(from+batch, n); i++ {
					do(i)
				}
			}
		})
	}
	for from := 0; from < n; from += batch {
		next <- from
	}
	close(next)
	group.Wait()
}

func (x *index) add(pol *policy.Policy, i int32, h *Human) {
	put := func(to map[uint64][]int32, handles []string) {
		for _, handle := range handles {
			at := maphash.String(x.seed, handle)
			if list := to[at]; len(list) == 0 || list[len(list)-1] != i {
				to[at] = append(list, i)
			}
		}
	}
	claim := policy.Claim{Keys: h.Keys, Records: h.Records}
	strong, names := apart(append(pol.HandlesOf(claim), pol.SlightHandlesOf(claim)...), func(local string) bool {
		return slices.ContainsFunc(h.Records, func(r identity.Record) bool {
			return strings.HasPrefix(identity.FoldAddress(r.WorkEmail), local+"@")
		})
	})
	put(x.strong, strong)
	put(x.names, names)
}

// apart tells handles of ids, addresses and usernames from those of names, which many people share. A username that is not
// their own, and only what their name would give, is as much as the name.
func apart(handles []string, own func(local string) bool) (strong, names []string) {
	for _, h := range handles {
		local, username := policy.UsernameHandle(h)
		if policy.NameHandle(h) || username && !own(local) {
			names = append(names, h)
		} else {
			strong = append(strong, h)
		}
	}
	return strong, names
}

// mostNamed bounds how many people are compared with an account because of a name alone.
const mostNamed = 50

func (x *index) find(in map[uint64][]int32, handles []string, most int) []int32 {
	var found []int32
	for _, handle := range handles {
		if list := in[maphash.String(x.seed, handle)]; most == 0 || len(list) <= most {
			found = append(found, list...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// whose says whose an account is. It is compared with everybody who shares an id, an address or a username with it, and
// where that does not settle it, with everybody of its name as well.
func (c *Census) whose(a identity.Account) Owned {
	o := Owned{Tie: policy.TieNone, Row: c.stated[identity.OneLoginRef(a.ID)]}
	if o.Declared() {
		return o
	}
	handles, met := c.Policy.Handles(a), likenesses{look: c.Policy.Look(a), at: map[int32]policy.Likeness{}}
	near := c.index.find(c.index.strong, handles, 0)
	if h := c.byKey[o.Row.Person]; h != nil && o.Row.Belongs() && !slices.Contains(near, h.at) {
		near = append(near, h.at)
	}
	best, others := c.suit(a, o.Row, near, met, false)
	if best.Tie != policy.TieCertain && best.Tie != policy.TieDisputed {
		wide := append(near, c.index.find(c.index.names, handles, mostNamed)...)
		slices.Sort(wide)
		best, others = c.suit(a, o.Row, slices.Compact(wide), met, true)
	}
	if best.Tie != policy.TieNone {
		o.Tie, o.Human, o.Reasons, o.Others = best.Tie, c.byKey[best.Key], best.Reasons, others
	}
	return o
}

// likenesses are what an account has in common with humans, by their places.
type likenesses struct {
	look func(policy.Claim) policy.Likeness
	at   map[int32]policy.Likeness
}

func (l likenesses) with(h *Human) policy.Likeness {
	like, known := l.at[h.at]
	if !known {
		like = l.look(policy.Claim{Keys: h.Keys, Records: h.Records})
		l.at[h.at] = like
	}
	return like
}

// suit ties an account to each of some humans, and says whose it is by that. Wide compares how close it is to each of them
// as well.
func (c *Census) suit(a identity.Account, row ledger.Account, near []int32, met likenesses, wide bool) (best policy.Suitor, others []*Human) {
	var suitors []policy.Suitor
	rivals := make([]policy.Rival, len(near))
	points := make([]int, len(near))
	for i, at := range near {
		h := c.Humans[at]
		like := met.with(h)
		rivals[i], points[i] = like.Rival(h.Key, h.Person.Belongs()), like.Closeness()
	}
	for i, at := range near {
		h := c.Humans[at]
		claim := policy.Claim{Keys: h.Keys, Records: h.Records, Left: h.Left(), Refused: c.refuses(a, h)}
		if owner := c.byKey[row.Person]; row.Belongs() && owner != nil {
			claim.Linked, claim.ByWord = owner == h, owner == h && row.DecidedBy != ""
			claim.Other, claim.OtherEmployed = owner != h, owner != h && owner.Person.Belongs()
		}
		for j, r := range rivals {
			if j == i || !r.Anchor && !r.Address && !r.Name {
				continue
			}
			r.Closer = wide && points[j] > points[i]
			claim.Rivals = append(claim.Rivals, r)
		}
		if tied := c.Policy.TieBy(a, claim, met.with(h)); tied.Tie != policy.TieNone {
			suitors = append(suitors, policy.Suitor{Key: h.Key, Tied: tied})
		}
	}
	best = policy.Whose(suitors)
	for _, s := range suitors {
		if s.Key != best.Key && (s.Tie != policy.TieNamesake || best.Tie == policy.TieNamesake) {
			others = append(others, c.byKey[s.Key])
		}
	}
	return best, others
}

// refuses reports that somebody has said of the account, as it is now, that it is not the human's.
func (c *Census) refuses(a identity.Account, h *Human) bool {
	for _, r := range c.refused[identity.OneLoginRef(a.ID)] {
		if slices.Contains(h.Keys, r.Person) && r.Evidence == c.evidence(a) {
			return true
		}
	}
	return false
}

// ties says how an account is tied to one human.
func (c *Census) tie(i int, h *Human) policy.Tied {
	o := c.Owned[i]
	switch {
	case o.Human == h:
		return policy.Tied{Tie: o.Tie, Reasons: o.Reasons}
	case slices.Contains(o.Others, h):
		return policy.Tied{Tie: policy.TieCandidate, Reasons: []string{policy.ReasonRival}}
	case o.Human != nil && o.Tie == policy.TieCertain && o.Human.Person.Belongs():
		return policy.Tied{Tie: policy.TieNone, Reasons: []string{policy.ReasonEmployedOwner}}
	}
	return policy.Tied{Tie: policy.TieNone}
}
