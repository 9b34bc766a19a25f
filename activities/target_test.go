package activities_test

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities"
	"gatehouse/activities/api"
	"gatehouse/connectors"
	"gatehouse/connectors/target"
	"gatehouse/identity"
	"gatehouse/internal/templates"
)

func targetSuspensions() []writer {
	return []writer{{
		arrange: func(r *rig) any { return known(r, "workday-21002").Target() },
		ops:     []string{"onelogin.update_user"},
		effects: []string{"onelogin.update_user: status 1 -> 2"},
		check: func(r *rig) {
			a := r.assess("workday-21002")
			require.True(r.t, a.Account.SuspendedByUs, "the ledger must know whose suspension it is")
		},
	}, {
		name: "/and log out",
		arrange: func(r *rig) any {
			in := signedIn(r, "workday-21002").Target()
			in.LogOut = true
			return in
		},
		ops:     []string{"onelogin.update_user"},
		effects: []string{"onelogin.update_user: status 1 -> 2", "onelogin.logout: sessions 2 -> 0"},
	}}
}

func targetResumptions() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			in := known(r, "workday-21002").Target()
			r.must(api.TargetEnsureSuspended, in)
			return in
		},
		ops:     []string{"onelogin.update_user"},
		effects: []string{"onelogin.update_user: status 2 -> 1"},
		check: func(r *rig) {
			require.False(r.t, r.assess("workday-21002").Account.SuspendedByUs)
		},
	}}
}

func targetLogOuts() []writer {
	return []writer{{
		arrange: func(r *rig) any { return signedIn(r, "workday-21002").Target() },
		ops:     []string{"onelogin.logout"},
		effects: []string{"onelogin.logout: sessions 2 -> 0"},
	}}
}

func targetResponses() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			return api.TargetResponse{TargetInput: signedIn(r, "workday-21002").Target(), Response: "case-1/log-out"}
		},
		ops:     []string{"onelogin.logout"},
		effects: []string{"onelogin.logout: sessions 2 -> 0"},
	}}
}

func targetRemovals() []writer {
	return []writer{{
		arrange: func(r *rig) any {
			in := known(r, "workday-21002").Target()
			return api.RemovalInput{TargetInput: in, From: r.memberships(in, "GitHub", "Engineering")}
		},
		ops:     []string{"onelogin.remove_roles"},
		effects: []string{"onelogin.remove_roles: roles -GitHub, -Engineering"},
		check: func(r *rig) {
			require.Equal(r.t, []string{"AWS Admin", "AWS Read Only", "Everyone"}, r.account("workday-21002").Roles)
		},
	}}
}

// memberships are the ids of roles that an account holds, by their names.
func (r *rig) memberships(in api.TargetInput, names ...string) []string {
	r.t.Helper()
	ids, err := r.vendors.Catalog.RoleIDs(r.t.Context(), names)
	require.NoError(r.t, err)
	var out []string
	for _, id := range ids {
		out = append(out, strconv.FormatInt(id, 10))
	}
	var now api.TargetState
	require.NoError(r.t, r.must(api.TargetReadBack, in).Get(&now))
	for _, id := range out {
		require.Contains(r.t, now.Memberships, id)
	}
	return out
}

// TestWhatASystemCannotDoIsAQuestion, and nothing is written down before it is asked.
func TestWhatASystemCannotDoIsAQuestion(t *testing.T) {
	t.Parallel()
	in := api.TargetInput{Key: "workday-21002", Ref: identity.Ref{System: "mainframe", ID: "42"}}
	for name, input := range map[string]any{
		api.TargetEnsureSuspended: in,
		api.TargetEnsureActive:    in,
		api.TargetEnsureLoggedOut: in,
		api.TargetReadBack:        in,
		api.TargetEndSessions:     api.TargetResponse{TargetInput: in, Response: "case-1/log-out"},
		api.TargetEnsureRemoved:   api.RemovalInput{TargetInput: in, From: []string{"7"}},
	} {
		r := newRig(t, rigOptions{})
		known(r, in.Key)
		mark := r.mark()
		_, err := r.run(name, input)
		failed := application(t, err)
		require.Equal(t, api.ErrInvalid, failed.Type(), name)
		require.True(t, failed.NonRetryable(), name)
		require.Contains(t, failed.Error(), "mainframe", name)
		require.Empty(t, r.effects(mark), name)
		_, found, err := r.app.Ledger.Inventory().Account(t.Context(), in.Ref)
		require.NoError(t, err)
		require.False(t, found, "%s must not put an account on record that it can do nothing to", name)
	}
}

// TestTargetsAreWhereTheirTwinsAre: on each queue that OneLogin's steps are on, and on no other.
func TestTargetsAreWhereTheirTwinsAre(t *testing.T) {
	t.Parallel()
	queues := map[string]registered{}
	for _, queue := range []string{api.QueuePeople, api.QueueTemplates, api.QueueSweep} {
		queues[queue] = registered{}
		templates.RegisterActivities(queues[queue], templates.All(), activities.Set{}, queue)
	}
	for name, twin := range map[string]string{
		api.TargetEnsureSuspended: api.OneLoginEnsureSuspended,
		api.TargetEnsureActive:    api.OneLoginEnsureActive,
		api.TargetEnsureLoggedOut: api.OneLoginEnsureLoggedOut,
		api.TargetEnsureRemoved:   api.OneLoginEnsureNoRoles,
		api.TargetEndSessions:     api.OneLoginEndSessions,
		api.TargetReadBack:        api.OneLoginReadBack,
	} {
		for queue, each := range queues {
			require.Equal(t, each[twin] != nil, each[name] != nil, "%s on %s", name, queue)
		}
		require.NotNil(t, queues[api.QueuePeople][name], name)
		require.NotNil(t, queues[api.QueueTemplates][name], name)
	}
}

// TestAnAccountThatIsGoneHasNothingToLose, in whatever words its step is scheduled.
func TestAnAccountThatIsGoneHasNothingToLose(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	removal := api.RemovalInput{TargetInput: in.Target(), From: r.memberships(in.Target(), "GitHub")}
	require.NoError(t, r.sandbox.DeleteAccount(t.Context(), in.AccountID))
	r.restart()
	for name, input := range map[string]any{
		api.TargetEnsureSuspended: in.Target(),
		api.TargetEnsureLoggedOut: in.Target(),
		api.TargetReadBack:        in.Target(),
		api.TargetEnsureRemoved:   removal,
	} {
		var state api.TargetState
		require.NoError(t, r.must(name, input).Get(&state))
		require.Equal(t, api.TargetState{Ref: in.Target().Ref, Gone: true}, state, name)
	}
}

// TestTheSameStepByTwoNames: what a run of an earlier version schedules does the same and says the same.
func TestTheSameStepByTwoNames(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	in := known(r, "workday-21002")
	var first api.AccountState
	var second api.TargetState
	require.NoError(t, r.must(api.OneLoginEnsureSuspended, in).Get(&first))
	require.NoError(t, r.must(api.TargetEnsureSuspended, in.Target()).Get(&second))
	require.Equal(t, api.AccountState{AccountID: in.AccountID, Status: "suspended", Changed: true}, first)
	require.Equal(t, api.TargetState{Ref: in.Target().Ref, Status: "suspended", Changed: true}, second)
	var old api.AccountState
	var now api.TargetState
	require.NoError(t, r.must(api.OneLoginReadBack, api.ReadBackInput{AccountInput: in}).Get(&old))
	require.NoError(t, r.must(api.TargetReadBack, in.Target()).Get(&now))
	require.Equal(t, old.Status, now.Status)
	require.Equal(t, old.Username, now.Username)
	names := slices.Clone(old.Roles)
	require.ElementsMatch(t, r.memberships(in.Target(), names...), now.Memberships)
}

// mainframe is a second system, which has one account and cannot take anybody out of a group.
type mainframe struct {
	account  target.Account
	sessions int
	writes   []string
}

func (m *mainframe) there(id string) error {
	if id != m.account.Ref.ID {
		return &connectors.Error{System: "mainframe", Op: "find account", Kind: connectors.KindNotFound}
	}
	return nil
}

func (m *mainframe) Read(_ context.Context, in target.ReadRequest) (target.Account, error) {
	return m.account, m.there(in.ID)
}

func (m *mainframe) set(id string, status identity.AccountStatus) (target.Account, error) {
	if err := m.there(id); err != nil {
		return target.Account{}, err
	}
	m.account.Document.Status = status
	m.writes = append(m.writes, status.String())
	return m.account, nil
}

func (m *mainframe) Suspend(_ context.Context, in target.Write) (target.Account, error) {
	return m.set(in.ID, identity.AccountSuspended)
}

func (m *mainframe) Resume(_ context.Context, in target.Write) (target.Account, error) {
	return m.set(in.ID, identity.AccountActive)
}

func (m *mainframe) EndSessions(_ context.Context, in target.Write) error {
	m.sessions = 0
	return m.there(in.ID)
}

// TestASecondSystemIsOneEntry: its steps need nothing but its name and what it can do.
func TestASecondSystemIsOneEntry(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	known(r, "workday-21002")
	ref := identity.Ref{System: "mainframe", ID: "ADA1"}
	m := &mainframe{sessions: 3, account: target.Account{
		Ref: ref, Memberships: []string{"7"}, Whole: true, Document: identity.Account{Username: "ADA1", Status: identity.AccountActive},
	}}
	r.vendors.Activities.Target.Systems["mainframe"] = m
	in, mark := api.TargetInput{Key: "workday-21002", Ref: ref, LogOut: true}, r.mark()

	did := func(name string, in any) (state api.TargetState) {
		require.NoError(t, r.must(name, in).Get(&state))
		return state
	}
	state := did(api.TargetEnsureSuspended, in)
	require.Equal(t, api.TargetState{Ref: ref, Status: "suspended", Changed: true, LoggedOut: true}, state)
	require.Zero(t, m.sessions)
	row, found, err := r.app.Ledger.Inventory().Account(t.Context(), ref)
	require.NoError(t, err)
	require.True(t, found && row.SuspendedByUs, "the ledger must know whose suspension it is")

	require.True(t, did(api.TargetEnsureActive, in).Changed)
	state = did(api.TargetReadBack, in)
	require.Equal(t, api.TargetState{Ref: ref, Username: "ADA1", Status: "active", Memberships: []string{"7"}}, state)
	row, _, err = r.app.Ledger.Inventory().Account(t.Context(), ref)
	require.NoError(t, err)
	require.False(t, row.SuspendedByUs)
	require.Equal(t, []string{"7"}, row.Document.Roles, "a role of OneLogin with the same id is another one")
	require.Equal(t, []string{"suspended", "active"}, m.writes)

	m.sessions = 2
	response := api.TargetResponse{TargetInput: in, Response: "case-1/mainframe"}
	r.must(api.TargetEndSessions, response)
	require.Zero(t, m.sessions)
	m.sessions = 1
	r.must(api.TargetEndSessions, response)
	require.Equal(t, 1, m.sessions, "an order is carried out once")

	_, err = r.run(api.TargetEnsureRemoved, api.RemovalInput{TargetInput: in, From: []string{"7"}})
	failed := application(t, err)
	require.Equal(t, api.ErrInvalid, failed.Type())
	require.Contains(t, failed.Error(), "mainframe: Gatehouse cannot take roles away there")

	gone := in
	gone.Ref.ID = "BOB2"
	require.True(t, did(api.TargetReadBack, gone).Gone)
	require.Empty(t, r.effects(mark), "nothing of it is OneLogin's")
}
