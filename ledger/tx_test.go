package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
)

// testTogether: what is written together is kept as a whole or not at all.
func testTogether(t *testing.T, e engine) {
	ctx := context.Background()
	l := open(t, e.url(t), ledger.Options{})
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
