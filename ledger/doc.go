// Package ledger is Gatehouse's memory: what was done, what was last seen, and the decisions, budgets and claims that
// stand between a hint and an effect. Temporal remembers where a run is; the ledger remembers what is true about a person
// across all runs.
//
//	People(), Orders()  who is who, when they must be out by, and decisions that stand above HR       persons
//	Inventory()         one row per account: what it carries, what it is for, what Gatehouse did      inventory
//	Systems()           what accounts beside OneLogin hold, what was done to them, and what is owed   systems
//	Roster()            what each HR source last said, and the changes on their way to a hint         roster
//	Budgets()           how many people may be contained or changed, and who waits because of it      budgets
//	Worklist()          what needs somebody, who waits because of it, and the gaps that were found    worklist
//	Policies()          which policies are in force, and what deciders signed                         policies
//	Journal()           evidence of what was done, and claims, by which a creation happens once       journal
//	Incidents()         OneLogin's events, and the cases made of them                                 incidents
//	Review(), MFA()     access reviews; second factors and their grace clocks                         reviews, mfa
//
// A store has the tables of one domain. What spans stores is here: the dossier that every assessment reads in one statement,
// finding people, and [Ledger.InTx], which gives the same stores within one transaction. The stores stand on ledger/engine,
// which knows SQL and nothing of what is stored, and which nobody but the ledger imports.
//
// It is one SQLite file by default and a PostgreSQL database by URL. Both run the same SQL and the same tests; the
// schema is versioned and brought up to date by [Open], also when several processes start at once.
//
// Three rules hold throughout. A write that a crash may repeat is idempotent, and its documentation says what the
// repetition returns. Every method that changes more than one row does so in one transaction. Personal data is stored
// only in columns that [Options.Seal] encrypts; keys, counts and times are in clear, e-mail addresses and names to compare
// are digests. Instants are UTC microseconds.
//
// On SQLite all writes of a process pass through one goroutine, which commits those that are waiting together in one
// transaction: a burst of hints costs a few commits rather than one each. Reads never wait for writes. The file survives
// a killed process; after a power cut the last moments may be missing (synchronous=NORMAL).
package ledger
