package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// hiredAgain has HR hire somebody anew who had left.
func (h *house) hiredAgain(key string) {
	h.does(key, "change", control.Fields{"status": "Active", "hire_date": "today", "termination_date": "", "last_day": "", "involuntary": false})
}

// transfersOf counts the hand-overs of a user's files.
func (h *house) transfersOf(id string) (n int) {
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	for _, t := range d.Transfers {
		if t.From == id {
			n++
		}
	}
	return n
}

// containedAndReleased has an order end somebody's access, which hands their files over, and be released again.
func (h *house) containedAndReleased(key string) (id string) {
	id = h.user(h.inGoogle(key)).ID
	orders := h.app.Ledger.Orders()
	require.NoError(h.t, orders.Put(h.t.Context(), identity.Order{ID: "c1", Key: key, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	h.pass()
	h.pass()
	require.Equal(h.t, 1, h.transfersOf(id))
	_, err := orders.Release(h.t.Context(), "c1", "it@acme.example", "over")
	require.NoError(h.t, err)
	h.days()
	require.False(h.t, h.user(id).Suspended)
	return id
}

// TestASecondDepartureHandsFilesOver: whoever is hired again makes new files, and leaves again.
func TestASecondDepartureHandsFilesOver(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.days()
	require.Equal(t, 1, h.transfersOf(id), "one departure makes one transfer however often it is looked at")
	h.clock.advance(10 * 24 * time.Hour)
	h.hiredAgain(who)
	h.days()
	h.clock.advance(100 * 24 * time.Hour)
	h.pass()
	h.leaves(who)
	h.days()
	require.False(t, h.oneLogin(who).CanSignIn)
	require.Empty(t, h.user(id).Groups)
	require.Equal(t, 2, h.transfersOf(id), "files made since the first departure are handed over")
}

// TestADepartureAfterAnOrderHandsFilesOver: an order had handed files over of somebody who came back, and who leaves for good a year later.
func TestADepartureAfterAnOrderHandsFilesOver(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.containedAndReleased(who)
	h.clock.advance(300 * 24 * time.Hour)
	h.pass()
	h.pass()
	h.leaves(who)
	h.days()
	require.False(t, h.oneLogin(who).CanSignIn)
	require.Empty(t, h.user(id).Groups)
	require.Equal(t, 2, h.transfersOf(id), "files made since the order ended are handed over")
}

// TestALicenceIsReleasedAfterTheFilesAreHandedOver, those that were made since an order had handed over what there was.
func TestALicenceIsReleasedAfterTheFilesAreHandedOver(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	who := h.of("Sales")
	id := h.containedAndReleased(who)
	h.clock.advance(365 * 24 * time.Hour)
	h.pass()
	h.leaves(who)
	h.pass()
	require.Equal(t, 2, h.transfersOf(id))
	require.NotEmpty(t, h.user(id).Licences)
	for range 2 {
		h.clock.advance(31 * 24 * time.Hour)
		h.days()
	}
	require.Empty(t, h.user(id).Licences)
	require.True(t, h.user(id).Suspended)
	require.Equal(t, 2, h.transfersOf(id), "one departure makes one transfer")
}
