package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
)

var opening = []string{"onelogin.restrict", "onelogin.deny", "onelogin.enable:a", "orders.close:a"}

// denial takes a role for an order, and keeps an old account of what else it ends.
func denial() identity.Step {
	return identity.Step{Kind: identity.StepRemoveRoles, Names: []string{"Jira"}, Denies: []string{"deny"}}
}

// toOpen is person whose account somebody else has closed, with an order to open it.
func toOpen(before ...identity.Step) api.Assessment {
	a := planned(identity.VerdictRespond, append(before, identity.Step{Kind: identity.StepEnable, Orders: []string{"a"}})...)
	a.Person.AsOf = start
	return a
}

func TestAccountIsOpenedOnceAndTheOrderClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(toOpen())
	w.becomes("orders.close:a", person())
	e := w.open(start).person()
	require.NoError(t, e.err)
	require.Equal(t, []string{"onelogin.enable:a", "orders.close:a"}, w.did(opening...))
	require.Equal(t, []api.CloseOrder{{ID: "a", Outcome: "opened"}}, w.closed)
	require.Equal(t, []api.ResponseInput{{AccountInput: api.AccountInput{Key: key, AccountID: accountID}, Order: "a"}}, w.responses)
	require.Equal(t, "order a", w.fact("onelogin.enable:a").Cause)
}

// Nobody is in for a moment without their restriction, or with what is denied.
func TestRestrictionAndDenialComeBeforeAnAccountIsOpened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(toOpen(identity.Step{Kind: identity.StepSetGroup, Names: []string{"MFA required"}}, denial()))
	w.becomes("orders.close:a", person())
	w.failing("onelogin.deny", 2)
	require.NoError(t, w.open(start).person().err)
	require.Equal(t, opening, w.did(opening...))
	require.Equal(t, []api.RolesInput{{
		AccountInput: api.AccountInput{Key: key, AccountID: accountID}, Remove: []string{"Jira"}, Denies: []string{"deny"}, At: start,
	}}, w.changes)
	require.Equal(t, "order deny", w.fact("onelogin.deny").Cause)
}

// HR or another order speaks against it by the time that it would be written.
func TestOpeningThatIsOutdatedLooksAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.finds(toOpen())
	w.before("onelogin.enable:a", func(context.Context, int) error {
		late := planned(identity.VerdictRespond, identity.Step{Kind: identity.StepCloseOrder, Orders: []string{"a"}, Why: "HR has the person on leave"})
		w.finds(late)
		return superseded()
	})
	w.becomes("orders.close:a", person())
	e := w.then(w.open(start).person())
	require.NoError(t, e.err)
	require.Equal(t, []api.CloseOrder{{ID: "a", Outcome: "not done: HR has the person on leave"}}, w.closed)
}

// A lift takes what is denied first.
func TestLiftTakesWhatIsDeniedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lift := planned(identity.VerdictLift, denial(), identity.Step{Kind: identity.StepActivate})
	w.finds(lift)
	w.becomes("onelogin.activate", person())
	require.NoError(t, w.open(start).person().err)
	require.Equal(t, []string{"onelogin.deny", "onelogin.activate"}, w.did("onelogin.deny", "onelogin.activate"))
}

// A role change for orders says so in its evidence.
func TestRoleChangeSaysForWhichOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := planned(identity.VerdictChange, identity.Step{Kind: identity.StepSetProfile, Orders: []string{"set"}}, denial())
	a.Person.AsOf, a.Mode = start, api.ModeEnforce
	w.finds(person())
	e := w.open(start).template(api.TypeRoleChange, a)
	require.NoError(t, e.err)
	require.Equal(t, "order set", w.fact("onelogin.update").Cause)
	require.Equal(t, "order deny", w.fact("onelogin.roles").Cause)
	require.Equal(t, start, w.changes[0].At.UTC())
	require.Empty(t, w.changes[0].Ended, "the order stands")
}

// A role that something gives again each time is asked about, and whoever has stopped that says so.
func TestDeniedRoleThatReturnsIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := planned(identity.VerdictAttention)
	a.Plan.Notices = []identity.Notice{{Code: "denied_role_returns", Text: "something gives it again", Blocking: true}}
	w.finds(a)
	p := w.open(start)
	p.after(time.Hour, func() {
		require.Equal(t, "denied_role_returns", p.state().Attention[0].Code)
		w.finds(person())
		p.by(api.VerbRetry)
	})
	require.NoError(t, p.person().err)
	require.Equal(t, "denied_role_returns", w.decided[0].Code)
	require.Equal(t, api.VerbRetry, w.decided[0].Decision.Verb)
}
