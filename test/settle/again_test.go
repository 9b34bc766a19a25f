package settle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
)

const (
	alwaysTitle   = "  title: {from: person.title, when: always}\n"
	changeTitle   = "  title: {from: person.title, when: change}\n"
	opportunities = "Edit Opportunities"
	enterprise    = "Google Workspace Enterprise Plus"
)

// shownAs is an attribute of somebody's in every system beside OneLogin.
func (h *house) shownAs(key, attribute string) map[string]string {
	h.t.Helper()
	out := map[string]string{}
	u := h.user(h.inGoogle(key))
	switch attribute {
	case "phone":
		out["google"] = field(&u, "phones", "value")
	case "mobile":
		entries, _ := u.Fields["phones"].([]any)
		for _, e := range entries {
			if m, _ := e.(map[string]any); m["type"] == "mobile" {
				out["google"], _ = m["value"].(string)
			}
		}
	default:
		out["google"] = field(&u, "organizations", attribute)
	}
	ldap := map[string]string{"title": "title", "department": "departmentnumber", "phone": "telephonenumber", "mobile": "mobile"}[attribute]
	if dn := h.inDirectory(key); dn != "" {
		entry, err := h.sandbox.LDAPEntry(h.t.Context(), dn)
		require.NoError(h.t, err)
		out["ldap"] = one(entry[ldap])
	}
	if id := h.inSalesforce(key); id != "" {
		c := h.crmUser(id)
		if v, ok := map[string]string{"title": c.Title, "department": c.Department, "phone": c.Phone}[attribute]; ok {
			out["salesforce"] = v
		}
	}
	return out
}

func (h *house) everywhere(key, attribute, want, why string) {
	h.t.Helper()
	for system, have := range h.shownAs(key, attribute) {
		require.Equal(h.t, normal(attribute, want), normal(attribute, have), "%s: %s in %s", why, attribute, system)
	}
}

// rests holds that one more pass writes nothing.
func (h *house) rests(why string) {
	h.t.Helper()
	h.written(h.t)
	h.pass()
	require.Empty(h.t, h.written(h.t), "%s: it is written again in every pass", why)
}

// notesOf are the open items about somebody.
func (h *house) notesOf(what string) (all []string) {
	items, err := h.app.Ledger.Worklist().Items(h.t.Context(), worklist.ItemFilter{})
	require.NoError(h.t, err)
	for _, i := range items {
		if strings.Contains(i.Text+i.Object+i.Class, what) {
			all = append(all, i.Class+": "+i.Text)
		}
	}
	return all
}

func (h *house) titled(key, title string) { h.does(key, "change", control.Fields{"title": title}) }

// becomes has HR give somebody a title, which is everywhere a day later.
func (h *house) becomes(key, title, why string) {
	h.t.Helper()
	h.titled(key, title)
	h.days()
	h.everywhere(key, "title", title, why)
}

func (h *house) licensedAs(seats int) {
	require.NoError(h.t, h.sandbox.Directory(h.t.Context(), control.DirectorySettings{
		ListLagMS: 1, CreationLagMS: 1, TransferMS: 1, Seats: map[string]int{"1010020020": seats},
	}))
}

// withdrawn has HR take a termination back: the same employment goes on.
func (h *house) withdrawn(key string) {
	h.does(key, "change", control.Fields{"status": "", "termination_date": "", "last_day": "", "involuntary": false})
}

// rehired has HR say that somebody starts today, and no more: the status goes by the dates again.
func (h *house) rehired(key string) {
	h.beginsAgain(key, "today")
}

// hires has HR hire Nina Novak of Sales on a day, with a title.
func (h *house) hires(day, title string) (key string) {
	h.t.Helper()
	return h.hiresNina(control.Fields{"title": title, "hire_date": day})
}

// hiresNina has HR hire Nina Novak of Sales, whose record says something else or more.
func (h *house) hiresNina(f control.Fields) (key string) {
	h.t.Helper()
	fields := control.Fields{
		"first_name": "Nina", "last_name": "Novak", "department": "Sales", "title": "Analyst", "location": "Berlin", "hire_date": "today",
		"manager_id": "21001", "personal_email": "n@home.example",
	}
	maps.Copy(fields, f)
	id, err := h.sandbox.Hire(h.t.Context(), identity.SourceWorkday, fields)
	require.NoError(h.t, err)
	key = identity.SourceWorkday + "-" + id
	h.people = append(h.people, key)
	return key
}

// ofWorkday are the people whom Workday keeps.
func (h *house) ofWorkday() []string {
	return slices.DeleteFunc(slices.Clone(h.people), func(k string) bool { return !strings.HasPrefix(k, identity.SourceWorkday+"-") })
}

// accountsOf are somebody's user at Google and in Salesforce, and their entry in the directory.
func (h *house) accountsOf(key string) (id, crm, dn string) {
	h.t.Helper()
	return h.user(h.inGoogle(key)).ID, h.inSalesforce(key), h.inDirectory(key)
}

// down has systems answer nothing but 503.
func (h *house) down(systems ...string) {
	h.t.Helper()
	for _, s := range systems {
		require.NoError(h.t, h.sandbox.AddFault(h.t.Context(), control.Fault{System: s, Times: -1, Status: 503}))
	}
}

// modes puts every system from one mode into the other.
func (h *house) modes(from, to string) {
	h.t.Helper()
	h.repolicy("google:\n    mode: "+from, "google:\n    mode: "+to, "ldap: {mode: "+from+",", "ldap: {mode: "+to+",",
		"salesforce: {mode: "+from+",", "salesforce: {mode: "+to+",")
}

// lastMembers are two people, each the last member of a group of the directory: of Sales, and of Engineering.
func (h *house) lastMembers() (one, other string) {
	h.t.Helper()
	one, other = h.of("Sales"), h.of("Marketing")
	h.moves(other, "Engineering")
	h.pass()
	h.pass()
	for _, group := range []string{"Sales", "Engineering"} {
		for _, key := range h.people {
			if key != one && key != other && slices.Contains(h.membersOf(group), h.inDirectory(key)) {
				h.moves(key, "Finance")
			}
		}
	}
	h.pass()
	h.pass()
	require.Equal(h.t, []string{h.inDirectory(one)}, h.membersOf("Sales"))
	require.Equal(h.t, []string{h.inDirectory(other)}, h.membersOf("Engineering"))
	return one, other
}

// company has somebody else be in every group, so that none refuses to let its last member go.
func (h *house) company() {
	h.t.Helper()
	sales, engineers := 0, 0
	for _, k := range h.people {
		switch h.oneLogin(k).Department {
		case "Sales", "Engineering":
			continue
		}
		if sales == 0 {
			h.moves(k, "Sales")
			sales++
		} else if engineers == 0 {
			h.moves(k, "Engineering")
			engineers++
		}
	}
	h.days()
	for _, g := range []string{"Sales", "Engineering"} {
		require.NotEmpty(h.t, h.membersOf(g))
	}
}

func (h *house) inSales(who string, yes bool, why string) {
	h.t.Helper()
	u := h.user(h.inGoogle(who))
	require.Equal(h.t, yes, slices.Contains(u.Groups, "sales@acme.example"), "%s: Google", why)
	require.Equal(h.t, !yes, slices.Contains(u.Groups, "engineering@acme.example"), "%s: Google, engineering", why)
	require.Equal(h.t, yes, slices.Contains(h.membersOf("Sales"), h.inDirectory(who)), "%s: LDAP", why)
	require.Equal(h.t, !yes, slices.Contains(h.membersOf("Engineering"), h.inDirectory(who)), "%s: LDAP, engineering", why)
	if id := h.inSalesforce(who); id != "" {
		require.Equal(h.t, yes, slices.Contains(h.crmUser(id).Sets, opportunities), "%s: Salesforce %v", why, h.crmUser(id).Sets)
	}
}

func (h *house) inSalesOnly(who string, yes bool) {
	h.t.Helper()
	require.Equal(h.t, yes, slices.Contains(h.user(h.inGoogle(who)).Groups, "sales@acme.example"))
}

const (
	salesAccounts = "      accounts: {salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n"
	// marketing is the rule that gives Marketing its role, and marketingGives the same with groups of other systems.
	marketing      = "      group: Marketing\n      roles: [Marketing]\n"
	marketingGives = marketing + "      groups: {google: [wifi@acme.example], ldap: [Finance]}\n"
	salesLicensed  = "      accounts: {google: {licences: [" + enterprise + "]}, salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n"
)

func (h *house) unlicense(key string) {
	h.t.Helper()
	h.licensing("DELETE", "1010020020/user/"+h.inGoogle(key), "")
	require.Empty(h.t, h.user(h.inGoogle(key)).Licences)
}

func (h *house) isShut(key, id, crm, dn, why string) {
	h.t.Helper()
	u := h.user(id)
	require.False(h.t, h.oneLogin(key).CanSignIn, "%s: OneLogin", why)
	require.False(h.t, u.OwnPassword, "%s: password", why)
	require.Zero(h.t, u.Sessions, "%s: sessions", why)
	require.Empty(h.t, u.Groups, "%s: groups", why)
	require.Empty(h.t, u.AppPasswords, "%s: app passwords", why)
	require.Empty(h.t, u.Apps, "%s: apps", why)
	require.Zero(h.t, u.Codes, "%s: codes", why)
	require.Empty(h.t, u.Roles, "%s: roles", why)
	require.Empty(h.t, u.RecoveryEmail, "%s: recovery", why)
	if crm != "" {
		require.False(h.t, h.crmUser(crm).CanSignIn, "%s: Salesforce", why)
		require.Empty(h.t, h.crmUser(crm).Sets, "%s: permission sets", why)
		require.Zero(h.t, h.crmUser(crm).Sessions, "%s: sessions of Salesforce", why)
	}
	entry, err := h.sandbox.LDAPEntry(h.t.Context(), dn)
	require.NoError(h.t, err)
	require.Equal(h.t, []string{"000001010000Z"}, entry["pwdaccountlockedtime"], "%s: LDAP", why)
	for _, g := range []string{"Sales", "Engineering", "Finance"} {
		require.NotContains(h.t, h.membersOf(g), dn, "%s: LDAP group", why)
	}
}

func (h *house) isOpen(key, id, crm, dn, why string) {
	h.t.Helper()
	u := h.user(id)
	// Whoever is here again is invited, and chooses a password.
	require.Equal(h.t, []int{1, 1}, []int{h.oneLogin(key).Status, h.oneLogin(key).State}, "%s: OneLogin %+v", why, h.oneLogin(key))
	require.Contains(h.t, h.oneLogin(key).Roles, "Salesforce", "%s: OneLogin", why)
	require.True(h.t, u.CanSignIn, "%s: Google", why)
	require.Subset(h.t, u.Groups, []string{"all@acme.example", "sales@acme.example"}, "%s: groups", why)
	require.True(h.t, h.crmUser(crm).CanSignIn, "%s: Salesforce", why)
	require.Contains(h.t, h.crmUser(crm).Sets, opportunities, "%s: permission sets", why)
	entry, err := h.sandbox.LDAPEntry(h.t.Context(), dn)
	require.NoError(h.t, err)
	require.Empty(h.t, entry["pwdaccountlockedtime"], "%s: LDAP", why)
	require.Contains(h.t, h.membersOf("Sales"), dn, "%s: LDAP group", why)
	box := h.mailbox(u.Email)
	require.False(h.t, box.AutoReply, "%s: auto-reply", why)
	require.Empty(h.t, box.Delegates, "%s: delegates", why)
}

// livesIn has somebody use their account in every way.
func (h *house) livesIn(id string) {
	for _, do := range []string{"own_password", "sign_in", "codes"} {
		h.hand(do, id, "")
	}
	h.hand("grant", id, "mailer")
	h.hand("app_password", id, "imap")
	h.hand("recovery", id, "x@home.example")
	h.forwards(h.user(id).Email)
}

func departures(t *testing.T, back func(*house, string), between time.Duration, withdrawn bool) {
	h := newHouse(t)
	h.google("POST", "customer/my_customer/orgunits", `{"name":"Leavers","parentOrgUnitPath":"/"}`, "admin.directory.orgunit")
	h.pass()
	h.repolicy("leaver: {sign_in: lock,", "leaver: {sign_in: lock, move_to: /Leavers,")
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	mail := h.user(id).Email
	unit := h.user(id).Unit
	h.hand("join", id, "wifi@acme.example")
	h.days()
	for i := range 3 {
		why := fmt.Sprint("departure ", i)
		h.livesIn(id)
		h.pass()
		h.leaves(who)
		h.days()
		h.isShut(who, id, crm, dn, why)
		box := h.mailbox(mail)
		require.True(t, box.AutoReply, why)
		require.Len(t, box.Delegates, 1, why)
		require.Empty(t, box.Forwarded, why)
		if !withdrawn {
			require.Equal(t, i+1, h.transfersOf(id), why)
		}
		h.clock.advance(between)
		h.days()
		require.Equal(t, between > 30*24*time.Hour, h.user(id).Suspended, why)
		back(h, who)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("return ", i))
		if withdrawn {
			require.Contains(t, h.user(id).Groups, "wifi@acme.example", "return %d", i)
			require.Equal(t, unit, h.user(id).Unit, "return %d", i)
		}
		h.rests(fmt.Sprint("return ", i))
	}
}

func (h *house) assign(mail string) {
	h.t.Helper()
	h.licensing("POST", "1010020020/user", fmt.Sprintf(`{"userId":%q}`, mail))
	require.Len(h.t, h.user(mail).Licences, 1)
}
