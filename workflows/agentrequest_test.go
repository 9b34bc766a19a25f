package workflows_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"gatehouse/activities/api"
)

const requestID = "agent-request/helpdesk/1"

// asking is a request of an agent as its activities show it to the run.
type asking struct {
	*play
	mu      sync.Mutex
	judged  api.AgentJudged
	carried api.AgentCarried
	seen    api.AgentSeen
	carries []api.AgentCarry
	ends    []api.AgentEnd
	looks   int
	updates []string
}

func newAsking(t *testing.T) *asking {
	t.Helper()
	a := &asking{
		play:    newWorld(t).open(start),
		judged:  api.AgentJudged{State: api.RequestWaiting, Ask: true, Key: key, Agent: "helpdesk", Tool: "assign_role", Plan: []string{"give it"}, Hash: "h1"},
		carried: api.AgentCarried{State: api.RequestWorking},
		seen:    api.AgentSeen{State: api.RequestDone, Over: true, Result: "it is so"},
	}
	locked := func(do func()) { a.mu.Lock(); defer a.mu.Unlock(); do() }
	for name, fn := range map[string]any{
		api.AgentRequestJudge: func(context.Context, api.AgentRequestRef) (out api.AgentJudged, err error) {
			locked(func() { out = a.judged })
			return out, nil
		},
		api.AgentRequestCarry: func(_ context.Context, in api.AgentCarry) (out api.AgentCarried, err error) {
			locked(func() {
				a.carries = append(a.carries, in)
				if out = a.carried; out.State == api.RequestWorking {
					a.judged = api.AgentJudged{State: api.RequestWorking}
				}
			})
			return out, nil
		},
		api.AgentRequestWatch: func(context.Context, api.AgentRequestRef) (out api.AgentSeen, err error) {
			locked(func() { a.looks++; out = a.seen })
			return out, nil
		},
		api.SlackUpdate: func(_ context.Context, in api.MessageUpdate) (out api.Updated, err error) {
			locked(func() { a.updates = append(a.updates, in.Outcome) })
			return out, nil
		},
		api.SlackWhoIs: func(_ context.Context, in api.WhoIsInput) (api.SlackPerson, error) {
			return api.SlackPerson{UserID: in.UserID, Email: in.UserID + "@acme.example"}, nil
		},
		api.AgentRequestWho: func(_ context.Context, in api.AgentPresser) (api.AgentDecider, error) {
			return api.AgentDecider{By: in.Email}, nil
		},
		api.AgentRequestEnd: func(_ context.Context, in api.AgentEnd) (out api.AgentSeen, err error) {
			locked(func() { a.ends = append(a.ends, in) })
			return api.AgentSeen{State: in.State, Over: true, Result: in.Result}, nil
		},
	} {
		a.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
	return a
}

// sees changes what the activities show from now on.
func (a *asking) sees(edit func()) { a.mu.Lock(); defer a.mu.Unlock(); edit() }

func (a *asking) toTheEnd() api.AgentRequestOutcome {
	a.t.Helper()
	a.env.ExecuteWorkflow(api.TypeAgentRequest, api.AgentRequestInput{ID: requestID})
	require.True(a.t, a.env.IsWorkflowCompleted())
	require.NoError(a.t, a.env.GetWorkflowError())
	var out api.AgentRequestOutcome
	require.NoError(a.t, a.env.GetWorkflowResult(&out))
	return out
}

func TestARequestIsCarriedOutOnSomebodysWord(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.after(time.Hour, func() {
		require.Empty(t, a.carries)
		s := a.state()
		require.Equal(t, api.CodeAgentRequest, s.Attention[0].Code)
		require.Equal(t, []string{"give it"}, s.Attention[0].Plan)
		a.by(api.VerbAllow)
	})
	out := a.toTheEnd()
	require.Equal(t, api.AgentRequestOutcome{ID: requestID, State: api.RequestDone, Result: "it is so"}, out)
	require.Equal(t, "h1", a.carries[0].Hash)
	require.Equal(t, "grace (unverified)", a.carries[0].By)
	require.Equal(t, []api.MessageKind{api.MessageAgentRequest}, a.w.posted())
	require.Equal(t, []string{"Allowed by grace (unverified)", "Allowed by grace (unverified). done: it is so"}, a.updates, "the buttons go, and who decided is shown")
}

// TestAPressDecides has the owner of the agent press a button, which counts for nothing, and then somebody else.
func TestAPressDecides(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.judged.Barred = []string{"dana@acme.example"}
	press := func(who, verb, item string) *answer {
		out := &answer{}
		a.env.UpdateWorkflow(api.UpdatePress, "", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { out.refused = err }, OnComplete: func(_ any, err error) {
				out.completed = err == nil
				if err != nil {
					out.refused = err
				}
			},
		}, api.Click{UserID: who, Verb: verb, Item: item, Step: "request.approve"})
		return out
	}
	var owner, stale, other, good *answer
	a.after(time.Hour, func() {
		item := a.state().Attention[0].Item
		owner, stale, other = press("dana", api.VerbAllow, item), press("grace", api.VerbAllow, "another"), press("grace", api.VerbSkip, item)
	})
	a.after(2*time.Hour, func() {
		require.Empty(t, a.carries)
		good = press("grace", api.VerbAllow, a.state().Attention[0].Item)
	})
	require.Equal(t, api.RequestDone, a.toTheEnd().State)
	require.ErrorContains(t, owner.refused, "nobody decides about themselves")
	require.ErrorContains(t, stale.refused, "does not wait for a decision any more")
	require.ErrorContains(t, other.refused, "neither allow nor reject")
	require.True(t, good.completed)
	require.Equal(t, "grace@acme.example (unverified)", a.carries[0].By)
	require.Len(t, a.w.messages[0].Buttons, 2)
}

func TestWhatARuleAllowsAsksNobody(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.judged.Ask, a.judged.State = false, api.RequestFiled
	require.Equal(t, api.RequestDone, a.toTheEnd().State)
	require.Empty(t, a.carries[0].By)
	require.Empty(t, a.w.posted())
}

// TestAnotherPlanIsAnotherQuestion holds that whoever has allowed one plan is asked again about the next.
func TestAnotherPlanIsAnotherQuestion(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.carried = api.AgentCarried{State: api.RequestWaiting, Changed: true}
	first, old := "", &answer{}
	a.after(time.Hour, func() {
		first = a.state().Attention[0].Item
		a.sees(func() { a.judged.Hash, a.judged.Plan = "h2", []string{"give something else"} })
		a.by(api.VerbAllow)
	})
	a.after(2*time.Hour, func() {
		now := a.state().Attention[0]
		require.NotEqual(t, first, now.Item)
		require.Equal(t, []string{"give something else"}, now.Plan)
		old = a.decide(api.VerbAllow, api.Decision{By: "grace", Item: first})
		a.sees(func() { a.carried = api.AgentCarried{State: api.RequestWorking} })
		a.by(api.VerbAllow)
	})
	require.Equal(t, api.RequestDone, a.toTheEnd().State)
	require.Equal(t, "h1", a.carries[0].Hash)
	require.Equal(t, "h2", a.carries[1].Hash)
	require.ErrorContains(t, old.refused, "does not wait for a decision any more")
	require.Len(t, a.w.posted(), 2)
}

func TestNobodyDecidesAboutTheirOwnAgent(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.judged.Barred = []string{"dana@acme.example", "ada@acme.example", "Ada Byron"}
	var tried []*answer
	a.after(time.Hour, func() {
		for _, by := range []string{"dana@acme.example", "Dana@ACME.example", "ada@acme.example", "ada byron"} {
			tried = append(tried, a.decide(api.VerbAllow, api.Decision{By: by}))
		}
	})
	a.after(2*time.Hour, func() { a.by(api.VerbReject) })
	require.Equal(t, api.RequestRejected, a.toTheEnd().State)
	require.Empty(t, a.carries)
	require.Equal(t, "grace (unverified)", a.ends[0].By)
	require.Len(t, tried, 4)
	for _, each := range tried {
		require.ErrorContains(t, each.refused, "nobody decides about themselves")
	}
}

// TestTwoPeopleAllowWhatIsPrivileged holds that the first word alone does nothing, and the same person's second word neither.
func TestTwoPeopleAllowWhatIsPrivileged(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.judged.Two = true
	same := &answer{}
	a.after(time.Hour, func() { a.by(api.VerbAllow) })
	a.after(2*time.Hour, func() {
		require.Empty(t, a.carries)
		same = a.by(api.VerbAllow)
	})
	a.after(3*time.Hour, func() { a.decide(api.VerbAllow, api.Decision{By: "hedy"}) })
	require.Equal(t, api.RequestDone, a.toTheEnd().State)
	require.ErrorContains(t, same.refused, "a second person has to")
	require.Equal(t, "grace and hedy (unverified)", a.carries[0].By)
}

// TestSomebodyIsLookedForFirst has a request wait until its subject has been looked at, and then ask.
func TestSomebodyIsLookedForFirst(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	asked := a.judged
	a.judged = api.AgentJudged{State: api.RequestFiled, Again: true, Two: true, Barred: []string{"grace"}}
	a.after(time.Minute, func() { a.sees(func() { a.judged = asked }) })
	a.after(time.Hour, func() { a.by(api.VerbAllow) })
	require.Equal(t, api.RequestDone, a.toTheEnd().State)
	require.Len(t, a.carries, 1)
}

// TestNobodyAnswers has people reminded, security told, and the request end after three days, with nothing done.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	out := a.toTheEnd()
	require.Equal(t, api.RequestExpired, out.State)
	require.Empty(t, a.carries)
	require.WithinDuration(t, start.Add(72*time.Hour), a.env.Now(), time.Hour)
	var told []api.Audience
	for _, m := range a.w.messages {
		if m.Kind == api.MessageAgentRequest {
			told = append(told, m.Audience)
		}
	}
	require.Equal(t, []api.Audience{api.AudienceIT, api.AudienceIT, api.AudienceSecurity}, told)
}

// TestASwitchHoldsTheRequest has an approved request wait until the switch is on again.
func TestASwitchHoldsTheRequest(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.judged.Ask, a.carried = false, api.AgentCarried{State: api.RequestHeld, Result: "held: all is switched off"}
	a.after(3*time.Hour, func() {
		require.Zero(t, a.looks)
		a.sees(func() { a.carried = api.AgentCarried{State: api.RequestWorking} })
	})
	require.Equal(t, api.RequestDone, a.toTheEnd().State)
}

// TestWhatTakesLongIsLookedAtNowAndThen keeps the history of a request short whose orders wait for days.
func TestWhatTakesLongIsLookedAtNowAndThen(t *testing.T) {
	t.Parallel()
	a := newAsking(t)
	a.judged.Ask, a.seen = false, api.AgentSeen{State: api.RequestWorking}
	a.after(24*time.Hour, func() {
		a.sees(func() {
			a.seen = api.AgentSeen{State: api.RequestNotDone, Over: true, Result: "a person released the order"}
		})
	})
	require.Equal(t, api.RequestNotDone, a.toTheEnd().State)
	require.Less(t, a.looks, 320)
	require.Greater(t, a.looks, 100)
}
