// Package slack simulates a Slack workspace behind the Web API: finding people, opening direct messages, posting,
// updating and reading back messages with their metadata.
//
// As with the real API nearly everything is HTTP 200: what went wrong is in "ok" and "error". There is no idempotency
// key: posting twice makes two messages. Unknown arguments are refused, which is stricter than Slack.
package slack
