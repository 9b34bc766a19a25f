package app_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/ledger"
	"gatehouse/test/kit"
)

// edited is a running process whose policy file is being edited.
type edited struct {
	*bench
	file *app.PolicyFile
	text string
	now  time.Time
}

func newEdited(t *testing.T) *edited {
	t.Helper()
	b := newBench(t)
	v, err := b.app.Vendors()
	require.NoError(t, err)
	data, err := os.ReadFile(b.config.Policy)
	require.NoError(t, err)
	e := &edited{bench: b, file: v.Policy, text: string(data), now: monday}
	e.file.SetSteady(func() time.Time { return e.now })
	return e
}

func (e *edited) write(text string) {
	e.t.Helper()
	require.NoError(e.t, os.WriteFile(e.config.Policy, []byte(text), 0o600))
}

// look has the process look every two seconds for a while.
func (e *edited) look(d time.Duration) ledger.PolicyState {
	e.t.Helper()
	for end := e.now.Add(d); !e.now.After(end); e.now = e.now.Add(2 * time.Second) {
		e.file.Look(e.t.Context())
	}
	all, err := e.app.Ledger.Policies(e.t.Context(), monday.Add(-time.Hour))
	require.NoError(e.t, err)
	require.Len(e.t, all, 1)
	require.Equal(e.t, e.file.Current().Hash(), all[0].Hash)
	return all[0]
}

// items are what needs a person.
func (e *edited) items() []string {
	e.t.Helper()
	all, err := e.app.Ledger.Items(e.t.Context(), ledger.ItemFilter{})
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
	hash := e.look(0).Hash
	for i := range 5 {
		e.write(kit.Replace(t, e.text, "create_before: 7d", "create_before: "+strings.Repeat("1", i+1)+"d"))
		require.Equal(t, hash, e.look(2*time.Second).Hash, "it has only just been written")
	}
	s := e.look(4 * time.Second)
	require.NotEqual(t, hash, s.Hash)
	require.Empty(t, s.Refused)
}

// TestPolicyThatNeverSettlesIsAnItem: somebody learns that what they write is not in force. A file that is written anew with what
// it says already is settled.
func TestPolicyThatNeverSettlesIsAnItem(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.look(0).Hash
	other := kit.Replace(t, e.text, "create_before: 7d", "create_before: 8d")
	for i := range 40 {
		e.write([]string{other, e.text + "\n"}[i%2])
		e.look(0)
	}
	s := e.look(0)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, ledger.PolicyUnsettled, s.Refused)
	require.Equal(t, []string{"The policy file goes on changing, so that it is not taken up. Policy " + hash + " stays in force."}, e.items())
	for range 3 {
		e.write(other)
		s = e.look(0)
	}
	require.NotEqual(t, hash, s.Hash, "it says the same each time")
	require.Empty(t, s.Refused)
	require.Empty(t, e.items())
}

// TestPolicyCutOffWhileWatched: the last good policy stays in force, and the ledger says why.
func TestPolicyCutOffWhileWatched(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.look(0).Hash
	e.write(e.text[:strings.Index(e.text, "safety:")])
	s := e.look(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, ledger.PolicyInvalid, s.Refused)
	require.Equal(t, []string{"The policy file is invalid or cut off. Policy " + hash + " stays in force."}, e.items())
	require.Contains(t, s.Detail, "the file may be cut off")
	require.NoError(t, os.Remove(e.config.Policy))
	s = e.look(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, ledger.PolicyGone, s.Refused)
	require.Equal(t, []string{"The policy file is gone. Policy " + hash + " stays in force."}, e.items())
	e.write(e.text)
	s = e.look(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Empty(t, s.Refused+s.Detail)
	require.Empty(t, e.items())
	require.Zero(t, s.RefusedAt)
}

// TestLossOfProtectionNeedsAWord: a running process refuses it until somebody accepts it.
func TestLossOfProtectionNeedsAWord(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.look(0).Hash
	e.write(kit.Replace(t, e.text, `    - account.group == "Break glass"`+"\n", ""))
	s := e.look(10 * time.Second)
	require.Equal(t, hash, s.Hash)
	require.Equal(t, ledger.PolicyWeaker, s.Refused)
	require.Contains(t, s.Detail, `safety.protected no longer has account.group == "Break glass"`)
	require.Error(t, e.file.Reload(t.Context()))
	mark, err := e.sandbox.Mark(t.Context())
	require.NoError(t, err)
	e.look(2 * time.Minute)
	calls, err := e.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	require.Empty(t, calls, "OneLogin is not asked at every look")
	e.look(5 * time.Minute)
	calls, err = e.sandbox.Journal(t.Context(), mark, false)
	require.NoError(t, err)
	require.NotEmpty(t, calls, "but now and then: it may have by now what the file names")
	require.NoError(t, e.app.Ledger.AcceptPolicy(t.Context(), ledger.PolicyAccept{Hash: s.RefusedHash, By: "ann", Reason: "the group is gone"}))
	after := e.look(4 * time.Second)
	require.Equal(t, s.RefusedHash, after.Hash)
	require.Empty(t, after.Refused)

	// A word is about one file: another loss needs another word.
	e.write(kit.Replace(t, e.text, `    - account.group == "Break glass"`+"\n", "", "contain: {count: 20, percent: 5}", "contain: {count: 0, percent: 0}"))
	require.Equal(t, ledger.PolicyWeaker, e.look(10*time.Second).Refused)
}

// TestLossOfProtectionInSteps: each step is small, and all of them together are not.
func TestLossOfProtectionInSteps(t *testing.T) {
	t.Parallel()
	e := newEdited(t)
	hash := e.look(0).Hash
	loose := func(limit string) string {
		return kit.Replace(t, e.text, "contain: {count: 20, percent: 5}", "contain: "+limit)
	}
	e.write(loose("{count: 35, percent: 9}"))
	first := e.look(10 * time.Second)
	require.NotEqual(t, hash, first.Hash)
	require.Empty(t, first.Refused)
	e.write(loose("{count: 65, percent: 17}"))
	s := e.look(10 * time.Second)
	require.Equal(t, first.Hash, s.Hash)
	require.Equal(t, ledger.PolicyWeaker, s.Refused)
	require.NoError(t, e.app.Ledger.AcceptPolicy(t.Context(), ledger.PolicyAccept{Hash: s.RefusedHash, By: "ann", Reason: "a lay-off"}))
	require.Equal(t, s.RefusedHash, e.look(10*time.Second).Hash)
	e.write(loose("{count: 80, percent: 20}"))
	require.Empty(t, e.look(10*time.Second).Refused, "counted from what was accepted")
}
