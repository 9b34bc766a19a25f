package ledger_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
)

func testOpenTwice(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	first, err := ledger.Open(ctx, url, ledger.Options{})
	require.NoError(t, err)
	_, err = first.People().Admit(ctx, "workday-1", "workday", "1", persons.Digests{})
	require.NoError(t, err)
	require.NoError(t, first.Close())

	again := storetest.Open(t, url, ledger.Options{})
	require.NoError(t, again.Ping(ctx))
	_, found, err := again.Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.True(t, found, "opening again must keep what is there")

	var applied int
	row := e.Raw(t, url).QueryRowContext(ctx, "SELECT COUNT(*) FROM gatehouse_migrations WHERE version_id = 1")
	require.NoError(t, row.Scan(&applied))
	require.Equal(t, 1, applied, "the first migration must be applied once")
}

func testOpenAtOnce(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	require.NoError(t, storetest.AtOnce(6, func(int) error {
		l, err := ledger.Open(ctx, url, ledger.Options{MaxConns: 2})
		if err != nil {
			return err
		}
		if _, err := l.People().SetEmployed(ctx, "workday-1", true); err != nil {
			return err
		}
		return l.Close()
	}))
	d, found, err := storetest.Open(t, url, ledger.Options{}).Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, 1, d.Person.Episode)
}

// testOpenMustExist: whoever only steers makes no ledger, in which an order would be recorded that nobody ever sees.
func testOpenMustExist(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	url := e.URL(t)
	_, err := ledger.Open(ctx, url, ledger.Options{MustExist: true})
	require.ErrorIs(t, err, ledger.ErrNoLedger)
	if e.Name == "sqlite" {
		require.ErrorContains(t, err, "there is no ledger at "+url)
		require.NoDirExists(t, filepath.Dir(url), "nothing is made")
		require.NoError(t, os.MkdirAll(filepath.Dir(url), 0o700))
		require.NoError(t, os.WriteFile(url, nil, 0o600))
		_, err = ledger.Open(ctx, url, ledger.Options{MustExist: true})
		require.ErrorContains(t, err, "there is no ledger in "+url+": the file has no tables of Gatehouse")
		require.NoFileExists(t, url+".lock")
		require.NoError(t, os.WriteFile(url, []byte("this is a letter and no database, whatever its name says"), 0o600))
		_, err = ledger.Open(ctx, url, ledger.Options{MustExist: true})
		require.ErrorContains(t, err, "not a database")
		_, err = ledger.Open(ctx, filepath.Dir(url), ledger.Options{MustExist: true})
		require.ErrorContains(t, err, "that is not a file")
		require.NoError(t, os.Remove(url))
	} else {
		require.ErrorContains(t, err, "there is no ledger in the database")
		require.NotContains(t, err.Error(), "password")
		var tables int
		require.NoError(t, e.Raw(t, url).QueryRowContext(ctx,
			"SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'").Scan(&tables))
		require.Zero(t, tables, "nothing is made")
	}
	made, err := ledger.Open(ctx, url, ledger.Options{})
	require.NoError(t, err)
	_, err = made.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	_, found, err := storetest.Open(t, url, ledger.Options{MustExist: true}).Dossier(ctx, "workday-1")
	require.NoError(t, err, "beside a process that has it open")
	require.True(t, found)
	require.NoError(t, made.Close())
	_, found, err = storetest.Open(t, url, ledger.Options{MustExist: true}).Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.True(t, found)
}

func testClosed(t *testing.T, e storetest.Engine) {
	ctx := context.Background()
	l, err := ledger.Open(ctx, e.URL(t), ledger.Options{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = l.People().SetEmployed(ctx, "workday-1", true)
	require.ErrorIs(t, err, ledger.ErrClosed)
	require.Error(t, l.Ping(ctx))
}

func testCancelled(t *testing.T, e storetest.Engine) {
	l := storetest.Open(t, e.URL(t), ledger.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := l.People().SetEmployed(ctx, "workday-1", true)
	require.ErrorIs(t, err, context.Canceled)
	_, found, err := l.Dossier(context.Background(), "workday-1")
	require.NoError(t, err)
	require.False(t, found, "a cancelled write must not happen")
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ url, want string }{
		"nothing":                    {"", "needs the path of a file"},
		"memory":                     {"sqlite://:memory:", "needs the path of a file"},
		"a query":                    {"ledger.db?mode=ro", "needs the path of a file"},
		"another scheme":             {"mysql://somewhere/db", "not supported"},
		"a broken URL":               {"postgres://user:hunter2@host:not-a-port/db", "cannot be parsed"},
		"a server that is not there": {"postgres://user:hunter2@127.0.0.1:1/db", "connect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ledger.Open(context.Background(), test.url, ledger.Options{})
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a", "odd name %41", "ledger.db")
	l := storetest.Open(t, "sqlite://"+path, ledger.Options{})
	_, err := l.People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	for _, file := range []string{path, path + "-wal"} {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "%s must be readable by its owner only", filepath.Base(file))
	}
}

// TestTwoLedgersOnOneFile is two processes in one: nothing is shared but the file.
func TestTwoLedgersOnOneFile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	both := []*ledger.Ledger{storetest.Open(t, path, ledger.Options{}), storetest.Open(t, path, ledger.Options{})}
	var granted atomic.Int64
	require.NoError(t, storetest.AtOnce(40, func(i int) error {
		l := both[i%2]
		held, err := l.Budgets().Reserve(ctx, budgets.Reservation{
			Budget: "contain", Keys: []string{storetest.Key(i)}, Limit: budgets.Limit{Count: 7},
		})
		if held.Granted {
			granted.Add(1)
		}
		return err
	}))
	require.EqualValues(t, 7, granted.Load())

	_, err := both[0].People().SetEmployed(ctx, "workday-1", true)
	require.NoError(t, err)
	d, found, err := both[1].Dossier(ctx, "workday-1")
	require.NoError(t, err)
	require.True(t, found, "what one has written the other must read at once")
	require.Equal(t, 1, d.Person.Episode)
}
