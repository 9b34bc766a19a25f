package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// RunWatch holds an implementer to the contract of who tells what may have changed. What it names besides is not looked at: a hint may
// say too much.
func RunWatch(t *testing.T, s TargetSubject) {
	t.Helper()
	runCases(t, s, []targetCase{
		{"changes/of an account", watchChanged},
		{"changes/of one that is new", watchAdded},
		{"changes/of one that is deleted", watchDeleted},
		{"changes/of who is in a group", watchGroup},
		{"changes/over a restart, and twice", watchRestarted},
		{"changes/until there are none", watchQuiet},
		{"changes/since nothing that is known", watchForeign},
	})
}

// watched is a cookie of now.
func (b *TargetBench) watched(t *testing.T) string {
	t.Helper()
	first, err := able[target.Watcher](t, b.Target).Changes(t.Context(), target.ChangesRequest{})
	require.NoError(t, err)
	require.Empty(t, first.Accounts, "who begins is told nothing")
	require.Empty(t, first.Groups)
	require.False(t, first.Everything)
	require.NotEmpty(t, first.Cookie)
	return first.Cookie
}

func changed(t *testing.T, s target.System, cookie string) target.ChangesResponse {
	t.Helper()
	out, err := able[target.Watcher](t, s).Changes(t.Context(), target.ChangesRequest{Cookie: cookie})
	require.NoError(t, err)
	require.NotEmpty(t, out.Cookie)
	require.IsIncreasing(t, append([]string{""}, out.Accounts...))
	return out
}

func watchChanged(t *testing.T, b *TargetBench) {
	cookie := b.watched(t)
	for _, id := range []string{b.ID, b.Protected} {
		b.Touch(id)
		out := changed(t, b.Target, cookie)
		require.Contains(t, out.Accounts, id)
		cookie = out.Cookie
	}
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.Contains(t, changed(t, b.Target, cookie).Accounts, b.ID)
}

func watchAdded(t *testing.T, b *TargetBench) {
	cookie := b.watched(t)
	id := b.Add()
	require.Contains(t, changed(t, b.Target, cookie).Accounts, id)
}

func watchDeleted(t *testing.T, b *TargetBench) {
	cookie := b.watched(t)
	b.Delete(b.ID)
	require.Contains(t, changed(t, b.Target, cookie).Accounts, b.ID)
	_, err := b.Target.Read(t.Context(), target.ReadRequest{ID: b.ID})
	failed(t, err, connectors.KindNotFound)
}

func watchGroup(t *testing.T, b *TargetBench) {
	cookie, group := b.watched(t), b.Look(b.ID).Memberships[0]
	in := target.RemoveRequest{Write: target.Write{ID: b.ID}, From: []string{group}}
	require.NoError(t, able[target.Remover](t, b.Target).Remove(t.Context(), in))
	out := changed(t, b.Target, cookie)
	require.Contains(t, append(out.Groups, out.Accounts...), map[bool]string{true: group, false: b.ID}[len(out.Groups) > 0])
}

func watchRestarted(t *testing.T, b *TargetBench) {
	cookie := b.watched(t)
	b.Touch(b.ID)
	for range 2 {
		require.Contains(t, changed(t, b.Restart(), cookie).Accounts, b.ID)
	}
}

func watchQuiet(t *testing.T, b *TargetBench) {
	cookie := b.watched(t)
	b.Touch(b.ID)
	require.Eventually(t, func() bool {
		out := changed(t, b.Target, cookie)
		cookie = out.Cookie
		return len(out.Accounts)+len(out.Groups) == 0
	}, time.Minute, 500*time.Millisecond, "what was named is named no more")
	b.Touch(b.Protected)
	require.Contains(t, changed(t, b.Target, cookie).Accounts, b.Protected)
}

func watchForeign(t *testing.T, b *TargetBench) {
	_, err := able[target.Watcher](t, b.Target).Changes(t.Context(), target.ChangesRequest{Cookie: "no cookie of anybody's"})
	failed(t, err, connectors.KindInvalid)
}
