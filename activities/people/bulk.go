package people

import (
	"gatehouse/activities/api"
	"gatehouse/identity"
	"gatehouse/policy"
)

// What an assessment of one person and a look at all people at once judge alike.

// Vanished says that the account on record of somebody employed does not exist any more.
func Vanished(pol *policy.Policy, id int64) identity.Notice {
	return identity.Notice{
		Code: api.NoticeAccountVanished, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: words.Sure("account_gone", view{Ref: identity.OneLoginRef(id).String()}),
	}
}

// ModeOf is how far the template of a verdict may go. What orders want is carried out in every mode.
func ModeOf(pol *policy.Policy, v identity.Verdict, ordered bool) api.Mode {
	switch v {
	case identity.VerdictLeave:
		if ordered {
			return api.ModeEnforce
		}
		return api.Mode(pol.Modes().Offboarding)
	case identity.VerdictDelete:
		return api.Mode(pol.Modes().Offboarding)
	case identity.VerdictChange:
		return api.Mode(pol.Modes().RoleChange)
	case identity.VerdictSuspend, identity.VerdictLift, identity.VerdictRespond:
		return api.ModeEnforce
	case identity.VerdictJoin, identity.VerdictUndo, identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention:
	}
	return api.Mode(pol.Modes().Onboarding)
}
