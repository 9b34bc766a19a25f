package attention

import (
	"context"
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
func (a *Attention) batchItem(ctx context.Context, l listing, ref api.HoldRef, code string) (_ listing, told bool, err error) {
	hold, found, err := a.Ledger.Budgets().CountHold(ctx, ref.Source, ref.Kind)
	if err != nil {
		return l, false, err
	}
	l.System, l.Class, l.Object = "gatehouse", code, ref.Source+"/"+ref.Kind
	l.view.Source, l.view.Kind, l.view.People = ref.Source, ref.Kind, hold.People
	l.Evidence = hold.Hash
	switch {
	case !found:
		l.says, l.Evidence = saysUsedUp, ""
	case ref.Kind == reading.KindLeaver:
		l.says = saysHeldLeavers
	default:
		l.says = saysHeld
	}
	return l, found, nil
}

// digested is the item of questions that nobody has to answer today. All of one kind are one item, which the daily digest tells.
func digested(in api.Parked, l listing) listing {
	l.System, l.Class, l.Object, l.Evidence = identity.SystemOneLogin, in.Code, "", ""
	l.Severity, l.Owner, l.Deadline = worklist.SeverityInfo, "security", time.Time{}
	l.says = saysDigest
	return l
}
