package outcome

import (
	"slices"
	"strings"

	"gatehouse/activities/api"
	"gatehouse/activities/budgeting"
	"gatehouse/identity"
	"gatehouse/ledger/budgets"
	"gatehouse/ledger/persons"
)

// contains reports that the run goes on from an assessment to end somebody's sign-in. Nothing is written then that can wait
// until that is done.
func contains(a *api.Assessment) bool {
	switch a.Plan.Verdict {
	case identity.VerdictLeave, identity.VerdictSuspend, identity.VerdictUndo, identity.VerdictRespond:
		return a.Mode == api.ModeEnforce
	case identity.VerdictNone, identity.VerdictWait, identity.VerdictJoin, identity.VerdictChange, identity.VerdictLift,
		identity.VerdictDelete, identity.VerdictAttention:
	}
	return false
}

// assessedOf is what the ledger keeps of an assessment. Full is the reservation that a budget has refused, if one has.
func assessedOf(a *api.Assessment, full *budgets.Reservation) persons.Assessed {
	out := persons.Assessed{
		Key: a.Key, At: a.Person.AsOf, Want: a.Want, Verdict: string(a.Plan.Verdict), DueAt: a.Plan.Due, Policy: a.Plan.PolicyHash,
		Steps: StepLines(a.Plan.Steps),
	}
	if a.Mode != api.ModeEnforce && !NothingLeft(a.Plan.Verdict) {
		out.Holding = append(out.Holding, string(a.Mode))
	}
	for _, n := range a.Plan.Notices {
		if n.Blocking && !slices.Contains(out.Holding, n.Code) {
			out.Holding = append(out.Holding, n.Code)
		}
	}
	if full != nil {
		name, _, _ := strings.Cut(full.Budget, "/")
		out.Holding = append(out.Holding, budgeting.Prefix+name)
		out.Verdict = string(identity.VerdictAttention)
	}
	return out
}

// StepLines are the steps of a plan, a line for each role, in one order.
func StepLines(steps []identity.Step) []string {
	var lines []string
	for _, s := range steps {
		if len(s.Names) == 0 {
			lines = append(lines, string(s.Kind))
		}
		for _, name := range s.Names {
			lines = append(lines, string(s.Kind)+" "+name)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
