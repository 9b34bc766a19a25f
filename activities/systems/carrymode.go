package systems

import (
	"context"
	"slices"

	"gatehouse/activities/api"
	"gatehouse/activities/step"
	"gatehouse/identity"
	policysystem "gatehouse/policy/system"
)

// mayWrite stops a step that was planned under another policy: by the one in force, nothing is written in its system. What a named
// person has ordered is carried out all the same.
func (s *Systems) mayWrite(ctx context.Context, in api.SystemInput) error {
	if !slices.ContainsFunc(s.Policy().Systems(), func(sys policysystem.System) bool {
		return sys.Name == in.System && (sys.Mode != policysystem.ModeEnforce || !sys.Ours())
	}) {
		return nil
	}
	if in.Leaving {
		d, _, err := s.Ledger.Dossier(ctx, in.Key)
		if err != nil {
			return err
		}
		now := s.Clock()
		if slices.ContainsFunc(d.Orders, func(o identity.Order) bool {
			return o.Kind == identity.OrderContain && o.Rule == "" && o.InForce(now)
		}) {
			return nil
		}
	}
	return step.Superseded("the policy in force changes nothing in " + in.System)
}
