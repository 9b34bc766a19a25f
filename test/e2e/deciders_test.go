package e2e

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/decider"
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

// A report that is not believed is accepted by whom the policy names, and by nobody else.
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
		doubts, err := s.App.Ledger.Doubts(t.Context(), "workday")
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
