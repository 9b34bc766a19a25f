package workflows

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

var noTime time.Time

// verbs describes every decision to the person who has to make it.
var verbs = []struct{ name, description string }{
	{api.VerbRetry, "Try the parked step again."},
	{api.VerbSkip, "Go on without the parked step. Recorded with your name."},
	{api.VerbAbort, "End this run at the parked step. Recorded with your name."},
	{api.VerbAllow, "Let the plan go ahead although it was held."},
	{api.VerbReject, "Do not carry the plan out. Nothing changes until HR or an order does."},
	{api.VerbLink, "The two records are the same human: treat them as one person."},
	{api.VerbSeparate, "The two records are different humans: keep them apart from now on."},
}

// park shows what needs a decision, tells its owner once, and waits for the decision.
func (r *run) park(ctx workflow.Context, item api.Attention) (api.Decision, error) {
	d, _, err := r.parkUntil(ctx, item, 0, nil)
	return d, err
}

// parkUntil is park with two more ways out: wake, asked whenever the run's state changes, and a time gone by.
func (r *run) parkUntil(ctx workflow.Context, item api.Attention, within time.Duration, wake func() bool) (api.Decision, bool, error) {
	item.Owner = first(item.Owner, r.assessment.FallbackOwner)
	if !aboutWords(item) {
		item.Overdue = r.state.Overdue
	}
	item.Two = takesTwo(r.assessment.Two, item)
	r.parking = len(r.facts) > 0 // What was done so far is in the ledger before anybody is asked.
	d, decided, err := r.wait(ctx, item, within, wake)
	if decided && d.Verb != api.VerbRetry {
		// The same question, should it come up again, is a new one.
		r.told = slices.DeleteFunc(r.told, func(code string) bool { return sameQuestion(code, item) })
	}
	return d, decided, err
}

// tellAttention posts the item to its owner without holding up the wait for the decision. The message has the same
// key however often the run comes back to the same question on one day; a plan that has become another one is another
// question. It counts as told once it got through: if the run goes on as another before that, the next one tells.
func (r *run) tellAttention(ctx workflow.Context, item api.Attention) {
	code := codeOf(item)
	if item.PlanHash != "" {
		code += "/" + item.Item
	}
	if r.knows(code) || r.telling[code] {
		return
	}
	r.telling[code], r.busy = true, true
	workflow.GoNamed(ctx, "tell "+item.Step, func(ctx workflow.Context) {
		s := step{ID: "slack.attention:" + code, Activity: api.SlackPost, Summary: "tell the owner: " + item.Code}
		fact := api.Fact{Step: s.ID, Template: r.state.Template, Started: workflow.Now(ctx), Outcome: "done"}
		var posted api.Posted
		err := workflow.ExecuteActivity(stepOptions(ctx, s), s.Activity, api.Message{
			OnceKey: r.onceTold(code, item), Kind: api.MessageAttention, Audience: api.AudienceOwner,
			Owner: item.Owner, Key: r.in.Key, Text: item.Text, WorkflowID: api.PersonID(r.in.Key),
			Asked: asked(item),
		}).Get(ctx, &posted)
		delete(r.telling, code)
		if err == nil {
			r.told = append(slices.DeleteFunc(r.told, func(code string) bool { return sameQuestion(code, item) }), code)
		} else {
			fact.Outcome = "not delivered: " + failed(s, err).Code
		}
		fact.Finished = workflow.Now(ctx)
		r.note(ctx, fact, "")
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

// sameQuestion reports that what was told is a question of the item's kind, whatever the plan in it.
func sameQuestion(told string, item api.Attention) bool {
	return told == codeOf(item) || strings.HasPrefix(told, codeOf(item)+"/")
}

// effectKey is <person>/<episode>/<effect>.
func effectKey(key string, episode int, name string) string {
	return key + "/" + strconv.Itoa(episode) + "/" + name
}
