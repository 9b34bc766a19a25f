package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/policy"
)

const (
	// scanPage is how many accounts are read between two commits: what a crash or a refused call costs.
	scanPage = 100
	// scanAtOnce is how many calls of a scan are under way at a time.
	scanAtOnce = 4
	// scanOverlap is how far a scan looks back behind the one before: clocks differ, and events may arrive late.
	scanOverlap = time.Hour
	// recheckNone is how old the reading of somebody without a factor may be. Where their own course has read them since,
	// at a reminder, the scan need not.
	recheckNone = 5 * 24 * time.Hour
)

// Scan brings the ledger's picture of everybody's factors up to date. The first time it reads everybody, with one call
// each; later it reads those who are new, those whom enrolment events name, those without a factor, and readings that
// have grown old. A call that the sweeps' share of the quota does not allow comes back with how long to wait, and the
// next attempt goes on with whoever is left.
func (m *MFA) Scan(ctx context.Context, in api.MFAScanInput) (api.MFAScanned, error) {
	scanned, err := m.scan(ctx, in)
	return scanned, fail(err)
}

func (m *MFA) scan(ctx context.Context, in api.MFAScanInput) (api.MFAScanned, error) {
	scan, err := m.Ledger.BeginMFAScan(ctx, in.Scan, in.Everybody)
	if err != nil {
		return api.MFAScanned{}, err
	}
	if scan.StagedAt.IsZero() {
		if err := m.stage(ctx, scan); err != nil {
			return api.MFAScanned{}, err
		}
	}
	for done := 0; ; {
		page, err := m.Ledger.DueMFA(ctx, scan.ID, scanPage)
		if err != nil {
			return api.MFAScanned{}, err
		}
		if len(page) == 0 {
			break
		}
		readings, failed := m.readAll(ctx, page)
		if len(readings) > 0 {
			if _, err := m.Ledger.SettleMFA(ctx, readings, m.observes()); err != nil {
				return api.MFAScanned{}, err
			}
			if err := m.Ledger.ProgressMFA(ctx, scan.ID, len(readings)); err != nil {
				return api.MFAScanned{}, err
			}
		}
		if failed != nil {
			return api.MFAScanned{}, failed
		}
		done += len(readings)
		activity.RecordHeartbeat(ctx, done)
	}
	if scan, err = m.Ledger.FinishMFAScan(ctx, scan.ID); err != nil {
		return api.MFAScanned{}, err
	}
	counts, err := m.Ledger.CountMFA(ctx)
	return api.MFAScanned{
		Since: scan.Since, Events: scan.Events, Checked: scan.Checked,
		Active: counts.Active, Some: counts.Some, None: counts.None, Exempt: counts.Exempt, Unknown: counts.Unknown,
	}, err
}

// stage finds out whom the scan has to look at.
func (m *MFA) stage(ctx context.Context, scan ledger.MFAScan) error {
	filter := onelogin.UserFilter{}
	if !scan.Since.IsZero() {
		filter.UpdatedSince = scan.Since.Add(-scanOverlap)
	}
	var page []onelogin.User
	flush := func() error {
		defer func() { page = page[:0] }()
		activity.RecordHeartbeat(ctx, len(page))
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
	touched, events, err := m.touched(ctx, scan)
	if err != nil {
		return err
	}
	if err := m.Ledger.TouchMFA(ctx, scan.ID, touched); err != nil {
		return err
	}
	return m.Ledger.StageMFA(ctx, scan, events, m.Policy().MFA().Refresh, recheckNone)
}

// touched lists whose factors have changed since the scan before, as OneLogin's events tell. The names of the event
// types are looked up, because only the tenant knows its numbers for sure; a name it does not know is for a person, and the first scan says so
// although it needs none.
func (m *MFA) touched(ctx context.Context, scan ledger.MFAScan) (accounts []int64, events int, err error) {
	client := m.OneLogin.For(onelogin.Sweep)
	known, err := client.EventTypes(ctx)
	if err != nil {
		return nil, 0, err
	}
	filter := onelogin.EventFilter{Since: scan.Since.Add(-scanOverlap)}
	for _, name := range m.Policy().MFA().Events {
		i := slices.IndexFunc(known, func(t onelogin.EventType) bool { return strings.EqualFold(t.Name, name) })
		if i < 0 {
			return nil, 0, final(api.ErrInvalid, fmt.Sprintf("onelogin has no event type %q: correct mfa.enrolment_events in "+
				"policy.yaml, then retry", name))
		}
		filter.Types = append(filter.Types, known[i].ID)
	}
	if len(filter.Types) == 0 || scan.Since.IsZero() {
		return nil, 0, nil
	}
	for e, err := range client.Events(ctx, filter) {
		if err != nil {
			return nil, 0, err
		}
		if events++; e.UserID != 0 {
			accounts = append(accounts, e.UserID)
		}
		activity.RecordHeartbeat(ctx, events)
	}
	return accounts, events, nil
}

// list takes in a page of users under the keys of the people they belong to.
func (m *MFA) list(ctx context.Context, scan ledger.MFAScan, users []onelogin.User) error {
	ids := make([]int64, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	keys, err := m.Ledger.PeopleByAccount(ctx, ids)
	if err != nil {
		return err
	}
	listed := make([]ledger.MFAListed, len(users))
	for i, u := range users {
		key, known := keys[u.ID]
		if !known {
			if key, err = m.keyOf(ctx, u); err != nil {
				return err
			}
		}
		listed[i] = ledger.MFAListed{
			AccountID: u.ID, Key: key, Username: first(u.Username, u.Email),
			Active: identity.AccountStatus(u.Status) == identity.AccountActive && (u.State == onelogin.StateApproved || u.State == onelogin.NotStated),
		}
	}
	return m.Ledger.ListMFA(ctx, scan, listed)
}

// keyOf names the person of an account that is not on record: by an external id that is the key of somebody who has no
// account, where nobody else has a claim to it; else by the account itself, so that what follows is done to this account.
func (m *MFA) keyOf(ctx context.Context, u onelogin.User) (string, error) {
	source, id, err := SplitKey(u.ExternalID)
	if err != nil || source == sourceAccount {
		return bareKey(u.ID), nil
	}
	key := u.ExternalID
	if known, found, err := m.Ledger.Resolve(ctx, source, id); err != nil {
		return "", err
	} else if found {
		key = known
	}
	d, _, err := m.Ledger.Dossier(ctx, key)
	if err != nil || d.Person.AccountID != 0 {
		return bareKey(u.ID), err
	}
	h := human{key: key, keys: []string{key, u.ExternalID}, records: []identity.Record{{Source: source, EmployeeID: id}}}
	tied, err := m.Person.tie(ctx, m.Policy(), h, listed(u))
	if err != nil || tied.Tie != policy.TieCertain {
		return bareKey(u.ID), err
	}
	return key, nil
}

// readAll reads the factors of accounts. Refused once, it begins no further call, and returns what it has.
func (m *MFA) readAll(ctx context.Context, accounts []ledger.MFAState) ([]ledger.MFAReading, error) {
	var (
		mu       sync.Mutex
		readings []ledger.MFAReading
		failed   error
		wait     sync.WaitGroup
	)
	stopped := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return failed != nil
	}
	next := make(chan ledger.MFAState)
	for range scanAtOnce {
		wait.Go(func() {
			for s := range next {
				if stopped() {
					continue
				}
				r, err := m.read(ctx, s)
				mu.Lock()
				if err == nil {
					readings = append(readings, r)
				} else if failed == nil {
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

func (m *MFA) read(ctx context.Context, s ledger.MFAState) (ledger.MFAReading, error) {
	r := ledger.MFAReading{AccountID: s.AccountID, Source: s.Why}
	factors, err := m.OneLogin.For(onelogin.Sweep).RegisteredFactors(ctx, s.AccountID)
	if gone(err) {
		r.Gone = true
		return r, nil
	}
	r.Some = anyActive(factors)
	return r, err
}

// anyActive reports whether a factor is in use: one that was registered and never used protects nothing.
func anyActive(factors []onelogin.Factor) bool {
	return slices.ContainsFunc(factors, func(f onelogin.Factor) bool { return f.Active })
}
