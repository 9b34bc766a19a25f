package cases

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// oneList is a policy whose one list says which accounts are no person's, with an entry that matches everybody.
func oneList(t testing.TB) func(string) string {
	return func(policy string) string {
		return kit.Replace(t, roomy(t)(policy), `    - account.username.startsWith("breakglass-")
  # The first rule`, `    - account.username == "nobody"
  # The first rule`, "\nmodes:", `
accounts:
  non_personal:
    - {name: emergency, kind: break_glass, when: account.username.startsWith("breakglass-"), owner: security@acme.example}
    - {name: robots, kind: service, when: account.username.startsWith("svc-"), owner: robots@acme.example}
    - {name: rooms, kind: shared, when: account.username.contains("@"), owner: office@acme.example}

events:
  update_every: 1s
  rules:
    - {name: signed-in, types: [USER_LOGGED_INTO_ONELOGIN], severity: low}

modes:`)
	}
}

// TestCase_V19_OneListOfAccountsThatAreNoPersons: an entry of the list matches everybody. That is an item, and nobody is forgotten: who leaves
// is shut out, who has no second factor is in a grace period. What is no person's has none, is reviewed by its owner, and a sign-in by a
// break-glass account wakes somebody, who reads what it is.
func TestCase_V19_OneListOfAccountsThatAreNoPersons(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: oneList(t)})
	robot := called(s, "svc-backup@acme.example")
	glass := s.Second(robot, control.Fields{
		"username": "breakglass-9@acme.example", "email": "breakglass-9@acme.example", "kind": "shared",
	})
	other := s.Account("workday-21011")
	admin := s.Second(other, control.Fields{"roles": []string{"AWS Admin"}})
	s.Baseline()
	sweep(s)
	out := s.Desk(nil).MustRun("attention", "list", "-o", "json")
	require.Contains(t, out, "The entry rooms of accounts.non_personal matches")
	require.Contains(t, out, "they stay people's")

	leaver := s.Account("workday-21009")
	leaves(s, "workday-21009")
	s.AwaitShut(leaver.ID)
	s.AwaitNobodyLeftWithAccess()
	leaves(s, "workday-21011")
	s.AwaitShut(other.ID)
	s.Until("somebody is asked about the other account of a leaver", func() bool {
		return names(s.Messages(security)+s.Messages(it)+tickets(s), admin)
	})

	without := s.WithoutFactors("workday-21010")
	s.ScanMFA()
	s.Until("whom HR knows is in a grace period, and what is no person's is not", func() bool {
		person, _, _ := trackedRow(s, without)
		machine, _, _ := trackedRow(s, robot)
		emergency, _, _ := trackedRow(s, glass)
		return person == "grace" && machine == "exempt: service account" && emergency == "exempt: break-glass account"
	})

	_, _, err := s.Sandbox.Events(t.Context(), control.Event{Type: 5, Usernames: []string{glass.Username}, Times: 1})
	require.NoError(t, err)
	require.Equal(t, 202, s.OneLoginWebhook())
	s.Until("somebody is woken", func() bool { pages, _ := incidentsAndTickets(s); return len(pages) == 1 })
	s.Until("there is a ticket", func() bool {
		_, tickets := incidentsAndTickets(s)
		return strings.Contains(fmt.Sprint(tickets), "break-glass account")
	})
	pages, tickets := incidentsAndTickets(s)
	require.Equal(t, "break-glass account", pages[0].Details["kind"])
	require.Equal(t, "security@acme.example", pages[0].Details["owner"])
	require.Contains(t, fmt.Sprint(tickets), "security@acme.example")

	_, err = s.App.Launch.Review(t.Context(), "2026-11")
	require.NoError(t, err)
	var reviewed api.ReviewOutcome
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, s.Temporal.GetWorkflow(ctx, api.ReviewID("2026-11"), "").Get(ctx, &reviewed))
	books, err := s.Sandbox.Spreadsheets(t.Context())
	require.NoError(t, err)
	rows := map[string]string{}
	for _, b := range books {
		if tab := b.Tab("2026-11 Access"); tab != nil {
			for _, row := range tab.Values[1:] {
				rows[fmt.Sprint(row[0])] = fmt.Sprint(row)
			}
		}
	}
	require.Contains(t, rows[glass.Username], "break-glass account")
	require.Contains(t, rows[glass.Username], "security@acme.example", "who reviews it")
	require.Contains(t, rows[without.Username], "works here")
	mails, err := s.Sandbox.Mails(t.Context())
	require.NoError(t, err)
	to := map[string]string{}
	for _, m := range mails {
		to[fmt.Sprint(m.To)] += m.Text
	}
	require.Contains(t, to["[security@acme.example]"], glass.Username)
	require.Contains(t, to["[robots@acme.example]"], robot.Username)
	require.NotContains(t, to["[robots@acme.example]"], glass.Username)
}
