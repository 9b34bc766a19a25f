package cases

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/policy"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// withdraws has HR take a termination back, and tell of it.
func withdraws(s *kit.Stack, key string) {
	s.T.Helper()
	s.HR(key, "change", control.Fields{"last_day": "", "termination_date": "", "involuntary": false})
	tell(s, key)
}

// byMistake has HR terminate somebody who holds roles that no rule gives, and waits until that is carried out.
func byMistake(s *kit.Stack, key string, roles int) (before control.Person, unmanaged []string) {
	s.T.Helper()
	account := s.Account(key)
	unmanaged = bulkRoles(s, account.ID, roles, "Book club")
	before = s.Of(account.ID)
	leaves(s, key)
	require.Equal(s.T, "access ended", s.Outcome(key).Result)
	require.Empty(s.T, s.Of(account.ID).Roles)
	return before, unmanaged
}

// commented is everything that was said on a ticket.
func commented(s *kit.Stack, key string) (said, status string) {
	s.T.Helper()
	for _, ticket := range s.Tickets() {
		if ticket.Key == key {
			for _, c := range ticket.Comments {
				said += c.Body + "\n"
			}
			return said, ticket.Status
		}
	}
	return "", ""
}

// answers answers the question about somebody's roles in somebody's name.
func answers(s *kit.Stack, key, verb, by string) {
	s.T.Helper()
	s.Until("somebody is asked about the roles", func() bool { return waits(s, key, api.NoticeRolesBack) })
	require.NoError(s.T, s.App.Launch.Decide(s.T.Context(), api.PersonID(key), api.Decision{Verb: verb, By: by, Reason: "test", Code: api.NoticeRolesBack}))
}

// call makes a request as an administrator with a client of their own would.
func call(s *kit.Stack, method, url string, sign func(*http.Request)) {
	s.T.Helper()
	req, err := http.NewRequestWithContext(s.T.Context(), method, url, http.NoBody)
	require.NoError(s.T, err)
	sign(req)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.T, err)
	require.NoError(s.T, resp.Body.Close())
	require.Less(s.T, resp.StatusCode, 300)
}

// deleteTicket has somebody delete a ticket in Jira.
func deleteTicket(s *kit.Stack, key string) {
	s.T.Helper()
	cfg := s.App.Config.Jira
	call(s, http.MethodDelete, cfg.BaseURL+"/rest/api/2/issue/"+key, func(r *http.Request) { r.SetBasicAuth(cfg.User, cfg.Token.Reveal()) })
}

// deleteRole has an administrator delete a role in OneLogin.
func deleteRole(s *kit.Stack, name string) {
	s.T.Helper()
	cfg := s.App.Config.OneLogin
	token := "?"
	sign := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	get := func(method, path, body string, signed func(*http.Request), into any) {
		req, err := http.NewRequestWithContext(s.T.Context(), method, cfg.BaseURL+path, strings.NewReader(body))
		require.NoError(s.T, err)
		req.Header.Set("Content-Type", "application/json")
		signed(req)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(s.T, err)
		require.NoError(s.T, json.NewDecoder(resp.Body).Decode(into))
		require.NoError(s.T, resp.Body.Close())
	}
	var made struct {
		Access string `json:"access_token"`
	}
	get(http.MethodPost, "/auth/oauth2/v2/token", `{"grant_type":"client_credentials"}`, func(r *http.Request) {
		r.SetBasicAuth(cfg.ClientID, cfg.ClientSecret.Reveal())
	}, &made)
	token = made.Access
	var roles []struct {
		ID int64 `json:"id"`
	}
	get(http.MethodGet, "/api/2/roles?name="+url.QueryEscape(name), "", sign, &roles)
	require.Len(s.T, roles, 1)
	call(s, http.MethodDelete, cfg.BaseURL+"/api/2/roles/"+itoa(roles[0].ID), sign)
}

// TestCase_L26_WithdrawnTermination: HR terminates somebody by mistake, and takes it back when everything is done. What rules give
// comes back with the account; what no rule gives comes back on one question, and the ticket says how it ended. A further account
// stays closed.
func TestCase_L26_WithdrawnTermination(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{api.VerbAllow, api.VerbReject} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			const key = "workday-21009"
			var second control.Person
			s := company(t, func(s *kit.Stack) { second = s.Second(s.Account(key), nil) })
			before, unmanaged := byMistake(s, key, 2)
			ticket := ticketAbout(s, key)
			withdraws(s, key)
			s.Until("they can sign in", func() bool { return s.Of(before.ID).Status == 1 })
			s.Until("the ticket knows at once", func() bool {
				said, status := commented(s, ticket.Key)
				return strings.Contains(said, "HR has withdrawn this termination") && strings.Contains(said, unmanaged[0]) &&
					strings.Contains(said, "mailbox and files go back") && strings.Contains(said, "onelogin/"+itoa(second.ID)) && status != "Done"
			})
			for _, role := range unmanaged {
				require.NotContains(t, s.Of(before.ID).Roles, role, "before anybody has allowed it")
			}
			s.Until("IT is told why the account is open", func() bool { return strings.Contains(s.Messages(it), "withdrawn the termination") })
			answers(s, key, verb, "tester")
			require.Equal(t, "nothing to do", s.Outcome(key).Result)
			said, status := commented(s, ticket.Key)
			require.Equal(t, "Done", status)
			if verb == api.VerbAllow {
				require.Subset(t, s.Of(before.ID).Roles, before.Roles)
				require.Contains(t, said, "Roles given back: "+strings.Join(unmanaged, ", "))
			} else {
				require.NotSubset(t, s.Of(before.ID).Roles, unmanaged[:1])
				require.Contains(t, said, "refused that these roles come back")
			}
			require.False(t, kit.Open(s.Of(second.ID)))
			require.Empty(t, s.Of(second.ID).Roles)

			// Nobody is asked or told again.
			mark := s.Mark()
			s.Hint(key, "test")
			s.Outcome(key)
			require.Empty(t, s.Effects(mark, "onelogin.add_roles", "jira.add_comment", "jira.transition"))
		})
	}
}

// TestCase_L26_WithdrawnTwice: the termination comes back while somebody is asked, and is withdrawn again. Nothing is given
// meanwhile; the one question is about what the account held before both.
func TestCase_L26_WithdrawnTwice(t *testing.T) {
	t.Parallel()
	const key = "workday-21009"
	s := company(t, func(*kit.Stack) {})
	before, unmanaged := byMistake(s, key, 2)
	first := ticketAbout(s, key)
	withdraws(s, key)
	s.Until("somebody is asked", func() bool { return waits(s, key, api.NoticeRolesBack) })
	leaves(s, key)
	require.Equal(t, "access ended", s.Outcome(key).Result)
	s.Until("there is a ticket of its own", func() bool { return len(s.Tickets()) == 2 })
	withdraws(s, key)
	answers(s, key, api.VerbAllow, "tester")
	s.Outcome(key)
	require.Subset(t, s.Of(before.ID).Roles, before.Roles)
	for _, ticket := range s.Tickets() {
		require.Equal(t, "Done", ticket.Status, ticket.Key)
	}
	said, _ := commented(s, first.Key)
	require.Contains(t, said, unmanaged[1])
}

// TestCase_L26_WhatIsNotThereAnyMore: meanwhile a role was deleted, the ticket was deleted by hand and the manager's account is gone.
func TestCase_L26_WhatIsNotThereAnyMore(t *testing.T) {
	t.Parallel()
	const key = "workday-21009"
	s := company(t, func(s *kit.Stack) { s.HR(key, "change", control.Fields{"manager_id": "21005"}) })
	before, unmanaged := byMistake(s, key, 2)
	deleteTicket(s, ticketAbout(s, key).Key)
	require.NoError(t, s.Sandbox.DeleteAccount(t.Context(), s.Account("workday-21005").ID))
	withdraws(s, key)
	s.Until("somebody is asked", func() bool { return waits(s, key, api.NoticeRolesBack) })
	deleteRole(s, unmanaged[0])
	answers(s, key, api.VerbAllow, "tester")
	require.Equal(t, "nothing to do", s.Outcome(key).Result)
	require.Contains(t, s.Of(before.ID).Roles, unmanaged[1])
	require.NotContains(t, s.Of(before.ID).Roles, unmanaged[0])
	require.Empty(t, s.Tickets())
}

// TestCase_L26_PrivilegedTakesTwo: one of the roles is privileged, and the policy has two people allow such a thing.
func TestCase_L26_PrivilegedTakesTwo(t *testing.T) {
	t.Parallel()
	const key = "workday-21009"
	s := kit.New(t, kit.Options{Policy: func(text string) string { return roomy(t)(text) + "deciders: {two: [grant_privileged]}\n" }})
	s.Baseline()
	account := s.Account(key)
	vault := bulkRoles(s, account.ID, 1, "Vault")[0]
	s.WritePolicy(func(text string) string {
		return kit.Replace(t, roomy(t)(text), "[AWS Admin, Super admin]", "[AWS Admin, Super admin, "+vault+"]") + "deciders: {two: [grant_privileged]}\n"
	})
	s.Until("the policy is in force", func() bool { return slices.Contains(s.Vendors.Policy.Current().PrivilegedRoles(), vault) })
	leaves(s, key)
	require.Equal(t, "access ended", s.Outcome(key).Result)
	withdraws(s, key)
	answers(s, key, api.VerbAllow, "ann@acme.example")
	s.Until("the second is asked", func() bool { return waits(s, key, "ann@acme.example") })
	require.NotContains(t, s.Of(account.ID).Roles, vault)
	require.Error(t, s.App.Launch.Decide(t.Context(), api.PersonID(key), api.Decision{Verb: api.VerbAllow, By: "ann@acme.example", Code: api.NoticeRolesBack}))
	answers(s, key, api.VerbAllow, "bob@acme.example")
	s.Outcome(key)
	require.Contains(t, s.Of(account.ID).Roles, vault)
}

// TestCase_L26_NotWithdrawn: somebody is hired again, or the installation only observes: nobody is asked, and the ticket stays as it is.
func TestCase_L26_NotWithdrawn(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string]control.Fields{
		// West of Greenwich a day of HR's is never one that is over there.
		"hired again": {"last_day": "", "termination_date": "", "involuntary": false, "hire_date": "today", "location": "Honolulu"},
		"observes":    {"last_day": "", "termination_date": "", "involuntary": false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const key = "workday-21009"
			s := company(t, func(*kit.Stack) {})
			before, unmanaged := byMistake(s, key, 1)
			ticket := ticketAbout(s, key)
			if name == "observes" {
				s.WritePolicy(func(text string) string {
					return kit.Replace(t, roomy(t)(text), "onboarding: enforce", "onboarding: observe")
				})
				s.Until("the policy is in force", func() bool { return s.Vendors.Policy.Current().Modes().Onboarding == policy.ModeObserve })
			}
			s.HR(key, "change", fields)
			tell(s, key)
			s.Outcome(key)
			require.Equal(t, name == "hired again", s.Of(before.ID).Status == 1)
			require.NotContains(t, s.Of(before.ID).Roles, unmanaged[0])
			said, status := commented(s, ticket.Key)
			require.Empty(t, said)
			require.NotEqual(t, "Done", status)
		})
	}
}
