package conformance

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
)

// LockSubject is an implementer of the capabilities that take away what signs in beside a password, and an administrator's rights.
type LockSubject = SubjectOn[LockBench]

// LockBench is a system for one case.
type LockBench struct {
	TargetBench
	// Grant has an account let an app in. GrantAll has it let in three, makes it two passwords of programs, backup codes, and ways
	// of recovery. Grants counts all of that, as the system has it.
	Grant, GrantAll func(id string)
	Grants          func(id string) int
	// RefuseGrant has the system refuse from now on to revoke one app of GrantAll, and says what an error calls that.
	RefuseGrant func(id string) (object string)
	// Promote makes an account an administrator by two roles, one of them that of everything. AdminRoles counts them, as the
	// system has it.
	Promote    func(id string)
	AdminRoles func(id string) int
}

// RunLock holds an implementer to the contracts of target.GrantRevoker and target.AdminDemoter.
func RunLock(t *testing.T, s LockSubject) {
	t.Helper()
	cases := []caseOf[LockBench]{
		{"grants/all kinds", grantsAll},
		{"grants/half done", grantsHalf},
		{"grants/one refused of three", grantsRefused},
		{"demote/all roles", demoteAll},
		{"demote/nobody", demoteNobody},
		{"demote/a protected account", demoteProtected},
	}
	for i, w := range (targetWrite{name: "grants"}).cases() {
		cases = append(cases, caseOf[LockBench]{w.name, func(t *testing.T, b *LockBench) {
			b.grantsWrite().cases()[i].run(t, &b.TargetBench)
		}})
	}
	runCases(t, s, cases)
}

// grantsWrite is the revocation of what one app was let do, which is one effect.
func (b *LockBench) grantsWrite() targetWrite {
	look, seen := b.Look, b.Grants
	// What an account granted counts as a membership here, so that the case sees it.
	b.Look = func(id string) Seen {
		s := look(id)
		s.Sessions = seen(id)
		return s
	}
	return targetWrite{
		name:    "grants",
		arrange: func(_ *testing.T, _ *TargetBench, id string) { b.Grant(id) },
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			_, err := able[target.GrantRevoker](t, b.Target).RevokeGrants(ctx, in)
			return err
		},
		done: func(_ *TargetBench, _, now Seen) bool { return now.Sessions == 0 },
	}
}

// grantsAll: what was granted goes, and nothing else.
func grantsAll(t *testing.T, b *LockBench) {
	before := b.Look(b.ID)
	b.GrantAll(b.ID)
	require.NotZero(t, b.Grants(b.ID))
	revokes := able[target.GrantRevoker](t, b.Target)
	got, err := revokes.RevokeGrants(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.Equal(t, target.Revoked{Apps: 3, Passwords: 2, Recovery: true}, got)
	require.Zero(t, b.Grants(b.ID))
	require.Equal(t, before, b.Look(b.ID), "password, sessions and memberships stay")
	got, err = revokes.RevokeGrants(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.Equal(t, target.Revoked{}, got)
	_, err = able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	b.Grant(b.ID)
	_, err = revokes.RevokeGrants(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err, "of a suspended account too")
	require.Zero(t, b.Grants(b.ID))
}

// grantsHalf: an attempt that was broken off is gone on with.
func grantsHalf(t *testing.T, b *LockBench) {
	b.GrantAll(b.ID)
	b.LoseReply()
	_, err := able[target.GrantRevoker](t, b.Target).RevokeGrants(t.Context(), target.Write{ID: b.ID})
	failed(t, err, connectors.KindUnavailable)
	for range 5 { // Each kind of write may lose its reply once.
		if _, err = able[target.GrantRevoker](t, b.Restart()).RevokeGrants(t.Context(), target.Write{ID: b.ID}); err == nil {
			break
		}
		failed(t, err, connectors.KindUnavailable)
	}
	require.NoError(t, err)
	require.Zero(t, b.Grants(b.ID))
}

func demoteAll(t *testing.T, b *LockBench) {
	before := b.Look(b.ID)
	b.Promote(b.ID)
	require.Equal(t, 2, b.AdminRoles(b.ID))
	demotes := able[target.AdminDemoter](t, b.Target)
	shown, err := demotes.AdminRoles(t.Context(), target.ReadRequest{ID: b.ID})
	require.NoError(t, err)
	require.Len(t, shown.Roles, 2)
	require.NotEqual(t, shown.Roles[0].Super, shown.Roles[1].Super)
	taken, err := demotes.Demote(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.ElementsMatch(t, shown.Roles, taken.Roles)
	require.Zero(t, b.AdminRoles(b.ID))
	require.Equal(t, before, b.Look(b.ID))
}

func demoteNobody(t *testing.T, b *LockBench) {
	demotes, effects := able[target.AdminDemoter](t, b.Target), b.Effects()
	for range 2 {
		taken, err := demotes.Demote(t.Context(), target.Write{ID: b.ID})
		require.NoError(t, err)
		require.Empty(t, taken.Roles)
	}
	_, err := demotes.Demote(t.Context(), target.Write{ID: b.Missing})
	failed(t, err, connectors.KindNotFound)
	for _, id := range []string{b.Wrong, ""} {
		_, err = demotes.Demote(t.Context(), target.Write{ID: id})
		failed(t, err, connectors.KindInvalid)
		_, err = demotes.AdminRoles(t.Context(), target.ReadRequest{ID: id})
		failed(t, err, connectors.KindInvalid)
	}
	require.Equal(t, effects, b.Effects())
}

func demoteProtected(t *testing.T, b *LockBench) {
	b.Promote(b.Protected)
	demotes, effects := able[target.AdminDemoter](t, b.Target), b.Effects()
	_, err := demotes.Demote(t.Context(), target.Write{ID: b.Protected})
	failed(t, err, connectors.KindRefused)
	require.Equal(t, effects, b.Effects())
	_, err = demotes.Demote(t.Context(), target.Write{ID: b.Protected, Lifted: true})
	require.NoError(t, err)
	require.Zero(t, b.AdminRoles(b.Protected))
}
