package step

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"gatehouse/activities/api"
)

// TakesTwo reports that two people have to allow an item, by the budgets of which the policy says so.
func TakesTwo(two []string, item api.Attention) bool {
	budget, held := strings.CutPrefix(item.Code, api.BudgetNotice)
	return held && slices.Contains(two, budget) && slices.Contains(item.Options, api.VerbAllow)
}

// firstOf is who has allowed the question of a name, where a second person has to as well.
func (d *Console) firstOf(item string) string {
	for _, each := range d.Taken {
		if each.Item == item {
			return each.First
		}
	}
	return ""
}

// half takes the word of the first of two people, and asks the second: the question goes on under another name. It reports
// whether that is what a decision is.
func (d *Console) half(ctx workflow.Context, a api.Attention, in api.Decision) bool {
	if !a.Two || in.Verb != api.VerbAllow || len(a.AllowedBy) > 0 {
		return false
	}
	at := slices.IndexFunc(d.State.Attention, func(each api.Attention) bool { return each.Item == a.Item })
	if at < 0 {
		return false
	}
	d.Taken = append(d.Taken, api.Decided{ID: workflow.GetCurrentUpdateInfo(ctx).ID, Item: a.Item, First: in.By})
	d.Taken = d.Taken[max(0, len(d.Taken)-decisionsKept):]
	asked := &d.State.Attention[at]
	asked.Item, asked.AllowedBy = secondName(a.Item), []string{in.By}
	asked.Text = SecondText(asked.Text, in.By)
	d.halved[a.Step] = true
	d.Render(ctx)
	return true
}

// forSecond is an item of which the first of two has been asked before, as the second is asked.
func (d *Console) forSecond(item api.Attention) api.Attention {
	for _, each := range d.Taken {
		if each.First != "" && secondName(each.Item) == item.Item {
			item.AllowedBy, item.Text = []string{each.First}, SecondText(item.Text, each.First)
		}
	}
	return item
}

// asking is an item as it is asked now.
func (d *Console) asking(item api.Attention) api.Attention {
	for _, each := range d.State.Attention {
		if each.Step == item.Step {
			return each
		}
	}
	return item
}

// SecondText says that one of two has allowed something.
func SecondText(text, by string) string {
	return text + " One of two has allowed it: " + by + ". Another person has to."
}

// both names two who have allowed something together.
func both(a api.Attention, in api.Decision) api.Decision {
	if a.Two && in.Verb == api.VerbAllow && len(a.AllowedBy) > 0 {
		in.By = a.AllowedBy[0] + " and " + in.By
	}
	return in
}
