package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
)

// notice returns the notice with a code, and fails if the assessment has none.
func notice(t *testing.T, a api.Assessment, code string) identity.Notice {
	t.Helper()
	for _, n := range a.Plan.Notices {
		if n.Code == code {
			return n
		}
	}
	require.Failf(t, "notice missing", "%s is not among %v", code, codes(a))
	return identity.Notice{}
}

// requireAttention holds that a plan stops for a person, and says who and what to do.
func requireAttention(t *testing.T, a api.Assessment, code string) identity.Notice {
	t.Helper()
	require.Equal(t, identity.VerdictAttention, a.Plan.Verdict, "notices: %v", codes(a))
	require.Empty(t, a.Plan.Steps)
	n := notice(t, a, code)
	require.True(t, n.Blocking)
	require.Equal(t, "it@acme.example", n.Owner, "somebody has to own it")
	require.NotEmpty(t, n.Text)
	return n
}

func TestJoinerOfToday(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	key := r.hire("workday", ada())
	a := r.assess(key)
	require.Equal(t, newcomer, key)
	require.Equal(t, identity.VerdictJoin, a.Plan.Verdict)
	require.Equal(t, []string{"create", "add_roles", "activate", "invite"}, steps(a))
	require.Nil(t, a.Account)
	require.Equal(t, 1, a.Episode)
	require.Equal(t, api.ModeEnforce, a.Mode)
	require.Equal(t, "workday-21001", a.ManagerKey)
	require.Equal(t, "workday", a.Source)
	require.Zero(t, a.ContainBy)
	require.Empty(t, codes(a))
	require.Equal(t, []string{"ada.byron@acme.example", "ada.byron2@acme.example"}, a.Plan.Desired.Profile.Usernames[:2])
	require.Equal(t, newcomer, a.Plan.Desired.Profile.ExternalID)
	require.Equal(t, "ada@home.example", a.Plan.Desired.Profile.PersonalEmail)
	require.Equal(t, []string{"AWS Read Only", "Engineering", "Everyone", "GitHub", "Jira"}, a.Plan.Desired.Roles)

	again := r.assess(key)
	require.Empty(t, cmp.Diff(a, again), "looking changes nothing")
}

func TestJoinerOfLater(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	soon := r.assess(r.hire("workday", ada(control.Fields{"hire_date": "today+3"})))
	require.Equal(t, identity.VerdictJoin, soon.Plan.Verdict)
	require.Equal(t, []string{"create"}, steps(soon), "prepared, and neither opened nor given roles")
	require.False(t, soon.Plan.Desired.SignIn)
	require.Equal(t, time.Date(2026, 3, 5, 7, 0, 0, 0, time.UTC), soon.Plan.Due, "08:00 in Berlin")

	far := r.assess(r.hire("workday", ada(control.Fields{"first_name": "Grace", "personal_email": "", "hire_date": "today+30"})))
	require.Equal(t, identity.VerdictWait, far.Plan.Verdict)
	require.Equal(t, time.Date(2026, 3, 25, 6, 0, 0, 0, time.UTC), far.Plan.Due, "a week before 08:00 in summer time")

	late := r.assess(r.hire("workday", ada(control.Fields{"first_name": "Hedy", "personal_email": "", "hire_date": "today-5"})))
	require.True(t, late.Person.Late)
	require.Equal(t, identity.VerdictJoin, late.Plan.Verdict, "late is said, and no reason to wait")
	require.Equal(t, "it@acme.example", notice(t, late, policy.NoticeHiredLate).Owner)
}

func TestLeaver(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	require.Equal(t, 1, r.assess("workday-21003").Episode)
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today"})
	a := r.assess("workday-21003")
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	require.Equal(t, []string{"suspend", "log_out", "remove_roles", "scramble_password", "remove_factors"}, steps(a))
	require.Equal(t, 2, a.Episode, "a departure has effects of its own")
	require.Equal(t, r.clock.Now().Add(15*time.Minute), a.ContainBy)
	require.Equal(t, []time.Duration{time.Minute, 15 * time.Minute, 24 * time.Hour}, a.VerifyAfter)
	require.Equal(t, 2, r.assess("workday-21003").Episode, "and no more than one episode")
	r.clock.Advance(time.Hour)
	require.Equal(t, monday.Add(15*time.Minute), r.assess("workday-21003").ContainBy, "the deadline does not move with the attempts")
}

// TestPlannedLeaverLooksLikeAnybody: until the moment comes, nothing that operators see tells a leaver from a joiner
// who waits.
func TestPlannedLeaverLooksLikeAnybody(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hr("workday", "terminate", "21003", control.Fields{"last_day": "today+20"})
	leaver := r.assess("workday-21003")
	waiting := r.assess(r.hire("workday", ada(control.Fields{"hire_date": "today+30"})))
	require.Equal(t, identity.VerdictWait, leaver.Plan.Verdict)
	require.Equal(t, waiting.Plan.Reason, leaver.Plan.Reason)
	require.Empty(t, leaver.Plan.Steps)
	require.Equal(t, 1, leaver.Episode)
	require.Equal(t, time.Date(2026, 3, 22, 17, 0, 0, 0, time.UTC), leaver.Plan.Due, "18:00 in Berlin on the last day")

	r.clock.Advance(leaver.Plan.Due.Sub(r.clock.Now()))
	require.Equal(t, identity.VerdictLeave, r.assess("workday-21003").Plan.Verdict)
}

// TestAbsenceIsNoTermination: a record that has disappeared changes nothing and somebody is told.
func TestAbsenceIsNoTermination(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"workday-21003", "bamboohr-104"} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			before := r.assess(key)
			r.hr(before.Source, "delete", before.Person.Record.EmployeeID, nil)
			a := r.assess(key)
			requireAttention(t, a, policy.NoticeRecordMissing)
			require.Equal(t, before.Episode, a.Episode)
		})
	}
}

// TestContainOrderNeedsNoHR: an order is carried out while HR is down, for a person known or unknown to the ledger.
func TestContainOrderNeedsNoHR(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"workday-21003", "bamboohr-104"} {
		for name, meet := range map[string]bool{"known": true, "never met": false} {
			t.Run(key+" "+name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, rigOptions{})
				if meet {
					r.assess(key)
				}
				for _, system := range []string{"workday", "bamboohr"} {
					r.fault(control.Fault{System: system, When: "before", Style: "status", Status: 503, Times: -1})
				}
				require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{
					ID: "o1", Key: key, Kind: identity.OrderContain, By: "ops", Reason: "lost laptop", At: r.clock.Now(),
				}))
				a := r.assess(key)
				require.Equal(t, identity.VerdictLeave, a.Plan.Verdict, "notices: %v", codes(a))
				require.True(t, a.Plan.Has(identity.StepSuspend))
				require.Equal(t, r.account(key).ID, a.Account.ID)
				require.Equal(t, "o1", a.Order.ID)
				require.Equal(t, api.ModeEnforce, a.Mode)
				require.Equal(t, r.clock.Now().Add(15*time.Minute), a.ContainBy)
			})
		}
	}
}

// TestOrderEnds: what a released or lapsed order leaves behind is HR's word.
func TestOrderEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{
		ID: "o1", Key: "workday-21003", Kind: identity.OrderContain, By: "ops", Until: r.clock.Now().Add(time.Hour),
	}))
	a := r.assess("workday-21003")
	require.Equal(t, identity.VerdictLeave, a.Plan.Verdict)
	r.must(api.OneLoginEnsureSuspended, api.AccountInput{Key: "workday-21003", AccountID: a.Account.ID})
	r.clock.Advance(time.Hour)
	back := r.assess("workday-21003")
	require.Equal(t, identity.VerdictJoin, back.Plan.Verdict)
	require.True(t, back.Plan.Has(identity.StepActivate), "the suspension was ours to lift")
	require.Equal(t, a.Episode+1, back.Episode)
}

// TestSuspendedElsewhereIsNeverLifted: a suspension or lock that Gatehouse did not make counts as an order.
func TestSuspendedElsewhereIsNeverLifted(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"suspended": 2, "locked": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			in := known(r, "workday-21003")
			require.NoError(t, r.sandbox.SetStatus(t.Context(), r.account("workday-21003").Username, status))
			requireAttention(t, r.assess("workday-21003"), policy.NoticeSuspendedElsewhere)

			// The plan to open it was made before somebody else closed it.
			mark := r.mark()
			_, err := r.run(api.OneLoginEnsureActive, in)
			require.Equal(t, api.ErrSuperseded, application(t, err).Type())
			require.Empty(t, r.effects(mark))
		})
	}
}

// TestProtectedAccountIsRefused by the plan, and again by the client that writes.
func TestProtectedAccountIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.hr("workday", "terminate", "21004", control.Fields{"last_day": "today"})
	a := r.assess("workday-21004")
	requireAttention(t, a, api.NoticeProtectedLeaver)
	require.Len(t, a.Doubts, 1)
	require.Contains(t, strings.Join(a.Doubts[0].Reasons, "; "), `"Super admin" in account.roles`)

	glass, found, err := r.sandbox.ByUsername(t.Context(), "breakglass-1@acme.example")
	require.NoError(t, err)
	require.True(t, found)
	mark := r.mark()
	key := onelogin42(glass.ID)
	for name, input := range map[string]any{
		api.OneLoginEnsureSuspended: api.AccountInput{Key: key, AccountID: glass.ID},
		api.OneLoginEnsureLoggedOut: api.AccountInput{Key: key, AccountID: glass.ID},
		api.OneLoginScramble:        api.AccountInput{Key: key, AccountID: glass.ID},
		api.OneLoginNoFactors:       api.AccountInput{Key: key, AccountID: glass.ID},
		api.OneLoginEnsureNoRoles:   api.RolesInput{AccountInput: api.AccountInput{Key: key, AccountID: glass.ID}, Held: glass.Roles},
		api.OneLoginInvite:          api.InviteInput{AccountInput: api.AccountInput{Key: key, AccountID: glass.ID}, OnceKey: "x"},
	} {
		_, err := r.run(name, input)
		app := application(t, err)
		require.Equal(t, api.ErrRefused, app.Type(), name)
		require.True(t, app.NonRetryable(), name)
		require.NotContains(t, app.Message(), "breakglass-1@", "the message names the rule, not the account's owner")
	}
	require.Empty(t, r.effects(mark))
}

// TestRescindedHire is undone if the account was never used.
func TestRescindedHire(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.must(api.OneLoginEnsureAccount, newAccount(r))
	r.hr("workday", "rescind", "21047", nil)
	a := r.assess(newcomer)
	require.Equal(t, identity.VerdictUndo, a.Plan.Verdict)
	require.Equal(t, []string{"delete"}, steps(a))
}

// TestModes: templates act as far as the policy lets them, but what a named operator has ordered is carried out.
func TestModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]api.Mode{"observe": api.ModeObserve, "approve": api.ModeApprove, "enforce": api.ModeEnforce} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{policy: []string{
				"onboarding: enforce", "onboarding: " + mode, "offboarding: enforce", "offboarding: " + mode,
				"contain: {count: 20, percent: 5}", "contain: {count: 1}",
			}})
			require.Equal(t, want, r.assess(r.hire("workday", ada())).Mode)
			for _, id := range []string{"21003", "21005"} {
				r.hr("workday", "terminate", id, control.Fields{"last_day": "today"})
			}
			require.Equal(t, want, r.assess("workday-21003").Mode)
			second := r.assess("workday-21005")
			require.Equal(t, mode == "observe", second.Plan.Verdict == identity.VerdictLeave, "who only observes draws on no budget")
			require.NoError(t, r.app.Ledger.Orders().Put(t.Context(), identity.Order{ID: "o1", Key: "workday-21006", Kind: identity.OrderContain, By: "ops"}))
			require.Equal(t, api.ModeEnforce, r.assess("workday-21006").Mode)
		})
	}
}

// TestActivationIsCheckedOnceMore: days may lie between the plan to open an account and the step that does.
func TestActivationIsCheckedOnceMore(t *testing.T) {
	t.Parallel()
	order := func(kind identity.OrderKind, until time.Duration) func(r *rig) {
		return func(r *rig) {
			o := identity.Order{ID: "o1", Key: newcomer, Kind: kind, By: "ops"}
			if until != 0 {
				o.Until = r.clock.Now().Add(until)
			}
			require.NoError(r.t, r.app.Ledger.Orders().Put(r.t.Context(), o))
		}
	}
	tests := map[string]struct {
		meanwhile func(r *rig)
		kind      string
	}{
		"nothing happened":            {meanwhile: func(*rig) {}},
		"terminated":                  {meanwhile: func(r *rig) { r.hr("workday", "terminate", "21047", nil) }, kind: api.ErrSuperseded},
		"rescinded":                   {meanwhile: func(r *rig) { r.hr("workday", "rescind", "21047", nil) }, kind: api.ErrSuperseded},
		"starts later":                {meanwhile: func(r *rig) { r.hr("workday", "change", "21047", control.Fields{"hire_date": "today+9"}) }, kind: api.ErrSuperseded},
		"record disappeared":          {meanwhile: func(r *rig) { r.hr("workday", "delete", "21047", nil) }, kind: api.ErrSuperseded},
		"went on leave":               {meanwhile: func(r *rig) { r.hr("workday", "leave", "21047", nil) }},
		"leaves in a month":           {meanwhile: func(r *rig) { r.hr("workday", "terminate", "21047", control.Fields{"last_day": "today+30"}) }},
		"contained by an operator":    {meanwhile: order(identity.OrderContain, 0), kind: api.ErrSuperseded},
		"frozen":                      {meanwhile: order(identity.OrderFreeze, time.Hour), kind: api.ErrSuperseded},
		"restricted":                  {meanwhile: order(identity.OrderRestrict, 0)},
		"suspended in OneLogin":       {meanwhile: func(r *rig) { r.status(2) }, kind: api.ErrSuperseded},
		"locked in OneLogin":          {meanwhile: func(r *rig) { r.status(3) }, kind: api.ErrSuperseded},
		"activated in OneLogin":       {meanwhile: func(r *rig) { r.status(1) }},
		"HR does not answer":          {meanwhile: func(r *rig) { r.fault(control.Fault{System: "workday", Style: "status", Status: 503, Times: -1}) }, kind: api.ErrUnavailable},
		"HR credentials were revoked": {meanwhile: func(r *rig) { r.fault(control.Fault{System: "workday", Style: "status", Status: 403, Times: -1}) }, kind: api.ErrUnauthorized},
		"an order that has lapsed":    {meanwhile: func(r *rig) { order(identity.OrderContain, time.Minute)(r); r.clock.Advance(time.Hour) }},
		"the account is gone meanwhile": {meanwhile: func(r *rig) {
			require.NoError(r.t, r.vendors.OneLogin.DeleteUser(r.t.Context(), r.account(newcomer).ID))
		}, kind: api.ErrNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			var made api.AccountState
			require.NoError(t, r.must(api.OneLoginEnsureAccount, newAccount(r)).Get(&made))
			tt.meanwhile(r)
			mark := r.mark()
			_, err := r.run(api.OneLoginEnsureActive, api.AccountInput{Key: newcomer, AccountID: made.AccountID})
			if tt.kind == "" {
				require.NoError(t, err)
				require.Equal(t, 1, r.account(newcomer).Status)
				return
			}
			app := application(t, err)
			require.Equal(t, tt.kind, app.Type(), app.Message())
			require.Equal(t, tt.kind == api.ErrSuperseded || tt.kind == api.ErrNotFound, app.NonRetryable())
			require.Empty(t, r.effects(mark))
		})
	}
}

// status changes the newcomer's account by hand.
func (r *rig) status(status int) {
	r.t.Helper()
	require.NoError(r.t, r.sandbox.SetStatus(r.t.Context(), r.account(newcomer).Username, status))
}

// TestKeys: a key that means nothing is an error that says what to write.
func TestKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{config: nil})
	tests := map[string]string{
		"":              `"" is not a person's key: write <source>-<employee id>, such as workday-21001`,
		"workday":       `"workday" is not a person's key: write <source>-<employee id>, such as workday-21001`,
		"workday-":      `"workday-" is not a person's key: write <source>-<employee id>, such as workday-21001`,
		"personio-42":   `"personio-42" names no HR source that Gatehouse knows: workday, bamboohr, sponsored or onelogin`,
		"onelogin-ada":  `"onelogin-ada" does not end in a OneLogin user id`,
		"onelogin-0x2a": `"onelogin-0x2a" does not end in a OneLogin user id`,
	}
	for key, want := range tests {
		_, err := r.run(api.PersonAssess, assessInput(key))
		app := application(t, err)
		require.Equal(t, want, app.Message())
		require.Equal(t, api.ErrInvalid, app.Type())
		require.True(t, app.NonRetryable())
	}
}

// newUser makes an account with the vendor's own client, as an administrator would.
func newUser(r *rig, u onelogin.NewUser) onelogin.User {
	r.t.Helper()
	active := onelogin.StatusActive
	u.Status = &active
	made, err := r.vendors.OneLogin.CreateUser(r.t.Context(), u)
	require.NoError(r.t, err)
	return made
}
