package systems_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/activities/people"
	"gatehouse/activities/systems"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
	"gatehouse/policy/policytest"
)

// hints records who was hinted.
type hints struct {
	api.Launcher
	mu   sync.Mutex
	keys []string
}

func (h *hints) Send(_ context.Context, key string, _ api.Hint) (api.Sent, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keys = append(h.keys, key)
	return api.Sent{}, nil
}

// take returns who was hinted since the last time.
func (h *hints) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	keys := h.keys
	h.keys = nil
	slices.Sort(keys)
	return keys
}

// reading is a ledger that readings of one system fill, in a time that goes on by hand.
type reading struct {
	t      *testing.T
	l      *ledger.Ledger
	s      *systems.Systems
	name   string
	hints  *hints
	offset time.Duration
	sweeps int
}

func newReading(t *testing.T, name string, system target.System) *reading {
	t.Helper()
	r := &reading{t: t, name: name, hints: &hints{}}
	r.l = storetest.Open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{
		Clock: r.now, Seal: storetest.Ring(t, "a", "a"), DigestKey: []byte("pepper"),
	})
	pol := policytest.Parse(t, policytest.Everyone)
	r.s = &systems.Systems{
		Targets: map[string]target.System{name: system}, Ledger: r.l, Launch: r.hints, Clock: r.now, Policy: func() *policy.Policy { return pol },
	}
	r.s.Person = &people.Person{Ledger: r.l, Policy: r.s.Policy, Clock: r.now}
	return r
}

// enforce has a policy follow the system from now on.
func (r *reading) enforce() {
	r.t.Helper()
	pol := policytest.Parse(r.t, policytest.Everyone+"\nsystems:\n  "+r.name+": {mode: enforce, provisioned_by: gatehouse}\n")
	r.s.Policy = func() *policy.Policy { return pol }
}

func (r *reading) now() time.Time { return time.Now().Add(r.offset) }

// sweep reads everything, and asks again for as long as the system fails.
func (r *reading) sweep() api.SystemSwept {
	r.t.Helper()
	return r.read(true)
}

func (r *reading) read(full bool) api.SystemSwept {
	r.t.Helper()
	return r.ask(api.SystemSweepRequest{System: r.name, Full: full})
}

// accept reads everything with an operator's word that what is not shown was deleted.
func (r *reading) accept() api.SystemSwept {
	r.t.Helper()
	return r.ask(api.SystemSweepRequest{System: r.name, AcceptMissing: true})
}

func (r *reading) ask(request api.SystemSweepRequest) api.SystemSwept {
	r.t.Helper()
	r.sweeps++
	in := api.SystemSweepInput{SystemSweepRequest: request, Sweep: fmt.Sprint("run-", r.sweeps)}
	for range 5 {
		out, err := r.s.Sweep(r.t.Context(), in)
		if err == nil {
			again, err := r.s.Sweep(r.t.Context(), in)
			require.NoError(r.t, err)
			require.Equal(r.t, out.Why, again.Why, "a reading that has ended says the same again")
			return out
		}
		var of *connectors.Error
		require.ErrorAs(r.t, err, &of)
		r.offset += 11 * time.Minute
	}
	r.t.Fatal("a reading must come to an end")
	return api.SystemSwept{}
}

// items counts the open items of a class.
func (r *reading) items(class string) []worklist.Item {
	r.t.Helper()
	found, err := r.l.Worklist().Items(r.t.Context(), worklist.ItemFilter{System: r.name, Class: class})
	require.NoError(r.t, err)
	return found
}

// link puts accounts on record as those of people called after their ids, and returns the people.
func (r *reading) link(ids ...string) (keys []string) {
	r.t.Helper()
	for i, id := range ids {
		key := fmt.Sprint("workday-", 500+i)
		require.NoError(r.t, r.l.Inventory().LinkAccount(r.t.Context(), inventory.LinkAccount{
			Ref: identity.Ref{System: r.name, ID: id}, Person: key, By: "test", DecidedBy: "test",
		}))
		keys = append(keys, key)
	}
	return keys
}

// held are the memberships of people by key, as far as anybody believes.
func (r *reading) held(keys []string) map[string][]string {
	r.t.Helper()
	all := map[string][]string{}
	for _, key := range keys {
		views, err := r.l.Systems().Views(r.t.Context(), key, 1, "", []string{r.name})
		require.NoError(r.t, err)
		require.Len(r.t, views[0].Accounts, 1, key)
		a := views[0].Accounts[0]
		all[key] = slices.Concat(a.Groups, a.Roles)
	}
	return all
}

// accounts counts the accounts of the inventory.
func (r *reading) accounts() (n int) {
	r.t.Helper()
	require.NoError(r.t, r.l.Inventory().EachStated(r.t.Context(), r.name, func(inventory.Account) error { n++; return nil }))
	return n
}

// account is somebody's only account.
func (r *reading) account(key string) identity.SystemAccount {
	r.t.Helper()
	views, err := r.l.Systems().Views(r.t.Context(), key, 1, "", []string{r.name})
	require.NoError(r.t, err)
	require.Len(r.t, views[0].Accounts, 1)
	return views[0].Accounts[0]
}
