package systems

import (
	"context"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/ledger/worklist"
	policysystem "gatehouse/policy/system"
)

// itemNotFollowed is the class of the item about what was owed in a system that nobody follows any more.
const itemNotFollowed = "system_not_followed"

// follows reports that a system is configured, and that the policy has it.
func (s *Systems) follows(name string) bool {
	_, configured := s.Targets[name]
	return configured && slices.ContainsFunc(s.Policy().Systems(), func(sys policysystem.System) bool { return sys.Name == name })
}

// giveUp strikes what is owed in systems that are not followed any more: nothing would carry it out, and nothing would strike it. Whose
// access goes on there is for a person to see to, who is told first.
func (s *Systems) giveUp(ctx context.Context) error {
	names, err := s.Ledger.Systems().Owing(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if s.follows(name) {
			continue
		}
		if err := s.tellNotFollowed(ctx, name); err != nil {
			return err
		}
		if err := s.Ledger.Systems().SettleSystem(ctx, name); err != nil {
			return err
		}
		if err := s.tellDebts(ctx, name); err != nil {
			return err
		}
		step.Log(ctx).Warn("what was owed in a system is given up: the system is not followed any more", "system", name)
	}
	return nil
}

func (s *Systems) tellNotFollowed(ctx context.Context, system string) error {
	owed, err := s.Ledger.Systems().Debts(ctx, system)
	if err != nil || len(owed) == 0 {
		return err
	}
	people, leaving := map[string]bool{}, map[string]bool{}
	for _, d := range owed {
		people[d.Key] = true
		if d.Leaving {
			leaving[d.Key] = true
		}
	}
	item := worklist.Item{System: system, Class: itemNotFollowed, Severity: worklist.SeverityWarning, Owner: "it", Deadline: s.Clock().Add(answerWithin)}
	if len(leaving) > 0 {
		item.Severity, item.Deadline = worklist.SeverityCritical, s.Clock().Add(openWithin)
	}
	item.Text, item.Next, err = debtWords.Pair(itemNotFollowed, debtView{System: system, Steps: len(owed), People: len(people), Leaving: len(leaving)})
	if err != nil {
		return err
	}
	return s.Ledger.Worklist().RaiseItem(ctx, item)
}

// keepDebts keeps the items about what is owed in step once a system was read: an account that goes off the record takes its debts along.
func (sw *sweep) keepDebts(ctx context.Context) error {
	if err := sw.tellDebts(ctx, sw.name); err != nil {
		return err
	}
	if sw.follows(sw.name) {
		if err := sw.Ledger.Worklist().ClearItem(ctx, sw.name, itemNotFollowed, ""); err != nil {
			return err
		}
	}
	return sw.giveUp(ctx)
}
