// Package jira simulates a Jira Cloud site: issues, comments, transitions, assignees, users and the JQL search that
// Cloud has left.
//
// What makes Jira hard is simulated with care: creating has no idempotency key, the search runs on an index that lags
// behind by two seconds of the sandbox's clock, it answers ids only unless fields are asked for, the search that older
// clients use is gone with 410, and a label with a space is refused.
package jira
