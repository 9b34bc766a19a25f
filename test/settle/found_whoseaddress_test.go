package settle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
)

// TestAnAliasOfAColleague: HR gave somebody an address that is an alias of a colleague's mailbox, and Salesforce and the directory took it:
// what was sent to them reached the colleague.
func TestAnAliasOfAColleague(t *testing.T) {
	h := newHouse(t, alwaysTitle, followsAddresses)
	who, other := h.of("Sales"), h.of("Marketing")
	h.google("POST", "users/"+h.user(h.inGoogle(other)).ID+"/aliases", `{"alias":"maiden.name@acme.example"}`, "admin.directory.user")
	h.days()
	addresses := h.addressesOf(who)
	was := addresses()
	h.does(who, "change", control.Fields{"work_email": "maiden.name@acme.example"})
	h.days()
	require.Equal(t, was, addresses())
	require.True(t, h.told("is not written: somebody else has it"))
}

// TestAnAddressThatHRPromised: HR had an address for somebody who was yet to begin, and a namesake who began before got it. The first had
// no account after their first day.
func TestAnAddressThatHRPromised(t *testing.T) {
	h := newHouse(t, "  google:\n    mode: enforce\n", "  google:\n    mode: enforce\n    username: [\"{first}.{last}@acme.example\", \"{first}.{last}{n}@acme.example\"]\n")
	const promised = "nina.novak@acme.example"
	first := h.hiresNina(control.Fields{"hire_date": "today+20", "work_email": promised, "personal_email": "first@elsewhere.example", "birth_date": "1990-01-01"})
	h.pass()
	second := h.hiresNina(control.Fields{"personal_email": "another.human@elsewhere.example", "birth_date": "1999-09-09"})
	h.days()
	require.Equal(t, "nina.novak2@acme.example", h.ownMailbox(second))
	require.Equal(t, "nina.novak2@acme.example", h.oneLogin(second).Username)
	h.clock.advance(20 * 24 * time.Hour)
	h.days()
	require.Equal(t, promised, h.ownMailbox(first))
	require.Equal(t, promised, h.oneLogin(first).Username)
}
