package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
)

// mistaken is somebody whom HR terminates by mistake, who holds roles that no rule gives.
const mistaken = "workday-21009"

// terminated has HR terminate somebody, carries that out as a run does, and writes the evidence unless there is to be none.
func (r *rig) terminated(cause string, evidence bool) api.Assessment {
	r.t.Helper()
	r.clock.Advance(time.Minute)
	r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today-1", "termination_date": "today-1"})
	a := r.assess(mistaken)
	require.Equal(r.t, identity.VerdictLeave, a.Plan.Verdict)
	in := api.AccountInput{Key: mistaken, AccountID: a.Account.ID}
	r.must(api.OneLoginEnsureSuspended, in)
	r.must(api.OneLoginEnsureNoRoles, api.RolesInput{AccountInput: in, Held: a.Account.Roles})
	if evidence {
		other := *a.Account
		other.ID, other.Roles = 424242, []string{"Project 03"}
		r.must(api.LedgerRecord, api.RecordInput{Key: mistaken, Episode: a.Episode, RunID: "r", Facts: []api.Fact{
			{Step: "onelogin.suspend", Template: api.TypePerson, Outcome: "done", Cause: cause, Before: a.Account, Started: r.clock.Now(), Finished: r.clock.Now()},
			{Step: "onelogin.suspend@onelogin/424242", Template: api.TypeOffboarding, Outcome: "done", Cause: cause, Before: other, Started: r.clock.Now()},
		}})
	}
	require.NoError(r.t, r.app.Ledger.Journal().Done(r.t.Context(), mistaken+"/2/ticket", []byte(`{"key":"IT-9"}`)))
	return a
}

// withdrawn has HR take the termination back, and carries out what the plan says.
func (r *rig) withdrawn(fields control.Fields) api.Assessment {
	r.t.Helper()
	r.clock.Advance(time.Hour)
	if fields == nil {
		fields = control.Fields{}
	}
	fields["last_day"], fields["termination_date"] = "", ""
	r.hr("workday", "change", "21009", fields)
	back := r.assess(mistaken)
	require.Equal(r.t, identity.VerdictJoin, back.Plan.Verdict)
	require.Nil(r.t, back.Undo, "the account is not open yet")
	in := api.AccountInput{Key: mistaken, AccountID: back.Account.ID}
	add, _ := back.Plan.Step(identity.StepAddRoles)
	remove, _ := back.Plan.Step(identity.StepRemoveRoles)
	r.must(api.OneLoginEnsureRoles, api.RolesInput{AccountInput: in, Add: add.Names, Remove: remove.Names})
	r.must(api.OneLoginEnsureActive, in)
	r.must(api.OneLoginInvite, api.InviteInput{AccountInput: in, OnceKey: "invite", Email: back.Account.Email})
	return back
}

// undoRig has a company in which somebody holds roles that no rule gives.
func undoRig(t *testing.T, policy ...string) *rig {
	t.Helper()
	r := newRig(t, rigOptions{apps: 20, policy: policy})
	a := r.assess(mistaken)
	_, err := r.sandbox.EditAccount(t.Context(), a.Account.ID, control.Fields{"roles": append(a.Account.Roles, "Project 01", "Project 02")})
	require.NoError(t, err)
	r.assess(mistaken)
	return r
}

func giveBack(a api.Assessment) api.GiveBackInput {
	return api.GiveBackInput{AccountInput: api.AccountInput{Key: mistaken, AccountID: a.Account.ID}, OnceKey: "give-back/" + a.Undo.Hash, Roles: a.Undo.Roles}
}

// TestWithdrawnTerminationIsUndone: what the evidence of the departure holds and no rule manages is asked about, and given back once.
func TestWithdrawnTerminationIsUndone(t *testing.T) {
	t.Parallel()
	r := undoRig(t)
	left := r.terminated("HR via workday webhook", true)
	require.True(t, r.withdrawn(nil).Person.Withdrawn)
	a := r.assess(mistaken)
	require.NotNil(t, a.Undo)
	require.Equal(t, []string{"Project 01", "Project 02"}, a.Undo.Roles)
	require.Equal(t, []string{"IT-9"}, a.Undo.Tickets)
	require.Equal(t, []identity.Ref{identity.OneLoginRef(424242)}, a.Undo.Further)
	require.False(t, a.Undo.Unknown)
	require.Equal(t, a.Undo, r.assess(mistaken).Undo)

	_, err := r.sandbox.EditAccount(t.Context(), a.Account.ID, control.Fields{"roles": append(a.Account.Roles, "Project 02")})
	require.NoError(t, err)
	for range 2 {
		var back api.GivenBack
		require.NoError(t, r.must(api.OneLoginGiveBack, giveBack(a)).Get(&back))
		require.Equal(t, api.GivenBack{Given: []string{"Project 01"}, Held: []string{"Project 02"}}, back)
		require.Subset(t, r.account(mistaken).Roles, left.Account.Roles)
	}
	// A Reset gives nothing that somebody has taken since.
	_, err = r.sandbox.EditAccount(t.Context(), a.Account.ID, control.Fields{"roles": a.Account.Roles})
	require.NoError(t, err)
	r.must(api.OneLoginGiveBack, giveBack(a))
	require.NotContains(t, r.account(mistaken).Roles, "Project 01")

	r.must(api.PersonUndone, api.UndoneInput{Key: mistaken, Episode: a.Episode, Outcome: "given back"})
	require.Nil(t, r.assess(mistaken).Undo)
}

// TestGiveBackLooksAgain: HR, orders, the policy and the account may say something else by the time somebody has allowed it.
func TestGiveBackLooksAgain(t *testing.T) {
	t.Parallel()
	open := func(t *testing.T, policy ...string) (*rig, api.Assessment) {
		t.Helper()
		r := undoRig(t, policy...)
		r.terminated("HR via workday webhook", true)
		r.withdrawn(nil)
		return r, r.assess(mistaken)
	}
	t.Run("terminated again", func(t *testing.T) {
		t.Parallel()
		r, a := open(t)
		r.hr("workday", "terminate", "21009", control.Fields{"last_day": "today-1", "termination_date": "today-1"})
		_, err := r.run(api.OneLoginGiveBack, giveBack(a))
		require.Equal(t, api.ErrSuperseded, application(t, err).Type())
		require.NotContains(t, r.account(mistaken).Roles, "Project 01")
	})
	t.Run("an order contains them", func(t *testing.T) {
		t.Parallel()
		r, a := open(t)
		require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "o1", Key: mistaken, Kind: identity.OrderContain, By: "ann", Reason: "test", At: r.clock.Now()}))
		_, err := r.run(api.OneLoginGiveBack, giveBack(a))
		require.Equal(t, api.ErrSuperseded, application(t, err).Type())
	})
	t.Run("kept apart, and no more", func(t *testing.T) {
		t.Parallel()
		r, a := open(t, "  privileged_roles:", "  conflicts:\n    - {name: two projects, roles: [Project 01, Project 02]}\n  privileged_roles:")
		in := giveBack(a)
		in.Roles = append(in.Roles, "Project 99", "Jira")
		_, err := r.sandbox.EditAccount(t.Context(), a.Account.ID, control.Fields{"roles": []string{"Everyone"}})
		require.NoError(t, err)
		var back api.GivenBack
		require.NoError(t, r.must(api.OneLoginGiveBack, in).Get(&back))
		require.Equal(t, api.GivenBack{Given: []string{"Project 01"}, Apart: []string{"Project 02"}, Gone: []string{"Project 99"}, Ruled: []string{"Jira"}}, back)
	})
	t.Run("protected by now", func(t *testing.T) {
		t.Parallel()
		r, a := open(t)
		_, err := r.sandbox.EditAccount(t.Context(), a.Account.ID, control.Fields{"roles": append(a.Account.Roles, "Super admin")})
		require.NoError(t, err)
		_, err = r.run(api.OneLoginGiveBack, giveBack(a))
		require.Equal(t, api.ErrRefused, application(t, err).Type())
		require.NotContains(t, r.account(mistaken).Roles, "Project 01")
	})
}

// TestWhatIsNoWithdrawnTermination: what an order has ended, a new employment, and what is long ago.
func TestWhatIsNoWithdrawnTermination(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cause  string
		fields control.Fields
		later  time.Duration
	}{
		"an order":     {cause: "order o1 by ann"},
		"hired again":  {fields: control.Fields{"hire_date": "today"}},
		"long ago":     {later: 31 * 24 * time.Hour},
		"another role": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := undoRig(t)
			r.terminated(tt.cause, true)
			r.clock.Advance(tt.later)
			back := r.withdrawn(tt.fields)
			require.Equal(t, name == "another role", back.Person.Withdrawn)
			require.Equal(t, name == "another role", r.assess(mistaken).Undo != nil)
		})
	}
}

// TestEvidenceThatIsMissing: nobody knows which roles were taken, and that is said.
func TestEvidenceThatIsMissing(t *testing.T) {
	t.Parallel()
	r := undoRig(t)
	r.terminated("", false)
	r.withdrawn(nil)
	a := r.assess(mistaken)
	require.NotNil(t, a.Undo)
	require.True(t, a.Undo.Unknown)
	require.Empty(t, a.Undo.Roles)
	require.Equal(t, []string{"IT-9"}, a.Undo.Tickets)
}

// TestWithdrawnBeforeRolesWereTaken: what no rule manages and the account still holds stays.
func TestWithdrawnBeforeRolesWereTaken(t *testing.T) {
	t.Parallel()
	r := undoRig(t)
	left := r.terminated("HR via workday webhook", true)
	_, err := r.sandbox.EditAccount(t.Context(), left.Account.ID, control.Fields{"roles": append(left.Account.Roles, "Salesforce")})
	require.NoError(t, err)
	back := r.withdrawn(nil)
	remove, _ := back.Plan.Step(identity.StepRemoveRoles)
	require.Equal(t, []string{"Salesforce"}, remove.Names)
	require.Empty(t, r.assess(mistaken).Undo.Roles)
}

// TestConcludingATicket: one comment and one transition however often it is asked, a ticket that was closed by hand, and one that is gone.
func TestConcludingATicket(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	var made api.Ticket
	require.NoError(t, r.must(api.JiraTicket, api.TicketInput{OnceKey: "k/2/ticket", Kind: api.TicketIncident, Summary: "s"}).Get(&made))
	in := api.ConcludeInput{CommentInput: api.CommentInput{OnceKey: "k/3/undone", Lines: []string{"withdrawn"}}, Of: "k/2/ticket", Close: true}
	for range 2 {
		var out api.Concluded
		require.NoError(t, r.must(api.JiraConclude, in).Get(&out))
		require.Equal(t, "Done", out.Status)
	}
	tickets, err := r.sandbox.Tickets(t.Context())
	require.NoError(t, err)
	require.Len(t, tickets[0].Comments, 1)
	require.Equal(t, "Done", tickets[0].Status)

	late := api.ConcludeInput{CommentInput: api.CommentInput{OnceKey: "k/3/late", Lines: []string{"late"}}, Of: "k/9/ticket"}
	_, err = r.run(api.JiraConclude, late)
	require.False(t, application(t, err).NonRetryable(), "it has yet to be opened")
	gone := api.ConcludeInput{CommentInput: api.CommentInput{OnceKey: "k/3/gone", Ticket: "IT-999", Lines: []string{"gone"}}, Close: true}
	var out api.Concluded
	require.NoError(t, r.must(api.JiraConclude, gone).Get(&out))
	require.True(t, out.Gone)
}
