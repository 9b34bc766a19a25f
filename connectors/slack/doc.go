// Package slack posts messages in a Slack workspace, finds them again, and tells who its users are.
//
//	Client ──► slack-go ──► connectors.Library ──► Slack
//	   ▲                          │
//	   └── *connectors.Error ◄────┘  by Slack's name of the error, or by the status where it gives none
//
// What a reader would not guess about Slack, and what this package does about it:
//
//   - No call takes an idempotency key. A message carries an opaque marker in its metadata, and [Client.Find] looks for it.
//     Everybody in the workspace can read metadata, so a marker must say nothing.
//   - A failure comes with HTTP 200 and a name, and a rate limit in three ways: as 429, as "ratelimited" and as "rate_limited".
//   - The library takes an answer without "ok" and without an error for success. A message without a timestamp is none.
//   - A private channel that the app is not in is not found. The error says both possibilities, and what to do.
package slack
