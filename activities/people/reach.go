package people

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"gatehouse/activities/api"
	"gatehouse/activities/outcome"
	"gatehouse/activities/step"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/policy"
	"gatehouse/policy/match"
)

// mostByTraces is how many accounts that neither an external id nor a person ties to a human are taken without a word.
const mostByTraces = 5

// reasonRecordless is why somebody is asked about an account that is certainly theirs.
const reasonRecordless = "HR has no record of them any more, and the departure had not closed it"

// accounts is what a search for every account of a human came to.
type accounts struct {
	theirs []identity.Account
	doubts []api.Doubt
	by     []string
	// fresh are those of theirs that the ledger does not have on record yet.
	fresh []linked
	// byTraces are those of theirs that neither an external id nor a person ties to them.
	byTraces []api.Doubt
	// compared says that nothing is left that the human could not be compared with.
	compared bool
	// closed says that an account that may be theirs was left out because it gives no access.
	closed bool
}

// linked is an account that a search has tied to a human, and by what.
type linked struct {
	ref     identity.Ref
	reasons string
}

// everyAccount searches for all accounts of a human and sorts them. What a person has to decide about is a doubt with its
// reasons. Then every account there is is compared with them, whatever was found before: one account found, or one doubt, says
// nothing of the others. At a first look it ends with the first account that has to be closed: what may be further is the
// run's to search for, beside its work.
func (p *Person) everyAccount(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h Human, except []identity.Ref, first bool) (accounts, error) {
	fresh, err := p.fresh(ctx)
	if err != nil {
		return accounts{}, err
	}
	if h.kin, err = p.kin(ctx, h); err != nil {
		return accounts{}, err
	}
	if h.lost, err = p.lostTo(ctx, h); err != nil {
		return accounts{}, err
	}
	s, err := p.candidates(ctx, client, pol, h)
	if err != nil {
		return accounts{}, err
	}
	found := accounts{compared: true}
	if err := p.sortAll(ctx, client, pol, h, s.ids, except, &found); err != nil {
		return accounts{}, err
	}
	waits := first && slices.ContainsFunc(found.theirs, func(a identity.Account) bool { return a.Status != identity.AccountSuspended })
	if !waits {
		tried := len(s.ids)
		if found.compared, err = p.compareAll(ctx, client, h, s, fresh); err != nil {
			return accounts{}, err
		}
		if err := p.sortAll(ctx, client, pol, h, s.ids[tried:], except, &found); err != nil {
			return accounts{}, err
		}
	}
	found.by = s.by
	found.leaveOutNamesakes(len(except) > 0)
	if !waits {
		if err := p.keepHandles(ctx, pol, h); err != nil {
			return accounts{}, err
		}
	}
	if len(found.byTraces) > mostByTraces {
		found.leaveOut(found.byTraces)
	}
	return found, nil
}

// sortAll reads accounts and sorts them by how they are tied to a human.
func (p *Person) sortAll(ctx context.Context, client *onelogin.Client, pol *policy.Policy, h Human, ids []int64, except []identity.Ref, found *accounts) error {
	for _, id := range ids {
		if slices.Contains(except, identity.OneLoginRef(id)) {
			continue
		}
		a, row, err := p.meet(ctx, client, h, id)
		if err != nil {
			return err
		}
		if a == nil {
			continue
		}
		tied, err := p.tieWide(ctx, pol, h, *a, row)
		if err != nil {
			return err
		}
		theirs, doubt := p.sort(pol, h, *a, row, tied)
		found.closed = found.closed || !theirs && doubt == nil && tied.Tie != match.TieNone
		switch {
		case doubt != nil:
			found.doubts = append(found.doubts, *doubt)
		case theirs && weaklyTied(tied):
			found.byTraces = append(found.byTraces, p.doubt(pol, *a, api.NoticeLeaverDoubt, tied))
		}
		if theirs {
			found.theirs = append(found.theirs, *a)
			if !row.Belongs() {
				found.fresh = append(found.fresh, linked{identity.OneLoginRef(id), strings.Join(tied.Reasons, "; ")})
			}
		}
	}
	return nil
}

// meet reads an account and what the ledger knows of it, unless that was done a moment ago. Nil is one that is gone.
func (p *Person) meet(ctx context.Context, client *onelogin.Client, h Human, id int64) (*identity.Account, inventory.Account, error) {
	var row inventory.Account
	var u onelogin.User
	there := false
	met := h.met != nil && h.met.ID == id
	reads, within := errgroup.WithContext(ctx)
	reads.Go(func() (err error) {
		row, _, err = p.Ledger.Inventory().Account(within, identity.OneLoginRef(id))
		return err
	})
	if !met {
		reads.Go(func() (err error) {
			u, there, err = Existing(within, client, id)
			return err
		})
	}
	if err := reads.Wait(); err != nil || met {
		return h.met, row, err
	}
	if !there {
		return nil, row, nil
	}
	a, err := p.describe(ctx, u, marksOf(row))
	if err == nil {
		a.Lifted = h.left && row.Lifted && slices.Contains(h.Keys, row.Person)
	}
	return a, row, err
}

// leaveOut makes doubts of accounts that were taken for theirs.
func (f *accounts) leaveOut(doubts []api.Doubt) {
	out := func(id int64) bool {
		return slices.ContainsFunc(doubts, func(d api.Doubt) bool { return d.Account.ID == id })
	}
	f.theirs = slices.DeleteFunc(f.theirs, func(a identity.Account) bool { return out(a.ID) })
	f.fresh = slices.DeleteFunc(f.fresh, func(l linked) bool { id, _ := l.ref.OneLogin(); return out(id) })
	f.doubts = append(f.doubts, doubts...)
}

// weaklyTied reports that neither an external id nor a person ties an account to a human.
func weaklyTied(t match.Tied) bool {
	return !slices.ContainsFunc(t.Reasons, func(r string) bool {
		return r == match.ReasonWord || r == match.ReasonLinked || r == match.ReasonNamedAnchor || r == match.ReasonBareAnchor
	})
}

// sort says whether an account is the human's to end, or what has to be decided about it.
func (p *Person) sort(pol *policy.Policy, h Human, a identity.Account, row inventory.Account, tied match.Tied) (theirs bool, doubt *api.Doubt) {
	owned := slices.Contains(h.Keys, row.Owner)
	code := ""
	switch {
	case tied.Tie == match.TieNone && !owned:
		return false, nil
	case tied.Tie == match.TieNamesake && !owned && NoPersons(row.Kind):
		return false, nil // Somebody has declared whose it is not.
	case NoPersons(row.Kind) || row.Kind != identity.KindPerson && ListedAsNoPersons(pol, a, tied):
		code = api.NoticeNewOwner
	case pol.Protected(a) != "":
		code = api.NoticeProtectedLeaver
	case tied.Tie == match.TieCertain:
		return true, nil
	case tied.Tie == match.TieNamesake:
		code = api.NoticeLeaverNamesake
	default:
		code = api.NoticeLeaverDoubt
	}
	if a.Status == identity.AccountSuspended {
		// It gives no access. A later read-back searches again.
		return false, nil
	}
	d := p.doubt(pol, a, code, tied)
	return false, &d
}

// NoPersons reports that an account of this kind is no human's own.
func NoPersons(k identity.AccountKind) bool {
	return k == identity.KindService || k == identity.KindShared || k == identity.KindBreakGlass
}

func (p *Person) doubt(pol *policy.Policy, a identity.Account, code string, tied match.Tied) api.Doubt {
	if rule := pol.Protected(a); rule != "" {
		tied.Reasons = append(slices.Clone(tied.Reasons), rule)
	}
	return api.Doubt{
		Account: a, Code: code, Reasons: tied.Reasons, Privileged: pol.Privileged(a), Evidence: p.EvidenceOf(a),
		Suspend: code == api.NoticeLeaverDoubt && pol.Leaver().Doubt == policy.DoubtSuspend && suspendable(tied) &&
			pol.Modes().Offboarding == policy.ModeEnforce,
	}
}

// suspendable reports that an account in doubt may be suspended before anybody has decided: it is the leaver's rather than
// anybody's, and nobody employed explains it as well.
func suspendable(t match.Tied) bool {
	return (t.Tie == match.TieCandidate || t.Tie == match.TieCertain) && !t.Has(match.ReasonRival)
}

// Existing reads an account. One "not found" is no proof: it is asked twice.
func Existing(ctx context.Context, client *onelogin.Client, id int64) (onelogin.User, bool, error) {
	u, err := client.User(ctx, id)
	if step.IsNotFound(err) {
		u, err = client.User(ctx, id)
	}
	if step.IsNotFound(err) {
		return onelogin.User{}, false, nil
	}
	return u, err == nil, err
}

// reachAll makes the end of somebody's access cover every account of theirs. Where the account on record has to be closed
// anyway, that comes first and the search is left to the run. Where there seems to be nothing to do, that is a claim, and
// the search is its proof: it is returned. Before accounts are deleted there is always one.
func (p *Person) reachAll(ctx context.Context, pol *policy.Policy, d *ledger.Dossier, engagements []identity.Engagement, a *api.Assessment, seen *outcome.Notes) (*accounts, error) {
	if policy.Recordless(a.Person) && a.Plan.Verdict != identity.VerdictLeave {
		return nil, p.reachAgain(ctx, pol, d, engagements, a)
	}
	a.Reach = 3
	switch a.Plan.Verdict {
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention:
	case identity.VerdictJoin, identity.VerdictChange, identity.VerdictLeave, identity.VerdictUndo, identity.VerdictSuspend,
		identity.VerdictLift, identity.VerdictRespond, identity.VerdictDelete:
		return nil, nil
	}
	if source, _, err := identity.SplitKey(a.Key); err != nil || source == identity.SourceAccount {
		if a.Account != nil {
			p.endSessions(pol, d, []identity.Account{*a.Account}, a)
		}
		return nil, err // The key names one account, and no human whose other accounts could be searched for.
	}
	over, err := p.Ledger.People().DepartureContained(ctx, a.Key, a.Episode)
	asked, deletes := a.Plan.Verdict == identity.VerdictAttention, deletionDue(pol, d, a)
	if err != nil || over && !asked && !deletes && !holdEnded(d) && !knownOpen(d) && (a.Order == nil || !unended(d)) {
		return nil, err // It was read back, and every read-back searches.
	}
	h := humanOf(d, engagements, true)
	h.met = a.Account
	found, err := p.everyAccount(ctx, p.OneLogin.For(onelogin.Containment), pol, h, nil, true)
	if err != nil {
		return nil, err
	}
	p.putOnRecord(found, d, a.Key, seen)
	a.Doubts, a.Searched = found.doubts, found.by
	p.planFor(pol, d, found, a)
	p.endSessions(pol, d, found.theirs, a)
	if !deletes {
		noteUnfound(a, engagements, found, seen)
	}
	if !found.compared && len(found.theirs)+len(found.doubts) == 0 {
		a.Plan = WithNotices(a.Plan, []identity.Notice{notCompared(pol)})
	}
	if a.Plan.Verdict != identity.VerdictLeave && len(found.doubts) > 0 {
		a.Plan = WithNotices(a.Plan, []identity.Notice{{
			Code: found.doubts[0].Code, Blocking: true, Owner: pol.Leaver().FallbackOwner,
			Text: words.Sure("accounts_undecided", view{}),
		}})
	}
	return &found, nil
}

// reachAgain plans for a further account that the departure had closed and that by the inventory is open again, where HR has no record
// any more.
func (p *Person) reachAgain(ctx context.Context, pol *policy.Policy, d *ledger.Dossier, engagements []identity.Engagement, a *api.Assessment) error {
	if a.Plan.Verdict != identity.VerdictAttention && !outcome.NothingLeft(a.Plan.Verdict) {
		return nil
	}
	var open []int64
	for _, row := range d.Accounts {
		if id, _ := row.Ref.OneLogin(); mayBeOpen(row) && !row.ContainedAt.IsZero() && (a.Account == nil || a.Account.ID != id) {
			open = append(open, id)
		}
	}
	if len(open) == 0 {
		return nil
	}
	a.Reach = 3
	found := accounts{}
	if err := p.sortAll(ctx, p.OneLogin.For(onelogin.Containment), pol, humanOf(d, engagements, true), open, nil, &found); err != nil {
		return err
	}
	a.Doubts = found.doubts
	p.planFor(pol, d, found, a)
	return nil
}

// wasClosed reports that an account of somebody's was closed in their present departure.
func wasClosed(d *ledger.Dossier, id int64) bool {
	return slices.ContainsFunc(d.Accounts, func(row inventory.Account) bool {
		return row.Ref == identity.OneLoginRef(id) && !row.ContainedAt.IsZero()
	})
}

// neverClosed makes doubts of open accounts that the departure of somebody without a record had not closed: they may be whoever's the
// human is by now.
func (p *Person) neverClosed(pol *policy.Policy, d *ledger.Dossier, theirs []identity.Account) (doubts []api.Doubt) {
	for _, a := range theirs {
		if a.Status != identity.AccountSuspended && !wasClosed(d, a.ID) {
			doubts = append(doubts, p.doubt(pol, a, api.NoticeLeaverDoubt, match.Tied{Reasons: []string{reasonRecordless}}))
		}
	}
	return doubts
}

// notCompared says that "no account" is not proven.
func notCompared(pol *policy.Policy) identity.Notice {
	return identity.Notice{
		Code: api.NoticeNotCompared, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("accounts_not_compared", view{}),
	}
}

// planFor plans for the first account of a human that has to be closed, and leaves the others to the run.
func (p *Person) planFor(pol *policy.Policy, d *ledger.Dossier, found accounts, a *api.Assessment) {
	orders := slices.Concat(d.Orders, d.Ended)
	for _, account := range found.theirs {
		plan := pol.Keeping().Plan(a.Person, &account, orders)
		switch {
		case plan.Verdict != identity.VerdictLeave && a.Account == nil:
			a.Account, a.Plan = &account, plan
		case plan.Verdict != identity.VerdictLeave:
		case a.Plan.Verdict != identity.VerdictLeave:
			a.Account, a.Plan = &account, plan
		default:
			a.Others = append(a.Others, account)
		}
	}
}

// putOnRecord links what a search has tied for certain.
func (p *Person) putOnRecord(found accounts, d *ledger.Dossier, key string, seen *outcome.Notes) {
	primary := d.Person.AccountID != 0
	for _, f := range found.fresh {
		link := inventory.LinkAccount{Ref: f.ref, Person: key, Use: identity.UseSecondary, By: f.reasons}
		if !primary {
			primary, link.Use = true, identity.UsePrimary
		}
		seen.Add(func(ctx context.Context, l *ledger.Ledger) error { return l.Inventory().LinkAccount(ctx, link) })
	}
}

// marksOf are the ledger's marks of an account.
func marksOf(row inventory.Account) persons.Person {
	return persons.Person{
		AccountCreated: row.CreatedByUs, SuspendedByUs: row.SuspendedByUs, SuspendedFor: row.SuspendedFor, LockedFor: row.LockedFor,
	}
}
