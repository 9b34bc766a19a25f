package settle

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

func TestHiredAgainThreeTimes(t *testing.T) {
	t.Parallel()
	departures(t, (*house).rehired, 10*24*time.Hour, false)
}

func TestHiredAgainAfterTheSuspension(t *testing.T) {
	t.Parallel()
	departures(t, (*house).rehired, 40*24*time.Hour, false)
}

func TestWithdrawnThreeTimes(t *testing.T) {
	t.Parallel()
	departures(t, (*house).withdrawn, time.Hour, true)
}

// TestSuspendAfterIsNotForWhoeverIsBack, and is for whoever leaves again, by the second date.
func TestSuspendAfterIsNotForWhoeverIsBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.days()
	h.clock.advance(29 * 24 * time.Hour)
	h.rehired(who)
	h.pass()
	h.clock.advance(5 * 24 * time.Hour)
	h.days()
	require.False(t, h.user(id).Suspended, "who is back is not suspended")
	h.leaves(who)
	h.days()
	h.clock.advance(20 * 24 * time.Hour)
	h.days()
	require.False(t, h.user(id).Suspended, "not before the second thirty days")
	h.clock.advance(12 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
}

// TestALeaverBackWhileSystemsWereDown: down during the departure, up for the return, down for the second departure.
func TestALeaverBackWhileSystemsWereDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	for i := range 2 {
		h.livesIn(id)
		h.pass()
		h.down("google", "salesforce")
		h.leaves(who)
		h.looks(who)
		h.honest()
		h.withdrawn(who)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("return ", i))
		h.rests(fmt.Sprint("return ", i))
		h.leaves(who)
		h.days()
		h.isShut(who, id, crm, dn, fmt.Sprint("departure ", i))
		h.withdrawn(who)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("return again ", i))
	}
}

// TestManagersOfEachOtherLeave on the same day: nothing can be handed over, and somebody is told.
func TestManagersOfEachOtherLeave(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	workday := h.ofWorkday()
	a, b := workday[len(workday)-1], workday[len(workday)-2]
	h.does(a, "change", control.Fields{"manager_id": strings.TrimPrefix(b, "workday-")})
	h.does(b, "change", control.Fields{"manager_id": strings.TrimPrefix(a, "workday-")})
	h.days()
	h.leaves(a)
	h.leaves(b)
	h.days()
	for _, who := range []string{a, b} {
		mail := h.inGoogle(who)
		require.False(t, h.user(mail).OwnPassword)
		for _, d := range h.mailbox(mail).Delegates {
			if slices.Contains([]string{h.inGoogle(a), h.inGoogle(b)}, d) {
				require.NotEmpty(t, h.itemOf("system_heirs_left"), "a leaver reads a leaver's mail")
			}
		}
	}
	require.True(t, h.told("no manager who stays"), "nobody is told")
}

// TestTheHeirChanges between departures.
func TestTheHeirChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	workday := h.ofWorkday()
	who := workday[len(workday)-1]
	mail := h.inGoogle(who)
	for i := range 4 {
		boss := workday[i%2]
		h.does(who, "change", control.Fields{"manager_id": strings.TrimPrefix(boss, "workday-")})
		h.days()
		h.leaves(who)
		h.days()
		require.Equal(t, []string{h.inGoogle(boss)}, h.mailbox(mail).Delegates, "departure %d", i)
		h.withdrawn(who)
		h.days()
		require.Empty(t, h.mailbox(mail).Delegates, "return %d", i)
		require.False(t, h.mailbox(mail).AutoReply, "return %d", i)
	}
}

// TestAHandOpensALeaverAgain, each system twice.
func TestAHandOpensALeaverAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	h.leaves(who)
	h.days()
	for i := range 3 {
		h.hand("join", id, "sales@acme.example")
		h.hand("join", id, "wifi@acme.example")
		h.hand("own_password", id, "")
		h.hand("sign_in", id, "")
		require.NoError(t, h.sandbox.LDAPHand(t.Context(), dn, "pwdAccountLockedTime"))
		server, err := h.sandbox.LDAP(t.Context())
		require.NoError(t, err)
		require.NoError(t, h.sandbox.LDAPHand(t.Context(), "cn=Sales,"+server.Groups, "member", append(slices.Clone(h.membersOf("Sales")), dn)...))
		_, err = h.sandbox.CRMHand(t.Context(), control.Fields{"action": "edit", "id": crm, "fields": map[string]any{"IsActive": true}})
		require.NoError(t, err)
		h.days()
		h.isShut(who, id, crm, dn, fmt.Sprint("time ", i))
	}
	h.clock.advance(31 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
	for i := range 2 {
		h.hand("restore", id, "")
		h.hand("own_password", id, "")
		h.hand("join", id, "sales@acme.example")
		h.days()
		require.True(t, h.user(id).Suspended, "time %d", i)
		require.Empty(t, h.user(id).Groups, "time %d", i)
	}
	h.rests("hands")
}

// TestAnswersOfDeparturesAreLost, each twice in a row.
func TestAnswersOfDeparturesAreLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	lost := func() {
		for system, path := range map[string]string{"google": "/admin/**", "salesforce": "/services/data/**", "onelogin": "/api/2/**"} {
			for _, method := range []string{"POST", "PATCH", "PUT", "DELETE"} {
				require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: system, Method: method, Path: path, When: "after", Style: "drop", Times: 2}))
			}
		}
		require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 52, After: true, Times: 2}))
	}
	for i := range 3 {
		h.livesIn(id)
		h.pass()
		lost()
		h.leaves(who)
		h.days()
		h.isShut(who, id, crm, dn, fmt.Sprint("departure ", i))
		lost()
		h.withdrawn(who)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("return ", i))
	}
	h.honest()
	h.rests("lost")
}

// TestTheHeirIsRenamed while somebody is gone.
func TestTheHeirIsRenamed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, alwaysTitle+"  first_name: {when: always}\n  last_name: {when: always}\n  email: {when: always}\n")
	workday := h.ofWorkday()
	who, boss := workday[len(workday)-1], workday[1]
	id, heir := h.user(h.inGoogle(who)).ID, h.user(h.inGoogle(boss)).ID
	h.does(who, "change", control.Fields{"manager_id": strings.TrimPrefix(boss, "workday-")})
	h.days()
	for i, last := range []string{"Novak", "Sommer", "Novak"} {
		h.leaves(who)
		h.days()
		require.Equal(t, []string{h.user(heir).Email}, h.mailbox(h.user(id).Email).Delegates, "departure %d", i)
		h.does(boss, "change", control.Fields{"first_name": "Kim", "last_name": last, "work_email": "kim." + strings.ToLower(last) + "@acme.example"})
		h.days()
		require.Equal(t, "kim."+strings.ToLower(last)+"@acme.example", h.user(heir).Email)
		h.withdrawn(who)
		h.days()
		require.Empty(t, h.mailbox(h.user(id).Email).Delegates, "return %d: told %v", i, h.notesOf("delegat"))
		require.False(t, h.mailbox(h.user(id).Email).AutoReply, "return %d", i)
	}
}

// TestWhatGatehouseGaveBeforeAWithdrawnDeparture goes with its rule, also if the departure had left it.
func TestWhatGatehouseGaveBeforeAWithdrawnDeparture(t *testing.T) {
	t.Parallel()
	const with = marketing + "      groups: {google: [wifi@acme.example]}\n"
	for name, left := range map[string]func(h *house, who string){
		"never": func(*house, string) {},
		"kept": func(h *house, who string) {
			h.leaves(who)
			h.days()
			require.Equal(h.t, []string{"wifi@acme.example"}, h.user(h.inGoogle(who)).Groups)
		},
		"down": func(h *house, who string) {
			h.down("google")
			h.leaves(who)
			h.looks(who)
			h.honest()
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "leaver: {sign_in: lock,", "leaver: {sign_in: lock, keep_groups: [wifi@acme.example],")
			who := h.of("Marketing")
			mail := h.inGoogle(who)
			h.hand("leave", mail, "wifi@acme.example")
			h.days()
			h.repolicy(marketing, with)
			h.days()
			require.Contains(t, h.user(mail).Groups, "wifi@acme.example")
			left(h, who)
			h.withdrawn(who)
			h.days()
			require.Contains(t, h.user(mail).Groups, "wifi@acme.example")
			h.repolicy(with, marketing)
			h.days()
			require.NotContains(t, h.user(mail).Groups, "wifi@acme.example", "Gatehouse gave it, and no rule gives it any more")
		})
	}
}

// TestBackInAnotherDepartment: what the departure left does not outlive the position that it was for.
func TestBackInAnotherDepartment(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(*house, string){"hired again": (*house).rehired, "withdrawn": (*house).withdrawn} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "leaver: {sign_in: lock,", "leaver: {sign_in: lock, keep_groups: [sales@acme.example, engineering@acme.example],")
			who := h.of("Sales")
			h.company()
			for i := range 2 {
				h.leaves(who)
				h.days()
				h.moves(who, "Engineering")
				back(h, who)
				h.days()
				h.inSales(who, false, fmt.Sprint("time ", i))
				h.leaves(who)
				h.days()
				back(h, who)
				h.moves(who, "Sales")
				h.days()
				h.inSales(who, true, fmt.Sprint("time ", i))
			}
			h.rests("departments")
		})
	}
}

// TestObservedDepartures: a departure or a return that is observed at first is carried out once it is enforced.
func TestObservedDepartures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.accountsOf(who)
	for i := range 2 {
		h.livesIn(id)
		h.pass()
		h.modes("enforce", "observe")
		h.leaves(who)
		h.days()
		require.True(t, h.user(id).OwnPassword)
		h.modes("observe", "enforce")
		h.days()
		h.isShut(who, id, crm, dn, fmt.Sprint("enforced ", i))
		h.modes("enforce", "observe")
		h.withdrawn(who)
		h.days()
		require.False(t, h.crmUser(crm).CanSignIn)
		h.modes("observe", "enforce")
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("enforced ", i))
		require.Empty(t, h.mailbox(h.user(id).Email).Delegates)
	}
	h.rests("modes")
}
