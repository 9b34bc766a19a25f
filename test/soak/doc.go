// Package soak lets a company live for weeks in minutes: people are hired, move and leave, vendors fail, exports lie, the
// worker and Temporal's database are lost. What must be so is held against a truth that the generator keeps and that nothing of
// Gatehouse has a part in.
//
// One linear clock drives Gatehouse, its ledger, the sandbox and, by an interceptor, its runs: a day takes ten seconds. Gatehouse
// runs in a process of its own, so that a crash is a kill. Everything follows from a seed, so that what went wrong can be played
// again; only the machine's own timing differs.
//
//	make soak SEED=7 DAYS=60 SOAK_PEOPLE=2000
package soak
