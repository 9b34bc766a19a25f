package policy

import (
	"slices"
	"strings"

	"gatehouse/identity"
)

// reasonNobodys is the reason of plans about an account that no person in HR stands behind.
const reasonNobodys = "no person in HR stands behind the account, and no order asks for anything"

// nobodys reports that the key stands for an account that no person in HR is behind, such as a service account. Whoever
// has records of a source that cannot be read just now is a person all the same.
func (pl *planner) nobodys() bool {
	return pl.person.Sources == 0 && strings.HasPrefix(pl.person.Key, identity.SystemOneLogin+"-")
}

// withoutRecord leaves out that there is no HR record, which is no news about an account without a person.
func (pl *planner) withoutRecord() {
	pl.notices = slices.DeleteFunc(pl.notices, func(n identity.Notice) bool { return n.Code == NoticeNoRecord })
}

// accountAlone plans for an account without a person. Only orders say what it should be, so that the end of a suspend
// order gives it back as it was, and where no order asks for anything there is nothing to do.
func (pl *planner) accountAlone() identity.Plan {
	for _, o := range pl.orders {
		if slices.Contains([]identity.OrderKind{identity.OrderRestrict, identity.OrderGrant, identity.OrderDeny, identity.OrderSet}, o.Kind) {
			pl.notices = append(pl.notices, pl.block(NoticeNoRecord, "an order of kind "+string(o.Kind)+" needs a person in HR behind the account, "+
				"and there is none: link the account to its person, or release the order"))
		}
	}
	phase := phaseOf(pl.account, pl.person.AsOf)
	switch phase {
	case phaseSuspendedByUs:
		pl.notices = append(pl.notices, pl.block(NoticeNoRecord, "the order that ended the access of this account is over, and no person in HR "+
			"says what it should have: open it in OneLogin with the roles that the evidence shows, or leave it closed"))
	case phaseSuspendedElsewhere:
		pl.notices = append(pl.notices, pl.block(NoticeSuspendedElsewhere, "the account is "+pl.account.Status.String()+
			", and not by Gatehouse, which does not lift that by itself: lift it in OneLogin, or leave it closed"))
	case phaseInUse, phaseAbsent, phasePrepared, phaseOrderOver:
	}
	if pl.blocked() {
		return attention(pl.asItIs())
	}
	if phase == phaseOrderOver {
		return pl.lift(pl.asItIs(), false)
	}
	plan := settled(pl.asItIs())
	plan.Reason = reasonNobodys
	return plan
}
