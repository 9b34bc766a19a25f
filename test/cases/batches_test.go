package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
	"gatehouse/sandbox/control"
	"gatehouse/test/kit"
)

// holdState is what the run about a hold shows; empty if there is no such run.
func holdState(s *kit.Stack, source, kind string) api.State {
	s.T.Helper()
	var state api.State
	ctx, cancel := context.WithTimeout(s.T.Context(), 10*time.Second)
	defer cancel()
	value, err := s.Temporal.QueryWorkflow(ctx, api.HoldID(api.HoldRef{Source: source, Kind: kind}), "", api.QueryState)
	if err == nil {
		require.NoError(s.T, value.Get(&state))
	}
	return state
}

// askedAbout waits until the run about a hold asks about a number of people, and returns the question.
func askedAbout(s *kit.Stack, source, kind string, people int) string {
	s.T.Helper()
	text := ""
	s.Until(fmt.Sprintf("somebody is asked about %d people of %s held as %s", people, source, kind), func() bool {
		for _, a := range holdState(s, source, kind).Attention {
			if strings.HasPrefix(a.Text, fmt.Sprintf("%d people ", people)) {
				text = a.Text
			}
		}
		return text != ""
	})
	return text
}

// decideHold answers the question of a hold.
func decideHold(s *kit.Stack, source, kind, verb string) {
	s.T.Helper()
	require.NoError(s.T, s.Decide(api.HoldID(api.HoldRef{Source: source, Kind: kind}), verb))
}

// ordinary is the example policy with the budgets that an install begins with.
func ordinary(t testing.TB) func(string) string {
	return func(policy string) string {
		for _, kind := range []string{"grant", "group", "profile", "join"} {
			policy = kit.Replace(t, policy, "  "+kind+": {count: 400, percent: 0}\n", "")
		}
		return kit.Replace(t, policy, "  delete: {count: 10, percent: 10}\n", "")
	}
}

// newcomers enters rows that nobody has hired, without a webhook.
func newcomers(s *kit.Stack, source string, n int) []string {
	s.T.Helper()
	var keys []string
	for i := range n {
		keys = append(keys, s.Hire(source, control.Fields{
			"first_name": "Extra" + string(rune('a'+i/26)) + string(rune('a'+i%26)), "last_name": "Row", "department": "Sales", "title": "Account Executive",
			"location": "Berlin", "hire_date": "today", "personal_email": fmt.Sprintf("extra.row%d@home.example", i),
		}))
	}
	return keys
}

// accounts counts the accounts of a tenant.
func accounts(s *kit.Stack) int {
	s.T.Helper()
	all, err := s.Sandbox.Accounts(s.T.Context())
	require.NoError(s.T, err)
	return len(all)
}

// believing polls a source and takes everything that the poll asks about its report for right.
func believing(s *kit.Stack, source string) {
	s.T.Helper()
	run := s.StartSync(source)
	ended := make(chan error, 1)
	go func() { ended <- run.Get(context.WithoutCancel(s.T.Context()), nil) }()
	s.Until("the poll of "+source+" ends", func() bool {
		select {
		case err := <-ended:
			require.NoError(s.T, err)
			return true
		default:
			_ = s.Decide("hr-sync-"+source, api.VerbAllow) // Refused for as long as it asks nothing.
			return false
		}
	})
}

// TestCase_R01_RowsBeyondTheJoinBudget: a report suddenly has rows of people whom nobody has hired.
func TestCase_R01_RowsBeyondTheJoinBudget(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: ordinary(t)})
	s.Baseline()
	before, mark := accounts(s), s.Mark()
	intact := untouched(s)
	extra := newcomers(s, "workday", 40)
	believing(s, "workday")
	askedAbout(s, "workday", api.HoldJoin, 40)
	s.Until("IT is told", func() bool { return strings.Contains(s.Messages(it), "40 people would get an account") })

	// A webhook about one of them makes no exception, and neither does the next poll.
	tell(s, extra[0])
	believing(s, "workday")
	s.Outcome(extra[0])
	require.Equal(t, before, accounts(s), "no account was made")
	require.Empty(t, s.Effects(mark, "onelogin.create_user", "onelogin.send_invite_link"))
	require.Equal(t, 1, s.Said(it, "40 people would get an account"), "one question, and one message")
	intact()

	// Some of them were a mistake. HR repairs that, and the others are let through.
	for _, key := range extra[32:] {
		s.HR(key, "delete", nil)
	}
	believing(s, "workday")
	askedAbout(s, "workday", api.HoldJoin, 32)
	decideHold(s, "workday", api.HoldJoin, api.VerbAllow)
	long(s, "those who were let through have an account", func() bool { return accounts(s) == before+32 })
	for _, key := range extra[:32] {
		require.Equal(t, "can sign in", s.Outcome(key).Result)
	}
	s.Sync("workday")
	require.Equal(t, before+32, accounts(s), "and nobody else has")
	for _, key := range extra[32:] {
		_, found, err := s.Sandbox.ByExternalID(context.WithoutCancel(t.Context()), key)
		require.NoError(t, err)
		require.False(t, found)
	}
}

// berliners are people of Workday whom Gatehouse may shut out, and who work in one time zone by now.
func berliners(s *kit.Stack, n int) (keys []string, ids []int64) {
	s.T.Helper()
	for number := 21005; len(keys) < n; number++ {
		key := fmt.Sprintf("workday-%d", number)
		account, found, err := s.Sandbox.ByExternalID(s.T.Context(), key)
		require.NoError(s.T, err)
		require.Less(s.T, number, 21100, "too few people")
		if !found || account.Status != 1 || slices.Contains(account.Roles, "Super admin") {
			continue
		}
		keys, ids = append(keys, key), append(ids, account.ID)
	}
	return keys, ids
}

// inside counts the accounts with which somebody can sign in.
func inside(s *kit.Stack, ids []int64) (n int) {
	s.T.Helper()
	for _, id := range ids {
		if kit.Open(s.Of(id)) {
			n++
		}
	}
	return n
}

// attentions are the questions that the runs of people ask.
func attentions(s *kit.Stack, keys []string) (open []string) {
	s.T.Helper()
	for _, key := range keys {
		state, _ := s.State(key)
		for _, a := range state.Attention {
			open = append(open, key+": "+a.Code)
		}
	}
	return open
}

// TestCase_R06_HeldUntilSomebodyDecides: the window of the budget moves on, and lets nobody through.
func TestCase_R06_HeldUntilSomebodyDecides(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	s := kit.New(t, kit.Options{Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	s.Baseline()
	keys, ids := berliners(s, 8)
	for _, key := range keys {
		s.HR(key, "terminate", control.Fields{"last_day": "today", "involuntary": true})
	}
	s.Sync("workday")
	askedAbout(s, "workday", api.HoldLeaver, 8)
	for range 3 {
		ahead.Add(int64(25 * time.Hour))
		s.Sync("workday")
		tell(s, keys[0])
		s.AwaitStage(keys[0], api.StageAttention)
		require.Equal(t, 8, inside(s, ids))
	}
	decideHold(s, "workday", api.HoldLeaver, api.VerbAllow)
	long(s, "they are out", func() bool { return inside(s, ids) == 0 })
}

// edited has people looked at again under a rule that somebody has edited.
func edited(s *kit.Stack, keys []string, pairs ...string) {
	s.T.Helper()
	reload(s, func(policy string) string { return kit.Replace(s.T, ordinary(s.T)(policy), pairs...) })
	for _, key := range keys {
		s.Hint(key, "the policy changed")
	}
}

// holding counts the accounts that have a role.
func holding(s *kit.Stack, role string) (n int) {
	s.T.Helper()
	all, err := s.Sandbox.Accounts(s.T.Context())
	require.NoError(s.T, err)
	for i := range all {
		if slices.Contains(all[i].Roles, role) {
			n++
		}
	}
	return n
}

// TestCase_R13_ARuleThatFitsEverybody: an edit makes a condition true, and everybody who is looked at is to get a paid role.
func TestCase_R13_ARuleThatFitsEverybody(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: ordinary(t)})
	s.Baseline()
	keys, _ := berliners(s, 24)
	before := holding(s, "Zendesk")
	keys = slices.DeleteFunc(keys, func(key string) bool { return slices.Contains(s.Account(key).Roles, "Zendesk") })
	paid := func(when string) []string {
		const before = "    # Whatever their department, contractors"
		return []string{before, "    - name: paid\n      when: '" + when + "'\n      roles: [Zendesk]\n" + before}
	}
	edited(s, keys, paid("true")...)
	rest := len(keys) - 5
	text := askedAbout(s, "workday", api.HoldGrant, rest)
	require.Contains(t, text, "get roles")
	require.Equal(t, before+5, holding(s, "Zendesk"), "no more than the budget")
	require.Empty(t, attentions(s, keys), "one question, and not one of each")

	// The rule is put right. Nobody wants anything any more, and the question goes.
	edited(s, keys, paid("person.title == \"Nobody\"")...)
	long(s, "nothing is asked any more", func() bool { return len(holdState(s, "workday", api.HoldGrant).Attention) == 0 })
	require.LessOrEqual(t, holding(s, "Zendesk"), before+5)

	// This time it is meant.
	edited(s, keys, paid("true")...)
	askedAbout(s, "workday", api.HoldGrant, rest)
	decideHold(s, "workday", api.HoldGrant, api.VerbAllow)
	long(s, "everybody has it", func() bool { return holding(s, "Zendesk") == before+len(keys) })
}

// TestCase_R04_MovesBeyondTheBudget: HR moves a dozen people to another department on one day. It is a reorganisation beyond the
// budget, and it moves nobody before somebody is asked.
func TestCase_R04_MovesBeyondTheBudget(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{Policy: ordinary(t)})
	s.Baseline()
	keys, ids := berliners(s, 20)
	keys = slices.DeleteFunc(keys, func(key string) bool {
		group := s.Account(key).Group
		return group == "Support" || group == "Contractors"
	})[:12]
	moved := func() (n int) {
		for _, key := range keys {
			if s.Account(key).Group == "Support" {
				n++
			}
		}
		return n
	}
	require.NotEmpty(t, ids)
	leaver := s.Account("workday-21003")
	intact := untouched(s, leaver)
	for _, key := range keys {
		s.HR(key, "change", control.Fields{"department": "Support", "title": "Support Engineer"})
	}
	s.HR("workday-21003", "terminate", control.Fields{"last_day": "today", "involuntary": true})
	s.Sync("workday")
	text := askedAbout(s, "workday", api.HoldRemove, 12)
	require.Contains(t, text, "12 would change their group", "everything that is held of them is one question")
	s.AwaitShut(leaver.ID)
	for _, key := range keys {
		s.AwaitStage(key, api.StageDone)
	}
	tell(s, keys[0])
	s.Sync("workday")
	require.Zero(t, moved(), "nobody before somebody is asked")
	require.Empty(t, attentions(s, keys))
	require.Equal(t, 1, s.Said(it, "12 would change their group"), "one question, and one message")
	intact()
	decideHold(s, "workday", api.HoldRemove, api.VerbAllow)
	long(s, "everybody has moved", func() bool { return moved() == 12 })
	require.Empty(t, holdState(s, "workday", api.HoldGroup).Attention, "and nothing else is asked about them")
}

// TestCase_R04_DepartmentWithoutARule: a department that no rule is for, under a rule that has a group for everybody.
func TestCase_R04_DepartmentWithoutARule(t *testing.T) {
	t.Parallel()
	s := kit.New(t, kit.Options{})
	s.Baseline()
	keys, _ := berliners(s, 4)
	intact := untouched(s)
	for _, key := range keys {
		s.HR(key, "change", control.Fields{"department": "Quantum"})
	}
	s.Sync("workday")
	for _, key := range keys {
		require.Equal(t, "department_unmapped", s.AwaitStage(key, api.StageAttention).Attention[0].Code)
	}
	intact()
	joiner := s.Hire("workday", control.Fields{
		"first_name": "Nell", "last_name": "Quantum", "department": "Quantum", "title": "Physicist", "location": "Berlin",
		"hire_date": "today", "personal_email": "nell.quantum@home.example",
	})
	s.Sync("workday")
	require.Equal(t, "can sign in", s.Outcome(joiner).Result)
	require.Equal(t, []string{"Everyone"}, s.Account(joiner).Roles, "a joiner gets what everybody gets")
	require.Contains(t, s.Messages(it), "department", "and IT is told why it is no more")
}
