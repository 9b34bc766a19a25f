package settle

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// notAllowed is what Google says of a group or a token that its caller may not change.
const notAllowed = `{"error":{"code":403,"message":"Not Authorized to access this resource/api",` +
	`"errors":[{"message":"Not Authorized to access this resource/api","domain":"global","reason":"forbidden"}]}}`

// refuses has Google refuse every call of a kind from now on.
func (h *house) refuses(method, path string) {
	h.t.Helper()
	require.NoError(h.t, h.sandbox.AddFault(h.t.Context(), control.Fault{
		System: "google", Method: method, Path: path, Status: 403, Times: -1, ContentType: "application/json", Body: notAllowed,
	}))
}

// groupIDs are the ids of Google's groups by their addresses.
func (h *house) groupIDs() map[string]string {
	h.t.Helper()
	d, err := h.sandbox.GoogleDirectory(h.t.Context())
	require.NoError(h.t, err)
	ids := map[string]string{}
	for _, g := range d.Groups {
		ids[g.Email] = g.ID
	}
	return ids
}

// membersOf are the DNs of who is in a group of the directory.
func (h *house) membersOf(group string) []string {
	h.t.Helper()
	server, err := h.sandbox.LDAP(h.t.Context())
	require.NoError(h.t, err)
	entry, err := h.sandbox.LDAPEntry(h.t.Context(), "cn="+group+","+server.Groups)
	require.NoError(h.t, err)
	return entry["member"]
}

// TestALeaverKeepsOnlyTheGroupThatIsRefused: nobody may change one of the groups, such as a dynamic one.
func TestALeaverKeepsOnlyTheGroupThatIsRefused(t *testing.T) {
	for _, one := range []string{"all@acme.example", "engineering@acme.example", "sales@acme.example", "wifi@acme.example"} {
		t.Run(one, func(t *testing.T) {
			h := newHouse(t)
			who := h.of("Sales")
			id := h.user(h.inGoogle(who)).ID
			h.hand("join", id, "engineering@acme.example")
			h.pass()
			h.refuses("DELETE", "/admin/directory/v1/groups/"+h.groupIDs()[one]+"/members/**")
			h.leaves(who)
			h.days()
			require.Equal(t, []string{one}, h.user(id).Groups, "one group is refused, and no other is kept")
			require.True(t, h.said403("take it out of groups", one), "whoever looks after it reads which group it is")
		})
	}
}

// said403 reports that the ticket says that a step is owed and names what was refused, and that the item about the system names it too.
func (h *house) said403(words, object string) bool {
	return h.told(words+": owed (Unauthorized): refused: "+object) && h.told("Unauthorized: refused: "+object)
}

// TestAMoverLosesTheGroupsBesideARefusedOne: it is the group behind the one that is refused that has to go.
func TestAMoverLosesTheGroupsBesideARefusedOne(t *testing.T) {
	h := newHouse(t)
	h.repolicy("groups: {google: [sales@acme.example], ldap: [Sales]}", "groups: {google: [sales@acme.example, wifi@acme.example], ldap: [Sales]}")
	h.pass()
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	all := h.groupIDs()
	ids := []string{all["sales@acme.example"], all["wifi@acme.example"]}
	slices.Sort(ids)
	h.refuses("DELETE", "/admin/directory/v1/groups/"+ids[0]+"/members/**")
	h.moves(who, "Finance")
	h.days()
	require.NotContains(t, h.user(id).GroupIDs, ids[1], "the other group is refused, and this one stays")
}

// TestAMoverGetsTheNewGroupsBesideARefusedOldOne: whom a system does not let out of a group needs the next one nevertheless.
func TestAMoverGetsTheNewGroupsBesideARefusedOldOne(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.refuses("DELETE", "/admin/directory/v1/groups/"+h.groupIDs()["sales@acme.example"]+"/members/**")
	h.moves(who, "Engineering")
	h.pass()
	require.Subset(t, h.user(id).Groups, []string{"engineering@acme.example", "sales@acme.example"})
	require.True(t, h.told("refused: sales@acme.example"), "whoever looks after it reads what is left")
}

// TestPeopleWhoChangePlacesInTheDirectory: a group must have a member, and each of these is the last one of a group that the other is to
// be in.
func TestPeopleWhoChangePlacesInTheDirectory(t *testing.T) {
	h := newHouse(t)
	one, other := h.lastMembers()

	h.moves(one, "Engineering")
	h.moves(other, "Sales")
	h.pass()
	h.pass()
	require.Equal(t, []string{h.inDirectory(other)}, h.membersOf("Sales"))
	require.Equal(t, []string{h.inDirectory(one)}, h.membersOf("Engineering"))
}

// TestATokenThatCannotBeRevokedKeepsNoPassword: an app password reads all mail, and a backup code signs in.
func TestATokenThatCannotBeRevokedKeepsNoPassword(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.hand("grant", id, "mailer")
	h.hand("app_password", id, "imap")
	h.hand("codes", id, "")
	h.refuses("DELETE", "/admin/directory/v1/users/"+id+"/tokens/**")
	h.leaves(who)
	h.days()
	u := h.user(id)
	require.Empty(t, u.AppPasswords)
	require.Zero(t, u.Codes)
	require.True(t, h.told("owed (Unauthorized): refused: app mailer.apps.googleusercontent.com"), "whoever looks after it reads that it is an app's token")
}

// TestTheDirectoryGroupsBesideARefusedOneAreLeft: of a group that must have a member, the leaver is the last one.
func TestTheDirectoryGroupsBesideARefusedOneAreLeft(t *testing.T) {
	groups := []string{"Engineering", "Finance", "Sales"}
	for _, last := range groups[1:] { // Others are put into Engineering by a rule.
		t.Run(last, func(t *testing.T) {
			h := newHouse(t)
			who, other := h.of("Sales"), h.of("Marketing")
			server, err := h.sandbox.LDAP(t.Context())
			require.NoError(t, err)
			mine, others := h.inDirectory(who), h.inDirectory(other)
			for _, g := range groups {
				members := []string{others, mine}
				if g == last {
					members = []string{mine}
				}
				require.NoError(t, h.sandbox.LDAPHand(t.Context(), "cn="+g+","+server.Groups, "member", members...))
			}
			h.pass()
			h.leaves(who)
			h.days()
			for _, g := range groups {
				if g != last {
					require.NotContains(t, h.membersOf(g), mine, "%s: the leaver is the last member of %s, and stays in this one too", g, last)
				}
			}
			require.True(t, h.told("refused: "+last), "whoever looks after it reads which group it is")
		})
	}
}

// TestAJoinerGetsTheGroupsBesideARefusedOne: what can be given is given.
func TestAJoinerGetsTheGroupsBesideARefusedOne(t *testing.T) {
	h := newHouse(t)
	ids := h.groupIDs()
	first, second := "all@acme.example", "sales@acme.example"
	if ids[second] < ids[first] {
		first, second = second, first
	}
	h.refuses("POST", "/admin/directory/v1/groups/"+ids[first]+"/members")
	key := h.hires("today-3", "Analyst")
	h.days()
	groups := h.user(h.inGoogle(key)).Groups
	require.Contains(t, groups, second, "%s is refused, and %s not given either", first, second)
	require.NotContains(t, strings.Join(groups, " "), first)
}

// TestAJoinerGetsTheGroupsBesideOneThatIsGone: an administrator gives a group of a rule another address, or deletes it. It cost joiners every
// group.
func TestAJoinerGetsTheGroupsBesideOneThatIsGone(t *testing.T) {
	for name, do := range map[string]func(h *house){
		"renamed": func(h *house) {
			h.google("PATCH", "groups/sales@acme.example", `{"email":"vertrieb@acme.example"}`, "admin.directory.group")
		},
		"deleted": func(h *house) { h.google("DELETE", "groups/sales@acme.example", "", "admin.directory.group") },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			do(h)
			h.pass()
			key := h.hires("today-3", "Analyst")
			h.days()
			require.Contains(t, h.user(h.inGoogle(key)).Groups, "all@acme.example", "one group is gone, and the joiner gets none of the others")
			require.True(t, h.told(`there is no group called "sales@acme.example"`), "whoever looks after it reads which group it is")
		})
	}
}
