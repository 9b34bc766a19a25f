package policy

import (
	"time"

	"gatehouse/identity"
)

// begins reports that a source says "inactive" of somebody whose first day has just come, and notes until when that is believed to
// be only late: sources change the status with a day of their own, which begins up to a day after it does where the person works.
// Nothing is given meanwhile. One that says so for longer is asked about.
func (p *Policy) begins(a *assessment, now time.Time) bool {
	if a.engagement.Status != identity.StatusInactive || !a.hired {
		return false
	}
	next := a.hire.plus(1).at(p.activateAt, a.zone)
	if !now.Before(next) || !a.leaveAt.IsZero() && !a.leaveAt.After(next) {
		return false
	}
	a.activateAt = next
	return true
}
