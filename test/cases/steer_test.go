package cases

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_O11_SteeringNeedsNoVendorSecret: whoever steers holds no credential of a vendor, and is understood all the same.
func TestCase_O11_SteeringNeedsNoVendorSecret(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "role_change: enforce", "role_change: approve")
	}})
	s.Baseline()
	d := s.Desk(func(text string) string {
		secret := regexp.MustCompile(`(?m)^(\s*)(client_secret|refresh_token|api_key|token|routing_key): .*$`)
		require.GreaterOrEqual(t, len(secret.FindAllString(text, -1)), 7)
		return secret.ReplaceAllString(text, `$1$2: $${GATEHOUSE_TEST_NOT_SET}`)
	})
	key := s.Hire("workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Sales", "title": "Account Executive", "location": "Berlin",
		"hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	})
	s.Hint(key, "webhook")
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	s.HR(key, "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	s.Hint(key, "webhook")
	item := asks(s, key, "give roles: ").Item

	// What is asked comes with the command for each answer, which is taken as it is printed.
	shown := d.MustRun("show", "--person", key)
	require.Contains(t, shown, "person    "+key+", employed")
	require.Contains(t, shown, "ASKS, since")
	require.Contains(t, shown, "step  move the account to the group Support")
	ready := `starter decide --person ` + key + ` --item ` + item + ` --verb allow --reason "..."`
	require.Contains(t, shown, ready)
	args := strings.Fields(strings.TrimPrefix(strings.ReplaceAll(ready, `"..."`, "checked"), "starter "))
	d.MustRun(args...)
	s.Until("the account is moved", func() bool { return s.Account(key).Group == "Support" })
	s.Outcome(key)
	require.Contains(t, d.MustRun("show", "--person", key), key)

	account := s.Account(key)
	id := orderID(t, d.MustRun("order", "give", "--person", key, "--kind", "suspend", "--reason", "test", "--by", "grace"))
	s.Until("the account is suspended", func() bool { return s.Of(account.ID).Status == 2 })
	d.MustRun("order", "list")
	d.MustRun("release", "--person", key, "--order", id, "--reason", "test", "--by", "grace")
	s.Until("the account is back", func() bool { return s.Of(account.ID).Status == account.Status })
	p := d.Run(offboard("--person", key)...)
	require.Zero(t, p.Code, p.Err)
	require.True(t, shut(s.Of(account.ID)))
	d.MustRun("status", "--person", key)
	d.MustRun("holds")
	out := d.MustRun("list", "--person", key, "--limit", "1")
	require.Contains(t, out, "These are the first 1, and there are more: --limit 0 lists all")
	require.Greater(t, strings.Count(d.MustRun("list", "--person", key, "--limit", "0"), key), 3)

	// What needs a credential says so, and does not pretend.
	p = d.Run("adopt")
	require.Equal(t, 1, p.Code)
	require.Contains(t, p.Err, "the environment variable GATEHOUSE_TEST_NOT_SET is not set")
	s.StopWorkers()
	p = d.Run("show", "--person", key, "--wait", "2s")
	require.Contains(t, p.Out, "person    "+key, "what is on record is shown without a worker")
}

// TestCase_O07_TwoDemosInOneClone: the second is refused, and the first one's files stay.
func TestCase_O07_TwoDemosInOneClone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	binary := filepath.Join(t.TempDir(), "demo")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "gatehouse/demo").CombinedOutput()
	require.NoError(t, err, string(out))
	// The first demo lives: it holds its directory, and has files in it.
	require.NoError(t, os.MkdirAll(dir, 0o700))
	ledger := filepath.Join(dir, "ledger.db")
	require.NoError(t, os.WriteFile(ledger, []byte("the first demo's"), 0o600))
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	require.NoError(t, err)
	defer func() { require.NoError(t, lock.Close()) }()
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))

	second := exec.CommandContext(t.Context(), binary, "--once", "--dir", dir)
	second.Dir = kit.Root()
	said, err := second.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(said), "a demo is running in "+dir+" already")
	require.Contains(t, string(said), "-dir var/another", "and what to do")
	kept, err := os.ReadFile(ledger)
	require.NoError(t, err)
	require.Equal(t, "the first demo's", string(kept))
}
