package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/internal/app"
	"gatehouse/internal/config"
	"gatehouse/ledger"
	"gatehouse/ledger/policies"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/server"
	"gatehouse/test/kit"
)

// TestWordsAreSigned: where the policy names who may decide, the commands refuse what no worker would take, write nothing then, and
// write a signed word otherwise, which does nothing by itself.
func TestWordsAreSigned(t *testing.T) {
	t.Parallel()
	d := newDesk(t, server.Options{People: 5, Seed: 1})
	made := map[string]string{}
	for _, name := range []string{"ann", "eve", "pia"} {
		_, entry, found := strings.Cut(d.mustRun("key", "--address", name+"@acme.example", "--file", d.path(name)), "      key: ")
		require.True(t, found)
		made[name], _, _ = strings.Cut(entry, "\n")
	}
	entry := func(name, may string) string {
		return "    - {address: " + name + "@acme.example, key: \"" + made[name] + "\", may: [" + may + "]}\n"
	}
	d.write("policy.yaml", kit.Replace(t, kit.Policy(t), "\nsafety:", "\ndeciders:\n  people:\n"+entry("ann", "step")+entry("pia", "policy")+"safety:"))
	books, err := ledger.Open(t.Context(), d.path("ledger.db"), ledger.Options{})
	require.NoError(t, err)
	require.NoError(t, books.Close())
	cfg, err := config.Load(d.path("gatehouse.yaml"), config.Needs{})
	require.NoError(t, err)
	a, err := app.Open(t.Context(), cfg, app.Options{Steering: true, Lenient: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	require.NoError(t, a.Ledger.Worklist().RaiseItem(t.Context(), worklist.Item{
		System: "jira", Class: "down", Severity: worklist.SeverityCritical, Owner: "it", Text: "Jira is down.", Next: "starter status",
	}))
	id := worklist.ItemID("jira", "down", "")
	require.NoError(t, a.Ledger.Policies().NotePolicy(t.Context(), policies.PolicyState{
		Program: "w/1", Hash: "aaaaaaaaaaaa", Refused: policies.PolicyWeaker, RefusedHash: "bbbbbbbbbbbb", Detail: "it protects less", TakenAt: time.Now(), RefusedAt: time.Now(),
	}))
	words := func(about string) int {
		t.Helper()
		all, err := a.Ledger.Policies().WordsAbout(t.Context(), about, 9)
		require.NoError(t, err)
		return len(all)
	}
	accept := []string{"attention", "accept", id, "--until", inDays(30), "--reason", "known"}
	policy := []string{"policy", "accept", "--hash", "bbbbbbbbbbbb", "--reason", "meant"}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"taken by an outsider":            {[]string{"attention", "take", id, "--key", d.path("eve")}, "no worker knows this key"},
		"taken in somebody's name":        {[]string{"attention", "take", id, "--key", d.path("ann"), "--by", "pia@acme.example"}, "the key is that of ann@acme.example"},
		"taken with no key":               {[]string{"attention", "take", id, "--key", d.path("none")}, "no such file"},
		"accepted by an outsider":         {append(accept, "--key", d.path("eve")), "no worker knows this key"},
		"accepted without the scope":      {append(accept, "--key", d.path("pia")), "may decide about policy, and this is step"},
		"a policy, by an outsider":        {append(policy, "--key", d.path("eve")), "no worker knows this key"},
		"a policy, without the scope":     {append(policy, "--key", d.path("ann")), "may decide about step, and this is policy"},
		"a policy, by nobody":             {append(policy, "--key", d.path("pia"), "--by", ""), "--by is empty: who is it?"},
		"a policy that nobody has":        {[]string{"policy", "accept", "--hash", "cccccccccccc", "--reason", "x", "--key", d.path("pia")}, "no process that is running has refused policy cccccccccccc"},
		"a policy, with an empty reason":  {[]string{"policy", "accept", "--hash", "bbbbbbbbbbbb", "--reason", " ", "--key", d.path("pia")}, "say why with --reason"},
		"a policy, with a key of another": {append(policy, "--key", d.path("pia"), "--by", "ann@acme.example"), "the key is that of pia@acme.example"},
	} {
		_, _, err := d.run(tt.args...)
		require.ErrorContains(t, err, tt.want, name)
	}
	require.Zero(t, words(policies.WordOfItem(id))+words(policies.WordOfPolicy("bbbbbbbbbbbb")))

	out := d.mustRun("attention", "take", id, "--key", d.path("pia"))
	require.Contains(t, out, "take is signed by pia@acme.example and written down. It counts when a worker has judged it")
	d.mustRun(append(accept, "--key", d.path("ann"))...)
	d.mustRun(append(policy, "--key", d.path("pia"))...)
	require.Equal(t, 2, words(policies.WordOfItem(id)))
	require.Equal(t, 1, words(policies.WordOfPolicy("bbbbbbbbbbbb")))
	items, err := a.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{ID: id})
	require.NoError(t, err)
	require.Zero(t, items[0].TakenAt)
	require.Nil(t, items[0].Accepted)
	_, unsigned, err := a.Ledger.Policies().PolicyAccepted(t.Context(), "bbbbbbbbbbbb")
	require.NoError(t, err)
	require.False(t, unsigned)
	require.Equal(t, 2, strings.Count(d.mustRun("attention", "show", id), "no worker has judged it yet"))
}
