package settle

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2/google"

	"gatehouse/identity"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
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

// rests reports what three more passes write: nothing, if the company has come to rest.
func (h *house) rests(why string) {
	h.t.Helper()
	h.writes()
	h.pass()
	require.Empty(h.t, h.writes(), "%s: it is written again in every pass", why)
}

// writes are the effects since it was last asked.
func (h *house) writes() (all []string) {
	h.t.Helper()
	entries, err := h.sandbox.Journal(h.t.Context(), h.journalled, true)
	require.NoError(h.t, err)
	for _, e := range entries {
		h.journalled = max(h.journalled, e.Seq)
		if slices.Contains([]string{"onelogin", "google", "salesforce"}, e.System) && !strings.Contains(e.Op, "token") {
			all = append(all, strings.Join([]string{e.System, e.Op, e.Subject, e.Effect}, " "))
		}
	}
	directory, err := h.sandbox.LDAPJournal(h.t.Context())
	require.NoError(h.t, err)
	for _, e := range directory[h.noted:] {
		if e.Effect {
			all = append(all, strings.Join([]string{"ldap", e.Op, e.ID, strings.Join(e.Attributes, ",")}, " "))
		}
	}
	h.noted = len(directory)
	return all
}

// noteOf are the open items about somebody.
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
	h.does(key, "change", control.Fields{"status": "", "hire_date": "today", "termination_date": "", "last_day": "", "involuntary": false})
}

// ---- attributes ----

// TestHAnAgreedValueIsGoneBackOn: HR says A (written), somebody makes B by hand, HR says B too, HR says A again: the owner's value has changed.
func TestHAnAgreedValueIsGoneBackOn(t *testing.T) {
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	h.everywhere(who, "title", "Analyst", "the first change")
	h.hand("title", h.user(h.inGoogle(who)).ID, "Engineer")
	h.titled(who, "Engineer")
	h.days()
	h.everywhere(who, "title", "Engineer", "the second change")
	h.titled(who, "Analyst")
	h.days()
	t.Log("told of drift:", h.told("somebody has changed title"))
	h.everywhere(who, "title", "Analyst", "the third change")
}

// TestHALostAnswerAndBack: the write took effect and its answer was lost every time; then HR goes back.
func TestHALostAnswerAndBack(t *testing.T) {
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	h.everywhere(who, "title", "Analyst", "the first change")
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 52, After: true, Times: 2}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "PATCH", When: "after", Style: "drop", Times: 2}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "PUT", When: "after", Style: "drop", Times: 2}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "salesforce", Method: "PATCH", When: "after", Style: "drop", Times: 2}))
	h.titled(who, "Engineer")
	h.days()
	h.everywhere(who, "title", "Engineer", "the second change")
	h.titled(who, "Analyst")
	h.days()
	h.everywhere(who, "title", "Analyst", "the third change")
}

// TestHACutOffWriteAndBack: the write took effect, the worker was gone before it could say so, and HR goes back.
func TestHACutOffWriteAndBack(t *testing.T) {
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	h.everywhere(who, "title", "Analyst", "the first change")
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 52, After: true, Times: 500}))
	h.titled(who, "Engineer")
	h.looks(who)
	h.honest()
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{}))
	t.Log(h.shownAs(who, "title"))
	_, _ = h.sweep("ldap")
	h.days()
	h.everywhere(who, "title", "Engineer", "the second change")
	h.titled(who, "Analyst")
	h.days()
	h.everywhere(who, "title", "Analyst", "the third change")
}

// TestHARefusedValueIsWrittenForTheNextChange: B is refused once, HR goes back to A and says B again, which is taken by now.
func TestHARefusedValueIsWrittenForTheNextChange(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	long := "Analyst " + strings.Repeat("of everything ", 12)
	h.titled(who, long)
	h.days()
	require.Equal(t, "Analyst", h.shownAs(who, "title")["salesforce"])
	require.True(t, h.told("title"))
	h.titled(who, "Analyst")
	h.days()
	h.titled(who, "Engineer")
	h.days()
	h.everywhere(who, "title", "Engineer", "the fourth change")
	require.Empty(t, h.notesOf("system_value_not_kept"))
}

// TestHARefusalThatIsOver: the directory refuses a value for a while (its schema is corrected later). HR goes back and says the same again.
func TestHARefusalThatIsOver(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 19, Times: 40}))
	h.titled(who, "Engineer")
	h.looks(who)
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{}))
	h.honest()
	t.Log(h.shownAs(who, "title"), h.notesOf("title"))
	h.days()
	require.Equal(t, "Analyst", h.shownAs(who, "title")["ldap"], "not refused at all: %v", h.notesOf("title"))
	h.titled(who, "Analyst")
	h.days()
	h.titled(who, "Engineer")
	h.days()
	t.Log("told that it is not kept:", h.told("keeps what it has"), h.told("does not take the title"))
	h.everywhere(who, "title", "Engineer", "the third change, of a value that was refused once")
}

func TestHTitlesBackAndForth(t *testing.T) {
	for name, edit := range map[string][]string{"always": nil, "change": {alwaysTitle, changeTitle}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, edit...)
			who := h.of("Sales")
			for i, title := range []string{"Analyst", "Engineer", "Analyst", "Engineer", "Team Lead", "Analyst"} {
				h.titled(who, title)
				h.pass()
				h.pass()
				h.everywhere(who, "title", title, fmt.Sprint("change ", i))
			}
			if name == "always" {
				for range 3 {
					h.hand("title", h.user(h.inGoogle(who)).ID, "Boss")
					_, err := h.sandbox.CRMHand(t.Context(), control.Fields{"action": "edit", "id": h.inSalesforce(who), "fields": map[string]any{"Title": "Boss"}})
					require.NoError(t, err)
					require.NoError(t, h.sandbox.LDAPHand(t.Context(), h.inDirectory(who), "title", "Boss"))
					h.pass()
					h.pass()
					h.everywhere(who, "title", "Analyst", "an edit is put back")
				}
				// The edit is to the value before the last.
				h.hand("title", h.user(h.inGoogle(who)).ID, "Team Lead")
				h.pass()
				h.pass()
				h.everywhere(who, "title", "Analyst", "an edit is put back")
			}
			h.rests("titles")
		})
	}
}

func TestHPhonesAndMobilesBackAndForth(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	for i, phone := range []string{"+49 30 1111111", "+49 30 2222222", "+49 30 1111111", "", "+49 30 1111111", "+49 30 2222222"} {
		h.hand("phone", id, phone)
		mobile := strings.Replace(phone, "30", "170", 1)
		if phone != "" {
			require.NoError(t, h.sandbox.LDAPHand(t.Context(), h.inDirectory(who), "mobile", mobile))
		}
		h.pass()
		h.pass()
		if phone != "" {
			h.everywhere(who, "phone", phone, fmt.Sprint("change ", i))
			require.Equal(t, mobile, h.shownAs(who, "mobile")["google"], "change %d", i)
			require.Equal(t, normal("phone", phone), normal("phone", h.oneLogin(who).Phone))
		}
	}
	h.rests("phones")
}

func TestHClearedAndSetAgain(t *testing.T) {
	h := newHouse(t, alwaysTitle, "  title: {from: person.title, when: change, on_empty: clear}\n",
		"phone: {owner: google, normalise: phone, country: DE, when: always}", "phone: {owner: google, normalise: phone, country: DE, when: change, on_empty: clear}")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	for i, title := range []string{"Analyst", "", "Analyst", "", "Engineer", "", "Analyst"} {
		h.titled(who, title)
		phone := ""
		if title != "" {
			phone = "+49 30 1111111"
		}
		h.hand("phone", id, phone)
		h.hand("title", id, h.shownAs(who, "title")["google"]) // A hand on a phone writes phones only.
		h.pass()
		h.pass()
		h.everywhere(who, "phone", phone, fmt.Sprint("change ", i))
		h.everywhere(who, "title", title, fmt.Sprint("change ", i))
	}
	h.rests("cleared")
}

func TestHADefaultAndBack(t *testing.T) {
	h := newHouse(t, alwaysTitle, "  title: {from: person.title, when: change, on_empty: {default: Staff}}\n")
	who := h.of("Sales")
	for i, title := range []string{"Analyst", "", "Analyst", "", "Staff", "Engineer", "", "Analyst"} {
		h.titled(who, title)
		h.pass()
		h.pass()
		want := title
		if want == "" {
			want = "Staff"
		}
		h.everywhere(who, "title", want, fmt.Sprint("change ", i))
	}
	h.rests("default")
}

func TestHManagersChange(t *testing.T) {
	for _, when := range []string{"change", "always"} {
		t.Run(when, func(t *testing.T) {
			h := newHouse(t, alwaysTitle, alwaysTitle+"  manager: {when: "+when+"}\n")
			var workday []string
			for _, k := range h.people {
				if strings.HasPrefix(k, "workday-") {
					workday = append(workday, k)
				}
			}
			who := workday[len(workday)-1]
			x, y := workday[0], workday[1]
			of := func(k string) string { return strings.TrimPrefix(k, "workday-") }
			relation := func() string {
				u := h.user(h.inGoogle(who))
				entries, _ := u.Fields["relations"].([]any)
				for _, e := range entries {
					if m, _ := e.(map[string]any); m["type"] == "manager" {
						text, _ := m["value"].(string)
						return text
					}
				}
				return ""
			}
			for i, boss := range []string{x, y, x, y} {
				h.does(who, "change", control.Fields{"manager_id": of(boss)})
				h.pass()
				h.pass()
				require.Equal(t, h.inGoogle(boss), relation(), "change %d", i)
				entry, err := h.sandbox.LDAPEntry(t.Context(), h.inDirectory(who))
				require.NoError(t, err)
				require.Equal(t, h.inDirectory(boss), one(entry["manager"]), "change %d", i)
			}
			// Somebody sets the next one by hand at the moment HR says so, and HR goes back.
			h.hand("manager", h.user(h.inGoogle(who)).ID, h.inGoogle(x))
			h.does(who, "change", control.Fields{"manager_id": of(x)})
			h.days()
			require.Equal(t, h.inGoogle(x), relation())
			h.does(who, "change", control.Fields{"manager_id": of(y)})
			h.days()
			require.Equal(t, h.inGoogle(y), relation(), "the manager of an agreed change is gone back on")
			h.rests("managers")
		})
	}
}

func TestHRenamedAndBack(t *testing.T) {
	h := newHouse(t, alwaysTitle, alwaysTitle+"  first_name: {when: always}\n  last_name: {when: always}\n  email: {when: always}\n")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	crm := h.inSalesforce(who)
	dn := h.inDirectory(who)
	first := h.user(id).Email
	for i, last := range []string{"Novak", "Sommer", "Novak", "Sommer"} {
		mail := "kim." + strings.ToLower(last) + "@acme.example"
		if i == 3 {
			mail = first
		}
		h.does(who, "change", control.Fields{"first_name": "Kim", "last_name": last, "work_email": mail})
		h.days()
		u := h.user(id)
		t.Log(u.Email, u.Aliases, h.oneLogin(who).Email, h.crmUser(crm).Email)
		require.Equal(t, "Kim "+last, h.crmUser(crm).Name, "change %d", i)
		require.Contains(t, u.Name, last, "change %d", i)
		require.Equal(t, mail, u.Email, "change %d", i)
		require.Equal(t, mail, h.crmUser(crm).Email, "change %d", i)
		entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
		require.NoError(t, err)
		require.Equal(t, last, one(entry["sn"]), "change %d", i)
		require.Equal(t, mail, one(entry["mail"]), "change %d", i)
	}
	h.rests("names")
}

func TestHDownForTheFirstUpForTheSecond(t *testing.T) {
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	for range 2 {
		for _, s := range []string{"google", "salesforce"} {
			require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: s, Times: -1, Status: 503}))
		}
		h.titled(who, "Engineer")
		h.looks(who)
		h.honest()
		h.titled(who, "Team Lead")
		h.days()
		h.everywhere(who, "title", "Team Lead", "down for the first")
		h.titled(who, "Analyst")
		h.days()
		h.everywhere(who, "title", "Analyst", "back")
	}
}

// ---- groups, permission sets ----

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

func TestHMovesBackAndForthWithoutReadings(t *testing.T) {
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

func TestHMovesWithReadingsOfYesterday(t *testing.T) {
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

// TestHAGiftThatIsLongGone: Gatehouse gave a group, somebody took it by hand while HR moved the person, and a year later somebody gives it by hand.
func TestHAGiftThatIsLongGone(t *testing.T) {
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

func (h *house) inSalesOnly(who string, yes bool) {
	h.t.Helper()
	require.Equal(h.t, yes, slices.Contains(h.user(h.inGoogle(who)).Groups, "sales@acme.example"))
}

// TestHARuleGoneAndBack: a rule that gives a group is edited out and in, twice; by hand it is taken and given meanwhile.
func TestHARuleGoneAndBack(t *testing.T) {
	h := newHouse(t)
	who := h.of("Marketing")
	mail := h.inGoogle(who)
	without, with := "      group: Marketing\n      roles: [Marketing]\n", "      group: Marketing\n      roles: [Marketing]\n      groups: {google: [wifi@acme.example], ldap: [Finance]}\n"
	h.hand("leave", mail, "wifi@acme.example")
	h.days()
	for i := range 3 {
		h.repolicy(without, with)
		h.pass()
		h.pass()
		require.Contains(t, h.user(mail).Groups, "wifi@acme.example", "given, time %d", i)
		require.Contains(t, h.membersOf("Finance"), h.inDirectory(who), "given, time %d", i)
		h.hand("leave", mail, "wifi@acme.example")
		h.days()
		require.Contains(t, h.user(mail).Groups, "wifi@acme.example", "given again after a hand, time %d", i)
		h.repolicy(with, without)
		h.pass()
		h.pass()
		require.NotContains(t, h.user(mail).Groups, "wifi@acme.example", "taken, time %d", i)
		require.NotContains(t, h.membersOf("Finance"), h.inDirectory(who), "taken, time %d", i)
	}
	h.rests("rules")
}

func TestHObservedAndEnforcedAgain(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	for i := range 2 {
		h.repolicy(enforced, observed, "ldap: {mode: enforce,", "ldap: {mode: observe,", "salesforce: {mode: enforce,", "salesforce: {mode: observe,")
		h.moves(who, "Engineering")
		h.titled(who, "Engineer")
		h.days()
		h.moves(who, "Finance")
		h.titled(who, "Analyst")
		h.days()
		h.repolicy(observed, enforced, "ldap: {mode: observe,", "ldap: {mode: enforce,", "salesforce: {mode: observe,", "salesforce: {mode: enforce,")
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

// ---- licences ----

const (
	salesAccounts = "      accounts: {salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n"
	salesLicensed = "      accounts: {google: {licences: [" + enterprise + "]}, salesforce: {profile: Sales User, permission_sets: [Edit_Opportunities]}}\n"
)

func (h *house) unlicense(key string) {
	h.t.Helper()
	h.googleLicence("DELETE", "1010020020/user/"+h.inGoogle(key))
	require.Empty(h.t, h.user(h.inGoogle(key)).Licences)
}

func TestHALicenceIsGivenAndTakenAndGiven(t *testing.T) {
	h := newHouse(t, salesAccounts, salesLicensed)
	who := h.of("Marketing")
	h.unlicense(who)
	h.days()
	for i := range 3 {
		h.moves(who, "Sales")
		h.days()
		require.Len(t, h.user(h.inGoogle(who)).Licences, 1, "given, time %d", i)
		h.moves(who, "Marketing")
		h.days()
		require.Empty(t, h.user(h.inGoogle(who)).Licences, "taken, time %d", i)
	}
	h.rests("licences")
}

func TestHALicenceChangesHandsWhereNoneIsFree(t *testing.T) {
	h := newHouse(t, salesAccounts, salesLicensed)
	a, b := h.of("Marketing"), h.of("Finance")
	h.unlicense(a)
	h.unlicense(b)
	h.days()
	h.moves(a, "Sales")
	h.days()
	require.Len(t, h.user(h.inGoogle(a)).Licences, 1)
	for i := range 3 {
		used := 0
		d, err := h.sandbox.GoogleDirectory(t.Context())
		require.NoError(t, err)
		for _, u := range d.Users {
			used += len(u.Licences)
		}
		h.licensedAs(used)
		h.moves(a, "Marketing")
		h.moves(b, "Sales")
		h.days()
		require.Empty(t, h.user(h.inGoogle(a)).Licences, "time %d", i)
		require.Len(t, h.user(h.inGoogle(b)).Licences, 1, "time %d", i)
		a, b = b, a
	}
	h.rests("licences")
}

// TestHALicenceOfAWithdrawnDeparture was assigned by Gatehouse in the same employment, which goes on.
func TestHALicenceOfAWithdrawnDeparture(t *testing.T) {
	h := newHouse(t, salesAccounts, salesLicensed)
	who := h.of("Marketing")
	h.unlicense(who)
	h.days()
	h.moves(who, "Sales")
	h.days()
	require.Len(t, h.user(h.inGoogle(who)).Licences, 1)
	h.leaves(who)
	h.days()
	h.withdrawn(who)
	h.days()
	require.True(t, h.user(h.inGoogle(who)).CanSignIn)
	require.Contains(t, h.user(h.inGoogle(who)).Groups, "sales@acme.example")
	h.moves(who, "Marketing")
	h.days()
	require.NotContains(t, h.user(h.inGoogle(who)).Groups, "sales@acme.example")
	require.Empty(t, h.user(h.inGoogle(who)).Licences, "HR took the termination back: it was one employment, and Gatehouse assigned the licence in it")
}

// ---- departures ----

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

func TestHHiredAgainThreeTimes(t *testing.T) {
	departures(t, (*house).rehired, 10*24*time.Hour, false)
}

func TestHHiredAgainAfterTheSuspension(t *testing.T) {
	departures(t, (*house).rehired, 40*24*time.Hour, false)
}

func TestHWithdrawnThreeTimes(t *testing.T) {
	departures(t, (*house).withdrawn, time.Hour, true)
}

// TestHSuspendAfterIsNotForWhoeverIsBack, and is for whoever leaves again, by the second date.
func TestHSuspendAfterIsNotForWhoeverIsBack(t *testing.T) {
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
	t.Log(h.clock.Now(), h.notesOf(who), h.notesOf("google"))
	require.True(t, h.user(id).Suspended)
}

// TestHALeaverBackWhileSystemsWereDown: down during the departure, up for the return, down for the second departure.
func TestHALeaverBackWhileSystemsWereDown(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	for i := range 2 {
		h.livesIn(id)
		h.pass()
		for _, s := range []string{"google", "salesforce"} {
			require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: s, Times: -1, Status: 503}))
		}
		h.leaves(who)
		h.looks(who)
		h.honest()
		h.withdrawn(who)
		h.days()
		t.Log(h.notesOf(who))
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

// TestHManagersOfEachOtherLeave on the same day: nothing can be handed over, and somebody is told.
func TestHManagersOfEachOtherLeave(t *testing.T) {
	h := newHouse(t)
	var workday []string
	for _, k := range h.people {
		if strings.HasPrefix(k, "workday-") {
			workday = append(workday, k)
		}
	}
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
			t.Log(who, mail, d, h.inGoogle(a), h.inGoogle(b), h.notesOf("system_heirs_left"))
			if slices.Contains([]string{h.inGoogle(a), h.inGoogle(b)}, d) {
				require.NotEmpty(t, h.itemOf("system_heirs_left"), "a leaver reads a leaver's mail")
			}
		}
	}
	require.True(t, h.told("no manager who stays"), "nobody is told")
}

func TestHAHireCalledOffTwice(t *testing.T) {
	h := newHouse(t)
	fields := control.Fields{
		"first_name": "Nina", "last_name": "Novak", "department": "Sales", "title": "Analyst", "location": "Berlin", "hire_date": "today+3", "manager_id": "21001", "personal_email": "n@home.example",
	}
	first := ""
	for i := range 3 {
		id, err := h.sandbox.Hire(t.Context(), identity.SourceWorkday, fields)
		require.NoError(t, err)
		key := "workday-" + id
		h.people = append(h.people, key)
		if first == "" {
			first = key // Whoever is hired anew under another id is the same human.
		}
		h.days()
		crm, mail, dn := h.inSalesforce(first), h.inGoogle(first), h.inDirectory(first)
		require.NotEmpty(t, crm, "time %d", i)
		require.NotEmpty(t, mail, "time %d", i)
		require.NotEmpty(t, dn, "time %d", i)
		if i == 2 {
			h.clock.advance(4 * 24 * time.Hour)
			h.days()
			require.True(t, h.crmUser(crm).CanSignIn, "hired for the third time")
			require.True(t, h.user(mail).CanSignIn)
			require.Contains(t, h.user(mail).Groups, "sales@acme.example")
			require.Contains(t, h.membersOf("Sales"), dn)
			require.Contains(t, h.crmUser(crm).Sets, opportunities)
			entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
			require.NoError(t, err)
			require.Empty(t, entry["pwdaccountlockedtime"])
			break
		}
		h.does(key, "rescind", nil)
		h.days()
		require.False(t, h.crmUser(crm).CanSignIn, "time %d", i)
		require.False(t, h.user(mail).OwnPassword, "time %d", i)
		require.Empty(t, h.user(mail).Groups, "time %d", i)
		entry, err := h.sandbox.LDAPEntry(t.Context(), dn)
		require.NoError(t, err)
		require.NotEmpty(t, entry["pwdaccountlockedtime"], "time %d", i)
	}
	h.rests("hires")
}

// TestHABackWithoutAMailbox: an account without a licence has no mailbox, in which nothing was set and nothing is to be undone.
func TestHABackWithoutAMailbox(t *testing.T) {
	h := newHouse(t)
	id, err := h.sandbox.Hire(t.Context(), identity.SourceWorkday, control.Fields{
		"first_name": "Nina", "last_name": "Novak", "department": "Sales", "title": "Analyst", "location": "Berlin", "hire_date": "today-3", "manager_id": "21001", "personal_email": "n@home.example",
	})
	require.NoError(t, err)
	key := "workday-" + id
	h.people = append(h.people, key)
	h.days()
	h.company()
	google, crm, dn := h.user(h.inGoogle(key)).ID, h.inSalesforce(key), h.inDirectory(key)
	require.Empty(t, h.user(google).Licences)
	h.isOpen(key, google, crm, dn, "hired")
	for i := range 2 {
		h.leaves(key)
		h.days()
		h.isShut(key, google, crm, dn, fmt.Sprint("departure ", i))
		t.Log(h.notesOf("google"))
		h.rehired(key)
		h.days()
		t.Log(h.notesOf("google"))
		h.isOpen(key, google, crm, dn, fmt.Sprint("return ", i))
		require.Empty(t, h.notesOf("no_mailbox"), "return %d: somebody is asked about a step in a mailbox that there never was", i)
		h.rests("return")
	}
}

func TestHAnAccountIsDeletedTwice(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	mail := h.inGoogle(who)
	for i := range 2 {
		id := h.user(mail).ID
		h.hand("delete", id, "")
		h.days()
		h.days()
		u := h.user(h.inGoogle(who))
		require.NotEmpty(t, u.ID, "made again, time %d: %v", i, h.notesOf("google"))
		require.NotEqual(t, id, u.ID)
		require.Subset(t, u.Groups, []string{"all@acme.example", "sales@acme.example"}, "time %d", i)
	}
	id := h.user(mail).ID
	h.hand("own_password", id, "")
	h.leaves(who)
	h.days()
	require.False(t, h.user(id).OwnPassword)
	require.Empty(t, h.user(id).Groups)
}

// googleLicence calls the licensing API of the sandbox.
func (h *house) googleLicence(method, path string) { h.googleBody(method, path, "") }

func (h *house) googleBody(method, path, body string) {
	h.t.Helper()
	c, err := google.JWTConfigFromJSON([]byte(h.config.Systems.Google.Credentials.Reveal()), "https://www.googleapis.com/auth/apps.licensing")
	require.NoError(h.t, err)
	c.Subject = kit.GoogleAdministrator
	req, err := http.NewRequestWithContext(h.t.Context(), method, h.config.Systems.Google.BaseURL+"/apps/licensing/v1/product/Google-Apps/sku/"+path, strings.NewReader(body))
	require.NoError(h.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Client(h.t.Context()).Do(req)
	require.NoError(h.t, err)
	require.NoError(h.t, resp.Body.Close())
	require.Contains(h.t, []int{http.StatusOK, http.StatusNoContent}, resp.StatusCode)
}

// TestHAMailboxThatIsBackLater: the licence was released by the departure; the person is back, and IT gives the licence by hand, as it is told to.
func TestHAMailboxThatIsBackLater(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
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
	h.rehired(who)
	h.days()
	require.False(t, h.user(mail).Suspended)
	h.assign(mail)
	h.days()
	h.days()
	require.False(t, h.mailbox(mail).AutoReply, "the mailbox of somebody who works here says that they have left; told: %v", h.notesOf("google"))
	require.Empty(t, h.mailbox(mail).Delegates, "somebody else reads their mail; told: %v", h.notesOf("google"))
}

func (h *house) assign(mail string) {
	h.t.Helper()
	h.googleBody("POST", "1010020020/user", fmt.Sprintf(`{"userId":%q}`, mail))
	require.Len(h.t, h.user(mail).Licences, 1)
}

// TestHACutOffWrite is cut off after each of its activities, its answer being lost, and HR goes back.
func TestHACutOffWrite(t *testing.T) {
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	for cut := 1; cut < 25; cut++ {
		h.titled(who, "Engineer")
		require.NoError(t, h.look(who, cut))
		h.pass()
		h.pass()
		h.everywhere(who, "title", "Engineer", fmt.Sprint("cut ", cut))
		h.titled(who, "Analyst")
		h.pass()
		h.pass()
		h.everywhere(who, "title", "Analyst", fmt.Sprint("cut ", cut))
	}
}

func TestHACutOffMove(t *testing.T) {
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

// TestHTheHeirChanges between departures.
func TestHTheHeirChanges(t *testing.T) {
	h := newHouse(t)
	var workday []string
	for _, k := range h.people {
		if strings.HasPrefix(k, "workday-") {
			workday = append(workday, k)
		}
	}
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

// TestHAHandOpensALeaverAgain, each system twice.
func TestHAHandOpensALeaverAgain(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
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

// TestHPlacesChangeAgainAndAgain: two people, each the last member of a group of the directory.
func TestHPlacesChangeAgainAndAgain(t *testing.T) {
	h := newHouse(t)
	one, other := h.of("Sales"), h.of("Marketing")
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
	h.days()
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

func TestHTheDirectoryGivesTakesGives(t *testing.T) {
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

// TestHTombstonesOverlap: out by hand, read, in by hand, read, out, all within keep_absent.
func TestHTombstonesOverlap(t *testing.T) {
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

// TestHOrdersEndAndBegin: contained, released, contained, released.
func TestHOrdersEndAndBegin(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	orders := h.app.Ledger.Orders()
	for i := range 3 {
		order := fmt.Sprint("c", i)
		h.livesIn(id)
		h.pass()
		require.NoError(t, orders.Put(t.Context(), identity.Order{ID: order, Key: who, Kind: identity.OrderContain, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
		h.days()
		h.isShut(who, id, crm, dn, order)
		_, err := orders.Release(t.Context(), order, "it@acme.example", "over")
		require.NoError(t, err)
		h.days()
		h.isOpen(who, id, crm, dn, order)
		require.Equal(t, i+1, h.transfersOf(id))
		h.clock.advance(48 * time.Hour)
	}
	h.rests("orders")
}

// TestHAwayAndBack: on leave twice, moved meanwhile.
func TestHAwayAndBack(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	for i := range 2 {
		h.does(who, "leave", nil)
		h.days()
		h.moves(who, "Engineering")
		h.titled(who, "Engineer")
		h.days()
		require.NotContains(t, h.user(id).Groups, "sales@acme.example", "away %d", i)
		h.does(who, "return", nil)
		h.days()
		h.inSales(who, false, fmt.Sprint("back ", i))
		h.everywhere(who, "title", "Engineer", "back")
		h.does(who, "leave", nil)
		h.moves(who, "Sales")
		h.titled(who, "Analyst")
		h.days()
		h.does(who, "return", nil)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("back ", i))
		h.inSales(who, true, fmt.Sprint("back ", i))
		h.everywhere(who, "title", "Analyst", "back")
	}
	h.rests("away")
}

// TestHAHoldOverTwoDepartures keeps what there is, and nothing is forgotten once it is over.
func TestHAHoldOverTwoDepartures(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	orders := h.app.Ledger.Orders()
	require.NoError(t, orders.Put(t.Context(), identity.Order{ID: "h1", Key: who, Kind: identity.OrderHold, By: "it@acme.example", Reason: "x", At: h.clock.Now()}))
	for range 2 {
		h.leaves(who)
		h.days()
		require.False(t, h.user(id).OwnPassword)
		require.Contains(t, h.user(id).Groups, "sales@acme.example")
		h.withdrawn(who)
		h.days()
		h.isOpen(who, id, crm, dn, "held")
		h.hand("own_password", id, "")
	}
	h.leaves(who)
	h.days()
	_, err := orders.Release(t.Context(), "h1", "it@acme.example", "over")
	require.NoError(t, err)
	h.days()
	h.isShut(who, id, crm, dn, "the hold is over")
	require.Equal(t, 1, h.transfersOf(id))
	h.rehired(who)
	h.days()
	h.isOpen(who, id, crm, dn, "back")
	// What Gatehouse gave in the first employment, HR takes in the second.
	h.moves(who, "Engineering")
	h.days()
	h.inSales(who, false, "moved")
}

// TestHACreateOnlyValue is written into the account that is made again, and not else.
func TestHACreateOnlyValue(t *testing.T) {
	h := newHouse(t, alwaysTitle, "  title: {from: person.title, when: create_only}\n")
	who := h.of("Sales")
	was := h.shownAs(who, "title")["ldap"]
	mail := h.inGoogle(who)
	for i, title := range []string{"Analyst", "Engineer", "Analyst"} {
		h.titled(who, title)
		h.days()
		require.Equal(t, was, h.shownAs(who, "title")["ldap"])
		h.hand("delete", h.user(mail).ID, "")
		h.days()
		h.days()
		require.Equal(t, title, h.shownAs(who, "title")["google"], "time %d", i)
	}
	h.rests("create_only")
}

// TestHUnits: a rule's place changes, by HR and by hand.
func TestHUnits(t *testing.T) {
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

// TestHAGiftGoneWithItsRule: the rule went, and somebody had taken the group by hand. What is given by hand later is a person's gift.
func TestHAGiftGoneWithItsRule(t *testing.T) {
	h := newHouse(t)
	who := h.of("Marketing")
	mail := h.inGoogle(who)
	without, with := "      group: Marketing\n      roles: [Marketing]\n", "      group: Marketing\n      roles: [Marketing]\n      groups: {google: [wifi@acme.example], ldap: [Finance]}\n"
	h.hand("leave", mail, "wifi@acme.example")
	h.days()
	h.repolicy(without, with)
	h.days()
	require.Contains(t, h.user(mail).Groups, "wifi@acme.example")
	h.hand("leave", mail, "wifi@acme.example")
	h.repolicy(with, without)
	h.days()
	require.NotContains(t, h.user(mail).Groups, "wifi@acme.example")
	h.clock.advance(200 * 24 * time.Hour)
	h.days()
	h.hand("join", mail, "wifi@acme.example")
	h.days()
	require.Contains(t, h.user(mail).Groups, "wifi@acme.example", "a person gave it half a year after Gatehouse's gift was gone, and Gatehouse takes it")
}

// TestHAnswersOfDeparturesAreLost, each twice in a row.
func TestHAnswersOfDeparturesAreLost(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
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

// cutOff cuts a run off, and gives its last activity the time to come to its end, for which production waits.
func (h *house) cutOff(who string, cut int) {
	require.NoError(h.t, h.look(who, cut))
	time.Sleep(150 * time.Millisecond)
}

func TestHCutOffDeparturesAndReturns(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	for cut := 2; cut < 60; cut += 5 {
		h.livesIn(id)
		h.leaves(who)
		h.cutOff(who, cut)
		h.withdrawn(who)
		h.cutOff(who, cut)
		if cut%2 == 0 {
			h.days()
			h.isOpen(who, id, crm, dn, fmt.Sprint("cut ", cut))
		}
		h.leaves(who)
		h.cutOff(who, cut)
		h.days()
		h.isShut(who, id, crm, dn, fmt.Sprint("cut ", cut))
		h.withdrawn(who)
		h.cutOff(who, cut)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("cut ", cut))
	}
	h.rests("cut")
}

// TestHNoLicenceOfSalesforceIsFree for whoever is back, and is later; twice.
func TestHNoLicenceOfSalesforceIsFree(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	all, err := h.sandbox.CRM(t.Context())
	require.NoError(t, err)
	name, total := all.Licences[0].Name, all.Licences[0].Total
	for i := range 2 {
		h.leaves(who)
		h.days()
		now, err := h.sandbox.CRM(t.Context())
		require.NoError(t, err)
		_, err = h.sandbox.CRMHand(t.Context(), control.Fields{"action": "licences", "licence": name, "times": now.Licences[0].Used})
		require.NoError(t, err)
		h.withdrawn(who)
		h.days()
		require.False(t, h.crmUser(crm).CanSignIn)
		require.NotEmpty(t, h.notesOf("salesforce"), "time %d: nobody is told", i)
		_, err = h.sandbox.CRMHand(t.Context(), control.Fields{"action": "licences", "licence": name, "times": total})
		require.NoError(t, err)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("time ", i))
	}
	h.rests("licences of Salesforce")
}

// TestHTheHeirIsRenamed while somebody is gone.
func TestHTheHeirIsRenamed(t *testing.T) {
	h := newHouse(t, alwaysTitle, alwaysTitle+"  first_name: {when: always}\n  last_name: {when: always}\n  email: {when: always}\n")
	var workday []string
	for _, k := range h.people {
		if strings.HasPrefix(k, "workday-") {
			workday = append(workday, k)
		}
	}
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
		t.Log("told of the delegation:", h.told("delegat"), h.told("reads their mail"), h.user(heir).Aliases)
		require.Empty(t, h.mailbox(h.user(id).Email).Delegates, "return %d: told %v", i, h.notesOf("delegat"))
		require.False(t, h.mailbox(h.user(id).Email).AutoReply, "return %d", i)
	}
}

// TestHOldAccessStaysAWhile: there and back within it, and again.
func TestHOldAccessStaysAWhile(t *testing.T) {
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

// TestHOneLoginIsEdited by hand, there and back.
func TestHOneLoginIsEdited(t *testing.T) {
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	for i, title := range []string{"Analyst", "Engineer", "Analyst", "Engineer"} {
		_, err := h.sandbox.EditAccount(t.Context(), h.oneLogin(who).ID, control.Fields{"title": title})
		require.NoError(t, err)
		h.titled(who, title)
		h.days()
		require.Equal(t, title, h.oneLogin(who).Title, "time %d", i)
		h.everywhere(who, "title", title, fmt.Sprint("time ", i))
	}
	h.rests("edits")
}

// TestHAnotherSystemsValueIsAgreedOn: as HR's, of an attribute that Google owns.
func TestHAnotherSystemsValueIsAgreedOn(t *testing.T) {
	h := newHouse(t, "phone: {owner: google, normalise: phone, country: DE, when: always}", "phone: {owner: google, normalise: phone, country: DE, when: change}")
	who := h.of("Sales")
	id := h.user(h.inGoogle(who)).ID
	h.hand("phone", id, "+49 30 1111111")
	h.days()
	h.hand("phone", id, "+49 30 2222222")
	require.NoError(t, h.sandbox.LDAPHand(t.Context(), h.inDirectory(who), "telephoneNumber", "+49 30 2222222"))
	h.days()
	h.everywhere(who, "phone", "+49 30 2222222", "agreed")
	h.hand("phone", id, "+49 30 1111111")
	h.days()
	h.everywhere(who, "phone", "+49 30 1111111", "back")
}

// TestHAnEditOfWhatWasBefore: Gatehouse wrote B where A was; somebody edits it back to A, and it is to be put back again and again.
func TestHAnEditOfWhatWasBefore(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	was := h.shownAs(who, "title")
	h.titled(who, "Analyst")
	h.days()
	for range 2 {
		h.hand("title", h.user(h.inGoogle(who)).ID, was["google"])
		require.NoError(t, h.sandbox.LDAPHand(t.Context(), h.inDirectory(who), "title", was["ldap"]))
		_, err := h.sandbox.CRMHand(t.Context(), control.Fields{"action": "edit", "id": h.inSalesforce(who), "fields": map[string]any{"Title": was["salesforce"]}})
		require.NoError(t, err)
		h.days()
		h.everywhere(who, "title", "Analyst", "when: always")
	}
	h.rests("edits")
}

// TestHWhatGatehouseGaveBeforeAWithdrawnDeparture goes with its rule, also if the departure had left it.
func TestHWhatGatehouseGaveBeforeAWithdrawnDeparture(t *testing.T) {
	const without, with = "      group: Marketing\n      roles: [Marketing]\n", "      group: Marketing\n      roles: [Marketing]\n      groups: {google: [wifi@acme.example]}\n"
	for name, left := range map[string]func(h *house, who string){
		"never": func(*house, string) {},
		"kept": func(h *house, who string) {
			h.leaves(who)
			h.days()
			require.Equal(h.t, []string{"wifi@acme.example"}, h.user(h.inGoogle(who)).Groups)
		},
		"down": func(h *house, who string) {
			require.NoError(h.t, h.sandbox.AddFault(h.t.Context(), control.Fault{System: "google", Times: -1, Status: 503}))
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
			h.repolicy(without, with)
			h.days()
			require.Contains(t, h.user(mail).Groups, "wifi@acme.example")
			left(h, who)
			h.withdrawn(who)
			h.days()
			require.Contains(t, h.user(mail).Groups, "wifi@acme.example")
			h.repolicy(with, without)
			h.days()
			require.NotContains(t, h.user(mail).Groups, "wifi@acme.example", "Gatehouse gave it, and no rule gives it any more")
		})
	}
}

// TestHBackInAnotherDepartment: what the departure left does not outlive the position that it was for.
func TestHBackInAnotherDepartment(t *testing.T) {
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

// TestHLicencesAreReleasedTwice, once for each departure.
func TestHLicencesAreReleasedTwice(t *testing.T) {
	h := newHouse(t, "suspend_after: 30d, delegate_to", "suspend_after: 30d, release_licences_after: 60d, delegate_to")
	who := h.of("Sales")
	mail := h.inGoogle(who)
	for i := range 3 {
		h.leaves(who)
		h.days()
		require.True(t, h.mailbox(mail).AutoReply, "time %d", i)
		require.Len(t, h.mailbox(mail).Delegates, 1, "time %d", i)
		h.clock.advance(45 * 24 * time.Hour)
		h.days()
		require.NotEmpty(t, h.user(mail).Licences, "time %d", i)
		h.clock.advance(20 * 24 * time.Hour)
		h.days()
		require.Empty(t, h.user(mail).Licences, "time %d", i)
		h.rehired(who)
		h.days()
		h.assign(mail)
		h.days()
		require.False(t, h.mailbox(mail).AutoReply, "time %d", i)
		require.Empty(t, h.mailbox(mail).Delegates, "time %d", i)
		require.Len(t, h.user(mail).Licences, 1, "time %d", i)
	}
	h.rests("licences")
}

// TestHAMailboxAfterADepartureWithoutOne: nothing was delegated, and nothing is to be taken back.
func TestHAMailboxAfterADepartureWithoutOne(t *testing.T) {
	h := newHouse(t)
	id, err := h.sandbox.Hire(t.Context(), identity.SourceWorkday, control.Fields{
		"first_name": "Nina", "last_name": "Novak", "department": "Sales", "title": "Analyst", "location": "Berlin", "hire_date": "today-3", "manager_id": "21001", "personal_email": "n@home.example",
	})
	require.NoError(t, err)
	key := "workday-" + id
	h.people = append(h.people, key)
	h.days()
	mail := h.inGoogle(key)
	for i := range 2 {
		h.leaves(key)
		h.days()
		if i == 1 {
			require.True(t, h.mailbox(mail).AutoReply, "there is a mailbox now")
			require.Len(t, h.mailbox(mail).Delegates, 1)
		}
		h.rehired(key)
		h.days()
		if i == 0 {
			h.assign(mail)
			h.days()
		}
		require.False(t, h.mailbox(mail).AutoReply)
		require.Empty(t, h.mailbox(mail).Delegates)
		t.Log(h.notesOf("google"))
		h.rests("mailbox")
	}
}

// TestHARefusalMendedByHand: what was refused was entered by hand, and an edit of that is put back as of any other value.
func TestHARefusalMendedByHand(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 19, Times: 40}))
	h.titled(who, "Engineer")
	h.looks(who)
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{}))
	h.honest()
	dn := h.inDirectory(who)
	require.NoError(t, h.sandbox.LDAPHand(t.Context(), dn, "title", "Engineer"))
	h.days()
	h.everywhere(who, "title", "Engineer", "mended")
	require.NoError(t, h.sandbox.LDAPHand(t.Context(), dn, "title", "Analyst"))
	h.days()
	h.everywhere(who, "title", "Engineer", "when: always")
}

// TestHObservedDepartures: a departure or a return that is observed at first is carried out once it is enforced.
func TestHObservedDepartures(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.company()
	id, crm, dn := h.user(h.inGoogle(who)).ID, h.inSalesforce(who), h.inDirectory(who)
	observe := []string{enforced, observed, "ldap: {mode: enforce,", "ldap: {mode: observe,", "salesforce: {mode: enforce,", "salesforce: {mode: observe,"}
	enforce := []string{observed, enforced, "ldap: {mode: observe,", "ldap: {mode: enforce,", "salesforce: {mode: observe,", "salesforce: {mode: enforce,"}
	for i := range 2 {
		h.livesIn(id)
		h.pass()
		h.repolicy(observe...)
		h.leaves(who)
		h.days()
		require.True(t, h.user(id).OwnPassword)
		h.repolicy(enforce...)
		h.days()
		h.isShut(who, id, crm, dn, fmt.Sprint("enforced ", i))
		h.repolicy(observe...)
		h.withdrawn(who)
		h.days()
		require.False(t, h.crmUser(crm).CanSignIn)
		h.repolicy(enforce...)
		h.days()
		h.isOpen(who, id, crm, dn, fmt.Sprint("enforced ", i))
		require.Empty(t, h.mailbox(h.user(id).Email).Delegates)
	}
	h.rests("modes")
}
