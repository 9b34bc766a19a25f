// Package accounts says whose accounts are, and what those are for that are nobody's: one by one, from a CSV, or by adopting what is there.
package accounts
