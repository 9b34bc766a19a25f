// Package events is what happened in the simulated OneLogin tenant: the log of events, the parts of the API that list it, the event
// webhook that tells it, and events that a test makes up.
package events
