package settle

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnotherFormOverwritesNoEdit: an edit of a title had stayed. Once the policy compared titles in another form, the edit was overwritten.
func TestAnotherFormOverwritesNoEdit(t *testing.T) {
	t.Parallel()
	const lower = "  title: {from: person.title, when: change, normalise: lower}\n"
	h := newHouse(t, alwaysTitle, lower)
	who := h.of("Sales")
	h.becomes(who, "Engineer", "HR has another one")
	h.hand("title", h.user(h.inGoogle(who)).ID, "Chief of Fun")
	h.days()
	for _, edit := range [][2]string{{lower, changeTitle}, {changeTitle, lower}} {
		h.repolicy(edit[0], edit[1])
		h.days()
		require.Equal(t, "Chief of Fun", h.shownAs(who, "title")["google"])
	}
	h.becomes(who, "Analyst", "HR has yet another one")
	h.rests("titles")
}
