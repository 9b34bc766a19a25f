// Package soak lets a company live for weeks in minutes: people are hired, move and leave, vendors fail, exports lie, the
// worker and Temporal's database are lost. What must be so is held against a truth that the generator keeps and that nothing of
// Gatehouse has a part in.
//
// One linear clock drives Gatehouse, its ledger, the sandbox and, by an interceptor, its runs: a day takes ten seconds. Gatehouse
// runs in a process of its own, so that a crash is a kill. Everything follows from a seed, so that what went wrong can be played
// again; only the machine's own timing differs.
//
// What happens how often is written down in rates_test.go. A usual company, which make soak plays, loses 22 % of its people in a
// year, and something breaks for hours on every third day: vendors fail more often than that nowhere that anybody stays with them.
// Stress, which the tests play in a minute, is nine leavers a day in two thousand people and two things that break on each. Three of
// ten accounts are dirty in both.
//
// An item is what somebody sees as one line of starter attention list. Each fingerprint counts every time that it is raised, unless it
// comes back within a day: nobody is told of it again then. Items of the digest count too. A usual company may be shown five per
// 1,000 people and week.
//
//	make soak SEED=7 DAYS=60 SOAK_PEOPLE=2000
//	make soak RATES=stress DAY_SECONDS=30 DAYS=10 SOAK_PEOPLE=600
package soak
