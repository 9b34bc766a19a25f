package conformance

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
	"gatehouse/connectors/target"
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
		{"create/with all that is said", createSays},
		{"create/in a container", createPlaced},
		{"create/of a kind", createKind},
		{"profile/replaces these and no other", profileReplaces},
		{"profile/changed by somebody else", profileChanged},
		{"profile/all or none", profileWhole},
		{"profile/clears and fills", profileClears},
		{"profile/an attribute that is none", profileUnknown},
		{"profile/a manager", profileManager},
		{"profile/read back", profileReadBack},
		{"profile/attributes", profileAttributes},
		{"containers/all of them", containersAll},
		{"profiles/all of them", profilesAll},
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
		name:    "add",
		arrange: oneGroup,
		do: func(ctx context.Context, t *testing.T, b *TargetBench, in target.Write) error {
			return able[target.GroupManager](t, b.Target).Add(ctx, target.AddRequest{Write: in, To: []string{b.Group()}})
		},
		done: oneMore,
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
