package cases

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/config"
	"gatehouse/ledger/worklist"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// often has the list of what needs a person looked after every second.
func often(c *config.Config) { c.Alerts.CheckEvery = time.Second }

// needing lists what needs a person.
func needing(s *kit.Stack, f worklist.ItemFilter) []worklist.Item {
	s.T.Helper()
	items, err := s.App.Ledger.Worklist().Items(s.T.Context(), f)
	require.NoError(s.T, err)
	return items
}

// engineers are the employee ids in Workday of so many people in the group Engineering.
func engineers(s *kit.Stack, n int) []string {
	s.T.Helper()
	all, err := s.Sandbox.Accounts(s.T.Context())
	require.NoError(s.T, err)
	var ids []string
	for _, a := range all {
		if id, ours := strings.CutPrefix(a.ExternalID, "workday-"); ours && a.CanSignIn && a.Group == "Engineering" && len(ids) < n {
			ids = append(ids, id)
		}
	}
	require.Len(s.T, ids, n)
	return ids
}

// TestCase_R11_DepartmentWithoutARule: a department is renamed in HR, and no rule of the policy is for its new name. Whoever is
// in it keeps what they have; it is one item and one message, and both are over when the rule is there.
func TestCase_R11_DepartmentWithoutARule(t *testing.T) {
	t.Parallel()
	const moved = 60
	s := kit.New(t, kit.Options{People: 500, Config: often})
	s.Baseline()
	ids := engineers(s, moved)
	mark := s.Mark()
	_, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "change", EmployeeIDs: ids, Fields: control.Fields{"department": "Robotics"},
	})
	require.NoError(t, err)
	s.Sync("workday")
	s.Until("all of them wait because of one item", func() bool {
		items := needing(s, worklist.ItemFilter{})
		return len(items) == 1 && items[0].Holders == moved
	})
	told := func() int {
		n := 0
		for _, text := range notifications(s) {
			if strings.Contains(text, "No rule of the policy is for the department") {
				n++
			}
		}
		return n
	}
	s.Until("IT is told", func() bool { return told() > 0 })
	said := s.Messages("")
	for _, id := range ids {
		require.NotContains(t, said, "workday-"+id, "nobody is told of each of them")
	}
	require.Contains(t, s.Messages(it), "Robotics")
	require.Empty(t, s.Effects(mark, "onelogin.update_user", "onelogin.add_roles", "onelogin.remove_roles"), "they keep what they have")
	d := s.Desk(nil)
	listed := d.MustRun("attention", "list")
	require.Contains(t, listed, "Robotics")
	require.Contains(t, listed, "1 in all")

	reload(s, func(policy string) string {
		return kit.Replace(t, policy, `when: person.department == "Engineering"
      group`, `when: person.department in ["Engineering", "Robotics"]
      group`)
	})
	s.Until("nobody waits any more", func() bool { return len(needing(s, worklist.ItemFilter{})) == 0 })
	for _, id := range ids {
		s.Outcome("workday-" + id)
	}
	require.Contains(t, d.MustRun("attention", "list"), "Nothing needs a person.")
	require.LessOrEqual(t, strings.Count(s.Messages(""), "Needs a decision"), 0)
	require.Equal(t, 1, told())
}

// TestCase_R11_DecidedForAll: somebody decides once for all who wait because of one cause.
func TestCase_R11_DecidedForAll(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{People: 200, Config: often})
	s.Baseline()
	ids := engineers(s, 12)
	_, err := s.Sandbox.HRBulk(t.Context(), control.Bulk{
		Source: "workday", Action: "change", EmployeeIDs: ids, Fields: control.Fields{"department": "Robotics"},
	})
	require.NoError(t, err)
	s.Sync("workday")
	var items []worklist.Item
	s.Until("all of them wait", func() bool {
		items = needing(s, worklist.ItemFilter{Class: "department_unmapped"})
		return len(items) == 1 && items[0].Holders == len(ids)
	})
	mark := s.Mark()
	d := s.Desk(nil)
	d.MustRun("decide", "--cause", items[0].ID, "--verb", "abort", "--reason", "a mistake in HR")
	for _, id := range ids {
		require.Contains(t, s.Outcome("workday-"+id).Result, "abort")
	}
	s.Until("nobody waits any more", func() bool { return len(needing(s, worklist.ItemFilter{})) == 0 })
	require.Empty(t, s.Effects(mark, "onelogin.update_user", "onelogin.add_roles", "onelogin.remove_roles"))
	shown := d.MustRun("attention", "show", items[0].ID)
	require.Contains(t, shown, "abort by")
	require.NotZero(t, d.Run("decide", "--cause", items[0].ID, "--verb", "abort").Code, "nobody waits for it any more")
}

// TestCase_O08_NotificationSaysWhatToDo: what a phone shows of a message is its text alone.
func TestCase_O08_NotificationSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Config: often, Policy: func(policy string) string {
		return kit.Replace(t, policy, "role_change: enforce", "role_change: approve")
	}})
	s.Baseline()
	key := "workday-" + engineers(s, 1)[0]
	s.HR(key, "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	s.Hint(key, "poll")
	asked := asks(s, key, "Support")
	var texts []string
	s.Until("somebody is asked in Slack", func() bool {
		texts = notifications(s)
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, key) })
	})
	text := texts[slices.IndexFunc(texts, func(text string) bool { return strings.Contains(text, key) })]
	require.Contains(t, text, "step approve")
	require.Contains(t, text, "starter decide --person "+key+" --item "+asked.Item+" --reason WHY --verb allow (or reject)")
	require.NoError(t, s.App.Launch.Decide(t.Context(), api.PersonID(key), api.Decision{Verb: api.VerbReject, By: "tester", Item: asked.Item}))
}

// notifications are the texts of all messages, which is what a phone shows of them.
func notifications(s *kit.Stack) []string {
	s.T.Helper()
	var state struct {
		Slack struct {
			Channels []struct {
				Messages []struct {
					Text string `json:"text"`
				} `json:"messages"`
			} `json:"channels"`
		} `json:"slack"`
	}
	require.NoError(s.T, s.Sandbox.State(s.T.Context(), &state))
	var texts []string
	for _, c := range state.Slack.Channels {
		for _, m := range c.Messages {
			texts = append(texts, m.Text)
		}
	}
	return texts
}
