package incidents

import (
	"cmp"
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
)

// breakGlassSeverity is the least that a case about a break-glass account has: nobody signs in by it on an ordinary day.
const breakGlassSeverity = "high"

// addKind says of an account that is no person's own what it is and who answers for it, wherever the case is shown.
func (e *Events) addKind(ctx context.Context, p *policy.Policy, state *api.CaseState) error {
	entry, is, err := e.Person.NonPersonalByID(ctx, state.AccountID)
	if err != nil || !is {
		return err
	}
	lines := []api.Line{{Label: "Kind", Value: entry.Kind.Title()}}
	if owner := cmp.Or(entry.Owner, p.Leaver().FallbackOwner); owner != "" {
		lines = append(lines, api.Line{Label: "Owner", Value: owner})
	}
	h := &state.Happened
	h.Page, h.Ticket, h.Message = slices.Concat(lines, h.Page), slices.Concat(lines, h.Ticket), slices.Concat(lines, h.Message)
	if entry.Kind == identity.KindBreakGlass {
		e.raise(p, state)
	}
	return nil
}

// raise lifts a case to breakGlassSeverity where it is below. A word of the company's own stays, and wakes as much.
func (e *Events) raise(p *policy.Policy, state *api.CaseState) {
	if state.Severity == "" {
		return // The rule is gone.
	}
	if state.Severity == "low" || state.Severity == "medium" {
		state.Severity = breakGlassSeverity
	}
	if least := cmp.Or(p.Detection().Pager(breakGlassSeverity), "error"); e.Paging && pagerRank(state.Pager) < pagerRank(least) {
		state.Pager = least
	}
}
