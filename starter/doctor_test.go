package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"gatehouse/internal/cli"
	"gatehouse/internal/doctor"
	"gatehouse/ledger"
)

// examined runs doctor on a configuration and returns what it found by code, and its exit code.
func examined(t *testing.T, config string) (code int, found map[string]doctor.Result) {
	t.Helper()
	t.Setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
	cmd := command()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs([]string{"--config", config, "doctor", "--json"})
	err := cmd.ExecuteContext(t.Context())
	if err != nil {
		code = cli.ExitCode(err)
	}
	var all []doctor.Result
	require.NoError(t, json.Unmarshal(out.Bytes(), &all), "%v: %s", err, out.String())
	found = map[string]doctor.Result{}
	for _, r := range all {
		found[r.Code] = r
	}
	return code, found
}

// configured writes a configuration whose ledger is there.
func configured(t *testing.T, more string) (config, file string) {
	t.Helper()
	dir := t.TempDir()
	file = filepath.Join(dir, "ledger.db")
	books, err := ledger.Open(t.Context(), file, ledger.Options{})
	require.NoError(t, err)
	require.NoError(t, books.Close())
	config = filepath.Join(dir, "gatehouse.yaml")
	require.NoError(t, os.WriteFile(config, []byte("ledger:\n  url: ledger.db\n"+more), 0o600))
	return config, file
}

// TestDoctorOnWhatKeepsEveryProgramFromStarting: each has its code, what was found and what mends it, and JSON is JSON.
func TestDoctorOnWhatKeepsEveryProgramFromStarting(t *testing.T) {
	sick := func(code string, spoil func(file string), what, mend string) func(*testing.T) {
		return func(t *testing.T) {
			config, file := configured(t, "")
			spoil(file)
			exit, found := examined(t, config)
			require.Equal(t, doctor.ExitFailures, exit)
			require.Equal(t, doctor.Failure, found[code].State, "%v", found[code])
			require.Contains(t, found[code].Found, what)
			require.Contains(t, found[code].Mend, mend)
			for _, other := range []string{"GH-D03", "GH-D06", "GH-D17"} {
				require.NotEmpty(t, found[other].Found, "the rest is examined all the same: %s", other)
			}
		}
	}
	t.Run("a ledger that is newer", sick("GH-D02", func(file string) {
		db, err := sql.Open("sqlite", file)
		require.NoError(t, err)
		_, err = db.Exec("INSERT INTO gatehouse_migrations (version_id, is_applied) VALUES (99999, 1)")
		require.NoError(t, errors.Join(err, db.Close()))
	}, "run the newer program", "restore the backup"))
	t.Run("a ledger that is damaged", sick("GH-D02", func(file string) {
		require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("damaged ", 4096)), 0o600))
	}, "not a database", "integrity_check"))
	t.Run("a ledger that can only be read", sick("GH-D02", func(file string) {
		// What the format calls a later version for writing, SQLite reads and does not write, whoever runs it.
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		require.NoError(t, err)
		_, err = f.WriteAt([]byte{3}, 18)
		require.NoError(t, errors.Join(err, f.Close()))
	}, "can be read, and not written", "chmod u+w"))
	t.Run("a key that nobody knows", func(t *testing.T) {
		config, _ := configured(t, "unknown_section: 1\n")
		exit, found := examined(t, config)
		require.Equal(t, doctor.ExitFailures, exit)
		require.Equal(t, doctor.Failure, found["GH-D01"].State)
		require.Contains(t, found["GH-D01"].Found, "unknown_section")
		require.Equal(t, doctor.Unknown, found["GH-D02"].State)
		require.Len(t, found, len(doctor.Codes()), "every code is answered for")
	})
	t.Run("no configuration", func(t *testing.T) {
		exit, found := examined(t, filepath.Join(t.TempDir(), "gatehouse.yaml"))
		require.Equal(t, doctor.ExitFailures, exit)
		require.Equal(t, doctor.Failure, found["GH-D01"].State)
		require.Contains(t, found["GH-D01"].Mend, "--config FILE")
	})
	t.Run("an encryption key that is none", func(t *testing.T) {
		config, _ := configured(t, "encryption:\n  active: a\n  keys:\n    a: short\n")
		exit, found := examined(t, config)
		require.Equal(t, doctor.ExitFailures, exit)
		require.Equal(t, doctor.Failure, found["GH-D01"].State)
	})
	t.Run("a ledger that can be written", func(t *testing.T) {
		config, _ := configured(t, "")
		_, found := examined(t, config)
		require.Equal(t, doctor.Fine, found["GH-D02"].State, "%v", found["GH-D02"])
		require.Equal(t, doctor.Failure, found["GH-D03"].State)
	})
}
