package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestADepartureGoesOnWhenHRIsUnclear: what systems that were down at a departure owed was struck once HR's record was gone, or said
// that the person works there and that they have left, and their accounts stayed open.
func TestADepartureGoesOnWhenHRIsUnclear(t *testing.T) {
	for name, spoil := range map[string]func(h *house, who string){
		"the record is gone":            func(h *house, who string) { h.does(who, "delete", nil) },
		"the record contradicts itself": func(h *house, who string) { h.does(who, "change", control.Fields{"status": "Active"}) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.company()
			who := h.of("Sales")
			id, crm, _ := h.accountsOf(who)
			h.livesIn(id)
			h.pass()
			h.down("google", "salesforce")
			h.leaves(who)
			h.looksHourly(2, who)
			h.clock.advance(3 * 24 * time.Hour)
			h.looks(who)
			require.False(t, h.oneLogin(who).CanSignIn)
			require.NotEmpty(t, h.itemOf("system_debt"))
			spoil(h, who)
			h.looksHourly(2, who)
			require.NotEmpty(t, h.itemOf("system_debt"), "what is owed is not forgotten")
			h.honest()
			h.days()
			require.False(t, h.user(id).OwnPassword)
			require.Empty(t, h.user(id).Groups)
			require.False(t, h.crmUser(crm).CanSignIn)
			require.Empty(t, h.itemOf("system_debt"))
		})
	}
}

// TestWhoHasLeftStaysOutWithoutARecord: nobody closed again what somebody opened by hand, and nothing that was due later was done, once
// HR's report had the leaver no more.
func TestWhoHasLeftStaysOutWithoutARecord(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 45d, delegate_to")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.leaves(who)
	h.days()
	require.False(t, h.user(id).OwnPassword)
	account := h.oneLogin(who)
	h.does(who, "delete", nil)
	h.days()
	h.hand("join", id, "sales@acme.example")
	h.hand("own_password", id, "")
	h.hand("sign_in", id, "")
	_, err := h.sandbox.EditAccount(t.Context(), account.ID, control.Fields{"status": 1})
	require.NoError(t, err)
	h.days()
	require.False(t, h.user(id).OwnPassword)
	require.Empty(t, h.user(id).Groups)
	require.False(t, h.oneLogin(who).CanSignIn)
	require.False(t, h.user(id).Suspended)
	require.NotEmpty(t, h.user(id).Licences)
	h.clock.advance(31 * 24 * time.Hour)
	h.days()
	require.True(t, h.user(id).Suspended)
	h.clock.advance(15 * 24 * time.Hour)
	h.days()
	require.Empty(t, h.user(id).Licences)
}
