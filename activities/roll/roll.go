// Package roll finds accounts among all by what they have in common with somebody.
package roll

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"
	"time"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// IdsAtOnce is how many accounts are asked for by their ids in one call.
const IdsAtOnce = 100

const (
	// mostWalked is how many pages of OneLogin's users are read where the inventory does not stand for them.
	mostWalked = 30
	// walkHolds is how long a reading of all accounts stands for OneLogin in further searches, so that many leavers of one
	// moment share it.
	walkHolds = 2 * time.Minute
	// rollOverlap is how far a look for news in the inventory goes back: a page may be written later than one that was asked
	// for after it.
	rollOverlap = 5 * time.Minute
)

// Roll keeps in memory by what every account is found among all: the inventory's, and those of the last reading of all
// accounts where no sweep has filled the inventory.
type Roll struct {
	// turn is held by who reads or fills the roll.
	turn   chan struct{}
	seed   maphash.Seed
	pol    *policy.Policy
	swept  listing
	upTo   time.Time
	walked listing
	// walkedAt is when the last reading began, whole whether it came to the end.
	walkedAt time.Time
	whole    bool
}

// New is an empty roll.
func New() *Roll { return &Roll{turn: make(chan struct{}, 1), seed: maphash.MakeSeed()} }

// listing are accounts by their handles. Most handles are one account's alone.
type listing struct {
	accounts []account
	// at is where an account is by its id; alone is whose a handle is, and shared who else has it.
	at     map[int64]int32
	alone  map[uint32]int32
	shared map[uint32][]int32
}

// account is what of an account is compared with people, and a digest of what was last read of it.
type account struct {
	id                                                         int64
	content                                                    uint64
	username, email, first, last, external, sam, userPrincipal string
}

func newListing() listing {
	return listing{at: map[int64]int32{}, alone: map[uint32]int32{}, shared: map[uint32][]int32{}}
}

func (r *Roll) put(l *listing, a identity.Account, content uint64) {
	now := account{
		id: a.ID, content: content, username: a.Username, email: a.Email, first: a.FirstName, last: a.LastName, external: a.ExternalID,
		sam: a.SAMAccountName, userPrincipal: a.UserPrincipalName,
	}
	// They are mostly one address.
	for _, other := range []*string{&now.username, &now.userPrincipal, &now.external} {
		if *other == now.email {
			*other = now.email
		}
	}
	i, there := l.at[a.ID]
	if there {
		l.accounts[i] = now
	} else {
		i = int32(len(l.accounts)) //nolint:gosec // There are not that many accounts.
		l.accounts, l.at[a.ID] = append(l.accounts, now), i
	}
	for _, handle := range match.By(r.pol).Handles(now.recognised()) {
		h := r.hash(handle)
		if have, there := l.alone[h]; !there {
			l.alone[h] = i
		} else if have != i && !slices.Contains(l.shared[h], i) {
			l.shared[h] = append(l.shared[h], i)
		}
	}
}

// hash is short: that two handles have the same one costs a comparison.
func (r *Roll) hash(handle string) uint32 {
	return uint32(maphash.String(r.seed, handle)) //nolint:gosec // Half of it is enough.
}

// alike are the ids of the accounts that resemble a human, in order.
func (r *Roll) alike(l *listing, claim match.Claim) []int64 {
	met, found := map[int32]bool{}, []int64(nil)
	look := func(i int32) {
		if !met[i] {
			met[i] = true
			if match.By(r.pol).Resembles(l.accounts[i].recognised(), claim) {
				found = append(found, l.accounts[i].id)
			}
		}
	}
	for _, handle := range slices.Concat(match.By(r.pol).HandlesOf(claim), match.By(r.pol).SlightHandlesOf(claim)) {
		h := r.hash(handle)
		if i, there := l.alone[h]; there {
			look(i)
		}
		for _, i := range l.shared[h] {
			look(i)
		}
	}
	slices.Sort(found)
	return found
}

// use waits for the roll and hands it to one caller, by the policy in force.
func (r *Roll) use(ctx context.Context, pol *policy.Policy, do func() error) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	if r.pol != pol {
		r.pol, r.swept, r.walked = pol, newListing(), newListing()
		r.upTo, r.walkedAt = time.Time{}, time.Time{}
	}
	return do()
}

// Inventory are the ids of the inventory's accounts that resemble a human.
func (r *Roll) Inventory(ctx context.Context, l *ledger.Ledger, pol *policy.Policy, claim match.Claim) (ids []int64, err error) {
	err = r.use(ctx, pol, func() error {
		if err := r.refresh(ctx, l); err != nil {
			return err
		}
		ids = r.alike(&r.swept, claim)
		return nil
	})
	return ids, err
}

// refresh takes in what the inventory has learned since.
func (r *Roll) refresh(ctx context.Context, l *ledger.Ledger) error {
	since := time.Time{}
	if !r.upTo.IsZero() {
		since = r.upTo.Add(-rollOverlap)
	}
	// A sweep observes everybody anew, and of nearly all what it read is what was known.
	news, upTo := map[string]uint64{}, r.upTo
	err := l.Inventory().EachObserved(ctx, identity.SystemOneLogin, since, func(ref identity.Ref, o inventory.Observed) error {
		if o.At.After(upTo) {
			upTo = o.At
		}
		content := maphash.String(r.seed, o.Content)
		if id, ok := ref.OneLogin(); ok && (o.Content == "" || !r.knows(id, content)) {
			news[ref.ID] = content
		}
		return nil
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(news)), IdsAtOnce) {
		rows, err := l.Inventory().AccountDocuments(ctx, identity.SystemOneLogin, part)
		if err != nil {
			return err
		}
		for _, row := range rows {
			row.Document.ID, _ = row.Ref.OneLogin()
			r.put(&r.swept, row.Document, news[row.Ref.ID])
		}
	}
	r.upTo = upTo
	return nil
}

// knows reports that what was last read of an account is what it has of it.
func (r *Roll) knows(id int64, content uint64) bool {
	i, there := r.swept.at[id]
	return there && r.swept.accounts[i].content == content
}

// recognised is what of an account is compared with people.
func (a account) recognised() identity.Account {
	return identity.Account{
		ID: a.id, Username: a.username, Email: a.email, FirstName: a.first, LastName: a.last, ExternalID: a.external,
		SAMAccountName: a.sam, UserPrincipalName: a.userPrincipal,
	}
}

// Walk are the ids of all accounts of OneLogin that resemble a human, and whether all could be read.
func (r *Roll) Walk(ctx context.Context, client *onelogin.Client, pol *policy.Policy, now time.Time, claim match.Claim) (ids []int64, all bool, err error) {
	err = r.use(ctx, pol, func() error {
		if r.walkedAt.IsZero() || now.Sub(r.walkedAt) >= walkHolds || now.Before(r.walkedAt) {
			if err := r.read(ctx, client, now); err != nil {
				return err
			}
		}
		ids, all = r.alike(&r.walked, claim), r.whole
		return nil
	})
	return ids, all, err
}

// read reads all accounts, as far as they are not too many.
func (r *Roll) read(ctx context.Context, client *onelogin.Client, now time.Time) error {
	l, cursor := newListing(), ""
	for range mostWalked {
		page, err := client.Inventory(ctx, time.Time{}, cursor)
		if err != nil {
			return err
		}
		for _, u := range page.Users {
			r.put(&l, Listed(u), 0)
		}
		if cursor = page.Next; cursor == "" {
			r.walked, r.walkedAt, r.whole = l, now, true
			return nil
		}
	}
	r.walked, r.walkedAt, r.whole = l, now, false
	return nil
}

// Listed is what an account of a list is recognised by.
func Listed(u onelogin.User) identity.Account {
	return identity.Account{
		ID: u.ID, Username: u.Username, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, ExternalID: u.ExternalID,
		SAMAccountName: u.SAMAccountName, UserPrincipalName: u.UserPrincipalName, Status: identity.AccountStatus(u.Status),
	}
}
