package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

// What a system refuses as a part of a step that is done goes to the ticket and to IT, together for an account.
func TestWhatIsLeftGoesToTheTicketAndToIT(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("salesforce", "005", identity.SystemSuspend, identity.SystemRemoveRoles))
	b.left[identity.SystemSuspend] = []string{"it is the owner of 3 scheduled jobs: name another one"}
	b.left[identity.SystemRemoveRoles] = []string{"permission set Ops_Admin is in a group"}
	e := w.offboards(b, a, nil)
	require.Equal(t, "access ended", e.out.Result)
	require.Len(t, b.comments, 1)
	require.Equal(t, []string{
		"salesforce account 005: suspend the account: it is the owner of 3 scheduled jobs: name another one",
		"salesforce account 005: take roles: permission set Ops_Admin is in a group",
	}, b.comments[0].Lines)
	require.Equal(t, 1, strings.Count(strings.Join(kinds(w), " "), string(api.MessageSystemsLeft)))
}

func kinds(w *world) (all []string) {
	for _, k := range w.posted() {
		all = append(all, string(k))
	}
	return all
}

// Somebody who has nothing to lose in OneLogin any more is closed elsewhere by Person itself, which stays open for it and opens a
// ticket, since there is none.
func TestPersonStaysOpenForALeaversDebt(t *testing.T) {
	t.Parallel()
	w, b, _ := departing(t)
	w.finds(with(left(), leaving("google", "77", identity.SystemSuspend)))
	up := false
	w.downUntil("suspend", "@google/77", func() bool { return up })
	p := w.open(start).beyond(b)
	p.after(30*time.Minute, func() {
		require.Len(t, b.tickets, 1)
		require.Equal(t, api.TicketSystems, b.tickets[0].Kind)
		p.hint()
	})
	p.after(31*time.Minute+30*time.Second, func() { up = true })
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Len(t, b.carried, 1)
	require.Len(t, b.tickets, 1)
	require.Equal(t, key+"/2/ticket-systems", b.comments[0].Of)
	require.InDelta(t, 33*time.Minute, e.at.Sub(start), float64(4*time.Minute))
}

// The departure is withdrawn while a system owes a suspension: it is not carried out any more.
func TestWithdrawnDepartureWithdrawsWhatIsOwed(t *testing.T) {
	t.Parallel()
	w, b, _ := departing(t)
	w.finds(with(left(), leaving("google", "77", identity.SystemSuspend)))
	w.downUntil("suspend", "@google/77", func() bool { return false })
	p := w.open(start).beyond(b)
	p.after(30*time.Minute, func() { w.finds(person()); p.hint() })
	e := p.person()
	require.NoError(t, e.err)
	require.Equal(t, "nothing to do", e.out.Result)
	require.Equal(t, start.Add(30*time.Minute), e.at)
	require.Empty(t, b.carried)
}

// An account that turns up while the offboarding is at work is closed as well.
func TestAccountFoundDuringADepartureIsClosed(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("google", "77", identity.SystemSuspend))
	a.VerifyAfter = []time.Duration{30 * time.Minute}
	e := w.offboards(b, a, func(p *play) {
		p.after(10*time.Minute, func() {
			w.finds(with(left(), leaving("ldap", "e9", identity.SystemSuspend)))
			p.hint()
		})
	})
	require.NoError(t, e.err)
	require.Equal(t, "access ended", e.out.Result)
	require.Equal(t, "suspended", b.status["ldap/e9"])
	require.Equal(t, "confirmed", w.fact("read-back:1@ldap/e9").Outcome)
}

// A departure whose plan is outdated elsewhere is looked at again.
func TestOutdatedDepartureElsewhereIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w, b, a := departing(t, leaving("google", "77", identity.SystemSuspend))
	w.before("suspend@google/77", func(context.Context, int) error { return superseded() })
	e := w.offboards(b, a, nil)
	require.Equal(t, api.TypePerson, e.next)
	require.Equal(t, start, e.at)
}
