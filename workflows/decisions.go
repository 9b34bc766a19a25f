package workflows

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

var noTime time.Time

// verbs describes every decision to the person who has to make it.
var verbs = []struct{ name, description string }{
	{VerbRetry, "Try the parked step again."},
	{VerbSkip, "Go on without the parked step. Recorded with your name."},
	{VerbAbort, "End this run at the parked step. Recorded with your name."},
	{VerbAllow, "Let the plan go ahead although it was held."},
	{VerbReject, "Do not carry the plan out. Nothing changes until HR or an order does."},
	{VerbLink, "The two records are the same human: treat them as one person."},
	{VerbSeparate, "The two records are different humans: keep them apart from now on."},
}

// handleDecisions registers one update per verb. An update is refused unless something is parked that it can answer.
func (r *run) handleDecisions(ctx workflow.Context) error {
	for _, v := range verbs {
		validate := func(d api.Decision) error {
			if d.By == "" {
				return fmt.Errorf("%s needs \"by\": who decides? It is recorded", v.name)
			}
			if len(r.answers(v.name, d.Step)) == 0 {
				return fmt.Errorf("nothing is waiting for %s here: read the query %q for what is", v.name, QueryState)
			}
			return nil
		}
		handle := func(_ workflow.Context, d api.Decision) (State, error) {
			d.Verb = v.name
			for _, s := range r.answers(v.name, d.Step) {
				r.decisions[s] = d
			}
			return r.state, nil
		}
		err := workflow.SetUpdateHandlerWithOptions(ctx, v.name, handle,
			workflow.UpdateHandlerOptions{Description: v.description, Validator: validate})
		if err != nil {
			return err
		}
	}
	return nil
}

// answers lists the undecided parked steps that a verb applies to.
func (r *run) answers(verb, only string) []string {
	var steps []string
	for _, a := range r.state.Attention {
		_, decided := r.decisions[a.Step]
		if !decided && slices.Contains(a.Options, verb) && (only == "" || only == a.Step) {
			steps = append(steps, a.Step)
		}
	}
	return steps
}

// park shows what needs a decision, tells its owner once, and waits for the decision.
func (r *run) park(ctx workflow.Context, item Attention) (api.Decision, error) {
	d, _, err := r.parkUntil(ctx, item, 0, nil)
	return d, err
}

// parkUntil is park with two more ways out: wake, asked whenever the run's state changes, and a time gone by. Without
// wake only a decision ends it. Several items may be parked at once.
func (r *run) parkUntil(ctx workflow.Context, item Attention, within time.Duration, wake func() bool) (api.Decision, bool, error) {
	if len(r.state.Attention) == 0 {
		r.calm = r.state.Stage
	}
	item.Since = workflow.Now(ctx)
	item.Owner = first(item.Owner, r.assessment.FallbackOwner)
	if len(r.state.Attention) == 0 {
		r.calmly = r.state.Doing
	}
	r.state.Doing = "Waiting for a decision"
	r.state.Attention = append(r.state.Attention, item)
	if err := r.mark(ctx, StageAttention); err != nil {
		return api.Decision{}, false, err
	}
	r.tellAttention(ctx, item)
	ready := func() bool {
		_, decided := r.decisions[item.Step]
		return decided || (wake != nil && wake())
	}
	var err error
	if wake == nil {
		err = workflow.Await(ctx, ready)
	} else {
		_, err = workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout:      within,
			TimerOptions: workflow.TimerOptions{Summary: "until somebody decides about " + item.Step},
		}, ready)
	}
	d, decided := r.decisions[item.Step]
	delete(r.decisions, item.Step)
	if decided && d.Verb != VerbRetry {
		// The same question, should it come up again, is a new one.
		r.told = slices.DeleteFunc(r.told, func(code string) bool { return code == item.code() })
	}
	r.state.Attention = slices.DeleteFunc(r.state.Attention, func(a Attention) bool { return a.Step == item.Step })
	if err == nil && len(r.state.Attention) == 0 {
		r.state.Doing = r.calmly
		err = r.mark(ctx, r.calm)
	}
	return d, decided, err
}

// tellAttention posts the item to its owner without holding up the wait for the decision. The message has the same
// key however often the run comes back to the same question on one day. It counts as told once it got through: if the run goes on
// as another before that, the next one tells.
func (r *run) tellAttention(ctx workflow.Context, item Attention) {
	code := item.code()
	if r.knows(code) || r.telling[code] {
		return
	}
	r.telling[code], r.busy = true, true
	workflow.GoNamed(ctx, "tell "+item.Step, func(ctx workflow.Context) {
		s := step{ID: "slack.attention:" + code, Activity: api.SlackPost, Summary: "tell the owner: " + item.Code}
		fact := api.Fact{Step: s.ID, Template: r.state.Template, Started: workflow.Now(ctx), Outcome: "done"}
		var posted api.Posted
		err := workflow.ExecuteActivity(stepOptions(ctx, s), s.Activity, api.Message{
			OnceKey: r.effect("attention/" + code + "/" + item.Since.UTC().Format("2006-01-02")), Kind: api.MessageAttention, Audience: api.AudienceOwner,
			Owner: item.Owner, Key: r.in.Key, Text: item.Text, WorkflowID: PersonID(r.in.Key),
		}).Get(ctx, &posted)
		delete(r.telling, code)
		if err == nil {
			r.told = append(r.told, code)
		} else {
			fact.Outcome = "not delivered: " + failed(s, err).Code
		}
		fact.Finished = workflow.Now(ctx)
		r.note(ctx, fact, "")
	})
}

// effectKey is <person>/<episode>/<effect>.
func effectKey(key string, episode int, name string) string {
	return key + "/" + strconv.Itoa(episode) + "/" + name
}
