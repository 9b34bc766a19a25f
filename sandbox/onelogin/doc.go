// Package onelogin simulates a OneLogin tenant: users, roles, groups, apps, connectors, custom attributes, factors,
// invitations, sessions and events, behind the parts of API v1 and v2 that lifecycle automation and the vendor's own clients
// use, with their four error shapes, two kinds of paging, three ways to present a client, and quota headers.
//
// A user is never changed in place: a write stores a changed copy, so a reader holds the lock for a map lookup only.
// Besides the API there are the things that people do and no API can: accept an invitation, sign in, run the mappings.
//
// What stays out is answered with the vendor's own 404, or 405 where the path has other methods: writing users over v1 and
// its /users/{id}/auth_factor and OTP verification; enrolling and verifying factors; writing, sorting and trying mappings
// and their conditions and actions; parameters and rules of apps; privileges, policies, brands, self-registration, trusted
// identity providers, API authorizations, SAML assertions, sessions, Smart Hooks, Smart MFA, risk scores and rules. Pages
// larger than a list documents are refused: no page says that they are cut.
package onelogin
