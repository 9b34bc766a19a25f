package systems_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

// TestStore runs the same tests on both engines.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.OnEach(t, map[string]func(*testing.T, storetest.Engine){
		"a membership that is not shown is believed until confirmed and due": testTombstone,
		"a membership that is shown again was never away":                    testShownAgain,
		"older readings change nothing":                                      testOlder,
		"what we gave and took":                                              testGivenAndTaken,
		"what is new":                                                        testNews,
		"what differs":                                                       testDiffer,
		"views":                                                              testViews,
		"which account is the primary one":                                   testPrimary,
		"heirs":                                                              testHeirs,
		"views of many":                                                      testViewsOfMany,
		"debts":                                                              testDebts,
		"objects":                                                            testObjects,
		"objects that are gone":                                              testObjectsGone,
		"objects of a name that another one had":                             testObjectsRenewed,
		"members":                                                            testMembers,
		"dropped accounts":                                                   testDropped,
		"where to go on with changes":                                        testWatched,
		"a profile takes the place of another":                               testProfile,
		"what was read before the rest":                                      testReadBefore,
		"who holds what":                                                     testHeldBy,
		"what departures leave":                                              testEnded,
		"where an account goes back to":                                      testPlaceBack,
		"what a departure has yet to take":                                   testUntaken,
		"what a departure waits with":                                        testWaiting,
		"what was held at a change of position":                              testMoved,
		"since when a departure counts":                                      testBegan,
		"in whose hands mailboxes are":                                       testHanded,
		"what happens again":                                                 testAgain,
		"what was tried":                                                     testTrying,
	})
}

const google = "google"

// rig is a ledger with a clock, and one account that is somebody's.
type rig struct {
	*ledger.Ledger
	c *storetest.Clock
	t *testing.T
}

func newRig(t *testing.T, e storetest.Engine) rig {
	t.Helper()
	c := storetest.NewClock()
	return rig{
		Ledger: storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now, Seal: storetest.Ring(t, "a", "a"), DigestKey: []byte("pepper")}),
		c:      c, t: t,
	}
}

// first is the first of somebody's accounts, as their view has it in an episode.
func (r rig) first(key string, episode int) identity.SystemAccount {
	r.t.Helper()
	views, err := r.Systems().Views(r.t.Context(), key, episode, "", []string{google})
	require.NoError(r.t, err)
	return views[0].Accounts[0]
}

func ref(id string) identity.Ref { return identity.Ref{System: google, ID: id} }

// row is an account in these groups.
func row(id string, groups ...string) systems.Row {
	return systems.Row{
		Account: inventory.Account{Ref: ref(id), Document: identity.Account{Status: identity.AccountActive, Title: "Engineer", Username: id + "@acme.example"}},
		Holds:   map[identity.SystemObjectKind][]string{identity.ObjectGroup: append([]string{}, groups...)},
		Keep:    24 * time.Hour,
	}
}

func (r rig) link(id, key string) {
	r.t.Helper()
	require.NoError(r.t, r.Inventory().LinkAccount(context.Background(), inventory.LinkAccount{Ref: ref(id), Person: key, By: "test"}))
}

// observe takes in what a sweep shows now, and returns what is new.
func (r rig) observe(rows ...systems.Row) []identity.Ref {
	r.t.Helper()
	changed, err := r.Systems().Observe(context.Background(), r.c.Now(), rows)
	require.NoError(r.t, err)
	return changed
}

func (r rig) view(key string) identity.SystemView {
	r.t.Helper()
	views, err := r.Systems().Views(context.Background(), key, 1, "", []string{google})
	require.NoError(r.t, err)
	require.Len(r.t, views, 1)
	return views[0]
}

func (r rig) groups(key string) []string {
	r.t.Helper()
	v := r.view(key)
	require.NotNil(r.t, v.Primary())
	return v.Primary().Groups
}
