// Package policy holds a tenant's rules as data and decides with them: who gets what, from when, until when.
//
//	policy.yaml ──► Parse ──► Policy ─┬─ Person(engagements, now)        ──► identity.Person
//	                                  ├─ Plan(person, account, orders)   ──► identity.Plan
//	                                  └─ Safety, Leaver, Joiner, ...     ──► settings for the wiring
//
// Person turns what the HR sources say about one human into a standing and the instants that follow from it. Plan
// compares what that human's account should be with what it is. Both are pure functions: the same input gives the
// same answer, no clock is read and nothing is fetched, so one function serves joiners, movers, leavers, rehires,
// drift repair and every dry run. Nothing else decides access.
//
// Conditions are CEL expressions, compiled once by Parse against declared types, so that a misspelt field is an error
// with a line number when the file is loaded and not a surprise when somebody leaves. Whatever cannot be decided
// ends in a notice with an owner, never in a guess: an absent record is no termination, a failed rule grants nothing.
//
// Several rules may match one person: their roles add up, and the group is that of the highest priority, 0 where none
// is given. Rules that set different groups at the same priority contradict each other. Parse refuses them where it
// can prove that they match the same person (the same condition, or one that is always true); where two departments'
// rules only might overlap, Plan raises a blocking notice for whoever they both match.
//
// A Policy never changes after Parse and is safe for concurrent use.
package policy
