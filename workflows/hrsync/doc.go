// Package hrsync holds the runs about the HR system: the poll, the comparison of all people with all accounts, batches that are held for a decision, and lists authorised beforehand.
package hrsync
