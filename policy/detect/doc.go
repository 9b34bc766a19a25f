// Package detect says which of OneLogin's events make an incident.
//
// Rules are the section events of a policy. They are told of one event at a time and say what counts for whom; Cases makes
// incidents of what was counted. Both are pure functions of the events and of the times at which they happened, so that the
// order of arrival, repetitions and restarts change nothing.
package detect
