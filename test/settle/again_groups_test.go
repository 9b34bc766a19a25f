package settle

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMovesBackAndForthWithoutReadings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	for i := range 6 {
		to := []string{"Engineering", "Sales"}[i%2]
		h.moves(who, to)
		h.looks(who)
		h.inSales(who, to == "Sales", fmt.Sprint("move ", i))
	}
	h.days()
	h.inSales(who, true, "at last")
	h.rests("moves")
}

func TestMovesWithReadingsOfYesterday(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	for i := range 4 {
		to := []string{"Engineering", "Sales"}[i%2]
		h.moves(who, to)
		h.looks(who)
		for _, system := range []string{"google", "salesforce", "ldap"} {
			_, _ = h.sweep(system)
		}
		h.clock.advance(5 * time.Minute)
		h.looks(who)
		h.inSales(who, to == "Sales", fmt.Sprint("move ", i))
	}
	h.days()
	h.inSales(who, true, "at last")
	h.rests("moves")
}

// TestAGiftThatIsLongGone: Gatehouse gave a group, somebody took it by hand while HR moved the person, and a year later somebody gives it by hand.
func TestAGiftThatIsLongGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Marketing")
	h.moves(who, "Sales")
	h.days()
	h.inSalesOnly(who, true)
	h.hand("leave", h.inGoogle(who), "sales@acme.example")
	h.moves(who, "Finance")
	h.days()
	h.inSalesOnly(who, false)
	h.clock.advance(300 * 24 * time.Hour)
	h.days()
	for range 2 {
		h.hand("join", h.inGoogle(who), "sales@acme.example")
		h.days()
		require.Contains(t, h.user(h.inGoogle(who)).Groups, "sales@acme.example", "somebody else gave it, and nothing in HR has changed: others are left")
	}
}

// TestARuleGoneAndBack: a rule that gives a group is edited out and in, twice; by hand it is taken and given meanwhile.
func TestARuleGoneAndBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Marketing")
	mail := h.inGoogle(who)
	h.hand("leave", mail, "wifi@acme.example")
	h.days()
	for i := range 3 {
		h.repolicy(marketing, marketingGives)
		h.pass()
		h.pass()
		require.Contains(t, h.user(mail).Groups, "wifi@acme.example", "given, time %d", i)
		require.Contains(t, h.membersOf("Finance"), h.inDirectory(who), "given, time %d", i)
		h.hand("leave", mail, "wifi@acme.example")
		h.days()
		require.Contains(t, h.user(mail).Groups, "wifi@acme.example", "given again after a hand, time %d", i)
		h.repolicy(marketingGives, marketing)
		h.pass()
		h.pass()
		require.NotContains(t, h.user(mail).Groups, "wifi@acme.example", "taken, time %d", i)
		require.NotContains(t, h.membersOf("Finance"), h.inDirectory(who), "taken, time %d", i)
	}
	h.rests("rules")
}

func TestObservedAndEnforcedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	for i := range 2 {
		h.modes("enforce", "observe")
		h.moves(who, "Engineering")
		h.titled(who, "Engineer")
		h.days()
		h.moves(who, "Finance")
		h.titled(who, "Analyst")
		h.days()
		h.modes("observe", "enforce")
		h.days()
		u := h.user(h.inGoogle(who))
		require.NotContains(t, u.Groups, "sales@acme.example", "time %d", i)
		require.NotContains(t, u.Groups, "engineering@acme.example", "time %d", i)
		require.NotContains(t, h.membersOf("Sales"), h.inDirectory(who), "time %d", i)
		require.NotContains(t, h.crmUser(h.inSalesforce(who)).Sets, opportunities, "time %d", i)
		h.everywhere(who, "title", "Analyst", "enforced again")
		h.moves(who, "Sales")
		h.days()
		h.inSales(who, true, fmt.Sprint("back, time ", i))
	}
	h.rests("modes")
}

func TestACutOffMove(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	for cut := 1; cut < 25; cut++ {
		h.moves(who, "Engineering")
		require.NoError(t, h.look(who, cut))
		h.moves(who, "Sales")
		require.NoError(t, h.look(who, cut))
		if cut%2 == 0 {
			h.moves(who, "Engineering")
			h.pass()
			h.pass()
			h.inSales(who, false, fmt.Sprint("cut ", cut))
			h.moves(who, "Sales")
		}
		h.pass()
		h.pass()
		h.inSales(who, true, fmt.Sprint("cut ", cut))
	}
	h.rests("cut")
}

// TestPlacesChangeAgainAndAgain: two people, each the last member of a group of the directory.
func TestPlacesChangeAgainAndAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, other := h.lastMembers()
	for i := range 4 {
		a, b := "Engineering", "Sales"
		if i%2 == 1 {
			a, b = b, a
		}
		h.moves(one, a)
		h.moves(other, b)
		h.days()
		require.Equal(t, []string{h.inDirectory(one)}, h.membersOf(a), "swap %d", i)
		require.Equal(t, []string{h.inDirectory(other)}, h.membersOf(b), "swap %d", i)
	}
	h.rests("swaps")
}

func TestTheDirectoryGivesTakesGives(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Marketing")
	server, err := h.sandbox.LDAP(t.Context())
	require.NoError(t, err)
	others := h.membersOf("Finance")
	dn := h.inDirectory(who)
	if len(others) == 0 {
		others = []string{h.inDirectory(h.of("Sales"))}
	}
	for i := range 3 {
		require.NoError(t, h.sandbox.LDAPHand(t.Context(), "cn=Finance,"+server.Groups, "member", append(slices.Clone(others), dn)...))
		h.days()
		require.Contains(t, h.oneLogin(who).Roles, "NetSuite", "time %d", i)
		require.NoError(t, h.sandbox.LDAPHand(t.Context(), "cn=Finance,"+server.Groups, "member", others...))
		h.days()
		require.NotContains(t, h.oneLogin(who).Roles, "NetSuite", "time %d", i)
	}
	h.rests("directory")
}

// TestTombstonesOverlap: out by hand, read, in by hand, read, out, all within keep_absent.
func TestTombstonesOverlap(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	mail := h.inGoogle(who)
	for i := range 3 {
		for range 4 {
			h.hand("leave", mail, "sales@acme.example")
			h.clock.advance(3 * time.Minute)
			_, _ = h.sweep("google")
			h.looks(who)
			h.hand("join", mail, "sales@acme.example")
			h.clock.advance(3 * time.Minute)
			_, _ = h.sweep("google")
			h.hand("leave", mail, "sales@acme.example")
			h.clock.advance(3 * time.Minute)
			_, _ = h.sweep("google")
			h.looks(who)
		}
		if i == 1 {
			h.hand("join", mail, "sales@acme.example") // Nobody has read that, and the last reading was without it.
			h.moves(who, "Engineering")
			h.looks(who)
			h.days()
			h.inSales(who, false, "moved while it was away")
			h.moves(who, "Sales")
		}
		h.days()
		h.inSales(who, true, fmt.Sprint("time ", i))
	}
	h.rests("tombstones")
}

// TestUnits: a rule's place changes, by HR and by hand.
func TestUnits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.google("POST", "customer/my_customer/orgunits", `{"name":"Deals","parentOrgUnitPath":"/"}`, "admin.directory.orgunit")
	h.google("POST", "customer/my_customer/orgunits", `{"name":"Builders","parentOrgUnitPath":"/"}`, "admin.directory.orgunit")
	h.pass()
	h.repolicy(salesAccounts, "      accounts: {google: {org_unit: /Deals}, salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n",
		"      roles: [Engineering, GitHub, AWS Read Only, Jira]\n", "      roles: [Engineering, GitHub, AWS Read Only, Jira]\n      accounts: {google: {org_unit: /Builders}}\n")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	for i := range 4 {
		to, unit := "Sales", "/Deals"
		if i%2 == 1 {
			to, unit = "Engineering", "/Builders"
		}
		h.moves(who, to)
		h.days()
		require.Equal(t, unit, h.user(id).Unit, "time %d", i)
		h.google("PATCH", "users/"+id, `{"orgUnitPath":"/"}`, "admin.directory.user")
		h.days()
		require.Equal(t, unit, h.user(id).Unit, "put back, time %d", i)
		h.leaves(who)
		h.days()
		h.withdrawn(who)
		h.days()
		require.Equal(t, unit, h.user(id).Unit, "back, time %d", i)
	}
	h.rests("units")
}

// TestAGiftGoneWithItsRule: the rule went, and somebody had taken the group by hand. What is given by hand later is a person's gift.
func TestAGiftGoneWithItsRule(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Marketing")
	mail := h.inGoogle(who)
	h.hand("leave", mail, "wifi@acme.example")
	h.days()
	h.repolicy(marketing, marketingGives)
	h.days()
	require.Contains(t, h.user(mail).Groups, "wifi@acme.example")
	h.hand("leave", mail, "wifi@acme.example")
	h.repolicy(marketingGives, marketing)
	h.days()
	require.NotContains(t, h.user(mail).Groups, "wifi@acme.example")
	h.clock.advance(200 * 24 * time.Hour)
	h.days()
	h.hand("join", mail, "wifi@acme.example")
	h.days()
	require.Contains(t, h.user(mail).Groups, "wifi@acme.example", "a person gave it half a year after Gatehouse's gift was gone, and Gatehouse takes it")
}

// TestOldAccessStaysAWhile: there and back within it, and again.
func TestOldAccessStaysAWhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "keep_old_access: 0s", "keep_old_access: 7d")
	who := h.of("Sales")
	h.company()
	for i := range 2 {
		h.moves(who, "Engineering")
		h.days()
		h.clock.advance(2 * 24 * time.Hour)
		h.moves(who, "Sales")
		h.days()
		h.moves(who, "Engineering")
		h.days()
		h.clock.advance(5 * 24 * time.Hour)
		h.days()
		h.clock.advance(5 * 24 * time.Hour)
		h.days()
		h.inSales(who, false, fmt.Sprint("time ", i))
		h.moves(who, "Sales")
		h.days()
		h.clock.advance(8 * 24 * time.Hour)
		h.days()
		h.inSales(who, true, fmt.Sprint("time ", i))
	}
	h.rests("old access")
}
