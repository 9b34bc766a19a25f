package ledgertest_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"gatehouse/ledger/ledgertest"
)

func TestPostgresServesDatabasesOfTheirOwn(t *testing.T) {
	t.Parallel()
	server := ledgertest.Postgres(t)
	ctx := context.Background()
	for _, name := range []string{"one", "two"} {
		conn, err := pgx.Connect(ctx, ledgertest.Database(t, server, name))
		require.NoError(t, err)
		var got string
		require.NoError(t, conn.QueryRow(ctx, "SELECT current_database()").Scan(&got))
		require.Equal(t, name, got)
		_, err = conn.Exec(ctx, "CREATE TABLE only_here (n int)")
		require.NoError(t, err, "a table of the same name must not exist yet")
		require.NoError(t, conn.Close(ctx))
	}
}

func TestStartPostgresStopsAndFreesItsSocket(t *testing.T) {
	t.Parallel()
	url := ""
	t.Run("running", func(t *testing.T) {
		url = ledgertest.Postgres(t)
		conn, err := pgx.Connect(context.Background(), url)
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	})
	if url == "" {
		t.Skip("PostgreSQL is not installed")
	}
	_, err := pgx.Connect(context.Background(), url)
	require.Error(t, err, "the server must end with its test")
}
