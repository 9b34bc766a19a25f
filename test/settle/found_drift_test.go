package settle

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnEditOfAValueThatAgreedStays: a title was as HR has it when Gatehouse came, so that it never had to be written. With when: change
// an edit of it was put back without a word.
func TestAnEditOfAValueThatAgreedStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.of("Sales")
	h.driftsFrom(who, h.oneLogin(who).Title)
}

// TestAnEditOfWhatAnAccountWasMadeWithStays: the same of an account that Gatehouse made with the title.
func TestAnEditOfWhatAnAccountWasMadeWithStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t, alwaysTitle, changeTitle)
	who := h.hires("today", "Analyst")
	h.days()
	h.driftsFrom(who, "Analyst")
}

// driftsFrom has somebody edit a title in Google, which stays until HR has another one.
func (h *house) driftsFrom(who, title string) {
	h.t.Helper()
	require.Equal(h.t, title, h.shownAs(who, "title")["google"])
	h.hand("title", h.user(h.inGoogle(who)).ID, "Chief of Fun")
	h.days()
	require.Equal(h.t, "Chief of Fun", h.shownAs(who, "title")["google"])
	h.rests("an edit that stays")
	h.becomes(who, "Engineer", "HR has another one")
	h.rests("titles")
}
