// Package conformance holds every connector to the same promises, against a server that the connector's own test
// brings along.
//
//	Subject.Handler (answers correctly) ◄── faults put in between by the kit ◄── Subject.New's connector
//
// The promises: lists are walked to the end; an expired token is renewed once and a refused one is reported; rate
// limits, outages, cut connections and nonsense come out as the right kind of connectors.Error; a cancelled call ends at
// once; a redirect to another host and an endless reply are refused; and no error or log line ever shows a secret or an
// e-mail address.
//
// RunTarget holds implementers of the capabilities of package target to their contracts, against a simulated system that can
// be looked at and changed from outside: twice is once, a lost reply doubles nothing, what is missing is said to be missing by
// the system itself, a protected account stays untouched, and a list ends without doubles while accounts change.
//
// RunManagement does so with what makes, changes, moves and deletes accounts, and with groups.
//
// A connector says with a reason which cases do not apply to it. They are listed as skipped with that reason, so that
// nothing is left out in silence.
package conformance
