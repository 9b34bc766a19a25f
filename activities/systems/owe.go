package systems

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	ledgersystems "gatehouse/ledger/systems"
	"gatehouse/ledger/worklist"
)

// How long whoever owns an item has: where somebody who has left may get in, and otherwise.
const (
	openWithin   = time.Hour
	answerWithin = 24 * time.Hour
)

// itemDebt is the class of the one item about all that is owed in a system.
const itemDebt = "system_debt"

// Owe writes down that a step could not be carried out for now, or that it need not be any more, where no reason is given.
func (s *Systems) Owe(ctx context.Context, in api.OweInput) error {
	if in.Why == "" {
		return s.settle(ctx, in.SystemInput)
	}
	err := s.Ledger.Systems().Owe(ctx, ledgersystems.Debt{
		Key: in.Key, System: in.System, Account: in.Account, Step: in.Step.Kind, Episode: in.Episode, Since: in.Since, Why: in.Why, Leaving: in.Leaving,
	})
	if err != nil {
		return err
	}
	return s.tellDebts(ctx, in.System)
}

// settle strikes what is owed of a step that has been carried out.
func (s *Systems) settle(ctx context.Context, in api.SystemInput) error {
	owed, err := s.Ledger.Systems().DebtsOf(ctx, in.Key)
	if err != nil || !slices.ContainsFunc(owed, func(d ledgersystems.Debt) bool {
		return d.System == in.System && d.Account == in.Account && d.Step == in.Step.Kind
	}) {
		return err
	}
	if err := s.Ledger.Systems().Settle(ctx, in.Key, in.System, in.Account, in.Step.Kind); err != nil {
		return err
	}
	return s.tellDebts(ctx, in.System)
}

// reasonsAtMost is how many reasons the item says.
const reasonsAtMost = 10

// tell takes over the reasons of debts.
func (v *debtView) tell(reasons []string) {
	v.Refused = slices.ContainsFunc(reasons, func(why string) bool { return strings.Contains(why, api.RefusedWord) })
	if more := len(reasons) - reasonsAtMost; more > 0 {
		reasons = append(reasons[:reasonsAtMost], fmt.Sprintf("%d more reasons", more))
	}
	v.Why = strings.Join(reasons, "; ")
}

// tellDebts keeps the item about a system in step with what is owed there.
func (s *Systems) tellDebts(ctx context.Context, system string) error {
	owed, err := s.Ledger.Systems().Debts(ctx, system)
	if err != nil {
		return err
	}
	if len(owed) == 0 {
		return s.Ledger.Worklist().ClearItem(ctx, system, itemDebt, "")
	}
	item := worklist.Item{System: system, Class: itemDebt, Severity: worklist.SeverityWarning, Owner: "it", Deadline: s.Clock().Add(answerWithin), Lingers: true}
	v := debtView{System: system, Steps: len(owed)}
	people, why, first := map[string]bool{}, map[string]bool{}, owed[0].Since
	for _, d := range owed {
		people[d.Key], why[d.Why] = true, true
		if d.Since.Before(first) {
			first = d.Since
		}
		if d.Leaving {
			v.Leaving++
		}
	}
	v.People, v.Since = len(people), first.UTC().Format(time.DateTime+" MST")
	v.tell(sortedKeys(why))
	if v.Leaving > 0 {
		item.Severity, item.Owner, item.Deadline = worklist.SeverityCritical, "security", s.Clock().Add(openWithin)
	}
	if item.Text, item.Next, err = debtWords.Pair(itemDebt, v); err != nil {
		return err
	}
	step.Log(ctx).Info("steps are owed", "system", system, "steps", v.Steps)
	return s.Ledger.Worklist().RaiseItem(ctx, item)
}
