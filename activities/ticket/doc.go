// Package ticket opens, comments and moves tickets in Jira.
package ticket
