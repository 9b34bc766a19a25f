// Package ledgertest starts a PostgreSQL server of its own for tests that need one: a fresh data directory, a Unix
// socket instead of a port, no durability, and nothing left behind. Where PostgreSQL is not installed the tests skip.
package ledgertest
