package cases

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// TestCase_L10_DeletedAndMadeAnew: by an administrator's hand, after Gatehouse had it on record.
func TestCase_L10_DeletedAndMadeAnew(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]control.Fields{
		"as it was":             {},
		"without external id":   {"external_id": ""},
		"under a foreign id":    {"external_id": guid},
		"under another address": {"email": "leon@acme.example", "username": "leon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			s.Hint("workday-21009", "test")
			s.Outcome("workday-21009")
			anew, err := s.Sandbox.RecreateAccount(t.Context(), s.Account("workday-21009").ID, f)
			require.NoError(t, err)
			leaves(s, "workday-21009")
			settled(s, "", anew)
		})
	}
}

// TestCase_L10_NotFoundOnce: at the moment when the person leaves, one read says that the account is gone.
func TestCase_L10_NotFoundOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]control.Fault{
		"in OneLogin's words":       {Status: 404},
		"in OneLogin's words twice": {Status: 404, Times: 2},
		"in a gateway's words":      {Status: 404, Body: "<html><h1>404 Not Found</h1></html>", Times: 3},
		"in a gateway's JSON":       {Status: 404, Body: `{"message":"no Route matched with those values"}`, ContentType: "application/json", Times: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kit.New(t, kit.Options{Policy: roomy(t)})
			s.Baseline()
			s.Hint("workday-21009", "test")
			s.Outcome("workday-21009")
			account := s.Account("workday-21009")
			fault.System, fault.Method, fault.Style = "onelogin", "GET", "status"
			fault.Path = "/api/2/users/" + strconv.FormatInt(account.ID, 10)
			require.NoError(t, s.Sandbox.AddFault(t.Context(), fault))
			leaves(s, "workday-21009")
			s.AwaitShut(account.ID)
			s.AwaitNobodyLeftWithAccess()
		})
	}
}
