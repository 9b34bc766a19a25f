package policyfile_test

import (
	"crypto/ed25519"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/mocks"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/internal/decider"
	"gatehouse/internal/httpx"
	"gatehouse/internal/policyfile"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// monday is an ordinary working day, 10:00 in Berlin.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// edited is a running process whose policy file is being edited. Its Temporal is not asked for anything.
type edited struct {
	t       *testing.T
	sandbox *control.Client
	config  *config.Config
	app     *app.App
	file    *policyfile.File
	text    string
	now     time.Time
}

func newEdited(t *testing.T) *edited {
	t.Helper()
	clock := func() time.Time { return monday }
	tenant := server.New(server.Options{People: 60, Seed: 7, Quota: 100_000, Clock: clock})
	site := httptest.NewServer(tenant.Handler())
	t.Cleanup(func() { site.Close(); tenant.Close() })
	data, err := os.ReadFile(filepath.Join(kit.Root(), "policy", "testdata", "policy.yaml"))
	require.NoError(t, err)
	e := &edited{t: t, sandbox: control.New(site.URL), config: kit.Config(site.URL), text: string(data), now: monday}
	e.config.Ledger.URL = httpx.Secret(filepath.Join(t.TempDir(), "ledger.db"))
	e.config.Policy = filepath.Join(t.TempDir(), "policy.yaml")
	e.write(e.text)
	e.app, err = app.Open(t.Context(), e.config, app.Options{Temporal: &mocks.Client{}, Clock: clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.app.Close()) })
	v, err := e.app.Vendors()
	require.NoError(t, err)
	e.file = v.Policy
	e.file.SetSteady(func() time.Time { return e.now })
	return e
}

func (e *edited) write(text string) {
	e.t.Helper()
	require.NoError(e.t, os.WriteFile(e.config.Policy, []byte(text), 0o600))
}

// poll has the process poll its file every two seconds for a while.
func (e *edited) poll(d time.Duration) policies.PolicyState {
	e.t.Helper()
	for end := e.now.Add(d); !e.now.After(end); e.now = e.now.Add(2 * time.Second) {
		e.file.Poll(e.t.Context())
	}
	all, err := e.app.Ledger.Policies().States(e.t.Context(), monday.Add(-time.Hour))
	require.NoError(e.t, err)
	require.Len(e.t, all, 1)
	require.Equal(e.t, e.file.Current().Hash(), all[0].Hash)
	return all[0]
}

// items are what needs a person.
func (e *edited) items() []string {
	e.t.Helper()
	all, err := e.app.Ledger.Worklist().Items(e.t.Context(), worklist.ItemFilter{})
	require.NoError(e.t, err)
	var says []string
	for _, i := range all {
		says = append(says, i.Text)
	}
	return says
}

// TestPolicyIsTakenUpWhenItIsStable: a file that is being written is not taken up, whatever it says meanwhile.
func TestPolicyIsTakenUpWhenItIsStable(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.poll(0).Hash
	for i := range 5 {
		e.write(kit.Replace(t, e.text, "create_before: 7d", "create_before: "+strings.Repeat("1", i+1)+"d"))
		require.Equal(t, hash, e.poll(2*time.Second).Hash, "it has only just been written")
	}
	s := e.poll(4 * time.Second)
	require.NotEqual(t, hash, s.Hash)
	require.Empty(t, s.Refused)
}

// TestPolicyThatNeverSettlesIsAnItem: somebody learns that what they write is not in force. A file that is written anew with what
// it says already is settled.
func TestPolicyThatNeverSettlesIsAnItem(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.poll(0).Hash
	other := kit.Replace(t, e.text, "create_before: 7d", "create_before: 8d")
	for i := range 40 {
		e.write([]string{other, e.text + "\n"}[i%2])
		e.poll(0)
	}
	s := e.poll(0)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, policies.PolicyUnsettled, s.Refused)
	require.Equal(t, []string{"The policy file goes on changing, so that it is not taken up. Policy " + hash + " stays in force."}, e.items())
	for range 3 {
		e.write(other)
		s = e.poll(0)
	}
	require.NotEqual(t, hash, s.Hash, "it says the same each time")
	require.Empty(t, s.Refused)
	require.Empty(t, e.items())
}

// TestPolicyCutOffWhileWatched: the last good policy stays in force, and the ledger says why.
func TestPolicyCutOffWhileWatched(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.poll(0).Hash
	e.write(e.text[:strings.Index(e.text, "safety:")])
	s := e.poll(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, policies.PolicyInvalid, s.Refused)
	require.Equal(t, []string{"The policy file is invalid or cut off. Policy " + hash + " stays in force."}, e.items())
	require.Contains(t, s.Detail, "the file may be cut off")
	require.NoError(t, os.Remove(e.config.Policy))
	s = e.poll(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, policies.PolicyGone, s.Refused)
	require.Equal(t, []string{"The policy file is gone. Policy " + hash + " stays in force."}, e.items())
	for what, put := range map[string]func() error{
		"is a directory":                    func() error { return os.Mkdir(e.config.Policy, 0o700) },
		"too many levels of symbolic links": func() error { return os.Symlink(e.config.Policy, e.config.Policy) },
	} {
		require.NoError(t, put())
		s = e.poll(10 * time.Second)
		require.Equal(t, policies.PolicyUnreadable, s.Refused)
		require.Contains(t, s.Detail, what)
		require.Equal(t, []string{"The policy file cannot be read. Policy " + hash + " stays in force."}, e.items())
		require.NoError(t, os.Remove(e.config.Policy))
	}
	e.write(e.text)
	s = e.poll(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Empty(t, s.Refused+s.Detail)
	require.Empty(t, e.items())
	require.Zero(t, s.RefusedAt)
}

// TestLossOfProtectionNeedsAWord: a running process refuses it until somebody accepts it.
func TestLossOfProtectionNeedsAWord(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.poll(0).Hash
	e.write(kit.Replace(t, e.text, `    - account.group == "Break glass"`+"\n", ""))
	s := e.poll(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, policies.PolicyWeaker, s.Refused)
	require.Contains(t, s.Detail, `safety.protected no longer has account.group == "Break glass"`)
	require.Error(t, e.file.Reload(t.Context()))
	mark, err := e.sandbox.Mark(t.Context())
	require.NoError(t, err)
	e.poll(2 * time.Minute)
	calls, err := e.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	require.Empty(t, calls, "OneLogin is not asked at every poll")
	e.poll(5 * time.Minute)
	calls, err = e.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	require.NotEmpty(t, calls, "but now and then: it may have by now what the file names")
	require.NoError(t, e.app.Ledger.Policies().AcceptPolicy(t.Context(), policies.PolicyAccept{Hash: s.RefusedHash, By: "ann", Reason: "the group is gone"}))
	after := e.poll(4 * time.Second)
	require.Equal(t, s.RefusedHash, after.Hash)
	require.Empty(t, after.Refused)

	// A word is about one file: another loss needs another word.
	e.write(kit.Replace(t, e.text, `    - account.group == "Break glass"`+"\n", "", "contain: {count: 20, percent: 5}", "contain: {count: 0, percent: 0}"))
	require.Equal(t, policies.PolicyWeaker, e.poll(10*time.Second).Refused)
}

// TestLossOfProtectionInSteps: each step is small, and all of them together are not.
func TestLossOfProtectionInSteps(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.poll(0).Hash
	loose := func(limit string) string {
		return kit.Replace(t, e.text, "contain: {count: 20, percent: 5}", "contain: "+limit)
	}
	e.write(loose("{count: 35, percent: 9}"))
	first := e.poll(10 * time.Second)
	require.NotEqual(t, hash, first.Hash)
	require.Empty(t, first.Refused)
	e.write(loose("{count: 65, percent: 17}"))
	s := e.poll(10 * time.Second)
	require.Equal(t, first.Hash, s.Hash)
	require.Equal(t, policies.PolicyWeaker, s.Refused)
	require.NoError(t, e.app.Ledger.Policies().AcceptPolicy(t.Context(), policies.PolicyAccept{Hash: s.RefusedHash, By: "ann", Reason: "a lay-off"}))
	require.Equal(t, s.RefusedHash, e.poll(10*time.Second).Hash)
	e.write(loose("{count: 80, percent: 20}"))
	require.Empty(t, e.poll(10*time.Second).Refused, "counted from what was accepted")
}

// signedPolicy is an edited policy file that names three who decide.
func signedPolicy(t *testing.T) (e *edited, keys map[string]ed25519.PrivateKey) {
	t.Helper()
	e, keys = newEdited(t), map[string]ed25519.PrivateKey{}
	people := "\ndeciders:\n  people:\n"
	for name, may := range map[string]string{"ann": "policy", "bob": "any", "cid": "plan"} {
		_, key, err := ed25519.GenerateKey(nil)
		require.NoError(t, err)
		keys[name] = key
		people += "    - {address: " + name + "@acme.example, key: \"" + decider.FormatKey(key.Public().(ed25519.PublicKey)) + "\", may: [" + may + "]}\n"
	}
	_, eve, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	keys["eve"] = eve
	e.text = kit.Replace(t, e.text, "\nsafety:", people+"safety:")
	e.write(e.text)
	e.poll(10 * time.Second)
	require.Len(t, e.file.Current().Deciders(), 3)
	return e, keys
}

// accept has somebody sign that a policy is accepted over another.
func (e *edited) accept(key ed25519.PrivateKey, by, hash, over, about string) {
	e.t.Helper()
	proof := decider.SignWord(key, decider.PolicyWord(hash, over, by+"@acme.example", "agreed"), monday)
	word, err := decider.Said(policies.Word{About: policies.WordOfPolicy(about), Verb: policies.WordAccept, By: by + "@acme.example", Reason: "agreed"}, proof)
	require.NoError(e.t, err)
	_, err = e.app.Ledger.Policies().Say(e.t.Context(), word)
	require.NoError(e.t, err)
}

// TestLossOfProtectionIsSigned where the policy in force names who may decide, by two where accounts are protected no longer.
func TestLossOfProtectionIsSigned(t *testing.T) {
	t.Parallel()
	e, keys := signedPolicy(t)
	strict := e.file.Current().Hash()
	bare := kit.Replace(t, e.text, `    - account.group == "Break glass"`+"\n", "")
	e.write(bare)
	weak := e.poll(10 * time.Second).RefusedHash
	stays := func(why string) {
		t.Helper()
		s := e.poll(4 * time.Second)
		require.Equal(t, strict, s.Hash)
		require.Contains(t, s.Detail, why)
	}
	require.NoError(t, e.app.Ledger.Policies().AcceptPolicy(t.Context(), policies.PolicyAccept{Hash: weak, By: "ann", Reason: "x"}))
	stays("nobody has signed")
	e.accept(keys["eve"], "ann", weak, strict, weak)
	stays("no worker knows this key")
	e.accept(keys["cid"], "cid", weak, strict, weak)
	stays("this is policy")
	e.accept(keys["ann"], "ann", "0123456789ab", strict, weak)
	stays("does not fit")
	e.accept(keys["ann"], "ann", weak, "0123456789ab", weak)
	stays("does not fit")
	e.accept(keys["bob"], "ann", weak, strict, weak)
	stays("the key is that of bob@acme.example")
	e.accept(keys["ann"], "ann", weak, strict, weak)
	stays("another person has to accept it too")
	e.accept(keys["ann"], "ann", weak, strict, weak)
	stays("another person has to accept it too")
	e.accept(keys["bob"], "bob", weak, strict, weak)
	require.Equal(t, weak, e.poll(4*time.Second).Hash)

	// What was accepted once is not accepted again by the same words.
	e.write(e.text)
	require.Equal(t, strict, e.poll(10*time.Second).Hash)
	e.write(bare)
	stays("it protects less")
	require.Equal(t, weak, e.poll(4*time.Second).RefusedHash)

	// A budget takes one.
	e.write(kit.Replace(t, e.text, "contain: {count: 20, percent: 5}", "contain: {count: 0, percent: 0}"))
	loose := e.poll(10 * time.Second)
	require.Equal(t, policies.PolicyWeaker, loose.Refused)
	e.accept(keys["ann"], "ann", loose.RefusedHash, strict, loose.RefusedHash)
	require.Equal(t, loose.RefusedHash, e.poll(4*time.Second).Hash)
}
