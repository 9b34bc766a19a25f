package devserver

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFilesAreTheirOwnersOnly: histories hold personal data, and the database is not encrypted.
func TestFilesAreTheirOwnersOnly(t *testing.T) {
	before := syscall.Umask(0)
	defer syscall.Umask(before)
	dir := t.TempDir()
	o := Options{NoUI: true, Database: filepath.Join(dir, "temporal.db"), Log: filepath.Join(dir, "temporal.log")}
	require.NoError(t, os.WriteFile(o.Log, []byte("of an earlier version"), 0o644))
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s, err := Start(ctx, o)
		require.NoError(t, err)
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), 4, "the database, its write-ahead log, their index and the log")
		for _, f := range files {
			info, err := f.Info()
			require.NoError(t, err)
			require.Equal(t, "-rw-------", info.Mode().String(), f.Name())
		}
		require.NoError(t, s.Stop())
		// What an earlier version left is taken from everybody else as well.
		require.NoError(t, os.Chmod(o.Database, 0o644))
	}
}
