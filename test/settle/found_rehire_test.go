package settle

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestWhoBeginsAgainLaterIsOutUntilThen: every system is down when somebody leaves. HR then writes into the same record that they begin
// again some days later, and the end is not on it any more. What the departure owed was forgotten, and every account stayed open.
func TestWhoBeginsAgainLaterIsOutUntilThen(t *testing.T) {
	for _, days := range []int{20, 2} {
		t.Run(strconv.Itoa(days)+" days", func(t *testing.T) {
			h := newHouse(t)
			h.company()
			who := h.of("Sales")
			id, crm, dn := h.accountsOf(who)
			h.livesIn(id)
			h.pass()
			h.down("google", "salesforce")
			for _, op := range []string{"modify", "password"} {
				require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: op, Code: 52, Times: 100000}))
			}
			h.leaves(who)
			h.looksHourly(2, who)
			require.False(t, h.oneLogin(who).CanSignIn)
			require.True(t, h.user(id).OwnPassword)
			h.beginsAgain(who, "today+"+strconv.Itoa(days))
			h.looksHourly(2, who)
			h.honest()
			h.pass()
			h.pass()
			entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
			require.NoError(t, err)
			require.False(t, h.oneLogin(who).CanSignIn, "not before the first day")
			require.False(t, h.user(id).OwnPassword, "Google: out until the first day")
			require.False(t, h.crmUser(crm).CanSignIn, "Salesforce")
			require.NotEmpty(t, entry["pwdaccountlockedtime"], "LDAP")
			h.clock.advance(time.Duration(days) * 24 * time.Hour)
			h.days()
			h.isOpen(who, id, crm, dn, "on the first day")
		})
	}
}

// TestWhoBeginsAgainLaterIsAskedAboutUntilThen: Google refuses everything about a leaver. That they begin again later took the question
// off the list.
func TestWhoBeginsAgainLaterIsAskedAboutUntilThen(t *testing.T) {
	for _, days := range []int{20, 2} {
		t.Run(strconv.Itoa(days)+" days", func(t *testing.T) {
			h := newHouse(t)
			who := h.of("Sales")
			id := h.user(h.inGoogle(who)).ID
			h.pass()
			for _, method := range []string{"PUT", "PATCH"} {
				h.refuses(method, "/admin/directory/v1/users/"+id)
			}
			h.refuses("POST", "/admin/directory/v1/users/"+id+"/**")
			h.leaves(who)
			h.days()
			require.True(t, h.user(id).OwnPassword)
			require.NotEmpty(t, h.itemOf("system_debt"), "somebody is asked")
			h.beginsAgain(who, "today+"+strconv.Itoa(days))
			h.pass()
			h.pass()
			require.False(t, h.oneLogin(who).CanSignIn)
			require.True(t, h.user(id).OwnPassword)
			require.NotEmpty(t, h.itemOf("system_debt"), "somebody is still asked")
		})
	}
}

// TestAMailboxAnswersUntilTheFirstDay: nobody reads it before, and the departure goes on.
func TestAMailboxAnswersUntilTheFirstDay(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	h.leaves(who)
	h.days()
	require.True(t, h.mailbox(mail).AutoReply)
	passwords := h.user(mail).Passwords
	h.beginsAgain(who, "today+60")
	h.pass()
	h.pass()
	require.Equal(t, passwords, h.user(mail).Passwords, "the departure is not carried out again by each look")
	require.Equal(t, 1, h.transfersOf(h.user(mail).ID))
	answers := func(when string) {
		box := h.mailbox(mail)
		require.True(t, box.AutoReply, when)
		require.NotEmpty(t, box.Delegates, when)
	}
	answers("at once")
	h.clock.advance(35 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(mail).Suspended, "as for any leaver")
	h.clock.advance(23 * 24 * time.Hour)
	h.pass()
	h.pass()
	answers("two days before it")
	h.clock.advance(2 * 24 * time.Hour)
	h.days()
	box := h.mailbox(mail)
	require.False(t, box.AutoReply)
	require.Empty(t, box.Delegates)
}

// TestAnAccountThatWasLockedIsNotLeftAmongLeavers without a word.
func TestAnAccountThatWasLockedIsNotLeftAmongLeavers(t *testing.T) {
	h := newHouse(t)
	h.google("POST", "customer/my_customer/orgunits", `{"name":"Leavers","parentOrgUnitPath":"/"}`, "admin.directory.orgunit")
	h.pass()
	h.repolicy("leaver: {sign_in: lock,", "leaver: {sign_in: lock, move_to: /Leavers,")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.days()
	require.Equal(t, "/Leavers", h.user(id).Unit)
	h.clock.advance(10 * 24 * time.Hour)
	h.rehired(who)
	h.days()
	require.True(t, h.user(id).CanSignIn)
	require.Equal(t, "/Leavers", h.user(id).Unit)
	require.True(t, h.told("where leavers' are"))
}

// TestFilesThatAreOnTheirWayAtAReturnAreNamed: Google goes on handing them over.
func TestFilesThatAreOnTheirWayAtAReturnAreNamed(t *testing.T) {
	h := newHouse(t)
	require.NoError(t, h.sandbox.Directory(t.Context(), control.DirectorySettings{ListLagMS: 1, CreationLagMS: 1, TransferMS: int(72 * time.Hour / time.Millisecond)}))
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.pass()
	h.pass()
	require.Equal(t, 1, h.transfersOf(id))
	h.withdrawn(who)
	h.days()
	require.True(t, h.user(id).CanSignIn)
	require.True(t, h.told("files and calendars"))
}

// TestWhatIsNotUndoneIsSaidHoweverLateTheReturn: within undo_within of the first day, and not of the departure alone.
func TestWhatIsNotUndoneIsSaidHoweverLateTheReturn(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.leaves(who)
	h.days()
	h.clock.advance(60 * 24 * time.Hour)
	h.days()
	h.rehired(who)
	h.days()
	require.True(t, h.user(h.inGoogle(who)).CanSignIn)
	require.True(t, h.told("stays as it is"))
}

// beginsAgain has HR write another first day into the record of somebody who has left, in place of the end.
func (h *house) beginsAgain(who, day string) {
	h.t.Helper()
	h.does(who, "change", control.Fields{"status": "", "hire_date": day, "termination_date": "", "last_day": "", "involuntary": false})
}

// looksHourly has the clock go on and somebody be looked at, whatever systems answer.
func (h *house) looksHourly(times int, who string) {
	h.t.Helper()
	for range times {
		h.clock.advance(time.Hour)
		h.looks(who)
	}
}
