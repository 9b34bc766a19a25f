package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/journal"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

// testFailuresAmongOthers has writes fail beside writes that succeed: where they share a transaction, a failure must
// take nobody with it.
func testFailuresAmongOthers(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	var fresh atomic.Int64
	require.NoError(t, storetest.AtOnce(60, func(i int) error {
		if i%3 == 0 {
			if err := l.People().SetDigests(ctx, "workday", "nobody", persons.Digests{}); err == nil {
				return fmt.Errorf("write %d must fail", i)
			}
			return nil
		}
		c, err := l.Journal().Claim(ctx, fmt.Sprintf("ticket/%d", i))
		if c.State == journal.Fresh && c.Attempts == 1 {
			fresh.Add(1)
		}
		return err
	}))
	require.EqualValues(t, 40, fresh.Load(), "every claim is somebody's first")
	for i := range 60 {
		c, err := l.Journal().Claim(ctx, fmt.Sprintf("ticket/%d", i))
		require.NoError(t, err)
		if i%3 == 0 {
			require.Equal(t, journal.Fresh, c.State)
		} else {
			require.Equal(t, journal.Claimed, c.State, "claim %d must have been committed", i)
			require.Equal(t, 2, c.Attempts)
		}
	}
}

// testInTx: what is written in one transaction is kept as a whole or not at all.
func testInTx(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	_, err := l.People().Admit(ctx, "workday-1", "workday", "1", persons.Digests{})
	require.NoError(t, err)
	look := func(fails error) error {
		return l.InTx(ctx, func(ctx context.Context, l *ledger.Ledger) error {
			if err := l.Inventory().SetAccount(ctx, "workday-1", 42, false); err != nil {
				return err
			}
			p, err := l.People().SetEmployed(ctx, "workday-1", true)
			require.NoError(t, err)
			require.EqualValues(t, 42, p.AccountID, "later writes see earlier ones")
			held, err := l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain", Keys: []string{"workday-1/1"}, By: "test"})
			require.True(t, held.Granted)
			return errors.Join(err, fails)
		})
	}
	broken := errors.New("power cut")
	require.ErrorIs(t, look(broken), broken)
	d, _, err := l.Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.Zero(t, d.Person.AccountID)
	require.Zero(t, d.Person.Episode)

	require.NoError(t, look(nil))
	d, _, err = l.Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.EqualValues(t, 42, d.Person.AccountID)
	require.Equal(t, 1, d.Person.Episode)
	held, err := l.Budgets().Reserve(ctx, budgets.Reservation{Budget: "contain", Keys: []string{"workday-1/1"}, By: "test"})
	require.NoError(t, err)
	require.Equal(t, 1, held.Used, "one reservation, not one for the attempt that failed too")
}
