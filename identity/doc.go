// Package identity holds the plain types that every other package of Gatehouse speaks in: people as HR knows them,
// accounts as OneLogin knows them, the orders that stand above HR, and the plan that brings the second in line with
// the first.
//
//	HR record ──► Person ─┐
//	OneLogin  ──► Account ├─► policy.Plan ──► Plan ──► steps of a workflow
//	ledger    ──► Order  ─┘
//
// The package sits at the bottom: it imports nothing of ours, does no I/O and decides nothing. Workflows import it;
// they never import the policy that evaluates it.
package identity
