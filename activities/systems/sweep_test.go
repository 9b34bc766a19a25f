package systems_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	ledgersystems "gatehouse/ledger/systems"
)

// TestAnOldListChangesNothing has a list of yesterday, of accounts that were read by themselves since.
func TestAnOldListChangesNothing(t *testing.T) {
	t.Parallel()
	l := googleLiar(t)
	r := newReading(t, l.name, l.system)
	require.Empty(t, r.sweep().Why)
	keys := r.link(l.ids...)
	r.offset += time.Hour
	l.lies["yesterday"]()
	for _, id := range l.ids {
		asked := r.now()
		a := l.title(t, id, "Chief Tester")
		require.NoError(t, r.l.Systems().Note(t.Context(), asked, ledgersystems.Row{Account: inventory.Account{Ref: a.Ref, Document: a.Document}, Container: a.Container}))
	}
	r.offset += time.Hour
	out := r.sweep()
	require.Contains(t, out.Why, "otherwise than they are")
	require.Len(t, r.items(notBelieved), 1)
	for _, key := range keys {
		views, err := r.l.Systems().Views(t.Context(), key, 1, "", []string{r.name})
		require.NoError(t, err)
		require.Equal(t, "Chief Tester", views[0].Accounts[0].Document.Title)
	}
	l.honest()
	r.offset += time.Hour
	require.Empty(t, r.sweep().Why)
	require.Empty(t, r.items(""))
}

// TestADeletedAccountGoesByItsDate has accounts deleted by hand.
func TestADeletedAccountGoesByItsDate(t *testing.T) {
	t.Parallel()
	onEveryLiar(t, func(t *testing.T, l liar, r *reading) {
		require.Empty(t, r.sweep().Why)
		keys, accounts := r.link(l.ids...), r.accounts()
		require.Empty(t, r.sweep().Why)
		r.hints.take()
		l.remove(l.ids[0])
		for range 3 {
			r.offset += time.Hour
			out := r.sweep()
			require.Empty(t, out.Why)
			require.EqualValues(t, 1, out.Missing)
			require.Equal(t, accounts, r.accounts())
		}
		r.offset += 25 * time.Hour
		require.EqualValues(t, 1, r.sweep().Dropped)
		require.Equal(t, accounts-1, r.accounts())
		require.Contains(t, r.hints.take(), keys[0])
		require.Len(t, r.items(""), 1)
		require.Len(t, r.items(accountsGone), 1)
	})
}

// TestChangesAreReadBetween reads what was changed since, hints whose it is, and tells nobody of what Gatehouse wrote itself.
func TestChangesAreReadBetween(t *testing.T) {
	t.Parallel()
	onEveryLiar(t, func(t *testing.T, l liar, r *reading) {
		require.Equal(t, "full", r.read(false).Kind, "nothing was read before")
		keys := r.link(l.ids...)
		require.Empty(t, r.hints.take(), "that everybody's accounts are new is no change")
		l.title(t, l.ids[0], "By hand")
		l.title(t, l.ids[1], "By us")
		require.NoError(t, r.l.Systems().NoteValues(t.Context(), identity.Ref{System: l.name, ID: l.ids[1]}, map[string]identity.SystemValue{
			target.AttributeTitle: {Written: r.l.Digest("By us"), At: r.now()},
		}))
		out := r.read(false)
		require.Equal(t, "changes", out.Kind)
		require.True(t, out.Complete)
		told := r.hints.take()
		require.NotContains(t, told, keys[1])
		if l.name != "google" {
			require.Equal(t, []string{keys[0]}, told)
		}
		require.Empty(t, r.sweep().Why)
		require.Empty(t, r.items(""))
	})
}

// TestDebtorsAreToldOnceTheSystemAnswers tells leavers first, and nobody while the system is down.
func TestDebtorsAreToldOnceTheSystemAnswers(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	r := newReading(t, l.name, l.system)
	r.enforce()
	require.Empty(t, r.sweep().Why)
	for i, leaving := range []bool{false, false, true} {
		require.NoError(t, r.l.Systems().Owe(t.Context(), ledgersystems.Debt{
			Key: fmt.Sprint("workday-", i), System: l.name, Account: l.ids[i], Step: identity.SystemSuspend, Leaving: leaving, Why: api.ErrUnavailable,
		}))
	}
	l.lies["empty"]()
	require.NotEmpty(t, r.read(false).Why)
	require.Empty(t, r.hints.take())
	require.Len(t, r.items(notBelieved), 1)
	l.honest()
	require.Empty(t, r.read(false).Why)
	require.Empty(t, r.items(notBelieved), "any reading that comes through closes it")
	require.Len(t, r.items("system_debt"), 1)
	r.hints.mu.Lock()
	require.Equal(t, []string{"workday-2", "workday-0", "workday-1"}, r.hints.keys)
	r.hints.mu.Unlock()
}

// TestAccountsAreMatchedWithEverybody links what is certain, and asks about the rest.
func TestAccountsAreMatchedWithEverybody(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	r := newReading(t, l.name, l.system)
	ctx := t.Context()
	certain := storetest.Admit(t, r.l, "workday", "ep00", storetest.Digests(r.l, "p00@acme.example", "", ""))
	storetest.Admit(t, r.l, "workday", "77", storetest.Digests(r.l, "p01@acme.example", "", "Ada Lovelace"))
	atOneLogin := storetest.Admit(t, r.l, "workday", "ep02", storetest.Digests(r.l, "other@acme.example", "", ""))
	require.NoError(t, r.l.Inventory().NoteAccount(ctx, r.now(), inventory.Account{
		Ref: identity.OneLoginRef(9), Document: identity.Account{ID: 9, Email: "p02@acme.example", Username: "p02@acme.example", Status: identity.AccountActive},
	}))
	require.NoError(t, r.l.Inventory().LinkAccount(ctx, inventory.LinkAccount{Ref: identity.OneLoginRef(9), Person: atOneLogin}))
	out := r.sweep()
	require.Empty(t, out.Why)
	require.Equal(t, 2, out.Linked)
	require.Equal(t, 1, out.Asked)
	require.Len(t, r.items("system_accounts_whose"), 1)
	state := func(i int) inventory.Account {
		return storetest.Account(t, r.l, identity.Ref{System: l.name, ID: l.ids[i]})
	}
	require.Equal(t, [2]string{certain, string(identity.AccountLinked)}, [2]string{state(0).Person, string(state(0).State)})
	require.Equal(t, [2]string{atOneLogin, string(identity.AccountLinked)}, [2]string{state(2).Person, string(state(2).State)})
	candidate := state(1)
	require.Equal(t, [2]string{"workday-77", string(identity.AccountCandidate)}, [2]string{candidate.Person, string(candidate.State)})
	require.NotEmpty(t, candidate.MatchedBy)
	views, err := r.l.Systems().Views(ctx, "workday-77", 1, "", []string{l.name})
	require.NoError(t, err)
	require.Len(t, views[0].Candidates, 1)

	require.NoError(t, r.l.Inventory().RefuseAccount(ctx, candidate.Ref, "workday-77", r.s.Person.EvidenceOf(candidate.Document), "ops"))
	r.offset += time.Hour
	require.Zero(t, r.sweep().Asked)
	require.Empty(t, r.items(""))
}

// stops is a system that fails after some requests.
type stops struct {
	target.System
	left int
}

func (s *stops) fail() error {
	if s.left--; s.left < 0 {
		return &connectors.Error{System: "ldap", Op: "ask", Kind: connectors.KindUnavailable, Err: errors.New("the line is cut")}
	}
	return nil
}

func (s *stops) Read(ctx context.Context, in target.ReadRequest) (target.Account, error) {
	if err := s.fail(); err != nil {
		return target.Account{}, err
	}
	return s.System.Read(ctx, in)
}

func (s *stops) List(ctx context.Context, in target.ListRequest) (target.ListResponse, error) {
	if err := s.fail(); err != nil {
		return target.ListResponse{}, err
	}
	return s.System.(target.Lister).List(ctx, in)
}

// TestAReadingGoesOnWhereItStopped cuts the line after every request.
func TestAReadingGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	l := ldapLiar(t)
	s := &stops{System: l.system, left: 1}
	r := newReading(t, l.name, s)
	in := api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: l.name, Full: true}, Sweep: "one"}
	attempts := 0
	for {
		attempts++
		out, err := r.s.Sweep(t.Context(), in)
		if err == nil {
			require.Empty(t, out.Why)
			require.EqualValues(t, 12, out.Seen)
			break
		}
		require.Less(t, attempts, 20)
		s.left = 1
	}
	require.Equal(t, 12, r.accounts())
	require.Greater(t, attempts, 2)
	_, err := r.s.Sweep(t.Context(), api.SystemSweepInput{SystemSweepRequest: api.SystemSweepRequest{System: "nowhere"}})
	require.ErrorContains(t, err, "gatehouse.yaml has no such system")
}

// TestWhatKindOfUserAnAccountIsIsShown: a profile is all that somebody may do in Salesforce.
func TestWhatKindOfUserAnAccountIsIsShown(t *testing.T) {
	t.Parallel()
	l := salesforceLiar(t)
	r := newReading(t, l.name, l.system)
	require.Empty(t, r.sweep().Why)
	keys := r.link(l.ids...)
	require.NotEmpty(t, r.account(keys[0]).Profile)
	listed, err := r.l.Systems().List(t.Context(), l.name, "", 100)
	require.NoError(t, err)
	shown := 0
	for _, a := range listed {
		for _, thing := range a.Things {
			if a.Ref.ID == l.ids[0] && thing.Kind == identity.ObjectProfile {
				require.Equal(t, r.account(keys[0]).Profile, thing.Name)
				shown++
			}
		}
	}
	require.Equal(t, 1, shown, "it is what a review shows")

	profiles, err := l.system.(target.Profiler).Profiles(t.Context(), target.ProfilesRequest{})
	require.NoError(t, err)
	a, err := l.system.Read(t.Context(), target.ReadRequest{ID: l.ids[0]})
	require.NoError(t, err)
	other := profiles.Profiles[slices.IndexFunc(profiles.Profiles, func(p target.Profile) bool { return p.ID != a.Profile })]
	_, err = l.system.(target.ProfileWriter).WriteProfile(t.Context(), target.ProfileRequest{
		Write: target.Write{ID: l.ids[0]}, Changes: []target.Change{{Attribute: target.AttributeProfile, From: a.Profile, To: other.ID}},
	})
	require.NoError(t, err)
	r.hints.take()
	require.Equal(t, "changes", r.read(false).Kind)
	require.Equal(t, other.Name, r.account(keys[0]).Profile, "another takes its place at once")
	require.Equal(t, []string{keys[0]}, r.hints.take())
}

// TestManagersAreKnownAfterOneReading: Google names them by their addresses, and their own accounts may come later in the list. Whoever
// was renamed is still called by the address of before, which is an alias now.
func TestManagersAreKnownAfterOneReading(t *testing.T) {
	t.Parallel()
	l := googleLiar(t)
	r := newReading(t, l.name, l.system)
	all, err := l.system.(target.Lister).List(t.Context(), target.ListRequest{})
	require.NoError(t, err)
	byAddress := map[string]string{}
	for _, a := range all.Accounts {
		byAddress[a.Document.Email] = a.Ref.ID
	}
	at := slices.IndexFunc(all.Accounts, func(a target.Account) bool { return byAddress[a.ManagerAddress] != "" })
	require.GreaterOrEqual(t, at, 0)
	of := all.Accounts[at]
	_, err = l.system.(target.ProfileWriter).WriteProfile(t.Context(), target.ProfileRequest{
		Write:   target.Write{ID: byAddress[of.ManagerAddress]},
		Changes: []target.Change{{Attribute: target.AttributeEmail, From: of.ManagerAddress, To: "married@acme.example"}},
	})
	require.NoError(t, err)
	if !slices.Contains(l.ids, of.Ref.ID) {
		l.ids = append(l.ids, of.Ref.ID)
	}
	require.Empty(t, r.sweep().Why)
	managed := 0
	for i, key := range r.link(l.ids...) {
		a, err := l.system.Read(t.Context(), target.ReadRequest{ID: l.ids[i]})
		require.NoError(t, err)
		if manager := byAddress[a.ManagerAddress]; manager != "" {
			managed++
			require.Equal(t, manager, r.account(key).Manager)
		}
	}
	require.Positive(t, managed)
}
