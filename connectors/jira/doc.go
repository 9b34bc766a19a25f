// Package jira makes, finds, comments and moves issues in Jira Cloud and Jira Data Center.
//
//	Client ──► go-jira ──► connectors.Library ──► Jira
//	   ▲                        │
//	   └── *connectors.Error ◄──┘  by the status, and the names of fields: bodies quote what was sent
//
// What a reader would not guess about Jira, and what this package does about it:
//
//   - No call takes an idempotency key, and the search of Jira Cloud lags behind by seconds to minutes. An issue carries an
//     opaque label, and whoever repeats a creation looks for it with [Client.FindByLabel] once the index has caught up.
//     Comments are read directly and do not lag.
//   - Cloud and Data Center search by different calls, and name people differently.
//   - A project may demand fields of its own. What a new issue has for fields, and of which type, is read from createmeta, so
//     that a constant of the configuration is sent as its field takes it; a refusal names fields and never values.
//   - A rate limit comes as 429, and as 503 with Retry-After.
//   - The library leaves bodies open and says nothing about the status of a failure.
package jira
