package systems_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/persons"
	"gatehouse/ledger/storetest"
	"gatehouse/ledger/systems"
)

func testViews(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	require.Nil(t, r.view("workday-1").Accounts)
	require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, r.c.Now(), 0, []systems.Object{{ID: "g1", Name: "sales@acme.example"}}))
	lead := row("10", "g1")
	lead.Container, lead.Manager = "/Sales", "30"
	r.observe(row("9"), lead, row("11"), row("30"), row("31"))
	r.link("10", "workday-1")
	r.c.Advance(time.Minute)
	r.link("9", "workday-1")
	r.link("30", "workday-2")
	sweep, err := r.Inventory().BeginSweep(ctx, inventory.Sweep{System: google, ID: "s1", Kind: inventory.SweepFull})
	require.NoError(t, err)
	sweep.Complete = true
	require.NoError(t, r.Inventory().FinishSweep(ctx, sweep))
	require.NoError(t, s.Owe(ctx, systems.Debt{Key: "workday-1", System: google, Account: "10", Step: identity.SystemMove}))
	require.NoError(t, s.NoteValues(ctx, ref("10"), map[string]identity.SystemValue{target.AttributeTitle: {Written: "a", Seen: "b", At: r.c.Now()}}))
	require.NoError(t, s.NoteDone(ctx, ref("10"), "workday-1", 1, identity.SystemEndSessions, r.c.Now()))
	require.NoError(t, s.NoteDone(ctx, ref("10"), "workday-1", 1, identity.SystemTransfer, r.c.Now()))
	require.NoError(t, s.NoteDone(ctx, ref("10"), "workday-1", 1, identity.SystemTransfer, time.Time{}))

	_, err = r.People().SetEmployed(ctx, "workday-2", true)
	require.NoError(t, err)
	views, err := s.Views(ctx, "workday-1", 1, "workday-2", []string{google, "ldap"})
	require.NoError(t, err)
	require.Len(t, views, 2)
	require.Equal(t, "ldap", views[1].System)
	require.Empty(t, views[1].Accounts)
	v := views[0]
	require.True(t, v.ReadAt.Equal(sweep.StartedAt))
	require.Equal(t, "30", v.Manager)
	require.Equal(t, []identity.SystemStepKind{identity.SystemMove}, v.Owed)
	require.True(t, v.Same(v.Digest("X"), "X"))
	require.False(t, v.Same(v.Digest("X"), "x"), "capitals count")
	require.False(t, v.Same(v.Digest("B\u00fcro"), "Bu\u0308ro"))
	require.True(t, v.Same(r.Digest("X"), "x"), "what an earlier version kept takes no notice of them")
	require.True(t, v.Same("", ""))
	require.Empty(t, v.Candidates)
	require.Len(t, v.Accounts, 2)
	first := v.Accounts[0]
	require.Equal(t, "10", first.ID, "it was linked first")
	require.Equal(t, identity.UsePrimary, first.Use)
	require.Equal(t, identity.UseSecondary, v.Accounts[1].Use)
	require.Equal(t, identity.KindPerson, first.Kind)
	require.Equal(t, []string{"sales@acme.example"}, first.Groups)
	require.Nil(t, first.Roles)
	require.Equal(t, "/Sales", first.Container)
	require.Equal(t, "30", first.Manager)
	require.Equal(t, "10@acme.example", first.Document.Username)
	require.Equal(t, map[string]identity.SystemValue{target.AttributeTitle: {Written: "a", Seen: "b", At: r.c.Now()}}, first.Values)
	require.Equal(t, map[identity.SystemStepKind]time.Time{identity.SystemEndSessions: r.c.Now()}, first.Done)

	for range 2 {
		require.NoError(t, s.NoteCreated(ctx, ref("9"), "workday-1"))
	}
	got := r.view("workday-1").Primary()
	require.Equal(t, "9", got.ID, "we made it")
	require.True(t, got.MadeAt.Equal(r.c.Now()))
	row, _, err := r.Inventory().Account(ctx, ref("11"))
	require.NoError(t, err)
	_, err = r.Inventory().JudgeAccounts(ctx, []inventory.Judgement{{Was: row, State: identity.AccountCandidate, Person: "workday-1", By: "called so"}})
	require.NoError(t, err)
	v = r.view("workday-1")
	require.Len(t, v.Candidates, 1)
	require.Equal(t, "11", v.Candidates[0].ID)
	require.Len(t, v.Accounts, 2)
	require.Error(t, s.NoteCreated(ctx, ref("30"), ""))
}

func testViewsOfMany(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	var whose []systems.Whose
	var rows []systems.Row
	for i := range 60 {
		id := string(rune('A'+i/10)) + string(rune('0'+i%10))
		rows = append(rows, row(id, "g"+id))
		whose = append(whose, systems.Whose{Key: "workday-" + id, Episode: 1, Manager: "workday-A0"})
	}
	r.observe(rows...)
	for _, w := range whose {
		r.link(w.Key[len("workday-"):], w.Key)
	}
	_, err := r.People().SetEmployed(ctx, "workday-A0", true)
	require.NoError(t, err)
	all, err := r.Systems().ViewsOf(ctx, append(whose, systems.Whose{Key: "workday-nobody"}), []string{google})
	require.NoError(t, err)
	require.Len(t, all, 61)
	require.Empty(t, all["workday-nobody"][0].Accounts)
	for _, w := range whose {
		require.Equal(t, "A0", all[w.Key][0].Manager)
		require.Equal(t, []string{"#id:g" + w.Key[len("workday-"):]}, all[w.Key][0].Primary().Groups)
	}
}

// testHeirs: who has left, leaves within a day, is ordered out or cannot sign in is no manager's account that something goes to.
func testHeirs(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	r.observe(row("1"), row("2"))
	r.link("1", "workday-1")
	r.link("2", "workday-2")
	heir := func() string {
		views, err := r.Systems().Views(ctx, "workday-1", 1, "workday-2", []string{google})
		require.NoError(t, err)
		return views[0].Manager
	}
	works := func(is bool) {
		_, err := r.People().SetEmployed(ctx, "workday-2", is)
		require.NoError(t, err)
	}
	require.Empty(t, heir(), "nobody knows whether they work here")
	works(true)
	require.Equal(t, "2", heir())
	leaves := persons.Departure{Key: "workday-2", DueAt: r.c.Now().Add(30 * time.Hour)}
	require.NoError(t, r.People().NoteDeparture(ctx, leaves))
	require.Equal(t, "2", heir())
	r.c.Advance(7 * time.Hour)
	require.Empty(t, heir(), "they leave within a day")
	works(false)
	require.Empty(t, heir())
	require.NoError(t, r.People().MarkDepartureContained(ctx, "workday-2", 2, r.c.Now()))
	works(true)
	require.Equal(t, "2", heir(), "they are back")
	require.NoError(t, r.Orders().Put(ctx, identity.Order{ID: "c", Key: "workday-2", Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: r.c.Now()}))
	require.Empty(t, heir())
	_, err := r.Orders().Release(ctx, "c", "it@acme.example", "over")
	require.NoError(t, err)
	require.Equal(t, "2", heir())
	dispute := func(id string, state identity.AccountLinkState) {
		row, _, err := r.Inventory().Account(ctx, ref(id))
		require.NoError(t, err)
		_, err = r.Inventory().JudgeAccounts(ctx, []inventory.Judgement{{Was: row, State: state, Person: row.Person}})
		require.NoError(t, err)
	}
	dispute("2", identity.AccountDisputed)
	require.Empty(t, heir(), "it may be somebody else's")
	dispute("2", identity.AccountLinked)
	require.Equal(t, "2", heir())
	closed := row("2")
	closed.Status, closed.Document.Status = identity.AccountSuspended, identity.AccountSuspended
	r.c.Advance(time.Minute)
	r.observe(row("1"), closed)
	require.Empty(t, heir(), "the account is suspended")
}

// testPrimary: no other account steps in while the first one is disputed or not shown, nor after that.
func testPrimary(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	r.observe(row("1"), row("2"))
	r.link("2", "workday-1")
	r.c.Advance(time.Minute)
	r.link("1", "workday-1")
	primary := func() string { return r.view("workday-1").Primary().ID }
	require.Equal(t, "2", primary())
	for _, state := range []identity.AccountLinkState{identity.AccountDisputed, identity.AccountLinked, identity.AccountDisputed} {
		row, _, err := r.Inventory().Account(ctx, ref("2"))
		require.NoError(t, err)
		r.c.Advance(time.Minute)
		_, err = r.Inventory().JudgeAccounts(ctx, []inventory.Judgement{{Was: row, State: state, Person: "workday-1"}})
		require.NoError(t, err)
		require.Equal(t, "2", primary(), state)
	}
	said := inventory.LinkAccount{Ref: ref("2"), Person: "workday-1", By: "said so", DecidedBy: "it@acme.example"}
	require.NoError(t, r.Inventory().LinkAccount(ctx, said))
	require.Equal(t, "2", primary(), "it is theirs since then")
	require.NoError(t, r.Inventory().MissAccount(ctx, ref("2"), r.c.Now()))
	require.Equal(t, "2", primary(), "it is on record")
	for _, id := range []string{"1", "2", "1"} {
		said.Ref, said.Use = ref(id), identity.UsePrimary
		require.NoError(t, r.Inventory().LinkAccount(ctx, said))
		require.Equal(t, id, primary(), "the last word counts")
		said.Use = ""
		require.NoError(t, r.Inventory().LinkAccount(ctx, said))
		require.Equal(t, id, primary(), "whose it is was said, not what for")
	}
	require.NoError(t, r.Inventory().DropAccount(ctx, ref("1")))
	require.Equal(t, "2", primary())
}

func testDebts(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s, began := r.Systems(), r.c.Now()
	grant := systems.Debt{Key: "workday-1", System: google, Account: "1", Step: identity.SystemAddGroups, Episode: 1, Why: "Unavailable"}
	leave := systems.Debt{Key: "workday-2", System: google, Account: "2", Step: identity.SystemSuspend, Episode: 1, Why: "Unavailable", Leaving: true}
	require.NoError(t, s.Owe(ctx, grant))
	r.c.Advance(time.Hour)
	require.NoError(t, s.Owe(ctx, leave))
	grant.Why = "RateLimited"
	require.NoError(t, s.Owe(ctx, grant))
	grant.Since, leave.Since = began, r.c.Now()
	found, err := s.Debts(ctx, google)
	require.NoError(t, err)
	require.Equal(t, []systems.Debt{leave, grant}, found, "leavers come first, and the first Since stays")
	found, err = s.DebtsOf(ctx, "workday-1")
	require.NoError(t, err)
	require.Equal(t, []systems.Debt{grant}, found)
	for range 2 {
		require.NoError(t, s.Settle(ctx, "workday-1", google, "1", identity.SystemAddGroups))
		require.NoError(t, s.SettleAll(ctx, "workday-2", google))
	}
	found, err = s.Debts(ctx, google)
	require.NoError(t, err)
	require.Empty(t, found)
	require.Error(t, s.Owe(ctx, systems.Debt{Key: "workday-1"}))
}

func testObjects(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s, at := r.Systems(), r.c.Now()
	put := func(at time.Time, kind identity.SystemObjectKind, objects ...systems.Object) {
		require.NoError(t, s.PutObjects(ctx, google, kind, at, 0, objects))
	}
	put(at, identity.ObjectGroup, systems.Object{ID: "1", Name: "sales"}, systems.Object{ID: "2", Name: "sales"}, systems.Object{ID: "2", Name: "sales"})
	put(at, identity.ObjectLicence, systems.Object{ID: "1", Name: "Enterprise"})
	put(at.Add(-time.Hour), identity.ObjectGroup)
	all, err := s.Objects(ctx, google)
	require.NoError(t, err)
	require.Equal(t, []systems.Object{
		{Kind: identity.ObjectGroup, ID: "1", Name: "sales"},
		{Kind: identity.ObjectGroup, ID: "2", Name: "sales"},
		{Kind: identity.ObjectLicence, ID: "1", Name: "Enterprise"},
	}, all)
	found, err := s.Named(ctx, google, identity.ObjectGroup, "sales")
	require.NoError(t, err)
	require.Len(t, found, 2)
	put(at.Add(time.Hour), identity.ObjectGroup, systems.Object{ID: "3", Name: "it"})
	found, err = s.Named(ctx, google, identity.ObjectGroup, "sales")
	require.NoError(t, err)
	require.Empty(t, found)
	read, err := s.ObjectsReadAt(ctx, google, identity.ObjectGroup)
	require.NoError(t, err)
	require.True(t, read.Equal(at.Add(time.Hour)))
}

// testObjectsGone: what is held of an object that is not shown any more is believed for a while, and has its name for as long.
func testObjectsGone(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s, at := r.Systems(), r.c.Now()
	named := func(name string) identity.SystemObject {
		return identity.SystemObject{System: google, Kind: identity.ObjectGroup, Name: name}
	}
	put := func(after time.Duration, objects ...systems.Object) {
		require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, at.Add(after), 24*time.Hour, objects))
	}
	unclear := func() []identity.SystemObject {
		views, err := s.Views(ctx, "workday-1", 1, "", []string{google}, named("sales"), named("it"))
		require.NoError(t, err)
		return views[0].Unclear
	}
	r.observe(row("1", "g1", "g2"))
	r.link("1", "workday-1")
	require.Empty(t, unclear(), "nothing was read yet")
	put(0, systems.Object{ID: "g1", Name: "sales"}, systems.Object{ID: "g2", Name: "it"})
	require.Empty(t, unclear())
	put(time.Hour, systems.Object{ID: "g2", Name: "it"})
	require.Equal(t, []string{"it", "sales"}, r.groups("workday-1"))
	require.Equal(t, []identity.SystemObject{named("sales")}, unclear())
	all, err := s.Objects(ctx, google)
	require.NoError(t, err)
	require.Len(t, all, 1)
	found, err := s.Named(ctx, google, identity.ObjectGroup, "sales")
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.True(t, found[0].Gone)

	put(2*time.Hour, systems.Object{ID: "g1", Name: "sales"}, systems.Object{ID: "g2", Name: "it"})
	require.Empty(t, unclear(), "it is shown again")
	put(3*time.Hour, systems.Object{ID: "g2", Name: "it"}, systems.Object{ID: "g3", Name: "it"})
	put(50*time.Hour, systems.Object{ID: "g2", Name: "it"}, systems.Object{ID: "g3", Name: "it"})
	require.Equal(t, []string{"it", "sales"}, r.groups("workday-1"))
	require.ElementsMatch(t, []identity.SystemObject{named("sales"), named("it")}, unclear(), "one is not there, and the other is there twice")
	put(51*time.Hour, systems.Object{ID: "g2", Name: "it"}, systems.Object{ID: "g3", Name: "it"})
	require.Equal(t, []string{"#id:g1", "it"}, r.groups("workday-1"))
}

// testObjectsRenewed: who is in an object cannot be told by a name that another one had before, which is called otherwise now.
func testObjectsRenewed(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s, at := r.Systems(), r.c.Now()
	group := func(name string) identity.SystemObject {
		return identity.SystemObject{System: google, Kind: identity.ObjectGroup, Name: name}
	}
	put := func(after time.Duration, objects ...systems.Object) {
		require.NoError(t, s.PutObjects(ctx, google, identity.ObjectGroup, at.Add(after), 24*time.Hour, objects))
	}
	renewed := func(of ...identity.SystemObject) []identity.SystemObject {
		views, err := s.Views(ctx, "workday-1", 1, "", []string{google}, of...)
		require.NoError(t, err)
		return views[0].Renewed
	}
	put(0, systems.Object{ID: "g1", Name: "wifi"}, systems.Object{ID: "g2", Name: "it"})
	put(time.Hour, systems.Object{ID: "g1", Name: "wlan"}, systems.Object{ID: "g2", Name: "it"})
	require.Empty(t, renewed(group("wifi"), group("it")), "it is not there")
	put(2*time.Hour, systems.Object{ID: "g1", Name: "wlan"}, systems.Object{ID: "g2", Name: "it"}, systems.Object{ID: "g3", Name: "wifi"})
	require.Equal(t, []identity.SystemObject{group("wifi")}, renewed(group("wifi"), group("it")))
	require.Empty(t, renewed(group("wifi"), group("wlan")), "the policy has both")
	put(3*time.Hour, systems.Object{ID: "g2", Name: "it"}, systems.Object{ID: "g3", Name: "wifi"})
	require.Empty(t, renewed(group("wifi")), "the one before is gone")
}

func testMembers(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	for range 2 {
		require.NoError(t, s.PutMembers(ctx, google, "s1", "g1", []string{"1", "2"}))
		require.NoError(t, s.PutMembers(ctx, google, "s1", "g2", nil))
	}
	got := map[string][]string{}
	require.NoError(t, s.EachGroup(ctx, google, "s1", func(group string, accounts []string) error {
		got[group] = accounts
		return nil
	}))
	require.Equal(t, map[string][]string{"g1": {"1", "2"}, "g2": nil}, got)
	require.NoError(t, s.DropMembers(ctx, google))
	require.NoError(t, s.EachGroup(ctx, google, "s1", func(string, []string) error { t.Fail(); return nil }))

	r.observe(row("1", "g1", "g2"), row("2", "g1"))
	holders, err := s.Holders(ctx, google, identity.ObjectGroup)
	require.NoError(t, err)
	require.Equal(t, map[string]int{"g1": 2, "g2": 1}, holders)
}

func testDropped(t *testing.T, e storetest.Engine) {
	ctx, r := context.Background(), newRig(t, e)
	s := r.Systems()
	r.observe(row("1", "g1"))
	r.link("1", "workday-1")
	require.NoError(t, s.Owe(ctx, systems.Debt{Key: "workday-1", System: google, Account: "1", Step: identity.SystemMove}))
	require.NoError(t, r.Inventory().DropAccount(ctx, ref("1")))
	v := r.view("workday-1")
	require.Empty(t, v.Accounts)
	require.Empty(t, v.Owed)
	n, err := s.Holders(ctx, google, identity.ObjectGroup)
	require.NoError(t, err)
	require.Empty(t, n)
}
