// Package onelogin simulates a OneLogin tenant: users, roles, groups, apps, factors, invitations, sessions and events,
// behind the parts of API v1 and v2 that lifecycle automation uses, with their four error shapes, two kinds of paging,
// three ways to present a client, and quota headers.
//
// A user is never changed in place: a write stores a changed copy, so a reader holds the lock for a map lookup only.
// Besides the API there are the things that people do and no API can: accept an invitation, sign in, run the mappings.
package onelogin
