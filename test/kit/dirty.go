package kit

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger/persons"
	"gatehouse/sandbox/control"
)

// Age sets fields of the account with a person's key as external id, as they have been since before Gatehouse: no event
// tells of it. Use ByID or Of afterwards: the key may no longer find it.
func (s *Stack) Age(key string, f control.Fields) control.Person {
	s.T.Helper()
	p, err := s.Sandbox.AgeAccount(s.T.Context(), s.Account(key).ID, f)
	require.NoError(s.T, err)
	return p
}

// Second gives the human behind an account another one, older than Gatehouse: same names and address, the username with
// "adm-" before it, no external id, no roles, unless the fields say otherwise.
func (s *Stack) Second(of control.Person, f control.Fields) control.Person {
	s.T.Helper()
	p, err := s.Sandbox.CopyAccount(s.T.Context(), of.ID, f)
	require.NoError(s.T, err)
	return p
}

// Of is an account by its id, as it is now.
func (s *Stack) Of(id int64) control.Person {
	s.T.Helper()
	p, found, err := s.Sandbox.ByID(s.T.Context(), id)
	require.NoError(s.T, err)
	require.True(s.T, found, "account %d is gone", id)
	return p
}

// Open reports whether anybody gets in by an account: whether it can sign in, holds a role or has a session.
func Open(p control.Person) bool { return p.CanSignIn || len(p.Roles) > 0 || len(p.Sessions) > 0 }

// AwaitShut waits until nobody gets in by any of the accounts: suspended or never able to sign in, no role, no session. If
// nobody at all is left who should be out, it waits until Gatehouse knows it.
func (s *Stack) AwaitShut(ids ...int64) {
	s.T.Helper()
	s.Until("all accounts are shut", func() bool {
		for _, id := range ids {
			if Open(s.Of(id)) {
				return false
			}
		}
		return true
	})
	if len(s.LeftWithAccess()) == 0 {
		s.awaitDepartures()
	}
}

// LeftWithAccess lists the accounts by which somebody who has left gets in, by the sandbox's own knowledge of whose they
// are.
func (s *Stack) LeftWithAccess() []control.Open {
	s.T.Helper()
	open, err := s.Sandbox.LeftWithAccess(s.T.Context())
	require.NoError(s.T, err)
	return open
}

// AwaitNobodyLeftWithAccess waits until there are none, and until Gatehouse knows it.
func (s *Stack) AwaitNobodyLeftWithAccess() {
	s.T.Helper()
	s.Until("nobody who has left gets in", func() bool { return len(s.LeftWithAccess()) == 0 })
	s.awaitDepartures()
}

// awaitDepartures waits until the ledger has no departure that is due and open, except where a run asks somebody: one that
// stays open is announced as overdue although nobody gets in.
func (s *Stack) awaitDepartures() {
	s.T.Helper()
	s.Until("no departure that is due stays open", func() bool {
		open, err := s.App.Ledger.People().OpenDepartures(s.T.Context(), time.Now())
		require.NoError(s.T, err)
		return !slices.ContainsFunc(open, func(d persons.Departure) bool {
			state, running := s.State(d.Key)
			return !running || len(state.Attention) == 0
		})
	})
}
