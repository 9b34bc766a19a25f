package e2e

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/internal/decider"
	"gatehouse/internal/launch"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// Decisions of whom nobody has named, of the wrong person, about the wrong thing or the wrong run change nothing.
func TestOnlyNamedDecidersDecide(t *testing.T) {
	t.Parallel()
	_, ann, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, bob, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "role_change: enforce", "role_change: approve", "\n# A file without", `
deciders:
  people:
    - {address: ann@acme.example, key: "`+public(ann)+`", may: [plan, step]}
    - {address: bob@acme.example, key: "`+public(bob)+`", may: [identity]}

# A file without`)
	}})
	s.Baseline()
	key := s.Hire("workday", control.Fields{
		"first_name": "Ada", "last_name": "Byron", "department": "Sales", "title": "Account Executive", "location": "Berlin",
		"hire_date": "today", "manager_id": "21001", "personal_email": "ada@home.example",
	})
	worker := strings.TrimPrefix(key, "workday-")
	require.Equal(t, 202, s.WorkdayWebhook(worker))
	require.Equal(t, "can sign in", s.Outcome(key).Result)
	s.HR(key, "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	require.Equal(t, 202, s.WorkdayWebhook(worker))
	state := s.AwaitStage(key, api.StageAttention)
	require.Len(t, state.Attention, 1)
	run, item := api.PersonID(key), state.Attention[0]

	decide := func(by string, signer ed25519.PrivateKey, signedFor string) error {
		d := api.Decision{Verb: api.VerbAllow, By: by, Item: item.Item, Code: item.Code}
		if signer != nil {
			d.Proof = decider.Sign(signer, signedFor, d, time.Now())
		}
		return s.App.Launch.Decide(t.Context(), run, d)
	}
	require.ErrorContains(t, decide("ann@acme.example", nil, run), "nothing shows who this is")
	require.ErrorContains(t, decide("bob@acme.example", bob, run), "bob@acme.example may decide about identity, and this is plan")
	require.ErrorContains(t, decide("bob@acme.example", ann, run), "the key is that of ann@acme.example")
	require.ErrorContains(t, decide("ann@acme.example", ann, "person/workday-21001"), "does not fit")
	_, stranger, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	require.ErrorContains(t, decide("ann@acme.example", stranger, run), "no worker knows this key")
	require.Equal(t, "Sales", s.Account(key).Group, "nothing of all that counts")

	file := keyFile(t, "ann@acme.example", ann)
	require.NoError(t, os.Chmod(file, 0o644)) //nolint:gosec // Others can read it, which the program refuses.
	desk := s.Desk(nil)
	refused := desk.Run("decide", "--person", key, "--verb", api.VerbAllow, "--reason", "test", "--key", file)
	require.NotZero(t, refused.Code)
	require.Contains(t, refused.Err, "can be read by others")
	require.NoError(t, os.Chmod(file, 0o600))
	refused = desk.Run("decide", "--person", key, "--verb", api.VerbAllow, "--reason", "test", "--key", file, "--by", "bob@acme.example")
	require.NotZero(t, refused.Code)
	require.Contains(t, refused.Err, "the key is that of ann@acme.example")
	out := desk.MustRun("decide", "--person", key, "--verb", api.VerbAllow, "--reason", "test", "--key", file)
	require.Contains(t, out, "allow by ann@acme.example\n", "nothing is unverified about it")
	require.Equal(t, "access follows the new position", s.Outcome(key).Result)
	require.Equal(t, "Support", s.Account(key).Group)
}

func public(key ed25519.PrivateKey) string {
	return decider.FormatKey(key.Public().(ed25519.PublicKey))
}

// keyFile is a key of somebody's as `starter key` writes it.
func keyFile(t *testing.T, address string, key ed25519.PrivateKey) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"address": address, "seed": base64.StdEncoding.EncodeToString(key.Seed())})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// A report that is quarantined is accepted by whom the policy names, and by nobody else.
func TestOnlyNamedDecidersAcceptAReport(t *testing.T) {
	t.Parallel()
	_, ann, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "\n# A file without", `
deciders:
  people:
    - {address: ann@acme.example, key: "`+public(ann)+`", may: [plan]}

# A file without`)
	}})
	s.Baseline()
	var joiners []string
	for i := range 14 {
		joiners = append(joiners, s.Hire("workday", control.Fields{
			"first_name": "Nova", "last_name": "Row" + string(rune('a'+i)), "department": "Sales", "title": "Account Executive", "location": "Berlin",
			"hire_date": "today", "personal_email": "row" + string(rune('a'+i)) + "@home.example",
		}))
	}
	poll := s.StartSync("workday")
	var code string
	s.Until("the poll asks", func() bool {
		doubts, err := s.App.Ledger.Roster().Doubts(t.Context(), "workday")
		require.NoError(t, err)
		if len(doubts) == 1 {
			code = doubts[0].Code
		}
		return code != ""
	})
	desk := s.Desk(nil)
	accept := func(more ...string) kit.Printed {
		return desk.Run(append([]string{"records", "--source", "workday", "--accept", code, "--reason", "acquired"}, more...)...)
	}
	s.Until("nobody signs, and the poll does not listen", func() bool {
		p := accept()
		require.NotZero(t, p.Code)
		return strings.Contains(p.Err, "nothing shows who this is")
	})
	_, found, err := s.Sandbox.ByExternalID(t.Context(), joiners[0])
	require.NoError(t, err)
	require.False(t, found, "nobody joins by a report that nobody has accepted")
	s.Until("ann accepts it", func() bool { return accept("--key", keyFile(t, "ann@acme.example", ann)).Code == 0 })
	require.NoError(t, poll.Get(t.Context(), nil))
	for _, key := range joiners {
		require.Equal(t, "can sign in", s.Outcome(key).Result)
	}
}

// Where the policy names who may decide, a press in Slack is that of the one whose Slack user it names. One that no gateway vouches
// for, one that is late, and that of an approver whom it does not name change nothing, and whoever pressed is told why; also when
// the incident is over.
func TestOnlyNamedDecidersPress(t *testing.T) {
	t.Parallel()
	const second, other = "farid.obrien@acme.example", "tara.mbeki@acme.example"
	s := watching(t)
	s.SlackHook()
	user := func(email string) string {
		all, err := s.Sandbox.Accounts(t.Context())
		require.NoError(t, err)
		at := slices.IndexFunc(all, func(p control.Person) bool { return p.Email == email })
		require.GreaterOrEqual(t, at, 0)
		return fmt.Sprintf("U%08d", all[at].ID)
	}
	_, ann, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	people := func(entries string) {
		s.WritePolicy(func(policy string) string {
			return kit.Replace(t, policy+kit.EventRules, "\n# A file without", "\ndeciders:\n  people:\n"+
				`    - {address: ann@acme.example, key: "`+public(ann)+"\", may: [plan]}\n"+entries+"\n# A file without")
		})
		require.NoError(t, s.Vendors.Policy.Reload(t.Context()))
	}
	people("")
	account := s.FailSignIns("workday-21002", 5)
	require.NoError(t, s.Sandbox.SetStatus(t.Context(), account.Username, 1))
	require.Equal(t, 202, s.OneLoginWebhook())
	c := s.Case("failed-logins")
	run := kit.IncidentOf(c)

	// A worker that has too much to do answers a press later than the gateway waits, which says so: whoever pressed presses again.
	pressed := func(email, want string) {
		t.Helper()
		s.Until("whoever pressed is told: "+want, func() bool {
			s.Press(email, api.VerbApprove, 1)
			if said := s.Whispered(email); !strings.Contains(said, want) {
				t.Logf("told so far: %s", said)
				return false
			}
			return true
		})
	}
	pressed(second, "no entry of deciders.people has slack: "+user(second))
	people("    - {address: " + second + ", slack: " + user(second) + ", may: [response]}\n    - {address: " + other + ", slack: " + user(other) + ", may: [plan]}\n")
	pressed(other, other+" may decide about plan, and this is response")
	click := api.Click{Approval: c.DedupKey + "-suspend", Step: "approve.suspend", Verb: api.VerbApprove, UserID: user(second), TeamID: "T0ACME", At: time.Now()}
	require.ErrorContains(t, s.App.Launch.Press(t.Context(), run, click), "the gateway does not vouch for this press")
	click.Vouch = decider.Vouch("another secret", run, click)
	require.ErrorContains(t, s.App.Launch.Press(t.Context(), run, click), "does not vouch")
	secret := s.App.Config.Gateway.SlackSigningSecret
	click.Vouch = decider.Vouch(secret, "incident/another/7/1", click)
	require.ErrorContains(t, s.App.Launch.Press(t.Context(), run, click), "does not vouch")
	click.At = click.At.Add(-time.Hour)
	click.Vouch = decider.Vouch(secret, run, click)
	require.ErrorContains(t, s.App.Launch.Press(t.Context(), run, click), "away from the worker's time")
	heard, err := s.App.Launch.Signal(t.Context(), run, api.SignalClick, api.Click{
		Approval: click.Approval, Step: click.Step, Verb: click.Verb, UserID: click.UserID, At: time.Now(),
	})
	require.NoError(t, err)
	require.True(t, heard)
	s.Until("a press that came as a signal is answered, and not taken", func() bool { return strings.Contains(s.Told(second), "nothing shows who this is") })
	require.Equal(t, 1, s.Account("workday-21002").Status, "nothing of all that counts")

	s.Press(second, api.VerbApprove, 2)
	s.Until("the account is suspended", func() bool { return s.Account("workday-21002").Status == 2 })
	orders, err := s.App.Ledger.OrdersInForce(t.Context(), "workday-21002")
	require.NoError(t, err)
	require.Len(t, orders, 1)
	require.Equal(t, second, orders[0].By)

	require.NoError(t, s.Sandbox.PagerAct(t.Context(), c.DedupKey, api.PagerResolved))
	require.Equal(t, "resolved", incident(s, run).Result)
	gone := click
	gone.At = time.Now()
	gone.Vouch = decider.Vouch(secret, run, gone)
	require.ErrorIs(t, s.App.Launch.Press(t.Context(), run, gone), launch.ErrNoRun)
}

// What somebody does of their own accord needs the same proof as an answer: orders and their ends, exceptions from second factors,
// words about accounts.
func TestOnlyNamedDecidersGiveOrders(t *testing.T) {
	t.Parallel()
	_, ann, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, bob, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	_, eve, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	s := kit.New(t, kit.Options{Policy: func(policy string) string {
		return kit.Replace(t, policy, "\n# A file without", `
deciders:
  people:
    - {address: ann@acme.example, key: "`+public(ann)+`", may: [order, mfa, identity]}
    - {address: bob@acme.example, key: "`+public(bob)+`", may: [plan]}

# A file without`)
	}})
	s.Baseline()
	key := "workday-21002"
	account := s.Account(key)
	desk := s.Desk(nil)
	anns, bobs, eves := keyFile(t, "ann@acme.example", ann), keyFile(t, "bob@acme.example", bob), keyFile(t, "ann@acme.example", eve)
	ref := fmt.Sprint(account.ID)
	for name, command := range map[string][]string{
		"offboard":        {"offboard", "--person", key, "--now", "--reason", "test", "--no-wait"},
		"order give":      {"order", "give", "--person", key, "--kind", "freeze", "--reason", "test"},
		"mfa exempt":      {"mfa", "exempt", "--person", key, "--until", "7d", "--reason", "test"},
		"mfa extend":      {"mfa", "extend", "--person", key, "--until", "7d", "--reason", "test"},
		"account link":    {"account", "link", "--account", ref, "--person", key, "--reason", "test"},
		"account declare": {"account", "declare", "--account", ref, "--purpose", "test", "--reason", "test"},
	} {
		for why, more := range map[string][]string{
			"nothing shows who this is":                      nil,
			"bob@acme.example may decide about plan":         {"--key", bobs},
			"no worker knows this key":                       {"--key", eves},
			"the key is that of ann@acme.example":            {"--key", anns, "--by", "bob@acme.example"},
			"--key: open " + filepath.Join("no", "such.key"): {"--key", filepath.Join("no", "such.key")},
		} {
			p := desk.Run(append(slices.Clone(command), more...)...)
			require.NotZero(t, p.Code, "%s %s", name, why)
			if !strings.HasPrefix(why, "--key") {
				require.Contains(t, p.Err, why, name)
			}
		}
	}
	all, err := s.App.Ledger.Orders().Of(t.Context(), key)
	require.NoError(t, err)
	require.Empty(t, all)
	row, _, err := s.App.Ledger.Inventory().Account(t.Context(), identity.OneLoginRef(account.ID))
	require.NoError(t, err)
	require.NotEqual(t, "test", row.Purpose)

	// The worker judges what is carried to a run, whatever the program that sends it.
	exempt := api.MFADecision{By: "ann@acme.example", Reason: "test", Until: time.Now().Add(time.Hour)}
	require.ErrorContains(t, s.Except(key, api.VerbExempt, exempt), "nothing shows who this is")
	exempt.Proof = decider.SignWord(ann, decider.MFAWord(api.MFAGraceID("workday-21003"), api.VerbExempt, exempt), time.Now())
	require.ErrorContains(t, s.Except(key, api.VerbExempt, exempt), "does not fit")
	exempt.Proof = decider.SignWord(ann, decider.MFAWord(api.MFAGraceID(key), api.VerbExempt, exempt), time.Now().Add(-time.Hour))
	require.ErrorContains(t, s.Except(key, api.VerbExempt, exempt), "away from the worker's time")
	exempt.Proof = decider.SignWord(ann, decider.MFAWord(api.MFAGraceID(key), api.VerbExempt, exempt), time.Now())
	exempt.Until = exempt.Until.Add(24 * time.Hour)
	require.ErrorContains(t, s.Except(key, api.VerbExempt, exempt), "does not fit", "nobody makes it last for longer")

	require.Contains(t, desk.MustRun("mfa", "exempt", "--person", key, "--until", "7d", "--reason", "test", "--key", anns), "by ann@acme.example\n")
	desk.MustRun("account", "declare", "--account", ref, "--purpose", "test", "--reason", "test", "--key", anns)
	out := desk.MustRun("order", "give", "--id", "freeze-1", "--person", key, "--kind", "freeze", "--reason", "test", "--key", anns)
	require.Contains(t, out, "order freeze-1 recorded")
	require.Contains(t, desk.MustRun("order", "list", "--person", key), "ann@acme.example, signed")
	for _, command := range [][]string{{"order", "release", "freeze-1", "--reason", "test"}, {"release", "--person", key, "--order", "freeze-1", "--reason", "test"}} {
		p := desk.Run(command...)
		require.NotZero(t, p.Code)
		require.Contains(t, p.Err, "nothing shows who this is")
		p = desk.Run(append(command, "--key", bobs)...)
		require.NotZero(t, p.Code)
		require.Contains(t, p.Err, "this is order")
	}
	require.Contains(t, desk.MustRun("release", "--person", key, "--order", "freeze-1", "--reason", "test", "--key", anns), "released freeze-1")
	require.Contains(t, desk.MustRun("offboard", "--person", key, "--now", "--reason", "test", "--key", anns), "contain-")
	require.Equal(t, 2, s.Account(key).Status)
	evidence := desk.MustRun("evidence", "--person", key)
	require.Contains(t, evidence, "ann@acme.example")
}
