package settle

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/budgeting"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/sandbox/control"
)

// TestARecordThatIsReplaced: somebody had worked by a second record for long, the first one's end was months ago, and HR replaced the second
// by one that begins in two days. They were locked out, and their files given away.
func TestARecordThatIsReplaced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	second := h.goesOnUnder(who, identity.SourceBambooHR)
	id := h.user(h.inGoogle(who)).ID
	h.hand("own_password", id, "")
	h.nextRecord(who, identity.SourceWorkday, "today+2")
	h.pass()
	h.does(second, "delete", nil)
	h.days()
	require.True(t, h.oneLogin(who).CanSignIn)
	require.True(t, h.user(id).OwnPassword)
	require.False(t, h.mailbox(h.user(id).Email).AutoReply)
	require.Zero(t, h.transfersOf(id))
}

// TestWhoeverIsPreparedAtTheUpgrade: of whoever was about to begin again when a version came that keeps since when somebody is out, nothing was
// kept. Their prepared account was closed until the first day.
func TestWhoeverIsPreparedAtTheUpgrade(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "delete_after: never", "delete_after: 30d")
	who := h.of("Sales")
	h.leaves(who)
	h.days()
	h.clock.advance(60 * 24 * time.Hour)
	h.days()
	h.days() // Their account is deleted, and a new one is made ahead of the first day.
	id, err := h.sandbox.Hire(t.Context(), identity.SourceWorkday, control.Fields{
		"first_name": "Esther", "last_name": "Hoffman-Reyes", "department": "Sales", "title": "Analyst", "location": "Berlin", "manager_id": "21001",
		"personal_email": "next@home.example", "hire_date": "today+4",
	})
	require.NoError(t, err)
	require.NoError(t, h.app.Ledger.People().Join(t.Context(), identity.SourceWorkday, id, who, "it@acme.example"))
	h.pass()
	h.pass()
	require.NoError(t, h.app.Ledger.People().NoteOut(t.Context(), who, time.Time{})) // As migration 00065 has it.
	was := h.oneLogin(who)
	for range 2 {
		h.pass()
	}
	require.Equal(t, was, h.oneLogin(who))
	after, _, err := h.app.Ledger.Dossier(t.Context(), who)
	require.NoError(t, err)
	require.True(t, after.Person.Employed, "they are being prepared")
}

// TestALateStatusOfARehire: HR said "inactive" of somebody on their first day and the next. IT let them in by hand, and they were locked out
// again: their departure of months before went on.
func TestALateStatusOfARehire(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.days()
	h.clock.advance(60 * 24 * time.Hour)
	h.days()
	h.does(who, "change", control.Fields{"status": "Inactive", "hire_date": "today+3", "termination_date": "", "last_day": "", "involuntary": false})
	h.pass()
	h.clock.advance(3 * 24 * time.Hour)
	h.pass()
	h.hand("restore", id, "")
	h.opensByHand(id, h.oneLogin(who).ID)
	h.pass()
	h.clock.advance(24 * time.Hour)
	h.pass()
	require.True(t, h.user(id).OwnPassword, "HR's status is late, and they work here")
}

// TestWhatWaitsForRoomWhileNothingCanBeDone: a departure waited for room in Google's budget when the account was deleted and restored, or
// carried somebody else's traces for some hours. It was forgotten once HR wrote the next first day, and nobody was asked.
func TestWhatWaitsForRoomWhileNothingCanBeDone(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(h *house, who, id string){
		"deleted": func(h *house, _, id string) {
			h.hand("delete", id, "")
			h.pass()
			h.pass()
			h.google("POST", "users/"+id+"/undelete", `{"orgUnitPath":"/"}`, "admin.directory.user")
		},
		"disputed": func(h *house, who, id string) {
			h.carries(id, h.disputes(who, h.of("Engineering")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "    keep_absent: 10m\n    leaver: {sign_in: lock", strings.Replace(oneAtATime, "10m", "240h", 1), "window: 24h", "window: 7d")
			who := h.of("Sales")
			id := h.leavesWithoutRoom(who)
			meanwhile(h, who, id)
			h.clock.advance(3 * 24 * time.Hour)
			h.beginsAgain(who, "today+5")
			for range 3 {
				h.pass()
			}
			h.allows(who)
			h.pass()
			h.pass()
			require.False(t, h.user(id).OwnPassword)
		})
	}
}

// TestADepartureThatWaitsAtOneLogin was forgotten, in every system, once HR wrote a next first day that was near.
func TestADepartureThatWaitsAtOneLogin(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "  contain: {count: 9000, percent: 0}", "  contain: {count: 1, percent: 0}", "window: 24h", "window: 7d")
	all := h.ofWorkday()
	who, first := h.of("Sales"), all[1]
	if first == who {
		first = all[2]
	}
	id := h.user(h.inGoogle(who)).ID
	h.leaves(first)
	h.looks(first)
	h.leaves(who)
	h.pass()
	require.True(t, h.oneLogin(who).CanSignIn, "there is no room")
	h.clock.advance(4 * 24 * time.Hour)
	h.beginsAgain(who, "today+5")
	h.looksHourly(2, who)
	require.True(t, h.oneLogin(who).CanSignIn, "there is no room yet")
	d, _, err := h.app.Ledger.Dossier(t.Context(), who)
	require.NoError(t, err)
	_, err = h.app.Ledger.Budgets().Reserve(t.Context(), budgets.Reservation{ // Somebody allows it.
		Budget: budgeting.OfSource(budgeting.Contain, identity.SourceWorkday), Override: true, By: "it@acme.example",
		Keys: []string{budgeting.Key(budgeting.Contain, who, d.Person.Episode, "")},
	})
	require.NoError(t, err)
	h.pass()
	h.pass()
	require.False(t, h.oneLogin(who).CanSignIn, "they have left, and begin in some days")
	require.False(t, h.user(id).OwnPassword)
	h.clock.advance(5 * 24 * time.Hour)
	h.days()
	require.Contains(t, h.user(id).Groups, "sales@acme.example", "they are back")
}

// TestAGroupThatIsGone kept its address from people for as long as it is remembered.
func TestAGroupThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, followsAddresses, "mover: {keep_old_access: 0s}", "mover: {keep_old_access: 0s, rename: rename}",
		"    keep_absent: 10m\n    leaver: {sign_in: lock", "    keep_absent: 48h\n    leaver: {sign_in: lock")
	who := h.of("Sales")
	h.makesAnew("kiki@acme.example")
	h.days()
	h.google("DELETE", "groups/kiki@acme.example", "", "admin.directory.group")
	h.days()
	h.does(who, "change", control.Fields{"work_email": "kiki@acme.example"})
	h.days()
	require.Equal(t, "kiki@acme.example", h.oneLogin(who).Email, "nobody has it")
}
