// Package roll finds accounts among all by what they have in common with somebody.
package roll

import (
	"context"
	"hash/maphash"
	"slices"
	"time"

	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
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
	turn  chan struct{}
	seed  maphash.Seed
	pol   *policy.Policy
	swept listing
	upTo  time.Time
	// content are digests of what was last read of each account.
	content map[string]uint64
	walked  listing
	// walkedAt is when the last reading began, whole whether it came to the end.
	walkedAt time.Time
	whole    bool
}

// New is an empty roll.
func New() *Roll { return &Roll{turn: make(chan struct{}, 1), seed: maphash.MakeSeed()} }

// listing are accounts by their handles.
type listing struct {
	accounts map[int64]identity.Account
	ids      map[uint64][]int64
}

func newListing() listing {
	return listing{accounts: map[int64]identity.Account{}, ids: map[uint64][]int64{}}
}

func (r *Roll) put(l listing, a identity.Account) {
	l.accounts[a.ID] = a
	for _, handle := range match.By(r.pol).Handles(a) {
		h := maphash.String(r.seed, handle)
		if !slices.Contains(l.ids[h], a.ID) {
			l.ids[h] = append(l.ids[h], a.ID)
		}
	}
}

// alike are the ids of the accounts that resemble a human, in order.
func (r *Roll) alike(l listing, claim match.Claim) []int64 {
	met, found := map[int64]bool{}, []int64(nil)
	for _, handle := range slices.Concat(match.By(r.pol).HandlesOf(claim), match.By(r.pol).SlightHandlesOf(claim)) {
		for _, id := range l.ids[maphash.String(r.seed, handle)] {
			if !met[id] {
				met[id] = true
				if match.By(r.pol).Resembles(l.accounts[id], claim) {
					found = append(found, id)
				}
			}
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
		r.upTo, r.content, r.walkedAt = time.Time{}, map[string]uint64{}, time.Time{}
	}
	return do()
}

// Inventory are the ids of the inventory's accounts that resemble a human.
func (r *Roll) Inventory(ctx context.Context, l *ledger.Ledger, pol *policy.Policy, claim match.Claim) (ids []int64, err error) {
	err = r.use(ctx, pol, func() error {
		if err := r.refresh(ctx, l); err != nil {
			return err
		}
		ids = r.alike(r.swept, claim)
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
	observed, err := l.Inventory().ObservedSince(ctx, identity.SystemOneLogin, since)
	if err != nil {
		return err
	}
	// A sweep observes everybody anew, and of nearly all what it read is what was known.
	var news []string
	for id, o := range observed {
		if o.Content == "" || r.content[id] != maphash.String(r.seed, o.Content) {
			news = append(news, id)
		}
	}
	slices.Sort(news)
	for part := range slices.Chunk(news, IdsAtOnce) {
		rows, err := l.Inventory().AccountDocuments(ctx, identity.SystemOneLogin, part)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if id, ok := row.Ref.OneLogin(); ok {
				row.Document.ID = id
				r.put(r.swept, recognised(row.Document))
			}
			r.content[row.Ref.ID] = maphash.String(r.seed, observed[row.Ref.ID].Content)
		}
	}
	for _, o := range observed {
		if o.At.After(r.upTo) {
			r.upTo = o.At
		}
	}
	return nil
}

// recognised is what of an account is compared with people.
func recognised(a identity.Account) identity.Account {
	return identity.Account{
		ID: a.ID, Username: a.Username, Email: a.Email, FirstName: a.FirstName, LastName: a.LastName, ExternalID: a.ExternalID,
		SAMAccountName: a.SAMAccountName, UserPrincipalName: a.UserPrincipalName,
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
		ids, all = r.alike(r.walked, claim), r.whole
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
			r.put(l, recognised(Listed(u)))
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
