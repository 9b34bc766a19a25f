package mfa_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/ledger"
	"gatehouse/ledger/mfa"
	"gatehouse/ledger/storetest"
)

// testFactorKinds has somebody's factors not count, and count again by another policy.
func testFactorKinds(t *testing.T, e storetest.Engine) {
	ctx, c := context.Background(), storetest.NewClock()
	l := storetest.Open(t, e.URL(t), ledger.Options{Clock: c.Now})
	list(t, l, begin(t, l, "s1"), 1, 2, 3, 4)
	sms, protect := []string{"OneLogin SMS", "SMS"}, []string{"OneLogin Protect"}
	after, err := l.MFA().Settle(ctx, []mfa.Reading{
		{AccountID: 1, Kinds: mfa.Kinds{sms}, Weak: []string{"OneLogin SMS", "OneLogin Voice"}},
		{AccountID: 2, Some: true, Kinds: mfa.Kinds{sms, protect}, Weak: []string{"OneLogin SMS"}},
		{AccountID: 3, Some: true, Kinds: mfa.Kinds{sms}},
		{AccountID: 4, Some: true},
	}, false)
	require.NoError(t, err)
	require.Equal(t, mfa.FactorNone, after[0].Factor, "what does not count is none")
	require.Equal(t, 1, after[0].Clock)
	require.Equal(t, mfa.Kinds{sms}, after[0].Kinds)
	require.Equal(t, []string{"OneLogin SMS", "OneLogin Voice"}, after[0].Weak)
	require.Equal(t, mfa.FactorSome, after[1].Factor)
	require.Equal(t, mfa.Kinds{protect, sms}, after[1].Kinds)
	require.Empty(t, after[1].Weak, "of whom something counts, nothing is held against")

	seen, err := l.MFA().KindsSeen(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"OneLogin Protect", "OneLogin SMS", "SMS"}, seen)
	known, err := l.MFA().FactorsOf(ctx, []int64{1, 2})
	require.NoError(t, err)
	require.Equal(t, map[int64]mfa.Known{1: {Factor: mfa.FactorNone, Uncounted: []string{"OneLogin SMS"}}, 2: {Factor: mfa.FactorSome}}, known)

	require.NoError(t, l.MFA().TouchKinds(ctx, "s2", func(mfa.Kinds) bool { return false }))
	require.Equal(t, []int64{1}, due(t, l, "s2"), "what did not count may count by now")
	require.NoError(t, l.MFA().TouchKinds(ctx, "s3", func(k mfa.Kinds) bool { return len(k) == 0 || k.Among([]string{"sms"}, strings.EqualFold) }))
	require.Equal(t, []int64{1, 3, 4}, due(t, l, "s3"))

	after, err = l.MFA().Settle(ctx, []mfa.Reading{{AccountID: 1, Some: true, Kinds: mfa.Kinds{sms}}}, false)
	require.NoError(t, err)
	require.Equal(t, mfa.FactorSome, after[0].Factor)
	require.True(t, after[0].Since.IsZero())
	require.Empty(t, after[0].Weak)
}

func TestKindsAmong(t *testing.T) {
	t.Parallel()
	sms, protect := []string{"OneLogin SMS", "SMS"}, []string{"OneLogin Protect"}
	same := func(a, b string) bool { return a == b }
	require.False(t, mfa.Kinds(nil).Among([]string{"SMS"}, same), "no factor is no weak factor")
	require.True(t, mfa.Kinds{sms}.Among([]string{"SMS"}, same), "either name is enough")
	require.False(t, mfa.Kinds{sms, protect}.Among([]string{"SMS"}, same))
	require.True(t, mfa.Kinds{sms, protect}.Among([]string{"OneLogin SMS", "OneLogin Protect"}, same))
	require.False(t, mfa.Kinds{sms, {}}.Among([]string{"SMS"}, same), "what OneLogin has no name for counts")
	require.Equal(t, []string{"OneLogin SMS", "OneLogin Protect"}, mfa.Kinds{sms, protect, sms, {}}.Named())
}
