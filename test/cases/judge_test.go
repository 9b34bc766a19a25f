package cases

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// The channels of the example configuration.
const (
	security = "C0SECURITY"
	it       = "C0IT"
)

// roomy is the example policy with budgets that hold nobody of sixty.
func roomy(t testing.TB) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, policy, "contain: {count: 20, percent: 5}", "contain: {count: 40, percent: 80}")
	}
}

// company is a stack whose budgets hold nobody. Dirt is what its accounts are before Gatehouse first looks.
func company(t *testing.T, dirt func(s *kit.Stack)) *kit.Stack {
	t.Helper()
	s := kit.New(t, kit.Options{Policy: roomy(t)})
	dirt(s)
	s.Baseline()
	return s
}

// leaves has HR terminate somebody at once, and tell of it.
func leaves(s *kit.Stack, keys ...string) {
	s.T.Helper()
	for _, key := range keys {
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
		tell(s, key)
	}
}

// tell delivers the webhook about somebody.
func tell(s *kit.Stack, key string) {
	s.T.Helper()
	source, id, _ := strings.Cut(key, "-")
	status := 0
	// A busy gateway asks for the delivery to be repeated, which both vendors do.
	s.Until("the gateway takes the webhook", func() bool {
		if source == "workday" {
			status = s.WorkdayWebhook(id)
		} else {
			status = s.BambooHRWebhook(id)
		}
		return status != http.StatusServiceUnavailable
	})
	require.Equal(s.T, http.StatusAccepted, status)
}

// names reports whether a text names an account: by its id, its username or its address.
func names(text string, p control.Person) bool {
	for _, name := range []string{fmt.Sprint(p.ID), p.Username, p.Email} {
		if name != "" && strings.Contains(text, name) {
			return true
		}
	}
	return false
}

// tickets is everything that Jira has, as one text.
func tickets(s *kit.Stack) string {
	s.T.Helper()
	all, err := s.Sandbox.Tickets(s.T.Context())
	require.NoError(s.T, err)
	text, err := json.Marshal(all)
	require.NoError(s.T, err)
	return string(text)
}

// settled waits until nobody gets in by an account any more, or security has been told which one it is and why.
func settled(s *kit.Stack, why string, accounts ...control.Person) {
	s.T.Helper()
	for _, p := range accounts {
		s.Until(fmt.Sprintf("account %d is shut, or security knows of it", p.ID), func() bool {
			said := s.Messages(security)
			return !kit.Open(s.Of(p.ID)) || names(said, p) && strings.Contains(strings.ToLower(said), why)
		})
	}
}

// untouched remembers what everybody but some has, and returns a check that they still do.
func untouched(s *kit.Stack, but ...control.Person) func() {
	s.T.Helper()
	take := func() map[int64]string {
		all, err := s.Sandbox.Accounts(s.T.Context())
		require.NoError(s.T, err)
		out := map[int64]string{}
		for i := range all {
			out[all[i].ID] = fmt.Sprint(all[i].Status, all[i].Group, all[i].Roles, all[i].Username, all[i].ExternalID)
		}
		for _, p := range but {
			delete(out, p.ID)
		}
		return out
	}
	before := take()
	return func() {
		s.T.Helper()
		require.Equal(s.T, before, take(), "somebody else's account was touched")
	}
}

// give gives an order the way an operator does.
func give(s *kit.Stack, o identity.Order) {
	s.T.Helper()
	o.By, o.Reason = "grace@acme.example", "test"
	_, err := s.Vendors.Activities.Orders.Give(s.T.Context(), api.GiveOrder{Order: o, Hint: api.Hint{Source: "operator", Cause: "order"}})
	require.NoError(s.T, err)
}

// long waits longer than Until does.
func long(s *kit.Stack, what string, condition func() bool) {
	s.T.Helper()
	require.Eventually(s.T, condition, 3*time.Minute, 100*time.Millisecond, "still waiting for: %s", what)
}
