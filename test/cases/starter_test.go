package cases

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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

// shut reports that nobody gets in by an account any more, whatever else it still has.
func shut(p control.Person) bool { return !p.CanSignIn && len(p.Sessions) == 0 }

var offboardNow = []string{"offboard", "--now", "--reason", "test", "--by", "grace"}

func offboard(args ...string) []string { return append(slices.Clone(offboardNow), args...) }

// TestCase_O02_OffboardProvesWhatItSays: the account is shut when the command returns, and not some time later.
func TestCase_O02_OffboardProvesWhatItSays(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	for _, system := range []string{"jira", "slack"} {
		require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: system, Style: "status", Status: 503, Times: -1}))
	}
	by := func(what string, of control.Person) string {
		return map[string]string{"key": of.ExternalID, "address": of.Email, "name": of.FirstName + "  " + strings.ToUpper(of.LastName)}[what]
	}
	for key, what := range map[string]string{"workday-21011": "key", "workday-21012": "address", "workday-21013": "name"} {
		account := s.Account(key)
		require.True(t, account.CanSignIn)
		_, _, err := s.Sandbox.SignIn(t.Context(), account.Username)
		require.NoError(t, err)
		p := d.Run(offboard("--person", by(what, account))...)
		require.Zero(t, p.Code)
		require.True(t, shut(s.Of(account.ID)), "at the very moment at which the command says so")
		require.Contains(t, p.Out, "onelogin/"+itoa(account.ID)+": suspended at ")
		require.Contains(t, p.Out, ", sessions ended at ")
		if what != "name" {
			require.NotContains(t, p.Out+p.Err, account.LastName, "no personal data but what was typed")
		}
	}
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))

	// Once more about somebody who is out already.
	again := d.Run(offboard("--person", "workday-21011")...)
	require.Zero(t, again.Code)
	require.Contains(t, again.Out, ": suspended at ")

	account := s.Account("workday-21014")
	d.MustRun(offboard("--person", "workday-21014", "--no-wait")...)
	p := d.Run(offboard("--person", "workday-21014", "--no-wait")...)
	given, err := s.App.Ledger.Orders().Of(t.Context(), "workday-21014")
	require.NoError(t, err)
	require.Len(t, given, 1, "whoever repeats it has one order to release")
	require.Zero(t, p.Code)
	require.NotContains(t, p.Out, "suspended")
	s.AwaitShut(account.ID)

	// By the id of an account that nobody has put on record: the order moves to the person behind it.
	named := s.Account("workday-21015")
	p = d.Run(offboard("--user", itoa(named.ID))...)
	require.Zero(t, p.Code)
	require.True(t, shut(s.Of(named.ID)))
	require.Contains(t, p.Out, "onelogin/"+itoa(named.ID)+": suspended at ")

	// A service account that nobody is behind.
	service := called(s, "svc-backup@acme.example")
	p = d.Run(offboard("--user", itoa(service.ID))...)
	require.Zero(t, p.Code)
	require.True(t, shut(s.Of(service.ID)))
	require.Contains(t, p.Out, "onelogin/"+itoa(service.ID)+": suspended at ")
}

// TestCase_O02_OffboardOfEveryAccount: it is not over before the last account of the human is shut.
func TestCase_O02_OffboardOfEveryAccount(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	daily := s.Account("workday-21011")
	admin := s.Second(daily, control.Fields{"roles": []string{"AWS Admin"}})
	old := s.Second(daily, control.Fields{"username": "old." + daily.Username})
	for _, a := range []control.Person{daily, admin, old} {
		require.True(t, s.Of(a.ID).CanSignIn)
		_, _, err := s.Sandbox.SignIn(t.Context(), a.Username)
		require.NoError(t, err)
	}
	p := d.Run(offboard("--person", daily.Email)...)
	require.Zero(t, p.Code)
	for _, a := range []control.Person{daily, admin, old} {
		require.True(t, shut(s.Of(a.ID)), "account %d at the very moment at which the command says so", a.ID)
		require.Contains(t, p.Out, "onelogin/"+itoa(a.ID)+": suspended at ")
	}

	// An account of which nobody can tell whose it is: what is certain is done, and the rest is not said to be.
	other := s.Account("workday-21012")
	doubtful := s.Second(other, control.Fields{"email": "someone@else.example"})
	p = d.Run(offboard("--person", "workday-21012")...)
	require.Equal(t, 1, p.Code)
	require.Less(t, p.Took, 30*time.Second)
	require.True(t, shut(s.Of(other.ID)))
	require.Contains(t, p.Out, "onelogin/"+itoa(other.ID)+": suspended at ")
	require.NotContains(t, p.Out, "onelogin/"+itoa(doubtful.ID)+": suspended")
	require.Contains(t, p.Err, "account@onelogin/"+itoa(doubtful.ID))
	require.True(t, s.Of(doubtful.ID).CanSignIn)
}

// TestCase_O02_OffboardWithoutProof: whoever is not out is not said to be.
func TestCase_O02_OffboardWithoutProof(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)

	glass := called(s, "breakglass-1@acme.example")
	p := d.Run(offboard("--user", itoa(glass.ID))...)
	require.Equal(t, 1, p.Code)
	require.Less(t, p.Took, 30*time.Second, "it is told at once that somebody has to decide")
	require.Contains(t, p.Err, "protected")
	require.NotContains(t, p.Out, "suspended at")
	require.True(t, s.Of(glass.ID).CanSignIn)

	// Suspended by somebody else: nobody is known to have ended the sessions, so that they are ended now.
	idle := called(s, "riley.orphan@acme.example")
	_, err := s.Sandbox.AgeAccount(t.Context(), idle.ID, control.Fields{"status": 2, "roles": []string{}})
	require.NoError(t, err)
	p = d.Run(offboard("--user", itoa(idle.ID))...)
	require.Zero(t, p.Code, p.Err)
	require.Contains(t, p.Out, "suspended already when it was read")
	require.Contains(t, p.Out, "sessions ended at")
	require.True(t, shut(s.Of(idle.ID)))

	dead := s.Account("workday-21012")
	require.NoError(t, s.Sandbox.AddFault(t.Context(), control.Fault{System: "onelogin", Style: "status", Status: 503, Times: -1}))
	p = d.Run(offboard("--person", "workday-21012", "--timeout", "4s")...)
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "NOT proven")
	require.Contains(t, p.Err, "person.assess is being tried")
	require.Contains(t, p.Err, "503")
	require.NoError(t, s.Sandbox.ClearFaults(t.Context()))
	s.AwaitShut(dead.ID)

	s.StopWorkers()
	late := s.Account("workday-21011")
	p = d.Run(offboard("--person", "workday-21011", "--timeout", "3s")...)
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "NOT proven")
	require.True(t, s.Of(late.ID).CanSignIn)
	wait := d.Start("", offboard("--person", "workday-21011")...)
	s.StartWorkers()
	p = wait()
	require.Zero(t, p.Code, "the order was there, and a worker came")
	require.True(t, shut(s.Of(late.ID)))
}

// TestCase_O02_OffboardNobody: an order about nobody is refused, and hits nobody else.
func TestCase_O02_OffboardNobody(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	orders := func() []string {
		open, err := s.App.Ledger.Orders().Open(t.Context())
		require.NoError(t, err)
		var ids []string
		for _, o := range open {
			ids = append(ids, o.ID)
		}
		return ids
	}
	twin := s.Account("workday-21012")
	s.HR("workday-21011", "change", control.Fields{"first_name": twin.FirstName, "last_name": twin.LastName})
	s.Hint("workday-21011", "webhook")
	s.Until("the new name is known", func() bool {
		found, err := s.App.Ledger.FindByName(t.Context(), twin.FirstName+" "+twin.LastName)
		require.NoError(t, err)
		return len(found) == 2
	})
	s.Outcome("workday-21011")
	mark := s.Mark()
	for _, c := range []struct{ flag, value, says string }{
		{"--user", "999999", "OneLogin has no user 999999"},
		{"--user", "-4", "write the number that OneLogin shows"},
		{"--person", "workday-99999", "had no record of workday-99999"},
		{"--person", "onelogin-jane", "does not end in a OneLogin user id"},
		{"--person", "nobody@acme.example", "nobody that Gatehouse knows has this address"},
		{"--person", "No Body", "nobody that Gatehouse knows has this name"},
		{"--person", twin.FirstName + " " + twin.LastName, "\n  workday-21011 ("},
		{"--person", "", "name either --person or --user"},
	} {
		for _, args := range [][]string{offboard(c.flag, c.value), {"order", "give", "--kind", "suspend", "--reason", "test", c.flag, c.value}} {
			p := d.Run(args...)
			require.Equal(t, 1, p.Code)
			require.Contains(t, p.Err, c.says)
		}
	}
	require.Empty(t, orders())

	// Without a credential of OneLogin the run finds out, and says so at once.
	blind := s.Desk(func(text string) string {
		return kit.Replace(t, text, "  client_secret: sandbox-onelogin-secret\n", "")
	})
	p := blind.Run(offboard("--user", "999999")...)
	require.Equal(t, 1, p.Code)
	require.Less(t, p.Took, 30*time.Second)
	require.Contains(t, p.Err, "nothing_to_contain")
	require.Contains(t, p.Err, "starter release --person onelogin-999999 --order "+orderID(t, p.Out))
	require.Empty(t, s.Effects(mark, "onelogin.update_user"))
}

// TestCase_O04_ReleaseNamesWhatItEnds: nobody ends another team's order by accident.
func TestCase_O04_ReleaseNamesWhatItEnds(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	d := s.Desk(nil)
	account := s.Account("workday-21011")
	give := func(by, kind string) string {
		return orderID(t, d.MustRun("order", "give", "--person", account.Email, "--kind", kind, "--reason", "test", "--by", by))
	}
	release := func(args ...string) kit.Printed {
		return d.Run(append([]string{"release", "--person", account.Email, "--reason", "test", "--by", "grace"}, args...)...)
	}
	require.Equal(t, 1, release().Code, "there is none")
	theirs := give("another team", "suspend")
	s.Until("the account is suspended", func() bool { return s.Of(account.ID).Status == 2 })
	p := release()
	require.Equal(t, 1, p.Code, "somebody else's order takes a word")
	require.Contains(t, p.Out, theirs)
	require.Contains(t, p.Err, "--order "+theirs)
	mine := give("grace", "freeze")
	p = release()
	require.Equal(t, 1, p.Code, "two orders take a choice")
	require.Contains(t, p.Out, theirs)
	require.Contains(t, p.Out, mine)
	require.Contains(t, p.Err, "--all")
	require.Equal(t, 1, release("--order", "contain-nobodys").Code)
	open, err := s.App.Ledger.OrdersInForce(t.Context(), "workday-21011")
	require.NoError(t, err)
	require.Len(t, open, 2, "nothing has ended by asking")

	require.Zero(t, release("--order", mine).Code)
	require.Equal(t, 2, s.Of(account.ID).Status, "the other order stands")
	give("grace", "freeze")
	require.Zero(t, release("--order", theirs).Code)
	require.Zero(t, release().Code, "one's own and only one needs no name")
	s.Until("the account is back", func() bool { return s.Of(account.ID).CanSignIn })
	give("another team", "suspend")
	give("grace", "freeze")
	s.Until("the account is suspended again", func() bool { return s.Of(account.ID).Status == 2 })
	require.Zero(t, release("--all").Code)
	s.Until("the account is back again", func() bool { return s.Of(account.ID).CanSignIn })
}
