package devserver

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLogIsCopiedBackWhileItsWriterIsOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporal.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=wal_autocheckpoint(0)")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	db.SetMaxOpenConns(1)
	_, err = db.Exec("CREATE TABLE written (data BLOB)")
	require.NoError(t, err)

	c, err := startCheckpointer(path)
	require.NoError(t, err)
	const size = 1 << 20
	_, err = db.Exec("INSERT INTO written VALUES (zeroblob(?))", size)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		info, err := os.Stat(path)
		return err == nil && info.Size() > size
	}, time.Minute, 10*time.Millisecond, "nothing has come from the log into the file")
	require.NoError(t, c.close())
}

func TestCheckpointerSaysWhatItFailedWith(t *testing.T) {
	c, err := startCheckpointer(filepath.Join(t.TempDir(), "missing.db"))
	require.NoError(t, err)
	<-c.done
	require.ErrorContains(t, c.close(), "copy back the Temporal server's write-ahead log: ")
}
