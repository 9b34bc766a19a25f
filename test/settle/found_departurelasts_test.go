package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// goesOnUnder has HR enter another record of somebody, which begins six days from now, and end theirs the day before. Three months later
// they work by the other one.
func (h *house) goesOnUnder(who, source string) (second string) {
	h.t.Helper()
	h.does(who, "change", control.Fields{"last_day": "today+5", "termination_date": "today+5"})
	second = h.nextRecord(who, source, "today+6")
	h.pass()
	h.clock.advance(6*24*time.Hour + 9*time.Hour)
	h.does(who, "change", control.Fields{"status": "Terminated"})
	h.days()
	h.clock.advance(90 * 24 * time.Hour)
	h.pass()
	require.True(h.t, h.oneLogin(who).CanSignIn, "works here by the second record")
	return second
}

// nextRecord gives somebody another record in HR.
func (h *house) nextRecord(who, source, day string) (key string) {
	h.t.Helper()
	p := h.oneLogin(who)
	id, err := h.sandbox.Hire(h.t.Context(), source, control.Fields{
		"first_name": p.FirstName, "last_name": p.LastName, "department": "Sales", "title": "Analyst", "location": "Berlin", "manager_id": "21001",
		"personal_email": "next@home.example", "hire_date": day,
	})
	require.NoError(h.t, err)
	require.NoError(h.t, h.app.Ledger.People().Join(h.t.Context(), source, id, who, "it@acme.example"))
	return source + "-" + id
}

// opensByHand opens what a departure has closed.
func (h *house) opensByHand(user string, account int64) {
	h.t.Helper()
	h.hand("own_password", user, "")
	h.hand("sign_in", user, "")
	h.hand("join", user, "sales@acme.example")
	_, err := h.sandbox.EditAccount(h.t.Context(), account, control.Fields{"status": 1})
	require.NoError(h.t, err)
}

// TestTheLeaveCountsFromWhatEndedLast: a contractor became an employee under another source, or under another id with the same first day, and
// left months later. The leave counted from the contract: on that day the mailbox was suspended, its licence released and the account of
// OneLogin deleted.
func TestTheLeaveCountsFromWhatEndedLast(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", suspendedThenBare, "delete_after: never", "delete_after: 60d")
	who := h.of("Sales")
	id, account := h.user(h.inGoogle(who)).ID, h.oneLogin(who).ID
	second := h.goesOnUnder(who, identity.SourceBambooHR)
	h.does(second, "change", control.Fields{"last_day": "today", "termination_date": "today"})
	h.clock.advance(12 * time.Hour)
	h.days()
	require.True(t, h.isClosed(account))
	require.False(t, h.user(id).OwnPassword)
	require.False(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
	require.True(t, h.mailbox(h.user(id).Email).AutoReply)
	h.clock.advance(30 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
}

// TestALeaveWithoutAnEndCountsFromItsLook: the record that somebody works by is gone from HR, and one that ended months ago is there. The
// leave counted from that one.
func TestALeaveWithoutAnEndCountsFromItsLook(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", suspendedThenBare)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.does(h.goesOnUnder(who, identity.SourceWorkday), "delete", nil)
	h.days()
	require.False(t, h.oneLogin(who).CanSignIn)
	require.False(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
	h.clock.advance(31 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
}

// TestADepartureLastsWhateverBecomesOfTheRecords until somebody begins: HR dropped the record that had ended while the next one was ahead,
// took the end off the record before the next first day was written, or wrote a first day that was near and then far, or no more. The
// departure was forgotten: what somebody opened by hand stayed open, and what was due later never followed.
func TestADepartureLastsWhateverBecomesOfTheRecords(t *testing.T) {
	near := func(h *house, who string) {
		h.clock.advance(10 * 24 * time.Hour)
		h.beginsAgain(who, "today+3")
		h.pass()
		h.pass()
	}
	for name, becomes := range map[string]func(h *house, who string){
		"the old one is dropped": func(h *house, who string) {
			h.nextRecord(who, identity.SourceWorkday, "today+60")
			h.days()
			h.does(who, "delete", nil)
		},
		"the end is taken off first": func(h *house, who string) {
			h.does(who, "change", control.Fields{"status": "Inactive", "last_day": "", "termination_date": "", "involuntary": false})
			h.days()
			h.beginsAgain(who, "today+60")
		},
		"the first day was near": func(h *house, who string) {
			near(h, who)
			h.beginsAgain(who, "today+60")
		},
		"the first day was near, and the record is dropped": func(h *house, who string) {
			near(h, who)
			h.does(who, "delete", nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "suspend_after: 30d, delegate_to", suspendedThenBare)
			who := h.of("Sales")
			id, account := h.user(h.inGoogle(who)).ID, h.oneLogin(who).ID
			h.leaves(who)
			h.days()
			becomes(h, who)
			h.days()
			h.opensByHand(id, account)
			h.days()
			require.False(t, h.user(id).OwnPassword)
			require.Empty(t, h.user(id).Groups)
			require.True(t, h.isClosed(account))
			h.clock.advance(31 * 24 * time.Hour)
			h.days()
			require.True(t, h.user(id).Suspended, "as for any leaver")
			h.nextRecord(who, identity.SourceWorkday, "today")
			h.days()
			require.False(t, h.isClosed(account), "whoever begins is made ready")
			require.NotEmpty(t, h.account(account).Roles)
			require.True(t, h.user(id).CanSignIn)
			require.NotEmpty(t, h.user(id).Groups)
		})
	}
}
