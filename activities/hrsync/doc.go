// Package hrsync reads the HR system, finds what changed and what cannot be believed, holds what is too much at once, and compares all people with all accounts.
package hrsync
