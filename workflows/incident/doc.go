// Package incident is the template for security events: a page, a ticket and a message about what happened, kept true until somebody has dealt with it.
package incident
