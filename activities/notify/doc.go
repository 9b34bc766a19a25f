// Package notify says things in Slack: each message once, edited when what it says changes.
package notify
