package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// allGroups lists groups to the end.
func allGroups(t *testing.T, g target.GroupManager) (ids []string) {
	t.Helper()
	in, names := target.GroupsRequest{}, map[string]bool{}
	for range 1000 {
		page, err := g.Groups(t.Context(), in)
		require.NoError(t, err)
		for _, one := range page.Groups {
			require.NotEmpty(t, one.Name)
			require.False(t, names[strings.ToLower(one.Name)], "two groups have one name")
			names[strings.ToLower(one.Name)] = true
			ids = append(ids, one.ID)
		}
		if page.Next == "" {
			if page.Total != -1 { // A system that does not count says so.
				require.Equal(t, len(ids), page.Total)
			}
			return ids
		}
		in.Cursor = page.Next
	}
	t.Fatal("the list has no end")
	return nil
}

func groupsEnd(t *testing.T, b *TargetBench) {
	ids := allGroups(t, able[target.GroupManager](t, b.Target))
	require.Subset(t, ids, b.Look(b.ID).Memberships)
	require.Contains(t, ids, b.Group())
	slices.Sort(ids)
	require.Equal(t, ids, slices.Compact(slices.Clone(ids)), "no group comes twice")
}

func groupsMembers(t *testing.T, b *TargetBench) {
	g := able[target.GroupManager](t, b.Target)
	for _, id := range b.Look(b.ID).Memberships {
		in, err := g.Members(t.Context(), target.MembersRequest{Group: id})
		require.NoError(t, err)
		require.Contains(t, in.Accounts, b.ID)
		require.Zero(t, in.Unknown)
	}
	out, err := g.Members(t.Context(), target.MembersRequest{Group: b.Group()})
	require.NoError(t, err)
	require.NotContains(t, out.Accounts, b.ID)
}

func groupsNested(t *testing.T, b *TargetBench) {
	g := able[target.GroupManager](t, b.Target)
	top, accounts, groups := b.Nested()
	got, err := g.Members(t.Context(), target.MembersRequest{Group: top, Nested: true})
	require.NoError(t, err)
	require.ElementsMatch(t, accounts, got.Accounts)
	require.ElementsMatch(t, groups, got.Groups)
	require.True(t, got.Cycle)
}

func groupsMissing(t *testing.T, b *TargetBench) {
	g, effects := able[target.GroupManager](t, b.Target), b.Effects()
	_, err := g.Members(t.Context(), target.MembersRequest{Group: b.Missing})
	failed(t, err, connectors.KindNotFound)
	failed(t, g.Add(t.Context(), target.AddRequest{Write: target.Write{ID: b.ID}, To: []string{b.Wrong}}), connectors.KindInvalid)
	require.NoError(t, g.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: []string{b.Missing}}), "nobody is in it")
	require.Equal(t, effects, b.Effects())
	group := b.Group()
	err = g.Add(t.Context(), target.AddRequest{Write: target.Write{ID: b.ID}, To: []string{b.Missing, group}})
	failed(t, err, connectors.KindNotFound)
	refusedOnly(t, err, b.Missing)
	require.Contains(t, b.Look(b.ID).Memberships, group, "the other one is there")
}

func passwordSets(t *testing.T, b *TargetBench) {
	resets, before := able[target.CredentialResetter](t, b.Target), b.Look(b.ID)
	const password = "Corr3ct-horse-battery"
	require.False(t, b.SignIn(b.ID, password))
	for range 2 {
		require.NoError(t, resets.ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.ID}, Password: password}))
		require.True(t, b.SignIn(b.ID, password))
	}
	require.Equal(t, before, b.Look(b.ID))
	failed(t, resets.ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.Protected}}), connectors.KindRefused)
	failed(t, resets.ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.Missing}}), connectors.KindNotFound)
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	require.False(t, b.SignIn(b.ID, password), "a suspended account lets nobody in")
}

// passwordSuspended is the order of a departure: suspend, then scramble the password.
func passwordSuspended(t *testing.T, b *TargetBench) {
	_, err := able[target.Suspender](t, b.Target).Suspend(t.Context(), target.Write{ID: b.ID})
	require.NoError(t, err)
	before := b.Look(b.ID)
	const password = "Corr3ct-horse-battery"
	for _, in := range []target.ResetRequest{{}, {Change: true}, {Password: password}} {
		in.Write = target.Write{ID: b.ID}
		require.NoError(t, able[target.CredentialResetter](t, b.Target).ResetPassword(t.Context(), in))
		require.Equal(t, before, b.Look(b.ID))
		require.Equal(t, identity.AccountSuspended, b.read(t).Document.Status)
	}
	require.False(t, b.SignIn(b.ID, password))
}

func passwordWeak(t *testing.T, b *TargetBench) {
	err := able[target.CredentialResetter](t, b.Target).ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.ID}, Password: b.Weak})
	failed(t, err, connectors.KindInvalid)
	var e *connectors.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, target.CodePasswordPolicy, e.Code)
	require.NotContains(t, err.Error(), b.Weak)
}

func passwordUnknown(t *testing.T, b *TargetBench) {
	resets := able[target.CredentialResetter](t, b.Target)
	const password = "Corr3ct-horse-battery"
	require.NoError(t, resets.ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.ID}, Password: password}))
	require.NoError(t, resets.ResetPassword(t.Context(), target.ResetRequest{Write: target.Write{ID: b.ID}}))
	require.False(t, b.SignIn(b.ID, password))
}

func moveNothing(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	a, err := able[target.Mover](t, b.Target).Move(t.Context(), target.MoveRequest{Write: target.Write{ID: b.ID}, To: b.Elsewhere})
	require.NoError(t, err)
	require.Equal(t, b.ID, a.Ref.ID)
	require.Equal(t, b.Elsewhere, a.Container)
	before.Container = b.Elsewhere
	require.Equal(t, before, b.Look(b.ID), "memberships and sign-in stay")
	require.ElementsMatch(t, before.Memberships, b.read(t).Memberships)
}

func moveThere(t *testing.T, b *TargetBench) {
	in := target.MoveRequest{Write: target.Write{ID: b.ID}, To: b.Elsewhere}
	_, err := able[target.Mover](t, b.Target).Move(t.Context(), in)
	require.NoError(t, err)
	moved, effects := b.Look(b.ID), b.Effects()
	for range 2 {
		_, err = able[target.Mover](t, b.Restart()).Move(t.Context(), in)
		require.NoError(t, err)
	}
	require.Equal(t, effects, b.Effects())
	require.Equal(t, moved, b.Look(b.ID))
}

func moveBroken(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	in := target.MoveRequest{Write: target.Write{ID: b.ID}, To: b.Elsewhere}
	b.LoseReply()
	_, err := able[target.Mover](t, b.Target).Move(t.Context(), in)
	failed(t, err, connectors.KindUnavailable)
	_, err = able[target.Mover](t, b.Restart()).Move(t.Context(), in)
	require.NoError(t, err)
	before.Container = b.Elsewhere
	require.Equal(t, before, b.Look(b.ID), "memberships stay, each once")
}

func moveNowhere(t *testing.T, b *TargetBench) {
	before, effects := b.Look(b.ID), b.Effects()
	for _, to := range []string{b.Nowhere, ""} {
		_, err := able[target.Mover](t, b.Target).Move(t.Context(), target.MoveRequest{Write: target.Write{ID: b.ID}, To: to})
		failed(t, err, connectors.KindInvalid)
	}
	require.Equal(t, effects, b.Effects())
	require.Equal(t, before, b.Look(b.ID))
}

func deleteGroups(t *testing.T, b *TargetBench) {
	groups := b.Look(b.ID).Memberships
	require.NoError(t, able[target.Deleter](t, b.Target).Delete(t.Context(), target.Write{ID: b.ID}))
	require.NotContains(t, b.All(), b.ID)
	for _, id := range groups {
		in, err := able[target.GroupManager](t, b.Target).Members(t.Context(), target.MembersRequest{Group: id})
		require.NoError(t, err)
		require.NotContains(t, in.Accounts, b.ID)
		require.Zero(t, in.Unknown, "nothing is left of it")
	}
}

func deleteTwice(t *testing.T, b *TargetBench) {
	deletes := able[target.Deleter](t, b.Target)
	require.NoError(t, deletes.Delete(t.Context(), target.Write{ID: b.ID}))
	effects := b.Effects()
	failed(t, deletes.Delete(t.Context(), target.Write{ID: b.ID}), connectors.KindNotFound)
	failed(t, deletes.Delete(t.Context(), target.Write{ID: b.Missing}), connectors.KindNotFound)
	failed(t, deletes.Delete(t.Context(), target.Write{ID: b.Wrong}), connectors.KindInvalid)
	require.Equal(t, effects, b.Effects())
}

func deleteLost(t *testing.T, b *TargetBench) {
	require.NoError(t, able[target.Remover](t, b.Target).Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: b.Look(b.ID).Memberships}))
	b.LoseReply()
	failed(t, able[target.Deleter](t, b.Target).Delete(t.Context(), target.Write{ID: b.ID}), connectors.KindUnavailable)
	require.NotContains(t, b.All(), b.ID, "the case has to have carried it out")
	failed(t, able[target.Deleter](t, b.Restart()).Delete(t.Context(), target.Write{ID: b.ID}), connectors.KindNotFound)
}

func deleteProtected(t *testing.T, b *TargetBench) {
	effects := b.Effects()
	failed(t, able[target.Deleter](t, b.Target).Delete(t.Context(), target.Write{ID: b.Protected}), connectors.KindRefused)
	require.Equal(t, effects, b.Effects())
	require.NoError(t, able[target.Deleter](t, b.Target).Delete(t.Context(), target.Write{ID: b.Protected, Lifted: true}))
	require.NotContains(t, b.All(), b.Protected)
}
