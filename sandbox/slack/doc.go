// Package slack simulates a Slack workspace behind the Web API: finding and listing people, channels and their members, direct
// messages with one person or several, posting, changing, deleting and reading back messages with their metadata, and presses of
// buttons.
//
// As with the real API nearly everything is HTTP 200: what went wrong is in "ok" and "error". There is no idempotency key: posting
// twice makes two messages. A private channel without the bot is not found, and an archived one takes no message. Arguments that no
// method documents are refused, which is stricter than Slack.
//
// What stays out is an unknown_method, as Slack calls what it does not have: files, reactions, pins, bookmarks, reminders, views and
// modals, user groups, profiles, presence, making, joining and archiving channels, scheduled and ephemeral messages (but for the
// answer to a press), search, admin methods, the Events API and socket mode. Markdown is kept as it was sent and not made into
// blocks. Nobody but the bot writes.
package slack
