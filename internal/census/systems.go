package census

import (
	"fmt"

	"gatehouse/identity"
	"gatehouse/ledger/systems"
	"gatehouse/policy"
)

// viewsOf reads what is known of some humans in the systems that the policy names, as the inventory shows it. Without a ledger nothing is.
func (c *Census) viewsOf(humans []*Human) (map[string][]identity.SystemView, error) {
	var names []string
	for _, s := range c.Policy.Systems() {
		names = append(names, s.Name)
	}
	if c.views == nil || len(names) == 0 {
		return nil, nil
	}
	whose := make([]systems.Whose, 0, len(humans))
	for _, h := range humans {
		whose = append(whose, systems.Whose{Key: h.Key, Episode: h.Dossier.Person.Episode, Manager: c.managerKey(h)})
	}
	views, err := c.views(whose, names, c.Policy.Compared())
	if err != nil {
		return nil, fmt.Errorf("read the accounts in the systems beside OneLogin: %w", err)
	}
	return views, nil
}

// managerKey is who somebody's manager is, by the first of their records that names one who is there.
func (c *Census) managerKey(h *Human) string {
	for _, r := range h.Records {
		source, id := r.Manager()
		if manager := c.byKey[source+"-"+id]; id != "" && manager != nil {
			return manager.Key
		}
	}
	return ""
}

// planSystems plans what would be done in the systems.
func (c *Census) planSystems(p *Planned, orders []identity.Order, views []identity.SystemView) []identity.SystemPlan {
	if len(views) == 0 {
		return nil
	}
	return c.Policy.PlanSystems(policy.SystemsInput{Person: p.Person, OneLogin: p.Account, Plan: p.Plan, Orders: orders, Views: views})
}
