package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestAMoverWhoseUnitIsRenamedLosesOldGroups: the unit that a rule names has another name by now. The old access stayed until somebody saw
// to that.
func TestAMoverWhoseUnitIsRenamedLosesOldGroups(t *testing.T) {
	h, who := joined(t)
	h.repolicy("      group: Finance\n      roles: [Finance, NetSuite]\n",
		"      group: Finance\n      roles: [Finance, NetSuite]\n      accounts: {google: {org_unit: /Finance}}\n")
	h.days()
	h.google("PATCH", "customer/my_customer/orgunits/Finance", `{"name":"Money"}`, "admin.directory.orgunit")
	h.pass()
	h.moves(who, "Finance")
	h.days()
	h.isOutOfSales(who)
}

// TestAMoverWhoseProfileIsRefusedLosesOldGroups: Google lets nobody but a super administrator change another administrator, whose groups it
// lets change. The old access stayed for good, and IT did not read what was refused.
func TestAMoverWhoseProfileIsRefusedLosesOldGroups(t *testing.T) {
	for name, title := range map[string]bool{"title changed": true, "department only": false} {
		t.Run(name, func(t *testing.T) {
			h, who := joined(t)
			id := h.user(h.inGoogle(who)).ID
			for _, method := range []string{"PUT", "PATCH"} {
				h.refuses(method, "/admin/directory/v1/users/"+id)
			}
			h.moves(who, "Finance")
			if title {
				h.titled(who, "Controller")
			}
			h.days()
			h.isOutOfSales(who)
			require.True(t, h.told("Unauthorized: refused: department"), "whoever looks after it reads what was refused")
		})
	}
}

// TestAMailboxOfWhoeverIsBackWaitsForNothing: the unit that a rule names has another name by now. The manager went on reading the mail of
// somebody who was back.
func TestAMailboxOfWhoeverIsBackWaitsForNothing(t *testing.T) {
	const with = marketing + "      accounts: {google: {org_unit: /Marketing}}\n"
	h := newHouse(t)
	h.repolicy(marketing, with)
	who := h.of("Marketing")
	h.days()
	mail := h.inGoogle(who)
	require.Equal(t, "/Marketing", h.user(mail).Unit)
	h.leaves(who)
	h.days()
	require.NotEmpty(t, h.mailbox(mail).Delegates)
	h.google("PATCH", "customer/my_customer/orgunits/Marketing", `{"name":"Brand"}`, "admin.directory.orgunit")
	h.pass()
	h.withdrawn(who)
	h.days()
	box := h.mailbox(mail)
	require.Empty(t, box.Delegates, "the manager reads the mail of who is back because an organizational unit has another name")
	require.False(t, box.AutoReply)
	require.Contains(t, h.user(mail).Groups, "all@acme.example")
}

// TestWhoeverIsBackGetsGroupsWhileGmailIsDown: mail is another service than the accounts.
func TestWhoeverIsBackGetsGroupsWhileGmailIsDown(t *testing.T) {
	h := newHouse(t)
	who := h.of("Marketing")
	mail := h.inGoogle(who)
	h.leaves(who)
	h.days()
	require.Empty(t, h.user(mail).Groups)
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Path: "/gmail/**", Status: 503, Times: -1}))
	h.withdrawn(who)
	h.looks(who)
	require.NotEmpty(t, h.mailbox(mail).Delegates)
	require.Contains(t, h.user(mail).Groups, "all@acme.example")
	h.honest()
	h.days()
	require.Empty(t, h.mailbox(mail).Delegates)
	require.False(t, h.mailbox(mail).AutoReply)
}

// TestAMailboxComesAfterTheLicenceThatItNeeds, and where none is free once one is.
func TestAMailboxComesAfterTheLicenceThatItNeeds(t *testing.T) {
	h := newHouse(t, salesAccounts, salesLicensed, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	who := h.of("Sales")
	mail := h.inGoogle(who)
	h.leaves(who)
	h.days()
	require.True(t, h.mailbox(mail).AutoReply)
	for range 3 {
		h.clock.advance(31 * 24 * time.Hour)
		h.days()
	}
	require.Empty(t, h.user(mail).Licences)
	used := 0
	d, err := h.sandbox.GoogleDirectory(t.Context())
	require.NoError(t, err)
	for _, u := range d.Users {
		used += len(u.Licences)
	}
	h.licensedAs(used)
	h.rehired(who)
	h.days()
	require.Empty(t, h.user(mail).Licences)
	require.Contains(t, h.user(mail).Groups, "sales@acme.example", "neither the licence nor the mailbox keeps the groups")
	h.licensedAs(used + 1)
	h.days()
	require.Len(t, h.user(mail).Licences, 1)
	require.False(t, h.mailbox(mail).AutoReply, "the mailbox of somebody who works here says that they have left")
	require.Empty(t, h.mailbox(mail).Delegates, "somebody else reads their mail")
}
