// Package engine is the database under the ledger: an SQLite file or a PostgreSQL database, with the same statements on both. It
// knows transactions, locks, retries, sealed columns and digests, and nothing of what is stored.
//
// On SQLite all writes of a process pass through one goroutine, which commits those that are waiting together in one
// transaction; reads never wait for writes. On PostgreSQL a transaction that lost a race is run again.
package engine
