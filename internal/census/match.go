package census

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"gatehouse/activities/people"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// Census is all people and accounts, compared by one policy.
type Census struct {
	*Data
	Policy *policy.Policy
	Humans []*Human
	// Owned says whose each account is, in the order of Accounts.
	Owned []Owned

	// Failed says why not everybody was planned for; nil if everybody was.
	Failed error

	byKey map[string]*Human
	byID  map[int64]int32
	// strong and names find humans by handles, byExternal and byMail accounts.
	strong, names, byExternal, byMail *index
}

// Owned says whose an account is, and why.
type Owned struct {
	// Tie is how closely it is tied to Human; TieNone says that it is nobody's, and Human is nil.
	Tie     match.Tie
	Human   *Human
	Reasons []string
	// Others are further humans whom it may belong to.
	Others []*Human
	// Stated is what the ledger says of it.
	Stated *Stated
}

// Stated is what the ledger says of an account that OneLogin does not.
type Stated struct {
	Person        string
	Belongs       bool
	Kind          identity.AccountKind
	Purpose       string
	DecidedBy     string
	CreatedByUs   bool
	SuspendedByUs bool
	SuspendedFor  string
	LockedFor     string
	Lifted        bool
	// Contained says that it was closed in the present departure.
	Contained bool
}

// Declared reports that somebody has said that the account is no person's own.
func (o Owned) Declared() bool { return people.NoPersons(o.Stated.Kind) }

// New compares everything by a policy.
func New(d *Data, pol *policy.Policy) *Census {
	c := &Census{
		Data: d, Policy: pol, Humans: everybody(d, pol), byKey: make(map[string]*Human, len(d.Records)), byID: make(map[int64]int32, len(d.Accounts)),
		strong: newIndex(0), names: newIndex(0), byExternal: newIndex(len(d.Accounts)), byMail: newIndex(len(d.Accounts)),
	}
	for i, h := range c.Humans {
		h.at = int32(i)
		for _, key := range h.Keys {
			c.byKey[key] = h
		}
		c.handles(h)
	}
	for i, a := range d.Accounts {
		c.byID[a.ID] = int32(i)
		c.byExternal.add(int32(i), a.ExternalID)
		c.byMail.add(int32(i), identity.FoldAddress(a.Email))
	}
	for _, x := range []*index{c.strong, c.names, c.byExternal, c.byMail} {
		x.sort()
	}
	unstated := &Stated{}
	c.Owned = make([]Owned, len(d.Accounts))
	c.sideBySide(len(d.Accounts), func(i int) {
		a := d.Accounts[i]
		c.Owned[i] = c.whose(a, cmp.Or(d.stated[a.ID], unstated))
	})
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

// handles puts somebody where accounts that may be theirs are looked for.
func (c *Census) handles(h *Human) {
	claim := match.Claim{Keys: h.Keys, Records: h.Records}
	strong, names := apart(append(match.By(c.Policy).HandlesOf(claim), match.By(c.Policy).SlightHandlesOf(claim)...), func(local string) bool {
		return slices.ContainsFunc(h.Records, func(r identity.Record) bool {
			return strings.HasPrefix(identity.FoldAddress(r.WorkEmail), local+"@")
		})
	})
	c.strong.add(h.at, strong...)
	c.names.add(h.at, names...)
}

// apart tells handles of ids, addresses and usernames from those of names, which many people share. A username that is not
// their own, and only what their name would give, is as much as the name.
func apart(handles []string, own func(local string) bool) (strong, names []string) {
	for _, h := range handles {
		local, username := match.UsernameHandle(h)
		if match.NameHandle(h) || username && !own(local) {
			names = append(names, h)
		} else {
			strong = append(strong, h)
		}
	}
	return strong, names
}

// mostNamed bounds how many people are compared with an account because of a name alone.
const mostNamed = 50

// whose says whose an account is. It is compared with everybody who shares an id, an address or a username with it, and
// where that does not settle it, with everybody of its name as well.
func (c *Census) whose(a identity.Account, stated *Stated) Owned {
	o := Owned{Tie: match.TieNone, Stated: stated}
	if o.Declared() {
		return o
	}
	handles, met := match.By(c.Policy).Handles(a), likenesses{look: match.By(c.Policy).Look(a), at: map[int32]match.Likeness{}}
	near := c.strong.places(handles, 0)
	if h := c.byKey[stated.Person]; h != nil && stated.Belongs && !slices.Contains(near, h.at) {
		near = append(near, h.at)
	}
	best, others := c.suit(a, stated, near, met, false)
	if best.Tie != match.TieCertain && best.Tie != match.TieDisputed {
		wide := append(near, c.names.places(handles, mostNamed)...)
		slices.Sort(wide)
		best, others = c.suit(a, stated, slices.Compact(wide), met, true)
	}
	if best.Tie != match.TieNone {
		o.Tie, o.Human, o.Reasons, o.Others = best.Tie, c.byKey[best.Key], best.Reasons, others
	}
	return o
}

// likenesses are what an account has in common with humans, by their places.
type likenesses struct {
	look func(match.Claim) match.Likeness
	at   map[int32]match.Likeness
}

func (l likenesses) with(h *Human) match.Likeness {
	like, known := l.at[h.at]
	if !known {
		like = l.look(match.Claim{Keys: h.Keys, Records: h.Records})
		l.at[h.at] = like
	}
	return like
}

// suit ties an account to each of some humans, and says whose it is by that. Wide compares how close it is to each of them
// as well.
func (c *Census) suit(a identity.Account, stated *Stated, near []int32, met likenesses, wide bool) (best match.Suitor, others []*Human) {
	var suitors []match.Suitor
	rivals := make([]match.Rival, len(near))
	points := make([]int, len(near))
	for i, at := range near {
		h := c.Humans[at]
		like := met.with(h)
		rivals[i], points[i] = like.Rival(h.Key, h.Belongs), like.Closeness()
	}
	among := make([]match.Rival, 0, len(near))
	for i, at := range near {
		h := c.Humans[at]
		claim := match.Claim{Keys: h.Keys, Records: h.Records, Left: h.Left(), Refused: c.refuses(a, h)}
		if owner := c.byKey[stated.Person]; stated.Belongs && owner != nil {
			claim.Linked, claim.ByWord = owner == h, owner == h && stated.DecidedBy != ""
			claim.Other, claim.OtherEmployed = owner != h, owner != h && owner.Belongs
		}
		among = among[:0]
		for j, r := range rivals {
			if j == i || !r.Anchor && !r.Address && !r.Name {
				continue
			}
			r.Closer = wide && points[j] > points[i]
			among = append(among, r)
		}
		claim.Rivals = among
		if tied := match.By(c.Policy).TieBy(a, claim, met.with(h)); tied.Tie != match.TieNone {
			suitors = append(suitors, match.Suitor{Key: h.Key, Tied: tied})
		}
	}
	best = match.Whose(suitors)
	for _, s := range suitors {
		if s.Key != best.Key && (s.Tie != match.TieNamesake || best.Tie == match.TieNamesake) {
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
func (c *Census) tie(i int32, h *Human) match.Tied {
	o := c.Owned[i]
	switch {
	case o.Human == h:
		return match.Tied{Tie: o.Tie, Reasons: o.Reasons}
	case slices.Contains(o.Others, h):
		return match.Tied{Tie: match.TieCandidate, Reasons: []string{match.ReasonRival}}
	case o.Human != nil && o.Tie == match.TieCertain && o.Human.Belongs:
		return match.Tied{Tie: match.TieNone, Reasons: []string{match.ReasonEmployedOwner}}
	}
	return match.Tied{Tie: match.TieNone}
}
