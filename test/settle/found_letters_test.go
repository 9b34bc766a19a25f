package settle

import (
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestATitleInOtherLetters: HR corrected nothing but capitals or composition, and OneLogin alone followed. An edit in capitals was not put
// back.
func TestATitleInOtherLetters(t *testing.T) {
	h := newHouse(t)
	who := h.of("Sales")
	h.becomes(who, "head of it", "first")
	for _, title := range []string{"Head of IT", "Bu\u0308roleitung", "B\u00fcroleitung"} {
		h.titled(who, title)
		h.days()
		require.Equal(t, title, h.oneLogin(who).Title)
		h.everywhere(who, "title", title, "HR has it in other letters")
	}
	h.hand("title", h.user(h.inGoogle(who)).ID, "B\u00dcROLEITUNG")
	h.days()
	h.everywhere(who, "title", h.oneLogin(who).Title, "somebody writes it in capitals")
	h.rests("a title in other letters")
	require.Empty(t, h.notesOf("value"))
}

// TestANameInOtherLetters: the same of a name, which the directory compares without case.
func TestANameInOtherLetters(t *testing.T) {
	h := newHouse(t, alwaysTitle, alwaysTitle+"  last_name: {when: always}\n")
	who := h.of("Sales")
	for _, name := range []string{"Mcdonald", "McDonald"} {
		h.does(who, "change", control.Fields{"last_name": name})
		h.days()
		entry, err := h.sandbox.LDAPEntry(t.Context(), h.inDirectory(who))
		require.NoError(t, err)
		require.Equal(t, name, one(entry["sn"]))
	}
}
