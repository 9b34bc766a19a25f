package connectors_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/connectors"
)

func failing(kind connectors.Kind, status int) error {
	return &connectors.Error{System: "google", Op: "take user 1 out of groups", Kind: kind, Status: status}
}

// TestEach says of failures at the second of three objects which of the three are tried, and what the error is.
func TestEach(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		all  bool
		kind connectors.Kind
	}{
		"not allowed":          {failing(connectors.KindUnauthorized, 403), true, connectors.KindUnauthorized},
		"a contradiction":      {failing(connectors.KindConflict, 409), true, connectors.KindConflict},
		"not there":            {failing(connectors.KindNotFound, 404), true, connectors.KindNotFound},
		"never possible":       {failing(connectors.KindInvalid, 400), true, connectors.KindInvalid},
		"elsewhere":            {failing(connectors.KindRefused, 0), true, connectors.KindRefused},
		"the vendor fails":     {failing(connectors.KindUnavailable, 500), true, connectors.KindUnavailable},
		"the credential":       {failing(connectors.KindUnauthorized, 401), false, connectors.KindUnauthorized},
		"a limit":              {failing(connectors.KindRateLimited, 429), false, connectors.KindRateLimited},
		"nobody answers":       {failing(connectors.KindUnavailable, 0), false, connectors.KindUnavailable},
		"the work has ended":   {connectors.FromTransport("google", "op", context.Canceled), false, connectors.KindUnavailable},
		"an error of no kind":  {errors.New("the ledger is closed"), false, ""},
		"the time has run out": {connectors.FromTransport("google", "op", context.DeadlineExceeded), false, connectors.KindUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tried []string
			err := connectors.Each([]string{"a", "b", "c"}, func(object string) error {
				tried = append(tried, object)
				if object == "b" {
					return c.err
				}
				return nil
			})
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.kind != "", connectors.IsKind(err, c.kind))
			var refused *connectors.Refusals
			if !c.all {
				require.Equal(t, []string{"a", "b"}, tried)
				require.NotErrorAs(t, err, &refused)
				return
			}
			require.Equal(t, []string{"a", "b", "c"}, tried)
			require.ErrorAs(t, err, &refused)
			require.Equal(t, []string{"b"}, refused.Objects())
			require.Equal(t, "b: "+c.err.Error()+"; the rest is done", err.Error())
		})
	}
}

// TestEachOfNothing asks for nothing.
func TestEachOfNothing(t *testing.T) {
	t.Parallel()
	require.NoError(t, connectors.Each(nil, func(string) error { return errors.New("asked") }))
}

// TestAVendorThatFailsTwiceFailsForAll: the third is not asked for, and the error is the vendor's own.
func TestAVendorThatFailsTwiceFailsForAll(t *testing.T) {
	t.Parallel()
	tried := 0
	err := connectors.Each([]string{"a", "b", "c"}, func(string) error {
		tried++
		return failing(connectors.KindUnavailable, 503)
	})
	require.Equal(t, 2, tried)
	require.Equal(t, failing(connectors.KindUnavailable, 503), err)
}

// TestRefusalsDecide: what may go away by itself decides, then what is repaired at the vendor, whatever came first.
func TestRefusalsDecide(t *testing.T) {
	t.Parallel()
	order := []connectors.Kind{
		connectors.KindUnavailable, connectors.KindUnauthorized, connectors.KindConflict, connectors.KindInvalid, connectors.KindRefused,
		connectors.KindNotFound,
	}
	for i, want := range order {
		kinds := slices.Clone(order[i:])
		slices.Reverse(kinds)
		var objects []string
		for n := range kinds {
			objects = append(objects, strconv.Itoa(n))
		}
		err := connectors.Each(objects, func(object string) error {
			n, err := strconv.Atoi(object)
			require.NoError(t, err)
			return failing(kinds[n], 500)
		})
		require.True(t, connectors.IsKind(err, want), "%v", err)
	}
}

// TestRefusalsAreNamed: once for those that were refused alike, by other names where somebody has them, and no more than ten.
func TestRefusalsAreNamed(t *testing.T) {
	t.Parallel()
	err := connectors.Each([]string{"2", "1"}, func(string) error { return failing(connectors.KindConflict, 409) })
	require.Equal(t, "1, 2: "+failing(connectors.KindConflict, 409).Error(), err.Error())
	var refused *connectors.Refusals
	require.ErrorAs(t, err, &refused)
	renamed := refused.Renamed(func(object string) string { return "group " + object })
	require.Equal(t, []string{"group 2", "group 1"}, renamed.Objects())
	require.Equal(t, []string{"2", "1"}, refused.Objects(), "the first stays as it is")
	require.True(t, connectors.IsKind(renamed, connectors.KindConflict))
	var many []string
	for n := range 12 {
		many = append(many, fmt.Sprintf("%02d", n))
	}
	require.Equal(t, "00, 01, 02, 03, 04, 05, 06, 07, 08, 09, 2 more", connectors.Listed(append(many, "11")))
}

// TestBoth is one error about all that was refused, and what concerned everything comes before that.
func TestBoth(t *testing.T) {
	t.Parallel()
	refused := func(object string, kind connectors.Kind) error {
		return connectors.Each([]string{object}, func(string) error { return failing(kind, 400) })
	}
	one, other, down := refused("a", connectors.KindInvalid), refused("b", connectors.KindUnauthorized), failing(connectors.KindUnavailable, 0)
	require.NoError(t, connectors.Both(nil, nil))
	require.Equal(t, one, connectors.Both(one, nil))
	require.Equal(t, one, connectors.Both(nil, one))
	require.Equal(t, down, connectors.Both(one, down))
	require.Equal(t, down, connectors.Both(down, one))
	var both *connectors.Refusals
	require.ErrorAs(t, connectors.Both(one, other), &both)
	require.Equal(t, []string{"a", "b"}, both.Objects())
	require.True(t, connectors.IsKind(both, connectors.KindUnauthorized), "what somebody can give the right to is tried again")
	require.ErrorAs(t, one, &both)
	require.Equal(t, []string{"a"}, both.Objects(), "neither is changed")
}
