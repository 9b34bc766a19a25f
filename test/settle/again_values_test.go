package settle

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestAnAgreedValueIsGoneBackOn: HR says A (written), somebody makes B by hand, HR says B too, HR says A again: the owner's value has changed.
func TestAnAgreedValueIsGoneBackOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.becomes(who, "Analyst", "the first change")
	h.hand("title", h.user(h.inGoogle(who)).ID, "Engineer")
	h.becomes(who, "Engineer", "the second change")
	h.becomes(who, "Analyst", "the third change")
}

// TestALostAnswerAndBack: the write took effect and its answer was lost every time; then HR goes back.
func TestALostAnswerAndBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.becomes(who, "Analyst", "the first change")
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 52, After: true, Times: 2}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "PATCH", When: "after", Style: "drop", Times: 2}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "google", Method: "PUT", When: "after", Style: "drop", Times: 2}))
	require.NoError(t, h.sandbox.AddFault(t.Context(), control.Fault{System: "salesforce", Method: "PATCH", When: "after", Style: "drop", Times: 2}))
	h.becomes(who, "Engineer", "the second change")
	h.becomes(who, "Analyst", "the third change")
}

// TestACutOffWriteAndBack: the write took effect, the worker was gone before it could say so, and HR goes back.
func TestACutOffWriteAndBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.becomes(who, "Analyst", "the first change")
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 52, After: true, Times: 500}))
	h.titled(who, "Engineer")
	h.looks(who)
	h.honest()
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{}))
	_, _ = h.sweep("ldap")
	h.days()
	h.everywhere(who, "title", "Engineer", "the second change")
	h.becomes(who, "Analyst", "the third change")
}

// TestARefusedValueIsWrittenForTheNextChange: B is refused once, HR goes back to A and says B again, which is taken by now.
func TestARefusedValueIsWrittenForTheNextChange(t *testing.T) {
	t.Parallel()
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
	h.becomes(who, "Engineer", "the fourth change")
	require.Empty(t, h.notesOf("system_value_not_kept"))
}

// TestARefusalThatIsOver: the directory refuses a value for a while (its schema is corrected later). HR goes back and says the same again.
func TestARefusalThatIsOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{Op: "modify", Code: 19, Times: 40}))
	h.titled(who, "Engineer")
	h.looks(who)
	require.NoError(t, h.sandbox.LDAPFail(t.Context(), control.LDAPFault{}))
	h.honest()
	h.days()
	require.Equal(t, "Analyst", h.shownAs(who, "title")["ldap"], "not refused at all: %v", h.notesOf("title"))
	h.titled(who, "Analyst")
	h.days()
	h.becomes(who, "Engineer", "the third change, of a value that was refused once")
}

func TestTitlesBackAndForth(t *testing.T) {
	t.Parallel()
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

func TestPhonesAndMobilesBackAndForth(t *testing.T) {
	t.Parallel()
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

func TestClearedAndSetAgain(t *testing.T) {
	t.Parallel()
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

func TestADefaultAndBack(t *testing.T) {
	t.Parallel()
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

func TestManagersChange(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"change", "always"} {
		t.Run(when, func(t *testing.T) {
			h := newHouse(t, alwaysTitle, alwaysTitle+"  manager: {when: "+when+"}\n")
			workday := h.ofWorkday()
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

func TestRenamedAndBack(t *testing.T) {
	t.Parallel()
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

func TestDownForTheFirstUpForTheSecond(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.titled(who, "Analyst")
	h.days()
	for range 2 {
		h.down("google", "salesforce")
		h.titled(who, "Engineer")
		h.looks(who)
		h.honest()
		h.becomes(who, "Team Lead", "down for the first")
		h.becomes(who, "Analyst", "back")
	}
}

// TestACutOffWrite is cut off after each of its activities, its answer being lost, and HR goes back.
func TestACutOffWrite(t *testing.T) {
	t.Parallel()
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

// TestACreateOnlyValue is written into the account that is made again, and not else.
func TestACreateOnlyValue(t *testing.T) {
	t.Parallel()
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

// TestOneLoginIsEdited by hand, there and back.
func TestOneLoginIsEdited(t *testing.T) {
	t.Parallel()
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

// TestAnotherSystemsValueIsAgreedOn: as HR's, of an attribute that Google owns.
func TestAnotherSystemsValueIsAgreedOn(t *testing.T) {
	t.Parallel()
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

// TestAnEditOfWhatWasBefore: Gatehouse wrote B where A was; somebody edits it back to A, and it is to be put back again and again.
func TestAnEditOfWhatWasBefore(t *testing.T) {
	t.Parallel()
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

// TestARefusalMendedByHand: what was refused was entered by hand, and an edit of that is put back as of any other value.
func TestARefusalMendedByHand(t *testing.T) {
	t.Parallel()
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
