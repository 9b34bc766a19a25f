package lifecycle

import (
	"cmp"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
	"gatehouse/workflows/step"
)

// told are the questions whose owner knows, by their codes; underway those of which they are being told.
type told struct {
	codes    []string
	underway map[string]bool
}

func (t *told) knows(code string) bool { return slices.Contains(t.codes, code) }

func (t *told) add(code string) { t.codes = append(t.codes, code) }

// forget has the same question count as a new one, should it come up again.
func (t *told) forget(item api.Attention) {
	t.codes = slices.DeleteFunc(t.codes, func(code string) bool { return step.SameQuestion(code, item) })
}

// park shows what needs a decision, tells its owner once, and waits for the decision.
func (r *run) park(ctx workflow.Context, item api.Attention) (api.Decision, error) {
	d, _, err := r.parkUntil(ctx, item, 0, nil)
	return d, err
}

// parkUntil is park with two more ways out: wake, asked whenever the run's state changes, and a time gone by.
func (r *run) parkUntil(ctx workflow.Context, item api.Attention, within time.Duration, wake func() bool) (api.Decision, bool, error) {
	item.Owner = cmp.Or(item.Owner, r.assessment.FallbackOwner)
	if !step.AboutWords(item) {
		item.Overdue = r.State.Overdue
	}
	item.Two = item.Two || step.TakesTwo(r.assessment.Two, item)
	r.evidence.urgent = len(r.evidence.facts) > 0 // What was done so far is in the ledger before anybody is asked.
	d, decided, err := r.Wait(ctx, item, within, wake)
	if decided && d.Verb != api.VerbRetry {
		r.told.forget(item)
	}
	return d, decided, err
}

// tellAttention posts the item to its owner without holding up the wait for the decision. The message has the same
// key however often the run comes back to the same question on one day; a plan that has become another one is another
// question. It counts as told once it got through: if the run goes on as another before that, the next one tells.
func (r *run) tellAttention(ctx workflow.Context, item api.Attention) {
	code := step.CodeOf(item)
	if item.PlanHash != "" {
		code += "/" + item.Item
	}
	if r.told.knows(code) || r.told.underway[code] {
		return
	}
	r.told.underway[code], r.busy = true, true
	workflow.GoNamed(ctx, "tell "+item.Step, func(ctx workflow.Context) {
		var posted api.Posted
		post := api.Call.SlackPost(api.Message{
			OnceKey: r.onceTold(code, item), Kind: api.MessageAttention, Audience: api.AudienceOwner,
			Owner: item.Owner, Key: r.in.Key, Text: item.Text, WorkflowID: api.PersonID(r.in.Key),
			Asked: step.Asked(item),
		}, &posted)
		s := step.Step{ID: "slack.attention:" + code, Activity: post, Summary: "tell the owner: " + item.Code}
		fact := api.Fact{Step: s.ID, Template: r.State.Template, Started: workflow.Now(ctx), Outcome: "done"}
		err := s.Execute(step.Options(ctx, s))
		delete(r.told.underway, code)
		if err == nil {
			r.told.forget(item)
			r.told.add(code)
		} else {
			fact.Outcome = "not delivered: " + step.Failed(s, err).Code
		}
		fact.Finished = workflow.Now(ctx)
		r.recordFact(ctx, fact, "")
	})
}

// onceTold says what is told once. A source that hides a column from everybody is one cause, and not each person's.
func (r *run) onceTold(code string, item api.Attention) string {
	day := item.Since.UTC().Format("2006-01-02")
	if item.Code == api.NoticeColumnHidden {
		return "source/" + r.assessment.Person.Record.Source + "/" + item.Code + "/" + day
	}
	return r.effect("attention/" + code + "/" + day)
}
