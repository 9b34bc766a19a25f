package soak

import (
	"slices"
	"time"

	"gatehouse/sandbox/control"
)

// certainly reports whether an account is, by what it carries, beyond doubt that of its owner: by an anchor that names their
// record, by the bare number with a name or address that agrees, or without any anchor by the address at work and the name. None
// of this may point to somebody else who works here, and nobody may have protected it.
func (s *soak) certainly(p *human, a *control.Person, at time.Time) bool {
	if a.Kind != "person" || slices.Contains(a.Roles, "Super admin") {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pointsElsewhere(p, a, at) {
		return false
	}
	return slices.ContainsFunc(p.records, func(r *record) bool {
		name := same(a.FirstName, r.FirstName) && same(a.LastName, r.LastName)
		address := same(a.Email, r.WorkEmail)
		switch a.ExternalID {
		case r.key():
			return true
		case r.EmployeeID:
			return name || address
		case "":
			return name && address
		}
		return false
	})
}

// pointsElsewhere reports that somebody else who works here has what an account carries.
func (s *soak) pointsElsewhere(p *human, a *control.Person, at time.Time) bool {
	for _, other := range s.humans {
		if other == p {
			continue
		}
		for _, r := range other.records {
			if r.out(at) {
				continue
			}
			if a.ExternalID == r.key() || a.ExternalID == r.EmployeeID || same(a.Email, r.WorkEmail) || same(a.Username, r.WorkEmail) {
				return true
			}
		}
	}
	return false
}
