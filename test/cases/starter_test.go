package cases

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// called is the account with a username.
func called(s *kit.Stack, username string) control.Person {
	s.T.Helper()
	p, found, err := s.Sandbox.ByUsername(s.T.Context(), username)
	require.NoError(s.T, err)
	require.True(s.T, found)
	return p
}

// orderID is the id of the order that a command says it has recorded.
func orderID(t *testing.T, out string) string {
	t.Helper()
	_, rest, found := strings.Cut(out, "order ")
	require.True(t, found, out)
	id, _, _ := strings.Cut(rest, " ")
	return id
}

// TestCase_O01_OffboardFromAnotherDirectory: an order is recorded where a worker sees it, or not at all.
func TestCase_O01_OffboardFromAnotherDirectory(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	account, elsewhere := s.Account("workday-21011"), t.TempDir()

	// The ledger by a path relative to the configuration, asked from somewhere else.
	dir := filepath.Dir(s.App.Config.Ledger.URL.Reveal())
	d := s.Desk(func(text string) string {
		return kit.Replace(t, text, s.App.Config.Ledger.URL.Reveal(), filepath.Base(s.App.Config.Ledger.URL.Reveal()))
	})
	text, err := os.ReadFile(d.Config)
	require.NoError(t, err)
	beside := filepath.Join(dir, "gatehouse.yaml")
	require.NoError(t, os.WriteFile(beside, text, 0o600))

	// Without a ledger beside it, every command that steers fails, and makes nothing.
	for _, args := range [][]string{
		{"offboard", "--person", "workday-21011", "--now", "--reason", "test"},
		{"order", "give", "--person", "workday-21011", "--kind", "suspend", "--reason", "test"},
		{"order", "list"},
		{"status"},
		{"evidence", "--person", "workday-21011"},
		{"onboard", "--person", "workday-21011"},
	} {
		p := d.RunIn(elsewhere, args...)
		require.NotZero(t, p.Code, args)
		require.Contains(t, p.Err, "there is no ledger at "+filepath.Join(filepath.Dir(d.Config), filepath.Base(s.App.Config.Ledger.URL.Reveal())))
	}
	for _, where := range []string{elsewhere, filepath.Dir(d.Config)} {
		made, err := filepath.Glob(filepath.Join(where, "*ledger*"))
		require.NoError(t, err)
		require.Empty(t, made)
	}
	require.True(t, s.Of(account.ID).CanSignIn)

	d.Config = beside
	p := d.RunIn(elsewhere, "offboard", "--person", "workday-21011", "--now", "--reason", "test")
	require.Zero(t, p.Code)
	s.AwaitShut(account.ID)
}

// TestCase_O06_ServiceAccountComesBack: an account that nobody in HR stands behind is what it was when the order ends.
func TestCase_O06_ServiceAccountComesBack(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	d := s.Desk(nil)
	before := called(s, "svc-backup@acme.example")
	require.True(t, before.CanSignIn)
	key, user := "onelogin-"+itoa(before.ID), itoa(before.ID)

	id := orderID(t, d.MustRun("order", "give", "--user", user, "--kind", "suspend", "--reason", "being looked into"))
	s.Until("the account is suspended", func() bool { return s.Of(before.ID).Status == 2 })
	s.Outcome(key)
	d.MustRun("order", "release", id, "--reason", "harmless")
	s.Until("the account is back", func() bool { return s.Of(before.ID).CanSignIn })
	s.Outcome(key)
	after := s.Of(before.ID)
	require.Equal(t, before.Roles, after.Roles)
	require.Equal(t, before.Group, after.Group)
	require.Equal(t, before.Status, after.Status)

	// The same by itself when the order lapses.
	d.MustRun("order", "give", "--user", user, "--kind", "suspend", "--until", "4s", "--reason", "for a moment")
	s.Until("the account is suspended again", func() bool { return s.Of(before.ID).Status == 2 })
	s.Until("the account is back by itself", func() bool { return s.Of(before.ID).CanSignIn })
	s.Outcome(key)
}
