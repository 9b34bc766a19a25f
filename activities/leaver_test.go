package activities_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
)

// TestWhatEndAccessLeavesOver: a part that fails is no error and does not keep the others from being done, except that
// factors stay for as long as the password does. The steps that follow complete it, and nothing is done twice.
func TestWhatEndAccessLeavesOver(t *testing.T) {
	t.Parallel()
	const key = "workday-21002"
	roles := "onelogin.remove_roles: roles -AWS Admin, -AWS Read Only, -Engineering, -GitHub"
	password, factor := "onelogin.set_password: password set", "onelogin.delete_device: factors 1 -> 0"
	for op, c := range map[string]struct {
		want   api.AccessEnded
		before []string
		after  []string
	}{
		"onelogin.remove_roles": {
			want:   api.AccessEnded{Password: true, Factors: true},
			before: []string{password, factor}, after: []string{password, factor, roles},
		},
		"onelogin.set_password": {
			want:   api.AccessEnded{Roles: true},
			before: []string{roles}, after: []string{roles, password, factor},
		},
		"onelogin.delete_device": {
			want:   api.AccessEnded{Roles: true, Password: true},
			before: []string{roles, password}, after: []string{roles, password, factor},
		},
		"onelogin.list_devices": {
			want:   api.AccessEnded{Roles: true, Password: true},
			before: []string{roles, password}, after: []string{roles, password, factor},
		},
	} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			in := leaving(r, key)
			mark := r.mark()
			r.fault(control.Fault{Op: op, When: "before", Style: "status", Status: 400, Times: -1})
			var ended api.AccessEnded
			require.NoError(t, r.must(api.OneLoginEndAccess, in).Get(&ended))
			require.Equal(t, c.want, ended)
			require.Empty(t, cmp.Diff(c.before, r.effects(mark)))
			r.heal()
			if !ended.Roles {
				r.must(api.OneLoginEnsureNoRoles, in)
			}
			if !ended.Password {
				r.must(api.OneLoginScramble, in.AccountInput)
			}
			if !ended.Factors {
				r.must(api.OneLoginNoFactors, in.AccountInput)
			}
			require.Empty(t, cmp.Diff(c.after, r.effects(mark)))
		})
	}
}

// TestSuspensionIsReportedWhateverBecomesOfTheSessions: the log-out fails or hangs, and the suspension counts.
func TestSuspensionIsReportedWhateverBecomesOfTheSessions(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]control.Fault{
		"fails": {Style: "status", Status: 500, Times: -1},
		"hangs": {Style: "delay", DelayMS: 8000, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			in := signedIn(r, "workday-21002")
			in.LogOut = true
			fault.Op, fault.When = "onelogin.logout", "before"
			r.fault(fault)
			began := time.Now()
			var state api.AccountState
			require.NoError(t, r.must(api.OneLoginEnsureSuspended, in).Get(&state))
			require.Equal(t, "suspended", state.Status)
			require.False(t, state.LoggedOut)
			require.Less(t, time.Since(began), 6*time.Second, "an activity that ends sign-in has ten seconds")
		})
	}
}
