// Package salesforce is a Salesforce org as a system in which people have access, over its REST API.
//
//	Target.Suspend ──► freeze (UserLogin) ──► deactivate (User)        Target.List ──► SOQL, by id upwards
//	      └────────────── Client ──► token (client credentials or JWT) ──► org ──────────┘
//
// What a reader would not guess about Salesforce, and what this package does about it:
//
//   - A user is never deleted. A deactivated one gives the licence back; a frozen one cannot sign in and keeps it.
//   - Deactivation is refused where a setting of the org names the user. Freezing never is, so it comes first: an account whose
//     deactivation is refused is closed all the same, and the error says what is left to do by hand.
//   - Nothing says when a session ends. A token is renewed when a call is refused, and a call is repeated once after that.
//   - Several users with one external id are answered with HTTP 300, and nothing is done. Libraries take that for success.
//   - A right that the run-as user has lost refuses few calls: fields, rows and whole objects vanish from the answers instead.
//     Each account's profile is a permission set that it must have; where that is not among its assignments, the answer is
//     not whole. A list goes from id to id, and ends when the org counts no further user, whatever a page says.
//   - A username is taken in all orgs of the world.
//   - Messages of errors quote what was sent. Only their codes, and what is known to name no person, get into an error.
//
// It is a client of its own because the one Go library for it drops the status and code of an error, takes 300 for success,
// puts external ids into paths as they are, has no contexts, and renews its session in a data race.
//
// Sources: developer.salesforce.com, REST API Developer Guide and Object Reference.
package salesforce
