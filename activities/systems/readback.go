package systems

import (
	"context"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/connectors/target"
	"gatehouse/identity"
)

// ReadBack tells what a leaver's account really looks like now, and keeps it: what came back since is ended by the next plan.
func (s *Systems) ReadBack(ctx context.Context, in api.SystemReadBack) (api.SystemState, error) {
	ref := identity.Ref{System: in.System, ID: in.Account}
	system, err := step.Capability[target.System](s.Targets, ref, "read accounts")
	if err != nil {
		return api.SystemState{}, err
	}
	began := s.Clock()
	a, there, err := step.Existing(ctx, system, target.ReadRequest{ID: ref.ID, Urgent: true})
	switch {
	case err != nil:
		return api.SystemState{}, step.Urgent(err)
	case !there:
		return api.SystemState{Ref: ref, Gone: true}, nil
	}
	state := api.SystemState{Ref: ref, Status: a.Document.Status.String()}
	row, found, err := s.Ledger.Inventory().Account(ctx, ref)
	if err == nil && found {
		err = s.seenAgain(ctx, in.Key, row, began, a)
	}
	if err != nil {
		return state, err
	}
	return state, s.noteRead(ctx, began, a, nil)
}
