package conformance

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// RunManagement holds an implementer to the contracts of the capabilities that make, change, move and delete accounts, and know
// groups.
func RunManagement(t *testing.T, s TargetSubject) {
	t.Helper()
	runCases(t, s, managementCases())
}

func managementCases() []targetCase {
	cases := []targetCase{
		{"create/makes one", createMakes},
		{"create/twice", createTwice},
		{"create/after a lost reply", createLost},
		{"create/suspended", createSuspended},
		{"create/a name that is taken", createTaken},
		{"create/incomplete", createIncomplete},
		{"profile/replaces these and no other", profileReplaces},
		{"profile/changed by somebody else", profileChanged},
		{"profile/all or none", profileWhole},
		{"profile/clears and fills", profileClears},
		{"profile/an attribute that is none", profileUnknown},
		{"profile/a manager", profileManager},
		{"groups/to the end", groupsEnd},
		{"groups/who is in them", groupsMembers},
		{"groups/in each other", groupsNested},
		{"groups/that do not exist", groupsMissing},
		{"password/sets it", passwordSets},
		{"password/leaves a suspension", passwordSuspended},
		{"password/one that is refused", passwordWeak},
		{"password/one that nobody knows", passwordUnknown},
		{"move/nothing else", moveNothing},
		{"move/there already", moveThere},
		{"move/broken off", moveBroken},
		{"move/to nowhere", moveNowhere},
		{"delete/from groups too", deleteGroups},
		{"delete/twice", deleteTwice},
		{"delete/after a lost reply", deleteLost},
		{"delete/a protected account", deleteProtected},
	}
	for _, w := range managementWrites {
		cases = append(cases, w.cases()...)
	}
	// A move may take several writes, so that it has its own words for twice and for a lost reply.
	return slices.DeleteFunc(cases, func(c targetCase) bool { return c.name == "move/after a lost reply" || c.name == "move/twice" })
}

var managementWrites = []targetWrite{
	{
		name: "profile",
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			_, err := able[target.ProfileWriter](t, b.Target).WriteProfile(ctx, target.ProfileRequest{
				Write: in, Changes: []target.Change{{Attribute: target.AttributeTitle, From: b.Look(b.ID).Title, To: "Head of Something"}},
			})
			return err
		},
		done: func(_ *TargetBench, _, now Seen) bool { return now.Title == "Head of Something" },
	},
	{
		name: "add",
		arrange: func(_ *testing.T, b *TargetBench, _ string) {
			group := b.Group()
			b.Group = func() string { return group }
		},
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			return able[target.GroupManager](t, b.Target).Add(ctx, target.AddRequest{Write: in, To: []string{b.Group()}})
		},
		done: func(_ *TargetBench, before, now Seen) bool { return len(now.Memberships) == len(before.Memberships)+1 },
	},
	{
		name: "move",
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			_, err := able[target.Mover](t, b.Target).Move(ctx, target.MoveRequest{Write: in, To: b.Elsewhere})
			return err
		},
		done: func(b *TargetBench, _, now Seen) bool { return now.Container == b.Elsewhere },
	},
}

// cases are the promises of every write.
func (w targetWrite) cases() []targetCase {
	return []targetCase{
		{w.name + "/twice", w.twice},
		{w.name + "/after a lost reply", w.lostReply},
		{w.name + "/missing", w.missing},
		{w.name + "/an impossible id", w.wrong},
		{w.name + "/a protected account", w.protected},
	}
}

func createMakes(t *testing.T, b *TargetBench) {
	d := b.Fresh()
	made, err := able[target.Creator](t, b.Target).Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	require.True(t, made.Created)
	require.True(t, made.Account.CanSignIn())
	there := b.Look(made.Account.Ref.ID)
	require.Equal(t, [4]string{d.ExternalID, d.Email, d.Username, d.Title}, [4]string{there.ExternalID, there.Email, there.Username, there.Title})
	require.True(t, there.CanSignIn)
	require.Equal(t, [2]string{d.FirstName, d.LastName}, [2]string{made.Account.Document.FirstName, made.Account.Document.LastName})
	require.Contains(t, b.All(), made.Account.Ref.ID)
}

func createTwice(t *testing.T, b *TargetBench) {
	d, creates := b.Fresh(), able[target.Creator](t, b.Target)
	first, err := creates.Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	effects := b.Effects()
	d.Title = "Something Else"
	for _, again := range []target.Creator{creates, able[target.Creator](t, b.Restart())} {
		second, err := again.Create(t.Context(), target.CreateRequest{Document: d, Suspended: true})
		require.NoError(t, err)
		require.False(t, second.Created)
		require.Equal(t, first.Account, second.Account)
	}
	require.Equal(t, effects, b.Effects())
}

func createLost(t *testing.T, b *TargetBench) {
	d, all := b.Fresh(), len(b.All())
	b.LoseReply()
	_, err := able[target.Creator](t, b.Target).Create(t.Context(), target.CreateRequest{Document: d})
	failed(t, err, connectors.KindUnavailable)
	require.Len(t, b.All(), all+1, "the case has to have carried it out")
	again, err := able[target.Creator](t, b.Restart()).Create(t.Context(), target.CreateRequest{Document: d})
	require.NoError(t, err)
	require.False(t, again.Created)
	require.Equal(t, d.ExternalID, again.Account.Document.ExternalID)
	require.Len(t, b.All(), all+1)
}

func createSuspended(t *testing.T, b *TargetBench) {
	made, err := able[target.Creator](t, b.Target).Create(t.Context(), target.CreateRequest{Document: b.Fresh(), Suspended: true})
	require.NoError(t, err)
	require.False(t, made.Account.CanSignIn())
	require.False(t, b.Look(made.Account.Ref.ID).CanSignIn)
	back, err := able[target.Resumer](t, b.Target).Resume(t.Context(), target.Write{ID: made.Account.Ref.ID})
	require.NoError(t, err)
	require.True(t, back.CanSignIn())
}

func createTaken(t *testing.T, b *TargetBench) {
	effects, there := b.Effects(), b.Look(b.ID)
	for range 2 {
		d := b.Fresh()
		d.Username = there.Username
		_, err := able[target.Creator](t, b.Target).Create(t.Context(), target.CreateRequest{Document: d})
		failed(t, err, connectors.KindConflict)
	}
	d := b.Fresh()
	d.Email = there.Email
	_, err := able[target.Creator](t, b.Target).Create(t.Context(), target.CreateRequest{Document: d})
	failed(t, err, connectors.KindConflict)
	require.Equal(t, effects, b.Effects())
	require.Equal(t, there, b.Look(b.ID))
}

func createIncomplete(t *testing.T, b *TargetBench) {
	creates := able[target.Creator](t, b.Target)
	nameless, unmarked := b.Fresh(), b.Fresh()
	nameless.Username, unmarked.ExternalID = "", ""
	for _, in := range []target.CreateRequest{{}, {Document: nameless}, {Document: unmarked}} {
		_, err := creates.Create(t.Context(), in)
		failed(t, err, connectors.KindInvalid)
	}
	require.Zero(t, b.Requests(), "nothing is asked for what cannot be made")
}

func profileReplaces(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	answered, err := able[target.ProfileWriter](t, b.Target).WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.ID}, Changes: []target.Change{
		{Attribute: target.AttributeTitle, From: before.Title, To: "Head of Something"},
		{Attribute: target.AttributePhone, From: before.Phone, To: "+1 555 0199"},
	}})
	require.NoError(t, err)
	require.Equal(t, "Head of Something", answered.Document.Title)
	before.Title, before.Phone = "Head of Something", "+1 555 0199"
	require.Equal(t, before, b.Look(b.ID))
}

func profileChanged(t *testing.T, b *TargetBench) {
	before := b.Look(b.ID)
	b.Touch(b.ID)
	touched, effects := b.Look(b.ID), b.Effects()
	require.NotEqual(t, before.Title, touched.Title)
	for _, from := range []string{before.Title, ""} {
		_, err := able[target.ProfileWriter](t, b.Target).WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.ID}, Changes: []target.Change{
			{Attribute: target.AttributeTitle, From: from, To: "Head of Something"},
		}})
		failed(t, err, connectors.KindConflict)
	}
	require.Equal(t, effects, b.Effects())
	require.Equal(t, touched, b.Look(b.ID))
}

func profileWhole(t *testing.T, b *TargetBench) {
	before, effects := b.Look(b.ID), b.Effects()
	_, err := able[target.ProfileWriter](t, b.Target).WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.ID}, Changes: []target.Change{
		{Attribute: target.AttributeTitle, From: before.Title, To: "Head of Something"},
		{Attribute: target.AttributePhone, From: "+1 555 9999", To: "+1 555 0199"},
	}})
	failed(t, err, connectors.KindConflict)
	require.Equal(t, effects, b.Effects())
	require.Equal(t, before, b.Look(b.ID))
}

func profileClears(t *testing.T, b *TargetBench) {
	before, writes := b.Look(b.ID), able[target.ProfileWriter](t, b.Target)
	for _, c := range []target.Change{{From: before.Title}, {To: before.Title}} {
		c.Attribute = target.AttributeTitle
		a, err := writes.WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.ID}, Changes: []target.Change{c}})
		require.NoError(t, err)
		require.Equal(t, c.To, a.Document.Title)
		require.Equal(t, c.To, b.Look(b.ID).Title)
	}
	require.Equal(t, before, b.Look(b.ID))
}

func profileUnknown(t *testing.T, b *TargetBench) {
	for _, name := range []string{"", "userPassword", "title)(uid=*", "TITLE"} {
		_, err := able[target.ProfileWriter](t, b.Target).WriteProfile(t.Context(), target.ProfileRequest{
			Write: target.Write{ID: b.ID}, Changes: []target.Change{{Attribute: name, To: "anything"}},
		})
		failed(t, err, connectors.KindInvalid)
	}
}

func profileManager(t *testing.T, b *TargetBench) {
	writes := able[target.ProfileWriter](t, b.Target)
	write := func(from, to string) (target.Account, error) {
		return writes.WriteProfile(t.Context(), target.ProfileRequest{Write: target.Write{ID: b.ID}, Changes: []target.Change{
			{Attribute: target.AttributeManager, From: from, To: to},
		}})
	}
	a, err := write("", b.Protected)
	require.NoError(t, err)
	require.Equal(t, b.Protected, a.Manager)
	require.Equal(t, b.Protected, b.Look(b.ID).Manager)
	_, err = write(b.ID, "")
	failed(t, err, connectors.KindConflict)
	_, err = write(b.Protected, b.Missing)
	failed(t, err, connectors.KindInvalid)
	a, err = write(b.Protected, "")
	require.NoError(t, err)
	require.Empty(t, a.Manager)
	require.Empty(t, b.Look(b.ID).Manager)
}

// allGroups lists groups to the end.
func allGroups(t *testing.T, g target.GroupManager) (ids []string) {
	t.Helper()
	in := target.GroupsRequest{}
	for range 1000 {
		page, err := g.Groups(t.Context(), in)
		require.NoError(t, err)
		for _, one := range page.Groups {
			require.NotEmpty(t, one.Name)
			ids = append(ids, one.ID)
		}
		if page.Next == "" {
			require.Equal(t, len(ids), page.Total)
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
	failed(t, g.Add(t.Context(), target.AddRequest{Write: target.Write{ID: b.ID}, To: []string{b.Group(), b.Missing}}), connectors.KindNotFound)
	failed(t, g.Add(t.Context(), target.AddRequest{Write: target.Write{ID: b.ID}, To: []string{b.Wrong}}), connectors.KindInvalid)
	require.NoError(t, g.Remove(t.Context(), target.RemoveRequest{Write: target.Write{ID: b.ID}, From: []string{b.Missing}}), "nobody is in it")
	require.Equal(t, effects, b.Effects())
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
