package attention_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/internal/attention"
	"gatehouse/internal/decider"
	"gatehouse/internal/launch"
	"gatehouse/ledger/roster"
	"gatehouse/ledger/worklist"
	"gatehouse/policy"
)

// kept is a keeper in a house, with what it said and did.
type kept struct {
	*house
	keeper  *attention.Keeper
	said    []api.Message
	paged   []string
	hinted  []string
	decided []string
	observe bool
	policy  string
	// fails is what posting to an audience fails with, deciding what carrying a decision to a run does.
	fails    map[api.Audience]error
	deciding map[string]error
	// named are those whom the policy names to decide.
	named []policy.Decider
	// waiting are the runs that still wait with a question.
	waiting map[string]bool
	// started are the requests of agents that were given a run, starting what that fails with.
	started  []string
	starting error
}

func newKept(t *testing.T) *kept {
	k := &kept{house: newHouse(t), policy: "one", fails: map[api.Audience]error{}, deciding: map[string]error{}, waiting: map[string]bool{}}
	keys := map[string]bool{}
	k.keeper = attention.New(attention.Options{
		Ledger: k.ledger, Every: 30 * time.Second, Repeat: 4 * time.Hour, Clock: k.Now, Log: slog.New(slog.DiscardHandler),
		Post: func(_ context.Context, m api.Message) (api.Posted, error) {
			if err := k.fails[m.Audience]; err != nil {
				return api.Posted{}, err
			}
			if !keys[m.OnceKey] {
				k.said = append(k.said, m)
			}
			keys[m.OnceKey] = true
			return api.Posted{}, nil
		},
		Page:     func(_ context.Context, i worklist.Item) error { k.paged = append(k.paged, i.System); return nil },
		Judge:    &decider.Judge{People: func() []policy.Decider { return k.named }, Clock: k.Now},
		Observes: func() bool { return k.observe }, Policy: func() string { return k.policy },
		Zone:  func() *time.Location { return time.UTC },
		Start: func(_ context.Context, id string) error { k.started = append(k.started, id); return k.starting },
		Waits: func(_ context.Context, workflow, question string) (bool, error) {
			if err := k.deciding[workflow]; err != nil {
				return false, err
			}
			return k.waiting[workflow+" "+question], nil
		},
		Hint: func(_ context.Context, key string) error { k.hinted = append(k.hinted, key); return nil },
		Decide: func(_ context.Context, workflow string, d api.Decision) error {
			if err := k.deciding[workflow]; err != nil {
				return err
			}
			k.decided = append(k.decided, workflow+" "+d.Verb+" "+d.Item+" by "+d.By)
			return nil
		},
	})
	return k
}

// looks has the keeper look, and returns what it said, each as its audience and text.
func (k *kept) looks() []string {
	k.t.Helper()
	require.NoError(k.t, k.keeper.Round(k.t.Context()))
	var out []string
	for _, m := range k.said {
		out = append(out, string(m.Audience)+": "+m.Text)
	}
	k.said = nil
	return out
}

func (k *kept) raise(system string, s worklist.Severity) worklist.Item {
	k.t.Helper()
	i := worklist.Item{System: system, Class: "down", Severity: s, Owner: "it", Text: system + " is down.", Next: "starter status", Deadline: k.Now().Add(24 * time.Hour)}
	require.NoError(k.t, k.ledger.Worklist().RaiseItem(k.t.Context(), i))
	return i
}

func (k *kept) holds(people ...string) {
	k.t.Helper()
	for _, p := range people {
		require.NoError(k.t, k.ledger.Worklist().HoldItem(k.t.Context(), worklist.Item{
			System: "policy", Class: "department_unmapped", Object: "Robotics", Severity: worklist.SeverityWarning, Owner: "it", Text: "No rule.", Next: "add one",
		}, worklist.Holder{Workflow: "person/" + p, FirstRun: "r", Step: "plan", Question: "q-" + p, Verbs: []string{"retry", "abort"}, Policy: "one", ParkedAt: k.Now()}))
	}
}

// TestItemIsToldOnce: when it is raised, at its deadline, and then in the digest of counts alone.
func TestItemIsToldOnce(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	require.Empty(t, k.looks(), "the digest of a day with nothing open is not sent")
	k.raise("jira", worklist.SeverityWarning)
	require.Empty(t, k.looks(), "who else waits is counted first")
	k.advance(time.Minute)
	require.Equal(t, []string{"it: jira is down."}, k.looks())
	for range 20 {
		k.advance(time.Hour)
		require.Empty(t, k.looks())
	}
	k.advance(4 * time.Hour)
	said := strings.Join(k.looks(), "\n")
	require.Contains(t, said, "STILL OPEN after 24 hours: jira is down.")
	require.Contains(t, said, "Daily digest, 1 open (1 warning).")
	k.advance(time.Minute)
	require.Empty(t, k.looks())
	require.Empty(t, k.paged)
}

// TestCriticalItemRepeats until somebody takes it; nobody is woken while the policy observes.
func TestCriticalItemRepeats(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.looks()
	k.raise("onelogin", worklist.SeverityCritical)
	require.Equal(t, []string{"it: CRITICAL: onelogin is down."}, k.looks(), "at once")
	require.Equal(t, []string{"onelogin"}, k.paged)
	k.advance(4 * time.Hour)
	require.Len(t, k.looks(), 1)
	require.Len(t, k.paged, 2)
	k.observe = true
	k.advance(4 * time.Hour)
	require.Len(t, k.looks(), 1)
	require.Len(t, k.paged, 2, "nobody is woken in observe")
	require.NoError(t, k.ledger.Worklist().TakeItem(t.Context(), worklist.ItemID("onelogin", "down", ""), "ana"))
	k.advance(4 * time.Hour)
	require.Empty(t, k.looks())
}

// TestOneMessageForOneCause: however many wait, and none of their keys.
func TestOneMessageForOneCause(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.looks()
	k.holds("workday-1", "workday-2", "workday-3")
	k.advance(time.Minute)
	require.Equal(t, []string{"it: No rule. 3 wait because of it."}, k.looks())
	k.advance(23 * time.Hour)
	k.holds("workday-1", "workday-2", "workday-3")
	k.fails[api.AudienceIT] = errors.New("the channel is archived")
	k.advance(time.Hour)
	said := k.looks()
	require.Len(t, said, 1)
	require.Contains(t, said[0], "security: Daily digest", "whoever can be told is told")
}

// TestPolicyHints: whoever waits because of a policy is looked at again under the next one, once.
func TestPolicyHints(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.holds("workday-1", "workday-2")
	k.looks()
	require.Empty(t, k.hinted)
	k.policy = "two"
	k.looks()
	k.looks()
	require.Equal(t, []string{"workday-1", "workday-2"}, k.hinted)
}

// TestDecisionAboutACauseReachesEachOnce: who has gone on refuses it, and where nobody answers it is carried again.
func TestDecisionAboutACauseReachesEachOnce(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.looks()
	k.holds("workday-1", "workday-2", "workday-3")
	item := k.open()[0]
	decide := func(id, verb string) int {
		n, err := k.ledger.Worklist().DecideCause(t.Context(), worklist.CauseDecision{ID: id, Item: item.ID, Verb: verb, By: "ana", Reason: "a mistake"}, nil)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, decide("0", "allow"), "nobody asks for that")
	require.Equal(t, 3, decide("1", "abort"))
	require.Equal(t, 3, decide("1", "abort"), "the same decision is one")
	require.Zero(t, decide("2", "retry"), "each has one already")

	k.deciding["person/workday-1"], k.deciding["person/workday-2"] = launch.ErrNoRun, launch.ErrUnanswered
	require.ErrorIs(t, k.keeper.Round(t.Context()), launch.ErrUnanswered)
	delete(k.deciding, "person/workday-2")
	k.looks()
	k.looks()
	require.Equal(t, []string{"person/workday-2 abort q-workday-2 by ana", "person/workday-3 abort q-workday-3 by ana"}, k.decided)
	decisions, err := k.ledger.Worklist().CauseDecisions(t.Context(), item.ID, 5)
	require.NoError(t, err)
	require.Len(t, decisions, 1)
	require.Equal(t, 1, decisions[0].Refused)
	require.False(t, decisions[0].CarriedAt.IsZero())
	require.Empty(t, k.open(), "no run of the first is open, so that nobody waits")
}

// TestQuestionOfARunThatHasGoneOn leaves the list when it was not renewed that day. One whose run still waits stays, and so does one
// whose run does not answer.
func TestQuestionOfARunThatHasGoneOn(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.looks()
	k.holds("workday-1", "workday-2", "workday-3")
	k.waiting["person/workday-2 q-workday-2"] = true
	k.deciding["person/workday-3"] = launch.ErrUnread
	k.advance(24 * time.Hour)
	k.looks()
	require.Equal(t, 3, k.open()[0].Holders, "each has its day")
	k.advance(2 * time.Hour)
	k.looks()
	holders, err := k.ledger.Worklist().Holders(t.Context(), k.open()[0].ID, 10, 0)
	require.NoError(t, err)
	require.Len(t, holders, 2)
	require.Equal(t, "person/workday-2", holders[0].Workflow)
	require.Equal(t, k.Now(), holders[0].RenewedAt)
	require.Equal(t, "person/workday-3", holders[1].Workflow)

	k.advance(25 * time.Hour)
	delete(k.waiting, "person/workday-2 q-workday-2")
	delete(k.deciding, "person/workday-3")
	k.advance(time.Hour)
	k.looks()
	require.Empty(t, k.open(), "nobody waits any more")
}

// TestOneProcessKeepsTheList: the others stand by.
func TestOneProcessKeepsTheList(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.looks()
	other := attention.New(attention.Options{Ledger: k.ledger, Every: 30 * time.Second, Clock: k.Now, Log: slog.New(slog.DiscardHandler), Judge: &decider.Judge{People: func() []policy.Decider { return nil }, Clock: k.Now}})
	k.raise("jira", worklist.SeverityWarning)
	k.advance(time.Minute)
	require.NoError(t, other.Round(t.Context()), "it does nothing, and so needs nobody to tell")
	require.Len(t, k.looks(), 1)
}

// TestSettledChangesGoAfterAWhile holds that what a poll found and settled does not stay for ever, and goes in small portions.
func TestSettledChangesGoAfterAWhile(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	const many = 1100
	var changes []roster.StagedChange
	var ids []string
	for i := range many {
		ids = append(ids, strconv.Itoa(i))
		changes = append(changes, roster.StagedChange{Batch: "old", Source: "workday", EmployeeID: ids[i], PersonKey: "workday-" + ids[i], Kind: "new", Digest: "d"})
	}
	require.NoError(t, k.ledger.Roster().Stage(t.Context(), "old", changes))
	require.NoError(t, k.ledger.Roster().Settle(t.Context(), "old", ids))
	left := func() int {
		counts, err := k.ledger.Roster().StageCounts(t.Context(), "old")
		require.NoError(t, err)
		return counts["new"]
	}
	k.looks()
	k.advance(89 * 24 * time.Hour)
	k.looks()
	require.Equal(t, many, left())
	k.advance(2 * 24 * time.Hour)
	k.looks()
	require.Equal(t, many-500, left(), "one look carries one small write")
	k.advance(30 * time.Second)
	k.looks()
	k.advance(30 * time.Second)
	k.looks()
	require.Zero(t, left())
}
