package activities_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"gatehouse/activities/api"
	"gatehouse/activities/attention"
	"gatehouse/internal/app"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/worklist"
)

// TestQuestionsOfOneCauseAreOneItem, and those of one person are items of their own.
func TestQuestionsOfOneCauseAreOneItem(t *testing.T) {
	t.Parallel()
	const full = "slack: post a message: refused (channel_not_found)"
	for name, tt := range map[string]struct {
		in     api.Parked
		shared bool
		cause  string
	}{
		"a department":           {api.Parked{Step: "plan", Code: "department_unmapped", About: "Robotics"}, true, "policy/department_unmapped/Robotics"},
		"a hidden column":        {api.Parked{Step: "plan", Code: "column_hidden", About: "workday"}, true, "workday/column_hidden/"},
		"a credential":           {api.Parked{Step: "onelogin.add-roles", Code: api.ErrUnauthorized, Text: "onelogin: add roles: unauthorized (HTTP 401)"}, true, "onelogin/credential/"},
		"a system that is down":  {api.Parked{Step: "jira.ticket", Code: api.ErrUnavailable, Text: "jira: create: unavailable"}, true, "jira/unavailable/"},
		"one that does not come": {api.Parked{Step: "slack.leaver", Code: "timed_out", Text: "No answer in the time"}, true, "slack/unavailable/"},
		"HR within a look":       {api.Parked{Step: "person.assess", Code: api.ErrUnavailable, Text: "workday: read a worker: unavailable"}, true, "workday/unavailable/"},
		"a refused message":      {api.Parked{Step: "slack.leaver", Code: api.ErrRefused, Text: full}, true, ""},
		"a refused account":      {api.Parked{Step: "onelogin.suspend", Code: api.ErrRefused, Text: "onelogin: the account is protected"}, false, ""},
		"a part of Gatehouse":    {api.Parked{Step: "accounts.match", Code: "timed_out", Text: "No answer in the time"}, true, "gatehouse/failing/accounts"},
		"an unforeseen error":    {api.Parked{Step: "accounts.sweep", Code: "wrapError", Text: "read the ledger: busy"}, true, "gatehouse/failing/accounts"},
		"a refused record":       {api.Parked{Step: "person.settle", Code: api.ErrConflict, Text: "the account is somebody else's"}, false, ""},
		"an approval":            {api.Parked{Step: "approve", Code: "approval_needed", Text: "Planned: x"}, false, ""},
		"a budget":               {api.Parked{Step: "plan", Code: "budget_contain", Text: "Held: 3 of 3"}, true, "gatehouse/budget_contain/workday/leaver"},
		"a further account held": {api.Parked{Step: "account@onelogin/7", Code: "budget_contain", Text: "Held"}, true, "gatehouse/budget_contain/workday/leaver"},
		"roles beyond a budget":  {api.Parked{Step: "plan", Code: "budget_grant_privileged", Text: "Held"}, true, "gatehouse/budget_grant_privileged/workday/privileged"},
		"a namesake":             {api.Parked{Step: "account@onelogin/7", Code: "leaver_namesake", Text: "OneLogin account 7 carries the name", About: api.AboutDigest}, true, "onelogin/leaver_namesake/"},
		"an urgent namesake":     {api.Parked{Step: "account@onelogin/7", Code: "leaver_namesake", Text: "OneLogin account 7 carries the name"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			a := r.vendors.Activities.Attention
			var shared []bool
			for _, person := range []string{"workday-1", "workday-2"} {
				in := tt.in
				in.Workflow, in.FirstRun, in.Key, in.Item, in.Options = api.PersonID(person), "r", person, "q", []string{"retry", "skip"}
				in.At = r.clock.Now()
				for range 2 { // Twice is once.
					listed, err := a.Hold(t.Context(), in)
					require.NoError(t, err)
					shared = append(shared, listed.Shared)
				}
			}
			for _, each := range shared {
				require.Equal(t, tt.shared, each)
			}
			items, err := r.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
			require.NoError(t, err)
			if tt.shared {
				require.Len(t, items, 1)
				require.Equal(t, 2, items[0].Holders)
				require.NotContains(t, items[0].Text+items[0].Next+items[0].Object, "workday-1")
			} else {
				require.Len(t, items, 2)
				require.Contains(t, items[0].Next, "starter show --person workday-")
			}
			if tt.cause != "" {
				require.Equal(t, tt.cause, items[0].System+"/"+items[0].Class+"/"+items[0].Object)
			}
			for _, person := range []string{"workday-1", "workday-2"} {
				for range 2 {
					require.NoError(t, a.Drop(t.Context(), api.Parked{Workflow: api.PersonID(person), Step: tt.in.Step, At: r.clock.Now()}))
				}
			}
			items, err = r.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
			require.NoError(t, err)
			require.Empty(t, items)
		})
	}
}

// TestLayOffIsOneItem: the run that asks about the batch and everybody's own run wait because of one cause, which is the batch's
// and stays the same item when the list grows. Whoever came before the batch was made is told by the list.
func TestLayOffIsOneItem(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	a, l := r.vendors.Activities.Attention, r.app.Ledger
	hold := func(workflow, key, step string) {
		t.Helper()
		listed, err := a.Hold(t.Context(), api.Parked{
			Workflow: workflow, FirstRun: "r", Key: key, Step: step, Code: api.NoticeBudgetContain, Text: "Held", Item: "q", Options: []string{"allow", "reject"}, At: r.clock.Now(),
		})
		require.NoError(t, err)
		require.True(t, listed.Shared)
	}
	only := func() worklist.Item {
		t.Helper()
		items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{})
		require.NoError(t, err)
		require.Len(t, items, 1)
		return items[0]
	}
	hold("person/workday-1", "workday-1", "plan")
	first := only()
	require.True(t, first.ToldAt.IsZero(), "nobody else tells it yet")
	require.Equal(t, "starter attention show "+first.ID, first.Next)

	batch := budgets.HeldBatch{Source: "workday", Kind: "leaver", Budget: "contain/workday", Keys: []string{"workday-1/1", "workday-2/1"}, Used: 5, Allowed: 5}
	_, err := l.Budgets().KeepHold(t.Context(), batch)
	require.NoError(t, err)
	hold("hold/workday/leaver", "", "hold.one")
	hold("person/workday-2", "workday-2", "plan")
	batch.Keys = append(batch.Keys, "workday-3/1")
	_, err = l.Budgets().KeepHold(t.Context(), batch)
	require.NoError(t, err)
	require.NoError(t, a.Drop(t.Context(), api.Parked{Workflow: "hold/workday/leaver", Step: "hold.one", At: r.clock.Now()}))
	hold("hold/workday/leaver", "", "hold.two")
	item := only()
	require.Equal(t, first.ID, item.ID)
	require.Equal(t, first.RaisedAt, item.RaisedAt)
	require.Equal(t, 3, item.Holders)
	require.Contains(t, item.Text, "3 people of workday who have left")
	require.NotEqual(t, first.Evidence, item.Evidence, "an exception ends when the list changes")
	require.NotContains(t, item.Text+item.Next, "workday-1")

	hold("hold/workday/leavers-2026-03-09", "", "hold.ahead")
	items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{})
	require.NoError(t, err)
	require.Len(t, items, 2, "those of a day to come are another batch")
}

// TestLateQuestionIsCritical: somebody who has to be out waits for it.
func TestLateQuestionIsCritical(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	_, err := r.vendors.Activities.Attention.Hold(t.Context(), api.Parked{
		Workflow: "person/workday-1", FirstRun: "r", Key: "workday-1", Step: "approve", Code: "approval_needed", Text: "Planned", Item: "q",
		Options: []string{"allow"}, At: r.clock.Now(), Overdue: r.clock.Now(),
	})
	require.NoError(t, err)
	items, err := r.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{Severity: worklist.SeverityCritical, Owner: "security"})
	require.NoError(t, err)
	require.Len(t, items, 1)
}

// TestWhatFailsByItselfHasACause, whatever it fails with.
func TestWhatFailsByItselfHasACause(t *testing.T) {
	t.Parallel()
	a := &attention.Attention{Systems: app.KnownSystems()}
	for id, err := range map[string]error{
		"onelogin.add-roles": temporal.NewApplicationError("onelogin: add roles: rate limited", api.ErrRateLimited),
		"workday.collect":    errors.New("context deadline exceeded"),
		"hr.x":               errors.New("x"),
	} {
		item, err := a.FailingItem("X.Y", id, err)
		require.NoError(t, err)
		require.NotEmpty(t, item.System)
		if item.System == "gatehouse" {
			require.Equal(t, "x", item.Object, "it is the part's, whichever step fails")
		}
		require.NotEmpty(t, item.Text)
		require.NotEmpty(t, item.Next)
	}
}

// TestWhoCanStillSignInComesFirst: an account of a leaver, or that may be one's, which can still sign in is security's, critical, and
// due within the hour; one that is suspended meanwhile has a day.
func TestWhoCanStillSignInComesFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	a := r.vendors.Activities.Attention
	for i, in := range []api.Parked{
		{Code: "department_unmapped", Step: "plan", About: "Robotics"},
		{Code: api.NoticeLeaverDoubt, Step: "account@onelogin/1", Shut: true},
		{Code: api.NoticeLeaverDoubt, Step: "account@onelogin/2"},
		{Code: api.NoticeProtectedLeaver, Step: "account@onelogin/3"},
	} {
		in.Workflow, in.FirstRun, in.Key, in.Item, in.At, in.Text = api.PersonID("workday-1"), "r", "workday-1", "q", r.clock.Now(), "t"
		in.Step += string(rune('a' + i))
		_, err := a.Hold(t.Context(), in)
		require.NoError(t, err)
		r.clock.Advance(time.Second)
	}
	items, err := r.app.Ledger.Worklist().Items(t.Context(), worklist.ItemFilter{})
	require.NoError(t, err)
	require.Len(t, items, 4)
	for i, item := range items {
		open := i < 2
		require.Equal(t, map[bool]worklist.Severity{true: worklist.SeverityCritical, false: worklist.SeverityWarning}[open], item.Severity, item.Class)
		require.Equal(t, map[bool]string{true: "security", false: "it"}[open], item.Owner)
		require.Equal(t, open, item.Deadline.Before(r.clock.Now().Add(2*time.Hour)))
	}
	require.Equal(t, api.NoticeLeaverDoubt, items[0].Class)
	require.Equal(t, api.NoticeProtectedLeaver, items[1].Class)
}
