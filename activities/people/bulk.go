package people

import (
	"context"
	"time"

	"gatehouse/activities/api"
	"gatehouse/activities/catalog"
	"gatehouse/connectors/onelogin"
	"gatehouse/identity"
	"gatehouse/policy"
)

// What an assessment of one person and a look at all people at once judge alike.

// Describe turns a OneLogin user into an account, without what only the ledger knows of it.
func Describe(ctx context.Context, catalog *catalog.Catalog, u onelogin.User) (*identity.Account, error) {
	return DescribeUser(ctx, catalog, u)
}

// NotOneHuman says what keeps two records of one name and one private address from being one human's, "" if nothing does.
func NotOneHuman(a, b identity.Record, now time.Time) string { return notOneHuman(a, b, now) }

// Placeholder reports that an address stands for having none.
func Placeholder(address string) bool { return placeholder(address) }

// WithNotices puts notices on a plan; a blocking one stops everything but a containment and what orders ask for.
func WithNotices(plan identity.Plan, notices []identity.Notice) identity.Plan {
	return withNotices(plan, notices)
}

// EndUnread reports that an end of a record was not sent or cannot be read, so that no end in it says nothing.
func EndUnread(rec identity.Record) bool { return endUnread(rec) }

// Nobodys reports that an account of this kind is no human's own.
func Nobodys(kind identity.AccountKind) bool { return NoPersons(kind) }

// Ambiguous says that several accounts share what one of an employed person is found by.
func Ambiguous(pol *policy.Policy, by string, n int) []identity.Notice { return ambiguous(pol, by, n) }

// Doubtful says that an account may be an employed person's, and why that is not certain.
func Doubtful(pol *policy.Policy, key string, id int64, tied policy.Tied) []identity.Notice {
	return doubtful(pol, key, id, tied)
}

// Foreign says that the account that would be a person's is on record for somebody else.
func Foreign(pol *policy.Policy, id int64, owner string) []identity.Notice {
	return foreign(pol, id, owner)
}

// Vanished says that the account on record of somebody employed does not exist any more.
func Vanished(pol *policy.Policy, id int64) identity.Notice {
	return identity.Notice{
		Code: api.NoticeAccountVanished, Blocking: true, Owner: pol.Leaver().FallbackOwner,
		Text: "the account on record does not exist any more: " + identity.OneLoginRef(id).String(),
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
	case identity.VerdictChange:
		return api.Mode(pol.Modes().RoleChange)
	case identity.VerdictSuspend, identity.VerdictLift, identity.VerdictRespond:
		return api.ModeEnforce
	case identity.VerdictJoin, identity.VerdictUndo, identity.VerdictNone, identity.VerdictWait, identity.VerdictAttention:
	}
	return api.Mode(pol.Modes().Onboarding)
}
