package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/ledger/worklist"
)

// TestQuestionsAskedForOneReasonAreOneItem: accounts whose traces agree and disagree alike, and records with which one thing is
// wrong. Everybody is on its list with the answers, and what is about another account's reason is another item.
func TestQuestionsAskedForOneReasonAreOneItem(t *testing.T) {
	t.Parallel()
	const foreign, named = "the work e-mail address is theirs; the external id is one that no HR record explains", "the name differs"
	for name, tt := range map[string]struct {
		in    api.Parked
		other func(*api.Parked)
		// shared says that the item tells it for all: what a leaver may sign in by is told for each at once.
		shared bool
		cause  string
	}{
		"a leaver's account": {
			api.Parked{Step: "account@onelogin/7", Code: api.NoticeLeaverDoubt, Text: "OneLogin account 7 may be a leaver's", About: foreign},
			func(in *api.Parked) { in.About = named }, false, "onelogin/leaver_doubt/",
		},
		"a service account": {
			api.Parked{Step: "account@onelogin/7", Code: api.NoticeNewOwner, Text: "OneLogin account 7 is a service account", About: foreign},
			func(in *api.Parked) { in.Code, in.Step = api.NoticeProtectedLeaver, "account@onelogin/8" }, false, "onelogin/new_owner/",
		},
		"an employed person's account": {
			api.Parked{Step: "plan", Code: api.NoticeAccountDoubt, Text: "OneLogin account 7 may be this person's"},
			func(in *api.Parked) { in.Code = api.NoticeAmbiguousAccount }, true, "onelogin/account_doubt/",
		},
		"a record": {
			api.Parked{Step: "plan", Code: "status_unclear", Text: "the source says neither active nor terminated"},
			func(in *api.Parked) { in.Key = "bamboohr-9" }, true, "workday/status_unclear/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, rigOptions{})
			a, l := r.vendors.Activities.Attention, r.app.Ledger
			ask := func(in api.Parked) api.Listed {
				t.Helper()
				in.Workflow, in.FirstRun, in.Item, in.Options, in.At = api.PersonID(in.Key), "r", "q"+in.Key, []string{"link"}, r.clock.Now()
				listed, err := a.Hold(t.Context(), in)
				require.NoError(t, err)
				return listed
			}
			one, two, three := tt.in, tt.in, tt.in
			one.Key, two.Key, three.Key = "workday-1", "workday-2", "workday-3"
			tt.other(&three)
			require.Equal(t, tt.shared, ask(one).Shared)
			require.Equal(t, tt.shared, ask(two).Shared)
			ask(three)
			items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{})
			require.NoError(t, err)
			require.Len(t, items, 2, "what is asked for another reason is another item")
			joint := items[0]
			if joint.Holders != 2 {
				joint = items[1]
			}
			require.Equal(t, 2, joint.Holders)
			require.True(t, strings.HasPrefix(joint.System+"/"+joint.Class+"/"+joint.Object, tt.cause), joint)
			require.NotContains(t, joint.Text+joint.Next+joint.Object, "workday-", "it names nobody")
			require.Equal(t, "starter attention show "+joint.ID, joint.Next)
			waiting, err := l.Worklist().Holders(t.Context(), joint.ID, 10, 0)
			require.NoError(t, err)
			for i, h := range waiting {
				require.Equal(t, []string{"person/workday-1", "person/workday-2"}[i], h.Workflow)
				require.Equal(t, tt.in.Step, h.Step)
				require.Equal(t, []string{"link"}, h.Verbs)
			}
		})
	}
}

// TestLateAccountIsSeenToAnew: whoever has taken the item, or lives with it, has not seen the account that comes after that. What
// is asked again every day is not one that comes.
func TestLateAccountIsSeenToAnew(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	a, l := r.vendors.Activities.Attention, r.app.Ledger
	ask := func(key string) {
		t.Helper()
		in := api.Parked{
			Workflow: api.PersonID(key), FirstRun: "r", Key: key, Step: "account@onelogin/" + key[8:], Code: api.NoticeLeaverDoubt, Text: "x", About: "why",
			Item: "q" + key, Options: []string{"link"}, At: r.clock.Now(), Overdue: r.clock.Now(),
		}
		_, err := a.Hold(t.Context(), in)
		require.NoError(t, err)
	}
	only := func() worklist.Item {
		t.Helper()
		items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{System: "onelogin"})
		require.NoError(t, err)
		require.Len(t, items, 1)
		return items[0]
	}
	ask("workday-1")
	ask("workday-2")
	require.NoError(t, l.Worklist().TakeItem(t.Context(), only().ID, "ann"))
	for range 3 {
		r.clock.Advance(24 * time.Hour)
		require.NoError(t, a.Drop(t.Context(), api.Parked{Workflow: "person/workday-1", Step: "account@onelogin/1", At: r.clock.Now()}))
		ask("workday-1")
		require.False(t, only().TakenAt.IsZero(), "the same question again")
	}
	ask("workday-3")
	require.True(t, only().TakenAt.IsZero(), "nobody has taken this one")
	require.Equal(t, worklist.SeverityCritical, only().Severity)
	id := only().ID
	require.NoError(t, l.Worklist().AcceptItem(t.Context(), id, worklist.Acceptance{By: "ann", Reason: "holiday", Until: r.clock.Now().Add(48 * time.Hour)}))
	ask("workday-2")
	items, err := l.Worklist().Items(t.Context(), worklist.ItemFilter{System: "onelogin"})
	require.NoError(t, err)
	require.Empty(t, items, "the same question again")
	ask("workday-4")
	require.Nil(t, only().Accepted)
}
