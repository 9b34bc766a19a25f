package step

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// decisionsKept is how many decisions a chain remembers, so that none is carried out twice.
const decisionsKept = 20

// Identify names a question after the chain, what is asked and what is shown. The same question asked again has the same
// name until somebody has answered it.
func (d *Console) Identify(ctx workflow.Context, a api.Attention) string {
	shown := cmp.Or(a.PlanHash, a.Text)
	for n := 0; ; n++ {
		parts := []string{workflow.GetInfo(ctx).FirstRunID, a.Step, a.Code, shown, strconv.Itoa(n)}
		sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
		name := hex.EncodeToString(sum[:6])
		if !d.isKnown(name) {
			return name
		}
		// The first of two has allowed it: the second is asked.
		if second := secondName(name); d.firstOf(name) != "" && !d.isKnown(second) {
			return second
		}
	}
}

// secondName is the name of a question that the first of two has allowed.
func secondName(item string) string {
	sum := sha256.Sum256([]byte(item + "\x00second"))
	return hex.EncodeToString(sum[:6])
}

// isKnown reports that a name stands for a question that was answered, or for another one that is open.
func (d *Console) isKnown(item string) bool {
	return slices.ContainsFunc(d.Taken, func(each api.Decided) bool { return each.Item == item }) ||
		slices.ContainsFunc(d.State.Attention, func(each api.Attention) bool { return each.Item == item })
}

// Took reports that the chain has taken the decision of this update before. One that was sent again, because its sender
// never heard the answer, is answered and not carried out.
func (d *Console) Took(ctx workflow.Context) bool {
	id := workflow.GetCurrentUpdateInfo(ctx).ID
	return id != "" && slices.ContainsFunc(d.Taken, func(each api.Decided) bool { return each.ID == id })
}

// Keep remembers a decision. The update is unknown for one that came otherwise.
func (d *Console) Keep(update, item string) {
	d.Taken = append(d.Taken, api.Decided{ID: update, Item: item})
	d.Taken = d.Taken[max(0, len(d.Taken)-decisionsKept):]
}

// answers lists the undecided questions that a decision is about.
func (d *Console) answers(verb string, in api.Decision) []api.Attention {
	return slices.DeleteFunc(d.Open(), func(a api.Attention) bool {
		return !slices.Contains(a.Options, verb) || in.Step != "" && in.Step != a.Step ||
			in.Item != "" && in.Item != a.Item || in.Code != "" && in.Code != a.Code
	})
}

// Open lists the undecided questions.
func (d *Console) Open() []api.Attention {
	return slices.DeleteFunc(slices.Clone(d.State.Attention), func(a api.Attention) bool {
		_, decided := d.decisions[a.Step]
		return decided
	})
}

// refuse says why a decision cannot be taken, and what waits for one instead; nil if it can be taken.
func (d *Console) refuse(verb string, in api.Decision) error {
	matching := d.answers(verb, in)
	if len(matching) == 1 {
		return nil
	}
	named := slices.ContainsFunc(d.Open(), func(a api.Attention) bool { return a.Item == in.Item })
	var why string
	switch {
	case len(matching) > 1:
		why = fmt.Sprintf("%d questions wait for %s here: name the one that you mean by its item", len(matching), verb)
	case named:
		why = fmt.Sprintf("%s does not answer item %s", verb, in.Item)
		if in.Step != "" {
			why += " at step " + in.Step
		}
	case in.Item != "":
		why = fmt.Sprintf("item %s does not wait for a decision any more: it was answered, or what it asked about has changed", in.Item)
	default:
		why = fmt.Sprintf("nothing is waiting for %s here", verb)
	}
	return errors.New(why + ". " + WaitingNow(d.Open()))
}

// WaitingNow tells an operator what waits for a decision.
func WaitingNow(open []api.Attention) string {
	if len(open) == 0 {
		return "No question is open now; the query \"" + api.QueryState + "\" says what the run is at"
	}
	var lines []string
	for _, a := range open {
		line := "item " + a.Item + ", step " + a.Step + ", " + a.Code + ": " + a.Text
		if len(a.Plan) > 0 {
			line += " Steps: " + strings.Join(a.Plan, "; ") + "."
		}
		lines = append(lines, line+" Answers: "+strings.Join(a.Options, ", "))
	}
	return "Waiting now: " + strings.Join(lines, " | ")
}

// Asked is what a message shows of a question.
func Asked(a api.Attention) *api.Asked {
	return &api.Asked{Item: a.Item, Options: a.Options, Plan: a.Plan, Step: a.Step}
}

// Unverified follows a name that somebody has given without showing that it is theirs.
const Unverified = " (unverified)"

// Named is who decided, as far as that is known.
func Named(d api.Decision) string {
	if d.Proof != nil {
		return d.By
	}
	return d.By + Unverified
}
