package attention

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/activities/reading"
	"gatehouse/identity"
	"gatehouse/ledger/worklist"
)

// holdPrefix begins the workflow id of every run that asks about a batch.
const holdPrefix = "hold/"

// heldBy is which batch a question belongs to: that of a run which asks about a whole batch, or of somebody's own run whose
// change found the budget used up. A lay-off beyond the budget is one cause, however many it is about.
func heldBy(in api.Parked) (ref api.HoldRef, held bool) {
	budget, ofBudget := strings.CutPrefix(in.Code, budgeting.Prefix)
	if !ofBudget {
		return api.HoldRef{}, false
	}
	if batch, of := strings.CutPrefix(in.Workflow, holdPrefix); of {
		ref.Source, ref.Kind, of = strings.Cut(batch, "/")
		return ref, of
	}
	source, _, err := identity.SplitKey(in.Key)
	if err != nil {
		return api.HoldRef{}, false
	}
	ref = api.HoldRef{Source: source, Kind: budgeting.HoldKind(budget)}
	if budget == budgeting.Contain {
		ref.Kind = reading.KindLeaver
	}
	return ref, true
}

// batchItem is the item of everybody whom a budget of a source holds. Its words are the batch's, whoever raises it: a batch that
// a poll has made is asked about by a run of its own, which tells it with its answers.
func (a *Attention) batchItem(ctx context.Context, item worklist.Item, ref api.HoldRef, code string) (_ worklist.Item, told bool, err error) {
	hold, found, err := a.Ledger.Budgets().CountHold(ctx, ref.Source, ref.Kind)
	if err != nil {
		return item, false, err
	}
	item.System, item.Class, item.Object = "gatehouse", code, ref.Source+"/"+ref.Kind
	item.Evidence = ""
	item.Next = causeNext(item)
	if !found {
		item.Text = fmt.Sprintf("The safety budget of %s is used up (%s). Who came after that waits, and nothing was changed about them.", ref.Source, ref.Kind)
		return item, false, nil
	}
	item.Evidence = hold.Hash
	item.Text = fmt.Sprintf("A batch of %d people of %s is held until somebody decides (%s). Nothing was changed about them.", hold.People, ref.Source, ref.Kind)
	if ref.Kind == reading.KindLeaver {
		item.Text = fmt.Sprintf("A batch of %d people of %s who have left is held by the safety budget. They keep their access until somebody decides.", hold.People, ref.Source)
	}
	return item, true, nil
}

// digested is the item of questions that nobody has to answer today. All of one kind are one item, which the daily digest tells.
func digested(in api.Parked, item worklist.Item) worklist.Item {
	item.System, item.Class, item.Object, item.Evidence = identity.SystemOneLogin, in.Code, "", ""
	item.Severity, item.Owner, item.Deadline = worklist.SeverityInfo, "security", time.Time{}
	item.Text = "Accounts that are on record for nobody carry the name of somebody who has left, and nothing else says whose they are. They are left as they are."
	item.Next = causeNext(item)
	return item
}
