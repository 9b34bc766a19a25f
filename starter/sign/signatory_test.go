package sign

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/app"
	"gatehouse/internal/cli"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/ledger"
	"gatehouse/starter/cmdline"
	"gatehouse/test/kit"
)

// desk is a configuration, a policy and a ledger in a directory.
type desk struct {
	t     *testing.T
	dir   string
	clock func() time.Time
}

// newDesk makes one whose policy has these lines about deciders.
func newDesk(t *testing.T, deciders string) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), clock: time.Now}
	text, err := os.ReadFile(filepath.Join(kit.Root(), "demo", "gatehouse.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(d.path("gatehouse.yaml"), text, 0o600))
	require.NoError(t, os.WriteFile(d.path("policy.yaml"), []byte(kit.Replace(t, kit.Policy(t), "\nend: policy", deciders+"\nend: policy")), 0o600))
	l, err := ledger.Open(t.Context(), d.path("ledger.db"), ledger.Options{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return d
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

// gives has somebody give an order: it returns what shows that they do, and who they are.
func (d *desk) gives(args ...string) (proof *api.Proof, who *Signatory, err error) {
	d.t.Helper()
	cfg, err := config.Load(d.path("gatehouse.yaml"), config.Needs{})
	require.NoError(d.t, err)
	a, err := app.Open(d.t.Context(), cfg, app.Options{Steering: true, Lenient: true, Clock: d.clock})
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, a.Close()) }()
	var by, keyFile string
	cmd := &cobra.Command{Use: "x", RunE: func(cmd *cobra.Command, _ []string) error {
		if who, err = AuthorOf(cmd, a, by, keyFile); err != nil {
			return err
		}
		proof, err = who.Prove(decider.OrderWord(identity.Order{ID: "suspend-1", Key: "workday-1", Kind: identity.OrderSuspend, By: who.By, Reason: "r"}))
		return err
	}}
	cmd.Flags().StringVar(&by, "by", "shell@acme.example", "")
	KeyFlag(cmd, &keyFile)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	return proof, who, cmd.ExecuteContext(d.t.Context())
}

// named is an entry of deciders.people.
func named(s *Signer, may string) string {
	return fmt.Sprintf("\ndeciders:\n  people:\n    - {address: %s, key: %q, may: [%s]}\n", s.Address, decider.FormatKey(s.public()), may)
}

// TestWhoGivesAnOrder: where the policy names who may decide, a word counts that is signed by their key, now, and within their
// scope. Each other is refused before anything is written down.
func TestWhoGivesAnOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ann, eve := keep(t, filepath.Join(dir, "ann"), "ann@acme.example", time.Time{}), keep(t, filepath.Join(dir, "eve"), "eve@acme.example", time.Time{})
	posing := &Signer{Address: ann.Address, Seed: eve.Seed}
	require.NoError(t, posing.write(filepath.Join(dir, "posing")))
	keep(t, filepath.Join(dir, "over"), "ann@acme.example", time.Now().Add(-time.Minute))
	keep(t, filepath.Join(dir, "session"), "ann@acme.example", time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		policy  string
		args    []string
		late    time.Duration
		refused string
		who     string
		signed  bool
	}{
		"nobody is named":              {who: "shell@acme.example (unverified)"},
		"nobody is named, and a key":   {args: []string{"--key", "ann"}, refused: "the policy names nobody who may decide"},
		"by the right key":             {policy: named(ann, "order"), args: []string{"--key", "ann"}, who: "ann@acme.example", signed: true},
		"in their own name":            {policy: named(ann, "order"), args: []string{"--key", "ann", "--by", "ANN@acme.example"}, who: "ann@acme.example", signed: true},
		"in somebody else's name":      {policy: named(ann, "order"), args: []string{"--key", "ann", "--by", "bob@acme.example"}, refused: "--by bob@acme.example: the key is that of ann@acme.example"},
		"by a key that is not named":   {policy: named(ann, "order"), args: []string{"--key", "eve"}, refused: "no worker knows this key"},
		"by a key under another name":  {policy: named(ann, "order"), args: []string{"--key", "posing"}, refused: "no worker knows this key"},
		"beyond their scope":           {policy: named(ann, "step"), args: []string{"--key", "ann"}, refused: "ann@acme.example may decide about step, and this is order"},
		"signed ten minutes too late":  {policy: named(ann, "order"), args: []string{"--key", "ann"}, late: 11 * time.Minute, refused: "the decision was signed 11m"},
		"signed before its time":       {policy: named(ann, "order"), args: []string{"--key", "ann"}, late: -11 * time.Minute, refused: "away from the worker's time"},
		"by a sign-in that is over":    {policy: named(ann, "order"), args: []string{"--key", "over"}, refused: "the sign-in of ann@acme.example is over"},
		"by a sign-in that is nowhere": {policy: named(ann, "order"), args: []string{"--key", "session"}, refused: "deciders.issuer"},
		"by a key that is not there":   {policy: named(ann, "order"), args: []string{"--key", "absent"}, refused: "read --key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.policy)
			d.clock = func() time.Time { return time.Now().Add(c.late) }
			args := append([]string{}, c.args...)
			for i, arg := range args {
				if arg == "--key" {
					args[i+1] = filepath.Join(dir, args[i+1])
				}
			}
			proof, who, err := d.gives(args...)
			if c.refused != "" {
				require.ErrorContains(t, err, c.refused)
				require.Equal(t, cli.ExitFailed, cli.ExitCode(err))
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.who, who.Name())
			require.Equal(t, c.signed, proof != nil)
		})
	}
}

// TestNobodySigns: without a key nothing counts where the policy asks for one.
func TestNobodySigns(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("HOME", home)
	ann := keep(t, filepath.Join(t.TempDir(), "ann"), "ann@acme.example", time.Time{})
	d := newDesk(t, named(ann, "order"))
	_, _, err := d.gives()
	require.ErrorIs(t, err, decider.ErrUnproven)
	require.ErrorContains(t, Refused(err, "ordered"), ". Nothing was ordered")
}

// TestSignedIsSignedForOneThing: a signature under another run, question or answer does not fit.
func TestSignedIsSignedForOneThing(t *testing.T) {
	t.Parallel()
	ann := keep(t, filepath.Join(t.TempDir(), "ann"), "ann@acme.example", time.Time{})
	d := newDesk(t, named(ann, "any"))
	cfg, err := config.Load(d.path("gatehouse.yaml"), config.Needs{})
	require.NoError(t, err)
	a, err := app.Open(t.Context(), cfg, app.Options{Steering: true, Lenient: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, a.Close()) }()
	require.True(t, DecidersNamed(t.Context(), a))
	people, err := a.Deciding(t.Context())
	require.NoError(t, err)
	judge, err := a.DecidersJudge(t.Context(), people, false)
	require.NoError(t, err)
	said := api.Decision{Verb: api.VerbAllow, By: ann.Address, Reason: "r", Item: "0a1b", Code: "budget_contain"}
	said.Proof = ann.Decision("person/workday-1", said)
	require.NoError(t, judge.Judge("person/workday-1", said))
	for name, change := range map[string]func(*api.Decision) string{
		"another run":      func(*api.Decision) string { return "person/workday-2" },
		"another answer":   func(d *api.Decision) string { d.Verb = api.VerbReject; return "person/workday-1" },
		"another question": func(d *api.Decision) string { d.Item = "0a1c"; return "person/workday-1" },
		"another reason":   func(d *api.Decision) string { d.Reason = "s"; return "person/workday-1" },
	} {
		other := said
		run := change(&other)
		require.ErrorIs(t, judge.Judge(run, other), decider.ErrUnfit, name)
	}
}

// TestLoginNeedsAnIssuer: where there is nowhere to sign in, that is said, with what to do instead, and no key is left behind.
func TestLoginNeedsAnIssuer(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("HOME", home)
	d := newDesk(t, "")
	got := runs(t, Login(&cmdline.Program{Config: d.path("gatehouse.yaml")}))
	require.Equal(t, cli.ExitFailed, got.code)
	require.Contains(t, got.refused, "deciders.issuer is not set in the configuration: there is nowhere to sign in. Use an operator's key instead: `starter key`")
	require.Empty(t, got.out)
	left, err := os.ReadDir(home)
	require.NoError(t, err)
	require.Empty(t, left)
}
