package people

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
)

// Items about what a search for a leaver's accounts could not find or prove. The first is about a person, the second about
// the tenant.
const (
	itemNoAccount   = "leaver_without_account"
	ItemNotCompared = "accounts_not_compared"
)

// lateRecord is how long after somebody's end their record may be seen first and they still count as having worked here while
// Gatehouse watched: last days are entered late.
const lateRecord = 48 * time.Hour

// noteUnfound says that no account at all was found of somebody who worked here and has left. A comparison of names and
// numbers is no proof that there is none: whoever gave them access knows better. Of whom HR had let go before it was first
// read, and of who never began, nothing is said.
func noteUnfound(a *api.Assessment, engagements []identity.Engagement, found accounts, seen *outcome.Notes) {
	person := a.Person
	worked := slices.ContainsFunc(engagements, func(e identity.Engagement) bool {
		last := cmp.Or(e.LastDay, e.TerminationDate)
		return e.Found && !e.FirstSeen.IsZero() && (last == "" || identity.Date(e.FirstSeen.Add(-lateRecord).Format(time.DateOnly)) <= last)
	})
	if person.Standing != identity.StandingLeft || !worked || a.Account != nil || found.closed || !found.compared ||
		len(found.theirs)+len(found.doubts) > 0 {
		return
	}
	key := a.Key
	seen.Add(func(ctx context.Context, l *ledger.Ledger) error {
		return raiseItem(ctx, l, itemNoAccount, key, view{Key: key})
	})
}

// clearUnfound closes the item of somebody of whom an account was found after all.
func (p *Person) clearUnfound(ctx context.Context, key string) error {
	open, err := p.Ledger.Worklist().Items(ctx, worklist.ItemFilter{System: identity.SystemOneLogin, Class: itemNoAccount, Object: key})
	if err != nil || len(open) == 0 {
		return err
	}
	return p.Ledger.Worklist().ClearItem(ctx, identity.SystemOneLogin, itemNoAccount, key)
}

// noteNotCompared says that leavers are searched for by what OneLogin can be asked for only: there are too many accounts to read
// them, and no sweep has filled the inventory.
func (p *Person) noteNotCompared(ctx context.Context) error {
	return raiseItem(ctx, p.Ledger, ItemNotCompared, identity.SystemOneLogin, view{})
}

// raiseItem raises an item that has its words under the name of its class.
func raiseItem(ctx context.Context, l *ledger.Ledger, class, object string, v view) error {
	text, next, err := items.Pair(class, v)
	if err != nil {
		return err
	}
	return l.Worklist().RaiseItem(ctx, worklist.Item{
		System: identity.SystemOneLogin, Class: class, Object: object, Severity: worklist.SeverityWarning, Owner: "it", Text: text, Next: next,
	})
}

// tellOfSearch raises or closes the items that a run's search speaks to.
func (p *Person) tellOfSearch(ctx context.Context, key string, found accounts) error {
	if err := p.clearUnfound(ctx, key); err != nil || found.compared {
		return err
	}
	return p.noteNotCompared(ctx)
}
