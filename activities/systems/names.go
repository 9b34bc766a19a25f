package systems

import (
	"context"
	"fmt"
	"slices"

	"gatehouse/activities/step"
	"gatehouse/ledger"
	"gatehouse/ledger/worklist"
	policysystem "gatehouse/policy/system"
)

// itemNames is the class of the item about names of the policy that a system does not have, or by which nobody can tell what is meant.
const itemNames = "system_names_unknown"

// TellNames keeps that item in step with what a system has: it is there as long as the policy in force names what is not.
func (s *Systems) TellNames(ctx context.Context, system string, objects []policysystem.Object) error {
	unknown := s.Policy().UnknownIn(system, objects)
	if len(unknown) == 0 {
		return s.Ledger.Worklist().ClearItem(ctx, system, itemNames, "")
	}
	var names, problems []string
	for _, u := range unknown {
		names = append(names, string(u.Kind)+" "+u.Name)
		problems = append(problems, fmt.Sprintf("line %d: %s", u.Line, u.Text))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	text, next, err := sweepWords.Pair(itemNames, sweepView{System: system, Names: len(names), Problems: step.Listed(problems, "; ", maxListed)})
	if err != nil {
		return err
	}
	return s.Ledger.Worklist().RaiseItem(ctx, worklist.Item{
		System: system, Class: itemNames, Severity: worklist.SeverityCritical, Owner: "it", Text: text, Next: next,
		Deadline: s.Clock().Add(answerWithin), Evidence: step.Listed(names, ",", len(names)*200),
	})
}

// tellNames is TellNames after a reading that is believed.
func (sw *sweep) tellNames(ctx context.Context) error {
	if sw.at.Why != "" {
		return nil
	}
	objects, err := ObjectsOf(ctx, sw.Ledger, sw.name)
	if err != nil {
		return err
	}
	return sw.TellNames(ctx, sw.name, objects)
}

// ObjectsOf are the objects that the last reading which is believed found in a system, as a policy is compared with them.
func ObjectsOf(ctx context.Context, l *ledger.Ledger, system string) ([]policysystem.Object, error) {
	found, err := l.Systems().Objects(ctx, system)
	objects := make([]policysystem.Object, len(found))
	for i, o := range found {
		objects[i] = policysystem.Object{Kind: o.Kind, ID: o.ID, Name: o.Name, Formerly: o.Before()}
	}
	return objects, err
}
