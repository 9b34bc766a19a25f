package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

const twoFields = "  title: {from: 'person.title + \", \" + person.location', when: always}\n"

// TestHalfATextIsNotWritten: a text is made of two fields of HR, of which one cannot be read. The other half was written everywhere.
func TestHalfATextIsNotWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, twoFields)
	who := h.of("Sales")
	was := h.shownAs(who, "title")
	h.titled(who, "VerkÃ¤ufer")
	h.days()
	require.Equal(t, was, h.shownAs(who, "title"))
	h.titled(who, "Verkäufer")
	h.days()
	require.Contains(t, h.shownAs(who, "title")["ldap"], "Verkäufer, ")
}

// TestAColumnThatGoesMissingClearsNoHalf: HR's report loses a column of which a text is made, and the rest of the text was written.
func TestAColumnThatGoesMissingClearsNoHalf(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, twoFields)
	// A poll remembers in which columns people have something.
	require.NoError(t, h.run(api.SyncCollect, api.SyncInput{Source: identity.SourceWorkday, Batch: "1"}, nil))
	who := h.ofWorkday()[0]
	was := h.shownAs(who, "title")
	require.NoError(t, h.sandbox.Workday(t.Context(), map[string]any{"drop_columns": []string{"Business_Title"}}))
	h.looks(who)
	h.days()
	now := h.shownAs(who, "title")
	require.NoError(t, h.sandbox.Workday(t.Context(), map[string]any{}))
	require.Equal(t, was, now)
}

// TestHalfANameIsNotWritten: a last name cannot be read, and the first name with a space was shown in its place.
func TestHalfANameIsNotWritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, alwaysTitle+"  display_name: {when: always}\n")
	who := h.of("Sales")
	shown := func() []string {
		entry, err := h.sandbox.LDAPEntry(t.Context(), h.inDirectory(who))
		require.NoError(t, err)
		name, _ := h.user(h.inGoogle(who)).Fields["name"].(map[string]any)
		text, _ := name["displayName"].(string)
		return []string{one(entry["displayname"]), text}
	}
	was := shown()
	h.does(who, "change", control.Fields{"last_name": "MÃ¼ller"})
	h.days()
	require.Equal(t, was, shown())
}

// TestAFieldThatCannotBeReadIsLookedUpNowhere: a department cannot be read, and the text for those that are in no table was written.
func TestAFieldThatCannotBeReadIsLookedUpNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "  department: {from: person.department, when: always}\n",
		"  department: {from: 'lookup(\"depts\", person.department, \"Other\")', when: always}\ntables:\n  depts: {Sales: Vertrieb}\n")
	who := h.of("Sales")
	require.Equal(t, "Vertrieb", h.shownAs(who, "department")["google"])
	h.does(who, "change", control.Fields{"department": "VerkÃ¤ufe"})
	h.days()
	require.Equal(t, "Vertrieb", h.shownAs(who, "department")["google"])
}
