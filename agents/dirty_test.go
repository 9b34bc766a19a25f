package agents_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger"
	ledgeragents "gatehouse/ledger/agents"
	"gatehouse/ledger/inventory"
	"gatehouse/ledger/roster"
)

// link puts another account of somebody's into the ledger.
func (d *desk) link(t *testing.T, key string, doc identity.Account) {
	t.Helper()
	books := d.ledger.Inventory()
	_, err := books.Observe(t.Context(), time.Now(), []inventory.Account{{Ref: identity.OneLoginRef(doc.ID), Document: doc, Status: doc.Status}})
	require.NoError(t, err)
	if key != "" {
		require.NoError(t, books.LinkAccount(t.Context(), inventory.LinkAccount{Ref: identity.OneLoginRef(doc.ID), Person: key, Use: identity.UseSecondary, By: "test"}))
	}
}

func account(id, group int64, change func(*identity.Account)) identity.Account {
	doc := marked()
	doc.ID, doc.GroupID, doc.Roles = id, group, nil
	if change != nil {
		change(&doc)
	}
	return doc
}

// TestAListShowsNobodyWhomARuleHides: neither members nor counts nor refusals tell of them, and no second account is a way around a rule.
func TestAListShowsNobodyWhomARuleHides(t *testing.T) {
	t.Parallel()
	d := openDesk(t, readers(map[string]string{"reader": all}), nil)
	d.catalog(t)
	d.person(t, "1", account(41, 7, nil))
	d.link(t, "", account(77, 7, nil))
	board := d.person(t, "2", account(42, 7, func(a *identity.Account) { a.Department = "Board" }))
	d.link(t, board, account(43, 7, nil))
	admin := d.person(t, "3", account(44, 0, func(a *identity.Account) { a.Roles = []string{"Super admin"} }))
	d.link(t, admin, account(45, 8, nil))
	d.link(t, board, account(46, 8, nil))
	s := d.as(t, "reader")
	require.Equal(t, []string{"onelogin-77/77", "workday-1/41"}, keys(t, s, map[string]any{"group": "Groupval"}, nil), "an account of nobody is shown as one")

	out := answered[members](t, call(t, s, "list_group_members", map[string]any{"group": "Groupval"}))
	require.Equal(t, []int{2, 2}, []int{out.Total, out.People})
	hidden, empty := whole(t, call(t, s, "list_group_members", map[string]any{"group": "Hidden"})), whole(t, call(t, s, "list_group_members", map[string]any{"group": "Empty"}))
	require.Equal(t, empty, hidden, "a group of people whom a rule hides looks like an empty one")

	for _, q := range []string{"onelogin-43", "onelogin-45", "onelogin-46", board, admin} {
		for tool, args := range map[string]map[string]any{
			"look_up_user": {"query": q}, "list_user_roles": {"user": q}, "list_app_assignments": {"user": q}, "list_events": {"user": q},
		} {
			r := call(t, s, tool, args)
			require.True(t, r.IsError, "%s %s", tool, q)
			require.Contains(t, whole(t, r), `"denied_by":"policy"`)
			// So many refusals about the privileged quarantine an agent, which is not what is tested here.
			if err := d.ledger.Agents().SwitchOn(t.Context(), ledgeragents.OfAgent("reader")); err != nil {
				require.ErrorIs(t, err, ledger.ErrNotFound)
			}
		}
	}
	d.holds(t, "3", "Super admin", 44, 43)
	require.Empty(t, keys(t, s, map[string]any{"role": "Super admin"}, nil))

	now := time.Now()
	for i, user := range []int64{41, 43, 43, 45, 0, 99} {
		d.happen(t, int64(i+1), user, 4, now.Add(-time.Duration(i+1)*time.Minute))
	}
	events := answered[struct {
		Total  int
		Events []struct{ Key, Account string }
	}](t, call(t, s, "list_events", map[string]any{"app": "Appval"}))
	require.Equal(t, 2, events.Total, "one of somebody who may be seen, and one that names nobody")
	require.Len(t, events.Events, 2)
	require.Equal(t, "workday-1", events.Events[0].Key)
	require.Empty(t, events.Events[1].Key)
}

// TestARuleAboutWhoWorksHereHoldsInLists: by the last assessment, and of those whom nobody has looked at yet by the last reading of HR.
func TestARuleAboutWhoWorksHereHoldsInLists(t *testing.T) {
	t.Parallel()
	for hides, employed := range map[string]bool{"!target.employed": true, "target.employed": false} {
		t.Run(hides, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t, readers(map[string]string{"reader": all}, `{name: who works here, tools: [any], when: "`+hides+`", verdict: deny}`), nil)
			d.catalog(t)
			ids := map[int64]string{46: "onelogin-46"}
			for id := int64(41); id <= 45; id++ {
				ids[id] = d.person(t, strconv.FormatInt(id, 10), account(id, 7, nil))
			}
			d.link(t, "", account(46, 7, nil))
			for id, works := range map[int64]bool{42: true, 43: false, 45: true} {
				_, err := d.ledger.People().SetEmployed(t.Context(), ids[id], works)
				require.NoError(t, err)
			}
			// HR's last reading is older than the last look at 45, and all that there is of 44.
			require.NoError(t, d.ledger.Roster().Put(t.Context(), []roster.Row{
				{Source: "workday", EmployeeID: "44", Digest: "44"}, {Source: "workday", EmployeeID: "45", Digest: "45"},
			}))
			for id := range ids {
				d.happen(t, id, id, 4, time.Now().Add(-time.Duration(id)*time.Second))
			}
			shown := map[bool][]string{
				true: {"workday-41/41", "workday-42/42", "workday-45/45"}, false: {"onelogin-46/46", "workday-43/43", "workday-44/44"},
			}[employed]
			s := d.as(t, "reader")
			out := answered[members](t, call(t, s, "list_group_members", map[string]any{"group": "Groupval"}))
			var got []string
			for _, m := range out.Members {
				got = append(got, m.Key+"/"+m.Account.Account)
				require.Equal(t, employed, m.Employed, m.Key)
			}
			require.Equal(t, shown, got)
			events := answered[struct {
				Events []struct{ Key, Account string }
			}](t, call(t, s, "list_events", map[string]any{"app": "Appval"}))
			got = nil
			for _, e := range events.Events {
				got = append(got, e.Key+"/"+e.Account)
			}
			slices.Sort(got)
			require.Equal(t, shown, got)
		})
	}
}

// TestARuleAboutARoleHoldsByEveryName: what conditions see is the name, whatever was given.
func TestARuleAboutARoleHoldsByEveryName(t *testing.T) {
	t.Parallel()
	d := openDesk(t, readers(map[string]string{"reader": all},
		`{name: not that role, tools: [any], when: call.role == "Roleval" || call.group == "Groupval" || call.app == "Appval", verdict: deny}`), nil)
	d.catalog(t)
	d.person(t, "1", marked())
	d.holds(t, "1", "Roleval", 41)
	s := d.as(t, "reader")
	for tool, ways := range map[string][]map[string]any{
		"list_app_assignments": {{"role": "Roleval"}, {"role": "1"}, {"role": "#1"}, {"role": " Roleval "}, {"group": "#7"}},
		"list_group_members":   {{"role": "Roleval"}, {"role": "1"}, {"role": "#1"}, {"group": "Groupval"}, {"group": "7"}},
		"list_events":          {{"app": "Appval"}, {"app": "4"}, {"app": "#4"}},
	} {
		for _, args := range ways {
			r := call(t, s, tool, args)
			require.True(t, r.IsError, "%s %v", tool, args)
			require.Contains(t, whole(t, r), `"rule":"not that role"`, "%s %v", tool, args)
		}
	}
}

// TestWhatIsNotKnownIsSaid: renamed roles, roles that were never read, and what an older reading says.
func TestWhatIsNotKnownIsSaid(t *testing.T) {
	t.Parallel()
	d := openDesk(t, readers(map[string]string{"reader": all}), nil)
	s := d.as(t, "reader")
	key := d.person(t, "1", marked())
	type assigned struct {
		Total, Apps int
		Known       bool
		Unknown     int                                   `json:"unknown_roles"`
		Items       []struct{ App, Role, Account string } `json:"assignments"`
		Note        string
	}
	apps := func(args map[string]any) assigned {
		return answered[assigned](t, call(t, s, "list_app_assignments", args))
	}
	require.False(t, apps(map[string]any{"user": key}).Known, "nothing was read yet")
	require.Contains(t, whole(t, call(t, s, "list_group_members", map[string]any{"role": "Roleval"})), "never read")

	d.catalog(t)
	got := apps(map[string]any{"user": key})
	require.True(t, got.Known)
	require.Equal(t, []int{2, 2, 0}, []int{got.Total, got.Apps, got.Unknown})
	require.Equal(t, "Roleval", got.Items[0].Role)
	require.Contains(t, apps(map[string]any{"group": "Groupval"}).Note, "no apps")
	require.Equal(t, 1, apps(map[string]any{"role": "Mail"}).Total)
	out := answered[members](t, call(t, s, "list_group_members", map[string]any{"role": "Roleval"}))
	require.False(t, out.Known, "no reading of the role's members has ended")
	require.Contains(t, whole(t, call(t, s, "list_group_members", map[string]any{"role": "Nothing"})), "OneLogin had no role of this name")
	for _, args := range []map[string]any{{}, {"role": "Mail", "group": "Groupval"}} {
		require.True(t, call(t, s, "list_group_members", args).IsError)
		require.True(t, call(t, s, "list_app_assignments", args).IsError)
	}

	// The role is renamed: those who hold it were read under the old name.
	d.holds(t, "1", "Roleval", 41)
	require.NoError(t, d.ledger.Inventory().PutCatalog(t.Context(), identity.SystemOneLogin, time.Now(), inventory.Catalog{
		Roles: []inventory.Named{{ID: "1", Name: "New name"}}, Apps: []inventory.Named{{ID: "4", Name: "Appval"}}, RoleApps: []inventory.RoleApp{{Role: "1", App: "4"}},
	}))
	require.Equal(t, 1, apps(map[string]any{"user": key}).Unknown)
	out = answered[members](t, call(t, s, "list_group_members", map[string]any{"role": "New name"}))
	require.Equal(t, 1, out.Total)
	// Two roles of one name have to be told apart.
	require.NoError(t, d.ledger.Inventory().PutCatalog(t.Context(), identity.SystemOneLogin, time.Now(), inventory.Catalog{
		Roles: []inventory.Named{{ID: "1", Name: "Twin"}, {ID: "2", Name: "Twin"}},
	}))
	require.Contains(t, whole(t, call(t, s, "list_group_members", map[string]any{"role": "Twin"})), "name one by its id")
	require.Equal(t, 1, answered[members](t, call(t, s, "list_group_members", map[string]any{"role": "#1"})).Total)

	// A role that the account has lost since the members were read is not held.
	require.NotEmpty(t, answered[struct{ Roles []any }](t, call(t, s, "list_user_roles", map[string]any{"user": key})).Roles)
	doc := marked()
	doc.Roles = nil
	_, err := d.ledger.Inventory().Observe(t.Context(), time.Now().Add(time.Second), []inventory.Account{{Ref: identity.OneLoginRef(41), Document: doc, Status: doc.Status}})
	require.NoError(t, err)
	require.Empty(t, answered[struct{ Roles []any }](t, call(t, s, "list_user_roles", map[string]any{"user": key})).Roles)
}

// TestTwoOfOneName are told apart by their keys, and each page of them counts whom it shows.
func TestTwoOfOneName(t *testing.T) {
	t.Parallel()
	d := openDesk(t, readers(map[string]string{"reader": all}), nil)
	for n := range 45 {
		d.inGroup(t, n, 7, func(a *identity.Account) { a.LastName = "Nameval" })
	}
	s := d.as(t, "reader")
	require.Contains(t, whole(t, call(t, s, "list_events", map[string]any{"user": "Nameval Nameval"})), "several people match")
	var got []string
	args := map[string]any{"query": "Nameval Nameval"}
	for pages := 1; ; pages++ {
		out := answered[struct {
			Count   int
			Matches []struct{ Key string }
			Next    string
		}](t, call(t, s, "look_up_user", args))
		require.Equal(t, 45, out.Count)
		for _, m := range out.Matches {
			got = append(got, m.Key)
		}
		calls, err := d.ledger.Agents().Calls(t.Context(), "reader", time.Time{}, 1)
		require.NoError(t, err)
		require.Equal(t, "allow", calls[0].Verdict)
		if out.Next == "" {
			require.Equal(t, 3, pages)
			break
		}
		args["after"] = out.Next
	}
	require.Len(t, got, 45)
	require.IsIncreasing(t, got)
}
