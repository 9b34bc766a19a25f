package activities_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/worklist"
	"gatehouse/test/kit"
)

// weakKinds has two kinds count for nobody, and one more not in finance.
var weakKinds = []string{"  grace: 14d", `  weak:
    - factors: [OneLogin SMS, Security Questions]
    - {factors: [OneLogin Email], when: person.department == "Finance"}
  grace: 14d`}

// enrolAs has somebody enrol a kind of factor and a signal come, as OneLogin's event makes one.
func (c *course) enrolAs(kind string) func(*testsuite.TestWorkflowEnvironment) {
	return func(env *testsuite.TestWorkflowEnvironment) {
		require.NoError(c.t, c.sandbox.Enrol(c.t.Context(), c.username, kind))
		env.SignalWorkflow(api.SignalEnrolled, nil)
	}
}

// TestWeakFactorsInACourse plays the grace period of somebody who enrols what does not count.
func TestWeakFactorsInACourse(t *testing.T) {
	c := newCourse(t, rigOptions{policy: weakKinds})
	c.at(7*day, c.enrolAs("OneLogin SMS"))
	c.at(8*day, func(env *testsuite.TestWorkflowEnvironment) { env.SignalWorkflow(api.SignalPoke, nil) })
	c.at(10*day, func(*testsuite.TestWorkflowEnvironment) {
		require.Equal(t, "none that counts: has OneLogin SMS; OneLogin SMS, Security Questions do not count", c.row()[3])
	})
	c.at(22*day, c.enrolAs("Security Questions"))
	c.at(22*day+time.Minute, func(env *testsuite.TestWorkflowEnvironment) {
		require.Len(t, c.standing(), 1, "a weak factor lifts nothing")
		require.Equal(t, "no second factor that counts since 2026-03-02", c.standing()[0].Reason)
		env.SignalWorkflow(api.SignalPoke, nil)
	})
	c.at(23*day, c.enrolAs("OneLogin Protect"))
	out, ended := c.play(40 * day)
	require.True(t, ended)
	require.Equal(t, "enrolled: a second factor is enrolled", out.Result)
	require.Empty(t, c.standing())
	require.Equal(t, append(slices.Clone(wholeCourse), "21 restricted by order "+fmt.Sprintf("mfa-%d-1", c.id), "23 a second factor is enrolled"), c.stages())
	require.Equal(t, "some", c.row()[3])

	told := strings.Join(c.told(), "\n")
	why := func(kind string) string {
		return "You have enrolled a factor that does not count as a second factor here. " + kind
	}
	require.Equal(t, 1, c.heard(why("OneLogin SMS does not count; every other kind does but Security Questions. Please enrol one that counts before 2026-03-16")), told)
	require.Equal(t, 1, c.heard(why("OneLogin SMS, Security Questions do not count; every other kind does. Your account stays restricted")), told)
	require.Equal(t, 2, c.heard("does not count as a second factor here"), "once for each kind")
	require.Equal(t, 1, c.heard("No second factor that counts since 2026-03-02, and the grace period is over. OneLogin SMS does not count"))
	require.Equal(t, 1, c.heard("Your account is restricted, because it has no second factor that counts. OneLogin SMS does not count"))
}

// TestWeakFactorsInAScan has two people with the same factor. By the next policy it does not count for the department of one of them,
// and by the one after that it counts again.
func TestWeakFactorsInAScan(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	department := func(id string) string {
		rec, found, err := r.vendors.Activities.Person.Sources["workday"].Read(t.Context(), id)
		require.NoError(t, err)
		require.True(t, found)
		return rec.Department
	}
	of := department("21010")
	other := slices.IndexFunc([]string{"21011", "21012", "21013", "21014"}, func(id string) bool { return department(id) != of })
	require.GreaterOrEqual(t, other, 0)
	keys := []string{"workday-21010", "workday-" + []string{"21011", "21012", "21013", "21014"}[other]}
	for _, key := range keys {
		r.must(api.OneLoginNoFactors, known(r, key))
		require.NoError(t, r.sandbox.Enrol(t.Context(), r.account(key).Username, "OneLogin Email"))
	}
	before, err := os.ReadFile(r.config.Policy)
	require.NoError(t, err)
	n := 0
	scan := func(weak string) []mfa.Factor {
		t.Helper()
		n++
		require.NoError(t, os.WriteFile(r.config.Policy, []byte(kit.Replace(t, string(before), "  grace: 14d", weak+"  grace: 14d")), 0o600))
		r.restart()
		r.clock.Advance(time.Hour)
		require.Zero(t, r.scan(fmt.Sprint("s", n)).Unread)
		var factors []mfa.Factor
		for _, key := range keys {
			s, _, err := r.app.Ledger.MFA().State(t.Context(), r.account(key).ID)
			require.NoError(t, err)
			factors = append(factors, s.Factor)
		}
		return factors
	}
	require.Equal(t, []mfa.Factor{mfa.FactorSome, mfa.FactorSome}, scan(""))
	mark := r.mark()
	someWeak := fmt.Sprintf("  weak: [{factors: [onelogin email], when: person.department == %q}]\n", of)
	require.Equal(t, []mfa.Factor{mfa.FactorNone, mfa.FactorSome}, scan(someWeak))
	require.Less(t, r.calls(mark, "onelogin.list_otp_devices"), 20, "whose factors count anyway is not read again")
	require.Equal(t, []mfa.Factor{mfa.FactorNone, mfa.FactorNone}, scan("  weak: [{factors: [OneLogin Email]}]\n"))
	require.Equal(t, []mfa.Factor{mfa.FactorSome, mfa.FactorSome}, scan(""), "nothing is held against what counts again")
}

// TestStrongFactorLostWhileAWeakOneStays starts a course again.
func TestStrongFactorLostWhileAWeakOneStays(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: weakKinds})
	in := uncovered(r, "workday-21010")
	username := r.account(in.Key).Username
	require.NoError(t, r.sandbox.Enrol(t.Context(), username, "OneLogin SMS"))
	require.NoError(t, r.sandbox.Enrol(t.Context(), username, "OneLogin Protect"))
	require.Equal(t, api.MFAEnrolled, r.check(in).Verdict)
	r.clock.Advance(7 * day)
	factors, err := r.vendors.OneLogin.Factors(t.Context(), in.AccountID)
	require.NoError(t, err)
	for _, f := range factors {
		if f.Name == "OneLogin Protect" {
			require.NoError(t, r.vendors.OneLogin.RemoveFactor(t.Context(), in.AccountID, f.ID))
		}
	}
	r.scan("second")
	state, _, err := r.app.Ledger.MFA().State(t.Context(), in.AccountID)
	require.NoError(t, err)
	require.Equal(t, mfa.FactorNone, state.Factor)
	require.Equal(t, 2, state.Clock)
	require.Equal(t, monday.Add(7*day), state.Since)
	look := r.check(in)
	require.Equal(t, api.MFACourse, look.Verdict)
	require.Equal(t, []string{"OneLogin SMS"}, look.Has)
}

// TestWeakKindThatNobodyHas is an item and stops nothing.
func TestWeakKindThatNobodyHas(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{policy: []string{"  grace: 14d", "  weak: [{factors: [SMS Code, onelogin sms]}]\n  grace: 14d"}})
	in := uncovered(r, "workday-21010")
	require.NoError(t, r.sandbox.Enrol(t.Context(), r.account(in.Key).Username, "OneLogin SMS"))
	items := func() []worklist.Item {
		open, err := r.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{System: identity.SystemOneLogin, Class: "weak_factors_unseen"})
		require.NoError(t, err)
		return open
	}
	r.clock.Advance(day)
	scanned := r.scan("second")
	require.Zero(t, scanned.Unread)
	open := items()
	require.Len(t, open, 1)
	require.Contains(t, open[0].Text, "the kind SMS Code, which")
	require.Contains(t, open[0].Text, "OneLogin SMS")
	require.NoError(t, r.sandbox.Enrol(t.Context(), r.account(in.Key).Username, "SMS Code"))
	r.clock.Advance(day)
	r.scan("third")
	require.Empty(t, items(), "a kind that somebody has is no mistake")
}
