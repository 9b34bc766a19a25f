// Package ledger is Gatehouse's memory: what was done, what was last seen, and the decisions, budgets and claims that
// stand between a hint and an effect. Temporal remembers where a run is; the ledger remembers what is true about a person
// across all runs.
//
//	people      one row per human: episode, employment, primary account; HR records are linked to it
//	accounts    one row per account, whoever's it is: what it carries, what it is for, and what Gatehouse did to it
//	orders      decisions that stand above HR until they are released or lapse
//	departures  who must be out from when, and whether they are: HR's word and orders that end sign-in
//	budgets     how many people may be contained or changed within a window
//	claims      one row per creation (ticket, message, mail), so that it happens once
//	evidence    what was done, why, by whom, with the state before and after
//	roster      what each HR source last said, with the changes staged on their way to a hint
//
// It is one SQLite file by default and a PostgreSQL database by URL. Both run the same SQL and the same tests; the
// schema is versioned and brought up to date by [Open], also when several processes start at once.
//
// Three rules hold throughout. A write that a crash may repeat is idempotent, and its documentation says what the
// repetition returns. Every method that changes more than one row does so in one transaction. Personal data is stored
// only in columns that a [Sealer] encrypts; keys, counts and times are in clear, e-mail addresses and names to compare
// are digests. Instants are UTC microseconds.
//
// On SQLite all writes of a process pass through one goroutine, which commits those that are waiting together in one
// transaction: a burst of hints costs a few commits rather than one each. Reads never wait for writes. The file survives
// a killed process; after a power cut the last moments may be missing (synchronous=NORMAL).
package ledger
