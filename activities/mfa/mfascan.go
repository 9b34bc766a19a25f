package mfa

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/roll"
	"gatehouse/activities/step"
	"gatehouse/connectors"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
	"gatehouse/policy/match"
)

const (
	// scanPage is how many accounts are read between two commits: what a crash or a refused call costs.
	scanPage = 100
	// scanAtOnce is how many calls of a scan are under way at a time.
	scanAtOnce = 4
	// scanOverlap is how far a scan looks back behind the one before: clocks differ, and events may arrive late.
	scanOverlap = time.Hour
	// recheckNone is how old the reading of somebody without a factor may be. Where their own grace period has read them since,
	// at a reminder, the scan need not.
	recheckNone = 5 * 24 * time.Hour
)

// Scan brings the ledger's picture of everybody's factors up to date. The first time it reads everybody, with one call
// each; later it reads those who are new, those whom enrolment events name, those without a factor, and readings that
// have grown old. A call that the sweeps' share of the quota does not allow comes back with how long to wait, and the
// next attempt goes on with whoever is left.
func (m *MFA) Scan(ctx context.Context, in api.MFAScanInput) (api.MFAScanned, error) {
	scan, err := m.Ledger.MFA().BeginScan(ctx, in.Scan, in.Everybody)
	if err != nil {
		return api.MFAScanned{}, err
	}
	if scan.StagedAt.IsZero() {
		if err := m.stage(ctx, scan); err != nil {
			return api.MFAScanned{}, err
		}
	}
	aside := unreadable{}
	for done := 0; ; {
		page, err := m.Ledger.MFA().Due(ctx, scan.ID, scanPage)
		if err != nil {
			return api.MFAScanned{}, err
		}
		if page = aside.others(page); len(page) == 0 {
			break
		}
		readings, failed := m.readAll(ctx, page, aside)
		if len(readings) > 0 {
			if _, err := m.Ledger.MFA().Settle(ctx, readings, m.observes()); err != nil {
				return api.MFAScanned{}, err
			}
			if err := m.Ledger.MFA().Progress(ctx, scan.ID, len(readings)); err != nil {
				return api.MFAScanned{}, err
			}
		}
		if failed != nil {
			return api.MFAScanned{}, failed
		}
		done += len(readings)
		step.Beat(ctx, done)
	}
	if err := aside.retry(ctx); err != nil {
		return api.MFAScanned{}, err
	}
	if scan, err = m.Ledger.MFA().FinishScan(ctx, scan.ID); err != nil {
		return api.MFAScanned{}, err
	}
	_, misnamed, err := m.enrolmentEvents(ctx)
	if err != nil {
		return api.MFAScanned{}, err
	}
	if err := m.noteUnseenKinds(ctx); err != nil {
		return api.MFAScanned{}, err
	}
	counts, err := m.Ledger.MFA().Count(ctx)
	return api.MFAScanned{
		Unread: len(aside), Misnamed: misnamed,
		Since: scan.Since, Events: scan.Events, Checked: scan.Checked,
		Active: counts.Active, Some: counts.Some, None: counts.None, Exempt: counts.Exempt, Unknown: counts.Unknown,
	}, err
}

// stage finds out whom the scan has to look at.
func (m *MFA) stage(ctx context.Context, scan mfa.Scan) error {
	filter := onelogin.UserFilter{}
	if !scan.Since.IsZero() {
		filter.UpdatedSince = scan.Since.Add(-scanOverlap)
	}
	var page []onelogin.User
	flush := func() error {
		defer func() { page = page[:0] }()
		step.Beat(ctx, len(page))
		return m.list(ctx, scan, page)
	}
	for u, err := range m.OneLogin.For(onelogin.Sweep).Users(ctx, filter) {
		if err != nil {
			return err
		}
		if page = append(page, u); len(page) == scanPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	types, misnamed, err := m.enrolmentEvents(ctx)
	if err != nil {
		return err
	}
	refresh := m.Policy().MFA().Refresh
	if len(misnamed) > 0 {
		refresh = 0 // Without all events nobody's reading can be told to be still right.
	}
	touched, events, err := m.touched(ctx, scan, types)
	if err != nil {
		return err
	}
	if err := m.Ledger.MFA().Touch(ctx, scan.ID, touched); err != nil {
		return err
	}
	if err := m.touchKinds(ctx, scan.ID); err != nil {
		return err
	}
	return m.Ledger.MFA().Stage(ctx, scan, events, refresh, recheckNone)
}

// enrolmentEvents are the ids of the event types that say that somebody's factors have changed. The names are looked up,
// because only the tenant knows its numbers for sure; a name that it does not know is for a person to correct, and costs
// calls until then.
func (m *MFA) enrolmentEvents(ctx context.Context) (types []int, misnamed []string, err error) {
	known, err := m.OneLogin.For(onelogin.Sweep).EventTypes(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range m.Policy().MFA().Events {
		i := slices.IndexFunc(known, func(t onelogin.EventType) bool { return strings.EqualFold(t.Name, name) })
		if i < 0 {
			misnamed = append(misnamed, name)
			continue
		}
		types = append(types, known[i].ID)
	}
	return types, misnamed, nil
}

// touched lists whose factors have changed since the scan before, as OneLogin's events tell.
func (m *MFA) touched(ctx context.Context, scan mfa.Scan, types []int) (accounts []int64, events int, err error) {
	filter := onelogin.EventFilter{Since: scan.Since.Add(-scanOverlap), Types: types}
	if len(types) == 0 || scan.Since.IsZero() {
		return nil, 0, nil
	}
	for e, err := range m.OneLogin.For(onelogin.Sweep).Events(ctx, filter) {
		if err != nil {
			return nil, 0, err
		}
		if events++; e.UserID != 0 {
			accounts = append(accounts, e.UserID)
		}
		step.Beat(ctx, events)
	}
	return accounts, events, nil
}

// unreadable are accounts whose factors could not be read, and why. They hold up nobody else.
type unreadable map[int64]error

const (
	// setAside is how many accounts may be unreadable before it looks as if OneLogin were.
	setAside = 10
	// unreadTries is how many attempts try to read them.
	unreadTries = 3
)

// others are the accounts of a page that have not been set aside.
func (u unreadable) others(page []mfa.State) []mfa.State {
	return slices.DeleteFunc(page, func(s mfa.State) bool { return u[s.AccountID] != nil })
}

// retry asks for another attempt at those that could not be read, for as long as there is hope. After that what was known
// of them stands, and the next scan tries once more.
func (u unreadable) retry(ctx context.Context) error {
	if step.Attempt(ctx) >= unreadTries {
		return nil
	}
	for _, err := range u {
		return err
	}
	return nil
}

// take sets an account aside, and reports whether that is all there is to it: a call that may not be made now, or a
// vendor that refuses everybody, says nothing about the account.
func (u unreadable) take(account int64, err error) bool {
	if err == nil || connectors.IsKind(err, connectors.KindRateLimited) || connectors.IsKind(err, connectors.KindUnauthorized) ||
		errors.Is(err, context.Canceled) || len(u) >= setAside {
		return false
	}
	u[account] = err
	return true
}

// list takes in a page of users under the keys of the people they belong to.
func (m *MFA) list(ctx context.Context, scan mfa.Scan, users []onelogin.User) error {
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	keys, err := m.Ledger.Inventory().PeopleByAccount(ctx, ids)
	if err != nil {
		return err
	}
	listed := make([]mfa.Listed, len(users))
	for i, u := range users {
		key, known := keys[u.ID]
		if !known {
			if key, err = m.keyOf(ctx, u); err != nil {
				return err
			}
		}
		listed[i] = mfa.Listed{
			AccountID: u.ID, Key: key, Username: cmp.Or(u.Username, u.Email),
			Active: identity.AccountStatus(u.Status) == identity.AccountActive && (u.State == onelogin.StateApproved || u.State == onelogin.NotStated),
		}
	}
	return m.Ledger.MFA().List(ctx, scan, listed)
}

// keyOf names the person of an account that is not on record: by an external id that is the key of somebody who has no
// account, where nobody else has a claim to it; else by the account itself, so that what follows is done to this account.
func (m *MFA) keyOf(ctx context.Context, u onelogin.User) (string, error) {
	source, id, err := identity.SplitKey(u.ExternalID)
	if err != nil || source == identity.SourceAccount {
		return identity.BareKey(u.ID), nil
	}
	key := u.ExternalID
	if known, found, err := m.Ledger.People().Resolve(ctx, source, id); err != nil {
		return "", err
	} else if found {
		key = known
	}
	d, _, err := m.Ledger.Dossier(ctx, key)
	if err != nil || d.Person.AccountID != 0 {
		return identity.BareKey(u.ID), err
	}
	h := people.Human{Key: key, Keys: []string{key, u.ExternalID}, Records: []identity.Record{{Source: source, EmployeeID: id}}}
	row, _, err := m.Ledger.Inventory().Account(ctx, identity.OneLoginRef(u.ID))
	if err != nil {
		return "", err
	}
	tied, err := m.Person.Tie(ctx, m.Policy(), h, roll.Listed(u), row)
	if err != nil || tied.Tie != match.TieCertain {
		return identity.BareKey(u.ID), err
	}
	return key, nil
}

// readAll reads the factors of accounts, and sets those aside that cannot be read. Refused once, it begins no further call,
// and returns what it has.
func (m *MFA) readAll(ctx context.Context, accounts []mfa.State, aside unreadable) ([]mfa.Reading, error) {
	var (
		mu       sync.Mutex
		readings []mfa.Reading
		failed   error
		wait     sync.WaitGroup
	)
	stopped := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failed != nil
	}
	next := make(chan mfa.State)
	for range scanAtOnce {
		wait.Go(func() {
			for s := range next {
				if stopped() {
					continue
				}
				r, err := m.read(ctx, s)
				mu.Lock()
				switch {
				case err == nil:
					readings = append(readings, r)
				case !aside.take(s.AccountID, err) && failed == nil:
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	for _, s := range accounts {
		next <- s
	}
	close(next)
	wait.Wait()
	return readings, failed
}

func (m *MFA) read(ctx context.Context, s mfa.State) (mfa.Reading, error) {
	r := mfa.Reading{AccountID: s.AccountID, Source: s.Why}
	factors, err := m.OneLogin.For(onelogin.Sweep).RegisteredFactors(ctx, s.AccountID)
	if step.IsNotFound(err) {
		r.Gone = true
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := m.countKinds(ctx, &r, s, factors); err != nil || !r.Some || s.Factor != mfa.FactorNone || len(m.Policy().MFAWeakForSome()) == 0 {
		return r, err
	}
	// What is about to end a grace period is read as its own look does: the lists may call a kind by different names.
	if factors, err = m.OneLogin.For(onelogin.Sweep).Factors(ctx, s.AccountID); err != nil {
		return r, err
	}
	return r, m.countKinds(ctx, &r, s, factors)
}
