package people

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gatehouse/activities/api"
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
func noteUnfound(a *api.Assessment, engagements []identity.Engagement, found accounts, seen *Notes) {
	person := a.Person
	worked := slices.ContainsFunc(engagements, func(e identity.Engagement) bool {
		last := cmp.Or(e.LastDay, e.TerminationDate)
		return e.Found && !e.FirstSeen.IsZero() && (last == "" || identity.Date(e.FirstSeen.Add(-lateRecord).Format(time.DateOnly)) <= last)
	})
	if person.Standing != identity.StandingLeft || !worked || a.Account != nil || found.closed || !found.compared ||
		len(found.theirs)+len(found.doubts) > 0 {
		return
	}
	item := worklist.Item{
		System: identity.SystemOneLogin, Class: itemNoAccount, Object: a.Key, Severity: worklist.SeverityWarning, Owner: "it",
		Text: "No OneLogin account was found of " + a.Key + ", who worked here and has left. Every account was compared by external id, number, " +
			"addresses, names and usernames. An account that carries none of these is still open.",
		Next: "starter account link --account ID --person " + a.Key + " --reason ..., if they had one",
	}
	seen.add(func(ctx context.Context, l *ledger.Ledger) error { return l.Worklist().RaiseItem(ctx, item) })
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
	return p.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: identity.SystemOneLogin, Class: ItemNotCompared, Object: identity.SystemOneLogin, Severity: worklist.SeverityWarning,
		Owner: "it",
		Text: "Further accounts of leavers are searched for by their names, addresses and numbers as HR spells them only: no complete sweep of the " +
			"accounts is younger than a day. The comparison of all accounts with everybody who has left follows the next one.",
		Next: "starter status, and see why the sweep of the accounts does not come to its end",
	})
}

// tellOfSearch raises or closes the items that a run's search speaks to.
func (p *Person) tellOfSearch(ctx context.Context, key string, found accounts) error {
	if err := p.clearUnfound(ctx, key); err != nil || found.compared {
		return err
	}
	return p.noteNotCompared(ctx)
}
